"""Watches, traces and application state."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot.storage.accounts import ensure_account
from bot.storage.app_state import get_value, set_value
from bot.storage.database import Database
from bot.storage.traces import TraceRecord, delete_traces, recent_traces, save_traces
from bot.storage.watches import Watch, add_watch, count_watches, record_watch_result, remove_watch, watches_of
from tests.clocks import NOON
from tests.storage.seeds import OTHER_SERVER, SERVER, TOKEN

MINUTE = timedelta(minutes=1)


def message(number: int) -> UUID:
    return UUID(int=number)


def watch(number: int, **members: object) -> Watch:
    plain = Watch(message(number), TOKEN, SERVER, watched_by=7, watched_at=NOON + number * MINUTE)
    return replace(plain, **members)  # type: ignore[arg-type]


# --- Watches


async def test_watches_are_of_one_account_oldest_first(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await add_watch(connection, another, watch(9))
        for number in (2, 1, 3):
            await add_watch(connection, account_id, watch(number))
        assert await watches_of(connection, account_id) == [watch(1), watch(2), watch(3)]
        assert await count_watches(connection, account_id) == 3


async def test_watching_twice_is_watching_once(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_watch(connection, account_id, watch(1))
        await add_watch(connection, account_id, watch(1, watched_by=8))
        assert await watches_of(connection, account_id) == [watch(1, watched_by=8)]


async def test_a_watch_is_removed_once(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_watch(connection, account_id, watch(1))
        await add_watch(connection, account_id, watch(2))
        assert await remove_watch(connection, account_id, message(1))
        assert not await remove_watch(connection, account_id, message(1))
        assert await watches_of(connection, account_id) == [watch(2)]


async def test_a_watch_has_its_last_result_and_keeps_its_token(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_watch(connection, account_id, watch(1))
        await add_watch(connection, account_id, watch(2))
        await record_watch_result(
            connection, account_id, message(1), token_id=None, problem="MessageNotFound: HTTP 404"
        )
        assert await watches_of(connection, account_id) == [
            watch(1, last_error="MessageNotFound: HTTP 404"),
            watch(2),
        ]
        await record_watch_result(connection, account_id, message(1), token_id=222, problem=None)
        assert await watches_of(connection, account_id) == [watch(1, token_id=222), watch(2)]


# --- Traces


def traced(number: int, minute: int, *, server_id: int = SERVER, token_id: int = TOKEN) -> TraceRecord:
    return TraceRecord(server_id, message(number), token_id, traced_at=NOON + minute * MINUTE)


async def test_recent_traces_are_limited_to_one_server_latest_first(database: Database) -> None:
    async with database.transaction() as connection:
        await save_traces(connection, [traced(1, 1), traced(9, 9, server_id=OTHER_SERVER), traced(3, 3)])
        await save_traces(connection, [traced(2, 2)])
        assert await recent_traces(connection, SERVER, most=9) == [traced(3, 3), traced(2, 2), traced(1, 1)]
        assert await recent_traces(connection, SERVER, most=2) == [traced(3, 3), traced(2, 2)]


async def test_a_message_traced_again_is_saved_once_with_its_current_token(database: Database) -> None:
    async with database.transaction() as connection:
        await save_traces(connection, [traced(1, 1), traced(2, 2)])
        await save_traces(connection, [traced(1, 3, token_id=222), traced(1, 4, token_id=333)])
        assert await recent_traces(connection, SERVER, most=9) == [traced(1, 4, token_id=333), traced(2, 2)]


async def test_saving_no_traces_changes_nothing(database: Database) -> None:
    async with database.transaction() as connection:
        await save_traces(connection, [])
        assert await recent_traces(connection, SERVER, most=9) == []


async def test_old_traces_are_deleted_in_every_server(database: Database) -> None:
    async with database.transaction() as connection:
        await save_traces(connection, [traced(1, 1), traced(2, 2), traced(1, 1, server_id=OTHER_SERVER)])
        await delete_traces(connection, NOON + 2 * MINUTE)
        assert await recent_traces(connection, SERVER, most=9) == [traced(2, 2)]
        assert await recent_traces(connection, OTHER_SERVER, most=9) == []


# --- Application state


async def test_a_value_is_what_was_written_last(database: Database) -> None:
    async with database.transaction() as connection:
        assert await get_value(connection, "commands") is None
        await set_value(connection, "commands", "one")
        await set_value(connection, "commands", "two")
        await set_value(connection, "another", "three")
        assert await get_value(connection, "commands") == "two"
