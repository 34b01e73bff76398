"""The simulated world: a Discord, an ImaginePro, a disk and a clock, and the real bot between them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from pydantic import SecretStr

import bot.run
from bot.app.client import Fastwatch
from bot.charts.service import ChartFailed
from bot.charts.spec import Chart
from bot.imaginepro.client import open_imaginepro
from bot.monitor import monitor
from bot.monitor import partitions as monitor_partitions
from bot.network import DIRECT
from bot.notifier import boards, dispatcher, outage_alerts
from bot.run import open_services, run_bot
from bot.settings import Settings
from bot.storage import due_times, leases, partitions
from bot.storage.database import DatabaseUnusable
from tests.monitor.world import Team
from tests.simulation.discord_faults import SimulatedFaults
from tests.simulation.loop import VirtualClock, VirtualLoop, true_time
from tests.simulation.transports import (
    INTENTS,
    Alive,
    DatabaseFaults,
    DiscordSession,
    GatewayLink,
    ImagineProTransport,
    discord_without_sockets,
    sqlite_without_threads,
)
from tests.simulation.truth import Truth
from tests.standins.discord_server import DiscordServer, Interaction, Permission
from tests.standins.imaginepro_server import ImagineProServer, linked_token

FLEET = "/api/v1/discord/tokens"
TOKENS = (111, 222, 333, 444, 555, 666)
_PENDING_NONCES = "SELECT nonce FROM deliveries WHERE delivered_at IS NULL"
_RESTART_SECONDS = 10
"""After how long whatever runs the bot starts it again."""
_PATIENCE_SECONDS = 120
"""After how long a person tries again what did not work."""


class _NoCharts:
    """In place of the process that draws: a digest without its picture is still a digest."""

    async def __aenter__(self) -> _NoCharts:
        return self

    async def __aexit__(self, *_: object) -> None:
        """There is no process."""

    async def draw(self, chart: Chart) -> bytes:
        raise ChartFailed("there are no charts in the simulation")


@dataclass
class Process:
    """One run of the bot, from its start to its end."""

    alive: Alive
    is_wanted: bool = True
    task: asyncio.Task[None] | None = None
    bot: Fastwatch | None = None
    link: GatewayLink | None = None


@dataclass
class World:
    """Everything that one simulation consists of."""

    loop: VirtualLoop
    chance: Random
    folder: Path
    poll_interval: timedelta
    discord: DiscordServer = field(init=False)
    imaginepro: ImagineProServer = field(init=False)
    clock: VirtualClock = field(init=False)
    disk: DatabaseFaults = field(init=False)
    teams: list[Team] = field(init=False)
    second_roles: dict[int, int] = field(init=False)
    """Which role each server's escalations ping."""
    escalate_after: dict[int, float] = field(init=False)
    """After how many seconds each server escalates."""
    truth: Truth = field(init=False)
    faults: SimulatedFaults = field(init=False)
    template: Path | None = None
    """A database with all tables, because creating them takes longer than a day."""
    process: Process | None = None
    crashes: list[tuple[float, str]] = field(default_factory=list)
    """When and why the bot ended by itself."""
    fleet_answered_at: float = 0.0
    """When ImaginePro last said how the tokens are."""
    started_at: float = 0.0
    is_set_up: bool = False

    def __post_init__(self) -> None:
        self.discord = DiscordServer(now=lambda: self.now().timestamp())
        self.imaginepro = ImagineProServer()
        self.imaginepro.base_url = "https://imaginepro.invalid"
        self.imaginepro.link(*map(linked_token, TOKENS))
        self.clock = VirtualClock(self.loop, self.chance)
        self.disk = DatabaseFaults()
        self.teams = [Team.create(self.discord), Team.create(self.discord)]
        self.second_roles = {one.id: self.discord.add_role(one.id, "leads", mentionable=True) for one in self.teams}
        # The first server's is between two reminders, the second one's is due together with one.
        self.escalate_after = {team.id: hours * 3600 for team, hours in zip(self.teams, (1.5, 1), strict=True)}
        self.truth = Truth(self.imaginepro, self.loop.time)
        self.troubled = self.truth.troubled
        self.faults = self.discord.faults = SimulatedFaults()
        if self.template is not None:
            shutil.copy(self.template, self.file)

    def now(self) -> datetime:
        """Return the true time."""
        return true_time(self.loop.time())

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "fastwatch.db"

    @property
    def settings(self) -> Settings:
        """The bot's settings. `model_construct` reads neither the environment nor `.env`."""
        return Settings.model_construct(
            discord_token=SecretStr(self.discord.token),
            imaginepro_api_key=SecretStr(self.imaginepro.key),
            imaginepro_base_url=self.imaginepro.base_url,
            home_servers=frozenset(team.id for team in self.teams),
            database_url=SecretStr(f"sqlite:///{self.file}"),
            poll_interval=self.poll_interval,
        )

    # The process

    @property
    def is_running(self) -> bool:
        """Whether the bot runs, or is started again by itself."""
        return self.process is not None

    def start(self) -> None:
        """Start the bot, and start it again whenever it ends by itself."""
        self.started_at = self.loop.time()
        process = self.process = Process(Alive())
        process.task = self.loop.create_task(self._keep_running(process))

    async def _keep_running(self, process: Process) -> None:
        while process.is_wanted:
            self.disk.alive = process.alive
            try:
                async with open_services(self.settings, self.clock) as services:
                    await run_bot(services, self.settings.discord_token, DIRECT)
            except DatabaseUnusable as error:
                self.crashes.append((self.loop.time(), str(error)))
            except Exception as error:  # noqa: BLE001 - a bot that ends is a finding, not the end of the simulation
                if process.is_wanted:
                    self.crashes.append((self.loop.time(), repr(error)))
            self._leave_gateway(process)
            if process.is_wanted:
                await asyncio.sleep(_RESTART_SECONDS)

    async def stop(self) -> None:
        """Stop the bot in order, as by SIGTERM."""
        process, self.process = self.process, None
        if process is not None and process.task is not None:
            process.is_wanted = False
            process.task.cancel()
            await asyncio.wait({process.task})
            self._leave_gateway(process)

    async def kill(self) -> None:
        """Kill the bot, as by SIGKILL: from now on nothing of it has any effect."""
        if self.process is not None:
            self.process.alive.is_killed = True
        await self.stop()

    def _session(self) -> DiscordSession:
        return DiscordSession(self.discord, self._process.alive)

    @property
    def _process(self) -> Process:
        if self.process is None:
            raise RuntimeError("the bot does not run")
        return self.process

    async def _connect(self, client: Fastwatch) -> None:
        """Connect a client of the running process to the gateway, until it is cancelled."""
        process = self._process
        process.alive.check()
        client.shard_count = client._connection.shard_count = 1
        client._connection.shard_ids = [0]
        process.bot, process.link = client, GatewayLink(client, process.alive)
        identify: Any = self.discord.gateway._identify
        identify(process.link, {"token": self.discord.token, "intents": INTENTS, "shard": [0, 1]})
        await asyncio.Event().wait()

    def _leave_gateway(self, process: Process) -> None:
        if process.link is not None and process.link.session is not None:
            self.discord.gateway._sessions.pop(process.link.session.id, None)
        process.bot = process.link = None

    @contextmanager
    def without_gateway(self) -> Iterator[None]:
        """The gateway is away; what happens meanwhile arrives when the session is resumed."""
        link = self.process.link if self.process is not None else None
        if link is None or link.session is None:
            yield
            return
        session, heard = link.session, len(link.session.frames)
        session.link = None
        try:
            yield
        finally:
            if self.process is not None and self.process.link is link:
                resume: Any = self.discord.gateway._resume
                resume(link, {"token": self.discord.token, "session_id": session.id, "seq": heard})

    def _answered(self, path: str) -> None:
        if path == FLEET:
            self.fleet_answered_at = self.loop.time()

    # Backups

    @property
    def _backup(self) -> Path:
        return self.folder / "backup.db"

    @property
    def has_backup(self) -> bool:
        """Whether there is one to restore."""
        return self._backup.exists()

    def back_up(self) -> None:
        """Copy the database, as a backup that runs beside the bot does."""
        self._backup.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self._backup)) as target:
            source.backup(target)
        self.truth.backed_up()

    def restore(self) -> None:
        """Put the backup in the place of the database. The bot must not run."""
        for path in self.folder.glob("fastwatch.db-*"):
            path.unlink()
        shutil.copy(self._backup, self.file)
        with closing(sqlite3.connect(self._backup)) as connection:
            pending = {nonce for (nonce,) in connection.execute(_PENDING_NONCES)}
        self.truth.restored([message for team in self.teams for message in team.posted()], pending)

    # People

    async def types(self, team: Team, command: str, **options: Any) -> Interaction | None:
        """Let the team's moderator type a command; None if there is nobody to hear it."""
        return await self._does(
            self.discord.command,
            command,
            options,
            channel_id=team.talk,
            user=team.mod,
            permissions=int(Permission.MANAGE_GUILD),
        )

    async def insists(self, team: Team, command: str, answers: tuple[str, ...], **options: Any) -> None:
        """Let the team's moderator type a command until the answer begins with one of these."""
        while True:
            asked = await self.types(team, command, **options)
            if asked is not None and asked.message is not None and asked.message.content.startswith(answers):
                return
            await asyncio.sleep(_PATIENCE_SECONDS)

    async def presses(self, team: Team, message_id: int, custom_id: str) -> Interaction | None:
        """Let the team's moderator press a button; None if that is no longer possible."""
        permissions = int(Permission.MANAGE_GUILD)
        return await self._does(self.discord.press, message_id, custom_id, user=team.mod, permissions=permissions)

    async def selects(self, team: Team, message_id: int, custom_id: str, value: str) -> Interaction | None:
        """Let the team's moderator choose from a menu; None if that is no longer possible, or not offered."""
        permissions = int(Permission.MANAGE_GUILD)
        with contextlib.suppress(ValueError):
            return await self._does(
                self.discord.select, message_id, custom_id, [value], user=team.mod, permissions=permissions
            )
        return None

    async def submits(self, opened: Interaction, text: str) -> Interaction | None:
        """Submit a form."""
        return await self._does(self.discord.submit, opened, text, permissions=int(Permission.MANAGE_GUILD))

    async def chooses(self, interaction: Interaction, label: str) -> Interaction | None:
        """Press a button of the answer that only the person sees."""
        answer = interaction.message
        if answer is None or label not in answer.custom_ids():
            return None
        return await self._does(
            self.discord.press,
            answer.id,
            answer.custom_ids()[label],
            user=int(interaction.user["id"]),
            permissions=int(Permission.MANAGE_GUILD),
        )

    async def _does(self, action: Any, *args: Any, **kwargs: Any) -> Interaction | None:
        if self.process is None or self.process.link is None:
            return None
        try:
            interaction: Interaction = await action(*args, **kwargs)
        except (LookupError, RuntimeError, ValueError):
            return None
        with contextlib.suppress(TimeoutError):
            await self._settled(interaction)
        return interaction

    async def _settled(self, interaction: Interaction, seconds: float = 25) -> None:
        """Wait until the bot has answered, or will not."""
        await interaction.acknowledged(seconds)
        if interaction.deferred:
            await interaction.answered(seconds)


