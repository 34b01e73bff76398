"""Alert types and the policy of each, in one table that all decisions about alerts read."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bot.domain import modes
from bot.domain.modes import Mode


class IncidentType(StrEnum):
    """What an incident is about. A token, or the server where it is not about tokens, has one open one of each type."""

    MODE = "mode"
    LOW_FAST_TIME = "low_fast_time"
    RUN_OUT = "run_out"
    NO_DATA = "no_data"
    CAPACITY = "capacity"
    CREDITS = "credits"
    PLAN_END = "plan_end"


class AlertType(StrEnum):
    """What an alert is about."""

    UNKNOWN_STATUS = "unknown_status"
    LOW = "low"
    LEFT_FAST = "left_fast"
    SWITCHED_OFF = "switched_off"
    NOT_LISTED = "not_listed"
    VERY_LOW = "very_low"
    WILL_NOT_LAST = "will_not_last"
    RUNS_OUT_SOON = "runs_out_soon"
    NO_DATA = "no_data"
    VERIFYING = "verifying"
    BANNED = "banned"
    FEW_HOURS = "few_hours"
    FEW_IN_FAST = "few_in_fast"
    NONE_IN_FAST = "none_in_fast"
    LOW_CREDITS = "low_credits"
    PLAN_ENDS = "plan_ends"
    PLAN_ENDS_SOON = "plan_ends_soon"
    PLAN_ENDED = "plan_ended"


class Urgency(IntEnum):
    """Which alert is sent first when several are waiting."""

    ROUTINE = 0
    """Nobody needs to act: the end of an incident, a reminder, an edit."""
    NOTICE = 1
    WARNING = 2
    URGENT = 3
    """A person must act within minutes."""
    FIRST = 4
    """Says what follows: that waiting alerts can be posted again."""


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """How an alert type is handled: its severity, its urgency, and whether reminders follow until it is acknowledged.

    Severities are compared only within one incident type. A more severe alert pings again.
    """

    type: IncidentType
    severity: int
    urgency: Urgency
    reminds: bool


# An alert about a mode has the severity of that mode, so that there is only one order of severity.
ALERT_POLICIES = {
    AlertType.UNKNOWN_STATUS: AlertPolicy(IncidentType.MODE, modes.severity(Mode.OTHER), Urgency.WARNING, reminds=True),
    AlertType.LEFT_FAST: AlertPolicy(IncidentType.MODE, modes.severity(Mode.RELAX), Urgency.WARNING, reminds=True),
    AlertType.SWITCHED_OFF: AlertPolicy(IncidentType.MODE, modes.severity(Mode.OFF), Urgency.WARNING, reminds=True),
    AlertType.NOT_LISTED: AlertPolicy(IncidentType.MODE, modes.severity(Mode.GONE), Urgency.WARNING, reminds=True),
    AlertType.VERIFYING: AlertPolicy(IncidentType.MODE, modes.severity(Mode.VERIFYING), Urgency.URGENT, reminds=True),
    AlertType.BANNED: AlertPolicy(IncidentType.MODE, modes.severity(Mode.BANNED), Urgency.URGENT, reminds=True),
    AlertType.LOW: AlertPolicy(IncidentType.LOW_FAST_TIME, 1, Urgency.NOTICE, reminds=False),
    AlertType.VERY_LOW: AlertPolicy(IncidentType.LOW_FAST_TIME, 2, Urgency.WARNING, reminds=False),
    AlertType.WILL_NOT_LAST: AlertPolicy(IncidentType.RUN_OUT, 1, Urgency.NOTICE, reminds=False),
    AlertType.RUNS_OUT_SOON: AlertPolicy(IncidentType.RUN_OUT, 2, Urgency.URGENT, reminds=False),
    AlertType.NO_DATA: AlertPolicy(IncidentType.NO_DATA, 1, Urgency.WARNING, reminds=True),
    AlertType.FEW_HOURS: AlertPolicy(IncidentType.CAPACITY, 1, Urgency.URGENT, reminds=True),
    AlertType.FEW_IN_FAST: AlertPolicy(IncidentType.CAPACITY, 2, Urgency.URGENT, reminds=True),
    AlertType.NONE_IN_FAST: AlertPolicy(IncidentType.CAPACITY, 3, Urgency.URGENT, reminds=True),
    AlertType.LOW_CREDITS: AlertPolicy(IncidentType.CREDITS, 1, Urgency.WARNING, reminds=True),
    AlertType.PLAN_ENDS: AlertPolicy(IncidentType.PLAN_END, 1, Urgency.NOTICE, reminds=True),
    AlertType.PLAN_ENDS_SOON: AlertPolicy(IncidentType.PLAN_END, 2, Urgency.WARNING, reminds=True),
    # No more severe: a plan that renews itself may do so some minutes late, and its last day has pinged.
    AlertType.PLAN_ENDED: AlertPolicy(IncidentType.PLAN_END, 2, Urgency.WARNING, reminds=True),
}

_TYPES_BY_MODE = {
    Mode.OTHER: AlertType.UNKNOWN_STATUS,
    Mode.RELAX: AlertType.LEFT_FAST,
    Mode.OFF: AlertType.SWITCHED_OFF,
    Mode.GONE: AlertType.NOT_LISTED,
    Mode.VERIFYING: AlertType.VERIFYING,
    Mode.BANNED: AlertType.BANNED,
}


def alert_type_of(mode: Mode) -> AlertType:
    """Return the alert type for a token in this mode. Raises KeyError for FAST, which needs no alert."""
    return _TYPES_BY_MODE[mode]


def severity(kind: AlertType) -> int:
    """Return the severity of an alert type, comparable only within its incident type."""
    return ALERT_POLICIES[kind].severity


def is_more_severe(kind: AlertType, than: AlertType | None) -> bool:
    """Whether an alert type is more severe than another one of its incident type, or than nothing."""
    return than is None or severity(kind) > severity(than)


def most_severe(kind: AlertType, other: AlertType | None) -> AlertType:
    """Return the more severe of two alert types of one incident type, of which the second may be nothing."""
    return kind if other is None or is_more_severe(kind, other) else other
