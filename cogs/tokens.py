"""The tokens: the fleet, each of them, its name, and its switch at ImaginePro."""

from discord.ext import commands

from bot.app import Fastwatch
from bot.ui import texts
from cogs.token_levers import CancelButton, SwitchButton, TokenLevers
from cogs.token_list import ModesMenu, PageButton, TokenList, TokensMenu
from cogs.token_names import TokenNames
from cogs.token_views import FleetHistoryButton, HistoryButton, TokenViews


class Tokens(
    TokenList,
    TokenViews,
    TokenNames,
    TokenLevers,
    commands.GroupCog,
    group_name="token",
    group_description=texts.TOKEN_GROUP,
):
    """Has all commands about tokens in one group."""


async def setup(bot: Fastwatch) -> None:
    """Add the cog, and the buttons that outlive a restart."""
    await bot.add_cog(Tokens(bot))
    bot.add_dynamic_items(PageButton, ModesMenu, TokensMenu, SwitchButton, CancelButton)
    bot.add_dynamic_items(HistoryButton, FleetHistoryButton)
