"""Rules: what a server has set for itself."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.rules import Rules
from bot.storage.schema import server_settings
from bot.storage.upsert import upsert


async def moderators_role(connection: AsyncConnection, server_id: int) -> int | None:
    """Tell which role makes a mod, besides the permission to manage the server."""
    return await connection.scalar(
        select(server_settings.c.moderators_role_id).where(server_settings.c.server_id == server_id)
    )


async def set_moderators_role(connection: AsyncConnection, server_id: int, role_id: int | None) -> None:
    """Name that role, or none."""
    await upsert(connection, server_settings, [{"server_id": server_id, "moderators_role_id": role_id}])


async def rules_of(connection: AsyncConnection, server_id: int) -> Rules:
    """Read the numbers that a server has set; the others are the defaults."""
    numbers: Rules | None = await connection.scalar(
        select(server_settings.c.rules).where(server_settings.c.server_id == server_id)
    )
    return numbers if numbers is not None else Rules()


async def set_rules(connection: AsyncConnection, server_id: int, numbers: Rules) -> None:
    """Keep the numbers that differ from the defaults, so that a default that is changed later changes for all."""
    await upsert(connection, server_settings, [{"server_id": server_id, "rules": numbers}])
