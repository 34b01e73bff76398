"""Ticks: few, at round times and round numbers, with labels as short as the span allows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_MONTHS = 12
_THOUSAND = 1_000
_MILLION = 1_000_000


class Tick(NamedTuple):
    """A time and its label."""

    at: datetime
    label: str


class _Grid(NamedTuple):
    """A series of ticks: the step, the width of a tick in pixels, the first and the following tick, and the label."""

    step: timedelta
    width: int
    first: Callable[[datetime], datetime]
    following: Callable[[datetime], datetime]
    label: Callable[[datetime], str]


def time_ticks(since: datetime, until: datetime, pixels: float) -> list[Tick]:
    """Return ticks at round times, as many as fit into the width."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    span = until - since
    grid = next((grid for grid in _GRIDS if span / grid.step * grid.width <= pixels), _GRIDS[-1])
    times = (at for at in _times(grid, since) if at >= since)
    return [Tick(at, grid.label(at)) for at in takewhile(lambda at: at <= until, times)]


def _times(grid: _Grid, since: datetime) -> Iterator[datetime]:
    at = grid.first(since)
    while True:
        yield at
        try:
            at = grid.following(at)
        except (OverflowError, ValueError):
            return  # beyond the last year of a datetime


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _of_day(step: timedelta) -> _Grid:
    def label(at: datetime) -> str:
        return f"{at:%H:%M}" if at != _midnight(at) else _date(at)

    return _Grid(step, 92, _midnight, lambda at: at + step, label)


def _of_days(days: int, width: int, label: Callable[[datetime], str]) -> _Grid:
    def first(since: datetime) -> datetime:
        # Ordinal 1 is a Monday, so weeks begin on Mondays.
        past = (since.toordinal() - 1) % days
        return _midnight(since) - timedelta(days=min(past, since.toordinal() - 1))

    return _Grid(timedelta(days=days), width, first, lambda at: at + timedelta(days=days), label)


def _of_months(months: int) -> _Grid:
    def first(since: datetime) -> datetime:
        return _midnight(since).replace(month=(since.month - 1) // months * months + 1, day=1)

    def following(at: datetime) -> datetime:
        over, month = divmod(at.month - 1 + months, _MONTHS)
        return at.replace(year=at.year + over, month=month + 1)

    def label(at: datetime) -> str:
        return f"{at:%b}" if at.month > 1 else str(at.year)

    return _Grid(months * timedelta(days=30), 85, first, following, label)


def _of_years(years: int) -> _Grid:
    def first(since: datetime) -> datetime:
        return _midnight(since).replace(year=max(since.year // years * years, 1), month=1, day=1)

    def following(at: datetime) -> datetime:
        return at.replace(year=at.year // years * years + years)

    return _Grid(years * _YEAR, 85, first, following, lambda at: str(at.year))


def _date(at: datetime) -> str:
    return f"{at.day} {at:%b}"


def _weekday(at: datetime) -> str:
    return f"{at:%a} {_date(at)}"


_GRIDS = (
    *(_of_day(timedelta(minutes=minutes)) for minutes in (10, 30)),
    *(_of_day(timedelta(hours=hours)) for hours in (1, 2, 3, 6, 12)),
    _of_days(1, 150, _weekday),
    _of_days(1, 100, _date),
    _of_days(2, 150, _weekday),
    _of_days(2, 100, _date),
    *(_of_days(days, 100, _date) for days in (7, 14)),
    *(_of_months(months) for months in (1, 2, 3, 6)),
    *(_of_years(years * 10**power) for power in range(4) for years in (1, 2, 5)),
)


def amount(number: float) -> str:
    """Return a number as a short label: `0.25`, `15`, `1,500`, `200k`."""
    for limit, unit, sign in ((1000 * _MILLION, _MILLION, "M"), (100 * _THOUSAND, _THOUSAND, "k")):
        if number >= limit:
            return f"{number / unit:,.0f}{sign}"
    return f"{number:,.10g}"
