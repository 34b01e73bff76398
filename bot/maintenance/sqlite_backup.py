"""Backs up an SQLite database while the bot uses it, and puts a backup in its place while no bot does.

A new file gets its name only when it is complete, checked and on the disk, so a crash leaves the former one.
"""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.maintenance.errors import NotDone
from bot.storage.upgrade import known_revisions, version_of_unfinished_copy

# SQLite waits so long for a lock, which another connection holds while it opens or closes the file.
_BUSY_SECONDS = 30
_JOURNALS = ("-wal", "-shm")
_DIRECTORY = getattr(os, "O_DIRECTORY", None)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, with its size in bytes and its version."""

    path: Path
    size: int
    version: str


def back_up(database: Path, file: Path, *, overwrite: bool) -> Written:
    """Write a checked copy of a database, which may be in use. Raises NotDone."""
    with _in_words(file):
        _require_free(file, database, overwrite=overwrite)
    with _new_file_beside(file) as new, _in_words(file):
        version = _copy(database, new)
        size = new.stat().st_size
        new.replace(file)
        _sync_folder(file)
    return Written(file, size, version)


def _require_free(file: Path, database: Path, *, overwrite: bool) -> None:
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise NotDone(f"{file} cannot be written: name a file in a folder that exists.")
    if file.exists() and not overwrite:
        raise NotDone(f"{file} exists already; name another file, or add --overwrite to replace it.")
    if file.exists() and database.exists() and file.samefile(database):
        raise NotDone(f"{file} is the database itself; name another file.")


def restore(file: Path, database: Path, now: datetime) -> tuple[Written, Path | None]:
    """Put a backup in the place of a database that is not in use. Raises NotDone.

    Returns what was restored, and where the former database is now. It stays beside the new one.
    """
    with _in_words(database):
        if database.exists() and file.exists() and file.samefile(database):
            raise NotDone(f"{file} is the database itself; name a backup.")
    with _new_file_beside(database) as new, _in_words(database):
        version = _copy(file, new)
        if version not in known_revisions():
            raise NotDone(f"A newer version of Fastwatch made {file}; restore it with that version, or a newer one.")
        size = new.stat().st_size
        _give_to_owner(new, database if database.exists() else database.parent)
        aside = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
        existed = database.exists()
        _set_aside(database, aside)
        new.replace(database)
        _sync_folder(database)
    return Written(database, size, version), aside if existed else None


@contextmanager
def _new_file_beside(file: Path) -> Iterator[Path]:
    """Create a file that only this user can read, in the folder of another one. It is deleted unless it was renamed."""
    try:
        number, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}-", suffix=".new")
    except OSError as error:
        raise NotDone(f"The folder of {file} cannot be written to ({error.strerror}).") from None
    os.close(number)
    new = Path(name)
    try:
        yield new
    finally:
        for path in (new, *(Path(f"{new}{journal}") for journal in _JOURNALS)):
            path.unlink(missing_ok=True)


@contextmanager
def _in_words(file: Path) -> Iterator[None]:
    """Turn errors of the disk and of SQLite into NotDone."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise NotDone(f"{file} could not be written ({error}); nothing was changed.") from None


def _copy(source: Path, new: Path) -> str:
    """Copy a database as it is at one moment, check every page of the copy, and return its version. Raises NotDone."""
    if not source.is_file():
        raise NotDone(f"There is no database at {source}.")
    try:
        # A connection that may write can also read a file whose last process was killed: SQLite recovers it first.
        with closing(_connect(source)) as reading, closing(sqlite3.connect(new)) as writing:
            # All pages in one step: one read transaction, which does not keep the bot from writing.
            reading.backup(writing)
            # One file, without a journal beside it.
            writing.execute("PRAGMA journal_mode=DELETE")
            version = _checked(source, writing)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # such as a full disk, which says nothing about the database
        raise NotDone(f"{source} is damaged, or no database ({error}).") from None
    with new.open("rb") as file:
        os.fsync(file.fileno())
    return version


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)


def _checked(source: Path, copy: sqlite3.Connection) -> str:
    (result,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if result != "ok":
        raise NotDone(f"{source} is damaged ({' '.join(result.split())}).")
    with contextlib.suppress(sqlite3.OperationalError):  # there is no such table
        row = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        if row is not None and version_of_unfinished_copy(row[0]) is not None:
            raise NotDone(f"The copy into {source} has not finished; run python -m bot copy again.")
        if row is not None:
            return str(row[0])
    raise NotDone(f"{source} is no database of Fastwatch.")


def _give_to_owner(new: Path, of: Path) -> None:
    """Let the user of the bot use a file that root has restored. Others can only give it to themselves, as it is."""
    if hasattr(os, "chown"):
        found = of.stat()
        with contextlib.suppress(PermissionError):
            os.chown(new, found.st_uid, found.st_gid)


def _set_aside(database: Path, aside: Path) -> None:
    """Give the former database another name, and leave it under its own as well, so that there always is one.

    Where it is missing, its journal may still be there, after a crash.
    """
    # What is in its journal goes into the file. A damaged one keeps its journal, under the new name.
    with contextlib.suppress(sqlite3.Error), closing(_connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if aside.exists():
        raise NotDone(f"{aside} exists already; try again in a second.")
    # SQLite would apply the journal of the former database to the new one.
    for journal in _JOURNALS:
        if (path := Path(f"{database}{journal}")).exists():
            path.rename(f"{aside}{journal}")
    if not database.exists():
        return
    try:
        os.link(database, aside)
    except OSError:  # not every file system has links
        database.rename(aside)


def _sync_folder(file: Path) -> None:
    """Write the new name to the disk, where the system can."""
    if _DIRECTORY is None:
        return
    folder = os.open(file.absolute().parent, os.O_RDONLY | _DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
