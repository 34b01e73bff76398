"""What a check says about the whole fleet and the account: one incident each, in the transaction that confirms it."""

from datetime import timedelta

import pytest

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incidents import CloseReason, Incident
from bot.domain.rules import Rules
from bot.monitor.monitor import Monitor
from bot.storage.alert_routes import get_route
from bot.storage.alerts_off import switch_off, switch_on
from bot.storage.incidents import get_incidents
from bot.storage.schema import incidents
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import Drop, linked_token

SERVER, ANOTHER = 1, 2


@pytest.fixture
async def monitor(world: World) -> Monitor:
    """Two tokens in FAST, read once, with alerts in two servers."""
    await world.set_route(SERVER)
    await world.set_route(ANOTHER)
    monitor = world.monitor()
    await rounds(world, monitor, 1)
    return monitor


async def rounds(world: World, monitor: Monitor, number: int, every: timedelta = MINUTE) -> None:
    """Run checks, and ask about the account where that is due."""
    for _ in range(number):
        world.clock.advance(every)
        await monitor.round()
        await monitor.poll_account()


async def put(world: World, monitor: Monitor, status: str, *token_ids: int) -> None:
    for token_id in token_ids or (111, 222):
        world.set_status(token_id, status)
    await rounds(world, monitor, 2)


async def kinds(world: World, server_id: int = SERVER) -> list[AlertType]:
    return [one.kind for one in await world.open_incidents(server_id)]


async def of_type(world: World, type_: IncidentType) -> Incident | None:
    """Return the latest incident of a type, open or not."""
    async with world.database.reading() as connection:
        ids = [row[0] for row in await world.rows(incidents)]
        found = [one for one in await get_incidents(connection, ids) if one.type is type_ and one.server_id == SERVER]
    return found[-1] if found else None


async def test_no_token_in_fast_is_one_alert_a_server_that_pings_for_all(world: World, monitor: Monitor) -> None:
    await put(world, monitor, "RELAX", 111)
    assert await kinds(world) == [AlertType.LEFT_FAST]
    await put(world, monitor, "RELAX", 222)

    for server_id in (SERVER, ANOTHER):
        assert sorted(await kinds(world, server_id)) == ["left_fast", "left_fast", "none_in_fast"]
    first, second = (one for one in await world.open_incidents(SERVER) if one.members)
    assert (first.pings, second.pings) == (True, False)
    await put(world, monitor, "FAST", 111)
    assert await kinds(world) == [AlertType.LEFT_FAST]
    assert (await world.open_incidents(SERVER))[0].pings
    over = await of_type(world, IncidentType.CAPACITY)
    assert over is not None
    assert over.condition is not None
    assert over.condition.capacity is not None
    assert over.condition.capacity.in_fast == 1


async def test_failed_and_partial_checks_neither_open_nor_end_it(world: World, monitor: Monitor) -> None:
    await put(world, monitor, "RELAX", 111)
    world.imaginepro.tokens[222].status = None  # type: ignore[assignment]
    await rounds(world, monitor, 3)
    world.imaginepro.outage = Drop()
    await rounds(world, monitor, 3)
    assert AlertType.NONE_IN_FAST not in await kinds(world)

    world.imaginepro.outage = None
    await put(world, monitor, "RELAX", 222)
    assert AlertType.NONE_IN_FAST in await kinds(world)
    world.imaginepro.tokens[222].status = None  # type: ignore[assignment]
    await rounds(world, monitor, 3)
    assert AlertType.NONE_IN_FAST in await kinds(world)


async def test_a_single_token_has_its_own_alert_only(world: World) -> None:
    del world.imaginepro.tokens[222]
    await world.set_route(SERVER)
    monitor = world.monitor()
    await monitor.round()
    await put(world, monitor, "BANNED", 111)

    assert await kinds(world) == [AlertType.BANNED]
    assert (await world.open_incidents(SERVER))[0].pings


