"""A year of synthetic samples as stored: hourly, plus every change of the last days, mostly in office hours."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from operator import itemgetter
from random import Random
from typing import NamedTuple

from bot.domain.modes import Mode

RAW_DAYS = 15
"""Every change of the last two weeks is stored, and of one more day, which is due for downsampling."""
YEAR = timedelta(days=396)
ENDS = datetime(2026, 3, 5, tzinfo=UTC)
"""The end of the year. The day due for downsampling is a Wednesday."""

_HOUR_MS = 3_600_000
_OFFICE_HOURS = range(8, 18)
_FIRST_DAY_OF_WEEKEND = 5
_ONE_IN_IS_ALWAYS_BUSY = 100


class Row(NamedTuple):
    """A row of the table, as both databases store it."""

    account_id: int
    token_id: int
    read_at: int
    mode: str
    fast_left: int
    fast_total: int


def fleet_rows(account_id: int, token_ids: Iterable[int]) -> Iterator[Row]:
    """Yield the rows of all tokens in the order in which rounds insert them, which determines their place on disk."""
    return merge(*(token_rows(account_id, token_id) for token_id in token_ids), key=itemgetter(2))


def token_rows(account_id: int, token_id: int) -> Iterator[Row]:
    """Yield a token's rows in order. One in a hundred is used at all hours, the others in office hours; it renews
    monthly.
    """
    chance = Random(token_id)  # noqa: S311 - made-up figures
    total = chance.choice((200, 900, 1800, 3600)) * 60_000
    renews_on = chance.randrange(1, 29)
    is_always_busy = token_id % _ONE_IN_IS_ALWAYS_BUSY == 0
    # From lasting two months to running out after three weeks.
    used_an_hour = round(total * chance.uniform(0.4, 1.4) / (720 if is_always_busy else 210))
    left = total
    began = ENDS - YEAR
    for days in range(YEAR.days):
        day = began + timedelta(days=days)
        if day.day == renews_on:
            left = total
        is_raw = days >= YEAR.days - RAW_DAYS
        for hour in range(24):
            is_busy = is_always_busy or (hour in _OFFICE_HOURS and day.weekday() < _FIRST_DAY_OF_WEEKEND)
            at = round(day.timestamp() * 1000) + hour * _HOUR_MS
            if not (is_raw and is_busy):
                left = max(left - used_an_hour * is_busy, 0)
                yield Row(account_id, token_id, at + chance.randrange(_HOUR_MS), _mode(chance, left), left, total)
                continue
            end = at + _HOUR_MS
            at += chance.randrange(60_000)
            while at < end:
                left = max(left - used_an_hour // 40, 0)
                yield Row(account_id, token_id, at, _mode(chance, left), left, total)
                at += 60_000 if is_always_busy else chance.randrange(60_000, 120_000)


def _mode(chance: Random, left: int) -> str:
    """Return the mode that follows from the fast time, with an occasional captcha."""
    if chance.random() < 1 / 1000:
        return Mode.VERIFYING.value
    return Mode.FAST.value if left else Mode.RELAX.value
