"""The kinds of alerts, and how urgent each is: one table, which all decisions about telling read."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bot.health.modes import Mode


class Sort(StrEnum):
    """What an incident is about. A token can have one open incident of each sort."""

    MODE = "mode"
    FAST_TIME = "fast_time"
    FORECAST = "forecast"
    BLIND = "blind"


class AlertKind(StrEnum):
    """What an alert tells."""

    UNKNOWN_STATUS = "unknown_status"
    LOW = "low"
    LEFT_FAST = "left_fast"
    SWITCHED_OFF = "switched_off"
    NOT_LISTED = "not_listed"
    VERY_LOW = "very_low"
    WILL_NOT_LAST = "will_not_last"
    RUNS_OUT_SOON = "runs_out_soon"
    BLIND = "blind"
    VERIFYING = "verifying"
    BANNED = "banned"


class Urgency(IntEnum):
    """Which alert goes out first where many wait."""

    ROUTINE = 0
    """What needs no one: the end of an incident, a reminder, an edit."""
    NOTICE = 1
    WARNING = 2
    URGENT = 3
    """A person must act, and minutes count."""


@dataclass(frozen=True, slots=True)
class Alert:
    """How a kind is told: how urgent it is, and whether it is called to mind while nobody has acknowledged it."""

    sort: Sort
    urgency: Urgency
    reminds: bool


# From mild to grave: what comes later is worse, and an incident that gets worse pings again.
ALERTS = {
    AlertKind.UNKNOWN_STATUS: Alert(Sort.MODE, Urgency.WARNING, reminds=True),
    AlertKind.LOW: Alert(Sort.FAST_TIME, Urgency.NOTICE, reminds=False),
    AlertKind.LEFT_FAST: Alert(Sort.MODE, Urgency.WARNING, reminds=True),
    AlertKind.SWITCHED_OFF: Alert(Sort.MODE, Urgency.WARNING, reminds=True),
    AlertKind.NOT_LISTED: Alert(Sort.MODE, Urgency.WARNING, reminds=True),
    AlertKind.VERY_LOW: Alert(Sort.FAST_TIME, Urgency.WARNING, reminds=False),
    AlertKind.WILL_NOT_LAST: Alert(Sort.FORECAST, Urgency.NOTICE, reminds=False),
    AlertKind.RUNS_OUT_SOON: Alert(Sort.FORECAST, Urgency.URGENT, reminds=False),
    AlertKind.BLIND: Alert(Sort.BLIND, Urgency.WARNING, reminds=True),
    AlertKind.VERIFYING: Alert(Sort.MODE, Urgency.URGENT, reminds=True),
    AlertKind.BANNED: Alert(Sort.MODE, Urgency.URGENT, reminds=True),
}
_GRAVITY = {kind: gravity for gravity, kind in enumerate(ALERTS)}

_KINDS_OF_MODES = {
    Mode.OTHER: AlertKind.UNKNOWN_STATUS,
    Mode.RELAX: AlertKind.LEFT_FAST,
    Mode.OFF: AlertKind.SWITCHED_OFF,
    Mode.GONE: AlertKind.NOT_LISTED,
    Mode.VERIFYING: AlertKind.VERIFYING,
    Mode.BANNED: AlertKind.BANNED,
}


def kind_of(mode: Mode) -> AlertKind:
    """Tell which kind of alert a token out of FAST is."""
    return _KINDS_OF_MODES[mode]


def gravity(kind: AlertKind) -> int:
    """Tell how grave a kind is, to be compared with that of others."""
    return _GRAVITY[kind]
