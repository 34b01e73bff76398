"""aiosqlite with one handover to its thread a statement. By itself it takes four: cursor, statement, rows, close.

Most statements take microseconds, and each handover, to the thread and back, up to a hundred times as long.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any, Self

import aiosqlite

_CHUNK = 64  # of rows in a loop over a cursor, which SQLAlchemy does not use


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """Return a connection to await. For `create_async_engine`, as `async_creator_fn`."""
    connection = _Connection(lambda: sqlite3.connect(database, **options), _CHUNK)
    # As SQLAlchemy does: a thread that waits for a lock would keep the process from ending.
    connection._thread.daemon = True
    return connection


class _Cursor(aiosqlite.Cursor):
    """A cursor whose statement is executed together with the reading of all its rows."""

    def __init__(self, connection: "_Connection") -> None:
        super().__init__(connection, connection._conn.cursor())
        self._in_thread: Any = connection._execute  # without annotations in aiosqlite
        self._rows: list[sqlite3.Row] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        self._rows = await self._in_thread(self._run, sql, () if parameters is None else parameters)
        return self

    def _run(self, sql: str, parameters: Any) -> list[sqlite3.Row]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self._cursor.description is not None else []

    async def fetchall(self) -> Iterable[sqlite3.Row]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Do nothing: a statement ends with its last row. A cancelled one may still be executing in the thread."""


class _Connection(aiosqlite.Connection):
    def cursor(self) -> Any:
        """Return a cursor, for which sqlite3 needs no thread: SQLAlchemy opens files with `check_same_thread=False`."""
        return _Cursor(self)
