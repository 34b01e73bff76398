"""Cleanup: old data is downsampled and deleted, in small steps, despite failures."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

import pytest
import structlog
from sqlalchemy import insert, text, update

from bot.domain.evaluation import TrackedToken
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.domain.readings import Reading
from bot.monitor.cleanup import Cleanup
from bot.storage.accounts import record_failure
from bot.storage.audit import Action, Entry, record_entry
from bot.storage.deliveries import DeliveryKind
from bot.storage.schema import audit, deliveries, incidents, mutes, samples, tokens
from bot.storage.tokens import save_tokens
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import Drop, Fault, Refuse
from tests.storage.seeds import SERVER, deliver, start_incident

DAY = timedelta(days=1)
THIRTEEN_MONTHS = timedelta(days=396)


@pytest.fixture
def cleanup(world: World) -> Cleanup:
    return Cleanup(world.account_id, world.database, world.clock)


async def run_cleanup(cleanup: Cleanup) -> int:
    """Clean up until nothing is due. Return the number of steps."""
    steps = 1
    while await cleanup.step():
        steps += 1
    return steps


async def sample(world: World, token_id: int, *ages: timedelta, listed: bool = True) -> None:
    """Save a token, and samples of these ages."""
    reading = Reading(token_id, NOON - min(ages), status=Mode.FAST, listed=listed)
    rows = [
        {"account_id": world.account_id, "token_id": token_id, "read_at": NOON - age, "mode": reading.mode}
        for age in ages
    ]
    async with world.database.transaction() as connection:
        await save_tokens(connection, world.account_id, [TrackedToken(reading, reading.read_at, in_fleet=True)])
        await connection.execute(insert(samples), rows)


async def ages_of(world: World, token_id: int) -> list[timedelta]:
    """Return the ages of a token's remaining samples, oldest first."""
    return [NOON - row[2] for row in await world.rows(samples) if row[1] == token_id]


async def enter(world: World, *ages: timedelta) -> None:
    """Add an audit entry of this age."""
    async with world.database.transaction() as connection:
        for age in ages:
            await record_entry(connection, Entry(SERVER, 7, Action.ALERTS_OFF, str(age.days), NOON - age))


async def entered(world: World) -> list[str]:
    """Return the ages of the audit entries in days."""
    return [row[4] for row in await world.rows(audit)]


BUSY = [15 * DAY + minute * MINUTE for minute in range(120)]
THINNED = [BUSY[119], BUSY[61], BUSY[1], BUSY[0]]
"""The first of all, and the last of each clock hour."""


async def passed(world: World, time: timedelta) -> None:
    """Wait until this much time has passed; sleeping tasks advance the clock."""
    until = world.clock.now() + time
    while world.clock.now() < until:
        await world.account()


# What is cleaned up


async def test_samples_older_than_two_weeks_are_downsampled(world: World, cleanup: Cleanup) -> None:
    recent = [minute * MINUTE for minute in range(120)]
    await sample(world, 111, *BUSY, *recent)
    await run_cleanup(cleanup)

    assert await ages_of(world, 111) == [*THINNED, *reversed(recent)]


async def test_samples_older_than_thirteen_months_are_deleted(world: World, cleanup: Cleanup) -> None:
    await sample(world, 111, THIRTEEN_MONTHS + MINUTE, THIRTEEN_MONTHS, DAY)
    await run_cleanup(cleanup)

    assert await ages_of(world, 111) == [THIRTEEN_MONTHS, DAY]


async def test_a_token_not_listed_for_thirteen_months_is_deleted(world: World, cleanup: Cleanup) -> None:
    await sample(world, 111, THIRTEEN_MONTHS + MINUTE, listed=False)
    await sample(world, 222, DAY, listed=False)
    await run_cleanup(cleanup)
    with structlog.testing.capture_logs() as logs:
        await run_cleanup(cleanup)

    assert [row[1] for row in await world.rows(tokens)] == [222]
    assert [log.get("tokens") for log in logs] == [[111]]


async def test_audit_entries_are_kept_for_thirteen_months(world: World, cleanup: Cleanup) -> None:
    await enter(world, THIRTEEN_MONTHS + DAY, THIRTEEN_MONTHS - DAY)
    await run_cleanup(cleanup)

    assert await entered(world) == ["395"]


