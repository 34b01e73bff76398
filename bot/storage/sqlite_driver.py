"""aiosqlite with one handover to its thread a statement. By itself it takes four: cursor, statement, rows, close.

Most statements take microseconds, and each handover, to the thread and back, up to a hundred times as long.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any, Self

import aiosqlite

_CHUNK = 64  # of rows in a loop over a cursor, which SQLAlchemy does not use
_FIRST_ROWS = 500


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """Return a connection to await. For `create_async_engine`, as `async_creator_fn`."""
    connection = _Connection(lambda: sqlite3.connect(database, **options), _CHUNK)
    # As SQLAlchemy does: a thread that waits for a lock would keep the process from ending.
    connection._thread.daemon = True
    return connection


class _Cursor(aiosqlite.Cursor):
    """A cursor whose statement is executed together with the reading of its first rows, which are mostly all."""

    def __init__(self, connection: "_Connection") -> None:
        super().__init__(connection, connection._conn.cursor())
        self._in_thread: Any = connection._execute  # without annotations in aiosqlite
        self._rows: list[sqlite3.Row] = []
        self._has_more = False

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        self._rows = await self._in_thread(self._run, sql, () if parameters is None else parameters)
        self._has_more = len(self._rows) == _FIRST_ROWS
        return self

    def _run(self, sql: str, parameters: Any) -> list[sqlite3.Row]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchmany(_FIRST_ROWS) if self._cursor.description is not None else []

    async def fetchall(self) -> Iterable[sqlite3.Row]:
        rows, self._rows = self._rows, []
        if self._has_more:
            rows += await self._in_thread(self._cursor.fetchall)
            self._has_more = False
        return rows

    async def fetchmany(self, size: int | None = None) -> Iterable[sqlite3.Row]:
        wanted = size or self.arraysize
        rows, self._rows = self._rows[:wanted], self._rows[wanted:]
        if self._has_more and len(rows) < wanted:
            rows += await self._in_thread(self._cursor.fetchmany, wanted - len(rows))
            self._has_more = len(rows) == wanted
        return rows

    async def fetchone(self) -> sqlite3.Row | None:
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        """End a statement of which rows are left. Any other has ended: a cancelled one may still be executing."""
        if self._has_more:
            self._has_more = False
            await self._in_thread(self._cursor.close)


class _Connection(aiosqlite.Connection):
    def cursor(self) -> Any:
        """Return a cursor, for which sqlite3 needs no thread: SQLAlchemy opens files with `check_same_thread=False`."""
        return _Cursor(self)
