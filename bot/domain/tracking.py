"""What has changed: the state of a token, a reading and the rules in, the next state and the change out."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.alert_types import AlertKind, Sort, kind_of
from bot.domain.modes import Mode, severity
from bot.domain.readings import Reading
from bot.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Doubt:
    """A mode seen lately but not yet believed: since when, and in how many readings in a row."""

    mode: Mode
    since: datetime
    readings: int


@dataclass(frozen=True, slots=True)
class TokenState:
    """What is believed of a token. `incident_since` is set while it has an incident: when it left FAST or got worse."""

    token_id: int
    mode: Mode
    since: datetime
    pending: Doubt | None = None
    incident_since: datetime | None = None
    recent_starts: tuple[datetime, ...] = ()
    """When its latest incidents began, as far back as flapping looks."""
    low: AlertKind | None = None
    """The lowest mark of fast time that was alerted, until hours return."""
    low_readings: int = 0
    """Readings in a row that say something else of its fast time than `low`."""
    outlook: AlertKind | None = None
    """The alert about how long its fast time lasts, until it lasts."""
    shortfall_since: datetime | None = None
    """Since when all forecasts say that its fast time will not last."""
    imminent_since: datetime | None = None
    """Since when all say that it runs out soon."""
    sufficient_since: datetime | None = None
    """Since when all say that it lasts, though `outlook` was alerted."""


class Transition(StrEnum):
    """What a change is to the token's incident."""

    STARTED = "started"
    CHANGED = "changed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is believed. `at` is when it was first seen, not when it was confirmed."""

    kind: Transition
    token_id: int
    before: Mode
    after: Mode
    at: datetime
    flapping: bool = False
    """It began once more after several times within a short while."""
    low: AlertKind | None = None
    """The mark that the fast time has fallen to, where the change is one of fast time."""
    type: Sort = Sort.MODE
    outlook: AlertKind | None = None
    """What its fast time has come to, where the change is one of the forecast."""
    gone_at: datetime | None = None
    """When its fast time may be gone, where it will not last."""

    @property
    def alert(self) -> AlertKind:
        """The kind of alert it is; one that has ended has the kind of what it is back from."""
        return self.low or self.outlook or kind_of(self.before if self.kind is Transition.RESOLVED else self.after)


def first_sight(token_id: int, mode: Mode, now: datetime) -> TokenState:
    """Begin to watch a token. What it is in now is its state, not a change."""
    return TokenState(token_id=token_id, mode=mode, since=now)


def without_incident(state: TokenState) -> TokenState:
    """Take a token as it is, where somebody has closed its incident."""
    return replace(state, incident_since=None)


def take(state: TokenState, reading: Reading, now: datetime, rules: Rules) -> tuple[TokenState, Change | None]:
    """Take in one reading at `now`: the next state, and the change if this reading makes one believed.

    A reading that does not say the mode changes nothing. Readings agree when they are on the same side, in FAST or out
    of it: a token that shows RELAX and then BANNED has left FAST twice in a row.
    """
    mode = reading.mode
    if mode is None:
        return state, None
    if mode is state.mode:
        return replace(state, pending=None), None
    doubt = _doubt(state.pending, mode, now)
    if doubt.readings < rules.readings_needed(mode):
        return replace(state, pending=doubt), None
    return _believe(state, doubt, rules)


def _doubt(earlier: Doubt | None, mode: Mode, now: datetime) -> Doubt:
    if earlier is not None and (earlier.mode is Mode.FAST) is (mode is Mode.FAST):
        # A clock may be set back: nothing is first seen later than now.
        return Doubt(mode=mode, since=min(earlier.since, now), readings=earlier.readings + 1)
    return Doubt(mode=mode, since=now, readings=1)


def _believe(state: TokenState, doubt: Doubt, rules: Rules) -> tuple[TokenState, Change | None]:
    kind = _kind(state, doubt.mode)
    incident_since = (
        {Transition.STARTED: doubt.since, Transition.CHANGED: state.incident_since}.get(kind) if kind else None
    )
    recent_starts = (
        _lately(state.recent_starts, doubt.since, rules) if kind is Transition.STARTED else state.recent_starts
    )
    believed = replace(
        state,
        mode=doubt.mode,
        since=doubt.since,
        pending=None,
        incident_since=incident_since,
        recent_starts=recent_starts,
    )
    if kind is None:
        return believed, None
    flapping = kind is Transition.STARTED and len(recent_starts) > rules.flapping_after
    change = Change(kind, state.token_id, before=state.mode, after=doubt.mode, at=doubt.since, flapping=flapping)
    return believed, change


def _lately(recent_starts: tuple[datetime, ...], now: datetime, rules: Rules) -> tuple[datetime, ...]:
    """Add a beginning to the latest ones, no more of them than it takes to see that the token is flapping."""
    lately = [time for time in recent_starts if now - time < rules.flapping_within]
    return (*lately, now)[-rules.flapping_after - 1 :]


def _kind(state: TokenState, after: Mode) -> Transition | None:
    """Return what a change is to the incident; None where there is none and none begins.

    A token first seen out of FAST has no incident. One begins when it gets worse, since that did change under watch.
    """
    if state.incident_since is not None:
        return Transition.RESOLVED if after is Mode.FAST else Transition.CHANGED
    return Transition.STARTED if severity(after) > severity(state.mode) else None
