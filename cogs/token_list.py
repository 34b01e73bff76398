"""`/token list`: the fleet, one line per token, worst first."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.persistent import Audience, PersistentButton, PersistentMenu, cog_of
from bot.domain.modes import Mode
from bot.queries.fleet import fleet_overview
from bot.ui import custom_ids, texts
from bot.ui.fleet import list_embed, list_view, page_of
from cogs.token_show import TokenShow

_MAX_ID = 2**63 - 1  # the range of the database column


class TokenList(commands.Cog):
    """Lists the tokens. Part of the command group `/token`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(name="list", description=texts.commands.TOKEN_LIST)
    @app_commands.choices(
        mode=[app_commands.Choice(name=words, value=mode.value) for mode, words in texts.fleet.MODE_CHOICES.items()]
    )
    @app_commands.describe(mode=texts.commands.TOKEN_LIST_MODE, private=texts.commands.TRACE_PRIVATE)
    async def list_tokens(
        self,
        interaction: discord.Interaction[Fastwatch],
        mode: str | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of a slash command
    ) -> None:
        """Show the first page, which has the tokens that need attention."""
        await interaction.response.defer(ephemeral=private, thinking=True)
        await self.show_page(interaction, 1, Mode(mode) if mode is not None else None)

    async def show_page(self, interaction: discord.Interaction[Any], number: int, mode: Mode | None) -> None:
        """Show a page with current data, as the deferred response or instead of the page shown before."""
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
    """Shows another page of the list."""

    ids = custom_ids.LIST
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, page: int, mode: Mode | None, where: str) -> None:
        """Replace the current page."""
        await interaction.response.defer()
        await cog_of(interaction, TokenList).show_page(interaction, page, mode)


class ModesMenu(PersistentMenu):
    """Filters the list by one mode, or shows all."""

    ids = custom_ids.LIST_MODES
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page of the chosen mode; of all modes if it is none of them."""
        mode = Mode(self.chosen) if self.chosen in Mode.__members__ else None
        await interaction.response.defer()
        await cog_of(interaction, TokenList).show_page(interaction, 1, mode)


class TokensMenu(PersistentMenu):
    """Shows a token of the page, to its user only."""

    ids = custom_ids.LIST_TOKENS
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the chosen token."""
        chosen = self.chosen
        if not (chosen.isascii() and chosen.isdecimal() and int(chosen) <= _MAX_ID):
            raise UserError(texts.errors.NO_SUCH_TOKEN)
        await cog_of(interaction, TokenShow).show_token(interaction, int(chosen))
