"""Rules: what a server has set for itself, and the role of its moderators."""

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.health.rules import Rules
from bot.storage.tables import rules
from bot.storage.upsert import upsert

_RULES = TypeAdapter(Rules)


async def moderators_role(connection: AsyncConnection, server_id: int) -> int | None:
    """Return the id of the role that makes moderators, besides the permission to manage the server."""
    return await connection.scalar(select(rules.c.moderators_role_id).where(rules.c.server_id == server_id))


async def set_moderators_role(connection: AsyncConnection, server_id: int, role_id: int | None) -> None:
    """Save that role, or none."""
    await upsert(connection, rules, [{"server_id": server_id, "moderators_role_id": role_id}])


async def rules_of(connection: AsyncConnection, server_id: int) -> Rules:
    """Return the rules of a server: what it has set, and the defaults for all others."""
    numbers = await connection.scalar(select(rules.c.numbers).where(rules.c.server_id == server_id))
    return read_rules(numbers) if numbers else Rules()


def read_rules(numbers: str) -> Rules:
    """Return the rules from their JSON, which holds those that differ from the defaults."""
    return _RULES.validate_json(numbers)


async def set_rules(connection: AsyncConnection, server_id: int, numbers: Rules) -> None:
    """Save the rules that differ from the defaults, so that a default that is changed later changes for all others."""
    kept = _RULES.dump_json(numbers, exclude_defaults=True).decode()
    await upsert(connection, rules, [{"server_id": server_id, "numbers": kept}])
