"""What happens while the database serves nobody: each transaction fails soon, and one line is logged."""

import asyncio
import contextlib
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from bot.storage import database as database_module
from bot.storage import engines
from bot.storage.app_state import get_value, set_value
from bot.storage.database import Database, DatabaseUnusable, open_database
from bot.storage.database_outage import OutageTracker
from bot.storage.unavailable import Cause, DatabaseUnavailable, cause_of
from tests.clocks import SetClock
from tests.patience import GENEROUS
from tests.standins.postgres_proxy import PostgresProxy, proxied

BEGINS, ENDS = "The database cannot be used. Retrying.", "The database works again."


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time limits of a second, so that a test need not wait for the real ones."""
    monkeypatch.setattr(database_module, "engine_for", partial(engines.engine_for, command_seconds=1))
    monkeypatch.setattr(database_module, "_BUSY_ATTEMPTS", 1)


@pytest.fixture
def logged() -> Iterator[list[structlog.typing.EventDict]]:
    with capture_logs() as events:
        yield events


async def write(database: Database, value: str = "yes") -> None:
    async with database.transaction() as connection:
        await set_value(connection, "written", value)


async def fails(database: Database) -> Cause:
    """Try to write, and return why that failed."""
    async with asyncio.timeout(GENEROUS):
        with pytest.raises(DatabaseUnavailable) as caught:
            await write(database)
    return caught.value.cause


# --- PostgreSQL


@pytest.fixture
async def proxied_database(postgres_url: str, short_limits: None) -> AsyncIterator[tuple[PostgresProxy, Database]]:
    async with proxied(postgres_url) as (proxy, url), open_database(SecretStr(url)) as database:
        await write(database)
        yield proxy, database


@pytest.mark.slow
async def test_a_silent_connection_fails_in_time_and_the_next_transaction_has_a_new_one(
    proxied_database: tuple[PostgresProxy, Database], logged: list[structlog.typing.EventDict]
) -> None:
    proxy, database = proxied_database
    proxy.fall_silent()
    assert await fails(database) is Cause.NO_RESPONSE
    assert await fails(database) is Cause.NO_RESPONSE
    assert database.outage.current is not None

    proxy.speak()
    await write(database, "again")

    assert database.outage.current is None
    assert [event["event"] for event in logged] == [BEGINS, ENDS]


async def test_a_refused_connection_is_an_outage(
    proxied_database: tuple[PostgresProxy, Database], logged: list[structlog.typing.EventDict]
) -> None:
    proxy, database = proxied_database
    await proxy.stop()
    assert [await fails(database) for _ in range(3)] == [Cause.UNREACHABLE] * 3

    await proxy.start()
    await write(database)

    assert [event["event"] for event in logged] == [BEGINS, ENDS]


@pytest.mark.slow
async def test_a_locked_table_fails_in_time(postgres_url: str, short_limits: None) -> None:
    async with open_database(SecretStr(postgres_url)) as database, open_database(SecretStr(postgres_url)) as other:
        async with other.transaction() as connection:
            await connection.execute(text("LOCK TABLE app_state"))
            assert await fails(database) is Cause.NO_RESPONSE
        await write(database)


async def test_a_session_that_became_read_only_is_replaced(postgres_url: str) -> None:
    """After a failover, open sessions stay on the former primary, which is read-only now."""
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    async with open_database(SecretStr(postgres_url)) as writable:
        await set_read_only(writable, name, on=True)
        async with open_database(SecretStr(postgres_url)) as database:
            assert await fails(database) is Cause.READ_ONLY
            await set_read_only(writable, name, on=False)
            await write(database)


async def test_after_a_failover_no_session_of_the_former_primary_is_used(
    postgres_url: str, logged: list[structlog.typing.EventDict]
) -> None:
    """Those that only read succeed there, so they are in the pool when the new primary is."""
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    async with open_database(SecretStr(postgres_url)) as writable:
        await set_read_only(writable, name, on=True)
        async with open_database(SecretStr(postgres_url)) as database:
            assert await fails(database) is Cause.READ_ONLY
            async with database.reading() as one, database.reading() as other:
                await one.scalar(text("SELECT 1"))
                await other.scalar(text("SELECT 1"))
                await set_read_only(writable, name, on=False)
                await write(database)
            async with database.transaction() as one, database.transaction() as other:
                await set_value(one, "written", "here")
                await set_value(other, "also written", "there")

    assert [event["event"] for event in logged] == [BEGINS, ENDS]


async def set_read_only(database: Database, name: str, *, on: bool) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL transaction_read_only = off"))
        await connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = {on}"))


async def test_sockets_have_keepalive(proxied_database: tuple[PostgresProxy, Database]) -> None:
    _, database = proxied_database
    async with database.reading() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        used = driver._transport.get_extra_info("socket")
        assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


# --- SQLite


@pytest.fixture
async def file(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


async def test_a_file_that_another_program_holds_fails_in_time(
    sqlite_url: str, file: Path, short_limits: None, logged: list[structlog.typing.EventDict]
) -> None:
    async with open_database(SecretStr(sqlite_url)) as database:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await fails(database) is Cause.BUSY
        await write(database)
    assert [event["event"] for event in logged] == [BEGINS, ENDS]


@pytest.mark.slow
async def test_a_write_waits_for_another_program_longer_than_a_connection_does(sqlite_url: str, file: Path) -> None:
    async with open_database(SecretStr(sqlite_url)) as database:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(write(database))
            await asyncio.sleep(1.5)
            other.execute("ROLLBACK")
            async with asyncio.timeout(GENEROUS):
                await writing


async def test_a_full_disk_is_an_outage_that_people_can_still_read_in(sqlite_url: str) -> None:
    async with open_database(SecretStr(sqlite_url)) as database:
        await write(database)
        async with database.reading() as connection:
            pages = await connection.scalar(text("PRAGMA page_count"))
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(DatabaseUnavailable) as caught:
            async with database.transaction() as connection:
                await set_value(connection, "large", "x" * 100_000)
        async with database.reading() as connection:
            assert await get_value(connection, "written") == "yes"

    assert caught.value.cause is Cause.FULL


@pytest.mark.parametrize("change", ["deleted", "replaced", "moved"])
async def test_a_file_that_is_no_longer_there_is_noticed(sqlite_url: str, file: Path, change: str) -> None:
    async with open_database(SecretStr(sqlite_url)) as database:
        await write(database)
        aside = take_away(file, change)

        assert await fails(database) is Cause.FILE_REPLACED
        assert await fails(database) is Cause.FILE_REPLACED

        assert names_beside(file) == (["fastwatch.db"] if change == "replaced" else []), "none appears in its place"
        if change == "moved":
            aside.rename(file)
            await write(database)


def take_away(file: Path, change: str) -> Path:
    aside = file.with_suffix(".aside")
    match change:
        case "deleted":
            file.unlink()
        case "replaced":
            aside.write_bytes(file.read_bytes())
            aside.replace(file)
        case "moved":
            file.rename(aside)
    return aside


def names_beside(file: Path) -> list[str]:
    return [path.name for path in file.parent.glob("*.db")]


def damage_in_turn(file: Path) -> Iterator[str]:
    """Damage the first page of each table and index but the samples', one at a time; yield its name."""
    with contextlib.closing(sqlite3.connect(file)) as plain:
        first = plain.execute("SELECT name, rootpage FROM sqlite_master WHERE tbl_name != 'samples'").fetchall()
        (size,) = plain.execute("PRAGMA page_size").fetchone()
    whole = file.read_bytes()
    for name, page in first:
        file.write_bytes(whole[: (page - 1) * size] + b"\xff" * size + whole[page * size :])
        yield name


