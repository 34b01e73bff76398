"""The fleet, for moderators: the names of tokens, and their switch at ImaginePro."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.client import Fastwatch
from bot.ui import texts
from cogs.token_names import TokenNames
from cogs.token_switch import CancelButton, SwitchButton, TokenSwitch


# Discord's permissions hold for a whole group, so what members may not use cannot stand beside what they may.
@app_commands.default_permissions(manage_guild=True)
class Fleet(TokenNames, TokenSwitch, commands.GroupCog, group_name="fleet", group_description=texts.commands.FLEET):
    """Has the commands that change tokens in one group."""

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Let only mods use any command of the group."""
        await self._bot.require_mod(interaction)
        return True


async def setup(bot: Fastwatch) -> None:
    """Add the cog, and the buttons that outlive a restart."""
    await bot.add_cog(Fleet(bot))
    bot.add_dynamic_items(SwitchButton, CancelButton)