async def test_expired_mutes_are_deleted(world: World, cleanup: Cleanup) -> None:
    await world.set_route(SERVER)
    await world.mute(SERVER, 111, MINUTE)
    await world.mute(SERVER, 222, 9 * MINUTE)
    world.clock.advance(5 * MINUTE)
    await run_cleanup(cleanup)

    assert [row[2] for row in await world.rows(mutes)] == [222]


async def test_deliveries_are_kept_for_thirty_days_and_pending_ones_permanently(world: World, cleanup: Cleanup) -> None:
    await world.set_route(SERVER)
    async with world.database.transaction() as connection:
        for age in (30 * DAY + MINUTE, 30 * DAY, None):
            id_ = await deliver(connection, str(age), now=NOON - 999 * DAY)
            delivered_at = None if age is None else NOON - age
            is_it = deliveries.c.id == id_
            await connection.execute(update(deliveries).where(is_it).values(delivered_at=delivered_at))
    await run_cleanup(cleanup)

    assert [row[0] for row in await world.rows(deliveries)] == [2, 3]


async def test_what_nobody_will_read_is_deleted_after_thirty_days(world: World, cleanup: Cleanup) -> None:
    await world.set_route(SERVER)
    async with world.database.transaction() as connection:
        for age in (30 * DAY + MINUTE, 30 * DAY):
            await deliver(connection, str(age), kind=DeliveryKind.DIGEST, now=NOON - age)
    await run_cleanup(cleanup)

    assert [row[0] for row in await world.rows(deliveries)] == [2]


async def test_a_clock_that_is_years_ahead_deletes_nothing(world: World, cleanup: Cleanup) -> None:
    await world.monitor().round()
    await enter(world, DAY)
    before = await world.rows(samples)
    world.clock.jump(1000 * DAY)
    await run_cleanup(cleanup)

    assert await entered(world) == ["1"]
    assert await world.rows(samples) == before


@pytest.mark.parametrize(
    "outage",
    [Drop(), Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "3600"})],
    ids=["no response", "rate limit"],
)
async def test_a_clock_that_is_years_ahead_deletes_nothing_while_checks_fail(
    world: World, cleanup: Cleanup, outage: Fault
) -> None:
    monitor = world.monitor()
    await monitor.round()
    await enter(world, DAY)
    world.imaginepro.outage = outage
    await monitor.round()
    world.clock.jump(1000 * DAY)
    for _ in range(3):
        await monitor.round()
        world.clock.advance(MINUTE)
    await run_cleanup(cleanup)

    assert await entered(world) == ["1"]


async def test_a_key_that_is_refused_for_years_stops_no_cleanup(world: World, cleanup: Cleanup) -> None:
    monitor = world.monitor()
    await monitor.round()
    await enter(world, DAY)
    world.imaginepro.outage = Refuse(HTTPStatus.UNAUTHORIZED)
    world.clock.advance(1000 * DAY)
    await monitor.round()
    await run_cleanup(cleanup)

    assert await entered(world) == []


async def test_years_without_a_response_stop_no_cleanup(world: World, cleanup: Cleanup) -> None:
    await world.monitor().round()
    await enter(world, DAY)
    world.clock.advance(1000 * DAY)
    outage = Outage(NoDataCause.NO_RESPONSE, since=NOON, checked_at=world.clock.now())
    async with world.database.transaction() as connection:
        await record_failure(connection, world.account_id, outage, "")
    await run_cleanup(cleanup)

    assert await entered(world) == []


async def test_incidents_are_kept_for_thirteen_months_and_open_ones_permanently(world: World, cleanup: Cleanup) -> None:
    await world.set_route(SERVER)
    async with world.database.transaction() as connection:
        for resolved_at in (NOON - THIRTEEN_MONTHS - MINUTE, NOON - THIRTEEN_MONTHS, None):
            await start_incident(connection, started_at=NOON - 999 * DAY, resolved_at=resolved_at)
    await run_cleanup(cleanup)

    assert [row[0] for row in await world.rows(incidents)] == [2, 3]


# Scheduling


async def test_each_step_handles_one_token(world: World, cleanup: Cleanup) -> None:
    await sample(world, 222, *BUSY)
    without_more = await run_cleanup(cleanup)
    for token_id in range(300, 305):
        await sample(world, token_id, *BUSY)

    assert await run_cleanup(cleanup) == without_more - 1 + 5


