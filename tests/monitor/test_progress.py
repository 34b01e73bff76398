"""A monitor that hangs is noticed, and a slow one is not."""

import math
from datetime import timedelta

import pytest

from bot.monitor.progress import Progress
from tests.clocks import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def test_nothing_is_expected_before_the_first_round(clock: SetClock) -> None:
    progress = Progress(clock)
    clock.advance(timedelta(days=1))

    assert not progress.is_overdue


def test_a_round_may_take_five_minutes(clock: SetClock) -> None:
    progress = Progress(clock)
    progress.begins("a round")

    clock.advance(timedelta(minutes=5))
    assert not progress.is_overdue
    clock.advance(timedelta(seconds=1))
    assert progress.is_overdue


def test_the_next_round_may_be_a_minute_late(clock: SetClock) -> None:
    progress = Progress(clock)
    progress.begins("a round")
    clock.advance(timedelta(minutes=4))
    progress.ends("a round")
    progress.next_begins_in(600)

    clock.advance(timedelta(minutes=11))
    assert not progress.is_overdue
    clock.advance(timedelta(seconds=1))
    assert progress.is_overdue

    progress.begins("a round")
    assert not progress.is_overdue


def test_a_wall_clock_that_jumps_says_nothing(clock: SetClock) -> None:
    progress = Progress(clock)
    progress.begins("a round")
    clock.jump(timedelta(days=1))

    assert not progress.is_overdue


def test_of_many_rounds_one_that_hangs_is_enough(clock: SetClock) -> None:
    progress = Progress(clock)
    progress.begins("one that hangs")
    for number in range(6):
        progress.begins(number)
        clock.advance(timedelta(seconds=50))
        progress.ends(number)
        progress.next_begins_in(10)
        assert not progress.is_overdue

    clock.advance(timedelta(seconds=1))
    assert progress.is_overdue
    progress.ends("one that hangs")
    assert not progress.is_overdue


def test_with_as_many_rounds_as_can_be_none_has_to_begin(clock: SetClock) -> None:
    progress = Progress(clock)
    progress.begins("a round")
    progress.next_begins_in(math.inf)
    clock.advance(timedelta(minutes=5))

    assert not progress.is_overdue
