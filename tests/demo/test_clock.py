"""Simulated time passes only when it is advanced."""

import asyncio
from datetime import timedelta

import pytest

from bot.demo.clock import SimulatedClock
from tests.clocks import NOON


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


async def others() -> None:
    """Let all other tasks run as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_time_stands_still_until_advanced(clock: SimulatedClock) -> None:
    sleeping = asyncio.create_task(clock.sleep(0.001))
    await asyncio.sleep(0.01)

    assert clock.now() == NOON
    assert not sleeping.done()
    sleeping.cancel()


async def test_sleepers_wake_up_on_time_and_in_order(clock: SimulatedClock) -> None:
    awake: list[int] = []

    async def sleep(seconds: int) -> None:
        await clock.sleep(seconds)
        awake.append(seconds)

    async with asyncio.TaskGroup() as group:
        for seconds in (60, 8, 60, 30):
            group.create_task(sleep(seconds))
        await others()
        clock.move_to(NOON + timedelta(seconds=7.9))
        await others()
        assert awake == []
        clock.move_to(NOON + timedelta(seconds=30))
        await others()
        assert awake == [8, 30]
        clock.move_to(NOON + timedelta(hours=1))

    assert awake == [8, 30, 60, 60]


async def test_a_second_sleep_starts_now(clock: SimulatedClock) -> None:
    async def sleep_twice() -> None:
        await clock.sleep(10)
        await clock.sleep(10)

    sleeping = asyncio.create_task(sleep_twice())
    await others()
    clock.move_to(NOON + timedelta(seconds=15))
    await others()
    clock.move_to(NOON + timedelta(seconds=24))
    await others()
    assert not sleeping.done()

    clock.move_to(NOON + timedelta(seconds=25))
    await sleeping


async def test_a_cancelled_sleeper_affects_nobody(clock: SimulatedClock) -> None:
    cancelled, sleeping = asyncio.create_task(clock.sleep(5)), asyncio.create_task(clock.sleep(5))
    await others()
    cancelled.cancel()
    await others()

    clock.move_to(NOON + timedelta(seconds=5))
    await sleeping


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_zero_wait_returns_at_once(clock: SimulatedClock, seconds: float) -> None:
    await clock.sleep(seconds)


async def test_an_event_ends_a_wait_early(clock: SimulatedClock) -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(clock.wait(event, 60))
    await others()
    event.set()
    await waiting

    assert clock.now() == NOON


def test_simulated_time_is_monotonic_time_too(clock: SimulatedClock) -> None:
    clock.move_to(NOON + timedelta(minutes=1))

    assert clock.monotonic() == 60


def test_time_never_goes_backwards(clock: SimulatedClock) -> None:
    clock.move_to(NOON + timedelta(minutes=1))
    clock.move_to(NOON)

    assert clock.now() == NOON + timedelta(minutes=1)
