"""Insert or update, in the one statement that both databases have for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows; where the primary key is taken, set the other given columns of the row that is there."""
    if not rows:
        return
    insert = _insert(connection, table)
    keys = {column.name for column in table.primary_key}
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    await connection.execute(insert.on_conflict_do_update(index_elements=sorted(keys), set_=changed), list(rows))


async def insert_if_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any], *, unique: str) -> None:
    """Insert the row, unless there is one with the same value in the unique column: another process may be quicker."""
    await connection.execute(_insert(connection, table).values(row).on_conflict_do_nothing(index_elements=[unique]))


def _insert(connection: AsyncConnection, table: Table) -> Any:
    if connection.dialect.name == "sqlite":
        return sqlite_insert(table)
    # Loaded only where it is used: it takes 2 MB.
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

    return insert(table)
