"""Moments that people type, in their time zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.parsing.moments import parse_moment

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)  # 22:00 there


@pytest.mark.parametrize(
    ("typed", "day", "clock"),
    [
        ("22:30", 29, "22:30"),
        ("22:00", 30, "22:00"),
        (" 7:05 ", 30, "07:05"),
        ("7am", 30, "07:00"),
        ("12 AM", 30, "00:00"),
        ("11:15 pm", 29, "23:15"),
        ("tomorrow 9:00", 30, "09:00"),
        ("tomorrow at 23:00", 30, "23:00"),
        ("today 23:00", 29, "23:00"),
        ("2026-11-30 09:00", 30, "09:00"),
        ("2026-11-30T09:00", 30, "09:00"),
        ("3h", 30, "01:00"),
        ("1 h 30 min", 29, "23:30"),
    ],
)
def test_a_time_is_the_next_one_in_the_zone(typed: str, day: int, clock: str) -> None:
    assert parse_moment(typed, NOW, ZONE) == datetime.fromisoformat(f"2026-11-{day}T{clock}:00+02:00")


@pytest.mark.parametrize(
    "typed", ["", "soon", "9", "25:00", "9:60", "13 pm", "2026-13-01 9:00", "2026-02-30 9:00", "-1h"]
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(typed, NOW, ZONE)


def test_a_past_moment_is_returned_as_it_is() -> None:
    assert parse_moment("today 8:00", NOW, ZONE) < NOW
