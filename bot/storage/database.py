"""The database connection, to SQLite or PostgreSQL. Opening it runs the migrations first."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import Clock
from bot.metrics import DATABASE_TRANSACTION_DURATION
from bot.storage.account_revisions import count_changes, forget_marks
from bot.storage.database_outage import OutageTracker
from bot.storage.engines import engine_for
from bot.storage.sqlite_file import SqliteFile, check_pages
from bot.storage.unavailable import (
    Cause,
    DatabaseUnavailable,
    DatabaseUnusable,
    as_unavailable,
    cause_of,
    unusable_because,
)
from bot.storage.upgrade import Upgrade, current_revision, is_current, upgrade

__all__ = ["Database", "DatabaseUnavailable", "DatabaseUnusable", "engine_for", "open_database"]

_TRANSACTION_SECONDS = 30
_BUSY_ATTEMPTS = 10
_CLOSE_SECONDS = 1
_WRITE_DURATION = DATABASE_TRANSACTION_DURATION.labels("write")
_READ_DURATION = DATABASE_TRANSACTION_DURATION.labels("read")


class RemembersAccounts(Protocol):
    """What remembers accounts in memory."""

    def forget(self, account_ids: Collection[int], /) -> None:
        """Forget these accounts."""


class Database:
    """Transactions on the database. Queries are functions of the other modules, which take a connection.

    A transaction fails within 30 s, whatever the database does. `outage` says whether the last ones succeeded, and
    `is_shared` whether other processes may use the database too.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self.outage = OutageTracker(clock or Clock())
        self._engine = engine
        self._writing = {
            durable: engine.execution_options(begin_immediate=True, durable=durable) for durable in (True, False)
        }
        is_sqlite = engine.dialect.name == "sqlite"
        self.is_shared = not is_sqlite
        # SQLite allows one writer at a time, and the others poll with pauses (busy_timeout). This lock lets the tasks
        # of this process queue instead.
        self._turn = asyncio.Lock() if is_sqlite else nullcontext()
        self._change_listeners: WeakSet[RemembersAccounts] = WeakSet()
        self._file = SqliteFile(Path(engine.url.database)) if is_sqlite and engine.url.database else None

    def on_change(self, listener: RemembersAccounts) -> None:
        """Let it forget the accounts whose revision a transaction of this process has changed, as long as it exists."""
        self._change_listeners.add(listener)

    @asynccontextmanager
    async def transaction(self, *, durable: bool = True) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that writes. It is committed at the end, or rolled back by an exception.

        If it is not durable, a power failure may undo it, and nothing else. Then SQLite's one writer does not wait for
        the disk, and neither do those that wait for their turn to write. Raises DatabaseUnavailable.
        """
        with _WRITE_DURATION.time():
            async with self._reported(), self._turn, AsyncExitStack() as stack:
                connection = await self._begin(stack, self._writing[durable])
                forget_marks(connection)
                yield connection
                changed = await count_changes(connection)
        self.outage.succeeded()
        if changed:
            for listener in self._change_listeners:
                listener.forget(changed)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that only reads. Raises DatabaseUnavailable."""
        with _READ_DURATION.time():
            async with self._reported(), self._engine.connect() as connection:
                if self.outage.current is not None and self.outage.current.cause is Cause.READ_ONLY:
                    # Reading succeeds on a former primary, but no later transaction may get this session from the pool.
                    (await connection.get_raw_connection()).invalidate(soft=True)
                yield connection

    @asynccontextmanager
    async def dedicated(self) -> AsyncIterator[Any]:
        """Yield a driver's connection of its own, outside of the pool, and close it at the end.

        Raises DatabaseUnavailable if there is none.
        """
        async with AsyncExitStack() as stack:
            async with self._reported():
                connection = await stack.enter_async_context(self._engine.connect())
                driver_connection = (await connection.get_raw_connection()).driver_connection
                await connection.run_sync(Connection.detach)
            yield driver_connection

    async def _begin(self, stack: AsyncExitStack, engine: AsyncEngine) -> AsyncConnection:
        """Begin a transaction that ends with the stack. SQLite's own wait for a lock cannot be cancelled, so it is
        short, and repeated here.
        """
        for _ in range(_BUSY_ATTEMPTS - 1):
            try:
                return await stack.enter_async_context(engine.begin())
            except DBAPIError as error:
                if cause_of(error) is not Cause.BUSY:
                    raise
        return await stack.enter_async_context(engine.begin())

    @asynccontextmanager
    async def _reported(self) -> AsyncIterator[None]:
        """Limit the time of a transaction, and report to `outage` if the database cannot be used."""
        try:
            if self._file is not None:
                self._file.check()
            async with asyncio.timeout(_TRANSACTION_SECONDS):
                yield
        except DatabaseUnavailable as error:
            self.outage.failed(error)
            raise
        except (SQLAlchemyError, OSError) as error:
            unavailable = as_unavailable(error)
            if unavailable is None:
                raise
            self.outage.failed(unavailable)
            raise unavailable from error

    async def close(self) -> None:
        """Close the connections. Those that do not answer are left to the end of the process."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                # The worker threads of aiosqlite would keep the process from ending.
                await self._engine.dispose()


@asynccontextmanager
async def open_database(url: SecretStr, clock: Clock | None = None) -> AsyncIterator[Database]:
    """Connect, run the migrations, and close at the end. Raises DatabaseUnusable."""
    database = Database(engine_for(url.get_secret_value()), clock)
    try:
        await _upgrade(database, url.get_secret_value())
        yield database
    finally:
        await database.close()


async def migrate_database(url: SecretStr) -> Upgrade:
    """Run the migrations and close. Returns the versions before and after. Raises DatabaseUnusable."""
    database = Database(engine_for(url.get_secret_value()))
    try:
        return await _upgrade(database, url.get_secret_value())
    finally:
        await database.close()


async def _upgrade(database: Database, url: str) -> Upgrade:
    try:
        async with database.reading() as connection:
            if connection.dialect.name == "sqlite":
                await connection.run_sync(check_pages)
            current = await connection.run_sync(current_revision)
            if current is not None and await connection.run_sync(is_current):
                return Upgrade(current, current)
        migrating = engine_for(url, command_seconds=None)
        try:
            return await upgrade(migrating)
        finally:
            await migrating.dispose()
    except DatabaseUnavailable as error:
        raise unusable_because(error.cause, error.detail) from None
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        # The driver raises TypeError and ValueError for options of the address that it does not accept.
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise unusable_because(cause_of(error), str(cause)) from None
