"""The clock, its jitter and its nonces."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Clock, Pause
from tests.clocks import NOON, SetClock
from tests.patience import GENEROUS

LONG = 3600


def test_now_is_now_aware_and_in_utc() -> None:
    now = Clock().now()

    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_monotonic_clock_counts_seconds() -> None:
    clock, before = Clock(), time.monotonic()

    assert before <= clock.monotonic() <= time.monotonic()


def test_the_monotonic_clock_of_a_test_does_not_jump() -> None:
    clock = SetClock()
    clock.jump(timedelta(hours=6))
    clock.advance(timedelta(seconds=5))
    clock.jump(-timedelta(hours=6))

    assert clock.monotonic() == 5
    assert clock.now() == NOON + timedelta(seconds=5)


@pytest.mark.parametrize(("seconds", "spread"), [(60, 0.1), (8, 0.1), (10, 0.5), (0, 0.1), (60, 0)])
def test_jitter_stays_within_its_spread_and_uses_it(seconds: float, spread: float) -> None:
    clock = Clock()
    spreads = [clock.jitter(seconds, spread=spread) for _ in range(1000)]
    width = 2 * spread * seconds

    assert all(seconds * (1 - spread) <= one <= seconds * (1 + spread) for one in spreads)
    assert max(spreads) - min(spreads) >= 0.9 * width


def test_two_clocks_have_different_jitter() -> None:
    assert Clock().jitter(60) != Clock().jitter(60)


def test_a_nonce_has_discords_length_and_is_unique() -> None:
    clock = Clock()
    nonces = [clock.nonce() for _ in range(1000)]

    assert all(0 < len(nonce) <= 25 for nonce in nonces)
    assert len(set(nonces)) == len(nonces)


async def test_waiting_ends_when_the_event_is_set() -> None:
    event = asyncio.Event()
    async with asyncio.timeout(GENEROUS), asyncio.TaskGroup() as group:
        group.create_task(Clock().wait(event, LONG))
        await asyncio.sleep(0)
        event.set()


async def test_waiting_for_a_set_event_takes_no_time() -> None:
    event = asyncio.Event()
    event.set()
    async with asyncio.timeout(GENEROUS):
        await Clock().wait(event, LONG)


async def test_waiting_ends_after_its_time_without_the_event() -> None:
    event = asyncio.Event()
    async with asyncio.timeout(GENEROUS):
        await Clock().wait(event, 0)

    assert not event.is_set()


@pytest.mark.parametrize("way", ["set", "over", "broken off"])
async def test_waiting_leaves_no_task_behind(way: str) -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(Clock().wait(event, 0 if way == "over" else LONG))
    await asyncio.sleep(0)
    if way == "set":
        event.set()
    if way == "broken off":
        waiting.cancel()
    await asyncio.wait({waiting})
    await asyncio.sleep(0)

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_test_clock_stands_still_until_advanced() -> None:
    clock = SetClock()
    assert clock.now() == clock.now() == NOON

    await clock.sleep(90)
    clock.advance(timedelta(seconds=30))
    assert clock.now() == NOON + timedelta(minutes=2)


# --- Pauses


@pytest.mark.parametrize("jump", [timedelta(hours=6), timedelta(hours=-6)], ids=str)
def test_a_pause_keeps_its_length_when_the_wall_clock_jumps(jump: timedelta) -> None:
    clock = SetClock()
    pause = Pause(clock)
    assert pause.seconds_left == 0
    pause.extend(30)
    clock.jump(jump)

    assert pause.seconds_left == 30
    clock.advance(timedelta(seconds=29))
    assert pause.seconds_left == 1
    clock.advance(timedelta(seconds=1))
    assert pause.seconds_left == 0


def test_a_shorter_pause_ends_no_longer_one() -> None:
    clock = SetClock()
    pause = Pause(clock)
    pause.extend(30)
    pause.extend(5)
    assert pause.seconds_left == 30

    pause.end()
    assert pause.seconds_left == 0


async def test_sleeping_through_a_pause_ends_it() -> None:
    clock = SetClock()
    pause = Pause(clock)
    for number in range(1, 100):
        pause.extend(number / 7)
        await clock.sleep(pause.seconds_left)
        assert pause.seconds_left == 0
