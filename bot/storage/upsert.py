"""Insert or update in one statement, `INSERT ... ON CONFLICT`, which both databases have."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.parts import parts_of


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows. Where the primary key exists, update the other given columns of that row."""
    if not rows:
        return
    insert = insert_into(connection, table)
    keys = {column.name for column in table.primary_key}
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    statement = insert.on_conflict_do_update(index_elements=sorted(keys), set_=changed)
    for part in parts_of(rows):
        await connection.execute(statement, list(part))


async def insert_if_new(
    connection: AsyncConnection, table: Table, row: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, unique: str
) -> None:
    """Insert a row, or each of some, unless the value of its unique column exists: another process may have inserted it
    meanwhile.
    """
    await connection.execute(insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=[unique]))


def insert_into(connection: AsyncConnection, table: Table) -> Any:
    """Return an insert of the connection's dialect, which has `on_conflict_do_update`."""
    if connection.dialect.name == "sqlite":
        return sqlite_insert(table)
    # Imported only where it is used, since it takes 2 MB of memory.
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

    return insert(table)
