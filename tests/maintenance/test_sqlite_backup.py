"""Backups of SQLite: complete, checked, never over another file by accident, and restored without losing anything."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.maintenance import sqlite_backup
from bot.maintenance.errors import NotDone
from bot.maintenance.sqlite_backup import back_up, restore
from bot.storage.upgrade import newest_revision, unfinished_copy
from tests.clocks import NOON

ASIDE = "fastwatch.db.before-restore-20260302T120000Z"


@pytest.fixture
def database(sqlite_url: str) -> Path:
    """The file of a database with the current schema."""
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def write(file: Path, name: str, value: str = "") -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO app_state VALUES (?, ?)", (name, value))


def names_in(file: Path) -> list[str]:
    """The names in the table, each in lower case."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM app_state WHERE name < 'a' ORDER BY name")]


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def writer(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that stays open, as the bot's: what it wrote last is only in the journal."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("INSERT INTO app_state VALUES ('1', 'in the journal')")
        yield connection


# --- Back up


def test_a_backup_is_one_private_file_with_all_that_was_committed(
    database: Path, backups: Path, writer: sqlite3.Connection
) -> None:
    writer.execute("BEGIN")
    writer.execute("INSERT INTO app_state VALUES ('2', 'not committed')")
    written = back_up(database, backups / "copy.db", overwrite=False)

    assert files_in(backups) == ["copy.db"]
    assert names_in(written.path) == ["1"]
    assert (written.version, written.size) == (newest_revision(), written.path.stat().st_size)
    assert stat.S_IMODE(written.path.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_a_backup_is_of_one_moment_while_another_thread_writes(database: Path, backups: Path) -> None:
    """Each transaction writes a pair. A backup never has half of one."""
    stop, started = threading.Event(), threading.Event()

    def write_pairs() -> None:
        with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            number = 0
            while not stop.is_set():
                number += 1
                connection.execute("BEGIN IMMEDIATE")
                for half in "ab":
                    connection.execute("INSERT INTO app_state VALUES (?, ?)", (f"{number:09}{half}", "x" * 500))
                connection.execute("COMMIT")
                started.set()

    thread = threading.Thread(target=write_pairs)
    thread.start()
    try:
        started.wait()
        found = [names_in(back_up(database, backups / f"{number}.db", overwrite=False).path) for number in range(5)]
    finally:
        stop.set()
        thread.join()

    assert all(len(names) % 2 == 0 and names for names in found)
    assert len(found[-1]) > len(found[0])


def test_a_file_is_replaced_only_on_request(database: Path, backups: Path) -> None:
    file = backups / "copy.db"
    file.write_text("something else")
    with pytest.raises(NotDone, match="exists already; name another file, or add --overwrite"):
        back_up(database, file, overwrite=False)
    assert file.read_text() == "something else"

    back_up(database, file, overwrite=True)

    assert names_in(file) == []
    assert files_in(backups) == ["copy.db"]


def test_the_database_itself_is_never_overwritten(database: Path) -> None:
    link = database.with_name("link.db")
    link.symlink_to(database)

    for file in (database, link):
        with pytest.raises(NotDone, match="is the database itself"):
            back_up(database, file, overwrite=True)


def damage(file: Path) -> None:
    """Overwrite the last page."""
    with file.open("r+b") as opened:
        opened.seek(-4096, os.SEEK_END)
        opened.write(b"\xff" * 4096)


@pytest.mark.parametrize("sort", ["missing", "no database", "another program's", "damaged"])
def test_what_cannot_be_backed_up_is_said_and_leaves_no_file(database: Path, backups: Path, sort: str) -> None:
    match sort:
        case "missing":
            database.unlink()
        case "no database":
            database.write_text("a shopping list " * 1000)
        case "another program's":
            database.unlink()
            sqlite3.connect(database).execute("CREATE TABLE things (id)").connection.close()
        case "damaged":
            damage(database)

    with pytest.raises(NotDone, match=r"There is no database|no database|is damaged") as caught:
        back_up(database, backups / "copy.db", overwrite=False)

    assert "\n" not in str(caught.value)
    assert files_in(backups) == []
    assert database.exists() is (sort != "missing")


def test_an_unfinished_copy_is_neither_backed_up_nor_restored(database: Path, backups: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (unfinished_copy(),))

    with pytest.raises(NotDone, match="has not finished; run python -m bot copy again"):
        back_up(database, backups / "copy.db", overwrite=False)
    with pytest.raises(NotDone, match="has not finished; run python -m bot copy again"):
        restore(database, tmp_path / "elsewhere.db", NOON)
    assert files_in(backups) == []


def test_a_former_backup_stays_if_a_new_one_fails(database: Path, backups: Path) -> None:
    back_up(database, backups / "copy.db", overwrite=False)
    before = (backups / "copy.db").read_bytes()
    damage(database)

    with pytest.raises(NotDone, match="is damaged"):
        back_up(database, backups / "copy.db", overwrite=True)

    assert (backups / "copy.db").read_bytes() == before
    assert files_in(backups) == ["copy.db"]


def test_a_folder_that_is_missing_is_not_made(database: Path, tmp_path: Path) -> None:
    with pytest.raises(NotDone, match="name a file in a folder that exists"):
        back_up(database, tmp_path / "missing" / "copy.db", overwrite=False)

    assert not (tmp_path / "missing").exists()


# --- Restore


def test_a_name_that_the_file_system_does_not_take_is_said(database: Path, backups: Path) -> None:
    too_long = backups / ("a" * 300)

    with pytest.raises(NotDone, match="name too long"):
        back_up(database, too_long, overwrite=False)
    with pytest.raises(NotDone, match=r"name too long|There is no database"):
        restore(too_long, database, NOON)
    with pytest.raises(NotDone, match="name too long"):
        restore(database, too_long, NOON)


def test_a_restored_backup_is_what_was_backed_up_and_the_former_database_stays(database: Path, backups: Path) -> None:
    write(database, "1")
    file = back_up(database, backups / "copy.db", overwrite=False).path
    write(database, "2")

    written, aside = restore(file, database, NOON)

    assert (names_in(database), written.version) == (["1"], newest_revision())
    assert aside == database.with_name(ASIDE)
    assert names_in(aside) == ["1", "2"]
    assert files_in(backups) == ["copy.db"]


def test_the_journal_of_a_killed_bot_stays_with_its_database(
    database: Path, backups: Path, writer: sqlite3.Connection
) -> None:
    """SQLite would apply it to the restored database."""
    file = back_up(database, backups / "copy.db", overwrite=False).path
    writer.execute("INSERT INTO app_state VALUES ('2', 'in the journal')")

    _, aside = restore(file, database, NOON)

    assert names_in(database) == ["1"]
    assert aside is not None
    assert names_in(aside) == ["1", "2"]


def test_a_journal_that_another_program_reads_stays_with_its_database(
    database: Path, backups: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then SQLite cannot move what is in the journal into the file."""
    monkeypatch.setattr(sqlite_backup, "_BUSY_SECONDS", 0.01)
    file = back_up(database, backups / "copy.db", overwrite=False).path
    writer.execute("BEGIN")
    writer.execute("SELECT name FROM app_state").fetchall()
    write(database, "2")

    _, aside = restore(file, database, NOON)

    assert names_in(database) == ["1"]
    assert aside is not None
    assert names_in(aside) == ["1", "2"]


def test_a_damaged_database_can_be_replaced(database: Path, backups: Path) -> None:
    file = back_up(database, backups / "copy.db", overwrite=False).path
    database.write_text("a shopping list " * 1000)

    restore(file, database, NOON)

    assert names_in(database) == []
    assert database.with_name(ASIDE).read_text().startswith("a shopping list")


def test_a_backup_can_be_restored_where_no_database_is(database: Path, backups: Path, tmp_path: Path) -> None:
    write(database, "1")
    file = back_up(database, backups / "copy.db", overwrite=False).path

    _, aside = restore(file, tmp_path / "new.db", NOON)

    assert (names_in(tmp_path / "new.db"), aside) == (["1"], None)


def test_a_restored_file_belongs_to_the_user_of_the_bot(
    database: Path, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may have restored it. Only root can try that for real."""
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda _, user, group: given.append((user, group)))
    file = back_up(database, backups / "copy.db", overwrite=False).path
    owner = database.stat()

    restore(file, database, NOON)

    assert given == [(owner.st_uid, owner.st_gid)]


@pytest.mark.parametrize("sort", ["missing", "damaged", "newer", "the database itself"])
def test_what_cannot_be_restored_changes_nothing(database: Path, backups: Path, sort: str) -> None:
    file = backups / "copy.db"
    if sort != "missing":
        back_up(database, file, overwrite=False)
    match sort:
        case "damaged":
            damage(file)
        case "newer":
            with closing(sqlite3.connect(file)) as connection, connection:
                connection.execute("UPDATE alembic_version SET version_num = '9999'")
        case "the database itself":
            file = database
    write(database, "1")
    before = files_in(database.parent)

    with pytest.raises(NotDone, match=r"There is no database|is damaged|A newer version|is the database itself"):
        restore(file, database, NOON)

    assert files_in(database.parent) == before
    assert names_in(database) == ["1"]


def test_a_crash_before_the_last_step_leaves_the_former_database(
    database: Path, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = back_up(database, backups / "copy.db", overwrite=False).path
    write(database, "1")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        restore(file, database, NOON)

    assert names_in(database) == ["1"]


def test_a_file_system_without_links_works_too(database: Path, backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    file = back_up(database, backups / "copy.db", overwrite=False).path
    write(database, "1")
    monkeypatch.setattr(os, "link", refuse)

    restore(file, database, NOON)

    assert names_in(database) == []
    assert names_in(database.with_name(ASIDE)) == ["1"]


def test_the_journal_of_a_lost_database_is_not_applied_to_the_restored_one(
    database: Path, backups: Path, writer: sqlite3.Connection, tmp_path: Path
) -> None:
    back_up(database, backups / "backup.db", overwrite=False)
    writer.execute("CREATE TABLE since_then AS SELECT * FROM app_state")
    journal = Path(f"{database}-wal").read_bytes()
    lost = tmp_path / "lost"
    lost.mkdir()
    where = lost / database.name
    Path(f"{where}-wal").write_bytes(journal)
    restore(backups / "backup.db", where, NOON)

    with closing(sqlite3.connect(where)) as restored:
        assert restored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = [name for (name,) in restored.execute("SELECT name FROM sqlite_master WHERE name = 'since_then'")]
    assert tables == []
    assert Path(f"{lost / ASIDE}-wal").read_bytes() == journal
