"""Checks that find nothing new: they write nothing, and what people or other processes change reaches them in time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.domain.account import AccountQuota
from bot.domain.incident_actions import acknowledge
from bot.domain.rules import Rules
from bot.monitor.monitor import Monitor
from bot.monitor.unchanged import UnchangedChecks
from bot.storage.accounts import record_success, save_quota
from bot.storage.alert_routes import remove_token_route
from bot.storage.alerts_off import switch_off
from bot.storage.database import Database, DatabaseUnavailable, open_database
from bot.storage.incident_updates import record_update
from bot.storage.incidents import open_incidents
from bot.storage.mutes import remove_mute
from bot.storage.schema import deliveries, samples
from bot.storage.server_settings import set_rules
from bot.storage.unavailable import Cause
from bot.storage.watches import remove_watch
from tests.cases import first_quick
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import Drop, Hold

SERVER = 1
MESSAGE = UUID(int=1)


# Of a transaction, and of partitions.
_OTHERS = ("BEGIN", "PRAGMA", "partitions", "processes", "accounts.id %")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Return the statements on any database inside the block, but for the others."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        is_counted = not any(
            word in statement for word in ("BEGIN", "PRAGMA", "partitions", "processes", "accounts.id %")
        )
        if is_counted:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class Process:
    """A process that checks the account: its rounds, and the memory of what it has checked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.unchanged = UnchangedChecks(world.database, world.clock)
        self.monitor = Monitor(
            world.account_id,
            world.client,
            world.database,
            world.clock,
            poll_interval=MINUTE,
            deliveries_recorded=lambda: None,
            unchanged=self.unchanged,
        )

    @property
    def remembers(self) -> bool:
        return self.unchanged.recall(self.world.account_id) is not None

    async def check(self, after: timedelta = MINUTE) -> list[str]:
        """Make one check, and return its statements."""
        self.world.clock.advance(after)
        with statements() as seen:
            await self.monitor.round()
        return seen


@pytest.fixture
async def process(world: World) -> Process:
    """It has read the same twice, so that the next check would find nothing new."""
    await world.set_route(SERVER)
    process = Process(world)
    while not process.remembers:
        await process.check()
    return process


@pytest.fixture
async def another(sqlite_url: str, process: Process) -> AsyncIterator[Database]:
    """The same database, as another process has it open."""
    async with open_database(SecretStr(sqlite_url), process.world.clock) as database:
        yield database


# --- Nothing new


async def test_a_check_that_finds_nothing_new_makes_no_statement_and_its_record_is_one(process: Process) -> None:
    assert await process.check() == []
    assert await process.check() == []
    with statements() as seen:
        await process.unchanged.commit()
    assert len(seen) == 1
    assert (await process.world.account()).last_success_at == process.world.clock.now()
    assert await process.check() == []


@pytest.mark.slow
async def test_each_token_has_a_sample_an_hour(process: Process) -> None:
    for _ in range(150):
        await process.check()
        await process.unchanged.commit()
    times = [row[2] for row in await process.world.rows(samples) if row[1] == 111]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(hours=1)] * 2


async def test_a_change_after_quiet_is_confirmed_and_alerted_as_ever(process: Process) -> None:
    await process.check()
    process.world.set_status(111, "RELAX")
    await process.check()
    await process.check(timedelta(seconds=8))
    assert len(await process.world.rows(deliveries)) == 1


async def test_a_clock_that_was_set_makes_the_next_check_a_full_one(process: Process) -> None:
    process.world.clock.jump(timedelta(minutes=10))
    assert await process.check() != []


@pytest.mark.parametrize("changed", [False, True])
async def test_an_outage_begins_at_the_last_check_though_that_was_not_recorded(process: Process, changed: bool) -> None:
    await process.check()
    seen_at = process.world.clock.now()
    if changed:
        await process.world.set_rules(SERVER, Rules(low=90))
        await process.unchanged.commit()
    process.world.imaginepro.outage = Drop()
    await process.check()
    outage = (await process.world.account()).outage
    assert outage is not None
    assert outage.since == seen_at


