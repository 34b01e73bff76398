"""Make the pictures of docs/troubleshooting.md: what `/status` says while the database cannot be used.

python -m docs.database_pictures

The faults are real: the file is damaged, a server accepts no more connections, or its database is dropped.
"""

import asyncio
import contextlib
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg
from sqlalchemy import text

from bot.app.command_sync import sync_commands
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel
from bot.storage.accounts import ensure_account
from bot.storage.database import Database
from bot.ui import texts
from docs.picture_stage import CALM, Stage, open_stage
from tests.databases import damage_table, migrate, running_postgres
from tests.standins.postgres_proxy import PostgresProxy, proxied

_FAULT: Final = 3
"""The minute in which the fault begins."""
_CONNECTIONS: Final = 5
"""The connections that the bot keeps open to a file."""


@dataclass(frozen=True, slots=True)
class _Server:
    """A PostgreSQL with the bot's database, to which a proxy leads."""

    psql: Any
    url: str
    proxy: PostgresProxy


async def make_database_pictures() -> None:
    """Make all of them."""
    await _unreachable()
    await _no_response()
    await _read_only()
    await _too_many_connections()
    await _dropped()
    await _new()
    await _full()
    await _held()
    await _failing_disk()
    await _damaged()
    await _deleted()
    await _nothing_recorded_by_own_error()
    await _no_check_processed()


# --- PostgreSQL


async def _unreachable() -> None:
    async with _on_server() as (stage, server):
        await stage.world.bot.outage_alerts.step()
        await server.proxy.stop()
        await _picture(stage, "status-nothing-recorded")
        await stage.world.bot.outage_alerts.step()
        await stage.live.publish()
        await stage.picture("alert-nothing-recorded", stage.card(texts.database.TITLE))


async def _no_response() -> None:
    """The time limits of what the bot does for a command would not pass: SimCord keeps its timers."""
    async with _on_server() as (stage, server), _connection(server.url) as other, other.transaction():
        await other.execute("LOCK TABLE accounts IN SHARE MODE")
        await _picture(stage, "status-database-silent")


async def _read_only() -> None:
    async with _on_server() as (stage, server):
        server.psql("ALTER SYSTEM SET default_transaction_read_only = on;")
        server.psql("SELECT pg_reload_conf();")
        await _picture(stage, "status-read-only")


async def _too_many_connections() -> None:
    async with _on_server() as (stage, server):
        await server.proxy.stop()
        async with _all_connections(server.url):
            await server.proxy.start()
            await _picture(stage, "status-database-connections")


@asynccontextmanager
async def _all_connections(url: str) -> AsyncIterator[None]:
    """Use all connections that a server accepts."""
    async with AsyncExitStack() as stack:
        with contextlib.suppress(asyncpg.TooManyConnectionsError):
            while True:
                await stack.enter_async_context(_connection(url))
        yield


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _dropped() -> None:
    async with _on_server() as (stage, server):
        server.psql("DROP DATABASE fastwatch WITH (FORCE);")
        await _picture(stage, "status-database-refused")


async def _new() -> None:
    """After a start with a new database, the bot does what it does here."""
    async with _on_server(until=0) as (stage, server):
        server.psql("DROP DATABASE fastwatch WITH (FORCE);")
        server.psql("CREATE DATABASE fastwatch;")
        migrate(server.url)
        bot, clock = stage.world.bot, stage.world.clock
        async with bot.services.database.transaction() as connection:
            await ensure_account(connection, "primary", clock.now())
        await sync_commands(bot.tree, bot.services.database, clock)
        await stage.play_until(15)
        await stage.picture_of_status("status-database-new")


@asynccontextmanager
async def _on_server(until: float = _FAULT) -> AsyncIterator[tuple[Stage, _Server]]:
    """Open a stage whose bot has checked tokens, on a PostgreSQL."""
    with running_postgres() as server:
        server.psql("CREATE DATABASE fastwatch;")
        direct = str(server.get_uri(database="fastwatch"))
        async with proxied(direct) as (proxy, url), open_stage(CALM, database_url=url) as stage:
            await stage.play_until(until)
            yield stage, _Server(server.psql, direct, proxy)


# --- SQLite


async def _full() -> None:
    async with _on_file() as (stage, _):
        await _use_no_more_pages(stage.world.bot.services.database)
        await _picture(stage, "status-database-full")


async def _use_no_more_pages(database: Database) -> None:
    """Let no connection enlarge the file, as if its disk were full."""
    async with AsyncExitStack() as stack:
        for _ in range(_CONNECTIONS):
            connection = await stack.enter_async_context(database.reading())
            await connection.execute(text("PRAGMA max_page_count = 1"))


async def _held() -> None:
    async with _on_file() as (stage, file):
        with _opened(file) as other:
            other.execute("BEGIN EXCLUSIVE")
            await _picture(stage, "status-database-held")


async def _failing_disk() -> None:
    async with _on_file() as (stage, file):
        with _no_growth(file.with_name(f"{file.name}-wal")):
            await _noticed(stage)
        await _picture(stage, "status-database-failed")


@contextmanager
def _no_growth(file: Path) -> Iterator[None]:
    """Let the system refuse every write of this process behind the present size of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def _damaged() -> None:
    async with _on_file() as (stage, file):
        with _opened(file) as other:
            # After a change, other connections read the file again.
            other.execute("UPDATE app_state SET value = value")
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage_table(file, "accounts")
        await _picture(stage, "status-database-damaged")


async def _deleted() -> None:
    async with _on_file() as (stage, file):
        file.unlink()
        await _picture(stage, "status-database-deleted")


async def _nothing_recorded_by_own_error() -> None:
    async with _on_file() as (stage, file):
        _drop(file, "samples")
        await _picture(stage, "status-database-internal")


async def _no_check_processed() -> None:
    """Without this table a check fails, which can still be recorded."""
    async with _on_file() as (stage, file):
        _drop(file, "watches")
        await stage.play_until(15)
        await stage.picture_of_status("status-checks-fail")


def _drop(file: Path, table: str) -> None:
    with _opened(file) as other:
        other.execute(f"DROP TABLE {table}")


@asynccontextmanager
async def _on_file() -> AsyncIterator[tuple[Stage, Path]]:
    """Open a stage whose bot has checked tokens, on an SQLite file."""
    with TemporaryDirectory(prefix="fastwatch-pictures-") as folder:
        file = Path(folder) / "fastwatch.db"
        async with open_stage(CALM, database_url=f"sqlite:///{file}") as stage:
            await stage.play_until(_FAULT)
            yield stage, file


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as another program does."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        yield other


# --- Both


async def _picture(stage: Stage, name: str) -> None:
    """Wait until the bot has noticed, and take a picture of `/status` ten minutes later."""
    await _noticed(stage)
    await stage.live.pass_time(10 * 60)
    await stage.picture_of_status(name)


async def _noticed(stage: Stage) -> None:
    minutes = count(_FAULT + 1)
    while stage.world.bot.services.database.outage.current is None:
        await stage.play_until(next(minutes))


if __name__ == "__main__":
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    asyncio.run(make_database_pictures())
