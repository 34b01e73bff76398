"""Accounts: one per name, and the state of their rounds."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from bot.storage.accounts import (
    Account,
    ensure_account,
    get_account,
    record_failure,
    record_fleet_refused,
    record_success,
)
from bot.storage.database import Database
from tests.clocks import NOON


async def account_of(database: Database, account_id: int) -> Account:
    async with database.reading() as connection:
        return await get_account(connection, account_id)


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
        await record_failure(connection, account_id, "Unreachable: no answer")
    assert await account_of(database, account_id) == Account(account_id, None, None, "Unreachable: no answer")

    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON, lists_fleet=True)
    assert await account_of(database, account_id) == Account(account_id, True, NOON, None)

    async with database.transaction() as connection:
        await record_failure(connection, account_id, "RateLimited: HTTP 429")
    assert await account_of(database, account_id) == Account(account_id, True, NOON, "RateLimited: HTTP 429")


async def test_a_refused_fleet_does_not_change_the_last_success(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await record_success(connection, account_id, NOON, lists_fleet=True)
        await record_fleet_refused(connection, account_id)

    assert await account_of(database, account_id) == Account(account_id, False, NOON, None)


async def test_accounts_are_independent(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await record_success(connection, another, NOON, lists_fleet=True)
        await record_failure(connection, another, "Unreachable: no answer")
        await record_fleet_refused(connection, another)

    assert await account_of(database, account_id) == Account(account_id, None, None, None)