async def test_while_nothing_can_be_recorded_checks_count_as_failed(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    await process.check()

    def refuse(*, durable: bool) -> None:
        raise DatabaseUnavailable(Cause.READ_ONLY, "made up")

    monkeypatch.setattr(process.world.database, "transaction", refuse)
    await process.unchanged.commit()
    assert process.world.database.outage.current is not None
    assert not process.remembers
    monkeypatch.undo()
    assert await process.check() != []
    assert process.world.database.outage.current is None


# --- What others change

Change = Callable[[World, Database], Awaitable[None]]


async def change_rules(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        await set_rules(connection, SERVER, Rules(low=90))


async def change_route(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        await remove_token_route(connection, SERVER, 111)


async def change_mutes(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        await remove_mute(connection, SERVER, 111)


async def change_watches(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        await remove_watch(connection, world.account_id, MESSAGE)


async def change_credits(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        await save_quota(connection, world.account_id, AccountQuota(world.clock.now()))


async def switch_alerts_off(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        await switch_off(connection, SERVER, 8, world.clock)


async def acknowledge_the_alert(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        (incident,) = await open_incidents(connection, SERVER)
        update = acknowledge(incident, 8, world.clock.now())
        await record_update(connection, update, nonce=world.clock.nonce(), now=world.clock.now())


async def check_elsewhere(world: World, database: Database) -> None:
    async with database.transaction() as connection:
        await record_success(connection, world.account_id, world.clock.now(), lists_fleet=True)


BY_PEOPLE = [change_rules, change_route, change_mutes, change_watches, change_credits, switch_alerts_off]


@pytest.mark.parametrize("change", first_quick([check_elsewhere, *BY_PEOPLE], 2))
async def test_what_another_process_changes_is_noticed_with_the_next_record(
    process: Process, another: Database, change: Change
) -> None:
    await process.check()
    await change(process.world, another)
    assert await process.unchanged.commit() == [process.world.account_id]
    assert await process.check() != []


@pytest.mark.parametrize("change", first_quick(BY_PEOPLE, 1))
async def test_what_this_process_changes_is_noticed_at_once(process: Process, change: Change) -> None:
    await process.check()
    await change(process.world, process.world.database)
    assert not process.remembers
    assert await process.check() != []


async def test_a_change_that_was_rolled_back_is_none(process: Process) -> None:
    with suppress(KeyError):
        async with process.world.database.transaction() as connection:
            await set_rules(connection, SERVER, Rules(low=90))
            raise KeyError
    assert await process.check() == []
    async with process.world.database.transaction():
        pass
    assert process.remembers


@pytest.mark.slow
@pytest.mark.parametrize("elsewhere", [True, False])
async def test_an_acknowledgement_stops_the_reminders(process: Process, another: Database, elsewhere: bool) -> None:
    world = process.world
    await world.set_rules(SERVER, Rules(reminders=(timedelta(hours=1),)))
    world.set_status(111, "RELAX")
    for _ in range(10):
        await process.check()
        await process.unchanged.commit()
    assert process.remembers
    await acknowledge_the_alert(world, another if elsewhere else world.database)
    recorded = len(await world.rows(deliveries))
    for _ in range(120):
        await process.check()
        await process.unchanged.commit()
    assert len(await world.rows(deliveries)) == recorded


async def test_a_reminder_comes_on_time_though_all_answers_are_the_same(process: Process) -> None:
    world = process.world
    await world.set_rules(SERVER, Rules(reminders=(timedelta(minutes=30),)))
    world.set_status(111, "RELAX")
    minutes = 0
    while len(await world.rows(deliveries)) < 2:
        await process.check()
        await process.unchanged.commit()
        minutes += 1
    (incident,) = await world.open_incidents(SERVER)
    late = world.clock.now() - incident.started_at - timedelta(minutes=30)
    assert timedelta() <= late <= MINUTE


async def test_an_account_that_another_process_has_taken_is_forgotten(process: Process) -> None:
    await process.check()
    process.unchanged.leave(process.world.account_id)
    recorded = (await process.world.account()).last_success_at
    await process.unchanged.commit()
    assert (await process.world.account()).last_success_at == recorded
    assert not process.remembers


async def test_a_process_that_stood_still_during_a_request_notes_no_old_answer(process: Process) -> None:
    world, answer = process.world, asyncio.Event()
    await process.check()
    await process.unchanged.commit()
    before, asked = (await world.account()).last_success_at, len(world.imaginepro.log)
    world.imaginepro.queue(Hold(answer), path="/api/v1/discord/tokens")
    checking = asyncio.create_task(process.check())
    await world.imaginepro.wait_for(lambda: len(world.imaginepro.log) > asked)
    world.clock.advance(10 * MINUTE)
    answer.set()
    await checking
    await process.unchanged.commit()
    assert (await world.account()).last_success_at == before


# --- Kills

SCRIPT = [
    "FAST",
    "FAST",
    "FAST",
    "RELAX",
    "RELAX",
    "RELAX",
    "RELAX",
    "FAST",
    "FAST",
    "FAST",
    "FAST",
    "BANNED",
    "BANNED",
]


async def play(world: World, killed_before: int, *, recorded: bool) -> list[object]:
    """Check each status of the script, with a new process from one step on, and return what was recorded to notify."""
    process = Process(world)
    for step, status in enumerate(SCRIPT):
        if step == killed_before:
            process = Process(world)
        world.set_status(111, status)
        await process.check()
        if recorded:
            await process.unchanged.commit()
    kind, incident = deliveries.c.kind, deliveries.c.incident_id
    places = [list(deliveries.c).index(column) for column in (kind, incident)]
    rows = [[row[place] for place in places] for row in await world.rows(deliveries)]
    incidents: dict[object, int] = {}
    return [(row[0], incidents.setdefault(row[1], len(incidents))) for row in rows]


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("step", first_quick(sorted(range(1, len(SCRIPT)), key=lambda step: step not in {4, 8}), 2))
async def test_whoever_is_killed_at_any_step_notifies_the_same(world: World, step: int, recorded: bool) -> None:
    await world.set_route(SERVER)
    played = await play(world, step, recorded=recorded)
    assert played == [("started", 0), ("resolved", 0), ("started", 1)]
    assert world.clock.now() > NOON
