"""The discord.py bot: is handed its services, loads the cogs, and holds the one gate and the one error handler."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self, TypeVar

import aiohttp
import discord
import orjson
import structlog
from discord import app_commands
from discord.ext import commands

from bot.app.cooldowns import Cooldowns
from bot.app.errors import NotModerator, ServerNotAllowed, user_message
from bot.charts.service import Charts
from bot.clock import Clock
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import InvalidResponse, Unauthorized
from bot.notifier.boards import Boards
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.sender import Sender
from bot.queries.token_names import TokenNameCache
from bot.storage.app_state import get_value, set_value
from bot.storage.database import Database
from bot.storage.server_settings import moderators_role
from bot.ui import texts

log = structlog.get_logger(__name__)

COGS = ("cogs.trace", "cogs.alerts", "cogs.incident_buttons", "cogs.tokens", "cogs.fleet", "cogs.board", "cogs.status")
_LONGEST_WAIT_FOR_RATE_LIMIT = 30
_ALREADY_ANSWERED = 40060  # Discord's documentation, "Opcodes and Status Codes", JSON error codes

# This bot does not speak, so what voice would need is not missing.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


@dataclass(frozen=True, slots=True)
class Services:
    """What the bot is handed, opened before it and closed after it."""

    account_id: int
    home_servers: frozenset[int]
    poll_interval: timedelta
    imaginepro: ImaginePro
    database: Database
    clock: Clock
    charts: Charts


class Fastwatch(commands.AutoShardedBot):
    """The bot."""

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
            max_ratelimit_timeout=_LONGEST_WAIT_FOR_RATE_LIMIT,
            **options,
        )
        self.services = services
        sender = Sender(self, services.clock)
        self.notifier = Dispatcher(services.database, services.clock, sender, draw=services.charts.draw)
        self.boards = Boards(
            services.account_id,
            services.database,
            services.clock,
            sender,
            home_servers=services.home_servers,
            poll_interval=services.poll_interval,
        )
        self.cooldowns = Cooldowns()
        self.names = TokenNameCache(services.database)
        self.started_at = services.clock.now()
        self._commands_synced = False

    async def setup_hook(self) -> None:
        """Load the cogs, and tell Discord the commands if they changed."""
        for cog in COGS:
            await self.load_extension(cog)
        await self._sync_commands()

    async def on_ready(self) -> None:
        """Log who we are, and tell Discord the commands now if it could not be told at the start."""
        log.info("Connected to Discord.", bot=str(self.user), servers=len(self.guilds))
        for server_id in self.services.home_servers - {guild.id for guild in self.guilds}:
            log.warning("The bot is not in one of its home servers; invite it there.", server=server_id)
        if not self._commands_synced:
            await self._sync_commands()

    async def _sync_commands(self) -> None:
        """Tell Discord the commands where they differ from those it was told last: it limits how often it listens."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        described = orjson.dumps([self.application_id, payload], option=orjson.OPT_SORT_KEYS)
        fingerprint = hashlib.sha256(described).hexdigest()
        async with self.services.database.reading() as connection:
            self._commands_synced = await get_value(connection, "commands") == fingerprint
        if self._commands_synced:
            return
        try:
            await self.tree.sync()
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("Discord could not be told the commands; it is told at the next connection.", reason=str(error))
            return
        async with self.services.database.transaction() as connection:
            await set_value(connection, "commands", fingerprint)
        self._commands_synced = True
        log.info("Told Discord the commands.", commands=len(payload))

    def require_home_server(self, interaction: discord.Interaction[Self]) -> None:
        """Let in only what comes from a home server. Raises ServerNotAllowed."""
        if interaction.guild_id not in self.services.home_servers:
            raise ServerNotAllowed

    async def is_mod(self, interaction: discord.Interaction[Any]) -> bool:
        """Tell whether the member may manage the server, or has the role that the server has named for its mods."""
        if may_manage(interaction):
            return True
        if not isinstance(interaction.user, discord.Member) or interaction.guild_id is None:
            return False
        async with self.services.database.reading() as connection:
            role_id = await moderators_role(connection, interaction.guild_id)
        return role_id is not None and interaction.user.get_role(role_id) is not None

    async def require_mod(self, interaction: discord.Interaction[Any]) -> None:
        """Let only mods on: Discord's own permissions are a hint, and ignored on subcommands. Raises NotModerator."""
        if not await self.is_mod(interaction):
            raise NotModerator

    async def respond_with_error(self, interaction: discord.Interaction[Self], error: Exception) -> None:
        """Answer a failed command or press with one sentence that only its user sees; log what nobody expected.

        Discord hands it to all processes of the bot. It goes on in the one that answers first, and fails in the others.
        """
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if _is_answered_elsewhere(cause):
            return
        sentence = user_message(error, to_mod=may_manage(interaction), now=self.services.clock.now())
        if sentence is None:
            log.error("A command failed for a reason nobody expected.", exc_info=error)
            sentence = texts.errors.UNEXPECTED
        if isinstance(cause, Unauthorized | InvalidResponse):
            # Their sentences say that the log has more.
            log.warning("A command failed for ImaginePro's answer.", problem=f"{type(cause).__name__}: {cause.detail}")
        try:
            await self._say(interaction, sentence)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
            if not _is_answered_elsewhere(failure):
                log.warning("An apology did not reach its user.", sentence=sentence, reason=str(failure))

    async def _say(self, interaction: discord.Interaction[Self], sentence: str) -> None:
        if not interaction.response.is_done():
            await interaction.response.send_message(sentence, ephemeral=True)
            return
        thinking = interaction.response.type is discord.InteractionResponseType.deferred_channel_message
        if thinking:
            # What comes first after deferring is as public as the deferral was. Only when that is resolved can a reply
            # be for its user alone (discord/discord-api-docs issues 2739 and 2742).
            await interaction.edit_original_response(content=texts.common.ELLIPSIS)
        await interaction.followup.send(sentence, ephemeral=True)
        if thinking:
            await interaction.delete_original_response()


class GuardedCommandTree(app_commands.CommandTree[Fastwatch]):
    """The commands, behind the gate that no command can forget."""

    def __init__(self, client: Fastwatch) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def interaction_check(self, interaction: discord.Interaction[Fastwatch]) -> bool:
        """Admit or refuse, before any command or completion runs."""
        try:
            interaction.client.require_home_server(interaction)
        except ServerNotAllowed as error:
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            else:
                await interaction.client.respond_with_error(interaction, error)
            return False
        return True

    async def on_error(self, interaction: discord.Interaction[Fastwatch], error: app_commands.AppCommandError) -> None:
        """Apologise for every command that failed."""
        await interaction.client.respond_with_error(interaction, error)


Cog = TypeVar("Cog", bound=commands.Cog)


def cog_of(interaction: discord.Interaction[Any], kind: type[Cog]) -> Cog:
    """Find the cog that a button or a menu belongs to; after a restart that is all it knows of its past."""
    for cog in interaction.client.cogs.values():
        if isinstance(cog, kind):
            return cog
    raise TypeError("the cog that made this is not loaded")


def _is_answered_elsewhere(error: Exception) -> bool:
    """Tell whether a command or press failed since another process of the bot was the first to answer it."""
    return isinstance(error, discord.HTTPException) and error.code == _ALREADY_ANSWERED


def may_manage(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the member may manage the server; Discord sends the permissions along with each interaction."""
    return interaction.permissions.manage_guild or interaction.permissions.administrator
