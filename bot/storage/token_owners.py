"""Token owners: the members who can act when the account of a token must be verified or is banned."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import token_owners
from bot.storage.upsert import upsert

_OWNERS = select(token_owners.c.token_id, token_owners.c.member_id).where(
    token_owners.c.server_id == bindparam("its_server")
)


async def owners_of(connection: AsyncConnection, server_id: int) -> dict[int, int]:
    """Return the ids of a server's owners by token id."""
    return {row.token_id: row.member_id for row in await connection.execute(_OWNERS, {"its_server": server_id})}


async def set_owner(
    connection: AsyncConnection, server_id: int, token_id: int, member_id: int, *, named_by: int, now: datetime
) -> None:
    """Set a token's owner, replacing the previous one."""
    row = {
        "server_id": server_id,
        "token_id": token_id,
        "member_id": member_id,
        "named_by": named_by,
        "named_at": now,
    }
    await upsert(connection, token_owners, [row])


async def remove_owner(connection: AsyncConnection, server_id: int, token_id: int) -> bool:
    """Remove a token's owner; False if it had none."""
    query = delete(token_owners).where(token_owners.c.server_id == server_id, token_owners.c.token_id == token_id)
    return bool((await connection.execute(query)).rowcount)
