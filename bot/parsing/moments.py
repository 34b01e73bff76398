"""Moments in the future as people type them: `18:30`, `7 am`, `2026-11-30 09:00`, `tomorrow 9:00`, or a duration."""

import re
from datetime import datetime, time, timedelta, tzinfo

from bot.parsing.durations import parse_duration

_DAY = timedelta(days=1)
_MOMENT = re.compile(
    r"(?:(?P<date>\d{4}-\d{2}-\d{2})[T ]|(?P<day>today|tomorrow),? )? ?(?:at )?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))? ?(?P<half>am|pm)?",
    re.IGNORECASE | re.ASCII,
)
_NOON = 12


def parse_moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment that somebody in this zone means; a time without a day is the next one. Raises ValueError."""
    typed = " ".join(text.split())
    found = _MOMENT.fullmatch(typed)
    if found is None or not (found["minute"] or found["half"]):
        return now + parse_duration(typed)
    local, wanted = now.astimezone(zone), _time_of(found)
    if found["date"]:
        return datetime.combine(datetime.fromisoformat(found["date"]), wanted, zone)
    day = local.date() + (_DAY if (found["day"] or "").lower() == "tomorrow" else timedelta())
    moment = datetime.combine(day, wanted, zone)
    return moment if found["day"] or moment > now else datetime.combine(day + _DAY, wanted, zone)


def _time_of(found: re.Match[str]) -> time:
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half and not 1 <= hour <= _NOON:
        raise ValueError("hours go from 1 to 12 with am and pm")
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    return time(hour, int(found["minute"] or 0))
