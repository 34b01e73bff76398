"""`/token show` and `/token history`: the state, history and forecast of one token, and the history of all."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.app.audit import server_of
from bot.app.checks import is_mod
from bot.app.client import Fastwatch
from bot.app.persistent import Audience, PersistentButton, cog_of
from bot.app.token_option import autocomplete_tokens, resolve_token
from bot.charts.service import ChartFailed, ChartsBusy
from bot.charts.spec import Chart
from bot.queries.tokens import HISTORY_DAYS, token_history, token_overview, whole_fleet_history
from bot.storage.token_names import names_of
from bot.ui import components, custom_ids, texts
from bot.ui.history import (
    PICTURE,
    fleet_alternative,
    fleet_chart,
    fleet_history_embed,
    token_alternative,
    token_chart,
    token_history_embed,
)
from bot.ui.token_card import token_card

log = structlog.get_logger(__name__)

_DEFAULT_DAYS = 30


class TokenShow(commands.Cog):
    """Shows a token, and histories. Part of the command group `/token`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(description=texts.commands.TOKEN_SHOW)
    @app_commands.autocomplete(token=autocomplete_tokens)
    @app_commands.describe(token=texts.commands.TOKEN_SHOW_OPTION, private=texts.commands.TOKEN_PRIVATE)
    async def show(
        self,
        interaction: discord.Interaction[Fastwatch],
        token: str,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of a slash command
    ) -> None:
        """Show the card of a token."""
        await interaction.response.defer(ephemeral=private, thinking=True)
        await self._show(interaction, await self._resolve_token(interaction, token))

    @app_commands.command(description=texts.commands.TOKEN_HISTORY)
    @app_commands.autocomplete(token=autocomplete_tokens)
    @app_commands.describe(
        token=texts.commands.TOKEN_HISTORY_OPTION,
        days=texts.commands.TOKEN_HISTORY_DAYS,
        private=texts.commands.TOKEN_PRIVATE,
    )
    async def history(
        self,
        interaction: discord.Interaction[Fastwatch],
        token: str | None = None,
        days: app_commands.Range[int, 1, HISTORY_DAYS] = _DEFAULT_DAYS,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of a slash command
    ) -> None:
        """Show the chart of a token, or of all tokens."""
        self._bot.cooldowns.count_chart(interaction)
        await interaction.response.defer(ephemeral=private, thinking=True)
        if token is None:
            await self._show_fleet_history(interaction, days)
        else:
            await self._show_history(interaction, await self._resolve_token(interaction, token), days)

    async def show_token(self, interaction: discord.Interaction[Any], token_id: int) -> None:
        """Show the card of a token in response to a button or menu, to its user only."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._show(interaction, token_id)

    async def refresh(self, interaction: discord.Interaction[Any], token_id: int, *, for_mod: bool) -> None:
        """Show the latest reading instead of the one on the card, with the buttons for the same audience."""
        await interaction.response.defer()
        await self._show(interaction, token_id, for_mod=for_mod)

    async def show_other_days(self, interaction: discord.Interaction[Any], token_id: int | None, days: int) -> None:
        """Show another period instead of the one on the chart; None stands for all tokens."""
        self._bot.cooldowns.count_chart(interaction)
        await interaction.response.defer()
        if token_id is None:
            await self._show_fleet_history(interaction, days)
        else:
            await self._show_history(interaction, token_id, days)

    async def show_token_history(self, interaction: discord.Interaction[Any], token_id: int) -> None:
        """Show the chart of a token in response to a button, to its user only."""
        self._bot.cooldowns.count_chart(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._show_history(interaction, token_id, _DEFAULT_DAYS)

    async def show_fleet_history(self, interaction: discord.Interaction[Any]) -> None:
        """Show the chart of all tokens in response to a button, to its user only."""
        self._bot.cooldowns.count_chart(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._show_fleet_history(interaction, _DEFAULT_DAYS)

    async def _resolve_token(self, interaction: discord.Interaction[Any], typed: str) -> int:
        async with self._services.database.reading() as connection:
            names = await names_of(connection, server_of(interaction))
            return await resolve_token(connection, self._services.account_id, typed, names=names)

    async def _show(self, interaction: discord.Interaction[Any], token_id: int, *, for_mod: bool | None = None) -> None:
        services = self._services
        async with services.database.reading() as connection:
            overview = await token_overview(
                connection,
                services.account_id,
                server_of(interaction),
                token_id,
                services.clock.now(),
                poll_interval=services.poll_interval,
            )
        if for_mod is None:
            for_mod = await is_mod(interaction, services.database)
        view = components.token_view(overview.reading, for_mod=for_mod)
        overview = replace(overview, dashboard_url=services.dashboard_url)
        await interaction.edit_original_response(embed=token_card(overview), view=view)

    async def _show_history(self, interaction: discord.Interaction[Any], token_id: int, days: int) -> None:
        services = self._services
        async with services.database.reading() as connection:
            history = await token_history(
                connection,
                services.account_id,
                server_of(interaction),
                token_id,
                services.clock.now(),
                days=days,
                poll_interval=services.poll_interval,
            )
        await self._show_chart(
            interaction,
            token_chart(history),
            token_history_embed(history),
            token_alternative(history),
            components.history_view(token_id, days),
        )

    async def _show_fleet_history(self, interaction: discord.Interaction[Any], days: int) -> None:
        services = self._services
        async with services.database.reading() as connection:
            history = await whole_fleet_history(
                connection,
                services.account_id,
                server_of(interaction),
                services.clock.now(),
                days=days,
                poll_interval=services.poll_interval,
            )
        await self._show_chart(
            interaction,
            fleet_chart(history),
            fleet_history_embed(history),
            fleet_alternative(history),
            components.history_view(None, days),
        )

    async def _show_chart(
        self,
        interaction: discord.Interaction[Any],
        chart: Chart,
        embed: discord.Embed,
        alternative: str,
        view: discord.ui.View,
    ) -> None:
        """Show the chart and its embed; the embed only if the chart cannot be drawn."""
        content, files = None, []
        try:
            picture = await self._services.charts.draw(chart)
        except ChartFailed:
            content = texts.history.NO_PICTURE
        except ChartsBusy as error:
            log.warning("A chart was not drawn because too many are waiting.", error=str(error))
            content = texts.history.BUSY
        else:
            files = [discord.File(BytesIO(picture), PICTURE, description=alternative)]
            embed.set_image(url=f"attachment://{PICTURE}")
        await interaction.edit_original_response(content=content, embed=embed, attachments=files, view=view)


class ShowButton(PersistentButton):
    """Shows the latest reading of the token above it."""

    ids = custom_ids.SHOW
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, token_id: int) -> None:
        """Replace the card. Who presses it changes none of its buttons."""
        for_mod = custom_ids.MUTE_TOKEN.encode(token_id=token_id) in _custom_ids_of(interaction.message)
        await cog_of(interaction, TokenShow).refresh(interaction, token_id, for_mod=for_mod)


class HistoryDaysButton(PersistentButton):
    """Shows another period of the history of a token."""

    ids = custom_ids.HISTORY_DAYS
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, days: int, token_id: int) -> None:
        """Replace the chart."""
        await cog_of(interaction, TokenShow).show_other_days(interaction, token_id, days)


class FleetHistoryDaysButton(PersistentButton):
    """Shows another period of the history of all tokens."""

    ids = custom_ids.FLEET_HISTORY_DAYS
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, days: int) -> None:
        """Replace the chart."""
        await cog_of(interaction, TokenShow).show_other_days(interaction, None, days)


class HistoryButton(PersistentButton):
    """Shows the history of the token above it."""

    ids = custom_ids.HISTORY
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, token_id: int) -> None:
        """Show it, to its user only."""
        await cog_of(interaction, TokenShow).show_token_history(interaction, token_id)


class FleetHistoryButton(PersistentButton):
    """Shows the history of all tokens."""

    ids = custom_ids.FLEET_HISTORY
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it, to its user only."""
        await cog_of(interaction, TokenShow).show_fleet_history(interaction)


def _custom_ids_of(message: discord.Message | None) -> set[str | None]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)] if message is not None else []
    return {item.custom_id for row in rows for item in row.children}
