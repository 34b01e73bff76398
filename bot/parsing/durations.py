"""Durations as people type them and as the bot prints them: `60s`, `5 min`, `1h30m`, `2 days`."""

import re
from datetime import timedelta

# Each unit at most once, the largest first: `1h 6h` is a forgotten comma, not seven hours.
_SPELLINGS = {
    "days": r"d|days?",
    "hours": r"h|hrs?|hours?",
    "minutes": r"m|mins?|minutes?",
    "seconds": r"s|secs?|seconds?",
}
_DURATION = re.compile(
    r"\s*" + "".join(rf"(?:(?P<{unit}>\d{{1,6}})\s*(?:{names})\s*)?" for unit, names in _SPELLINGS.items()),
    re.IGNORECASE | re.ASCII,
)
_PRINTED = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_NONE = "none"


def parse_duration(text: str) -> timedelta:
    """Parse a duration. Raises ValueError, with a sentence for the person who typed it."""
    found = _DURATION.fullmatch(text)
    if found is None or found.lastgroup is None:
        raise ValueError("write a number and a unit, such as 60s, 5m or 1h")
    return timedelta(**{unit: int(number) for unit, number in found.groupdict().items() if number})


def parse_durations(text: str) -> tuple[timedelta, ...]:
    """Parse durations that are separated by commas; an empty tuple for `none`. Raises ValueError like one duration."""
    if text.strip().lower() == _NONE:
        return ()
    return tuple(map(parse_duration, text.split(",")))


def format_duration(length: timedelta) -> str:
    """Format whole seconds with every unit they need, such as `1 h 30 min`, which `parse_duration` accepts."""
    rest, parts = int(length.total_seconds()), []
    for seconds, sign in _PRINTED:
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(f"{number} {sign}")
    return " ".join(parts) or "0 s"
