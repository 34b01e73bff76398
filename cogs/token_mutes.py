"""The Mute button under the card of a trace: for how long, and then what `/alerts mute` does."""

import re
from datetime import timedelta
from typing import Any, Self

import discord

from bot.app import cog_of, gated
from bot.ui import buttons
from cogs.mutes import Mutes


class MuteTokenButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=buttons.MUTE_ONE):
    """Asks its user alone, a mod, for how long to mute a token."""

    def __init__(self, token_id: int) -> None:
        super().__init__(buttons.mute_token_button(token_id))
        self._token_id = token_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the button again from its custom id."""
        return cls(int(match["token_id"]))

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Ask."""
        await interaction.client.require_mod(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, Mutes).ask_for_how_long(interaction, self._token_id)


class MuteTokenForButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=buttons.MUTE_ONE_FOR):
    """Answers for how long."""

    def __init__(self, token_id: int, hours: int) -> None:
        super().__init__(buttons.mute_token_for_button(token_id, hours))
        self._token_id = token_id
        self._hours = hours

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the button again from its custom id."""
        return cls(int(match["token_id"]), int(match["hours"]))

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Mute it, and say so in the place of the question."""
        await interaction.client.require_mod(interaction)
        await interaction.response.defer()
        cog, lasts = cog_of(interaction, Mutes), timedelta(hours=self._hours)
        answer = await cog.mute_for(interaction, str(self._token_id), lasts, why="")
        await interaction.edit_original_response(content=answer, view=None)
