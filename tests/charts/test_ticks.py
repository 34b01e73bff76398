"""Ticks: few, at round times, with short labels that fit."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.drawing.ticks import amount, time_ticks

SINCE = datetime(2026, 2, 26, 15, 20, tzinfo=UTC)
PIXELS = 750
times = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (1 / 24, ["15:20", "15:30", "15:40", "15:50", "16:00", "16:10", "16:20"]),
        (1, ["18:00", "21:00", "27 Feb", "03:00", "06:00", "09:00", "12:00", "15:00"]),
        (1.5, ["18:00", "27 Feb", "06:00", "12:00", "18:00", "28 Feb"]),
        (4, ["27 Feb", "12:00", "28 Feb", "12:00", "1 Mar", "12:00", "2 Mar", "12:00"]),
        (5, ["Fri 27 Feb", "Sat 28 Feb", "Sun 1 Mar", "Mon 2 Mar", "Tue 3 Mar"]),
        (7, ["27 Feb", "28 Feb", "1 Mar", "2 Mar", "3 Mar", "4 Mar", "5 Mar"]),
        (30, ["2 Mar", "9 Mar", "16 Mar", "23 Mar"]),
        (365, ["Mar", "May", "Jul", "Sep", "Nov", "2027"]),
        (10 * 365, ["2028", "2030", "2032", "2034", "2036"]),
    ],
)
def test_ticks_are_at_round_times_with_short_labels(days: float, labels: list[str]) -> None:
    until = SINCE + timedelta(days=days)

    assert [tick.label for tick in time_ticks(SINCE, until, PIXELS)] == labels


def test_weeks_start_on_monday() -> None:
    assert all(tick.at.weekday() == 0 for tick in time_ticks(SINCE, SINCE + timedelta(days=30), PIXELS))


def test_times_are_in_utc_whatever_their_zone() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    elsewhere = time_ticks(SINCE.astimezone(east), (SINCE + timedelta(days=1)).astimezone(east), PIXELS)

    assert elsewhere == time_ticks(SINCE, SINCE + timedelta(days=1), PIXELS)


@given(one=times, other=times)
def test_any_span_has_few_ticks_in_order_and_within_it(one: datetime, other: datetime) -> None:
    since, until = sorted((one, other))
    ticks = [tick.at for tick in time_ticks(since, until, PIXELS)]

    assert ticks == sorted(set(ticks))
    assert all(since <= at <= until for at in ticks)
    assert len(ticks) <= 10


@given(since=times, hours=st.integers(1, 24 * 365 * 20))
def test_every_span_of_an_hour_to_decades_has_at_least_two_ticks(since: datetime, hours: int) -> None:
    since = since.replace(year=2026, month=2, day=14)

    assert len(time_ticks(since, since + timedelta(hours=hours), PIXELS)) >= 2


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (15, "15"),
        (1500, "1,500"),
        (99_999, "99,999"),
        (200_000, "200k"),
        (5e9, "5,000M"),
    ],
)
def test_numbers_are_short(number: float, written: str) -> None:
    assert amount(number) == written
