"""`/status`: the state of the monitor and the notifier. `/about`: what this bot is."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.app.checks import require_mod
from bot.app.client import Fastwatch
from bot.app.command_sync import EARLIER_DATABASE
from bot.domain.fleet import is_long_gone
from bot.queries.alerts import routes_overview
from bot.storage import accounts, audit, tokens
from bot.storage.app_state import get_value
from bot.storage.backlog import get_backlog
from bot.storage.database import DatabaseUnavailable
from bot.storage.stale_messages import stale_messages_of
from bot.ui import texts
from bot.ui.database_outage import OutageView
from bot.ui.monitor_status import ChangeLine, MonitorStatus
from bot.ui.route_overview import with_lacking
from bot.ui.status import about_embed, process_embed, status_embed

_LATEST_CHANGES = 8


class Status(commands.Cog):
    """The commands `/status` and `/about`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(description=texts.commands.STATUS)
    @app_commands.default_permissions(manage_guild=True)
    async def status(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Show moderators the state of the monitor, and recent changes."""
        await require_mod(interaction, self._services.database)
        await interaction.response.defer(ephemeral=True, thinking=True)
        now = self._services.clock.now()
        try:
            health = await self._monitor_status(interaction.guild_id or 0, now)
            health = replace(health, routes=[with_lacking(route, interaction.guild) for route in health.routes])
            embed = status_embed(health, self._database_outage(now), now)
        except DatabaseUnavailable as error:
            outage = self._database_outage(now) or OutageView(error.cause, now)
            embed = process_embed(__version__, self._bot.started_at, _finite(self._bot.latency), outage, now)
        await interaction.edit_original_response(embed=embed)

    @app_commands.command(description=texts.commands.ABOUT)
    async def about(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Show what this bot is."""
        await interaction.response.send_message(embed=about_embed(__version__), ephemeral=True)

    def _database_outage(self, now: datetime) -> OutageView | None:
        """Return since when nothing can be recorded; None if the database works."""
        outage = self._services.database.outage.current
        if outage is None:
            return None
        return OutageView(outage.cause, now - timedelta(seconds=self._services.clock.monotonic() - outage.began))

    async def _monitor_status(self, server_id: int, now: datetime) -> MonitorStatus:
        async with self._services.database.reading() as connection:
            account = await accounts.get_account(connection, self._services.account_id, now)
            known = await tokens.known_tokens(connection, self._services.account_id)
            backlog = await get_backlog(connection, server_id)
            routes = await routes_overview(connection, server_id)
            latest = await audit.latest_entries(connection, server_id, most=_LATEST_CHANGES)
            stale = await stale_messages_of(connection, server_id)
            created_at = await accounts.created_at(connection, self._services.account_id)
            has_earlier_database = await get_value(connection, EARLIER_DATABASE) is not None
        as_of = account.last_success_at or now
        return MonitorStatus(
            version=__version__,
            started_at=self._bot.started_at,
            poll_interval=self._services.poll_interval,
            last_success_at=account.last_success_at,
            last_error=account.last_error,
            modes=Counter(token.mode for token in known.values() if not is_long_gone(token, as_of)),
            gateway_seconds=_finite(self._bot.latency),
            waiting=backlog.number,
            waiting_problem=backlog.last_error,
            latest=[
                ChangeLine(entry.at, entry.member_id, entry.action, entry.target, entry.outcome) for entry in latest
            ],
            quota=account.quota,
            outage=account.outage,
            never_read=account.never_read or (),
            routes=routes,
            stale=stale,
            database_created_at=created_at,
            has_earlier_database=has_earlier_database,
        )


def _finite(seconds: float) -> float | None:
    """Return discord.py's latency; None before the first heartbeat was acknowledged, when it is NaN or infinite."""
    return seconds if 0 <= seconds < float("inf") else None


async def setup(bot: Fastwatch) -> None:
    """Add the cog."""
    await bot.add_cog(Status(bot))
