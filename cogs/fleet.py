"""`/fleet`, for moderators: names tokens and their owners, and enables and disables them at ImaginePro."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.checks import require_mod
from bot.app.client import Fastwatch
from bot.ui import texts
from cogs.token_names import TokenNames
from cogs.token_owners import AskOwnerButton, OwnerMenu, TokenOwners
from cogs.token_switch import AskSwitchButton, AskSwitchOnButton, CancelButton, SwitchButton, TokenSwitch


# Discord's permissions apply to a whole group, so commands for moderators need a group of their own.
@app_commands.default_permissions(manage_guild=True)
class Fleet(
    TokenNames, TokenOwners, TokenSwitch, commands.GroupCog, group_name="fleet", group_description=texts.commands.FLEET
):
    """The command group `/fleet`: the commands that change tokens."""

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Allow only moderators to use the commands of the group."""
        await require_mod(interaction, self._services.database)
        return True


async def setup(bot: Fastwatch) -> None:
    """Add the cog and its persistent buttons."""
    await bot.add_cog(Fleet(bot))
    bot.add_dynamic_items(AskSwitchButton, AskSwitchOnButton, SwitchButton, CancelButton)
    bot.add_dynamic_items(AskOwnerButton, OwnerMenu)
