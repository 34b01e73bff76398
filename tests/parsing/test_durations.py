"""Durations as people type them, and as the bot prints them."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.parsing.durations import format_duration, parse_duration, parse_durations
from bot.ui import formatting

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PARTS = st.tuples(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)).filter(any)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("60s", MINUTE),
        ("5m", 5 * MINUTE),
        ("1h", HOUR),
        ("2d", 2 * DAY),
        ("0s", timedelta()),
        (" 5 M ", 5 * MINUTE),
        ("999999d", timedelta(days=999_999)),
        ("5 min", 5 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("1 h 30 min", 90 * MINUTE),
        ("90m", 90 * MINUTE),
        ("2 days", 2 * DAY),
        ("1 day 1 hour 1 minute 1 second", DAY + HOUR + MINUTE + timedelta(seconds=1)),
        ("2hrs", 2 * HOUR),
    ],
)
def test_numbers_with_units_are_a_duration(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "60", "m", "-5m", "+5m", "1.5h", "5 weeks", "5ms", "1000000s", "\u0665m", "5m!", "P1D", "nan s"),
        *("1h30", "1h 6h", "30m 1h", "1h, 30m", "1 h and 30 min", "1 d" * 1000),
    ],
)
def test_other_text_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit, such as 60s"):
        parse_duration(text)


@given(text=st.text() | st.from_regex(r"\A\s*\d+\s*[smhdSMHD\u017f]\s*\Z"))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        duration = parse_duration(text)
    except ValueError:
        return
    assert timedelta() <= duration <= 4 * timedelta(days=999_999)


@given(seconds=st.integers(0, 400 * 86400))
@example(seconds=0)
@example(seconds=90 * 60)
def test_a_printed_setting_is_read_as_the_same(seconds: int) -> None:
    length = timedelta(seconds=seconds)

    assert parse_duration(format_duration(length)) == length


@given(minutes=st.integers(1, 400 * 1440))
def test_a_printed_elapsed_time_is_read_too(minutes: int) -> None:
    length = timedelta(minutes=minutes)
    shown = parse_duration(formatting.duration(length))

    # From one day on, it is shown to the nearest hour.
    assert shown == length if length < DAY else abs(shown - length) <= HOUR / 2


@given(parts=PARTS, units=st.sampled_from(["dhms", ("d", "h", "min", "s"), ("days", "hours", "mins", "secs")]))
@pytest.mark.parametrize("between", ["", " "])
def test_all_spellings_of_a_duration_are_equal(between: str, parts: tuple[int, ...], units: tuple[str, ...]) -> None:
    days, hours, minutes, seconds = parts
    text = between.join(f"{number}{between}{unit}" for number, unit in zip(parts, units, strict=True) if number)

    assert parse_duration(text) == timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("text", "durations"),
    [
        ("1h", (HOUR,)),
        ("1h, 6h,24h", (HOUR, 6 * HOUR, DAY)),
        ("1 h 30 min, 6 h, 1 d", (90 * MINUTE, 6 * HOUR, DAY)),
        (" NONE ", ()),
    ],
)
def test_several_durations_are_separated_by_commas(text: str, durations: tuple[timedelta, ...]) -> None:
    assert parse_durations(text) == durations


@pytest.mark.parametrize("text", ["", ",", "1h,", "1h 6h", "1h; 6h", "none, 1h"])
def test_anything_else_is_no_list_of_durations(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit"):
        parse_durations(text)
