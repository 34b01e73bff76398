"""One process's side of the partitions: what it knows from memory, and when it renews, loses and frees them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, text

from bot.monitor.partitions import Partitions
from bot.storage.partitions import NUMBER_OF_PARTITIONS
from bot.storage.schema import partitions, processes
from tests.clocks import NOON
from tests.monitor.world import World

SECOND = timedelta(seconds=1)
LASTS = 30 * SECOND
ALL = range(NUMBER_OF_PARTITIONS)


@pytest.fixture
def one(world: World) -> Partitions:
    return Partitions(world.database, world.clock)


@pytest.fixture
def other(world: World) -> Partitions:
    return Partitions(world.database, world.clock)


@pytest.fixture
async def statements(world: World) -> AsyncIterator[list[str]]:
    """What is executed from now on."""
    executed: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        executed.append(statement)

    engine = world.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield executed
    event.remove(engine, "before_cursor_execute", note)


def held(process: Partitions) -> list[int]:
    return [number for number in ALL if process.holds(number)]


async def held_in_turn(*renewing: Partitions) -> list[int]:
    """Let processes renew one after the other, and return how many partitions each holds then."""
    for process in renewing:
        await process.renew()
    return [len(held(process)) for process in renewing]


async def test_a_process_alone_holds_everything_and_two_share_it(one: Partitions, other: Partitions) -> None:
    assert await held_in_turn(one) == [64]
    assert await held_in_turn(other, one, other) == [32, 32, 32]
    assert not set(held(one)) & set(held(other))


async def test_what_it_holds_is_known_without_a_statement(world: World, one: Partitions, statements: list[str]) -> None:
    await one.renew()
    statements.clear()
    world.clock.advance(LASTS - SECOND)

    assert [await one.hold(number) for number in (1, 63, 64, 10_000)] == [True] * 4
    assert statements == []


async def test_renewing_takes_three_statements(world: World, one: Partitions, statements: list[str]) -> None:
    await one.renew()
    statements.clear()
    await one.renew()

    assert [each.split()[0] for each in statements if not each.startswith("BEGIN")] == ["UPDATE", "WITH", "SELECT"]


async def test_it_checks_again_after_an_empty_database_was_put_in_the_place_of_its_own(
    world: World, one: Partitions
) -> None:
    await one.renew()
    async with world.database.transaction() as connection:
        await connection.execute(delete(partitions))
        await connection.execute(delete(processes))

    assert await held_in_turn(one, one) == [64, 64]


async def test_it_holds_nothing_from_the_moment_when_another_may_take_it(
    world: World, one: Partitions, other: Partitions
) -> None:
    await one.renew()
    await other.renew()
    world.clock.advance(LASTS - SECOND)
    await other.renew()
    assert (len(held(one)), held(other)) == (64, [])

    world.clock.advance(SECOND)
    assert held(one) == []
    await other.renew()
    assert held(other) == [*ALL]


async def test_concurrent_renewals_are_one(one: Partitions, statements: list[str]) -> None:
    await asyncio.gather(*(one.hold(number) for number in ALL))

    assert held(one) == [*ALL]
    assert sum("UPDATE partitions" in statement for statement in statements) == 1


@pytest.mark.parametrize("by", [timedelta(hours=6), timedelta(hours=-6)])
async def test_after_the_wall_clock_was_set_it_renews_before_anything_else(
    world: World, one: Partitions, other: Partitions, by: timedelta
) -> None:
    await one.renew()
    world.clock.jump(by)

    assert held(one) == []
    assert await one.hold(1)
    await other.renew()
    assert held(other) == []


async def test_they_are_renewed_however_long_a_check_takes(world: World, one: Partitions, other: Partitions) -> None:
    await one.renew()
    keeping = asyncio.create_task(one.keep())
    was_taken = []
    while world.clock.now() < NOON + timedelta(minutes=10):
        was_taken.append(await other.hold(1))
        await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait({keeping})

    assert len(was_taken) > 10
    assert not any(was_taken)


async def test_they_are_renewed_again_after_an_error_of_the_database(
    world: World, one: Partitions, other: Partitions
) -> None:
    await one.renew()
    async with world.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE partitions RENAME TO elsewhere"))
    keeping = asyncio.create_task(one.keep())
    while not keeping.done() and world.clock.now() < NOON + timedelta(minutes=1):  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0)
    async with world.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO partitions"))
    while not keeping.done() and world.clock.now() < NOON + timedelta(minutes=10):  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0)
    assert not keeping.done()
    keeping.cancel()
    await asyncio.wait({keeping})

    assert not await other.hold(1)


async def test_a_stopping_process_frees_its_partitions(world: World, one: Partitions, other: Partitions) -> None:
    async with one.released_at_the_end():
        await one.renew()
        await other.renew()
        assert held(other) == []

    assert {row[1:] for row in await world.rows(partitions)} == {(None, None)}
    await other.renew()
    assert held(other) == [*ALL]


async def test_a_renewal_that_is_under_way_at_the_end_keeps_nothing(world: World, one: Partitions) -> None:
    async with one.released_at_the_end():
        await one.renew()
        renewal = asyncio.create_task(one.renew())
        await asyncio.sleep(0)
    await renewal

    assert {row[1:] for row in await world.rows(partitions)} == {(None, None)}
    assert await world.rows(processes) == []


async def test_a_stopping_process_leaves_anothers_partitions_alone(
    world: World, one: Partitions, other: Partitions
) -> None:
    await other.renew()
    async with one.released_at_the_end():
        await one.renew()

    await other.renew()
    assert held(other) == [*ALL]
