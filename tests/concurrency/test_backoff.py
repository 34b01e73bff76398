"""The pauses between attempts."""

import pytest

from bot.concurrency.backoff import Backoff


def test_each_pause_is_twice_as_long_as_the_one_before_up_to_the_longest() -> None:
    backoff = Backoff(first=2, longest=60)

    assert [backoff.pause(attempts) for attempts in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize("attempts", [100, 1_024, 100_000])
def test_after_days_of_failures_the_pause_is_still_the_longest(attempts: int) -> None:
    assert Backoff(first=1, longest=300).pause(attempts) == 300


def test_a_first_pause_that_is_longer_than_the_longest_is_cut() -> None:
    assert Backoff(first=7200, longest=3600).pause(1) == 3600
