"""Between which limits a server may set its rules: beyond them alerts would come without end, or never."""

from datetime import timedelta
from itertools import pairwise

from bot.health.rules import Rules

_READINGS = (1, 10)
_PERCENT = (0, 90)
COUNTS = {
    "confirm_leaving": _READINGS,
    "confirm_urgent": _READINGS,
    "confirm_back": _READINGS,
    "low": _PERCENT,
    "very_low": _PERCENT,
    "flapping_after": (1, 20),
    "group_from": (2, 25),
    "digest_hour": (0, 23),
}
TIMES = {
    "reminders": (timedelta(minutes=5), timedelta(days=7)),
    "blind_after": (timedelta(minutes=1), timedelta(days=1)),
    "flapping_within": (timedelta(minutes=10), timedelta(days=1)),
}
MOST_REMINDERS = 5


def beyond_limits(rules: Rules) -> set[str]:
    """Name the numbers that cannot be, by their names in Rules."""
    beyond = {name for name, (least, most) in COUNTS.items() if not least <= getattr(rules, name) <= most}
    if not _are_in_order(rules.reminders):
        beyond.add("reminders")
    if 0 < rules.low <= rules.very_low:
        beyond.add("very_low")
    for name, (shortest, longest) in TIMES.items():
        value = getattr(rules, name)
        if not all(shortest <= time <= longest for time in (value if isinstance(value, tuple) else (value,))):
            beyond.add(name)
    return beyond


def _are_in_order(reminders: tuple[timedelta, ...]) -> bool:
    return len(reminders) <= MOST_REMINDERS and all(earlier < later for earlier, later in pairwise(reminders))
