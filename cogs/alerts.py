"""`/alerts`: the command group, with `/alerts show`, `watch` and `unwatch`. The other commands are in mixins."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import record, server_of
from bot.app.checks import is_mod, require_mod
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.parsing.message_ids import parse_message_id
from bot.queries.alerts import alerts_overview
from bot.storage import accounts, watches
from bot.storage.alerts_off import is_followed, stop_following
from bot.storage.audit import Action
from bot.storage.token_names import names_of
from bot.storage.watches import Watch
from bot.ui import formatting, texts
from bot.ui.alerts_overview import overview_embed
from bot.ui.formatting import Names
from bot.ui.route_overview import with_lacking
from cogs.alert_rules import AlertRules
from cogs.alert_setup import AlertSetup, AlertTestButton, ReportNowButton
from cogs.mutes import Mutes, MuteTokenButton, MuteTokenForButton
from cogs.token_routes import TokenRoutes

_MAX_WATCHES = 20  # each costs one trace per round


@app_commands.default_permissions(manage_guild=True)
class Alerts(
    AlertSetup,
    TokenRoutes,
    AlertRules,
    Mutes,
    commands.GroupCog,
    group_name="alerts",
    group_description=texts.commands.ALERTS,
):
    """The command group `/alerts`."""

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Allow only moderators to use the commands of the group."""
        await require_mod(interaction, self._services.database)
        return True

    @app_commands.command(description=texts.commands.ALERTS_SHOW)
    async def show(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Show the set-up, what is open and what waits."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.reading() as connection:
            overview = await alerts_overview(
                connection, self._services.account_id, server_of(interaction), self._services.clock.now()
            )
        guild = interaction.guild
        overview = replace(
            overview,
            route=with_lacking(overview.route, guild) if overview.route is not None else None,
            token_routes=[with_lacking(route, guild) for route in overview.token_routes],
        )
        await interaction.edit_original_response(embed=overview_embed(overview))

    @app_commands.command(description=texts.commands.ALERTS_WATCH)
    @app_commands.describe(message_id=texts.commands.TRACE_MESSAGE_ID)
    async def watch(self, interaction: discord.Interaction[Fastwatch], message_id: str) -> None:
        """Trace a message now and in every round from now on."""
        wanted = _message_id(message_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        self._bot.cooldowns.count(interaction)
        reading = await self._services.imaginepro.trace(wanted)
        async with self._services.database.transaction() as connection:
            token = formatting.token(reading.token_id, await names_of(connection, server_of(interaction)))
            if await accounts.is_listed(connection, self._services.account_id, reading.token_id):
                raise UserError(texts.alert_setup.WATCH_NEEDLESS.format(token=token))
            if await watches.count_watches(connection, self._services.account_id) >= _MAX_WATCHES:
                raise UserError(texts.alert_setup.WATCH_FULL.format(most=_MAX_WATCHES))
            watch = Watch(
                message_id=wanted,
                token_id=reading.token_id,
                server_id=server_of(interaction),
                watched_by=interaction.user.id,
                watched_at=self._services.clock.now(),
            )
            await watches.add_watch(connection, self._services.account_id, watch)
            await record(connection, interaction, Action.WATCHED, str(wanted), self._services.clock.now())
        await interaction.edit_original_response(
            content=texts.alert_setup.WATCH_DONE.format(token=token, message=wanted)
        )

    @app_commands.command(description=texts.commands.ALERTS_UNWATCH)
    @app_commands.describe(message_id=texts.commands.TRACE_MESSAGE_ID)
    async def unwatch(self, interaction: discord.Interaction[Fastwatch], message_id: str) -> None:
        """Stop tracing a message in every round."""
        wanted = _message_id(message_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.transaction() as connection:
            watched = await watches.watches_of(connection, self._services.account_id)
            token_id = next((one.token_id for one in watched if one.message_id == wanted), None)
            was_watched = await watches.remove_watch(connection, self._services.account_id, wanted)
            if was_watched:
                await record(connection, interaction, Action.UNWATCHED, str(wanted), self._services.clock.now())
                await self._stop_following(connection, token_id, interaction.user.id)
        self._bot.notifier.wake()
        text = texts.alert_setup.UNWATCH_DONE if was_watched else texts.alert_setup.UNWATCH_UNKNOWN
        await interaction.edit_original_response(content=text.format(message=wanted))

    async def _stop_following(self, connection: AsyncConnection, token_id: int | None, by: int) -> None:
        """Close the alerts of a token that nothing reads any more."""
        if token_id is None or await is_followed(connection, self._services.account_id, token_id):
            return
        await stop_following(connection, self._services.account_id, token_id, by, self._services.clock)

    @unwatch.autocomplete("message_id")
    async def complete(self, interaction: discord.Interaction[Fastwatch], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the watched messages."""
        if not await is_mod(interaction, self._services.database):
            return []
        async with self._services.database.reading() as connection:
            watched = await watches.watches_of(connection, self._services.account_id)
            names = await names_of(connection, server_of(interaction))
        return [
            app_commands.Choice(
                name=texts.trace.CHOICE.format(message=watch.message_id, token=_watched_token(watch, names)),
                value=str(watch.message_id),
            )
            for watch in watched
            if typed.strip().lower() in str(watch.message_id)
        ]


def _watched_token(watch: Watch, names: Names) -> str:
    return formatting.plain_token(watch.token_id, names) if watch.token_id is not None else texts.common.UNKNOWN


def _message_id(text: str) -> UUID:
    wanted = parse_message_id(text)
    if wanted is None:
        raise UserError(texts.errors.NO_MESSAGE_ID)
    return wanted


async def setup(bot: Fastwatch) -> None:
    """Add the cog and its persistent buttons."""
    await bot.add_cog(Alerts(bot))
    bot.add_dynamic_items(AlertTestButton, ReportNowButton, MuteTokenButton, MuteTokenForButton)
