"""`python -m bot backup`, `restore`, `migrate` and `copy` as processes: what they print, refuse and return."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.storage.database import open_database
from bot.storage.process_lock import hold_process_lock
from bot.storage.schema import metadata
from bot.storage.upgrade import newest_revision
from tests.end_to_end.bot_process import inherited_environment
from tests.end_to_end.fork_server import Start
from tests.end_to_end.forks import start_interpreter
from tests.storage.test_old_databases import load

pytestmark = pytest.mark.slow

DONE, FAILED, WRONG_SETTINGS, DATABASE_UNUSABLE = range(4)


@dataclass
class Ran:
    """The result of a command."""

    status: int
    said: str
    errors: str


async def run(folder: Path, *arguments: str, url: str = "sqlite:///fastwatch.db") -> Ran:
    """Run a command with no setting but DATABASE_URL."""
    environment = inherited_environment() | {"DATABASE_URL": url}
    process = await start_interpreter(Start("bot", list(arguments), str(folder), environment))
    assert process.stdout is not None
    assert process.stderr is not None
    said, errors = await process.stdout.read(), await process.stderr.read()
    return Ran(await process.wait(), said.decode(), errors.decode())


async def test_a_database_is_created_backed_up_and_restored(tmp_path: Path) -> None:
    created = await run(tmp_path, "migrate")
    again = await run(tmp_path, "migrate")
    backup = await run(tmp_path, "backup", "copy.db")
    refused = await run(tmp_path, "backup", "copy.db")
    restored = await run(tmp_path, "restore", "copy.db")

    newest = newest_revision()
    assert (created.status, created.said) == (DONE, f"The tables were created, version {newest}.\n")
    assert (again.status, again.said) == (DONE, f"The database has version {newest} already.\n")
    assert backup.status == DONE
    assert backup.said.startswith("Backup written and checked: copy.db, 0.")
    assert (refused.status, refused.said) == (FAILED, "")
    assert refused.errors == "copy.db exists already; name another file, or add --overwrite to replace it.\n"
    assert restored.status == DONE
    aside, done = restored.said.splitlines()
    assert aside.startswith(f"The former database is now {tmp_path}/fastwatch.db.before-restore-")
    assert done.startswith(f"Restored and checked: {tmp_path}/fastwatch.db, 0.")
    assert {each.errors for each in (created, again, backup, restored)} == {""}


async def test_an_old_database_is_upgraded_and_both_versions_are_said(tmp_path: Path) -> None:
    await load(SecretStr(f"sqlite:///{tmp_path}/fastwatch.db"), "0003")

    ran = await run(tmp_path, "migrate")

    assert (ran.status, ran.errors) == (DONE, "")
    assert ran.said == f"The database was upgraded from version 0003 to {newest_revision()}.\n"


async def test_only_a_backup_is_made_while_the_bot_runs(tmp_path: Path) -> None:
    url = SecretStr(f"sqlite:///{tmp_path}/fastwatch.db")
    async with hold_process_lock(url), open_database(url):
        backup = await run(tmp_path, "backup", "copy.db")
        refused = [await run(tmp_path, *command) for command in (["migrate"], ["restore", "copy.db"])]

    assert backup.status == DONE
    for each in refused:
        assert (each.status, each.said) == (DATABASE_UNUSABLE, "")
        assert each.errors.startswith("Another Fastwatch is running on this SQLite file; stop it first")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest_revision(),)]


async def test_a_copy_says_each_table_and_takes_one_address_from_database_url(tmp_path: Path) -> None:
    await load(SecretStr(f"sqlite:///{tmp_path}/fastwatch.db"), "0005")
    assert (await run(tmp_path, "migrate")).status == DONE

    copied = await run(tmp_path, "copy", "--from", "sqlite:///fastwatch.db", url="sqlite:///new.db")
    refused = await run(tmp_path, "copy", "--to", "sqlite:///new.db")

    assert (copied.status, copied.errors) == (DONE, "")
    *tables, last = copied.said.splitlines()
    assert all(re.fullmatch(r"\w+: \d+ rows, checksum [0-9a-f]{16}, equal", line) for line in tables)
    # All but those that say which process does what.
    assert len(tables) == len(metadata.tables.keys() - {"leases", "partitions", "processes"})
    assert last == "Copied. To continue with the new database, set DATABASE_URL to its address and start the bot."
    assert (refused.status, refused.said) == (FAILED, "")
    assert refused.errors.startswith("The database of --to holds other data already (table accounts)")


async def test_a_copy_needs_two_usable_addresses(tmp_path: Path) -> None:
    neither = await run(tmp_path, "copy")
    wrong = await run(tmp_path, "copy", "--to", "mysql://me:made-up-password@host/fast")
    missing = await run(tmp_path, "copy", "--to", "sqlite:///new.db")

    assert (neither.status, wrong.status, missing.status) == (WRONG_SETTINGS, WRONG_SETTINGS, DATABASE_UNUSABLE)
    assert neither.errors == "Name the other database with --from or --to.\n"
    assert wrong.errors == "--to: write sqlite:///a-file.db or postgresql://user:password@host/database.\n"
    assert missing.errors == "--from: there is no database at fastwatch.db.\n"
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - in a coroutine


async def test_unusable_addresses_end_with_a_sentence(tmp_path: Path) -> None:
    wrong = await run(tmp_path, "migrate", url="mysql://me:made-up-password@host/fast")
    away = await run(tmp_path, "migrate", url="postgresql://me:made-up-password@127.0.0.1:1/fast")

    assert (wrong.status, away.status) == (WRONG_SETTINGS, DATABASE_UNUSABLE)
    assert wrong.errors.startswith("DATABASE_URL: write sqlite:///a-file.db or postgresql://")
    assert away.errors.splitlines()[-1].startswith("The database cannot be opened (")
    for each in (wrong, away):
        assert "Traceback" not in each.errors
        assert "made-up-password" not in each.errors
