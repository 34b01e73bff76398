"""Mutes with an end, of one token or of all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.alerts_off import switch_off
from bot.storage.database import Database
from bot.storage.mutes import Mute, delete_mutes, mutes_of, remove_mute, set_mute
from tests.clocks import NOON, SetClock
from tests.storage.seeds import OTHER_SERVER, SERVER, TOKEN, add_route

HOUR = timedelta(hours=1)
OF_ONE = Mute(SERVER, TOKEN, expires_at=NOON + HOUR, reason="it is being repaired", muted_by=7, muted_at=NOON)
OF_ALL = replace(OF_ONE, token_id=None, expires_at=NOON + 2 * HOUR)


@pytest.fixture(autouse=True)
async def _routes(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await add_route(connection, account_id, server_id)


async def test_mutes_of_one_server_round_trip_sorted_by_expiry(database: Database) -> None:
    async with database.transaction() as connection:
        for mute in (OF_ALL, OF_ONE, replace(OF_ONE, server_id=OTHER_SERVER)):
            await set_mute(connection, mute)
        assert await mutes_of(connection, SERVER, NOON) == [OF_ONE, OF_ALL]


async def test_a_mute_expires_at_its_time(database: Database) -> None:
    async with database.transaction() as connection:
        await set_mute(connection, OF_ONE)
        assert await mutes_of(connection, SERVER, NOON + HOUR - timedelta(seconds=1)) == [OF_ONE]
        assert await mutes_of(connection, SERVER, NOON + HOUR) == []


@pytest.mark.parametrize("mute", [OF_ONE, OF_ALL])
async def test_muting_again_replaces_only_the_same_mute(database: Database, mute: Mute) -> None:
    others = [
        replace(OF_ONE, token_id=222),
        OF_ALL if mute is OF_ONE else OF_ONE,
    ]
    replaced = replace(mute, expires_at=NOON + 9 * HOUR, reason="", muted_by=8)
    async with database.transaction() as connection:
        for one in (mute, *others, replace(mute, server_id=OTHER_SERVER), replaced):
            await set_mute(connection, one)
        assert await mutes_of(connection, SERVER, NOON) == [*others, replaced]
        assert await mutes_of(connection, OTHER_SERVER, NOON) == [replace(mute, server_id=OTHER_SERVER)]


@pytest.mark.parametrize(("mute", "other"), [(OF_ONE, OF_ALL), (OF_ALL, OF_ONE)])
async def test_a_mute_is_removed_once_and_leaves_the_others(database: Database, mute: Mute, other: Mute) -> None:
    theirs = replace(mute, server_id=OTHER_SERVER)
    async with database.transaction() as connection:
        for one in (mute, other, theirs):
            await set_mute(connection, one)
        assert await remove_mute(connection, SERVER, mute.token_id)
        assert not await remove_mute(connection, SERVER, mute.token_id)
        assert await mutes_of(connection, SERVER, NOON) == [other]
        assert await mutes_of(connection, OTHER_SERVER, NOON) == [theirs]


async def test_expired_mutes_are_deleted(database: Database) -> None:
    async with database.transaction() as connection:
        await set_mute(connection, OF_ONE)
        await set_mute(connection, OF_ALL)
        await delete_mutes(connection, NOON + 2 * HOUR)
        assert await mutes_of(connection, SERVER, NOON) == [OF_ALL]


async def test_mutes_are_deleted_when_alerts_are_switched_off(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await set_mute(connection, OF_ONE)
        await switch_off(connection, SERVER, 8, SetClock())
        await add_route(connection, account_id)
        assert await mutes_of(connection, SERVER, NOON) == []
