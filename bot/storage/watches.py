"""Watches: messages that are traced in every round, for keys that may not list their fleet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.account_revisions import account_changed
from bot.storage.schema import watches
from bot.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class Watch:
    """A message whose token is monitored by tracing it, with the member who added it and the last error."""

    message_id: UUID
    token_id: int | None
    server_id: int
    watched_by: int
    watched_at: datetime
    last_error: str | None = None


async def watches_of(connection: AsyncConnection, account_id: int) -> list[Watch]:
    """Return the account's watches, oldest first."""
    query = select(watches).where(watches.c.account_id == account_id).order_by(watches.c.watched_at)
    return [
        Watch(row.message_id, row.token_id, row.server_id, row.watched_by, row.watched_at, row.last_error)
        for row in await connection.execute(query)
    ]


async def watched_tokens(connection: AsyncConnection, account_id: int) -> frozenset[int]:
    """Return the tokens to which the account's watches lead."""
    query = select(watches.c.token_id).where(watches.c.account_id == account_id, watches.c.token_id.is_not(None))
    return frozenset(await connection.scalars(query))


async def count_watches(connection: AsyncConnection, account_id: int) -> int:
    """Return the number of the account's watches."""
    query = select(func.count()).select_from(watches).where(watches.c.account_id == account_id)
    return int(await connection.scalar(query) or 0)


async def add_watch(connection: AsyncConnection, account_id: int, watch: Watch) -> None:
    """Add a watch. If the message has one, it is replaced."""
    account_changed(connection, account_id)
    row = {name: getattr(watch, name) for name in Watch.__slots__}
    await upsert(connection, watches, [{"account_id": account_id, **row}])


async def remove_watch(connection: AsyncConnection, account_id: int, message_id: UUID) -> bool:
    """Remove a watch; False if the message had none."""
    account_changed(connection, account_id)
    query = delete(watches).where(watches.c.account_id == account_id, watches.c.message_id == message_id)
    return bool((await connection.execute(query)).rowcount)


async def record_watch_result(
    connection: AsyncConnection, account_id: int, message_id: UUID, *, token_id: int | None, problem: str | None
) -> None:
    """Record the result of the last trace of a watch. A known token is not forgotten after a failure."""
    values = {"last_error": problem, **({"token_id": token_id} if token_id is not None else {})}
    await connection.execute(
        update(watches).where(watches.c.account_id == account_id, watches.c.message_id == message_id).values(values)
    )
