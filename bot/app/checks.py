"""Who may use the bot: which servers, and which of their members."""

from collections.abc import Set
from typing import Any

import discord
from discord import app_commands

from bot.concurrency.time_limit import within
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.server_settings import moderators_role


class ServerNotAllowed(app_commands.CheckFailure):
    """The interaction comes from outside the home servers."""


# Discord waits 3 s for the first response to an interaction, and this may come before it.
_SECONDS = 2


class NotModerator(app_commands.CheckFailure):
    """The member is not a moderator. `role_id` is the role of the server's moderators, if it has chosen one."""

    def __init__(self, role_id: int | None) -> None:
        super().__init__()
        self.role_id = role_id


class RoleUnknown(app_commands.CheckFailure):
    """The database does not say which role moderators have."""


def require_home_server(interaction: discord.Interaction[Any], home_servers: Set[int]) -> None:
    """Raise ServerNotAllowed unless the interaction comes from a home server."""
    if interaction.guild_id not in home_servers:
        raise ServerNotAllowed


async def require_mod(interaction: discord.Interaction[Any], database: Database) -> None:
    """Raise NotModerator unless the member is a moderator, and RoleUnknown if that cannot be found out.

    Discord's own permissions are only a hint, and ignored on subcommands.
    """
    role_id = await _moderators_role(interaction, database)
    if not _is_mod(interaction, role_id):
        raise NotModerator(role_id)


async def is_mod(interaction: discord.Interaction[Any], database: Database) -> bool:
    """Whether the member may manage the server, or has the role that the server chose for its moderators.

    Raises RoleUnknown.
    """
    return _is_mod(interaction, await _moderators_role(interaction, database))


def _is_mod(interaction: discord.Interaction[Any], role_id: int | None) -> bool:
    if may_manage(interaction):
        return True
    member = interaction.user
    return role_id is not None and isinstance(member, discord.Member) and member.get_role(role_id) is not None


async def _moderators_role(interaction: discord.Interaction[Any], database: Database) -> int | None:
    """Return the role of the server's moderators; None if it has none, or if the member needs none."""
    server_id = interaction.guild_id
    if server_id is None or may_manage(interaction):
        return None

    async def read() -> int | None:
        async with database.reading() as connection:
            return await moderators_role(connection, server_id)

    try:
        return await within(_SECONDS, read())
    except (DatabaseUnavailable, TimeoutError) as error:
        raise RoleUnknown from error


def may_manage(interaction: discord.Interaction[Any]) -> bool:
    """Whether the member may manage the server. Discord sends the member's permissions with each interaction."""
    return interaction.permissions.manage_guild or interaction.permissions.administrator
