"""Mutes: `/alerts mute`, `/alerts unmute`, and the Mute button below a trace."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import record, server_of
from bot.app.checks import is_mod
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.persistent import Audience, PersistentButton, cog_of
from bot.app.token_option import autocomplete_tokens_for_mods, resolve_token, token_choices
from bot.domain.mutes import LONGEST_MUTE, SHORTEST_MUTE
from bot.parsing.durations import parse_duration
from bot.parsing.text import strip_invisible
from bot.storage import alert_routes, deliveries, mutes
from bot.storage.audit import Action
from bot.storage.mutes import Mute
from bot.storage.token_names import names_of
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.alerts_overview import MOST_REASON, muted_what
from bot.ui.formatting import Names
from bot.ui.mutes import still_notified, urgent_words


class Mutes(commands.Cog):
    """Mutes and unmutes the alerts of tokens. Part of the command group `/alerts`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._notifier = bot.notifier

    @app_commands.command(description=texts.commands.ALERTS_MUTE)
    @app_commands.autocomplete(token=autocomplete_tokens_for_mods)
    @app_commands.describe(
        duration=texts.commands.ALERTS_MUTE_DURATION,
        token=texts.commands.ALERTS_MUTE_TOKEN,
        reason=texts.commands.ALERTS_MUTE_REASON,
        include_urgent=texts.commands.ALERTS_MUTE_INCLUDE_URGENT.format(urgent=urgent_words()),
    )
    async def mute(
        self,
        interaction: discord.Interaction[Fastwatch],
        duration: str,
        token: str | None = None,
        reason: str = "",
        include_urgent: bool = False,  # noqa: FBT001, FBT002 - an option of a slash command
    ) -> None:
        """Mute the alerts of a token, or of all tokens, for a while."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        length, clean_reason = _mute_duration(duration), strip_invisible(reason).strip()
        if len(clean_reason) > MOST_REASON:
            raise UserError(texts.mutes.MUTE_REASON.format(most=MOST_REASON))
        response = await self.mute_for(interaction, token, length, clean_reason, include_urgent=include_urgent)
        await interaction.edit_original_response(content=response)

    async def mute_for(
        self,
        interaction: discord.Interaction[Any],
        token: str | None,
        duration: timedelta,
        reason: str = "",
        *,
        include_urgent: bool = False,
    ) -> str:
        """Mute the alerts of the given token, or of all, and return the response to show."""
        server_id, now = server_of(interaction), self._services.clock.now()
        async with self._services.database.transaction() as connection:
            if not await alert_routes.lock_server(connection, server_id):
                raise UserError(texts.alert_setup.NOT_SET_UP)
            names = await names_of(connection, server_id)
            token_id = await self._resolve(connection, token, names)
            until, by = now + duration, interaction.user.id
            await mutes.set_mute(connection, Mute(server_id, token_id, until, reason, by, now, include_urgent))
            # Deliveries that an earlier mute has deferred are claimed again, and then deferred by this one.
            await deliveries.retry_now(connection, server_id, now)
            await record(connection, interaction, Action.MUTED, muted_what(token_id), now)
        self._notifier.wake()
        return texts.mutes.MUTE_DONE.format(
            what=muted_what(token_id, names),
            until=formatting.at(until, "f"),
            ago=formatting.at(until, "R"),
            still=still_notified(include_urgent=include_urgent),
        )

    async def ask_for_how_long(self, interaction: discord.Interaction[Any], token_id: int) -> None:
        """Ask for how long to mute a token. Raises UserError if the server has no alerts."""
        async with self._services.database.reading() as connection:
            if await alert_routes.get_route(connection, server_of(interaction)) is None:
                raise UserError(texts.alert_setup.NOT_SET_UP)
            names = await names_of(connection, server_of(interaction))
            await self._resolve(connection, str(token_id), names)
        await interaction.edit_original_response(
            content=texts.mutes.MUTE_TOKEN_QUESTION.format(token=formatting.token(token_id, names)),
            view=components.mute_token_view(token_id),
        )

    @app_commands.command(description=texts.commands.ALERTS_UNMUTE)
    @app_commands.describe(token=texts.commands.ALERTS_UNMUTE_TOKEN)
    async def unmute(self, interaction: discord.Interaction[Fastwatch], token: str | None = None) -> None:
        """End a mute, and deliver what it has deferred."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id, now = server_of(interaction), self._services.clock.now()
        async with self._services.database.transaction() as connection:
            muted = [one.token_id for one in await mutes.mutes_of(connection, server_id, now)]
            names = await names_of(connection, server_id)
            token_id = await self._resolve(connection, token, names, also=[one for one in muted if one is not None])
            was_muted = token_id in muted
            if was_muted:
                await mutes.remove_mute(connection, server_id, token_id)
                await deliveries.retry_now(connection, server_id, now)
                await record(connection, interaction, Action.UNMUTED, muted_what(token_id), now)
        self._notifier.wake()
        words = texts.mutes.UNMUTE_DONE if was_muted else texts.mutes.UNMUTE_UNKNOWN
        lines = [words.format(what=muted_what(token_id, names))]
        if still := [muted_what(one, names) for one in muted if one != token_id]:
            lines.append(texts.mutes.UNMUTE_STILL.format(what=", ".join(still)))
        await interaction.edit_original_response(content="\n".join(lines))

    async def _resolve(
        self, connection: AsyncConnection, typed: str | None, names: Names, also: Collection[int] = ()
    ) -> int | None:
        """Return the id of the typed token; None for all tokens. Raises UserError."""
        if typed is None:
            return None
        return await resolve_token(connection, self._services.account_id, typed, also, names=names)

    @unmute.autocomplete("token")
    async def complete_muted(
        self, interaction: discord.Interaction[Fastwatch], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the muted tokens."""
        if not await is_mod(interaction, self._services.database):
            return []
        async with self._services.database.reading() as connection:
            muted = await mutes.mutes_of(connection, server_of(interaction), self._services.clock.now())
            among = [mute.token_id for mute in muted if mute.token_id is not None]
            names = await names_of(connection, server_of(interaction))
            return await token_choices(connection, self._services.account_id, typed, among, names=names)


class MuteTokenButton(PersistentButton):
    """Asks a moderator, in a message that only they see, for how long to mute a token."""

    ids = custom_ids.MUTE_TOKEN
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, token_id: int) -> None:
        """Show the question."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, Mutes).ask_for_how_long(interaction, token_id)


class MuteTokenForButton(PersistentButton):
    """Mutes a token for the chosen number of hours."""

    ids = custom_ids.MUTE_TOKEN_FOR
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, hours: float, token_id: int) -> None:
        """Mute it, and replace the question by the result."""
        await interaction.response.defer()
        mutes_cog, duration = cog_of(interaction, Mutes), timedelta(hours=hours)
        response = await mutes_cog.mute_for(interaction, str(token_id), duration)
        await interaction.edit_original_response(content=response, view=None)


def _mute_duration(typed: str) -> timedelta:
    try:
        duration = parse_duration(typed)
    except ValueError:
        raise UserError(texts.mutes.MUTE_DURATION) from None
    if not SHORTEST_MUTE <= duration <= LONGEST_MUTE:
        raise UserError(texts.mutes.MUTE_DURATION)
    return duration
