"""Freshness of readings. After failed rounds the latest reading is old and must not be shown as current."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.evaluation import TrackedToken
from bot.domain.wrong_clock import is_from_the_future

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


def seen_at(token: TrackedToken, last_success_at: datetime | None, now: datetime) -> datetime:
    """Return when a token was last read. Its stored reading may be older, since an unchanged one is not saved again.

    A reading from the future was made by a clock that was ahead, so the latest check counts.
    """
    read_at = token.reading.read_at
    last = token.missing_since or last_success_at
    if last is None:
        return read_at
    return last if is_from_the_future(read_at, now) else max(read_at, last)


def fresh_for(poll_interval: timedelta) -> timedelta:
    """Return for how long a reading is fresh: two rounds."""
    return _FRESH_FOR_ROUNDS * poll_interval + _ALLOWANCE


def freshness(seen_at: datetime, now: datetime, *, poll_interval: timedelta, unknown_after: timedelta) -> Freshness:
    """Return the freshness of a reading: fresh for two rounds, unknown after `unknown_after` (`no_data_after`)."""
    fresh, age = fresh_for(poll_interval), now - seen_at
    if age <= fresh:
        return Freshness.FRESH
    return Freshness.UNKNOWN if age >= max(unknown_after, fresh) else Freshness.OLD


def unread_tokens(
    tokens: Iterable[TrackedToken],
    last_success_at: datetime | None,
    now: datetime,
    *,
    is_outage: bool,
    unknown_after: timedelta,
) -> dict[int, datetime]:
    """Return when tokens were last read, by id, for those whose present status is unknown.

    That is so in an outage, and if the latest successful round had no reading of a token.
    """
    seen = {
        token.reading.token_id: seen_at(token, last_success_at, now)
        for token in tokens
        if is_outage or token.missing_since is not None
    }
    return {token_id: at for token_id, at in seen.items() if now - at >= unknown_after}


def changed_freshness(
    known: Mapping[int, TrackedToken],
    read: Set[int],
    last_success_at: datetime,
    now: datetime,
    *,
    unknown_after: timedelta,
) -> set[int]:
    """Return the tokens whose status has become unknown in this round, or is known again.

    `known` has the tokens as they were before, `last_success_at` is the time of the successful round before.
    """

    def is_unknown(missing_since: datetime | None, at: datetime) -> bool:
        return missing_since is not None and at - missing_since >= unknown_after

    return {
        token_id
        for token_id, token in known.items()
        if is_unknown(token.missing_since, last_success_at)
        is not is_unknown(None if token_id in read else token.missing_since or last_success_at, now)
    }
