"""Alerts when a token leaves FAST: where they go, whom they ping, what is watched, and a test of the whole way."""

import re
from collections import Counter
from typing import Any, Self
from uuid import UUID

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.apologies import CannotBeDone
from bot.app import Fastwatch, cog_of, gated, may_manage
from bot.message_ids import parse_message_id
from bot.storage import accounts, deliveries, incidents, rules, servers, tokens, watches
from bot.storage.audit import Action, Entry, record_entry
from bot.storage.deliveries import DeliveryKind
from bot.storage.servers import Route
from bot.storage.watches import Watch
from bot.ui import buttons, texts
from bot.ui.overview import AlertsOverview, RouteOverview, WatchOverview, overview_embed, ping

_MOST_WATCHES = 20
_TEST_SECONDS = 10
_PERMISSIONS_NEEDED = ("view_channel", "send_messages", "embed_links", "read_message_history")


@app_commands.default_permissions(manage_guild=True)
class Alerts(commands.GroupCog, group_name="alerts", group_description=texts.ALERTS_GROUP):
    """Sets alerts up, and shows how they are."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._notifier = bot.notifier

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Let only mods use any command of the group."""
        await self._bot.require_mod(interaction)
        return True

    @app_commands.command(description=texts.ALERTS_SETUP)
    @app_commands.describe(channel=texts.ALERTS_SETUP_CHANNEL, role=texts.ALERTS_SETUP_ROLE)
    async def setup(
        self,
        interaction: discord.Interaction[Fastwatch],
        channel: discord.TextChannel,
        role: discord.Role | None = None,
    ) -> None:
        """Set the route, say at once whether the bot may post there, and offer a test."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        if role is not None and role.is_default():
            raise CannotBeDone(texts.SETUP_NOT_EVERYONE)
        now = self._services.clock.now()
        route = Route(
            server_id=channel.guild.id,
            account_id=self._services.account_id,
            channel_id=channel.id,
            role_id=role.id if role is not None else None,
            set_up_by=interaction.user.id,
            set_up_at=now,
        )
        async with self._services.database.transaction() as connection:
            await servers.set_route(connection, route)
            await deliveries.make_due(connection, route.server_id, now)
            await self._write_down(connection, interaction, Action.ALERTS_SET_UP, channel.mention)
            waiting = await deliveries.waiting_deliveries(connection, route.server_id)
        lines = [texts.SETUP_DONE.format(channel=channel.mention, ping=ping(route.role_id)), *_doubts(channel, role)]
        if waiting.number:
            self._notifier.wake()
            lines.append(texts.SETUP_DELIVERS.format(number=waiting.number))
        view = discord.ui.View(timeout=None).add_item(AlertTestButton())
        await interaction.edit_original_response(content="\n".join(lines), view=view)

    @app_commands.command(description=texts.ALERTS_SHOW)
    async def show(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Show the set-up, what is open and what waits."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(embed=overview_embed(await self._overview(_server_id(interaction))))

    @app_commands.command(description=texts.ALERTS_OFF)
    async def off(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Remove the route."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.transaction() as connection:
            was_on = await servers.remove_route(connection, _server_id(interaction))
            if was_on:
                await self._write_down(connection, interaction, Action.ALERTS_OFF, "")
        await interaction.edit_original_response(content=texts.OFF_DONE if was_on else texts.OFF_ALREADY)

    @app_commands.command(description=texts.ALERTS_TEST)
    async def test(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Send a test alert the way a real one goes, and say whether it arrived."""
        await self.send_test(interaction)

    @app_commands.command(description=texts.ALERTS_WATCH)
    @app_commands.describe(message_id=texts.TRACE_MESSAGE_ID)
    async def watch(self, interaction: discord.Interaction[Fastwatch], message_id: str) -> None:
        """Trace a message now, and from now on in every round."""
        wanted = _message_id(message_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        self._bot.patience.count(interaction)
        reading = await self._services.imaginepro.trace(wanted)
        async with self._services.database.transaction() as connection:
            known = await tokens.known_tokens(connection, self._services.account_id)
            account = await accounts.get_account(connection, self._services.account_id)
            if account.lists_fleet and reading.token_id in known and known[reading.token_id].in_fleet:
                raise CannotBeDone(texts.WATCH_NEEDLESS.format(token=reading.token_id))
            if await watches.count_watches(connection, self._services.account_id) >= _MOST_WATCHES:
                raise CannotBeDone(texts.WATCH_FULL.format(most=_MOST_WATCHES))
            watch = Watch(
                message_id=wanted,
                token_id=reading.token_id,
                server_id=_server_id(interaction),
                watched_by=interaction.user.id,
                watched_at=self._services.clock.now(),
            )
            await watches.add_watch(connection, self._services.account_id, watch)
            await self._write_down(connection, interaction, Action.WATCHED, str(wanted))
        await interaction.edit_original_response(
            content=texts.WATCH_DONE.format(token=reading.token_id, message=wanted)
        )

    @app_commands.command(description=texts.ALERTS_UNWATCH)
    @app_commands.describe(message_id=texts.TRACE_MESSAGE_ID)
    async def unwatch(self, interaction: discord.Interaction[Fastwatch], message_id: str) -> None:
        """Stop tracing a message in every round."""
        wanted = _message_id(message_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.transaction() as connection:
            was_watched = await watches.remove_watch(connection, self._services.account_id, wanted)
            if was_watched:
                await self._write_down(connection, interaction, Action.UNWATCHED, str(wanted))
        text = texts.UNWATCH_DONE if was_watched else texts.UNWATCH_UNKNOWN
        await interaction.edit_original_response(content=text.format(message=wanted))

    @app_commands.command(description=texts.ALERTS_RULES)
    @app_commands.describe(
        moderators=texts.ALERTS_RULES_MODERATORS, no_moderators_role=texts.ALERTS_RULES_NO_MODERATORS
    )
    async def rules(
        self,
        interaction: discord.Interaction[Fastwatch],
        moderators: discord.Role | None = None,
        no_moderators_role: bool = False,  # noqa: FBT001, FBT002 - a slash command's option is what it is
    ) -> None:
        """Show who counts as a mod, and let those who manage the server name a role for it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id = _server_id(interaction)
        async with self._services.database.transaction() as connection:
            if moderators is not None or no_moderators_role:
                await self._name_moderators(connection, interaction, None if no_moderators_role else moderators)
            role_id = await rules.moderators_role(connection, server_id)
        if role_id is None:
            answer = texts.RULES_NO_MODERATORS
        else:
            answer = f"{texts.RULES_MODERATORS.format(role=f'<@&{role_id}>')}\n{texts.RULES_MODERATORS_HINT}"
        await interaction.edit_original_response(content=answer)

    async def _name_moderators(
        self, connection: AsyncConnection, interaction: discord.Interaction[Any], role: discord.Role | None
    ) -> None:
        """Name the role. Not by mods whom such a role has made: they could make anyone one."""
        if not may_manage(interaction):
            raise CannotBeDone(texts.RULES_MANAGERS_ONLY)
        if role is not None and role.is_default():
            raise CannotBeDone(texts.RULES_NOT_EVERYONE)
        await rules.set_moderators_role(connection, _server_id(interaction), role.id if role is not None else None)
        target = role.mention if role is not None else texts.SHOW_NONE
        await self._write_down(connection, interaction, Action.MODERATORS_SET, target)

    async def _write_down(
        self, connection: AsyncConnection, interaction: discord.Interaction[Any], action: Action, target: str
    ) -> None:
        """Put what a member changed into the audit log, in the transaction of the change."""
        now = self._services.clock.now()
        await record_entry(connection, Entry(_server_id(interaction), interaction.user.id, action, target, now))

    @unwatch.autocomplete("message_id")
    async def complete(self, interaction: discord.Interaction[Fastwatch], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the messages that are watched. Completion skips the check of the group, so it is made here."""
        if not await self._bot.is_mod(interaction):
            return []
        async with self._services.database.reading() as connection:
            watched = await watches.watches_of(connection, self._services.account_id)
        return [
            app_commands.Choice(
                name=texts.TRACE_CHOICE.format(message=watch.message_id, token=watch.token_id or texts.UNKNOWN),
                value=str(watch.message_id),
            )
            for watch in watched
            if typed.strip().lower() in str(watch.message_id)
        ]

    async def send_test(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Record a test, let the notifier deliver it, and say what became of it."""
        # A mod by role may not be allowed to ping at all, and a test pings.
        self._bot.patience.count(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id, now = _server_id(interaction), self._services.clock.now()
        async with self._services.database.transaction() as connection:
            route = await servers.get_route(connection, server_id)
            if route is None:
                raise CannotBeDone(texts.NOT_SET_UP)
            if route.broken_because is not None:
                raise CannotBeDone(_outcome(route, None, arrived=False))
            delivery_id = await deliveries.record_delivery(
                connection,
                DeliveryKind.TEST,
                server_id=server_id,
                incident_id=None,
                nonce=self._services.clock.nonce(),
                now=now,
            )
            await self._write_down(connection, interaction, Action.ALERTS_TEST, "")
        await self._notifier.deliver_soon(_TEST_SECONDS)
        async with self._services.database.reading() as connection:
            arrived, problem = await deliveries.delivery_state(connection, delivery_id)
            route = await servers.get_route(connection, server_id) or route
        await interaction.edit_original_response(content=_outcome(route, problem, arrived=arrived))

    async def _overview(self, server_id: int) -> AlertsOverview:
        account_id = self._services.account_id
        async with self._services.database.reading() as connection:
            route = await servers.get_route(connection, server_id)
            account = await accounts.get_account(connection, account_id)
            known = await tokens.known_tokens(connection, account_id)
            watched = await watches.watches_of(connection, account_id)
            open_now = await incidents.open_incidents(connection, account_id)
            waiting = await deliveries.waiting_deliveries(connection, server_id)
        return AlertsOverview(
            route=RouteOverview(route.channel_id, route.role_id, route.broken_because) if route else None,
            lists_fleet=account.lists_fleet,
            modes=Counter(token.state.mode for token in known.values() if token.in_fleet),
            watches=[WatchOverview(watch.message_id, watch.token_id, watch.last_problem) for watch in watched],
            last_good_round_at=account.last_good_round_at,
            last_problem=account.last_problem,
            incidents=open_now,
            waiting=waiting.number,
            waiting_problem=waiting.last_problem,
        )


class AlertTestButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=buttons.TEST):
    """Sends a test alert, for mods."""

    def __init__(self) -> None:
        super().__init__(buttons.alert_test_button())

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the button again from its custom id."""
        return cls()

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what `/alerts test` does."""
        await interaction.client.require_mod(interaction)
        await cog_of(interaction, Alerts).send_test(interaction)


def _doubts(channel: discord.TextChannel, role: discord.Role | None) -> list[str]:
    """Say whether the bot may post in the channel and ping the role, and what to do if not."""
    allowed = channel.permissions_for(channel.guild.me)
    lacking = [texts.PERMISSIONS[name] for name in _PERMISSIONS_NEEDED if not getattr(allowed, name)]
    if lacking:
        lines = [texts.SETUP_LACKS.format(channel=channel.mention, permissions=", ".join(lacking))]
    else:
        lines = [texts.SETUP_MAY_POST]
    if role is not None and not role.mentionable and not allowed.mention_everyone:
        lines.append(texts.SETUP_ROLE_UNPINGABLE.format(role=role.mention, channel=channel.mention))
    return lines


def _outcome(route: Route, problem: str | None, *, arrived: bool) -> str:
    channel = f"<#{route.channel_id}>"
    if arrived:
        return texts.TEST_SENT.format(channel=channel)
    if route.broken_because is not None:
        return texts.TEST_BROKEN.format(channel=channel, problem=route.broken_because)
    if problem is not None:
        return texts.TEST_WAITS.format(problem=problem)
    return texts.TEST_WAITS_WITHOUT_PROBLEM.format(channel=channel)


def _message_id(text: str) -> UUID:
    wanted = parse_message_id(text)
    if wanted is None:
        raise CannotBeDone(texts.NO_MESSAGE_ID)
    return wanted


def _server_id(interaction: discord.Interaction[Any]) -> int:
    """Name the server that the gate has let in."""
    if interaction.guild_id is None:
        raise TypeError("the gate lets in servers only")
    return interaction.guild_id


async def setup(bot: Fastwatch) -> None:
    """Add the cog, and the button that outlives a restart."""
    await bot.add_cog(Alerts(bot))
    bot.add_dynamic_items(AlertTestButton)
