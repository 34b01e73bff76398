"""Between which limits a server may set its rules."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from bot.health.rule_limits import COUNTS, MOST_REMINDERS, TIMES, beyond_limits
from bot.health.rules import Rules

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def test_every_number_has_limits() -> None:
    not_numbers = {"will_not_last", "digest", "time_zone"}

    assert {*COUNTS, *TIMES} == {field.name for field in fields(Rules)} - not_numbers


def test_the_defaults_are_within_the_limits() -> None:
    assert beyond_limits(Rules()) == set()


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_may_be_as_small_and_as_large_as_its_limits_and_no_more(name: str) -> None:
    least, most = COUNTS[name]
    # The two marks are compared with each other as well.
    plain = Rules(low=0, very_low=0)
    beyond = [beyond_limits(replace(plain, **{name: value})) for value in (least - 1, least, most, most + 1)]  # type: ignore[arg-type]

    assert beyond == [{name}, set(), set(), {name}]


@pytest.mark.parametrize("name", TIMES)
def test_a_time_may_be_as_short_and_as_long_as_its_limits_and_no_more(name: str) -> None:
    shortest, longest = TIMES[name]
    times = [shortest - SECOND, shortest, longest, longest + SECOND]
    values = [(time,) if name == "reminders" else time for time in times]
    beyond = [beyond_limits(replace(Rules(), **{name: value})) for value in values]  # type: ignore[arg-type]

    assert beyond == [{name}, set(), set(), {name}]


@pytest.mark.parametrize(
    ("reminders", "is_beyond"),
    [
        ((), False),
        ((HOUR, 2 * HOUR), False),
        ((2 * HOUR, HOUR), True),
        ((HOUR, HOUR), True),
        (tuple(number * HOUR for number in range(1, MOST_REMINDERS + 1)), False),
        (tuple(number * HOUR for number in range(1, MOST_REMINDERS + 2)), True),
    ],
)
def test_reminders_come_one_after_the_other_and_are_few(reminders: tuple[timedelta, ...], is_beyond: bool) -> None:
    assert ("reminders" in beyond_limits(Rules(reminders=reminders))) is is_beyond


@pytest.mark.parametrize(
    ("low", "very_low", "is_beyond"),
    [(20, 19, False), (20, 20, True), (20, 21, True), (20, 0, False), (0, 5, False), (0, 0, False)],
)
def test_very_low_is_below_low_where_both_are_on(low: int, very_low: int, is_beyond: bool) -> None:
    assert ("very_low" in beyond_limits(Rules(low=low, very_low=very_low))) is is_beyond


def test_all_that_is_beyond_is_named() -> None:
    assert beyond_limits(Rules(confirm_back=0, group_from=1, blind_after=SECOND)) == {
        "confirm_back",
        "group_from",
        "blind_after",
    }
