"""Partitions: shared by the processes that live, taken over from those that do not, and fenced."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import SecretStr
from sqlalchemy import func, insert, select

from bot.storage.database import Database, open_database
from bot.storage.partitions import (
    NUMBER_OF_PARTITIONS,
    accounts_of,
    give_back,
    holds_partition,
    leave,
    partition_of,
    prepare_partitions,
    take_partitions,
)
from bot.storage.schema import accounts, processes
from tests.clocks import NOON
from tests.storage.locks import wait_for_blocked_transaction

SECOND = timedelta(seconds=1)
LASTS = 30 * SECOND
ALL = frozenset(range(NUMBER_OF_PARTITIONS))


@pytest.fixture
async def database(database: Database) -> Database:
    await prepare(database)
    return database


async def prepare(database: Database) -> None:
    async with database.transaction() as connection:
        await prepare_partitions(connection, NOON)


async def renew(database: Database, holder: str, now: datetime = NOON) -> frozenset[int]:
    """Take and give back as a process does, and return what it holds."""
    async with database.transaction() as connection:
        held = await take_partitions(connection, holder, now)
        await give_back(connection, ALL - held, holder)
    return held


async def holds(database: Database, holder: str, now: datetime = NOON, number: int = 1) -> bool:
    async with database.transaction() as connection:
        return await holds_partition(connection, number, holder, now)


async def end(database: Database, holder: str) -> None:
    async with database.transaction() as connection:
        await leave(connection, holder)


def are_shared_equally(parts: Iterable[frozenset[int]]) -> bool:
    """Whether each partition is in one part, and no part is above its share."""
    parts = list(parts)
    share = -(-NUMBER_OF_PARTITIONS // len(parts))
    return sorted(number for part in parts for number in part) == sorted(ALL) and max(map(len, parts)) <= share


@pytest.mark.parametrize("number", [1, 2, 3, 5, 7, 64])
async def test_processes_share_them_equally_after_two_renewals(database: Database, number: int) -> None:
    names = [f"process {each}" for each in range(number)]
    for after in (0, 10):
        held = [await renew(database, name, NOON + after * SECOND) for name in names]

    held = [await renew(database, name, NOON + 20 * SECOND) for name in names]
    assert are_shared_equally(held)


async def test_a_process_that_joins_leaves_the_lowest_where_they_are(database: Database) -> None:
    await renew(database, "one")
    assert await renew(database, "another") == frozenset()

    kept = await renew(database, "one", NOON + 10 * SECOND)
    taken = await renew(database, "another", NOON + 10 * SECOND)
    assert (kept, taken) == (frozenset(range(32)), frozenset(range(32, 64)))
    assert await holds(database, "one", number=31)
    assert not await holds(database, "one", number=32)


async def test_those_of_a_killed_process_are_taken_over_after_exactly_half_a_minute(database: Database) -> None:
    for after in (0, 0, 10, 10):
        for name in ("one", "another"):
            await renew(database, name, NOON + after * SECOND)
    killed_at = NOON + 10 * SECOND

    assert len(await renew(database, "one", killed_at + LASTS - SECOND)) == 32
    assert await renew(database, "one", killed_at + LASTS) == ALL
    assert not await holds(database, "another", killed_at + LASTS, number=63)
    assert await renew(database, "another", killed_at + LASTS) == frozenset()


async def test_those_of_a_stopped_process_are_free_at_once(database: Database) -> None:
    await renew(database, "one")
    await renew(database, "another")
    await end(database, "one")

    assert not await holds(database, "one")
    assert await renew(database, "another") == ALL


async def test_a_stopping_process_frees_nothing_of_another(database: Database) -> None:
    await renew(database, "one")
    await renew(database, "another")
    await end(database, "another")

    assert await renew(database, "one") == ALL


async def test_those_that_have_expired_are_not_held_even_if_nobody_took_them(database: Database) -> None:
    await renew(database, "one")

    assert await holds(database, "one", NOON + LASTS - SECOND)
    assert not await holds(database, "one", NOON + LASTS)
    assert await renew(database, "one", NOON + LASTS) == ALL


async def test_those_from_a_clock_that_was_ahead_are_free(database: Database) -> None:
    await renew(database, "before the restart", NOON + timedelta(hours=6))

    assert await renew(database, "after it") == ALL
    assert not await holds(database, "before the restart")


async def test_a_clock_that_is_a_few_seconds_off_takes_nothing(database: Database) -> None:
    await renew(database, "one", NOON + 10 * SECOND)

    assert await renew(database, "another", NOON) == frozenset()
    assert await renew(database, "a third", NOON + 20 * SECOND) == frozenset()


async def test_dead_processes_are_forgotten(database: Database) -> None:
    await renew(database, "one")
    await renew(database, "another", NOON + 10 * SECOND)
    async with database.transaction() as connection:
        await prepare_partitions(connection, NOON + LASTS)
        assert list(await connection.scalars(select(processes.c.id))) == ["another"]
        assert await connection.scalar(select(func.count()).select_from(processes)) == 1


async def test_each_account_is_in_one_partition(database: Database) -> None:
    ids = [1, 2, 63, 64, 65, 128, 1000]
    async with database.transaction() as connection:
        rows = [{"id": id_, "name": f"{id_}", "created_at": NOON} for id_ in ids]
        await connection.execute(insert(accounts).values(rows))
        assert await take_partitions(connection, "one", NOON) == ALL
        assert sorted(await accounts_of(connection, "one")) == ids
        await give_back(connection, ALL - {0, 1}, "one")
        assert sorted(await accounts_of(connection, "one")) == [1, 64, 65, 128]
        assert await accounts_of(connection, "another") == frozenset()
    assert [partition_of(id_) for id_ in ids] == [1, 2, 63, 0, 1, 0, 40]


# --- Transactions side by side, which only PostgreSQL has


@pytest.mark.slow
async def test_of_many_processes_that_start_at_once_each_partition_has_one(postgres_url: str) -> None:
    names = [f"process {number}" for number in range(5)]
    async with open_database(SecretStr(postgres_url)) as database:
        await asyncio.gather(*(prepare(database) for _ in names))
        for after in (0, 10, 20, 30):
            now = NOON + after * SECOND
            held = await asyncio.gather(*(renew(database, name, now) for name in names))
            for one, another in pairwise(sorted(held, key=min_or_none)):
                assert not one & another

    assert are_shared_equally(held)


def min_or_none(numbers: frozenset[int]) -> int:
    return min(numbers, default=-1)


@pytest.mark.slow
async def test_two_accounts_of_a_partition_are_recorded_at_once(postgres_url: str) -> None:
    async with open_database(SecretStr(postgres_url)) as database:
        await prepare(database)
        await renew(database, "one")
        async with database.transaction() as first, database.transaction() as second:
            assert await holds_partition(first, 1, "one", NOON)
            assert await holds_partition(second, 1, "one", NOON)


@pytest.mark.slow
async def test_a_partition_is_renewed_while_a_check_is_recorded_and_not_taken_over(postgres_url: str) -> None:
    async with open_database(SecretStr(postgres_url)) as database:
        await prepare(database)
        await renew(database, "one")
        async with database.transaction() as recording:
            assert await holds_partition(recording, 1, "one", NOON + 29 * SECOND)
            assert await renew(database, "one", NOON + 10 * SECOND) == ALL
            assert await renew(database, "another", NOON + 60 * SECOND) == ALL - {1}
        assert await renew(database, "another", NOON + 61 * SECOND) == ALL


@pytest.mark.slow
async def test_a_check_waits_for_a_takeover_and_is_not_recorded_then(postgres_url: str) -> None:
    async with open_database(SecretStr(postgres_url)) as database:
        await prepare(database)
        await renew(database, "one")
        async with database.transaction() as taking:
            assert 1 in await take_partitions(taking, "another", NOON + LASTS)
            recording = asyncio.create_task(holds(database, "one", NOON + 29 * SECOND))
            await wait_for_blocked_transaction(database)
            assert not recording.done()
        assert not await recording
