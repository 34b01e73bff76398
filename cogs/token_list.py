"""The fleet at a glance: a line a token, worst first."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import server_of
from bot.app.client import Fastwatch, cog_of
from bot.app.errors import UserError
from bot.app.persistent import Audience, PersistentButton, PersistentMenu
from bot.domain.modes import Mode
from bot.queries.fleet import fleet_overview
from bot.ui import custom_ids, texts
from bot.ui.fleet import list_embed, list_view, page_of
from cogs.token_show import TokenShow

_HIGHEST_ID = 2**63 - 1  # as a column of the database holds it


class TokenList(commands.Cog):
    """Lists the tokens. It is a part of the group of commands that has the tokens."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(name="list", description=texts.commands.TOKEN_LIST)
    @app_commands.describe(mode=texts.commands.TOKEN_LIST_MODE, private=texts.commands.TRACE_PRIVATE)
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
                poll_interval=services.poll_interval,
            )
        page = page_of(overview, number, mode)
        await interaction.edit_original_response(embed=list_embed(overview, page), view=list_view(overview, page))


class PageButton(PersistentButton):
    """Leads to a page of the list."""

    ids = custom_ids.LIST
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, page: int, mode: Mode | None, where: str) -> None:
        """Show that page in the place of this one."""
        await interaction.response.defer()
        await cog_of(interaction, TokenList).show_page(interaction, page, mode)


class ModesMenu(PersistentMenu):
    """Has the list show one mode alone, or all."""

    ids = custom_ids.LIST_MODES
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page of that mode; of all where it is none that there is."""
        mode = Mode(self.chosen) if self.chosen in Mode.__members__ else None
        await interaction.response.defer()
        await cog_of(interaction, TokenList).show_page(interaction, 1, mode)


class TokensMenu(PersistentMenu):
    """Opens a token of the page for its user alone."""

    ids = custom_ids.LIST_TOKENS
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show its card."""
        chosen = self.chosen
        if not (chosen.isascii() and chosen.isdecimal() and int(chosen) <= _HIGHEST_ID):
            raise UserError(texts.errors.NO_SUCH_TOKEN)
        await cog_of(interaction, TokenShow).show_token(interaction, int(chosen))
