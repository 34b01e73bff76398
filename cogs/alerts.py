"""`/alerts`: where alerts go, whom they ping, which messages are watched, and test alerts."""

from typing import Any
from uuid import UUID

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import server_of
from bot.app.checks import is_mod, require_mod
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.persistent import Audience, PersistentButton, cog_of
from bot.app.token_option import autocomplete_tokens_for_mods, resolve_token, token_choices
from bot.domain.alert_types import Urgency
from bot.parsing.message_ids import parse_message_id
from bot.queries.alerts import alerts_overview
from bot.storage import accounts, alert_routes, deliveries, incidents, tokens, watches
from bot.storage.alert_routes import Route
from bot.storage.audit import Action
from bot.storage.deliveries import DeliveryKind
from bot.storage.token_names import names_of
from bot.storage.watches import Watch
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.alert_setup import permission_warnings, test_outcome
from bot.ui.alerts_overview import overview_embed, ping
from bot.ui.formatting import Names
from cogs.alert_rules import AlertRules
from cogs.mutes import Mutes, MuteTokenButton, MuteTokenForButton

_MAX_WATCHES = 20  # each costs one trace per round
_TEST_SECONDS = 10


@app_commands.default_permissions(manage_guild=True)
class Alerts(AlertRules, Mutes, commands.GroupCog, group_name="alerts", group_description=texts.commands.ALERTS):
    """The command group `/alerts`."""

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Allow only moderators to use the commands of the group."""
        await require_mod(interaction, self._services.database)
        return True

    @app_commands.command(description=texts.commands.ALERTS_SETUP)
    @app_commands.describe(channel=texts.commands.ALERTS_SETUP_CHANNEL, role=texts.commands.ALERTS_SETUP_ROLE)
    async def setup(
        self,
        interaction: discord.Interaction[Fastwatch],
        channel: discord.TextChannel,
        role: discord.Role | None = None,
    ) -> None:
        """Set the server's route, report missing permissions, and offer a test alert."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        route = self._route(interaction, channel, role)
        async with self._services.database.transaction() as connection:
            await alert_routes.set_route(connection, route)
            await deliveries.retry_now(connection, route.server_id, route.created_at)
            await self._record_audit(connection, interaction, Action.ALERTS_SET_UP, channel.mention)
            backlog = await deliveries.get_backlog(connection, route.server_id)
        self._notifier.wake()
        lines = [
            texts.alert_setup.SETUP_DONE.format(channel=channel.mention, ping=ping(route.role_id)),
            *permission_warnings(channel, role),
        ]
        if backlog.number:
            lines.append(texts.alert_setup.SETUP_DELIVERS.format(number=backlog.number))
        view = components.view_of(components.alert_test_button())
        await interaction.edit_original_response(content="\n".join(lines), view=view)

    @app_commands.command(description=texts.commands.ALERTS_ROUTE)
    @app_commands.autocomplete(token=autocomplete_tokens_for_mods)
    @app_commands.describe(
        token=texts.commands.ALERTS_ROUTE_TOKEN,
        channel=texts.commands.ALERTS_ROUTE_CHANNEL,
        role=texts.commands.ALERTS_ROUTE_ROLE,
    )
    async def route(
        self,
        interaction: discord.Interaction[Fastwatch],
        token: str,
        channel: discord.TextChannel,
        role: discord.Role | None = None,
    ) -> None:
        """Set the route of one token, and report missing permissions."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id = server_of(interaction)
        async with self._services.database.transaction() as connection:
            if not await alert_routes.lock_server(connection, server_id):
                raise UserError(texts.alert_setup.NOT_SET_UP)
            names = await names_of(connection, server_id)
            token_id = await resolve_token(connection, self._services.account_id, token, names=names)
            route = self._route(interaction, channel, role, token_id)
            await alert_routes.set_route(connection, route)
            await deliveries.retry_now(connection, server_id, route.created_at)
            await self._record_audit(connection, interaction, Action.TOKEN_ROUTED, f"{token_id}: {channel.mention}")
            open_now = await incidents.open_incidents(connection, server_id)
            posts = await incidents.open_posts(connection, server_id)
        self._notifier.wake()
        shown = formatting.token(token_id, names)
        lines = [texts.alert_setup.ROUTE_DONE.format(token=shown, channel=channel.mention, ping=ping(route.role_id))]
        if any(one.id in posts and one.find_token(token_id) is not None for one in open_now):
            lines.append(texts.alert_setup.ROUTE_STAYS)
        await interaction.edit_original_response(content="\n".join([*lines, *permission_warnings(channel, role)]))

    @app_commands.command(description=texts.commands.ALERTS_UNROUTE)
    @app_commands.describe(token=texts.commands.ALERTS_ROUTE_TOKEN)
    async def unroute(self, interaction: discord.Interaction[Fastwatch], token: str) -> None:
        """Remove the route of one token. Its pending deliveries then use the server's route."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id = server_of(interaction)
        async with self._services.database.transaction() as connection:
            # Lock before the route changes, in the order of the notifier, which marks routes as broken.
            await alert_routes.lock_server(connection, server_id)
            routed = await _routed_tokens(connection, server_id)
            names = await names_of(connection, server_id)
            token_id = await resolve_token(connection, self._services.account_id, token, also=routed, names=names)
            if not await alert_routes.remove_token_route(connection, server_id, token_id):
                raise UserError(texts.alert_setup.UNROUTE_UNKNOWN.format(token=formatting.token(token_id, names)))
            await deliveries.retry_now(connection, server_id, self._services.clock.now())
            await self._record_audit(connection, interaction, Action.TOKEN_UNROUTED, str(token_id))
        self._notifier.wake()
        done = texts.alert_setup.UNROUTE_DONE.format(token=formatting.token(token_id, names))
        await interaction.edit_original_response(content=done)

    def _route(
        self,
        interaction: discord.Interaction[Fastwatch],
        channel: discord.TextChannel,
        role: discord.Role | None,
        token_id: int | None = None,
    ) -> Route:
        if role is not None and role.is_default():
            raise UserError(texts.alert_setup.SETUP_NOT_EVERYONE)
        return Route(
            server_id=channel.guild.id,
            account_id=self._services.account_id,
            channel_id=channel.id,
            role_id=role.id if role is not None else None,
            created_by=interaction.user.id,
            created_at=self._services.clock.now(),
            token_id=token_id,
        )

    @app_commands.command(description=texts.commands.ALERTS_SHOW)
    async def show(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Show the set-up, what is open and what waits."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.reading() as connection:
            overview = await alerts_overview(
                connection, self._services.account_id, server_of(interaction), self._services.clock.now()
            )
        await interaction.edit_original_response(embed=overview_embed(overview))

    @app_commands.command(description=texts.commands.ALERTS_OFF)
    async def off(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Remove the server's route, which switches alerts off."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.transaction() as connection:
            was_on = await alert_routes.remove_route(connection, server_of(interaction))
            if was_on:
                await self._record_audit(connection, interaction, Action.ALERTS_OFF, "")
        await interaction.edit_original_response(
            content=texts.alert_setup.OFF_DONE if was_on else texts.alert_setup.OFF_ALREADY
        )

    @app_commands.command(description=texts.commands.ALERTS_TEST)
    async def test(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Send a test alert in the same way as a real one, and report whether it arrived."""
        await self.send_test(interaction)

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
            known = await tokens.known_tokens(connection, self._services.account_id)
            account = await accounts.get_account(connection, self._services.account_id)
            if account.lists_fleet and reading.token_id in known and known[reading.token_id].in_fleet:
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
            await self._record_audit(connection, interaction, Action.WATCHED, str(wanted))
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
            was_watched = await watches.remove_watch(connection, self._services.account_id, wanted)
            if was_watched:
                await self._record_audit(connection, interaction, Action.UNWATCHED, str(wanted))
        text = texts.alert_setup.UNWATCH_DONE if was_watched else texts.alert_setup.UNWATCH_UNKNOWN
        await interaction.edit_original_response(content=text.format(message=wanted))

    @unroute.autocomplete("token")
    async def complete_routed(
        self, interaction: discord.Interaction[Fastwatch], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the tokens that have a route of their own."""
        if not await is_mod(interaction, self._services.database):
            return []
        async with self._services.database.reading() as connection:
            routed = await _routed_tokens(connection, server_of(interaction))
            names = await names_of(connection, server_of(interaction))
            return await token_choices(connection, self._services.account_id, typed, among=routed, names=names)

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

    async def send_test(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Record a test alert, have it delivered, and report the result."""
        # A test pings, and a moderator by role may have no permission to ping: the cooldown limits how often.
        self._bot.cooldowns.count(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id, now = server_of(interaction), self._services.clock.now()
        async with self._services.database.transaction() as connection:
            route = await alert_routes.get_route(connection, server_id)
            if route is None:
                raise UserError(texts.alert_setup.NOT_SET_UP)
            # The channel may be fixed by now. The test shows that, and pending deliveries are sent with it.
            await alert_routes.mark_route_working(connection, server_id)
            await deliveries.retry_now(connection, server_id, now)
            await deliveries.drop_tests(connection, server_id)
            delivery_id = await deliveries.record_delivery(
                connection,
                DeliveryKind.TEST,
                server_id=server_id,
                urgency=Urgency.WARNING,
                nonce=self._services.clock.nonce(),
                now=now,
            )
            await self._record_audit(connection, interaction, Action.ALERTS_TEST, "")
        await self._notifier.deliver_soon(_TEST_SECONDS)
        async with self._services.database.reading() as connection:
            arrived, error = await deliveries.delivery_state(connection, delivery_id)
            route = await alert_routes.get_route(connection, server_id) or route
        response = test_outcome(route.channel_id, route.disabled_reason, error, arrived=arrived)
        await interaction.edit_original_response(content=response)


class AlertTestButton(PersistentButton):
    """Sends a test alert."""

    ids = custom_ids.TEST
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Do the same as `/alerts test`."""
        await cog_of(interaction, Alerts).send_test(interaction)


async def _routed_tokens(connection: AsyncConnection, server_id: int) -> list[int]:
    route = await alert_routes.get_route(connection, server_id)
    routes = await alert_routes.token_routes_of(connection, route) if route is not None else []
    return [route.token_id for route in routes if route.token_id is not None]


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
    bot.add_dynamic_items(AlertTestButton, MuteTokenButton, MuteTokenForButton)
