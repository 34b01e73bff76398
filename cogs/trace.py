"""Which token ran an image: `/trace`, the context menu, and the Refresh button under the answer."""

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import discord
import structlog
from discord import app_commands
from discord.ext import commands
from sqlalchemy.exc import SQLAlchemyError

from bot.app.audit import server_of
from bot.app.client import Fastwatch, cog_of
from bot.app.errors import UserError
from bot.app.persistent import Audience, PersistentButton, PersistentMenu
from bot.app.recent_traces import RecentTraces
from bot.domain.forecast import Forecast
from bot.domain.readings import Reading
from bot.parsing.message_ids import find_message_ids, parse_message_id
from bot.queries.forecasts import ForecastCache
from bot.storage.traces import TraceRecord
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.formatting import NO_NAMES, Names
from bot.ui.trace import trace_embed

log = structlog.get_logger(__name__)

_MOST_CHOICES = 25  # Discord's limit, for completions and for menus


class Trace(commands.Cog):
    """Traces messages."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._recent_traces = RecentTraces(bot.services.database, bot.services.clock)
        self._forecasts = ForecastCache(bot.services.account_id, bot.services.database)
        self._menu = app_commands.ContextMenu(name=texts.commands.TRACE_MENU, callback=self.trace_discord_message)

    async def cog_load(self) -> None:
        """Add the context menu, which a cog does not add by itself."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Keep what was traced in the last moment."""
        await self._recent_traces.close()

    @app_commands.command(description=texts.commands.TRACE)
    @app_commands.describe(message_id=texts.commands.TRACE_MESSAGE_ID, private=texts.commands.TRACE_PRIVATE)
    async def trace(
        self,
        interaction: discord.Interaction[Fastwatch],
        message_id: str,
        private: bool = False,  # noqa: FBT001, FBT002 - a slash command's option is what it is
    ) -> None:
        """Answer with the card of the token that ran the message."""
        wanted = parse_message_id(message_id)
        if wanted is None:
            raise UserError(texts.errors.NO_MESSAGE_ID)
        self._bot.cooldowns.count(interaction)
        await interaction.response.defer(ephemeral=private, thinking=True)
        token_id = await self.show(interaction, wanted)
        if not private and interaction.guild_id is not None:
            now = self._services.clock.now()
            self._recent_traces.add(TraceRecord(interaction.guild_id, wanted, token_id, now))

    @trace.autocomplete("message_id")
    async def complete(self, interaction: discord.Interaction[Fastwatch], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the ids that were traced lately in this server."""
        server_id = server_of(interaction)
        lately = await self._recent_traces.matching(server_id, typed, most=_MOST_CHOICES)
        names = await self._names_in(server_id)
        return [
            app_commands.Choice(
                name=texts.trace.CHOICE.format(
                    message=traced.message_id, token=formatting.plain_token(traced.token_id, names)
                ),
                value=str(traced.message_id),
            )
            for traced in lately
        ]

    async def trace_discord_message(
        self, interaction: discord.Interaction[Fastwatch], discord_message: discord.Message
    ) -> None:
        """Trace the message that a Discord message names; a menu where it names several. For its user alone."""
        found = find_message_ids("\n".join(_texts_of(discord_message)))
        if not found:
            raise UserError(texts.errors.NO_MESSAGE_ID_HERE)
        if len(found) > 1:
            menu = components.view_of(components.message_menu(found[:_MOST_CHOICES]))
            await interaction.response.send_message(texts.trace.CHOOSE, view=menu, ephemeral=True)
            return
        self._bot.cooldowns.count(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.show(interaction, found[0])

    async def show(self, interaction: discord.Interaction[Fastwatch], message_id: UUID) -> int:
        """Trace, and show the card in the place of the deferred answer; the token's id."""
        reading, names = await asyncio.gather(
            self._services.imaginepro.trace(message_id), self._names_in(server_of(interaction))
        )
        forecast = await self._forecast_of(reading)
        await interaction.edit_original_response(
            content=None,
            embed=trace_embed(message_id, reading, names, forecast),
            view=components.trace_view(message_id, reading.token_id),
        )
        return reading.token_id

    async def _names_in(self, server_id: int) -> Names:
        """Read what tokens are called in a server. A trace needs no database otherwise, and does without if it must."""
        try:
            return await self._bot.names.get(server_id)
        except (SQLAlchemyError, OSError) as error:
            log.warning("The names of tokens could not be looked up.", reason=str(error))
            return NO_NAMES

    async def _forecast_of(self, reading: Reading) -> Forecast | None:
        """Forecast from what is kept of a token, and do without where the database does not answer."""
        try:
            return await self._forecasts.get(reading, self._services.clock.now())
        except (SQLAlchemyError, OSError) as error:
            log.warning("The history of a token could not be looked up.", reason=str(error))
            return None


class RefreshButton(PersistentButton):
    """Traces the message under whose card it stands again."""

    ids = custom_ids.REFRESH
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any], *, message_id: UUID) -> None:
        """Show the card as it is now, in its place."""
        interaction.client.cooldowns.count_refresh(interaction)
        await interaction.response.defer()
        await cog_of(interaction, Trace).show(interaction, message_id)


class MessageMenu(PersistentMenu):
    """Lets its user choose one of several messages to trace."""

    ids = custom_ids.MESSAGE_MENU
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the card of the chosen message in the place of the menu."""
        interaction.client.cooldowns.count(interaction)
        await interaction.response.defer()
        await cog_of(interaction, Trace).show(interaction, UUID(self.chosen))


def _texts_of(discord_message: discord.Message) -> Iterable[str]:
    """Collect what a person can read in a Discord message; a context menu brings its content along, intent or not."""
    yield discord_message.content
    for embed in discord_message.embeds:
        yield from filter(None, (embed.title, embed.description, embed.url, embed.author.name, embed.footer.text))
        for field in embed.fields:
            yield from filter(None, (field.name, field.value))


async def setup(bot: Fastwatch) -> None:
    """Add the cog, and the buttons that outlive a restart."""
    await bot.add_cog(Trace(bot))
    bot.add_dynamic_items(RefreshButton, MessageMenu)
