"""How fresh a reading is: rounds that fail leave the last one standing, and it must not pass for one of now."""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.evaluation import TrackedToken

_FRESH_FOR_ROUNDS = 2
# A round takes its time, and its pause has jitter.
_ALLOWANCE = timedelta(seconds=30)


class Freshness(StrEnum):
    """How far a reading can be trusted to say how things are now."""

    FRESH = "fresh"
    OLD = "old"
    """It is told with its age."""
    UNKNOWN = "unknown"
    """So old that nothing is known of now."""


def seen_at(token: TrackedToken, last_success_at: datetime | None) -> datetime:
    """Tell when a token was last read. Its reading may be older: one that says the same again is not kept."""
    read_at = token.reading.read_at
    last = token.missing_since or last_success_at
    return max(read_at, last) if last is not None else read_at


def freshness(seen_at: datetime, now: datetime, *, poll_interval: timedelta, unknown_after: timedelta) -> Freshness:
    """Tell how fresh a reading is: fresh for two rounds, and unknown where a server calls itself blind."""
    fresh_for = _FRESH_FOR_ROUNDS * poll_interval + _ALLOWANCE
    age = now - seen_at
    if age <= fresh_for:
        return Freshness.FRESH
    return Freshness.UNKNOWN if age >= max(unknown_after, fresh_for) else Freshness.OLD
