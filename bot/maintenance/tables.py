"""The tables as they are copied: in batches in the order of their keys, and summed up alike on both databases."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    MetaData,
    Select,
    String,
    Table,
    TypeDecorator,
    collate,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from bot.storage.columns import UtcDateTime
from bot.storage.schema import leases, metadata, partitions, processes

_BATCH = 5_000
_CHECKSUM_BYTES = 8

Row = tuple[Any, ...]
Reading = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
"""Opens a transaction on one of the databases."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows a table has, and a checksum of them all."""

    rows: int
    checksum: str


def copied_tables() -> list[Table]:
    """Return the tables to copy, each after those it refers to, with columns as they are stored.

    The others say which process runs, and none does.
    """
    return [_as_stored(table) for table in metadata.sorted_tables if table not in {leases, partitions, processes}]


def _as_stored(table: Table) -> Table:
    """Return a table whose JSON, epochs and durations are read as the text and the numbers that they are."""
    columns = (Column(each.name, _stored_type(each.type), primary_key=each.primary_key) for each in table.c)
    return Table(table.name, MetaData(), *columns)


def _stored_type(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    # Times are stored in different ways; all others are the same on both databases.
    if isinstance(type_, TypeDecorator) and not isinstance(type_, UtcDateTime):
        return type_.impl_instance
    return type_


async def batches(
    reading: Reading, table: Table, *, after: Row | None = None, until: Row | None = None
) -> AsyncIterator[Sequence[Row]]:
    """Yield the rows with keys above `after`, up to `until`, in the order of the keys, some thousands at a time."""
    positions = [list(table.c).index(column) for column in table.primary_key]
    while True:
        async with reading() as connection:
            rows = (await connection.execute(rows_after(table, connection.dialect, after, until))).all()
        if rows:
            yield [tuple(row) for row in rows]
            after = tuple(rows[-1][position] for position in positions)
        if len(rows) < _BATCH:
            return


def rows_after(table: Table, dialect: Dialect, after: Row | None, until: Row | None) -> Select[Any]:
    """Return the query of one batch."""
    key = _key(table, dialect)
    query = select(table).order_by(*key).limit(_BATCH)
    if after is not None:
        query = query.where(tuple_(*key) > _values(table, after))
    if until is not None:
        query = query.where(tuple_(*key) <= _values(table, until))
    return query


def _key(table: Table, dialect: Dialect) -> list[ColumnElement[Any]]:
    """Return the columns of the key. PostgreSQL sorts text by the rules of a language, SQLite by its bytes."""
    by_bytes = dialect.name == "postgresql"
    return [
        collate(column, "C") if by_bytes and isinstance(column.type, String) else column for column in table.primary_key
    ]


def _values(table: Table, key: Row) -> ColumnElement[Any]:
    return tuple_(*(literal(value, column.type) for value, column in zip(key, table.primary_key, strict=True)))


async def last_key(reading: Reading, table: Table) -> Row | None:
    """Return the highest key of a table; None if it is empty."""
    async with reading() as connection:
        order = [column.desc() for column in _key(table, connection.dialect)]
        row = (await connection.execute(select(*table.primary_key).order_by(*order).limit(1))).first()
    return tuple(row) if row is not None else None


async def count_rows(reading: Reading, table: Table) -> int:
    """Return how many rows a table has."""
    async with reading() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def sum_up(reading: Reading, table: Table, *, until: Row | None = None) -> Summary:
    """Return the number of rows and their checksum: equal rows give equal checksums on both databases."""
    rows, checksum = 0, blake2b(digest_size=_CHECKSUM_BYTES)
    async for batch in batches(reading, table, until=until):
        rows += len(batch)
        # Both databases are read in the same batches. asyncpg has a class of its own for UUIDs.
        checksum.update(orjson.dumps(batch, default=str))
    return Summary(rows, checksum.hexdigest())
