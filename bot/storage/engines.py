"""SQLAlchemy's engines for SQLite and PostgreSQL, with the settings and time limits of their connections."""

import socket
import sqlite3
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage import sqlite_driver
from bot.storage.database_url import asyncpg_target, parse_url
from bot.storage.sqlite_file import check_journal, prepare_sqlite
from bot.storage.unavailable import DatabaseUnusable, cause_of, closes_connection, unusable_because

COMMAND_SECONDS = 10
_POOL_SECONDS = 10
# After 20 s of silence the system sends probes, and closes a connection that answers none of three, or none for 20 s.
_KEEPALIVE = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 20_000}


def engine_for(url: str, *, command_seconds: float | None = COMMAND_SECONDS) -> AsyncEngine:
    """Return the engine for this URL, not connected yet. Raises DatabaseUnusable.

    `command_seconds` limits each command; None for migrations, which may take long.
    """
    target = parse_url(url)
    if target.get_backend_name() == "sqlite":
        engine = create_async_engine(
            target.set(drivername="sqlite+aiosqlite"), connect_args={"async_creator_fn": sqlite_driver.connect}
        )
        _try_to_open(engine)
        prepare_sqlite(engine.sync_engine, waits=command_seconds is None)
        return engine
    target, arguments = asyncpg_target(target)
    try:
        engine = create_async_engine(
            target,
            connect_args=arguments | {"command_timeout": command_seconds},
            # Connections of the pool do not survive a restart of the server.
            pool_pre_ping=True,
            pool_timeout=_POOL_SECONDS,
        )
    except ModuleNotFoundError:
        raise DatabaseUnusable(
            "PostgreSQL needs its driver, asyncpg, which is not installed. Run: make libraries-run."
        ) from None
    _prepare_postgresql(engine.sync_engine)
    return engine


def _try_to_open(engine: AsyncEngine) -> None:
    """Open the file once with sqlite3. After a failure, the thread of aiosqlite would outlive the event loop."""
    if engine.url.database:
        check_journal(Path(engine.url.database))
    arguments, options = engine.dialect.create_connect_args(engine.url)
    try:
        sqlite3.connect(arguments[0], **options).close()
    except sqlite3.Error as error:
        raise unusable_because(cause_of(error), str(error)) from None


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def keep_alive(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # asyncpg has no setting for it, and no public access to its socket.
        transport = getattr(connection.driver_connection, "_transport", None)
        used: socket.socket | None = transport.get_extra_info("socket") if transport is not None else None
        if used is None or used.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        used.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE.items():
            if hasattr(socket, name):  # not every system has all of them
                used.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    @event.listens_for(engine, "handle_error")
    def replace_connections(context: ExceptionContext) -> None:
        # SQLAlchemy notices closed connections. It keeps one that does not answer, or whose server became read-only.
        if closes_connection(context.original_exception):
            context.is_disconnect = True
