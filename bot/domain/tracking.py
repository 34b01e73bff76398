"""Tracking of modes: a token's state, a reading and the rules in; the next state and a confirmed change out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.alert_types import AlertType, IncidentType, alert_type_of
from bot.domain.modes import Mode, severity
from bot.domain.readings import Reading
from bot.domain.rules import Rules

_AS_MANY_AS_ANY_RULE = 10


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A mode that was seen but is not confirmed yet: since when, and in how many consecutive readings."""

    mode: Mode
    since: datetime
    readings: int


@dataclass(frozen=True, slots=True)
class TokenState:
    """The confirmed state of a token for one server. `incident_since` is set while its mode has an incident."""

    token_id: int
    mode: Mode
    since: datetime
    pending: PendingChange | None = None
    incident_since: datetime | None = None
    recent_starts: tuple[datetime, ...] = ()
    """The starts of its latest incidents, as many as the flapping rule needs."""
    low: AlertType | None = None
    """The lowest threshold of fast time that was alerted, until hours return."""
    low_readings: int = 0
    """Consecutive readings that contradict `low`."""
    outlook: AlertType | None = None
    """The run-out alert in effect, until fast time lasts."""
    shortfall_since: datetime | None = None
    """Since when all forecasts say that fast time will not last."""
    imminent_since: datetime | None = None
    """Since when all forecasts say that it runs out soon."""
    sufficient_since: datetime | None = None
    """Since when all forecasts say that it lasts, while `outlook` is set."""


class Transition(StrEnum):
    """What a change means for the token's incident."""

    STARTED = "started"
    CHANGED = "changed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Change:
    """A confirmed change. `at` is when it was first seen, not when it was confirmed."""

    transition: Transition
    token_id: int
    before: Mode
    after: Mode
    at: datetime
    flapping: bool = False
    """Whether this is one start of many within a short time."""
    earlier_starts: tuple[datetime, ...] = ()
    """The others of these starts."""
    low: AlertType | None = None
    """The threshold that was reached or left, if `type` is LOW_FAST_TIME."""
    type: IncidentType = IncidentType.MODE
    outlook: AlertType | None = None
    """The alert that starts or ends, if `type` is RUN_OUT."""
    gone_at: datetime | None = None
    """When fast time may run out, if `type` is RUN_OUT and it will not last."""

    @property
    def alert_type(self) -> AlertType:
        """The alert type. A resolved change has that of the problem that is over."""
        return (
            self.low
            or self.outlook
            or alert_type_of(self.before if self.transition is Transition.RESOLVED else self.after)
        )


def initial_state(token_id: int, mode: Mode, now: datetime) -> TokenState:
    """Return the state of a token that was not tracked before. Its present mode is not a change."""
    return TokenState(token_id=token_id, mode=mode, since=now)


def pause(state: TokenState) -> TokenState:
    """Return the state without what only an unbroken series of readings can confirm, before they stop for a while."""
    return replace(
        state, pending=None, low_readings=0, shortfall_since=None, imminent_since=None, sufficient_since=None
    )


def is_confirming(state: TokenState) -> bool:
    """Whether a series of readings is on its way to confirm something, so that the next equal one may."""
    return any(
        one is not None for one in (state.pending, state.shortfall_since, state.imminent_since, state.sufficient_since)
    )


def before_incident(state: TokenState, type_: IncidentType, mode_before: Mode, mode: Mode) -> TokenState:
    """Return the state as if nothing had been alerted, so that an incident is opened again if it is still so."""
    match type_:
        case IncidentType.LOW_FAST_TIME:
            return replace(state, low=None)
        case IncidentType.RUN_OUT:
            return replace(state, outlook=None)
    is_milder = severity(mode_before) < severity(mode)
    return replace(state, mode=mode_before if is_milder else Mode.FAST, incident_since=None)


def clear_pending(state: TokenState) -> TokenState:
    """Return the state without a pending change."""
    return replace(state, pending=None)


def still_out(state: TokenState, mode: Mode, since: datetime) -> TokenState:
    """Return the state of a token that has been like that since then, to be confirmed by the next reading."""
    return replace(state, pending=PendingChange(mode, since, readings=_AS_MANY_AS_ANY_RULE))


def without_incident(state: TokenState) -> TokenState:
    """Return the state without an incident, after somebody has closed it."""
    return replace(state, incident_since=None)


def apply_reading(state: TokenState, reading: Reading, now: datetime, rules: Rules) -> tuple[TokenState, Change | None]:
    """Return the next state after one reading, and the change if this reading confirms one.

    A reading without a mode changes nothing. Readings agree if all are in FAST or all are out of it: a token in RELAX
    and then in BANNED has been out of FAST for two readings.
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
        # The clock may have been set back, but nothing was first seen in the future.
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
        transition,
        state.token_id,
        before=state.mode,
        after=pending.mode,
        at=pending.since,
        flapping=flapping,
        earlier_starts=recent_starts[:-1] if flapping else (),
    )
    return confirmed, change


def _add_recent_start(recent_starts: tuple[datetime, ...], now: datetime, rules: Rules) -> tuple[datetime, ...]:
    """Return the latest starts with a new one, limited to the number that detects flapping."""
    # The clock may be set back: a start in the future says nothing.
    recent = [time for time in recent_starts if timedelta() <= now - time < rules.flapping_within]
    return (*recent, now)[-rules.flapping_after - 1 :]


def _transition(state: TokenState, after: Mode) -> Transition | None:
    """Return what a change of mode means for the incident; None if there is none and none starts.

    A token that was first seen out of FAST has no incident. One starts when its mode becomes more severe.
    """
    if state.incident_since is not None:
        return Transition.RESOLVED if after is Mode.FAST else Transition.CHANGED
    return Transition.STARTED if severity(after) > severity(state.mode) else None
