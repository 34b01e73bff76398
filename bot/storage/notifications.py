"""Notifications between the processes on one PostgreSQL, by LISTEN and NOTIFY. With SQLite there is one process."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.storage.database import Database, DatabaseUnavailable

log = structlog.get_logger(__name__)

_CHANNEL = "fastwatch_deliveries"
_NOTIFY = text(f"SELECT pg_notify('{_CHANNEL}', '')")
_ARRIVES_WITHIN_SECONDS = 5
_RETRY_SECONDS = 60
_RETRY_UNHEARD_SECONDS = 3600


async def notify(connection: AsyncConnection) -> None:
    """Notify all processes that deliveries are recorded, once the transaction is committed."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_NOTIFY)


class Listener:
    """Calls `notified` when any process has recorded deliveries, by a connection of its own."""

    def __init__(self, database: Database, clock: Clock, notified: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._notified = notified

    async def run(self) -> None:
        """Listen until cancelled. Raises nothing.

        A pooler such as PgBouncer may give each transaction another session, and then nobody hears what a session
        listens to. Whoever relies on this has to look now and then anyway.
        """
        is_heard = True
        while self._database.is_shared:
            try:
                was_heard, is_heard = is_heard, await self._listen()
                if was_heard and not is_heard:
                    log.info("Processes cannot notify each other through this database. They look for alerts instead.")
            except DatabaseUnavailable:
                pass  # reported by those that need it
            except Exception:
                log.exception("Processes cannot notify each other of alerts. Retrying.")
            await self._clock.sleep(_RETRY_SECONDS if is_heard else _RETRY_UNHEARD_SECONDS)

    async def _listen(self) -> bool:
        """Listen until the connection is closed; False if notifications do not arrive."""
        arrived, closed = asyncio.Event(), asyncio.Event()

        def receive(*_: Any) -> None:
            arrived.set()
            self._notified()

        async with self._database.dedicated() as connection:
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener(_CHANNEL, receive)
            async with self._database.transaction(durable=False) as own:
                await notify(own)
            await self._clock.wait(arrived, _ARRIVES_WITHIN_SECONDS)
            if arrived.is_set():
                await closed.wait()
        return arrived.is_set()
