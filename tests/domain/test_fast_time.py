"""Fast time is parsed in any common spelling, and never guessed."""

from datetime import timedelta

import pytest

from bot.domain.fast_time import FastTime, Unit
from bot.imaginepro.text_fields import parse_fast_time
from tests.patience import GENEROUS


def hours(left: float, total: float | None = None) -> FastTime:
    return FastTime(timedelta(hours=left), None if total is None else timedelta(hours=total), Unit.HOURS)


def minutes(left: float, total: float | None = None) -> FastTime:
    return FastTime(timedelta(minutes=left), None if total is None else timedelta(minutes=total), Unit.MINUTES)


@pytest.mark.parametrize(
    ("line", "fast_time"),
    [
        ("15.00/15.0 hours (100.00%)", hours(15, 15)),
        ("29.57/30.0 hours (98.58%)", hours(29.57, 30)),
        ("199.00/200.0 minutes (99.50%)", minutes(199, 200)),
    ],
)
def test_documented_lines_are_parsed(line: str, fast_time: FastTime) -> None:
    assert parse_fast_time(line) == fast_time


@pytest.mark.parametrize(
    ("line", "fast_time"),
    [
        ("0.00/15.0 hours (0.00%)", hours(0, 15)),
        ("31/30 hours", hours(31, 30)),
        ("15/15 hours (100.00%)", hours(15, 15)),
        ("15.000000/15.0 hours", hours(15, 15)),
        ("15.00 / 15.0  Hours ( 100 % )", hours(15, 15)),
        ("15.00/15.0hours(100%)", hours(15, 15)),
        ("\t15.00/15.0\u00a0hours\n", hours(15, 15)),
        ("15.00/15.0 HRS", hours(15, 15)),
        ("1.5h/15h", hours(1.5, 15)),
        ("1.5 of 15 h", hours(1.5, 15)),
        ("1.5 hours of 15 hours", hours(1.5, 15)),
        ("12.5 h", hours(12.5)),
        ("12 hours left", hours(12)),
        ("12.5 hours remaining (83%)", hours(12.5)),
        ("15.00/15.0 hours left", hours(15, 15)),
        ("1,234.5/2,000.0 hours", hours(1234.5, 2000)),
        ("12,5/15,0 hours", hours(12.5, 15)),
        ("999999999 minutes", minutes(999_999_999)),
        ("90 m", minutes(90)),
        ("90 min.", minutes(90)),
    ],
)
def test_other_common_spellings_are_parsed(line: str, fast_time: FastTime) -> None:
    assert parse_fast_time(line) == fast_time


@pytest.mark.parametrize("unit", ["h", "hr", "hrs", "hour", "hours"])
def test_every_spelling_of_hours_means_hours(unit: str) -> None:
    assert parse_fast_time(f"3.5/15.0 {unit} (23.33%)") == hours(3.5, 15)


@pytest.mark.parametrize("unit", ["m", "min", "mins", "minute", "minutes"])
def test_every_spelling_of_minutes_means_minutes(unit: str) -> None:
    assert parse_fast_time(f"3.5/200.0 {unit} (1.75%)") == minutes(3.5, 200)


@pytest.mark.parametrize("line", ["15", "15.00/15.0", "15.00/15.0 (100.00%)", "12 left", "0", "100%"])
def test_a_number_without_a_unit_is_unknown(line: str) -> None:
    assert parse_fast_time(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        " ",
        "hours",
        "unlimited",
        "Unlimited hours",
        "-1.00/15.0 hours",
        "1e3/15.0 hours",
        "NaN/15.0 hours",
        "15.00/15.0 days",
        "1.5 hours / 15 minutes",
        "1.5 m/15 hours",
        "1 hour 30 minutes",
        "15.00/15.0/15.0 hours",
        "15.00/15.0 hours (100.00%) (100.00%)",
        "1,234,567,890 hours",
        "1234567890 hours",
        "\u0661\u0665 hours",
        "15 hours; DROP TABLE",
    ],
)
def test_unreadable_text_is_unknown_and_not_zero(line: str) -> None:
    assert parse_fast_time(line) is None


@pytest.mark.parametrize("line", ["5.00/0.0 hours", "5.00 hours"])
def test_without_a_total_there_is_no_share(line: str) -> None:
    fast_time = parse_fast_time(line)

    assert fast_time == hours(5)
    assert fast_time.share is None


def test_the_share_is_computed_and_not_taken_from_the_line() -> None:
    fast_time = parse_fast_time("7.50/15.0 hours (99.00%)")

    assert fast_time is not None
    assert fast_time.share == pytest.approx(0.5)


def test_bought_hours_may_exceed_the_total() -> None:
    fast_time = parse_fast_time("45.00/30.0 hours (150.00%)")

    assert fast_time is not None
    assert fast_time.share == pytest.approx(1.5)


@pytest.mark.parametrize("filler", [" ", "a", "1", "(", ",000", "h ", "1 of "])
# Backtracking would take hours.
@pytest.mark.timeout(GENEROUS)
def test_a_line_crafted_to_be_slow_is_rejected_at_once(filler: str) -> None:
    parse_fast_time("1" + filler * 200 + "!")
