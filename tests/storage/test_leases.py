"""Leases: one process at a time, and another one after its death."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.storage.claims import claim, claimable_deliveries
from bot.storage.database import Database
from bot.storage.deliveries import DeliveryKind
from bot.storage.leases import release_claims, release_lease, take_lease
from bot.storage.partitions import NUMBER_OF_PARTITIONS, prepare_partitions, take_partitions
from tests.clocks import NOON
from tests.storage.seeds import SERVER, add_route, deliver

# Its statements differ between SQLite and PostgreSQL.
pytestmark = pytest.mark.smoke

SECOND = timedelta(seconds=1)
LASTS = 30 * SECOND


async def take(database: Database, holder: str, now: datetime = NOON, name: str = "rounds") -> bool:
    async with database.transaction() as connection:
        return await take_lease(connection, name, holder, now, now + LASTS)


async def test_of_two_processes_one_takes_the_lease(database: Database) -> None:
    assert [await take(database, "one"), await take(database, "another")] == [True, False]


async def test_another_process_takes_over_when_the_lease_has_ended(database: Database) -> None:
    await take(database, "one")

    assert not await take(database, "another", NOON + LASTS - SECOND)
    assert await take(database, "another", NOON + LASTS)
    assert not await take(database, "one", NOON + LASTS)


async def test_a_renewed_lease_is_held_for_longer(database: Database) -> None:
    await take(database, "one")
    assert await take(database, "one", NOON + 10 * SECOND)

    assert not await take(database, "another", NOON + LASTS)


async def test_a_released_lease_can_be_taken_at_once(database: Database) -> None:
    await take(database, "one")
    async with database.transaction() as connection:
        await release_lease(connection, "rounds", "one")

    assert await take(database, "another")


async def test_nobody_releases_anothers_lease(database: Database) -> None:
    await take(database, "one")
    await take(database, "one", name="something else")
    async with database.transaction() as connection:
        await release_lease(connection, "rounds", "another")
        await release_lease(connection, "something else", "one")

    assert not await take(database, "another")


async def test_leases_of_different_names_are_independent(database: Database) -> None:
    assert await take(database, "one")
    assert await take(database, "another", name="something else")


async def test_of_many_concurrent_requests_one_gets_it(database: Database) -> None:
    assert sorted(await asyncio.gather(*(take(database, f"{number}") for number in range(8)))) == [*[False] * 7, True]


async def test_a_killed_processs_lease_is_free_at_once_on_sqlite(database: Database, account_id: int) -> None:
    await take(database, "one")
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        await deliver(connection, "one", kind=DeliveryKind.TEST)
        (head,) = await claimable_deliveries(connection, SERVER, NOON)
        await claim(connection, head, NOON + LASTS)
        assert await claimable_deliveries(connection, SERVER, NOON) == []
        await prepare_partitions(connection, NOON)
        assert len(await take_partitions(connection, "one", NOON)) == NUMBER_OF_PARTITIONS
        await release_claims(connection)
        (head,) = await claimable_deliveries(connection, SERVER, NOON)
        assert head.delivery.attempts == 1
        assert len(await take_partitions(connection, "another", NOON)) == NUMBER_OF_PARTITIONS

    assert await take(database, "another")


async def test_a_lease_may_have_a_long_name(database: Database) -> None:
    assert await take(database, "x" * 25, name="x" * 50)
