"""`/alerts setup`, `/alerts off` and `/alerts test`: where alerts go, whom they ping, and whether that works."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import record, server_of
from bot.app.channel_option import ChannelOption, resolve_channel
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.forums import prepare_forum
from bot.app.persistent import Audience, PersistentButton, cog_of
from bot.domain.alert_types import Urgency
from bot.monitor.already_wrong import find_already_wrong, report_already_wrong
from bot.storage import alert_routes, deliveries
from bot.storage.alert_routes import Route
from bot.storage.alerts_off import switch_off, switch_on
from bot.storage.audit import Action
from bot.storage.backlog import delivery_state, get_backlog
from bot.storage.deliveries import DeliveryKind
from bot.storage.token_names import names_of
from bot.ui import components, custom_ids, texts
from bot.ui.alert_setup import AlertChannel, find_ping_problem, lacking_for_alerts, permission_warnings, test_outcome
from bot.ui.alerts_overview import ping
from bot.ui.already_wrong import already_wrong_lines

_TEST_SECONDS = 10


class AlertSetup(commands.Cog):
    """Switches alerts on and off, and tests them. Part of the command group `/alerts`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._notifier = bot.notifier

    @app_commands.command(description=texts.commands.ALERTS_SETUP)
    @app_commands.describe(channel=texts.commands.ALERTS_SETUP_CHANNEL, role=texts.commands.ALERTS_SETUP_ROLE)
    async def setup(
        self,
        interaction: discord.Interaction[Fastwatch],
        channel: ChannelOption,
        role: discord.Role | None = None,
    ) -> None:
        """Set the server's route, report missing permissions, and offer a test alert."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        target = await resolve_channel(channel)
        route = chosen_route(interaction, target, role)
        async with self._services.database.transaction() as connection:
            was_off = await switch_on(connection, route)
            await deliveries.retry_now(connection, route.server_id, route.created_at)
            await record(connection, interaction, Action.ALERTS_SET_UP, target.mention, self._services.clock.now())
            backlog = await get_backlog(connection, route.server_id)
            wrong = await find_already_wrong(connection, route, route.created_at)
            names = await names_of(connection, route.server_id)
        self._notifier.wake()
        lines = [
            texts.alert_setup.SETUP_DONE.format(channel=target.mention, ping=ping(route.role_id)),
            *permission_warnings(target, role),
            *(await prepare_forum(target) if isinstance(target, discord.ForumChannel) else ()),
        ]
        if was_off:
            lines.append(texts.alert_setup.SETUP_RESUMES)
        if backlog.number:
            lines.append(texts.alert_setup.SETUP_DELIVERS.format(number=backlog.number))
        if wrong:
            modes = [(state.token_id, state.mode) for state in wrong.tokens]
            lines += already_wrong_lines(modes, wrong.conditions, names)
        buttons = [components.alert_test_button(), *([components.report_now_button()] if wrong else [])]
        view = components.view_of(*buttons)
        await interaction.edit_original_response(content="\n".join(lines), view=view)

    @app_commands.command(description=texts.commands.ALERTS_OFF)
    async def off(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Switch alerts off, and close the open ones."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.transaction() as connection:
            was_on = await switch_off(connection, server_of(interaction), interaction.user.id, self._services.clock)
            if was_on:
                await record(connection, interaction, Action.ALERTS_OFF, "", self._services.clock.now())
        self._notifier.wake()
        await interaction.edit_original_response(
            content=texts.alert_setup.OFF_DONE if was_on else texts.alert_setup.OFF_ALREADY
        )

    @app_commands.command(description=texts.commands.ALERTS_TEST)
    async def test(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Send a test alert in the same way as a real one, and report whether it arrived."""
        await self.send_test(interaction)

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
            await alert_routes.retry_routes(connection, server_id, now)
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
            await record(connection, interaction, Action.ALERTS_TEST, "", self._services.clock.now())
        await self._notifier.deliver_soon(_TEST_SECONDS)
        async with self._services.database.reading() as connection:
            arrived, error = await delivery_state(connection, delivery_id)
            route = await alert_routes.get_route(connection, server_id) or route
        if route.disabled_reason is not None:
            # Its sender reads that now. Otherwise it would ping whenever the channel works again.
            async with self._services.database.transaction() as connection:
                await deliveries.drop_tests(connection, server_id)
        guild = interaction.guild
        lacking = lacking_for_alerts(guild, route.channel_id) if guild is not None else ()
        response = test_outcome(route, error, lacking, arrived=arrived)
        await interaction.edit_original_response(content=response)

    async def report_now(self, interaction: discord.Interaction[Any]) -> None:
        """Alert what was wrong before alerts were set up."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.transaction() as connection:
            route = await alert_routes.get_route(connection, server_of(interaction))
            if route is None:
                raise UserError(texts.alert_setup.NOT_SET_UP)
            number = await report_already_wrong(connection, route, self._services.clock)
            if number:
                await record(connection, interaction, Action.ALERTS_REPORTED, "", self._services.clock.now())
        self._notifier.wake()
        reported = texts.alert_setup.REPORTED.format(number=number)
        await interaction.edit_original_response(content=reported if number else texts.alert_setup.NOTHING_TO_REPORT)


class ReportNowButton(PersistentButton):
    """Alerts what was wrong before alerts were set up."""

    ids = custom_ids.REPORT_NOW
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Alert it."""
        await cog_of(interaction, AlertSetup).report_now(interaction)


class AlertTestButton(PersistentButton):
    """Sends a test alert."""

    ids = custom_ids.TEST
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Do the same as `/alerts test`."""
        await cog_of(interaction, AlertSetup).send_test(interaction)


def chosen_route(
    interaction: discord.Interaction[Fastwatch],
    channel: AlertChannel,
    role: discord.Role | None,
    token_id: int | None = None,
) -> Route:
    """Return the route that a member has chosen for a server, or for one of its tokens. Raises UserError."""
    if role is not None and role.is_default():
        raise UserError(texts.alert_setup.SETUP_NOT_EVERYONE)
    services = interaction.client.services
    return Route(
        server_id=channel.guild.id,
        account_id=services.account_id,
        channel_id=channel.id,
        role_id=role.id if role is not None else None,
        created_by=interaction.user.id,
        created_at=services.clock.now(),
        # Who sets it up reads about it in the answer.
        ping_problem=find_ping_problem(channel.guild, channel.id, role.id if role is not None else None),
        is_forum=isinstance(channel, discord.ForumChannel),
        token_id=token_id,
    )
