"""Run-out alerts: one when fast time will not last, another when it runs out soon, and again only after it lasted."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alert_types import AlertType, IncidentType, severity
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.run_out import RunOut, RunOutStatus
from bot.domain.tracking import Change, TokenState, Transition

_SHORTFALL = frozenset({RunOutStatus.SHORTFALL, RunOutStatus.IMMINENT})
# How long all forecasts must have agreed, since one misreading makes a wrong forecast.
_SHORTFALL_FOR = timedelta(hours=1)
# Shorter, since at most 4 hours may be left.
_IMMINENT_FOR = timedelta(minutes=15)
_SUFFICIENT_FOR = timedelta(hours=1)
_PLENTY_FOR = timedelta(minutes=5)


def initial_run_out(run_out: RunOut | None) -> AlertType | None:
    """Return the alert that counts as sent already for a new token, whose present run-out is not a change."""
    match run_out.status if run_out is not None else None:
        case RunOutStatus.IMMINENT:
            return AlertType.RUNS_OUT_SOON
        case RunOutStatus.SHORTFALL:
            return AlertType.WILL_NOT_LAST
        case _:
            return None


def apply_run_out(
    state: TokenState, run_out: RunOut | None, now: datetime, rules: Rules
) -> tuple[TokenState, Change | None]:
    """Return the next state after one forecast, and the change if this forecast confirms one.

    An unknown run-out (None) changes nothing. A token out of FAST uses no fast time and has an alert of its own; when
    it returns, a shortfall must be confirmed again. An alert stands until fast time lasts, there is plenty, or the
    token is no longer listed.
    """
    if state.mode is Mode.GONE and state.outlook is not None:
        over = _change(Transition.RESOLVED, state.token_id, state.outlook, state.since, after=Mode.GONE)
        return _track_times(replace(state, outlook=None), None, now), over
    if state.mode is not Mode.FAST:
        return _track_times(state, None, now), None
    if run_out is None:
        return state, None
    state = _track_times(state, run_out.status, now)
    kind = _confirmed_alert(state, now)
    if rules.run_out and kind is not None and (state.outlook is None or severity(kind) > severity(state.outlook)):
        transition = Transition.STARTED if state.outlook is None else Transition.CHANGED
        return replace(state, outlook=kind), _change(transition, state.token_id, kind, now, run_out.gone_at)
    if state.outlook is not None and _is_over(state, run_out.status, now):
        over = _change(Transition.RESOLVED, state.token_id, state.outlook, now)
        return replace(state, outlook=None, sufficient_since=None), over
    return state, None


def _track_times(state: TokenState, status: RunOutStatus | None, now: datetime) -> TokenState:
    """Return the state with the times since when forecasts agree. `sufficient_since` is only kept during an alert."""
    is_short = status in _SHORTFALL
    is_sufficient = status is not None and not is_short and state.outlook is not None
    shortfall_since = _since(state.shortfall_since, now) if is_short else None
    imminent_since = _since(state.imminent_since, now) if status is RunOutStatus.IMMINENT else None
    sufficient_since = _since(state.sufficient_since, now) if is_sufficient else None
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
    # The clock may have been set back, but nothing was first seen in the future.
    return min(earlier, now) if earlier is not None else now


def _confirmed_alert(state: TokenState, now: datetime) -> AlertType | None:
    """Return the most severe alert that forecasts have supported for long enough."""
    if state.imminent_since is not None and now - state.imminent_since >= _IMMINENT_FOR:
        return AlertType.RUNS_OUT_SOON
    if state.shortfall_since is not None and now - state.shortfall_since >= _SHORTFALL_FOR:
        return AlertType.WILL_NOT_LAST
    return None


def _is_over(state: TokenState, status: RunOutStatus, now: datetime) -> bool:
    needed = _PLENTY_FOR if status is RunOutStatus.PLENTY else _SUFFICIENT_FOR
    return state.sufficient_since is not None and now - state.sufficient_since >= needed


def _change(
    transition: Transition,
    token_id: int,
    outlook: AlertType,
    at: datetime,
    gone_at: datetime | None = None,
    after: Mode = Mode.FAST,
) -> Change:
    return Change(
        transition, token_id, Mode.FAST, after, at, type=IncidentType.RUN_OUT, outlook=outlook, gone_at=gone_at
    )
