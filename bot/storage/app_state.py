"""Notes: what the program remembers about itself, by name."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import app_state
from bot.storage.upsert import upsert


async def get_value(connection: AsyncConnection, name: str) -> str | None:
    """Read a note, if there is one."""
    return await connection.scalar(select(app_state.c.value).where(app_state.c.name == name))


async def set_value(connection: AsyncConnection, name: str, value: str) -> None:
    """Write a note over what it said before."""
    await upsert(connection, app_state, [{"name": name, "value": value}])
