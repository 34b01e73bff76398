"""Insert or update in one statement, `INSERT ... ON CONFLICT`, which both databases have."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.parts import parts_of


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows. Where the primary key exists, update the other given columns of that row."""
    if not rows:
        return
    statement = _upsert_into(connection.dialect.name, table, tuple(rows[0]))
    for part in parts_of(rows):
        await connection.execute(statement, list(part))


@cache
def _upsert_into(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    """Return the statement. Building one takes longer than executing it."""
    insert = _insert_of(dialect, table)
    keys = {column.name for column in table.primary_key}
    changed = {name: insert.excluded[name] for name in names if name not in keys}
    return insert.on_conflict_do_update(index_elements=sorted(keys), set_=changed)


async def insert_if_new(
    connection: AsyncConnection, table: Table, row: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, unique: str
) -> None:
    """Insert a row, or each of some, unless the value of its unique column exists: another process may have inserted it
    meanwhile.
    """
    await connection.execute(insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=[unique]))


def insert_into(connection: AsyncConnection, table: Table) -> Any:
    """Return an insert of the connection's dialect, which has `on_conflict_do_update`."""
    return _insert_of(connection.dialect.name, table)


def _insert_of(dialect: str, table: Table) -> Any:
    if dialect == "sqlite":
        return sqlite_insert(table)
    # Imported only where it is used, since it takes 2 MB of memory.
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

    return insert(table)
