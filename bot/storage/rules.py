"""Rules: what a server has set for itself."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import rules
from bot.storage.upsert import upsert


async def moderators_role(connection: AsyncConnection, server_id: int) -> int | None:
    """Tell which role makes a mod, besides the permission to manage the server."""
    return await connection.scalar(select(rules.c.moderators_role_id).where(rules.c.server_id == server_id))


async def set_moderators_role(connection: AsyncConnection, server_id: int, role_id: int | None) -> None:
    """Name that role, or none."""
    await upsert(connection, rules, [{"server_id": server_id, "moderators_role_id": role_id}])
