"""Durations as people type them: `60s`, `5m`, `1h`, `2d`."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"\s*(\d{1,6})\s*([smhd])\s*", re.IGNORECASE | re.ASCII)
_NONE = "none"


def parse_duration(text: str) -> timedelta:
    """Read a duration. Raises ValueError, with a sentence for the one who typed it."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("write a number and a unit, such as 60s, 5m or 1h")
    return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})


def parse_durations(text: str) -> tuple[timedelta, ...]:
    """Read durations with commas between them, or `none`. Raises ValueError as for one."""
    if text.strip().lower() == _NONE:
        return ()
    return tuple(map(parse_duration, text.split(",")))
