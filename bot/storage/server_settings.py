"""Settings of a server: its rules and its moderators' role."""

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.rules import Rules
from bot.storage.account_revisions import server_changed
from bot.storage.schema import server_settings
from bot.storage.upsert import upsert


async def moderators_role(connection: AsyncConnection, server_id: int) -> int | None:
    """Return the role that makes a moderator, besides the permission to manage the server; None if not set."""
    return await connection.scalar(
        select(server_settings.c.moderators_role_id).where(server_settings.c.server_id == server_id)
    )


async def set_moderators_role(connection: AsyncConnection, server_id: int, role_id: int | None) -> None:
    """Set the moderators' role, or remove it."""
    await upsert(connection, server_settings, [{"server_id": server_id, "moderators_role_id": role_id}])


# Each round and each delivery reads them several times.
_RULES = select(server_settings.c.rules).where(server_settings.c.server_id == bindparam("its_server"))


async def rules_of(connection: AsyncConnection, server_id: int) -> Rules:
    """Return the rules of a server, with defaults for those it has not set."""
    rules: Rules | None = await connection.scalar(_RULES, {"its_server": server_id})
    return rules if rules is not None else Rules()


async def set_rules(connection: AsyncConnection, server_id: int, rules: Rules) -> None:
    """Save the rules that differ from the defaults, so that a later change of a default applies to all servers."""
    server_changed(connection, server_id)
    await upsert(connection, server_settings, [{"server_id": server_id, "rules": rules}])
