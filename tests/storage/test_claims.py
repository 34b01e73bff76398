"""Several processes on one database: one process per delivery at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.domain.alert_types import Urgency
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import lock_server
from bot.storage.claims import claim, claimable_deliveries, is_claimed, next_due
from bot.storage.database import Database, open_database
from bot.storage.deliveries import DeliveryKind, mark_delivered, retry_now
from bot.storage.incidents import get_incident
from bot.storage.schema import deliveries
from tests.clocks import NOON
from tests.patience import GENEROUS
from tests.storage.locks import wait_for_blocked_transaction
from tests.storage.seeds import SERVER, add_route, deliver, start_incident

MINUTE = timedelta(minutes=1)
INCIDENTS, STEPS = 12, 3


async def opened(url: str, stack: AsyncExitStack, number: int) -> list[Database]:
    """Open a database once per process, with several incidents of several deliveries."""
    processes = [await stack.enter_async_context(open_database(SecretStr(url))) for _ in range(number)]
    async with processes[0].transaction() as connection:
        await add_route(connection, await ensure_account(connection, "primary", NOON))
        for incident in range(INCIDENTS):
            id_ = await start_incident(connection, incident)
            for step in range(STEPS):
                await deliver(connection, f"{incident}.{step}", incident_id=id_)
    return processes


@pytest.fixture
async def processes(url: SecretStr) -> AsyncIterator[list[Database]]:
    async with AsyncExitStack() as stack:
        yield await opened(url.get_secret_value(), stack, 3)


@pytest.fixture
async def on_postgres(postgres_url: str) -> AsyncIterator[list[Database]]:
    async with AsyncExitStack() as stack:
        yield await opened(postgres_url, stack, 2)


async def claim_next(database: Database) -> list[str]:
    async with database.transaction() as connection:
        heads = await claimable_deliveries(connection, SERVER, NOON)
        return [one.nonce for one in await claim(connection, heads[0], NOON + MINUTE)] if heads else []


async def test_no_two_processes_claim_the_same_delivery(processes: list[Database]) -> None:
    claimed: list[str] = []

    async def work(database: Database) -> None:
        while len(claimed) < INCIDENTS * STEPS:
            claimed.extend(await claim_next(database))

    async with asyncio.timeout(GENEROUS):
        await asyncio.gather(*(work(database) for database in processes for _ in range(2)))

    assert sorted(claimed) == sorted(f"{incident}.{step}" for incident in range(INCIDENTS) for step in range(STEPS))


async def test_each_incident_is_posted_in_order_whatever_process_posts_it(processes: list[Database]) -> None:
    """Each process claims one at a time, and its next update only after the previous one was delivered."""
    posted: list[str] = []

    async def work(database: Database) -> None:
        while True:
            async with database.transaction() as connection:
                if await next_due(connection, NOON) is None:
                    return
                heads = await claimable_deliveries(connection, SERVER, NOON)
                first = (await claim(connection, heads[0], NOON + MINUTE))[0] if heads else None
            if first is not None:
                posted.append(first.nonce)
                async with database.transaction() as connection:
                    await mark_delivered(connection, [first.id], NOON)

    async with asyncio.timeout(GENEROUS):
        await asyncio.gather(*(work(database) for database in processes))

    assert len(posted) == INCIDENTS * STEPS
    for incident in range(INCIDENTS):
        of_one = [nonce for nonce in posted if nonce.split(".")[0] == str(incident)]
        assert of_one == sorted(of_one)


async def test_on_postgres_deliveries_locked_by_another_process_are_skipped_without_waiting(
    on_postgres: list[Database],
) -> None:
    one, another = on_postgres
    async with one.transaction() as connection:
        heads = await claimable_deliveries(connection, SERVER, NOON)
        async with asyncio.timeout(GENEROUS), another.transaction() as elsewhere:
            await deliver(elsewhere, "just now", kind=DeliveryKind.TEST)
            (head,) = await claimable_deliveries(elsewhere, SERVER, NOON)
            assert head.delivery.nonce == "just now"
        await claim(connection, heads[0], NOON + MINUTE)

    async with another.transaction() as elsewhere:
        free = {head.delivery.nonce for head in await claimable_deliveries(elsewhere, SERVER, NOON)}
    assert free == {"just now", *(head.delivery.nonce for head in heads[1:])}


async def test_on_postgres_later_updates_of_a_locked_incident_are_not_claimable(
    on_postgres: list[Database],
) -> None:
    one, another = on_postgres
    async with one.transaction() as connection:
        assert len(await claimable_deliveries(connection, SERVER, NOON)) == INCIDENTS
        async with asyncio.timeout(GENEROUS), another.transaction() as elsewhere:
            assert await claimable_deliveries(elsewhere, SERVER, NOON) == []


async def test_on_postgres_an_incident_being_changed_waits_its_turn(on_postgres: list[Database]) -> None:
    """Two moderators may press two buttons at once, in two processes."""
    one, another = on_postgres
    order: list[str] = []

    async def second() -> None:
        async with another.transaction() as connection:
            await get_incident(connection, 1)
            order.append("second begins")

    async with asyncio.TaskGroup() as group, one.transaction() as connection:
        await get_incident(connection, 1)
        group.create_task(second())
        await wait_for_blocked_transaction(one)
        order.append("first ends")

    assert order == ["first ends", "second begins"]


async def test_on_postgres_retry_now_waits_for_a_round_that_records(
    on_postgres: list[Database],
) -> None:
    """Both change several deliveries of a server: in different orders they would deadlock."""
    one, another = on_postgres

    async def hurry() -> None:
        async with another.transaction() as connection:
            await retry_now(connection, SERVER, NOON)

    async with asyncio.TaskGroup() as group, one.transaction() as connection:
        assert await lock_server(connection, SERVER)
        group.create_task(hurry())
        await wait_for_blocked_transaction(one)


async def test_on_postgres_a_checked_claim_holds_until_the_transaction_ends(
    on_postgres: list[Database],
) -> None:
    """While a process records a delivery, no other process may claim it."""
    one, another = on_postgres
    (first, *_) = await claim_next(one)
    later = NOON + MINUTE
    async with one.transaction() as connection:
        (id_,) = [row.id for row in await connection.execute(select(deliveries).where(deliveries.c.nonce == first))]
        assert await is_claimed(connection, id_, later)
        async with asyncio.timeout(GENEROUS), another.transaction() as elsewhere:
            assert first not in {head.delivery.nonce for head in await claimable_deliveries(elsewhere, SERVER, later)}

    async with another.transaction() as elsewhere:
        assert first in {head.delivery.nonce for head in await claimable_deliveries(elsewhere, SERVER, later)}


async def test_concurrent_deliveries_keep_their_urgency_in_every_process(processes: list[Database]) -> None:
    async with processes[0].transaction() as connection:
        await deliver(connection, "worse", incident_id=INCIDENTS, urgency=Urgency.URGENT)
    async with processes[1].transaction() as connection:
        heads = await claimable_deliveries(connection, SERVER, NOON)

    assert heads[0].delivery.nonce == f"{INCIDENTS - 1}.0"
