"""The database: migrated from any version, by any number of processes at once, and atomically."""

import asyncio
import threading
import traceback
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from bot.storage.app_state import get_value, set_value
from bot.storage.database import Database, DatabaseUnusable, engine_for, open_database
from bot.storage.schema import PARTIAL, accounts, metadata, samples
from bot.storage.tokens import save_tokens
from tests.clocks import NOON
from tests.storage.seeds import TOKEN, known

# Opening and migrating differ between SQLite and PostgreSQL.

PASSWORD = "made-up-password"


async def ask(database: Database, look: Callable[[Connection], object]) -> object:
    async with database.reading() as connection:
        return await connection.run_sync(look)


def tables_of(connection: Connection) -> list[str]:
    return sorted(inspect(connection).get_table_names())


def differences(connection: Connection) -> object:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return compare_metadata(context, metadata)


# --- Updates


async def test_an_empty_database_gets_all_tables(empty_url: SecretStr) -> None:
    async with open_database(empty_url) as database:
        assert await ask(database, tables_of) == sorted([*metadata.tables, "alembic_version"])


async def test_the_migrations_create_exactly_the_schema_of_the_queries(empty_url: SecretStr) -> None:
    async with open_database(empty_url) as database:
        assert await ask(database, differences) == []


async def test_the_migrations_make_the_same_indexes_partial_as_the_schema(empty_url: SecretStr) -> None:
    def conditions(connection: Connection) -> dict[str, str]:
        return {
            str(index["name"]): str(condition).strip("()")
            for table in metadata.tables
            for index in inspect(connection).get_indexes(table)
            for option, condition in index.get("dialect_options", {}).items()
            if option.endswith("_where")
        }

    indexes = {index for table in metadata.tables.values() for index in table.indexes}
    expected = {str(index.name): index.info[PARTIAL] for index in indexes if PARTIAL in index.info}
    async with open_database(empty_url) as database:
        assert await ask(database, conditions) == expected


async def test_opening_again_keeps_the_data(url: SecretStr) -> None:
    async with open_database(url) as database, database.transaction() as connection:
        await set_value(connection, "kept", "yes")
    async with open_database(url) as database, database.reading() as connection:
        assert await get_value(connection, "kept") == "yes"


async def test_several_processes_may_open_a_new_database_at_once(empty_url: SecretStr) -> None:
    async with AsyncExitStack() as stack:
        opened = await asyncio.gather(*(stack.enter_async_context(open_database(empty_url)) for _ in range(4)))

        for number, database in enumerate(opened):
            async with database.transaction() as connection:
                await set_value(connection, f"note {number}", "written")
        assert await ask(opened[0], differences) == []


async def test_a_database_of_a_newer_version_is_refused_unchanged(url: SecretStr) -> None:
    async with open_database(url) as database, database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.execute(text("DROP TABLE app_state"))
    with pytest.raises(DatabaseUnusable, match="A newer version of Fastwatch"):
        async with open_database(url):
            pass

    async with open_without_migrating(url) as database:
        assert "app_state" not in str(await ask(database, tables_of))
        async with database.reading() as connection:
            assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def open_without_migrating(url: SecretStr) -> "Opened":
    return Opened(url)


class Opened:
    """Opens a database as it is."""

    def __init__(self, url: SecretStr) -> None:
        self._engine = engine_for(url.get_secret_value())

    async def __aenter__(self) -> Database:
        return Database(self._engine)

    async def __aexit__(self, *_: object) -> None:
        await self._engine.dispose()


# --- Invalid responses


UNUSABLE = {
    "nobody listens": f"postgresql://user:{PASSWORD}@127.0.0.1:1/database",
    "no such host": f"postgresql://user:{PASSWORD}@nowhere.invalid/database",
    "a port that is none": f"postgresql://user:{PASSWORD}@127.0.0.1:port/database",
    "a password with signs in it": f"postgresql://user:a@b:{PASSWORD}@127.0.0.1/database",
    "a setting nobody knows": f"postgresql://user:{PASSWORD}@127.0.0.1:1/database?loudness=11",
    "no address at all": f"postgresql://[{PASSWORD}",
}


