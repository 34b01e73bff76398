"""Traces which token ran an image: `/trace`, the context menu, and the Refresh button below the result."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.persistent import Audience, PersistentButton, PersistentMenu, cog_of
from bot.app.recent_traces import RecentTraces
from bot.concurrency.time_limit import within
from bot.domain.forecast import Forecast
from bot.domain.readings import Reading
from bot.parsing.message_ids import find_message_ids, parse_message_id
from bot.queries.forecasts import ForecastCache
from bot.storage.database import DatabaseUnavailable
from bot.storage.traces import TraceRecord
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.formatting import NO_NAMES, Names
from bot.ui.trace import trace_embed

log = structlog.get_logger(__name__)

# Completions do not wait longer for what they can do without, and the rest of a card is not added later than that.
_DATABASE_SECONDS = 2
_MAX_CHOICES = 25  # Discord's limit, for completions and for menus


class Trace(commands.Cog):
    """The command `/trace`, and the context menu."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._recent_traces = RecentTraces(bot.services.database, bot.services.clock)
        self._forecasts = ForecastCache(bot.services.account_id, bot.services.database)
        self._menu = app_commands.ContextMenu(name=texts.commands.TRACE_MENU, callback=self.trace_discord_message)

    async def cog_load(self) -> None:
        """Add the context menu: discord.py does not register context menus of a cog."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Write the traces of the last second."""
        await self._recent_traces.close()

    @app_commands.command(description=texts.commands.TRACE)
    @app_commands.describe(message_id=texts.commands.TRACE_MESSAGE_ID, private=texts.commands.TRACE_PRIVATE)
    async def trace(
        self,
        interaction: discord.Interaction[Fastwatch],
        message_id: str,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of a slash command
    ) -> None:
        """Show the card of the token that ran the message."""
        wanted = parse_message_id(message_id)
        if wanted is None:
            raise UserError(texts.errors.NO_MESSAGE_ID)
        self._bot.cooldowns.count(interaction)
        await interaction.response.defer(ephemeral=private, thinking=True)
        card = await self._answer(interaction, wanted)
        if not private and interaction.guild_id is not None:
            now = self._services.clock.now()
            self._recent_traces.add(TraceRecord(interaction.guild_id, wanted, card.reading.token_id, now))
        await self._complete(interaction, card)

    @trace.autocomplete("message_id")
    async def complete(self, interaction: discord.Interaction[Fastwatch], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the message ids that were recently traced in this server."""
        server_id = server_of(interaction)
        recent = await self._recent_traces.matching(server_id, typed, most=_MAX_CHOICES)
        names = await self._names_in(server_id)
        return [
            app_commands.Choice(
                name=texts.trace.CHOICE.format(
                    message=trace.message_id, token=formatting.plain_token(trace.token_id, names)
                ),
                value=str(trace.message_id),
            )
            for trace in recent
        ]

    async def trace_discord_message(
        self, interaction: discord.Interaction[Fastwatch], discord_message: discord.Message
    ) -> None:
        """Trace the message whose id is in a Discord message; a menu if there are several. To its user only."""
        found = find_message_ids("\n".join(_texts_of(discord_message)))
        if not found:
            raise UserError(texts.errors.NO_MESSAGE_ID_HERE)
        if len(found) > 1:
            menu = components.view_of(components.message_menu(found[:_MAX_CHOICES]))
            await interaction.response.send_message(texts.trace.CHOOSE, view=menu, ephemeral=True)
            return
        self._bot.cooldowns.count(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.show(interaction, found[0])

    async def show(self, interaction: discord.Interaction[Fastwatch], message_id: UUID) -> None:
        """Trace a message, and show the card as the deferred response."""
        await self._complete(interaction, await self._answer(interaction, message_id))

    async def _answer(self, interaction: discord.Interaction[Fastwatch], message_id: UUID) -> "_Card":
        """Show the card with what is in memory: a database that is slow does not delay it."""
        reading = await self._services.imaginepro.trace(message_id)
        names = self._bot.names.cached(server_of(interaction)) or NO_NAMES
        forecast = self._forecasts.cached(reading, self._services.clock.now())
        card = _Card(message_id, reading, trace_embed(message_id, reading, names, forecast))
        await card.show(interaction)
        return card

    async def _complete(self, interaction: discord.Interaction[Fastwatch], card: "_Card") -> None:
        """Add the names and the forecast to a card that lacks them because they were not in memory."""
        server_id, reading = server_of(interaction), card.reading
        if self._bot.names.cached(server_id) is not None and not self._forecasts.needs_database(reading):
            return
        names, forecast = await asyncio.gather(self._names_in(server_id), self._forecast_of(reading))
        complete = replace(card, embed=trace_embed(card.message_id, reading, names, forecast))
        if complete.embed != card.embed:
            try:
                await complete.show(interaction)
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                log.info("The names and the forecast could not be added to a trace.", error=str(error))

    async def _names_in(self, server_id: int) -> Names:
        """Return the token names of a server; none if the database fails, because a trace works without it."""
        try:
            return await within(_DATABASE_SECONDS, self._bot.names.get(server_id))
        except (DatabaseUnavailable, TimeoutError):
            return NO_NAMES
        except SQLAlchemyError as error:
            log.warning("The token names could not be read.", error=str(error))
            return NO_NAMES

    async def _forecast_of(self, reading: Reading) -> Forecast | None:
        """Return a forecast from a token's history; None if the database fails."""
        try:
            return await within(_DATABASE_SECONDS, self._forecasts.get(reading, self._services.clock.now()))
        except (DatabaseUnavailable, TimeoutError):
            return None
        except SQLAlchemyError as error:
            log.warning("The history of a token could not be read.", error=str(error))
            return None


@dataclass(frozen=True, slots=True)
class _Card:
    """The answer to a trace."""

    message_id: UUID
    reading: Reading
    embed: discord.Embed

    async def show(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Show the card as the deferred response."""
        await interaction.edit_original_response(
            content=None, embed=self.embed, view=components.trace_view(self.message_id, self.reading.token_id)
        )


class RefreshButton(PersistentButton):
    """Traces the message of the card above it again."""

    ids = custom_ids.REFRESH
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, message_id: UUID) -> None:
        """Replace the card by the current one."""
        interaction.client.cooldowns.count_refresh(interaction)
        await interaction.response.defer()
        await cog_of(interaction, Trace).show(interaction, message_id)


class MessageMenu(PersistentMenu):
    """Traces one of several messages."""

    ids = custom_ids.MESSAGE_MENU
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Replace the menu by the card of the chosen message."""
        interaction.client.cooldowns.count(interaction)
        await interaction.response.defer()
        await cog_of(interaction, Trace).show(interaction, UUID(self.chosen))


def _texts_of(discord_message: discord.Message) -> Iterable[str]:
    """Return the visible texts of a Discord message. A context menu gets the content even without the intent for it."""
    yield discord_message.content
    for embed in discord_message.embeds:
        yield from filter(None, (embed.title, embed.description, embed.url, embed.author.name, embed.footer.text))
        for field in embed.fields:
            yield from filter(None, (field.name, field.value))


async def setup(bot: Fastwatch) -> None:
    """Add the cog and its persistent components."""
    await bot.add_cog(Trace(bot))
    bot.add_dynamic_items(RefreshButton, MessageMenu)
