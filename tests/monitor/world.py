"""An ImaginePro and a Discord on loopback, a database, and the parts of a Fastwatch process between them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route as DiscordRoute
from sqlalchemy import Table, select

from bot.domain.evaluation import TrackedToken
from bot.domain.incident_actions import acknowledge, mute
from bot.domain.incident_updates import IncidentUpdate
from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.imaginepro.client import ImaginePro
from bot.monitor.monitor import Monitor
from bot.monitor.progress import Progress
from bot.monitor.scheduler import Scheduler
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.rate_limits import LONGEST_WAIT, response_trace
from bot.notifier.sender import Sender
from bot.storage.accounts import Account, get_account
from bot.storage.alert_routes import Route, set_route
from bot.storage.backlog import get_backlog
from bot.storage.database import Database
from bot.storage.deliveries import retry_now
from bot.storage.incident_updates import record_update
from bot.storage.incidents import open_incidents
from bot.storage.mutes import Mute, set_mute
from bot.storage.server_settings import set_rules
from bot.storage.tokens import known_tokens
from bot.storage.watches import Watch, add_watch
from tests.clocks import NOON, SetClock
from tests.standins.discord_server import DiscordServer, Message, Pings
from tests.standins.imaginepro_server import ImagineProServer
from tests.standins.run_against import point_at
from tests.titles import title_of

MINUTE = timedelta(minutes=1)


class ChosenClock(SetClock):
    """Returns a test's chosen nonces before numbered ones, and records the sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []
        self.slept: list[float] = []

    def nonce(self) -> str:
        return self.chosen.pop(0) if self.chosen else super().nonce()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(seconds)


class RecordingMonitor(Monitor):
    """A monitor whose rounds end with the record of what found nothing new, which `Monitor.run` makes seconds later."""

    async def round(self) -> timedelta:
        delay = await super().round()
        await self.unchanged.commit()
        return delay


@dataclass
class World:
    """An account, and its known tokens."""

    imaginepro: ImagineProServer
    database: Database
    clock: ChosenClock
    account_id: int
    client: ImaginePro
    recorded: int = 0

    def monitor(self, poll_interval: timedelta = MINUTE, **options: Any) -> Monitor:
        def note() -> None:
            self.recorded += 1

        return RecordingMonitor(
            self.account_id,
            self.client,
            self.database,
            self.clock,
            poll_interval=poll_interval,
            deliveries_recorded=note,
            **options,
        )

    def scheduler(
        self, poll_interval: timedelta = MINUTE, *, progress: Progress | None = None, **options: Any
    ) -> Scheduler:
        """Return a scheduler of this account alone."""
        monitor = self.monitor(poll_interval, **options)
        return Scheduler(
            monitor.partitions, {self.account_id: monitor}.get, self.clock, monitor.unchanged, progress=progress
        )

    def set_status(self, token_id: int, status: str) -> None:
        """Put a token into this status at ImaginePro."""
        self.imaginepro.tokens[token_id].status = status

    async def rows(self, table: Table) -> list[tuple[Any, ...]]:
        async with self.database.reading() as connection:
            return [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]

    async def known_tokens(self) -> dict[int, TrackedToken]:
        """Return the tracked tokens."""
        async with self.database.reading() as connection:
            return await known_tokens(connection, self.account_id)

    async def modes(self) -> dict[int, Mode]:
        """Return the last read mode of each token."""
        async with self.database.reading() as connection:
            return {id_: token.mode for id_, token in (await known_tokens(connection, self.account_id)).items()}

    async def watch(self, message_id: UUID, token_id: int | None) -> None:
        self.imaginepro.messages[message_id] = token_id
        async with self.database.transaction() as connection:
            await add_watch(connection, self.account_id, Watch(message_id, token_id, 1, 8, NOON))

    def asked(self) -> list[str]:
        """Return the requests since the last call."""
        paths = [request.path for request in self.imaginepro.log]
        self.imaginepro.log.clear()
        return paths

    async def account(self) -> Account:
        async with self.database.reading() as connection:
            return await get_account(connection, self.account_id, self.clock.now())

    async def open_incidents(self, server_id: int) -> list[Incident]:
        async with self.database.reading() as connection:
            return await open_incidents(connection, server_id)

    async def set_route(self, server_id: int, channel_id: int = 7, role_id: int | None = None, **others: Any) -> None:
        async with self.database.transaction() as connection:
            route = Route(server_id, self.account_id, channel_id, role_id, others.pop("created_by", 8), NOON, **others)
            await set_route(connection, route)

    async def set_rules(self, server_id: int, numbers: Rules) -> None:
        async with self.database.transaction() as connection:
            await set_rules(connection, server_id, numbers)

    async def mute(
        self, server_id: int, token_id: int | None, lasts: timedelta, *, include_urgent: bool = False
    ) -> None:
        now = self.clock.now()
        async with self.database.transaction() as connection:
            await set_mute(connection, Mute(server_id, token_id, now + lasts, "made up", 8, now, include_urgent))