async def test_a_token_with_many_samples_takes_several_steps(world: World, cleanup: Cleanup) -> None:
    await sample(world, 111, *BUSY)
    of_little = await run_cleanup(cleanup)
    days = [(15 + minute / 1440) * DAY for minute in range(5 * 1440)]
    await sample(world, 222, *days)

    assert await run_cleanup(cleanup) >= of_little + 4
    assert len(await ages_of(world, 222)) <= 5 * 24 + 2


async def test_newly_expired_data_is_cleaned_up_next_time(world: World, cleanup: Cleanup) -> None:
    await enter(world, THIRTEEN_MONTHS - DAY)
    await sample(world, 111, *(age - 3 * DAY for age in BUSY))
    await run_cleanup(cleanup)
    assert await entered(world) == ["395"]
    world.clock.advance(4 * DAY)
    await run_cleanup(cleanup)

    assert await entered(world) == []
    assert len(await ages_of(world, 111)) == len(THINNED)


async def test_it_runs_about_once_an_hour_and_pauses_between_steps(world: World, cleanup: Cleanup) -> None:
    for token_id in range(5):
        await sample(world, token_id, *BUSY)
    running = asyncio.create_task(cleanup.run())
    await passed(world, timedelta(hours=3))
    running.cancel()
    await asyncio.wait({running})

    hours = [seconds for seconds in world.clock.slept if seconds > 1]
    assert all(3240 <= seconds <= 3960 for seconds in hours)
    assert len(hours) in (3, 4)
    between = world.clock.slept[: world.clock.slept.index(hours[0])]
    assert len(between) >= 5
    assert all(0.1 <= seconds <= 1 for seconds in between)


async def test_two_concurrent_cleanups_do_what_one_does(world: World, cleanup: Cleanup) -> None:
    for token_id in (111, 222):
        await sample(world, token_id, *BUSY)
    await enter(world, THIRTEEN_MONTHS + DAY)
    with structlog.testing.capture_logs() as logs:
        await asyncio.gather(run_cleanup(cleanup), run_cleanup(Cleanup(world.account_id, world.database, world.clock)))

    assert [await ages_of(world, token_id) for token_id in (111, 222)] == [THINNED, THINNED]
    assert await entered(world) == []
    assert logs == []


# Failures


async def test_an_error_is_logged_and_stops_no_other_cleanup(world: World, cleanup: Cleanup) -> None:
    await sample(world, 111, *BUSY)
    async with world.database.transaction() as connection:
        await connection.execute(text("DROP TABLE audit"))
    with structlog.testing.capture_logs() as logs:
        await run_cleanup(cleanup)

    assert [(log["log_level"], log["exc_info"]) for log in logs] == [("error", True)]
    assert await ages_of(world, 111) == THINNED


async def test_a_token_that_cannot_be_downsampled_does_not_block_others_for_long(
    world: World, cleanup: Cleanup
) -> None:
    for token_id in (111, 222):
        await sample(world, token_id, *BUSY)
    spoilt = (
        "CREATE TRIGGER spoilt BEFORE DELETE ON samples WHEN old.token_id = 111 BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    async with world.database.transaction() as connection:
        await connection.execute(text(spoilt))
    with structlog.testing.capture_logs() as logs:
        await run_cleanup(cleanup)
        await run_cleanup(cleanup)

    assert len(logs) == 1
    assert await ages_of(world, 222) == THINNED
    assert await ages_of(world, 111) == list(reversed(BUSY))


async def test_it_keeps_running_after_an_error(world: World, cleanup: Cleanup) -> None:
    await enter(world, THIRTEEN_MONTHS + DAY)
    async with world.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(cleanup.run())
        await passed(world, MINUTE)
        async with world.database.transaction() as connection:
            await connection.execute(text("ALTER TABLE elsewhere RENAME TO audit"))
        await passed(world, timedelta(hours=2))
    running.cancel()
    await asyncio.wait({running})

    assert logs
    assert await entered(world) == []


async def test_a_started_step_is_finished_at_shutdown(world: World, cleanup: Cleanup) -> None:
    await enter(world, THIRTEEN_MONTHS + DAY)
    async with world.database.transaction():
        running = asyncio.create_task(cleanup.run())
        # Long enough for it to wait for the write lock, which it gets when this transaction ends.
        for _ in range(9):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.sleep(0)
    await asyncio.wait({running})

    assert running.cancelled()
    assert await entered(world) == []
