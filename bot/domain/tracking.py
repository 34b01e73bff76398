"""What has changed: the state of a token, a reading and the rules in, the next state and the change out."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.alert_types import AlertType, IncidentType, alert_type_of
from bot.domain.modes import Mode, severity
from bot.domain.readings import Reading
from bot.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class PendingChange:
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
    pending: PendingChange | None = None
    incident_since: datetime | None = None
    recent_starts: tuple[datetime, ...] = ()
    """When its latest incidents began, as far back as flapping looks."""
    low: AlertType | None = None
    """The lowest mark of fast time that was alerted, until hours return."""
    low_readings: int = 0
    """Readings in a row that say something else of its fast time than `low`."""
    outlook: AlertType | None = None
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

    transition: Transition
    token_id: int
    before: Mode
    after: Mode
    at: datetime
    flapping: bool = False
    """It began once more after several times within a short while."""
    low: AlertType | None = None
    """The mark that the fast time has fallen to, where the change is one of fast time."""
    type: IncidentType = IncidentType.MODE
    outlook: AlertType | None = None
    """What its fast time has come to, where the change is one of the forecast."""
    gone_at: datetime | None = None
    """When its fast time may be gone, where it will not last."""

    @property
    def alert_type(self) -> AlertType:
        """The kind of alert it is; one that has ended has the kind of what it is back from."""
        return (
            self.low
            or self.outlook
            or alert_type_of(self.before if self.transition is Transition.RESOLVED else self.after)
        )


def initial_state(token_id: int, mode: Mode, now: datetime) -> TokenState:
    """Begin to watch a token. What it is in now is its state, not a change."""
    return TokenState(token_id=token_id, mode=mode, since=now)


def without_incident(state: TokenState) -> TokenState:
    """Take a token as it is, where somebody has closed its incident."""
    return replace(state, incident_since=None)


def apply_reading(state: TokenState, reading: Reading, now: datetime, rules: Rules) -> tuple[TokenState, Change | None]:
    """Take in one reading at `now`: the next state, and the change if this reading makes one believed.

    A reading that does not say the mode changes nothing. Readings agree when they are on the same side, in FAST or out
    of it: a token that shows RELAX and then BANNED has left FAST twice in a row.
    """
    mode = reading.mode
    if mode is None:
        return state, None
    if mode is state.mode:
        return replace(state, pending=None), None
    pending = _pending_change(state.pending, mode, now)
    if pending.readings < rules.readings_needed(mode):
        return replace(state, pending=pending), None
    return _confirm(state, pending, rules)


def _pending_change(earlier_change: PendingChange | None, mode: Mode, now: datetime) -> PendingChange:
    if earlier_change is not None and (earlier_change.mode is Mode.FAST) is (mode is Mode.FAST):
        # A clock may be set back: nothing is first seen later than now.
        return PendingChange(mode=mode, since=min(earlier_change.since, now), readings=earlier_change.readings + 1)
    return PendingChange(mode=mode, since=now, readings=1)


def _confirm(state: TokenState, pending: PendingChange, rules: Rules) -> tuple[TokenState, Change | None]:
    transition = _transition(state, pending.mode)
    incident_since = (
        {Transition.STARTED: pending.since, Transition.CHANGED: state.incident_since}.get(transition)
        if transition
        else None
    )
    recent_starts = (
        _add_recent_start(state.recent_starts, pending.since, rules)
        if transition is Transition.STARTED
        else state.recent_starts
    )
    confirmed = replace(
        state,
        mode=pending.mode,
        since=pending.since,
        pending=None,
        incident_since=incident_since,
        recent_starts=recent_starts,
    )
    if transition is None:
        return confirmed, None
    flapping = transition is Transition.STARTED and len(recent_starts) > rules.flapping_after
    change = Change(
        transition, state.token_id, before=state.mode, after=pending.mode, at=pending.since, flapping=flapping
    )
    return confirmed, change


def _add_recent_start(recent_starts: tuple[datetime, ...], now: datetime, rules: Rules) -> tuple[datetime, ...]:
    """Add a beginning to the latest ones, no more of them than it takes to see that the token is flapping."""
    recent = [time for time in recent_starts if now - time < rules.flapping_within]
    return (*recent, now)[-rules.flapping_after - 1 :]


def _transition(state: TokenState, after: Mode) -> Transition | None:
    """Return what a change is to the incident; None where there is none and none begins.

    A token first seen out of FAST has no incident. One begins when it gets worse, since that did change under watch.
    """
    if state.incident_since is not None:
        return Transition.RESOLVED if after is Mode.FAST else Transition.CHANGED
    return Transition.STARTED if severity(after) > severity(state.mode) else None
