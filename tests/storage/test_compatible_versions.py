"""An older program beside a database that a newer one has upgraded goes on, or stops with one sentence."""

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, delete, insert, text

import bot.storage
from bot.storage import upgrade
from bot.storage.app_state import get_value, set_value
from bot.storage.database import DatabaseUnusable, engine_for, migrate_database, open_database
from bot.storage.schema import app_state
from bot.storage.upgrade import COMPATIBLE, newest_revision
from bot.storage.version_watch import watch_version
from tests.clocks import SetClock

MIGRATIONS = Path(bot.storage.__file__).parent / "migrations"
NEWER = "9999"
SENTENCE = "A newer version of Fastwatch wrote this database; start that version, or a newer one."


def set_versions(connection: Connection, version: str, oldest_compatible: str) -> None:
    """Upgrade a database as a newer program would."""
    upgrade.set_revision(connection, version)
    connection.execute(delete(app_state).where(app_state.c.name == COMPATIBLE))
    connection.execute(insert(app_state).values(name=COMPATIBLE, value=f"{version} {oldest_compatible}"))


async def upgraded(url: SecretStr, oldest_compatible: str) -> None:
    async with open_database(url) as database, database.transaction() as connection:
        await connection.run_sync(set_versions, NEWER, oldest_compatible)


async def version_of(url: SecretStr) -> str | None:
    engine = engine_for(url.get_secret_value())
    async with engine.connect() as connection:
        version = await connection.run_sync(upgrade.current_revision)
    await engine.dispose()
    return version


async def test_a_start_on_a_newer_compatible_database_goes_on_and_leaves_its_version(url: SecretStr) -> None:
    await upgraded(url, newest_revision())

    async with open_database(url) as database, database.transaction() as connection:
        await set_value(connection, "name", "value")

    assert await version_of(url) == NEWER
    assert await migrate_database(url) == upgrade.Upgrade(NEWER, NEWER)


async def test_a_start_on_any_other_newer_database_stops_with_one_sentence(url: SecretStr) -> None:
    await upgraded(url, NEWER)

    with pytest.raises(DatabaseUnusable) as caught:
        await migrate_database(url)

    assert str(caught.value) == SENTENCE
    assert await version_of(url) == NEWER


async def test_a_version_that_was_recorded_with_other_tables_does_not_count(url: SecretStr) -> None:
    async with open_database(url) as database, database.transaction() as connection:
        await connection.run_sync(upgrade.set_revision, NEWER)

    with pytest.raises(DatabaseUnusable, match="A newer version of Fastwatch"):
        await migrate_database(url)


async def test_a_migration_records_which_programs_can_use_the_database(empty_url: SecretStr) -> None:
    await migrate_database(empty_url)

    async with open_database(empty_url) as database, database.reading() as connection:
        recorded = await get_value(connection, COMPATIBLE)
    assert recorded == f"{newest_revision()} {max(compatible for _, compatible in migrations())}"


async def test_a_program_that_knows_version_0005_stops_beside_version_0006(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate_database(SecretStr(sqlite_url))
    older = tmp_path / "versions"
    older.mkdir()
    for path in (MIGRATIONS / "versions").glob("000[1-5]*.py"):
        shutil.copy(path, older)
    monkeypatch.setattr(upgrade, "_VERSIONS", older)

    with pytest.raises(DatabaseUnusable) as caught:
        await migrate_database(SecretStr(sqlite_url))

    assert str(caught.value) == SENTENCE


# --- While it runs


class Watched(Exception):
    """The version was checked as often as the test wants."""


class CountingClock(SetClock):
    """Ends the watch after some checks."""

    checks = 0

    async def sleep(self, seconds: float) -> None:
        """Count, and sleep."""
        self.checks += 1
        if self.checks > 3:
            raise Watched
        await super().sleep(seconds)


@pytest.mark.slow
async def test_a_running_process_goes_on_after_a_compatible_upgrade_and_says_so_once(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = SecretStr(postgres_url)
    async with open_database(url) as database:
        await upgraded(url, newest_revision())
        with pytest.raises(Watched):
            await watch_version(database, CountingClock())

    assert capsys.readouterr().out.count("A newer version of Fastwatch has upgraded the database.") == 1


@pytest.mark.slow
async def test_a_running_process_stops_after_any_other_upgrade(postgres_url: str) -> None:
    url = SecretStr(postgres_url)
    async with open_database(url) as database:
        await upgraded(url, NEWER)
        with pytest.raises(DatabaseUnusable) as caught:
            await watch_version(database, CountingClock())

    assert str(caught.value) == SENTENCE


@pytest.mark.slow
async def test_a_running_process_goes_on_while_the_version_cannot_be_read(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_database(SecretStr(postgres_url)) as database:
        async with database.transaction() as connection:
            await connection.execute(text("ALTER TABLE alembic_version RENAME COLUMN version_num TO elsewhere"))
        with pytest.raises(Watched):
            await watch_version(database, CountingClock())

    assert capsys.readouterr().out.count("The version of the database could not be read. Retrying.") == 1


async def test_sqlite_is_used_by_one_process_and_not_watched(sqlite_url: str) -> None:
    async with open_database(SecretStr(sqlite_url)) as database:
        await watch_version(database, CountingClock())


# --- The rule for migrations


def migrations() -> list[tuple[str, str]]:
    """All versions, each with the oldest one whose program can use it."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return sorted((each.revision, getattr(each.module, "compatible_with", each.revision)) for each in scripts)


async def tables_of(url: str, version: str) -> MetaData:
    """Upgrade to a version, and return its tables."""
    engine, tables = engine_for(url), MetaData()

    def migrate(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        tables.reflect(connection)

    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()
    return tables


def broken_for_older_programs(before: MetaData, after: MetaData) -> list[str]:
    """What an older program no longer finds, and columns that it would have to fill without knowing them."""
    found = {str(column): column for table in after.tables.values() for column in table.c}
    known = {str(column): column for table in before.tables.values() for column in table.c}
    missing = [name for name in known if name not in found or repr(found[name].type) != repr(known[name].type)]
    required = [
        name
        for name, column in found.items()
        if column.table.name in before.tables
        and name not in known
        and not (column.nullable or column.server_default is not None)
    ]
    return missing + required


async def test_a_compatible_migration_only_adds(empty_sqlite_url: str) -> None:
    """Renames in 0005, and 0006 only adds: this test would notice the difference."""
    tables = {version: await tables_of(empty_sqlite_url, version) for version, _ in migrations()}

    assert broken_for_older_programs(tables["0004"], tables["0005"])
    assert broken_for_older_programs(tables["0005"], tables["0006"]) == []
    for version, oldest in migrations():
        if oldest < version:
            assert broken_for_older_programs(tables[oldest], tables[version]) == [], version
