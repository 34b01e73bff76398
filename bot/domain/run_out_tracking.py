"""Fast time that will not last until it comes back: told once, again if it runs out soon, and anew after it lasted."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alert_types import AlertKind, Sort, severity
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.run_out import Outlook, Prospect
from bot.domain.tracking import Change, TokenState, Transition

_SHORT = frozenset({Prospect.WILL_NOT_LAST, Prospect.RUNS_OUT_SOON})
# How long all forecasts must have agreed. One odd reading makes an odd forecast.
_SHORT_FOR = timedelta(hours=1)
_SOON_FOR = timedelta(minutes=15)  # of the 4 hours that may be left
_LASTS_FOR = timedelta(hours=1)
_PLENTY_FOR = timedelta(minutes=5)


def at_first_sight(outlook: Outlook | None) -> AlertKind | None:
    """Tell what is taken for told already of a token that a server begins to watch: what it is now is no change."""
    match outlook.prospect if outlook is not None else None:
        case Prospect.RUNS_OUT_SOON:
            return AlertKind.RUNS_OUT_SOON
        case Prospect.WILL_NOT_LAST:
            return AlertKind.WILL_NOT_LAST
        case _:
            return None


def take_forecast(
    state: TokenState, outlook: Outlook | None, now: datetime, rules: Rules
) -> tuple[TokenState, Change | None]:
    """Take in one outlook at `now`: the next state, and the change if this outlook makes one believed.

    An unknown outlook changes nothing. A token out of FAST uses nothing up and is told for that: what was foreseen
    must hold anew when it is back. What was told stays told until it lasts, or there is plenty.
    """
    if state.mode is not Mode.FAST:
        return _noted(state, None, now), None
    if outlook is None:
        return state, None
    state = _noted(state, outlook.prospect, now)
    kind = _foreseen(state, now)
    if rules.will_not_last and kind is not None and (state.outlook is None or severity(kind) > severity(state.outlook)):
        told = Transition.STARTED if state.outlook is None else Transition.CHANGED
        return replace(state, outlook=kind), _change(told, state.token_id, kind, now, outlook.gone_at)
    if state.outlook is not None and _is_over(state, outlook.prospect, now):
        over = _change(Transition.RESOLVED, state.token_id, state.outlook, now)
        return replace(state, outlook=None, sufficient_since=None), over
    return state, None


def _noted(state: TokenState, prospect: Prospect | None, now: datetime) -> TokenState:
    """Note since when forecasts say so. That it lasts is worth noting only where something else was told."""
    is_short = prospect in _SHORT
    lasts = prospect is not None and not is_short and state.outlook is not None
    shortfall_since = _since(state.shortfall_since, now) if is_short else None
    imminent_since = _since(state.imminent_since, now) if prospect is Prospect.RUNS_OUT_SOON else None
    sufficient_since = _since(state.sufficient_since, now) if lasts else None
    if (shortfall_since, imminent_since, sufficient_since) == (
        state.shortfall_since,
        state.imminent_since,
        state.sufficient_since,
    ):
        return state
    return replace(
        state, shortfall_since=shortfall_since, imminent_since=imminent_since, sufficient_since=sufficient_since
    )


def _since(earlier: datetime | None, now: datetime) -> datetime:
    # A clock may be set back: nothing is first seen later than now.
    return min(earlier, now) if earlier is not None else now


def _foreseen(state: TokenState, now: datetime) -> AlertKind | None:
    """Tell the gravest that forecasts have said for long enough."""
    if state.imminent_since is not None and now - state.imminent_since >= _SOON_FOR:
        return AlertKind.RUNS_OUT_SOON
    if state.shortfall_since is not None and now - state.shortfall_since >= _SHORT_FOR:
        return AlertKind.WILL_NOT_LAST
    return None


def _is_over(state: TokenState, prospect: Prospect, now: datetime) -> bool:
    needed = _PLENTY_FOR if prospect is Prospect.PLENTY else _LASTS_FOR
    return state.sufficient_since is not None and now - state.sufficient_since >= needed


def _change(
    kind: Transition, token_id: int, outlook: AlertKind, now: datetime, gone_at: datetime | None = None
) -> Change:
    return Change(kind, token_id, Mode.FAST, Mode.FAST, now, type=Sort.RUN_OUT, outlook=outlook, gone_at=gone_at)
