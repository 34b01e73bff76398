"""`/token`, for everyone: the fleet, each token, and charts."""

from discord.ext import commands

from bot.app.client import Fastwatch
from bot.ui import texts
from cogs.token_export import TokenExport
from cogs.token_list import ModesMenu, PageButton, TokenList, TokensMenu
from cogs.token_show import (
    FleetHistoryButton,
    FleetHistoryDaysButton,
    HistoryButton,
    HistoryDaysButton,
    ShowButton,
    TokenShow,
)


class Tokens(
    TokenList, TokenShow, TokenExport, commands.GroupCog, group_name="token", group_description=texts.commands.TOKEN
):
    """The command group `/token`: the commands about tokens that everyone may use."""


async def setup(bot: Fastwatch) -> None:
    """Add the cog and its persistent components."""
    await bot.add_cog(Tokens(bot))
    bot.add_dynamic_items(PageButton, ModesMenu, TokensMenu, ShowButton)
    bot.add_dynamic_items(HistoryButton, FleetHistoryButton, HistoryDaysButton, FleetHistoryDaysButton)
