"""Copies everything from one database to another, of the same or the other kind, in batches.

Each batch is one transaction, so an interrupted copy continues where it was. Until all tables are equal, the target has
a version that no bot starts on.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack

from pydantic import SecretStr
from sqlalchemy import Connection, Table, delete, insert, select, text

from bot.clock import Clock
from bot.maintenance.errors import NotDone
from bot.maintenance.sides import Side, open_side
from bot.maintenance.tables import batches, copied_tables, count_rows, last_key, sum_up
from bot.storage.schema import app_state, metadata
from bot.storage.upgrade import (
    COMPATIBLE,
    current_revision,
    lock_version,
    migrate,
    newest_revision,
    set_revision,
    unfinished_copy,
    version_of_unfinished_copy,
)

Say = Callable[[str], None]
_SECONDS_BETWEEN_LINES = 5.0


async def copy(source_url: SecretStr, target_url: SecretStr, clock: Clock, say: Say) -> None:
    """Copy everything and compare it. After an error, or a crash, the next call continues.

    Raises NotDone and DatabaseUnusable.
    """
    if source_url == target_url:
        raise NotDone("--from and --to are the same database.")
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(open_side("--from", source_url, must_exist=True))
        target = await stack.enter_async_context(open_side("--to", target_url, must_exist=False))
        await source.require_newest()
        await source.require_idle(clock.now())
        if await _prepare(target):
            say("Continuing a copy that was interrupted.")
        tables = copied_tables()
        for table in tables:
            await _copy_table(source, target, table, clock, say)
        for table in tables:
            await _compare(source, target, table, say)
        await source.require_idle(clock.now())
        await _finish(source, target)


async def _prepare(target: Side) -> bool:
    """Create the tables of the target and mark it as unfinished; return whether it was so already. Raises NotDone."""
    async with target.writing() as connection:
        await lock_version(connection)
        return await connection.run_sync(_mark)


def _mark(connection: Connection) -> bool:
    version = version_of_unfinished_copy(current_revision(connection))
    if version == newest_revision():
        return True
    if version is not None:
        raise NotDone(f"The database of --to holds an unfinished copy of version {version}; name an empty one.")
    migrate(connection)
    # The one row that a database without data has.
    connection.execute(delete(app_state).where(app_state.c.name == COMPATIBLE))
    for table in copied_tables():
        if connection.execute(select(table).limit(1)).first():
            raise NotDone(f"The database of --to holds other data already (table {table.name}); name an empty one.")
    set_revision(connection, unfinished_copy())
    return False


async def _copy_table(source: Side, target: Side, table: Table, clock: Clock, say: Say) -> None:
    """Copy the rows that the target lacks; all of them, if those it has are no longer those of the source."""
    after = await last_key(target.reading, table)
    if after is not None and await sum_up(source.reading, table, until=after) != await sum_up(target.reading, table):
        say(f"{table.name}: copied from the beginning, since the source has changed")
        async with target.writing() as connection:
            await connection.execute(delete(table))
        after = None
    copied, total = await count_rows(target.reading, table), await count_rows(source.reading, table)
    said_at = clock.monotonic()
    async for batch in batches(source.reading, table, after=after):
        rows = [dict(zip(table.c.keys(), row, strict=True)) for row in batch]
        async with target.writing() as connection:
            await connection.execute(insert(table), rows)
        copied += len(rows)
        if clock.monotonic() - said_at >= _SECONDS_BETWEEN_LINES:
            say(f"{table.name}: {copied:,} of {total:,} rows")
            said_at = clock.monotonic()


async def _compare(source: Side, target: Side, table: Table, say: Say) -> None:
    expected, found = await sum_up(source.reading, table), await sum_up(target.reading, table)
    if expected != found:
        raise NotDone(
            f"The table {table.name} of --to is not equal to that of --from: something has written to one of them. "
            "Stop what uses them, and run the same command again."
        )
    say(f"{table.name}: {found.rows:,} rows, checksum {found.checksum}, equal")


async def _finish(source: Side, target: Side) -> None:
    """Let the target continue with the ids of the source, and let bots start on it."""
    async with source.reading() as connection:
        last_ids = await connection.run_sync(_last_ids)
    async with target.writing() as connection:
        await connection.run_sync(_continue_after, last_ids)
        await connection.run_sync(set_revision, newest_revision())


def _last_ids(connection: Connection) -> dict[str, int]:
    """Return the last id that each table has assigned, its row deleted or not; SQLite only knows those in the table."""
    found = {}
    for name, column in _numbered_columns():
        last = connection.scalar(text(f"SELECT max({column}) FROM {name}"))  # noqa: S608 - names of our own schema
        if connection.dialect.name == "postgresql":
            assigned = connection.scalar(
                text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, :column) AS regclass))"),
                {"name": name, "column": column},
            )
            last = max(last or 0, assigned or 0)
        if last:
            found[name] = last
    return found


def _continue_after(connection: Connection, last_ids: dict[str, int]) -> None:
    """Set PostgreSQL's sequences, which inserts of explicit ids leave as they are. SQLite has none."""
    if connection.dialect.name != "postgresql":
        return
    for name, column in _numbered_columns():
        if name in last_ids:
            connection.execute(
                text("SELECT setval(CAST(pg_get_serial_sequence(:name, :column) AS regclass), :last)"),
                {"name": name, "column": column, "last": last_ids[name]},
            )


def _numbered_columns() -> list[tuple[str, str]]:
    """Return the tables whose rows get their ids from the database, with the column."""
    columns = ((table.name, table.autoincrement_column) for table in metadata.sorted_tables)
    return [(name, column.name) for name, column in columns if column is not None]