async def test_what_is_wrong_at_first_is_not_alerted(world: World) -> None:
    world.imaginepro.credits, world.imaginepro.credits_extra = 1, 0
    world.imaginepro.expires_at = NOON + timedelta(hours=5)
    for token_id in (111, 222):
        world.set_status(token_id, "BANNED")
    await world.monitor().round()
    await world.set_route(SERVER)
    monitor = world.monitor()
    await rounds(world, monitor, 5)

    assert await kinds(world) == []
    await put(world, monitor, "FAST", 111)
    await put(world, monitor, "RELAX", 111)
    assert sorted(await kinds(world)) == ["left_fast", "none_in_fast"]


async def test_few_usable_hours_need_two_readings_in_a_row(world: World, monitor: Monitor) -> None:
    await world.set_rules(SERVER, Rules(min_hours=20))
    for token_id in (111, 222):
        world.imaginepro.tokens[token_id].info["fastTimeRemaining"] = "9.00/15.0 hours (60.00%)"
    await rounds(world, monitor, 1)
    assert await kinds(world) == []
    await rounds(world, monitor, 1)
    assert await kinds(world) == [AlertType.FEW_HOURS]
    assert await kinds(world, ANOTHER) == []

    world.imaginepro.link(linked_token(333))
    await rounds(world, monitor, 2)
    assert await kinds(world) == []


async def test_the_account_is_asked_again_at_once_to_confirm_a_change(world: World, monitor: Monitor) -> None:
    world.imaginepro.credits, world.imaginepro.credits_extra = 100, 0
    await rounds(world, monitor, 2, timedelta(minutes=29))
    assert await kinds(world) == []
    await rounds(world, monitor, 5)
    assert await kinds(world) == [AlertType.LOW_CREDITS]

    world.imaginepro.credits_extra = 1000
    await rounds(world, monitor, 1, timedelta(hours=1))
    await rounds(world, monitor, 5)
    assert await kinds(world) == []


async def test_the_end_of_the_plan_is_alerted_a_week_and_a_day_before(world: World, monitor: Monitor) -> None:
    world.imaginepro.expires_at = NOON + timedelta(days=7, hours=3)
    await rounds(world, monitor, 3, timedelta(hours=1))
    assert await kinds(world) == []
    await rounds(world, monitor, 3, timedelta(hours=1))
    assert await kinds(world) == [AlertType.PLAN_ENDS]
    await rounds(world, monitor, 3, timedelta(days=2))
    await rounds(world, monitor, 3)
    assert await kinds(world) == [AlertType.PLAN_ENDS_SOON]

    world.imaginepro.expires_at += timedelta(days=30)
    await rounds(world, monitor, 1, timedelta(hours=1))
    await rounds(world, monitor, 5)
    assert await kinds(world) == []


async def test_a_rule_that_is_switched_off_closes_its_alert(world: World, monitor: Monitor) -> None:
    await put(world, monitor, "RELAX")
    await world.set_rules(SERVER, Rules(min_fast=0))
    await rounds(world, monitor, 1)

    closed = await of_type(world, IncidentType.CAPACITY)
    assert closed is not None
    assert closed.close_reason is CloseReason.RULE_OFF
    assert AlertType.NONE_IN_FAST in await kinds(world, ANOTHER)
    assert all(one.pings for one in await world.open_incidents(SERVER))


@pytest.mark.slow
async def test_after_alerts_were_off_what_is_still_so_is_alerted_again(world: World, monitor: Monitor) -> None:
    world.imaginepro.credits, world.imaginepro.credits_extra = 100, 0
    await rounds(world, monitor, 65)
    await put(world, monitor, "RELAX")
    async with world.database.transaction() as connection:
        route = await get_route(connection, SERVER)
        await switch_off(connection, SERVER, 7, world.clock)
    await rounds(world, monitor, 2)
    assert await kinds(world) == []
    async with world.database.transaction() as connection:
        assert route is not None
        assert await switch_on(connection, route)
    await rounds(world, monitor, 1)

    assert sorted(await kinds(world)) == ["left_fast", "left_fast", "low_credits", "none_in_fast"]
