"""Who may use the bot: which servers, and which of their members."""

from collections.abc import Set
from typing import Any

import discord
from discord import app_commands

from bot.storage.database import Database
from bot.storage.server_settings import moderators_role


class ServerNotAllowed(app_commands.CheckFailure):
    """The interaction comes from outside the home servers."""


class NotModerator(app_commands.CheckFailure):
    """The member is not a moderator."""


def require_home_server(interaction: discord.Interaction[Any], home_servers: Set[int]) -> None:
    """Raise ServerNotAllowed unless the interaction comes from a home server."""
    if interaction.guild_id not in home_servers:
        raise ServerNotAllowed


async def require_mod(interaction: discord.Interaction[Any], database: Database) -> None:
    """Raise NotModerator unless the member is a moderator.

    Discord's own permissions are only a hint, and ignored on subcommands.
    """
    if not await is_mod(interaction, database):
        raise NotModerator


async def is_mod(interaction: discord.Interaction[Any], database: Database) -> bool:
    """Whether the member may manage the server, or has the role that the server chose for its moderators."""
    if may_manage(interaction):
        return True
    if not isinstance(interaction.user, discord.Member) or interaction.guild_id is None:
        return False
    async with database.reading() as connection:
        role_id = await moderators_role(connection, interaction.guild_id)
    return role_id is not None and interaction.user.get_role(role_id) is not None


def may_manage(interaction: discord.Interaction[Any]) -> bool:
    """Whether the member may manage the server. Discord sends the member's permissions with each interaction."""
    return interaction.permissions.manage_guild or interaction.permissions.administrator
