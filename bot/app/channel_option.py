"""A channel as a command's option: where alerts and the board can be posted."""

from typing import TypeAlias

import discord
from discord import app_commands

from bot.app.errors import UserError
from bot.ui import texts
from bot.ui.alert_setup import AlertChannel

ChannelOption: TypeAlias = app_commands.AppCommandChannel | app_commands.AppCommandThread
"""Any channel, so that a refusal says which are possible, and as Discord sends it: an archived thread is not cached."""


async def resolve_channel(chosen: ChannelOption) -> AlertChannel:
    """Return the chosen channel, if alerts can be posted there. Raises UserError."""
    try:
        channel = chosen.resolve() or await chosen.fetch()
    except discord.HTTPException:
        raise UserError(texts.alert_setup.CHANNEL_UNKNOWN) from None
    if isinstance(channel, discord.TextChannel | discord.ForumChannel):
        return channel
    if isinstance(channel, discord.Thread) and channel.parent is not None:
        return channel
    raise UserError(texts.alert_setup.CHANNEL_TYPE)
