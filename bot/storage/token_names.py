"""Names: what the people of a server call a token."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import token_names
from bot.storage.upsert import upsert


async def names_of(connection: AsyncConnection, server_id: int) -> dict[int, str]:
    """Read the names that a server has given, by token id. They are members' texts, not escaped."""
    query = select(token_names.c.token_id, token_names.c.name).where(token_names.c.server_id == server_id)
    return {row.token_id: row.name for row in await connection.execute(query)}


async def set_name(
    connection: AsyncConnection, server_id: int, token_id: int, name: str, *, named_by: int, now: datetime
) -> None:
    """Name a token, in the place of what it was called before."""
    row = {"server_id": server_id, "token_id": token_id, "name": name, "named_by": named_by, "named_at": now}
    await upsert(connection, token_names, [row])


async def remove_name(connection: AsyncConnection, server_id: int, token_id: int) -> bool:
    """Take a token's name away; False where it had none."""
    query = delete(token_names).where(token_names.c.server_id == server_id, token_names.c.token_id == token_id)
    return bool((await connection.execute(query)).rowcount)
