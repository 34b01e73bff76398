"""A copy to the other kind of database has everything, continues after an interruption, and never mixes data."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, func, insert, make_url, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_types import IncidentType
from bot.domain.conditions import ConditionState
from bot.domain.incidents import Incident
from bot.maintenance import tables
from bot.maintenance.copying import copy
from bot.maintenance.errors import NotDone
from bot.maintenance.sides import Side
from bot.storage.app_state import get_value, set_value
from bot.storage.condition_states import save_condition_states
from bot.storage.database import DatabaseUnusable, migrate_database, open_database
from bot.storage.incidents import save_incident
from bot.storage.partitions import take_partitions
from bot.storage.process_lock import hold_process_lock
from bot.storage.schema import accounts, app_state, audit, incidents, leases, metadata, partitions
from bot.storage.token_owners import set_owner
from tests.clocks import NOON, SetClock
from tests.storage.test_old_databases import HERE, MOD, RELAX, load, read_all

Rows = dict[str, list[dict[str, Any]]]
OF_PROCESSES = {"leases", "partitions", "processes"}


@pytest.fixture(scope="module")
def full_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with rows in every table."""
    path = tmp_path_factory.mktemp("full") / "fastwatch.db"
    asyncio.run(filled(SecretStr(f"sqlite:///{path}")))
    return path


@pytest.fixture
def full_sqlite(full_template: Path, tmp_path: Path) -> SecretStr:
    """A database with rows in every table."""
    return SecretStr(f"sqlite:///{shutil.copy(full_template, tmp_path / 'full.db')}")


async def filled(url: SecretStr) -> SecretStr:
    await load(url, "0004")
    await migrate_database(url)
    async with open_database(url) as database, database.transaction() as connection:
        for table in (leases, partitions):
            await connection.execute(delete(table))
        await set_owner(connection, HERE, RELAX, 7, named_by=MOD, now=NOON)
        await save_condition_states(connection, HERE, {IncidentType.CREDITS: ConditionState()})
        # Text that PostgreSQL sorts in another order than SQLite, unless told otherwise.
        for name in ("a", "B", "_", "ä", "Z", "a b", "a-b"):
            await set_value(connection, name, f"“{name}”")
    return url


async def everything(url: SecretStr) -> Rows:
    """All rows but those of running processes, in types that are the same on both databases."""

    def plain(value: Any) -> Any:
        return value.hex if isinstance(value, UUID) else value

    found = await read_all(url)
    return {
        name: sorted(({key: plain(value) for key, value in row.items()} for row in rows), key=repr)
        for name, rows in found.items()
        if name not in OF_PROCESSES
    }


def ignore(_: str) -> None:
    pass


async def copy_all(source: SecretStr, target: SecretStr) -> list[str]:
    """Copy, and return what was said."""
    said: list[str] = []
    await copy(source, target, SetClock(), said.append)
    return said


@pytest.fixture(params=[5_000, pytest.param(3, marks=pytest.mark.slow)], ids=["in one batch", "in many batches"])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(tables, "_BATCH", request.param)
    return int(request.param)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_BATCH", 10)


# --- Everything


@pytest.mark.slow
async def test_everything_arrives_in_postgresql_and_back(
    full_sqlite: SecretStr, empty_postgres_url: str, empty_sqlite_url: str, batch: int
) -> None:
    postgres, back = SecretStr(empty_postgres_url), SecretStr(empty_sqlite_url)
    before = await everything(full_sqlite)
    assert not [name for name, rows in before.items() if not rows]

    there = await copy_all(full_sqlite, postgres)
    assert await everything(postgres) == before
    again = await copy_all(postgres, back)
    assert await everything(back) == before

    # The same checksums on both databases.
    assert there == again
    assert len(there) == len(metadata.tables) - len(OF_PROCESSES)


@pytest.mark.slow
async def test_a_copy_to_the_same_kind_of_database_has_everything(
    full_sqlite: SecretStr, empty_sqlite_url: str, batch: int
) -> None:
    before = await everything(full_sqlite)

    await copy_all(full_sqlite, SecretStr(empty_sqlite_url))

    assert await everything(SecretStr(empty_sqlite_url)) == before
    assert await everything(full_sqlite) == before


async def test_an_existing_database_without_data_is_a_target(full_sqlite: SecretStr, sqlite_url: str) -> None:
    await copy_all(full_sqlite, SecretStr(sqlite_url))

    assert await everything(SecretStr(sqlite_url)) == await everything(full_sqlite)


def test_text_keys_have_the_same_order_on_both_databases() -> None:
    """The PostgreSQL of the tests has no locale that sorts as a language does; many servers have."""
    (table,) = (each for each in tables.copied_tables() if each.name == "app_state")

    dialect = make_url("postgresql+asyncpg://").get_dialect()()

    query = str(tables.rows_after(table, dialect, ("a",), None).compile(dialect=dialect))

    assert query.count('app_state.name COLLATE "C"') == 2


# --- Ids


