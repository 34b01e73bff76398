"""`/alerts route` and `/alerts unroute`: a channel and a role for the alerts of one token."""

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import record, server_of
from bot.app.channel_option import ChannelOption, resolve_channel
from bot.app.checks import is_mod
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.forums import prepare_forum
from bot.app.token_option import autocomplete_tokens_for_mods, resolve_token, token_choices
from bot.storage import alert_routes, deliveries, incidents
from bot.storage.audit import Action
from bot.storage.token_names import names_of
from bot.ui import formatting, texts
from bot.ui.alert_setup import permission_warnings
from bot.ui.alerts_overview import ping
from cogs.alert_setup import chosen_route


class TokenRoutes(commands.Cog):
    """Sets and removes the routes of single tokens. Part of the command group `/alerts`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._notifier = bot.notifier

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
        channel: ChannelOption,
        role: discord.Role | None = None,
    ) -> None:
        """Set the route of one token, and report missing permissions."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        target, server_id = await resolve_channel(channel), server_of(interaction)
        async with self._services.database.transaction() as connection:
            if not await alert_routes.lock_server(connection, server_id):
                raise UserError(texts.alert_setup.NOT_SET_UP)
            names = await names_of(connection, server_id)
            token_id = await resolve_token(connection, self._services.account_id, token, names=names)
            route = chosen_route(interaction, target, role, token_id)
            await alert_routes.set_route(connection, route)
            await deliveries.retry_now(connection, server_id, route.created_at)
            await record(
                connection,
                interaction,
                Action.TOKEN_ROUTED,
                f"{token_id}: {target.mention}",
                self._services.clock.now(),
            )
            open_now = await incidents.open_incidents(connection, server_id)
            posts = await incidents.open_posts(connection, server_id)
        self._notifier.wake()
        shown = formatting.token(token_id, names)
        lines = [texts.alert_setup.ROUTE_DONE.format(token=shown, channel=target.mention, ping=ping(route.role_id))]
        if any(one.id in posts and one.find_token(token_id) is not None for one in open_now):
            lines.append(texts.alert_setup.ROUTE_STAYS)
        lines += permission_warnings(target, role)
        if isinstance(target, discord.ForumChannel):
            lines += await prepare_forum(target)
        await interaction.edit_original_response(content="\n".join(lines))

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
            await record(connection, interaction, Action.TOKEN_UNROUTED, str(token_id), self._services.clock.now())
        self._notifier.wake()
        done = texts.alert_setup.UNROUTE_DONE.format(token=formatting.token(token_id, names))
        await interaction.edit_original_response(content=done)

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


async def _routed_tokens(connection: AsyncConnection, server_id: int) -> list[int]:
    route = await alert_routes.get_route(connection, server_id)
    routes = await alert_routes.token_routes_of(connection, route) if route is not None else []
    return [route.token_id for route in routes if route.token_id is not None]
