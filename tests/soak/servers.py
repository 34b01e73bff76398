"""The servers of a soak: two, with three alert channels, and a channel for notices to moderators in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.domain.rules import Rules
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import Route, set_route
from bot.storage.database import Database
from bot.storage.server_settings import set_rules
from tests.standins.discord_server import DiscordServer

# Hours are shortened to minutes, so that everything happens often.
_RULES = Rules(
    reminders=(timedelta(minutes=1), timedelta(minutes=3)),
    no_data_after=timedelta(minutes=1),
    flapping_within=timedelta(minutes=4),
)


@dataclass(frozen=True)
class AlertChannel:
    """A channel with alerts of a server, or of one token there, and the role that they ping."""

    server: int
    id: int
    role: int
    has_one_token: bool = False


@dataclass(frozen=True)
class Servers:
    """The servers, and the member who has set up their alerts."""

    home: int
    other: int
    channels: tuple[AlertChannel, ...]
    elsewhere: tuple[int, ...]
    """Where moderators are notified: the system channels, and the direct messages of the member."""
    member: int

    async def set_up(self, database: Database, token_id: int) -> None:
        """Record the routes and the rules. One channel gets the alerts of this token."""
        now = Clock().now()
        async with database.transaction() as connection:
            account = await ensure_account(connection, "primary", now)
            for channel in self.channels:
                token = token_id if channel.has_one_token else None
                route = Route(channel.server, account, channel.id, channel.role, self.member, now, token_id=token)
                await set_route(connection, route)
                await set_rules(connection, channel.server, _RULES)


def add_servers(discord: DiscordServer) -> Servers:
    """Add the servers to a Discord."""
    home, other = discord.add_guild(name="Home"), discord.add_guild(name="Other")
    # The first channel of a server is its system channel.
    general = [discord.add_channel(server, "general") for server in (home, other)]

    def channel(server: int, name: str, *, has_one_token: bool = False) -> AlertChannel:
        role = discord.add_role(server, f"looks after {name}", mentionable=True)
        return AlertChannel(server, discord.add_channel(server, name), role, has_one_token)

    channels = channel(home, "alerts"), channel(home, "alerts-of-one", has_one_token=True), channel(other, "alerts")
    member = discord.add_member(home, "moderator")
    return Servers(home, other, channels, (*general, discord.dm_channel(member)), member)
