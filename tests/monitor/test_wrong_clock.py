"""A monitor whose wall clock was hours ahead, and was put right."""

from datetime import datetime, timedelta

import pytest

from bot.domain.freshness import Freshness
from bot.monitor.monitor import Monitor
from bot.queries.fleet import fleet_overview
from bot.storage.mutes import mute_spans_of
from bot.storage.schema import samples
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import Drop

AHEAD = timedelta(hours=6)
HOUR, HALF_AN_HOUR = timedelta(hours=1), timedelta(minutes=30)
SERVER = 1


@pytest.fixture(autouse=True)
async def monitor(world: World) -> Monitor:
    """A monitor that has run one round, with a clock that is ahead."""
    await world.set_route(SERVER)
    world.clock.jump(AHEAD)
    monitor = world.monitor()
    await monitor.round()
    return monitor


async def freshness(world: World) -> tuple[Freshness, bool]:
    """Return how fresh the fleet is shown to be, and whether a time of its reading is shown."""
    async with world.database.reading() as connection:
        overview = await fleet_overview(connection, world.account_id, SERVER, world.clock.now(), poll_interval=MINUTE)
    return overview.fleet.freshness, overview.fleet.read_at is not None


async def test_a_check_in_the_future_is_not_taken_for_the_last_one(world: World) -> None:
    world.clock.jump(-AHEAD)
    assert await freshness(world) == (Freshness.UNKNOWN, False)

    await world.monitor().round()
    assert await freshness(world) == (Freshness.FRESH, True)


async def test_missing_data_is_alerted_on_time(world: World, monitor: Monitor) -> None:
    world.clock.jump(-AHEAD)
    world.imaginepro.outage = Drop()
    for _ in range(8):
        await monitor.round()
        world.clock.advance(MINUTE)

    assert len(await world.open_incidents(SERVER)) == 1


async def sampled_at(world: World) -> list[datetime]:
    return [row[2] for row in await world.rows(samples) if row[1] == 111]


@pytest.mark.parametrize("outage", [None, Drop()], ids=["read", "no data"])
async def test_samples_of_the_future_do_not_lie_between_later_ones(world: World, outage: Drop | None) -> None:
    world.clock.jump(-AHEAD)
    monitor = world.monitor(HALF_AN_HOUR)
    await monitor.round()
    world.imaginepro.outage = outage
    for _ in range(13):
        world.clock.advance(HALF_AN_HOUR)
        await monitor.round()

    hours = range(7) if outage is None else range(1)
    assert await sampled_at(world) == [NOON + hour * timedelta(hours=1) for hour in hours]


async def test_samples_of_the_future_do_not_stay_though_all_answers_are_the_same(world: World) -> None:
    world.clock.jump(4 * MINUTE - AHEAD)
    await world.monitor().round()
    wrong = world.clock.now()
    world.clock.jump(-4 * MINUTE)
    monitor = world.monitor()
    for _ in range(6):
        world.clock.advance(MINUTE)
        await monitor.round()
        await monitor.unchanged.commit()

    assert wrong not in await sampled_at(world)


async def test_a_clock_that_is_behind_for_some_minutes_deletes_no_true_samples(world: World, monitor: Monitor) -> None:
    for _ in range(3):
        world.clock.advance(timedelta(hours=1))
        await monitor.round()
    before = await sampled_at(world)

    # The machine starts again, and sets its clock some minutes later.
    world.clock.jump(-AHEAD)
    after_restart = world.monitor()
    for _ in range(3):
        await after_restart.round()
        world.clock.advance(MINUTE)
    world.clock.jump(AHEAD)
    await after_restart.round()

    assert set(before) <= set(await sampled_at(world))


async def test_readings_and_incidents_are_shown_as_of_now(world: World, monitor: Monitor) -> None:
    world.set_status(111, "BANNED")
    await monitor.round()
    (incident,) = await world.open_incidents(SERVER)
    assert incident.started_at == NOON + AHEAD

    world.clock.jump(-AHEAD)
    await monitor.round()
    (incident,) = await world.open_incidents(SERVER)
    assert (incident.started_at, incident.members[0].started_at) == (NOON, NOON)
    assert {token.reading.read_at for token in (await world.known_tokens()).values()} == {NOON}
    assert await monitor.round() == MINUTE


@pytest.mark.parametrize("outage", [None, Drop()], ids=["read", "no data"])
async def test_a_mute_ends_once(world: World, monitor: Monitor, outage: Drop | None) -> None:
    await world.mute(SERVER, None, 2 * HOUR)
    world.clock.jump(-AHEAD)
    world.imaginepro.outage = outage
    await monitor.round()

    world.clock.advance(HOUR)
    assert await is_muted(world)
    world.clock.advance(HOUR)
    assert not await is_muted(world)
    world.clock.jump(AHEAD - HOUR)
    assert not await is_muted(world)


async def is_muted(world: World) -> bool:
    async with world.database.reading() as connection:
        return bool(await mute_spans_of(connection, SERVER, world.clock.now()))


async def test_a_reminder_that_is_due_later_comes_although_the_clock_has_passed_it_before(
    world: World, monitor: Monitor
) -> None:
    world.set_status(111, "RELAX")
    for _ in range(3):
        await monitor.round()
    world.clock.jump(30 * HOUR)
    await monitor.round()
    (incident,) = await world.open_incidents(SERVER)
    assert incident.reminders_sent == 3
    world.clock.jump(-30 * HOUR)
    await monitor.round()

    sent = []
    for _ in range(7):
        world.clock.advance(HOUR)
        await monitor.round()
        (incident,) = await world.open_incidents(SERVER)
        sent.append(incident.reminders_sent)
    assert sent == [1, 1, 1, 1, 1, 2, 2]