async def new_ids(url: SecretStr) -> tuple[int, int]:
    """Add an incident and an entry of the audit log, and return their ids."""
    entry = {"server_id": 1, "member_id": 1, "action": "a", "target": "t", "at": NOON, "outcome": "o"}
    async with open_database(url) as database, database.transaction() as connection:
        new = await save_incident(connection, Incident(None, HERE, IncidentType.NO_DATA, started_at=NOON))
        added = await connection.execute(insert(audit).values(entry).returning(audit.c.id))
        return new.id or 0, added.scalar_one()


async def highest_ids(url: SecretStr) -> tuple[int, int]:
    async with open_database(url) as database, database.reading() as connection:
        found = [await connection.scalar(select(func.max(table.c.id))) for table in (incidents, audit)]
    return found[0], found[1]


@pytest.mark.slow
async def test_postgresql_goes_on_after_the_ids_of_sqlite(full_sqlite: SecretStr, empty_postgres_url: str) -> None:
    incident, entry = await highest_ids(full_sqlite)
    await copy_all(full_sqlite, SecretStr(empty_postgres_url))

    assert await new_ids(SecretStr(empty_postgres_url)) == (incident + 1, entry + 1)


@pytest.mark.slow
async def test_ids_of_deleted_rows_are_not_assigned_again(empty_postgres_url: str, postgres_url: str) -> None:
    source = await filled(SecretStr(empty_postgres_url))
    incident, entry = await new_ids(source)
    async with open_database(source) as database, database.transaction() as connection:
        await connection.execute(delete(incidents).where(incidents.c.id == incident))
        await connection.execute(delete(audit).where(audit.c.id == entry))

    await copy_all(source, SecretStr(postgres_url))

    assert await new_ids(SecretStr(postgres_url)) == (incident + 1, entry + 1)


@pytest.mark.slow
async def test_ids_begin_with_one_where_none_was_assigned(sqlite_url: str, empty_postgres_url: str) -> None:
    await copy_all(SecretStr(sqlite_url), SecretStr(empty_postgres_url))

    async with open_database(SecretStr(empty_postgres_url)) as database, database.transaction() as connection:
        account = insert(accounts).values(name="primary", created_at=NOON).returning(accounts.c.id)
        assert (await connection.execute(account)).scalar_one() == 1


# --- Interrupted


class Interrupted(Exception):
    """As if the process were killed."""


@asynccontextmanager
async def interrupted_after(writes: int) -> AsyncIterator[None]:
    """End a copy at its write of this number, before the commit."""
    right, count = Side.writing, 0

    @asynccontextmanager
    async def writing(side: Side) -> AsyncIterator[AsyncConnection]:
        nonlocal count
        count += 1
        async with right(side) as connection:
            yield connection
            if count > writes:
                raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Side, "writing", writing)
        try:
            yield
        except Interrupted:
            return
    raise AssertionError("it ended before the interruption")


async def interrupt(source: SecretStr, target: SecretStr, *, after: int) -> None:
    async with interrupted_after(after):
        await copy_all(source, target)


async def test_an_interrupted_copy_continues_and_no_bot_starts_on_it_before(
    full_sqlite: SecretStr, tmp_path_factory: pytest.TempPathFactory, small_batches: None
) -> None:
    before = await everything(full_sqlite)
    folder = tmp_path_factory.mktemp("targets")
    for after in (1, 9):
        target = SecretStr(f"sqlite:///{folder}/{after}.db")
        await interrupt(full_sqlite, target, after=after)
        with pytest.raises(DatabaseUnusable, match="A copy into this database has not finished"):
            await migrate_database(target)
        await interrupt(full_sqlite, target, after=2)

        said = await copy_all(full_sqlite, target)

        assert said[0] == "Continuing a copy that was interrupted."
        assert [line for line in said if "from the beginning" in line] == []
        assert await everything(target) == before


@pytest.mark.slow
async def test_an_interrupted_copy_to_postgresql_continues(
    full_sqlite: SecretStr, empty_postgres_url: str, small_batches: None
) -> None:
    target = SecretStr(empty_postgres_url)
    for _ in range(5):
        await interrupt(full_sqlite, target, after=4)
    with pytest.raises(DatabaseUnusable, match="A copy into this database has not finished"):
        await migrate_database(target)

    said = await copy_all(full_sqlite, target)

    assert [line for line in said if "from the beginning" in line] == []
    assert await everything(target) == await everything(full_sqlite)


async def test_an_interruption_before_the_first_batch_leaves_the_target_as_it_was(
    full_sqlite: SecretStr, empty_sqlite_url: str
) -> None:
    await interrupt(full_sqlite, SecretStr(empty_sqlite_url), after=0)

    assert (await migrate_database(SecretStr(empty_sqlite_url))).before is None


@pytest.mark.slow
async def test_what_changed_in_the_source_since_an_interruption_is_copied_again(
    full_sqlite: SecretStr, empty_sqlite_url: str, small_batches: None
) -> None:
    """The bot ran on the source in between: rows were changed, deleted and added."""
    target = SecretStr(empty_sqlite_url)
    await interrupt(full_sqlite, target, after=30)
    async with open_database(full_sqlite) as database, database.transaction() as connection:
        await connection.execute(update(accounts).values(last_success_at=NOON))
        await connection.execute(delete(incidents).where(incidents.c.server_id == HERE))
        await set_value(connection, "A", "new")

    said = await copy_all(full_sqlite, target)

    assert "accounts: copied from the beginning, since the source has changed" in said
    assert await everything(target) == await everything(full_sqlite)


