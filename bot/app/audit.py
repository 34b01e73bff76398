"""What members do by commands and buttons: in which server, and the line of it in the audit log."""

from datetime import datetime
from typing import Any

import discord
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.audit import Action, Entry, record_entry
from bot.ui import texts

_TARGET_LENGTH = 100  # as long as the column


def server_of(interaction: discord.Interaction[Any]) -> int:
    """Name the server that the gate has let in."""
    if interaction.guild_id is None:
        raise TypeError("the gate lets in servers only")
    return interaction.guild_id


async def record(
    connection: AsyncConnection, interaction: discord.Interaction[Any], action: Action, target: str, now: datetime
) -> None:
    """Put what a member changed into the audit log, in the transaction of the change."""
    if len(target) > _TARGET_LENGTH:
        target = target[: _TARGET_LENGTH - 1] + texts.common.ELLIPSIS
    await record_entry(connection, Entry(server_of(interaction), interaction.user.id, action, target, now))
