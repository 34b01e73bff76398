"""Opening the database: SQLite or PostgreSQL, brought to this version's tables before anything uses it."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

# A migration's file name begins with its number, which is its revision.
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_BUSY_SECONDS = 10
# Any number will do, as long as every process that brings tables up to date asks for the same.
_MIGRATION_LOCK = 0x666173747761


class DatabaseUnusable(Exception):
    """The database cannot be used. The text is one sentence that says what to do, and holds no password."""


class Database:
    """Transactions on the one database. Queries are functions that take a transaction (see the other modules)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(begin_immediate=True)
        # SQLite lets one write at a time, and has the others look again after pauses; this lets them queue instead.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that writes; it is kept at the end, or undone by an error."""
        async with self._turn, self._writing.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that only reads."""
        async with self._engine.connect() as connection:
            yield connection


@asynccontextmanager
async def open_database(url: SecretStr) -> AsyncIterator[Database]:
    """Connect, bring the tables up to date, and close at the end. Raises DatabaseUnusable."""
    engine = engine_for(url.get_secret_value())
    try:
        database = Database(engine)
        await _bring_up_to_date(database)
        yield database
    finally:
        # Without it the worker threads of aiosqlite keep the process from ending.
        await engine.dispose()


def engine_for(url: str) -> AsyncEngine:
    """Make the engine for this address, connected to nothing yet. Raises DatabaseUnusable."""
    try:
        target = make_url(url)
    except (ArgumentError, ValueError):
        # A ValueError quotes what stands where the port should be, which may be a part of the password.
        raise DatabaseUnusable("DATABASE_URL cannot be read; compare it with .env.example.") from None
    if target.get_backend_name() == "sqlite":
        engine = create_async_engine(target.set(drivername="sqlite+aiosqlite"))
        _try_to_open(engine)
        _prepare_sqlite(engine)
        return engine
    # Providers write `sslmode`, as libpq calls it; to asyncpg the same is `ssl`.
    query = {"ssl" if name == "sslmode" else name: value for name, value in target.query.items()}
    try:
        return create_async_engine(target.set(drivername="postgresql+asyncpg", query=query), pool_pre_ping=True)
    except ModuleNotFoundError:
        raise DatabaseUnusable('PostgreSQL needs its driver: pip install "fastwatch[postgres]".') from None


def _try_to_open(engine: AsyncEngine) -> None:
    """Open the file once without aiosqlite, whose thread outlives the event loop, and complains, where that fails."""
    arguments, options = engine.dialect.create_connect_args(engine.url)
    try:
        sqlite3.connect(arguments[0], **options).close()
    except sqlite3.Error as error:
        raise _cannot_be_opened(error) from None


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """Have every connection keep foreign keys, write ahead, wait its turn, and begin when it is told to."""

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver would begin transactions by its own rules; SQLAlchemy documents this way to take that over
        # (SQLite dialect, "Serializable isolation / Savepoints / Transactional DDL").
        connection.isolation_level = None
        cursor = connection.cursor()
        # The time to wait first: the others may have to.
        for pragma in (f"busy_timeout={_BUSY_SECONDS * 1000}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        # A new file is switched once for all. SQLite does not wait where another connection is just doing that.
        with contextlib.suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later could be refused half-way; IMMEDIATE waits at its start.
        immediate = connection.get_execution_options().get("begin_immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


async def _bring_up_to_date(database: Database) -> None:
    try:
        async with database.transaction() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            await connection.run_sync(_migrate)
    except (SQLAlchemyError, OSError, TypeError) as error:
        # A TypeError is the driver's word for a setting in the address that it does not know.
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise _cannot_be_opened(cause) from None


def _cannot_be_opened(cause: BaseException | None) -> DatabaseUnusable:
    return DatabaseUnusable(f"The database cannot be opened ({cause}); check DATABASE_URL.")


def _migrate(connection: Connection) -> None:
    """Run the migrations that this database has not seen. Alembic is loaded only then: it costs memory and time."""
    ours = {path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*.py")}
    current = _current_revision(connection)
    if current is not None and current not in ours:
        raise DatabaseUnusable("A newer version of Fastwatch wrote this database; start that version, or a newer one.")
    if current == max(ours):
        return
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
