"""The database connection, to SQLite or PostgreSQL. Opening it runs the migrations first."""

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
# The key of a PostgreSQL advisory lock: arbitrary, but the same in every process. It is "fastwa" in ASCII.
_MIGRATION_LOCK = 0x666173747761


class DatabaseUnusable(Exception):
    """The database cannot be used. The message is one sentence that says what to do, without the password."""


class Database:
    """Transactions on the database. Queries are functions of the other modules, which take a connection."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(begin_immediate=True)
        # SQLite allows one writer at a time, and the others poll with pauses (busy_timeout). This lock lets the tasks
        # of this process queue instead.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that writes. It is committed at the end, or rolled back by an exception."""
        async with self._turn, self._writing.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that only reads."""
        async with self._engine.connect() as connection:
            yield connection


@asynccontextmanager
async def open_database(url: SecretStr) -> AsyncIterator[Database]:
    """Connect, run the migrations, and close at the end. Raises DatabaseUnusable."""
    engine = engine_for(url.get_secret_value())
    try:
        database = Database(engine)
        await _run_migrations(database)
        yield database
    finally:
        # The worker threads of aiosqlite would keep the process from ending.
        await engine.dispose()


def engine_for(url: str) -> AsyncEngine:
    """Return the engine for this URL, not connected yet. Raises DatabaseUnusable."""
    try:
        target = make_url(url)
    except (ArgumentError, ValueError):
        # A ValueError quotes the text in place of the port, which may be part of the password.
        raise DatabaseUnusable("DATABASE_URL cannot be read; compare it with .env.example.") from None
    if target.get_backend_name() == "sqlite":
        engine = create_async_engine(target.set(drivername="sqlite+aiosqlite"))
        _try_to_open(engine)
        _prepare_sqlite(engine)
        return engine
    # Database providers write `sslmode`, the name of libpq; asyncpg calls the same option `ssl`.
    query = {"ssl" if name == "sslmode" else name: value for name, value in target.query.items()}
    try:
        # pool_pre_ping: connections of the pool do not survive a restart of the server.
        return create_async_engine(target.set(drivername="postgresql+asyncpg", query=query), pool_pre_ping=True)
    except ModuleNotFoundError:
        raise DatabaseUnusable('PostgreSQL needs its driver: pip install "fastwatch[postgres]".') from None


def _try_to_open(engine: AsyncEngine) -> None:
    """Open the file once with sqlite3. After a failure, the thread of aiosqlite would outlive the event loop."""
    arguments, options = engine.dialect.create_connect_args(engine.url)
    try:
        sqlite3.connect(arguments[0], **options).close()
    except sqlite3.Error as error:
        raise _cannot_be_opened(error) from None


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """Configure every connection: foreign keys, write-ahead log, a busy time-out, and explicit BEGIN."""

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # sqlite3 begins transactions by its own rules, only before INSERT, UPDATE and DELETE. SQLAlchemy documents how
        # to turn that off (SQLite dialect, "Serializable isolation / Savepoints / Transactional DDL").
        connection.isolation_level = None
        cursor = connection.cursor()
        # busy_timeout comes first, since the other PRAGMAs may have to wait too. Foreign keys are off by default in
        # SQLite.
        for pragma in (f"busy_timeout={_BUSY_SECONDS * 1000}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        # WAL lets readers and the writer work at the same time. The mode is stored in the file, so only the first
        # connection changes it. If another connection is changing it, SQLite fails at once, in spite of busy_timeout.
        with contextlib.suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and then writes can fail with SQLITE_BUSY half-way. IMMEDIATE waits at the
        # start.
        immediate = connection.get_execution_options().get("begin_immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


async def _run_migrations(database: Database) -> None:
    try:
        async with database.transaction() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            await connection.run_sync(_migrate)
    except (SQLAlchemyError, OSError, TypeError) as error:
        # asyncpg raises TypeError for an unknown option in the URL.
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise _cannot_be_opened(cause) from None


def _cannot_be_opened(cause: BaseException | None) -> DatabaseUnusable:
    return DatabaseUnusable(f"The database cannot be opened ({cause}); check DATABASE_URL.")


def _migrate(connection: Connection) -> None:
    """Run the migrations that are new to this database. Alembic is imported only then: it costs memory and time."""
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
