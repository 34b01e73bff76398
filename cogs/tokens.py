"""The tokens, for everyone: the fleet, each token, and charts."""

from discord.ext import commands

from bot.app.client import Fastwatch
from bot.ui import texts
from cogs.token_list import ModesMenu, PageButton, TokenList, TokensMenu
from cogs.token_show import FleetHistoryButton, HistoryButton, TokenShow


class Tokens(TokenList, TokenShow, commands.GroupCog, group_name="token", group_description=texts.commands.TOKEN):
    """Has the commands about tokens that everyone may use in one group."""


async def setup(bot: Fastwatch) -> None:
    """Add the cog, and the buttons that outlive a restart."""
    await bot.add_cog(Tokens(bot))
    bot.add_dynamic_items(PageButton, ModesMenu, TokensMenu, HistoryButton, FleetHistoryButton)
