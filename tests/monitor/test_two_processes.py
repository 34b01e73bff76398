"""Two processes on one database: one runs the rounds, and the other takes over when the first is gone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiohttp import web

from bot.monitor.monitor import Monitor
from bot.storage.leases import RENEWAL_INTERVAL
from bot.storage.schema import deliveries, incidents, token_states
from tests.monitor.world import World

LASTS = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
async def posted(world: World) -> None:
    await world.set_route(1)


@pytest.fixture
def first(world: World) -> Monitor:
    return world.monitor()


@pytest.fixture
def second(world: World) -> Monitor:
    return world.monitor()


@dataclass(frozen=True)
class Meanwhile:
    """Something happens during a request; then the response comes, or the connection is cut."""

    happens: Callable[[], Awaitable[object]]
    cuts: bool = False

    async def apply(self, request: web.Request) -> web.StreamResponse | None:
        await self.happens()
        if self.cuts and request.transport is not None:
            request.transport.abort()
        return web.Response() if self.cuts else None


async def test_only_one_process_runs_rounds(world: World, first: Monitor, second: Monitor) -> None:
    await first.round()
    world.asked()
    pauses = []
    for _ in range(5):
        world.clock.advance(timedelta(seconds=20))
        await first.round()
        world.asked()
        pauses.append(await second.round())

    assert pauses == [RENEWAL_INTERVAL] * 5
    assert world.asked() == []


async def test_the_other_process_takes_over_after_exactly_half_a_minute(
    world: World, first: Monitor, second: Monitor
) -> None:
    await first.round()
    world.asked()
    world.clock.advance(LASTS - SECOND)
    await second.round()
    assert world.asked() == []

    world.clock.advance(SECOND)
    await second.round()
    assert len(world.asked()) == 1
    await first.round()
    assert world.asked() == []


async def test_the_process_that_takes_over_continues_with_the_same_state(
    world: World, first: Monitor, second: Monitor
) -> None:
    await first.round()
    world.set_status(111, "RELAX")
    await first.round()
    world.clock.advance(LASTS)
    await second.round()

    assert len(await world.open_incidents(1)) == 1


async def test_a_round_whose_lease_was_lost_records_nothing(world: World, first: Monitor, second: Monitor) -> None:
    await first.round()

    async def take_over() -> None:
        world.clock.advance(LASTS)
        await second.round()
        world.set_status(111, "BANNED")

    world.imaginepro.queue(Meanwhile(take_over))
    before = await world.rows(token_states)
    assert await first.round() == RENEWAL_INTERVAL

    assert await world.rows(token_states) == before
    assert await world.rows(incidents) == []
    await second.round()
    assert len(await world.rows(deliveries)) == 1


async def test_a_failed_round_whose_lease_was_lost_records_no_data_outage(
    world: World, first: Monitor, second: Monitor
) -> None:
    await first.round()

    async def take_over() -> None:
        world.clock.advance(timedelta(hours=1))
        await second.round()
        world.clock.advance(timedelta(minutes=20))

    world.imaginepro.queue(Meanwhile(take_over, cuts=True))
    assert await first.round() == RENEWAL_INTERVAL

    assert await world.rows(incidents) == []
    assert (await world.account()).last_error is None
