"""The discord.py bot: starts with its services, and loads the cogs."""

from datetime import datetime, timedelta
from typing import Any

import discord
import structlog
from discord.ext import commands

from bot.app.command_sync import sync_commands
from bot.app.command_tree import GuardedCommandTree
from bot.app.cooldowns import Cooldowns
from bot.app.heartbeats import time_heartbeats_correctly
from bot.app.modals import PersistentModal, handle_modal
from bot.app.one_at_a_time import wait_to_identify
from bot.app.services import Services
from bot.notifier.boards import Boards
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.outage_alerts import OutageAlerts
from bot.notifier.rate_limits import LONGEST_WAIT, response_trace
from bot.notifier.route_health import RouteHealth
from bot.notifier.sender import Sender
from bot.queries.token_names import TokenNameCache

log = structlog.get_logger(__name__)

COGS = (
    "cogs.trace",
    "cogs.alerts",
    "cogs.incident_buttons",
    "cogs.incident_mutes",
    "cogs.incident_menu",
    "cogs.tokens",
    "cogs.fleet",
    "cogs.board",
    "cogs.status",
    "cogs.server_changes",
)


class Fastwatch(commands.AutoShardedBot):
    """The Discord client: it has the services, the notifier and the boards, and the cogs use them."""

    def __init__(self, services: Services, **options: Any) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            tree_cls=GuardedCommandTree,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=response_trace(),
            **options,
        )
        self.http.max_ratelimit_timeout = LONGEST_WAIT
        time_heartbeats_correctly()
        self.services = services
        sender = Sender(self, services.clock)
        self.notifier = Dispatcher(
            services.database,
            services.clock,
            sender,
            draw=services.charts.draw,
            dashboard_url=services.dashboard_url,
        )
        self.boards = Boards(
            services.account_id,
            services.database,
            services.clock,
            sender,
            home_servers=services.home_servers,
            poll_interval=services.poll_interval,
        )
        self.outage_alerts = OutageAlerts(services.account_id, services.database, services.clock, sender, self)
        self.route_health = RouteHealth(services.database, services.clock, self.notifier.wake)
        self.cooldowns = Cooldowns()
        self.names = TokenNameCache(services.database)
        self._started = services.clock.monotonic()
        self.modals: list[type[PersistentModal]] = []
        self._commands_synced = False

    @property
    def started_at(self) -> datetime:
        """When this process started, by the present wall clock. The one of then may have been ahead."""
        return self.services.clock.now() - timedelta(seconds=self.services.clock.monotonic() - self._started)

    async def setup_hook(self) -> None:
        """Load the cogs, and register their commands with Discord if they changed."""
        for cog in COGS:
            await self.load_extension(cog)
        self._commands_synced = await sync_commands(self.tree, self.services.database, self.services.clock)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for the turn to identify: Discord allows a bot one every 5 s, in all its processes."""
        await super().before_identify_hook(shard_id, initial=initial)
        await wait_to_identify(self.services.database, self.services.clock)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Handle a submitted modal. discord.py handles commands and components by itself."""
        await handle_modal(interaction, self.modals)

    async def on_ready(self) -> None:
        """Log who we are, and register the commands now if that failed at the start."""
        log.info("Connected to Discord.", bot=str(self.user), servers=len(self.guilds))
        for server_id in self.services.home_servers - {guild.id for guild in self.guilds}:
            log.warning("The bot is not in one of its home servers. Invite it there.", server=server_id)
        if not self._commands_synced:
            self._commands_synced = await sync_commands(self.tree, self.services.database, self.services.clock)