@pytest.mark.parametrize("sort", UNUSABLE)
async def test_an_unusable_url_is_reported_in_one_line_without_its_password(sort: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        async with open_database(SecretStr(UNUSABLE[sort])):
            pass
    message = str(caught.value)

    assert "DATABASE_URL" in message
    assert "\n" not in message
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


async def test_a_missing_postgres_database_is_reported(postgres_url: str) -> None:
    missing = postgres_url.replace("/fastwatch_", "/missing_")
    with pytest.raises(DatabaseUnusable, match=r'database "missing_\w+" does not exist'):
        async with open_database(SecretStr(missing)):
            pass


@pytest.mark.parametrize("sort", ["directory", "no database", "in no directory"])
async def test_a_file_that_is_no_database_is_reported_and_left_alone(tmp_path: Path, sort: str) -> None:
    file = tmp_path / "some" / "file"
    match sort:
        case "directory":
            file.mkdir(parents=True)
        case "no database":
            file.parent.mkdir()
            file.write_text("a shopping list " * 100, encoding="utf-8")
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        async with open_database(SecretStr(f"sqlite:///{file}")):
            pass

    await until_no_connection_works()
    assert sort != "no database" or file.read_text(encoding="utf-8").startswith("a shopping list")


async def test_a_journal_without_its_database_is_left_alone(tmp_path: Path) -> None:
    """SQLite would begin a new database, and delete what the journal of the old one holds."""
    file, journal = tmp_path / "fastwatch.db", tmp_path / "fastwatch.db-wal"
    journal.write_bytes(b"recorded")
    with pytest.raises(DatabaseUnusable, match=r"fastwatch.db is missing, but its journal .* put the database back"):
        async with open_database(SecretStr(f"sqlite:///{file}")):
            pass

    assert (journal.read_bytes(), file.exists()) == (b"recorded", False)


async def until_no_connection_works() -> None:
    """Wait for the driver's threads: one that could not connect is stopped, but not joined."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)


async def test_every_providers_spelling_of_sslmode_is_understood(postgres_url: str) -> None:
    async with open_database(SecretStr(f"{postgres_url}&sslmode=disable")) as database:
        assert await ask(database, differences) == []


# --- Transactions


async def test_a_transaction_rolled_back_by_an_error_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await set_value(connection, "half", "done")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.reading() as connection:
        assert await get_value(connection, "half") is None


async def test_a_failed_statement_rolls_back_the_earlier_ones(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await set_value(connection, "half", "done")
            await save_tokens(connection, 99, [known()])  # there is no such account

    with pytest.raises(IntegrityError):
        await fail()
    async with database.reading() as connection:
        assert await get_value(connection, "half") is None


async def test_sqlite_writers_wait_for_each_other_and_lose_nothing(sqlite_url: str) -> None:
    async def count_up() -> None:
        async with database.transaction() as connection:
            number = int(await get_value(connection, "number") or 0)
            await asyncio.sleep(0)
            await set_value(connection, "number", str(number + 1))

    async with open_database(SecretStr(sqlite_url)) as database:
        await asyncio.gather(*(count_up() for _ in range(8)))
        async with database.reading() as connection:
            assert await get_value(connection, "number") == "8"


async def test_sqlite_readers_do_not_wait_for_a_writer(sqlite_url: str) -> None:
    async with open_database(SecretStr(sqlite_url)) as database, database.transaction() as writing:
        await set_value(writing, "name", "value")
        async with database.reading() as reading:
            assert await get_value(reading, "name") is None


# --- Column types


@pytest.mark.parametrize(
    "time",
    [NOON, NOON.astimezone(timezone(timedelta(hours=-7))), datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)],
)
async def test_times_round_trip_aware_in_utc_with_microseconds(
    database: Database, account_id: int, time: datetime
) -> None:
    async with database.transaction() as connection:
        await connection.execute(update(accounts).values(last_success_at=time))
        saved = await connection.scalar(select(accounts.c.last_success_at))

    assert saved == time
    assert saved.tzinfo is UTC


@pytest.mark.parametrize("column", [accounts.c.created_at, samples.c.read_at])
async def test_a_naive_time_is_refused(database: Database, column: object) -> None:
    naive = NOON.replace(tzinfo=None)
    async with database.reading() as connection:
        with pytest.raises(StatementError, match="must be aware"):
            await connection.execute(select(text("1")).where(column == naive))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "duration",
    [
        timedelta(minutes=0.01),
        timedelta(hours=0.01),
        timedelta(minutes=199.99),
        timedelta(hours=999_999_999),
        timedelta(),
        None,
    ],
)
async def test_durations_keep_milliseconds(database: Database, account_id: int, duration: timedelta | None) -> None:
    row = {"account_id": account_id, "token_id": TOKEN, "read_at": NOON, "mode": "FAST", "fast_left": duration}
    async with database.transaction() as connection:
        await save_tokens(connection, account_id, [known()])
        await connection.execute(insert(samples).values(row))
        saved = (await connection.execute(select(samples.c.read_at, samples.c.fast_left))).one()

    assert tuple(saved) == (NOON, duration)


async def test_sqlite_uses_wal_and_foreign_keys(sqlite_url: str) -> None:
    async with open_database(SecretStr(sqlite_url)) as database, database.reading() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1


async def test_only_a_durable_transaction_waits_for_the_disk(sqlite_url: str) -> None:
    """SQLite's documentation of `PRAGMA synchronous`: 2 is FULL, 1 is NORMAL, which in WAL mode syncs no commit."""
    modes = []
    async with open_database(SecretStr(sqlite_url)) as database:
        for durable in (True, False, False, True):
            async with database.transaction(durable=durable) as connection:
                modes.append(await connection.scalar(text("PRAGMA synchronous")))
        async with database.transaction() as connection:
            modes.append(await connection.scalar(text("PRAGMA synchronous")))
    assert modes == [2, 1, 1, 2, 2]
