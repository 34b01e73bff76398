"""Token names: the names that a server has given its tokens."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import token_names
from bot.storage.upsert import upsert

_NAMES = select(token_names.c.token_id, token_names.c.name).where(token_names.c.server_id == bindparam("its_server"))


async def names_of(connection: AsyncConnection, server_id: int) -> dict[int, str]:
    """Return a server's names by token id. Members wrote them, and they are not escaped."""
    return {row.token_id: row.name for row in await connection.execute(_NAMES, {"its_server": server_id})}


async def set_name(
    connection: AsyncConnection, server_id: int, token_id: int, name: str, *, named_by: int, now: datetime
) -> None:
    """Set a token's name, replacing the previous one."""
    row = {"server_id": server_id, "token_id": token_id, "name": name, "named_by": named_by, "named_at": now}
    await upsert(connection, token_names, [row])


async def remove_name(connection: AsyncConnection, server_id: int, token_id: int) -> bool:
    """Remove a token's name; False if it had none."""
    query = delete(token_names).where(token_names.c.server_id == server_id, token_names.c.token_id == token_id)
    return bool((await connection.execute(query)).rowcount)