async def test_a_damaged_page_stops_the_start_with_one_sentence(sqlite_url: str, file: Path) -> None:
    for name in damage_in_turn(file):
        with pytest.raises(DatabaseUnusable, match=r"malformed.*restore a backup"):
            async with open_database(SecretStr(sqlite_url)):
                pytest.fail(f"the damaged page of {name} was not noticed")


# --- Both


async def test_an_error_of_a_query_is_no_outage(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("INSERT INTO app_state (name, value) VALUES ('once', ''), ('once', '')"))

    with pytest.raises(IntegrityError):
        await fail()
    assert database.outage.current is None


async def test_a_transaction_ends_in_time_whatever_it_waits_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_TRANSACTION_SECONDS", 0.1)
    with pytest.raises(DatabaseUnavailable) as caught:
        async with database.transaction():
            await asyncio.Event().wait()
    assert caught.value.cause is Cause.NO_RESPONSE


# --- The tracker


def test_a_check_that_cannot_be_recorded_outweighs_other_transactions(
    logged: list[structlog.typing.EventDict],
) -> None:
    clock = SetClock()
    outage = OutageTracker(clock)
    outage.check_failed(DatabaseUnavailable(Cause.NO_RESPONSE, "no response within 10 s"))
    outage.succeeded()
    assert outage.current is not None

    outage.failed(DatabaseUnavailable(Cause.FULL, "no space left on device"))
    assert outage.current.cause is Cause.FULL
    outage.check_succeeded()

    assert outage.current is None
    assert [event["event"] for event in logged] == [BEGINS, ENDS]


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("08006", Cause.UNREACHABLE),
        ("57P01", Cause.UNREACHABLE),
        ("57P02", Cause.UNREACHABLE),
        ("57P03", Cause.UNREACHABLE),
        ("25006", Cause.READ_ONLY),
        ("53100", Cause.FULL),
        ("53300", Cause.TOO_MANY_CONNECTIONS),
        ("55P03", Cause.BUSY),
        ("40001", Cause.BUSY),
        ("40P01", Cause.BUSY),
        ("28P01", Cause.ACCESS_DENIED),
        ("XX001", Cause.DAMAGED),
        ("23505", None),
        ("42P01", None),
    ],
)
def test_causes_of_postgresql(state: str, cause: Cause | None) -> None:
    class Error(Exception):
        sqlstate = state

    assert cause_of(Error()) is cause
