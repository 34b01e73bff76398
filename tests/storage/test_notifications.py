"""Notifications of recorded deliveries: between processes on PostgreSQL, and none where they cannot arrive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.clock import Clock
from bot.storage import notifications
from bot.storage.accounts import ensure_account
from bot.storage.database import Database, open_database
from bot.storage.deliveries import DeliveryKind
from bot.storage.notifications import Listener
from tests.clocks import NOON
from tests.patience import GENEROUS
from tests.storage.seeds import add_route, deliver


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[asyncio.Queue[None]]:
    """Yield the notifications that a process gets, from when it listens."""
    got: asyncio.Queue[None] = asyncio.Queue()
    async with open_database(SecretStr(url)) as database:
        running = asyncio.create_task(Listener(database, Clock(), lambda: got.put_nowait(None)).run())
        await asyncio.wait_for(got.get(), GENEROUS)
        yield got
        running.cancel()


@pytest.fixture
async def other_process(postgres_url: str) -> AsyncIterator[Database]:
    async with open_database(SecretStr(postgres_url)) as database:
        async with database.transaction() as connection:
            await add_route(connection, await ensure_account(connection, "primary", NOON))
        yield database


@pytest.mark.slow
async def test_a_process_hears_what_another_has_recorded_once_it_is_committed(
    postgres_url: str, other_process: Database
) -> None:
    async with listening(postgres_url) as got:
        async with other_process.transaction() as connection:
            await deliver(connection, "one", kind=DeliveryKind.TEST)
            await deliver(connection, "two", kind=DeliveryKind.TEST)
            assert got.empty()
        await asyncio.wait_for(got.get(), GENEROUS)


@pytest.mark.slow
async def test_a_process_listens_again_after_its_connection_was_closed(
    postgres_url: str, other_process: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hears of itself that it listens, so it also looks for what it has missed meanwhile."""
    monkeypatch.setattr(notifications, "_RETRY_SECONDS", 0)
    async with listening(postgres_url) as got:
        async with other_process.transaction() as connection:
            listens = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            await connection.execute(text(listens))
        await asyncio.wait_for(got.get(), GENEROUS)


async def test_with_sqlite_nobody_listens(sqlite_url: str) -> None:
    async with open_database(SecretStr(sqlite_url)) as database:
        await Listener(database, Clock(), lambda: None).run()