@pytest.mark.slow
async def test_a_change_of_the_source_during_the_copy_is_found(
    full_sqlite: SecretStr, empty_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = SecretStr(empty_sqlite_url)

    def change(line: str) -> None:
        if line.startswith("accounts: "):
            with closing(sqlite3.connect(full_sqlite.get_secret_value().removeprefix("sqlite:///"))) as other, other:
                other.execute("UPDATE app_state SET value = 'changed' WHERE name = 'a'")

    with pytest.raises(NotDone, match="The table app_state of --to is not equal to that of --from"):
        await copy(full_sqlite, target, SetClock(), change)
    with pytest.raises(DatabaseUnusable, match="A copy into this database has not finished"):
        await migrate_database(target)

    await copy_all(full_sqlite, target)
    assert await everything(target) == await everything(full_sqlite)


# --- Refused


async def test_other_data_is_never_overwritten(full_sqlite: SecretStr, sqlite_url: str) -> None:
    target = SecretStr(sqlite_url)
    async with open_database(target) as database, database.transaction() as connection:
        await connection.execute(insert(app_state).values(name="mine", value="kept"))

    with pytest.raises(NotDone, match=r"holds other data already \(table app_state\)"):
        await copy_all(full_sqlite, target)

    async with open_database(target) as database, database.reading() as connection:
        assert await get_value(connection, "mine") == "kept"


async def test_a_copy_that_another_version_began_is_not_continued(full_sqlite: SecretStr, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as target, target:
        target.execute("UPDATE alembic_version SET version_num = 'copying 0001'")

    with pytest.raises(NotDone, match="holds an unfinished copy of version 0001; name an empty one"):
        await copy_all(full_sqlite, SecretStr(sqlite_url))


async def test_a_finished_copy_is_not_copied_to_again(full_sqlite: SecretStr, empty_sqlite_url: str) -> None:
    await copy_all(full_sqlite, SecretStr(empty_sqlite_url))

    with pytest.raises(NotDone, match="holds other data already"):
        await copy_all(full_sqlite, SecretStr(empty_sqlite_url))


@pytest.mark.parametrize("option", ["--from", "--to"])
async def test_a_bot_on_an_sqlite_file_is_in_the_way(full_sqlite: SecretStr, sqlite_url: str, option: str) -> None:
    target = SecretStr(sqlite_url)
    async with hold_process_lock(full_sqlite if option == "--from" else target):
        with pytest.raises(DatabaseUnusable, match=f"{option}: Another Fastwatch is running on this SQLite file"):
            await copy_all(full_sqlite, target)


@pytest.mark.slow
async def test_a_bot_on_postgresql_is_in_the_way_for_half_a_minute(postgres_url: str, empty_sqlite_url: str) -> None:
    source = SecretStr(postgres_url)
    async with open_database(source) as database, database.transaction() as connection:
        await take_partitions(connection, "a process", NOON)

    with pytest.raises(DatabaseUnusable, match="--from: a bot uses this database; stop it"):
        await copy_all(source, SecretStr(empty_sqlite_url))
    assert tables_in(empty_sqlite_url) == []

    await copy(source, SecretStr(empty_sqlite_url), at(NOON + timedelta(seconds=30)), ignore)


def tables_in(sqlite_url: str) -> list[str]:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]


def at(time: datetime) -> Clock:
    return SetClock(time)


async def test_what_cannot_be_copied_is_said_and_nothing_is_created(tmp_path: Path, sqlite_url: str) -> None:
    missing = SecretStr(f"sqlite:///{tmp_path}/missing.db")
    with pytest.raises(DatabaseUnusable, match="--from: there is no database at"):
        await copy_all(missing, SecretStr(sqlite_url))
    with pytest.raises(NotDone, match="are the same database"):
        await copy_all(SecretStr(sqlite_url), SecretStr(sqlite_url))
    away = SecretStr("postgresql://me:made-up-password@127.0.0.1:1/fast")
    with pytest.raises(DatabaseUnusable, match=r"^--to: The database cannot be opened \(.*; check --to\.$") as caught:
        await copy_all(SecretStr(sqlite_url), away)
    assert "made-up-password" not in str(caught.value)
    with pytest.raises(DatabaseUnusable, match="--from: there is no database at"):
        await copy_all(missing, SecretStr(sqlite_url))


async def test_a_source_of_another_version_is_upgraded_first(empty_sqlite_url: str, tmp_path: Path) -> None:
    source = SecretStr(empty_sqlite_url)
    await load(source, "0003")

    with pytest.raises(NotDone, match=r"has version 0003, .* Run python -m bot migrate on it first"):
        await copy_all(source, SecretStr(f"sqlite:///{tmp_path}/new.db"))
