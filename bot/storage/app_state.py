"""State of the application itself, as named values."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import app_state
from bot.storage.upsert import upsert


async def get_value(connection: AsyncConnection, name: str) -> str | None:
    """Return a value, if it is set."""
    return await connection.scalar(select(app_state.c.value).where(app_state.c.name == name))


async def set_value(connection: AsyncConnection, name: str, value: str) -> None:
    """Set a value, replacing the previous one."""
    await upsert(connection, app_state, [{"name": name, "value": value}])
