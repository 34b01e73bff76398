"""The audit log of what members change by commands and buttons."""

from datetime import datetime
from typing import Any

import discord
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.audit import Action, Entry, record_entry
from bot.ui import texts

_TARGET_LENGTH = 100  # the length of the column


def server_of(interaction: discord.Interaction[Any]) -> int:
    """Return the server id of an interaction. The check for home servers has refused direct messages before."""
    if interaction.guild_id is None:
        raise TypeError("an interaction outside a server must be refused before")
    return interaction.guild_id


async def record(
    connection: AsyncConnection, interaction: discord.Interaction[Any], action: Action, target: str, now: datetime
) -> None:
    """Record in the audit log what a member changed, in the transaction of the change."""
    if len(target) > _TARGET_LENGTH:
        target = target[: _TARGET_LENGTH - 1] + texts.common.ELLIPSIS
    await record_entry(connection, Entry(server_of(interaction), interaction.user.id, action, target, now))
