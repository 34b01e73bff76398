"""Alert routes: of each server, and of single tokens."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_routes import DisabledReason
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import (
    Route,
    get_route,
    lock_server,
    mark_route_broken,
    mark_route_working,
    remove_token_route,
    retry_routes,
    routes_of,
    set_route,
    token_routes_of,
)
from bot.storage.alerts_off import enforce_home_servers, switch_off
from bot.storage.database import Database, open_database
from bot.storage.deliveries import DeliveryKind
from tests.clocks import NOON, SetClock
from tests.patience import GENEROUS
from tests.storage.locks import wait_for_blocked_transaction
from tests.storage.seeds import OTHER_SERVER, SERVER, add_route, deliver, route

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
GONE, NOT_A_HOME = DisabledReason.UNKNOWN_CHANNEL, DisabledReason.SERVER_NOT_ALLOWED


async def test_a_server_has_no_route_until_one_is_set(database: Database) -> None:
    async with database.reading() as connection:
        assert await get_route(connection, SERVER) is None


async def broken_now(connection: AsyncConnection, broken: Route) -> bool:
    return await mark_route_broken(connection, broken, GONE, now=NOON, retry_at=NOON + MINUTE)


async def test_setting_a_route_again_replaces_the_old_one(database: Database, account_id: int) -> None:
    replaced = replace(route(account_id), channel_id=9, role_id=5, created_by=8, created_at=NOON + MINUTE)
    async with database.transaction() as connection:
        await set_route(connection, route(account_id))
        assert await get_route(connection, SERVER) == route(account_id)
        await set_route(connection, replaced)
        assert await routes_of(connection, account_id) == [replaced]


async def test_setting_a_broken_route_fixes_it(database: Database, account_id: int) -> None:
    broken = replace(route(account_id), disabled_reason=GONE, disabled_at=NOON, retry_at=NOON + MINUTE)
    async with database.transaction() as connection:
        await set_route(connection, route(account_id))
        await set_route(connection, route(account_id, OTHER_SERVER))
        assert await broken_now(connection, route(account_id))
        assert await routes_of(connection, account_id) == [broken, route(account_id, OTHER_SERVER)]
        await set_route(connection, route(account_id))
        assert await get_route(connection, SERVER) == route(account_id)


async def test_a_route_is_reported_broken_once(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await set_route(connection, route(account_id))
        await set_route(connection, route(account_id, token_id=222))
        for token_id in (None, 222):
            broken = route(account_id, token_id=token_id)
            assert await broken_now(connection, broken)
            again = NOON + MINUTE
            assert not await mark_route_broken(
                connection, broken, DisabledReason.REFUSED, now=again, retry_at=again + MINUTE
            )
        assert not await broken_now(connection, route(account_id, OTHER_SERVER))
        assert not await broken_now(connection, route(account_id, token_id=333))
        (own,) = await token_routes_of(connection, route(account_id))
        (servers,) = await routes_of(connection, account_id)

    for each in (servers, own):
        # The latest reason, and the time since when.
        assert each.disabled_reason is DisabledReason.REFUSED
        assert (each.disabled_at, each.retry_at) == (NOON, NOON + 2 * MINUTE)


async def test_a_route_that_leads_elsewhere_by_now_is_not_broken(database: Database, account_id: int) -> None:
    elsewhere = route(account_id, channel_id=9)
    async with database.transaction() as connection:
        await set_route(connection, elsewhere)
        assert not await broken_now(connection, route(account_id))
        assert await get_route(connection, SERVER) == elsewhere


async def test_the_broken_routes_of_a_server_are_tried_again(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for each in (route(account_id), route(account_id, token_id=222), route(account_id, OTHER_SERVER)):
            await set_route(connection, each)
        assert not await retry_routes(connection, SERVER, NOON)
        for each in (route(account_id, token_id=222), route(account_id, OTHER_SERVER)):
            await broken_now(connection, each)
        assert await retry_routes(connection, SERVER, NOON + SECOND)
        (own,) = await token_routes_of(connection, route(account_id))
        other = await get_route(connection, OTHER_SERVER)

        await enforce_home_servers(connection, {SERVER}, SetClock())
        assert not await retry_routes(connection, OTHER_SERVER, NOON)
    assert (own.retry_at, other and other.retry_at) == (NOON + SECOND, NOON + MINUTE)


async def test_a_working_route_is_fixed_unless_the_server_is_no_home(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await add_route(connection, account_id, server_id, disabled_reason=GONE)
        await mark_route_working(connection, route(account_id))
        assert await get_route(connection, SERVER) == route(account_id)
        assert await get_route(connection, OTHER_SERVER) == route(account_id, OTHER_SERVER, disabled_reason=GONE)

        await enforce_home_servers(connection, {OTHER_SERVER}, SetClock())
        await mark_route_working(connection, route(account_id))
        assert await get_route(connection, SERVER) == route(account_id, disabled_reason=NOT_A_HOME)


async def test_a_former_home_server_is_disabled_until_it_is_one_again(database: Database, account_id: int) -> None:
    mine, broken = route(account_id), replace(route(account_id, OTHER_SERVER), disabled_reason=DisabledReason.REFUSED)
    async with database.transaction() as connection:
        await set_route(connection, mine)
        await set_route(connection, broken)
        await enforce_home_servers(connection, {OTHER_SERVER}, SetClock())
        assert await routes_of(connection, account_id) == [broken]
        assert await get_route(connection, SERVER) == replace(mine, disabled_reason=NOT_A_HOME)
        await enforce_home_servers(connection, {SERVER, OTHER_SERVER}, SetClock())
        assert await routes_of(connection, account_id) == [mine, broken]


async def test_alerts_are_switched_off_once(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await set_route(connection, route(account_id))
        await set_route(connection, route(account_id, OTHER_SERVER))
        assert await switch_off(connection, SERVER, 8, SetClock())
        assert not await switch_off(connection, SERVER, 8, SetClock())
        assert await get_route(connection, SERVER) is None
        assert not await lock_server(connection, SERVER)
        assert await routes_of(connection, account_id) == [route(account_id, OTHER_SERVER)]


async def test_routes_belong_to_one_account(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await set_route(connection, route(another))
        assert await routes_of(connection, account_id) == []


# --- Tokens with their own route


async def test_token_routes_are_read_by_id_and_server(database: Database, account_id: int) -> None:
    mine = [route(account_id, token_id=token_id, channel_id=token_id, role_id=5) for token_id in (111, 222)]
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await set_route(connection, route(account_id, server_id))
        for own in (*mine[::-1], route(account_id, OTHER_SERVER, token_id=333)):
            await set_route(connection, own)
        assert await token_routes_of(connection, route(account_id)) == mine
        assert await get_route(connection, SERVER) == route(account_id)


async def test_setting_a_tokens_route_again_fixes_it(database: Database, account_id: int) -> None:
    replaced = route(account_id, token_id=222, channel_id=9)
    async with database.transaction() as connection:
        await set_route(connection, route(account_id))
        await add_route(connection, account_id, token_id=222, disabled_reason=GONE)
        await set_route(connection, replaced)
        assert await token_routes_of(connection, route(account_id)) == [replaced]


async def test_a_tokens_route_is_removed_once(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await set_route(connection, route(account_id, server_id))
            for token_id in (111, 222):
                await set_route(connection, route(account_id, server_id, token_id=token_id))
        assert await remove_token_route(connection, SERVER, 222)
        assert not await remove_token_route(connection, SERVER, 222)
        assert await token_routes_of(connection, route(account_id)) == [route(account_id, token_id=111)]
        assert len(await token_routes_of(connection, route(account_id, OTHER_SERVER))) == 2


async def test_a_server_without_alerts_has_no_token_routes(database: Database, account_id: int) -> None:
    async def set_one() -> None:
        async with database.transaction() as connection:
            await set_route(connection, route(account_id, token_id=222))

    with pytest.raises(IntegrityError):
        await set_one()
    async with database.transaction() as connection:
        await set_route(connection, route(account_id))
        await set_route(connection, route(account_id, token_id=222))
        await switch_off(connection, SERVER, 8, SetClock())
        await set_route(connection, route(account_id))
        assert await token_routes_of(connection, route(account_id)) == []


# --- One process at a time


async def test_only_a_server_with_alerts_can_be_locked(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await set_route(connection, route(account_id))
        assert await lock_server(connection, SERVER)
        assert not await lock_server(connection, OTHER_SERVER)


async def test_on_postgres_changes_of_a_servers_incidents_wait_their_turn(postgres_url: str) -> None:
    order: list[str] = []

    async def second() -> None:
        async with database.transaction() as connection:
            await lock_server(connection, SERVER)
            order.append("second begins")

    async with open_database(SecretStr(postgres_url)) as database:
        async with database.transaction() as connection:
            await add_route(connection, await ensure_account(connection, "primary", NOON))
        async with asyncio.TaskGroup() as group, database.transaction() as connection:
            await lock_server(connection, SERVER)
            group.create_task(second())
            await wait_for_blocked_transaction(database)
            order.append("first ends")

    assert order == ["first ends", "second begins"]


async def test_on_postgres_a_lock_blocks_no_other_server_nor_a_test(postgres_url: str) -> None:
    async with open_database(SecretStr(postgres_url)) as database:
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
            for server_id in (SERVER, OTHER_SERVER):
                await add_route(connection, account_id, server_id)
        async with database.transaction() as locking:
            await lock_server(locking, SERVER)
            async with asyncio.timeout(GENEROUS), database.transaction() as connection:
                assert await lock_server(connection, OTHER_SERVER)
                assert await deliver(connection, "one", kind=DeliveryKind.TEST)