@dataclass
class Team:
    """A server in the Discord stand-in: its alert channel, its system channel, a role to ping, a moderator."""

    discord: DiscordServer
    id: int
    talk: int
    alerts: int
    role: int
    mod: int

    @classmethod
    def create(cls, server: DiscordServer) -> "Team":
        id_ = server.add_guild()
        talk, alerts = server.add_channel(id_, "talk"), server.add_channel(id_, "alerts")
        role = server.add_role(id_, "ops", mentionable=True)
        return cls(server, id_, talk, alerts, role, server.add_member(id_, "mona"))

    def posted(self) -> list[Message]:
        """Return the messages in the alert channel."""
        return self.discord.messages(self.alerts)

    def titles(self) -> list[str]:
        """Return what the alert channel shows: the titles of embeds, and the texts without an embed."""
        return [title_of(message) for message in self.posted()]

    def pinged(self) -> int:
        """Return how often the role was pinged in the alert channel."""
        return sum(message.pings == Pings(roles=frozenset({self.role})) for message in self.posted())

    @property
    def posting(self) -> str:
        """The path of posting in the alert channel."""
        return f"/channels/{self.alerts}/messages"

    @property
    def editing(self) -> str:
        """The path, a regular expression, of editing in the alert channel."""
        return rf"{self.posting}/\d+"


@dataclass
class NotifierHarness:
    """What a test of the notifier does: a status changes, rounds read it, and it is posted."""

    world: World
    monitor: Monitor
    sender: Sender
    notifier: Dispatcher

    async def seen(self, *token_ids: int, status: str) -> None:
        """Let a change be read and confirmed, but not posted yet."""
        for token_id in token_ids:
            self.world.set_status(token_id, status)
        self.world.clock.advance(await self.monitor.round())
        await self.monitor.round()

    async def posted(self, *token_ids: int, status: str) -> None:
        """Let a change be read, confirmed and posted."""
        await self.seen(*token_ids, status=status)
        await self.notifier.deliver_due()

    async def after(self, pause: timedelta) -> None:
        """Deliver what is due after a pause."""
        self.world.clock.advance(pause)
        await self.notifier.deliver_due()

    async def waiting(self, team: Team) -> int:
        """Return the number of pending deliveries."""
        async with self.world.database.reading() as connection:
            return (await get_backlog(connection, team.id)).number

    async def acknowledge(self, team: Team) -> None:
        """Apply the only alert's acknowledge button."""
        await self._update(team, acknowledge)

    async def mute(self, team: Team) -> None:
        """Apply the only alert's mute button: until recovery."""
        await self._update(team, partial(mute, lasts=None))

    async def _update(self, team: Team, change: Callable[[Incident, int, datetime], IncidentUpdate]) -> None:
        now = self.world.clock.now()
        (incident,) = await self.world.open_incidents(team.id)
        async with self.world.database.transaction() as connection:
            update = change(incident, team.mod, now)
            await record_update(connection, update, nonce=self.world.clock.nonce(), now=now)

    async def fix_route(self, team: Team, **changes: Any) -> None:
        """Do what `/alerts setup` does."""
        await self.set_up(team, **changes)
        async with self.world.database.transaction() as connection:
            await retry_now(connection, team.id, self.world.clock.now())
        await self.notifier.deliver_due()

    async def set_up(self, team: Team, **changes: Any) -> None:
        """Set up the team's alerts."""
        route = {"channel_id": team.alerts, "role_id": team.role, "created_by": team.mod} | changes
        await self.world.set_route(team.id, **route)


@contextmanager
def discord_py_at(server: DiscordServer) -> Iterator[None]:
    """Let discord.py use the stand-in inside the block."""
    base, gateway = DiscordRoute.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    point_at(server.api_url, server.gateway_url)
    try:
        yield
    finally:
        DiscordRoute.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@asynccontextmanager
async def connected_client(server: DiscordServer) -> AsyncIterator[discord.Client]:
    """Log a discord.py client in to the stand-in, and connect it to the gateway."""
    with discord_py_at(server):
        client = discord.Client(
            intents=discord.Intents(guilds=True),
            max_messages=None,
            http_trace=response_trace(),
            guild_ready_timeout=0,
        )
        client.http.max_ratelimit_timeout = LONGEST_WAIT
        async with client:
            await client.login(server.token)
            connecting = asyncio.create_task(client.connect())
            await client.wait_until_ready()
            yield client
        await asyncio.wait({connecting})
