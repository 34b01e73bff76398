"""A monitor that hangs is noticed, and a slow one is not."""

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
    progress.round_begins()

    clock.advance(timedelta(minutes=5))
    assert not progress.is_overdue
    clock.advance(timedelta(seconds=1))
    assert progress.is_overdue


def test_the_next_round_may_be_a_minute_late(clock: SetClock) -> None:
    progress = Progress(clock)
    progress.round_begins()
    clock.advance(timedelta(minutes=4))
    progress.round_ends(next_in_seconds=600)

    clock.advance(timedelta(minutes=11))
    assert not progress.is_overdue
    clock.advance(timedelta(seconds=1))
    assert progress.is_overdue

    progress.round_begins()
    assert not progress.is_overdue


def test_a_wall_clock_that_jumps_says_nothing(clock: SetClock) -> None:
    progress = Progress(clock)
    progress.round_begins()
    clock.jump(timedelta(days=1))

    assert not progress.is_overdue
