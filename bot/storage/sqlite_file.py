"""The SQLite file: opened with a few settings, and checked to be the same one later."""

import contextlib
import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.unavailable import Cause, DatabaseUnavailable, DatabaseUnusable, cause_of, unusable_because

# The wait for a lock blocks a thread, which the end of the process waits for. A transaction tries several times.
_BUSY_MILLISECONDS = 1_000
_LONG_BUSY_MILLISECONDS = 60_000
# A year of samples is hundreds of megabytes. A damaged page among them is reported when it is first used.
_NOT_CHECKED_AT_START = "samples"


class SqliteFile:
    """The file that was opened. A deleted or replaced one still works, but nothing of it would be there tomorrow.

    A new connection would open, or create, another file beside the old one's journal, which damages both: SQLite's
    "How To Corrupt An SQLite Database File", section 4.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = self._identity()

    def check(self) -> None:
        """Raise DatabaseUnavailable if the path no longer leads to the opened file."""
        if self._identity() != self._opened:
            raise DatabaseUnavailable(
                Cause.FILE_REPLACED, f"{self._path} was deleted, moved or replaced while it was open"
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - the same as Path.stat, and a third of its time
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


def check_journal(path: Path) -> None:
    """Raises DatabaseUnusable if a file is missing that has a journal: SQLite would delete what the journal holds."""
    journal = path.with_name(f"{path.name}-wal")
    if not path.exists() and journal.exists() and journal.stat().st_size:
        raise DatabaseUnusable(
            f"{path.resolve()} is missing, but its journal {journal.name} is there; put the database back beside it. "
            "To begin with a new database, move the journal away."
        )


def check_pages(connection: Connection) -> None:
    """Check the pages of all tables but the samples. Raises DatabaseUnusable if one is damaged."""
    for table in set(inspect(connection).get_table_names()) - {_NOT_CHECKED_AT_START}:
        try:
            found = connection.exec_driver_sql(f'PRAGMA quick_check("{table}")').scalar()
        except DBAPIError as error:
            # Some damage keeps SQLite from reading the page at all.
            if cause_of(error) is not Cause.DAMAGED:
                raise
            found = None
        if found != "ok":
            raise unusable_because(Cause.DAMAGED, "database disk image is malformed")


def prepare_sqlite(engine: Engine, *, waits: bool) -> None:
    """Configure every connection: foreign keys, write-ahead log, a busy time-out, and explicit BEGIN.

    With `waits`, a connection itself waits until another one has finished its work.
    """
    busy = _LONG_BUSY_MILLISECONDS if waits else _BUSY_MILLISECONDS

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # sqlite3 begins transactions by its own rules, only before INSERT, UPDATE and DELETE. SQLAlchemy documents how
        # to turn that off (SQLite dialect, "Serializable isolation / Savepoints / Transactional DDL").
        connection.isolation_level = None
        cursor = connection.cursor()
        # busy_timeout comes first, since the other PRAGMAs may have to wait too. Foreign keys are off by default in
        # SQLite.
        for pragma in (f"busy_timeout={busy}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        # WAL lets readers and the writer work at the same time. The mode is stored in the file, so only the first
        # connection changes it. If another connection is changing it, SQLite fails at once, in spite of busy_timeout.
        with contextlib.suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and then writes can fail with SQLITE_BUSY half-way. IMMEDIATE waits at the
        # start.
        options = connection.get_execution_options()
        immediate = options.get("begin_immediate", False)
        if immediate:
            _set_durability(connection, "FULL" if options.get("durable", True) else "NORMAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _set_durability(connection: Connection, wanted: str) -> None:
    """Set whether the next commits reach the disk before they return. SQLite ignores this inside a transaction."""
    if connection.info.get("synchronous") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted
