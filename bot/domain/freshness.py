"""Freshness of readings. After failed rounds the latest reading is old and must not be shown as current."""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.evaluation import TrackedToken

_FRESH_FOR_ROUNDS = 2
# A round itself takes some seconds, and the pause between rounds has jitter.
_ALLOWANCE = timedelta(seconds=30)


class Freshness(StrEnum):
    """How far a reading still describes the present."""

    FRESH = "fresh"
    OLD = "old"
    """Shown together with its age."""
    UNKNOWN = "unknown"
    """Too old to say anything about the present."""


def seen_at(token: TrackedToken, last_success_at: datetime | None) -> datetime:
    """Return when a token was last read. Its stored reading may be older, since an unchanged one is not saved again."""
    read_at = token.reading.read_at
    last = token.missing_since or last_success_at
    return max(read_at, last) if last is not None else read_at


def fresh_for(poll_interval: timedelta) -> timedelta:
    """Return for how long a reading is fresh: two rounds."""
    return _FRESH_FOR_ROUNDS * poll_interval + _ALLOWANCE


def freshness(seen_at: datetime, now: datetime, *, poll_interval: timedelta, unknown_after: timedelta) -> Freshness:
    """Return the freshness of a reading: fresh for two rounds, unknown after `unknown_after` (`no_data_after`)."""
    fresh, age = fresh_for(poll_interval), now - seen_at
    if age <= fresh:
        return Freshness.FRESH
    return Freshness.UNKNOWN if age >= max(unknown_after, fresh) else Freshness.OLD
