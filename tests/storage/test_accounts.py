"""Accounts: one per name, and the state of their rounds."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import NoResultFound

from bot.domain.evaluation import TrackedToken
from bot.domain.outages import NoDataCause, Outage
from bot.domain.readings import Reading
from bot.storage.accounts import (
    Account,
    UnchangedCheck,
    ensure_account,
    fleet_was_listed,
    get_account,
    record_failure,
    record_fleet_refused,
    record_success,
    record_unchanged,
)
from bot.storage.database import Database, open_database
from bot.storage.tokens import save_tokens
from bot.storage.watches import remove_watch
from tests.clocks import NOON
from tests.patience import GENEROUS

OUTAGE = Outage(
    NoDataCause.NO_RESPONSE,
    NOON - timedelta(minutes=2),
    NOON,
    3,
    2,
    NoDataCause.FLEET_EMPTY,
    NOON - timedelta(minutes=1),
)


async def account_of(database: Database, account_id: int) -> Account:
    async with database.reading() as connection:
        return await get_account(connection, account_id, NOON)


async def test_an_account_is_created_once_and_found_again(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        assert await ensure_account(connection, "primary", NOON + timedelta(days=1)) == account_id
        assert await ensure_account(connection, "another", NOON) != account_id


async def test_several_processes_that_start_at_once_share_one_account(database: Database) -> None:
    async def start() -> int:
        async with database.transaction() as connection:
            return await ensure_account(connection, "primary", NOON)

    assert len(set(await asyncio.gather(*(start() for _ in range(4))))) == 1


async def test_nothing_is_known_of_a_new_account(database: Database, account_id: int) -> None:
    assert await account_of(database, account_id) == Account(account_id, None, None, None)


async def test_only_created_accounts_exist(database: Database, account_id: int) -> None:
    with pytest.raises(NoResultFound):
        await account_of(database, account_id + 1)


async def test_a_successful_round_clears_the_error_and_an_error_keeps_the_last_success(
    database: Database, account_id: int
) -> None:
    async with database.transaction() as connection:
        await record_failure(connection, account_id, OUTAGE, "Unreachable: no answer")
    assert await account_of(database, account_id) == Account(account_id, None, None, "Unreachable: no answer", OUTAGE)

    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON, lists_fleet=True, never_read=[111, 222])
    assert await account_of(database, account_id) == Account(account_id, True, NOON, None, None, (111, 222))
    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON, lists_fleet=True)
    assert await account_of(database, account_id) == Account(account_id, True, NOON, None)

    async with database.transaction() as connection:
        await record_failure(connection, account_id, OUTAGE, "RateLimited: HTTP 429")
    assert await account_of(database, account_id) == Account(account_id, True, NOON, "RateLimited: HTTP 429", OUTAGE)


async def test_a_refused_fleet_does_not_change_the_last_success(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON, lists_fleet=True)
        await record_fleet_refused(connection, account_id)

    assert await account_of(database, account_id) == Account(account_id, False, NOON, None)


async def test_a_fleet_was_listed_once_it_or_one_of_its_tokens_was(database: Database, account_id: int) -> None:
    listed, traced = (TrackedToken(Reading(id_, NOON, status="FAST"), NOON, in_fleet=id_ == 1) for id_ in (1, 2))
    async with database.transaction() as connection:
        assert not await fleet_was_listed(connection, account_id)
        await save_tokens(connection, account_id, [traced])
        await record_success(connection, account_id, NOON, lists_fleet=False)
        assert not await fleet_was_listed(connection, account_id)
        await save_tokens(connection, account_id, [listed])
        assert await fleet_was_listed(connection, account_id)
        await record_fleet_refused(connection, account_id)
        assert not await fleet_was_listed(connection, account_id)
        await record_success(connection, account_id, NOON, lists_fleet=True)
        assert await fleet_was_listed(connection, account_id)


async def test_accounts_are_independent(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await record_success(connection, another, NOON, lists_fleet=True)
        await record_failure(connection, another, OUTAGE, "Unreachable: no answer")
        await record_fleet_refused(connection, another)

    assert await account_of(database, account_id) == Account(account_id, None, None, None)


# --- Checks that found nothing new

LATER = NOON + timedelta(minutes=1)


async def recorded(database: Database, account_id: int, revision: int = 0, since: datetime = NOON) -> bool:
    """Record a check that found nothing new since then, and return whether that is so."""
    async with database.transaction() as connection:
        return account_id in await record_unchanged(connection, [UnchangedCheck(account_id, revision, since, LATER)])


async def test_checks_that_found_nothing_new_are_recorded_together(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        never = await ensure_account(connection, "never checked", NOON)
        for one in (account_id, another):
            await record_success(connection, one, NOON, lists_fleet=True)
        checks = [UnchangedCheck(one, 0, NOON, LATER) for one in (account_id, another, never)]
        assert await record_unchanged(connection, checks) == {account_id, another}
    async with database.reading() as connection:
        assert (await get_account(connection, account_id, LATER)).last_success_at == LATER


@pytest.mark.slow
async def test_checks_are_recorded_while_a_slow_round_writes_another_account(postgres_url: str) -> None:
    """Otherwise their accounts would be locked for as long, and with them the rounds that find a change."""
    async with open_database(SecretStr(postgres_url)) as database:
        async with database.transaction() as connection:
            ids = [await ensure_account(connection, name, NOON) for name in ("slow", "quick")]
            for one in ids:
                await record_success(connection, one, NOON, lists_fleet=True)
        async with database.transaction() as slow:
            await record_success(slow, ids[0], NOON, lists_fleet=True)
            async with asyncio.timeout(GENEROUS), database.transaction() as connection:
                checks = [UnchangedCheck(one, 0, NOON, LATER) for one in ids]
                assert await record_unchanged(connection, checks) == {ids[1]}


async def test_a_check_is_not_recorded_over_that_of_another_process(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON + timedelta(seconds=1), lists_fleet=True)
    assert not await recorded(database, account_id)


async def test_a_check_is_not_recorded_over_an_outage(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON, lists_fleet=True)
        await record_failure(connection, account_id, OUTAGE, "")
    assert not await recorded(database, account_id)


async def test_a_check_is_not_recorded_over_a_change(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON, lists_fleet=True)
        await remove_watch(connection, account_id, UUID(int=1))
    assert not await recorded(database, account_id)
    assert await recorded(database, account_id, revision=1)
    async with database.transaction() as connection:
        await remove_watch(connection, account_id, UUID(int=1))
        await remove_watch(connection, account_id, UUID(int=2))
    assert (await account_of(database, account_id)).revision == 2
