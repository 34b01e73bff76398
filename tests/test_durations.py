"""Durations as people type them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.durations import parse_duration, parse_durations


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("60s", timedelta(seconds=60)),
        ("5m", timedelta(minutes=5)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("0s", timedelta()),
        (" 5 M ", timedelta(minutes=5)),
        ("999999d", timedelta(days=999_999)),
    ],
)
def test_a_number_and_a_unit_is_a_duration(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", " ", "60", "m", "-5m", "+5m", "1.5h", "1h30m", "5 weeks", "5ms", "1000000s", "\u0665m", "5m!", "P1D", "nan s"],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit, such as 60s"):
        parse_duration(text)


@given(text=st.text() | st.from_regex(r"\A\s*\d+\s*[smhdSMHD\u017f]\s*\Z"))
def test_no_text_is_anything_but_a_duration_or_a_value_error(text: str) -> None:
    try:
        duration = parse_duration(text)
    except ValueError:
        return
    assert timedelta() <= duration <= timedelta(days=999_999)


@pytest.mark.parametrize(
    ("text", "durations"),
    [
        ("1h", (timedelta(hours=1),)),
        ("1h, 6h,24h", (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))),
        (" NONE ", ()),
    ],
)
def test_several_durations_have_commas_between_them(text: str, durations: tuple[timedelta, ...]) -> None:
    assert parse_durations(text) == durations


@pytest.mark.parametrize("text", ["", ",", "1h,", "1h 6h", "1h; 6h", "none, 1h"])
def test_anything_else_is_no_list_of_durations(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit"):
        parse_durations(text)
