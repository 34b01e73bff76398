"""The fleet at a glance: a line a token, worst first."""

import re
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.apologies import CannotBeDone
from bot.app import Fastwatch, cog_of, gated, menu_of
from bot.doings import server_of
from bot.fleet_overview import fleet_overview
from bot.health.modes import Mode
from bot.ui import buttons, texts
from bot.ui.fleet import list_embed, list_view, page_of
from cogs.token_views import TokenViews

_HIGHEST_ID = 2**63 - 1  # as a column of the database holds it


class TokenList(commands.Cog):
    """Lists the tokens. It is a part of the group of commands that has the tokens."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(name="list", description=texts.TOKEN_LIST)
    @app_commands.describe(mode=texts.TOKEN_LIST_MODE, private=texts.TRACE_PRIVATE)
    async def list_tokens(
        self,
        interaction: discord.Interaction[Fastwatch],
        mode: Mode | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - a slash command's option is what it is
    ) -> None:
        """Show the first page, which has the tokens that need somebody first."""
        await interaction.response.defer(ephemeral=private, thinking=True)
        await self.show_page(interaction, 1, mode)

    async def show_page(self, interaction: discord.Interaction[Any], number: int, mode: Mode | None) -> None:
        """Show a page as it is now, in the place of the deferred answer or of the page before."""
        services = self._services
        async with services.database.reading() as connection:
            overview = await fleet_overview(
                connection,
                services.account_id,
                server_of(interaction),
                services.clock.now(),
                poll_every=services.poll_every,
            )
        page = page_of(overview, number, mode)
        await interaction.edit_original_response(embed=list_embed(overview, page), view=list_view(overview, page))


class PageButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=buttons.LIST):
    """Leads to a page of the list. Known by its custom id, so a restart does not end it."""

    def __init__(self, where: str, page: int, mode: Mode | None) -> None:
        super().__init__(buttons.list_button(where, page, mode, leads_on=True))
        self._page = page
        self._mode = mode

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the button again from its custom id."""
        return cls(match["where"], int(match["page"]), _mode(match["mode"]))

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show that page in the place of this one."""
        await interaction.response.defer()
        await cog_of(interaction, TokenList).show_page(interaction, self._page, self._mode)


class ModesMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=buttons.LIST_MODES):
    """Has the list show one mode alone, or all."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the menu again from the Discord message it stands on."""
        return cls(menu_of(item))

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page of that mode."""
        await interaction.response.defer()
        await cog_of(interaction, TokenList).show_page(interaction, 1, _mode(self.item.values[0]))


class TokensMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=buttons.LIST_TOKENS):
    """Opens a token of the page for its user alone."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the menu again from the Discord message it stands on."""
        return cls(menu_of(item))

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show its card."""
        chosen = self.item.values[0]
        if not (chosen.isascii() and chosen.isdecimal() and int(chosen) <= _HIGHEST_ID):
            raise CannotBeDone(texts.NO_SUCH_TOKEN)
        await cog_of(interaction, TokenViews).show_token(interaction, int(chosen))


def _mode(chosen: str) -> Mode | None:
    """Read which mode was chosen; all of them where it is none that there is."""
    return Mode(chosen) if chosen in Mode.__members__ else None