@asynccontextmanager
async def open_world(world: World) -> AsyncIterator[World]:
    """Let the bot's modules use the world, start the bot, and stop it in the end."""
    transport = partial(_open_imaginepro, world)
    with (
        sqlite_without_threads(world.disk),
        discord_without_sockets(world._session, world._connect),
        patch.object(bot.run, "open_imaginepro", transport),
        patch.object(bot.run, "Charts", _NoCharts),
        _idle_less_often(world.poll_interval),
    ):
        world.start()
        try:
            yield world
        finally:
            await world.kill()


@asynccontextmanager
async def _open_imaginepro(world: World, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
    transport = ImagineProTransport(world.imaginepro, world._process.alive, world._answered)
    async with open_imaginepro(*args, **kwargs, transport=transport) as client:
        yield client


@contextmanager
def _idle_less_often(poll_interval: timedelta) -> Iterator[None]:
    """Stretch what the bot does every few seconds even if nothing happens, with rounds that are further apart.

    Partitions are renewed 8,640 times a day, which would take ten times as long as the rounds themselves.
    """
    seconds = max(poll_interval.total_seconds() / 2, 10)
    with (
        patch.object(leases, "RENEWAL_INTERVAL", timedelta(seconds=seconds)),
        patch.object(monitor, "RENEWAL_INTERVAL", timedelta(seconds=seconds)),
        patch.object(monitor_partitions, "RENEWAL_INTERVAL", timedelta(seconds=seconds)),
        patch.object(leases, "LEASE_DURATION", timedelta(seconds=3 * seconds)),
        patch.object(partitions, "LEASE_DURATION", timedelta(seconds=3 * seconds)),
        patch.object(monitor_partitions, "LEASE_DURATION", timedelta(seconds=3 * seconds)),
        patch.object(due_times, "LEASE_DURATION", timedelta(seconds=3 * seconds)),
        patch.object(outage_alerts, "_LOOP_SECONDS", seconds / 5),
        patch.object(outage_alerts, "_ROUTES_SECONDS", 2 * seconds),
        patch.object(boards, "_LOOP_SECONDS", 2 * seconds),
        patch.object(dispatcher, "_IDLE_SECONDS", max(2 * seconds, 60)),
        patch.object(dispatcher, "_DATABASE_RETRY_SECONDS", max(seconds / 10, 5)),
    ):
        yield
