"""The Mute button under the card of a trace: for how long, and then what `/alerts mute` does."""

from datetime import timedelta
from typing import Any

import discord

from bot.app.client import cog_of
from bot.app.persistent import Audience, PersistentButton
from bot.ui import custom_ids
from cogs.mutes import Mutes


class MuteTokenButton(PersistentButton):
    """Asks its user alone, a mod, for how long to mute a token."""

    ids = custom_ids.MUTE_TOKEN
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, token_id: int) -> None:
        """Ask."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, Mutes).ask_for_how_long(interaction, token_id)


class MuteTokenForButton(PersistentButton):
    """Answers for how long."""

    ids = custom_ids.MUTE_TOKEN_FOR
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, hours: int, token_id: int) -> None:
        """Mute it, and say so in the place of the question."""
        await interaction.response.defer()
        cog, lasts = cog_of(interaction, Mutes), timedelta(hours=hours)
        answer = await cog.mute_for(interaction, str(token_id), lasts, why="")
        await interaction.edit_original_response(content=answer, view=None)
