"""`python -m tests.simulation.many_accounts`: thousands of accounts on two processes for a virtual day.

The processes are two monitors and notifiers on one SQLite file, in one event loop. One is stopped after a third of the
time, and another is started after two thirds. Ends with status 1 if a change is not alerted, alerted twice or late.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import discord
import httpx
import psutil
from pydantic import SecretStr

from bot.domain.rules import Rules
from bot.imaginepro.client import imaginepro_for
from bot.imaginepro.transport import open_connections
from bot.logging_setup import configure_logs
from bot.monitor.monitor import Monitor
from bot.monitor.partitions import Partitions
from bot.monitor.scheduler import Scheduler
from bot.monitor.unchanged import UnchangedChecks
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.sender import Sender
from bot.settings import LogFormat, LogLevel
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import Route, set_route
from bot.storage.database import Database, open_database
from bot.storage.server_settings import set_rules
from tests.databases import migrate
from tests.simulation.loop import VirtualClock, VirtualLoop, run_virtually, true_time
from tests.simulation.transports import (
    Alive,
    DatabaseFaults,
    DiscordSession,
    discord_without_sockets,
    sqlite_without_threads,
)
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import linked_token

_TOKENS = 5
_HOUR = 3600
_STOPPED_AT, _STARTED_AT = 2, 4
"""When a process is stopped and another started, in sixths of the time."""
_TAKEN_OVER_SECONDS = 60
_ALLOWANCE_SECONDS = 15
"""For the start of a check and the alert itself."""
_MEGABYTE = 1024 * 1024


@dataclass
class Account:
    """One account: its channel, what the list of its tokens says, and when that changed."""

    server: int
    channel: int
    numbers: range
    body: bytes = b""
    changed_at: list[float] = field(default_factory=list)

    def set_status(self, status: str) -> None:
        """Change the status of the first token."""
        tokens = [
            linked_token(number, status=status if number == self.numbers[0] else "FAST") for number in self.numbers
        ]
        self.body = json.dumps([token.listed() for token in tokens]).encode()


@dataclass
class World:
    """The accounts by key, and what the processes have in common."""

    loop: VirtualLoop
    chance: Random
    poll: timedelta
    discord: DiscordServer
    database: Database
    accounts: dict[str, Account]
    hours: int
    ids: dict[str, int] = field(default_factory=dict)
    checks: int = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return the tokens of the key's account."""
        self.checks += 1
        key = request.headers["Authorization"].removeprefix("Bearer ")
        return httpx.Response(200, headers={"Content-Type": "application/json"}, content=self.accounts[key].body)

    async def create_accounts(self, clock: VirtualClock) -> None:
        """Create the accounts in the database, each with a server."""
        async with self.database.transaction() as connection:
            for key, account in self.accounts.items():
                self.ids[key] = id_ = await ensure_account(connection, key, clock.now())
                await set_route(connection, Route(account.server, id_, account.channel, None, 1, clock.now()))
                await set_rules(connection, account.server, Rules(confirm_back=1))

    async def run_process(self, clock: VirtualClock) -> None:
        """Run the monitor and the notifier of one process, until it is cancelled."""
        async with AsyncExitStack() as opened, asyncio.TaskGroup() as group:
            client = await opened.enter_async_context(discord.Client(intents=discord.Intents.none()))
            await client.login(self.discord.token)
            notifier = Dispatcher(self.database, clock, Sender(client, clock))
            transport = httpx.MockTransport(self.answer)
            connections = await opened.enter_async_context(
                open_connections("https://imaginepro.invalid", clock, transport=transport)
            )
            partitions, unchanged = Partitions(self.database, clock), UnchangedChecks(self.database, clock)
            monitors = {
                account_id: Monitor(
                    account_id,
                    imaginepro_for(connections, SecretStr(key), clock),
                    self.database,
                    clock,
                    poll_interval=self.poll,
                    deliveries_recorded=notifier.wake,
                    hand_over=notifier.handover.handing_over,
                    partitions=partitions,
                    unchanged=unchanged,
                )
                for key, account_id in self.ids.items()
            }
            group.create_task(notifier.run())
            group.create_task(Scheduler(partitions, monitors.get, clock, unchanged).run())

    async def change(self, number: int) -> None:
        """Ban the first token of so many accounts one after the other, each back in FAST after an hour."""
        began = self.loop.time()
        async with asyncio.TaskGroup() as group:
            for account in self.chance.sample(list(self.accounts.values()), number):
                group.create_task(self._ban(account))
                await asyncio.sleep(((self.hours - 2) * _HOUR - began) / number)

    async def _ban(self, account: Account) -> None:
        for status in ("BANNED", "FAST"):
            account.set_status(status)
            account.changed_at.append(self.loop.time())
            await asyncio.sleep(_HOUR)


@dataclass(frozen=True)
class Outcome:
    """What came of a day."""

    changes: int
    missing: int
    twice: int
    late: int
    seconds: list[float]
    checks: int
    megabytes: list[float]
    """The memory of this process after each sixth of the time."""


def simulate_accounts(number: int, poll: timedelta, changes: int, seed: int, *, hours: int = 24) -> Outcome:
    """Simulate so many accounts and changes. Changes are made until two hours before the end, each for an hour."""

    async def main(loop: VirtualLoop, chance: Random) -> Outcome:
        server, alive = DiscordServer(now=lambda: true_time(loop.time()).timestamp()), Alive()
        clock = VirtualClock(loop, chance)
        with (
            TemporaryDirectory() as folder,
            sqlite_without_threads(DatabaseFaults()),
            discord_without_sockets(lambda: DiscordSession(server, alive), lambda _: asyncio.Event().wait()),
        ):
            shutil.copy(template, Path(folder) / "fastwatch.db")
            async with open_database(SecretStr(f"sqlite:///{folder}/fastwatch.db")) as database:
                world = World(loop, chance, poll, server, database, _accounts(server, number), hours)
                await world.create_accounts(clock)
                megabytes = await _play(world, clock, changes)
            return _outcome(world, megabytes)

    with TemporaryDirectory() as made:
        template = Path(made) / "template.db"
        migrate(f"sqlite:///{template}")
        return run_virtually(main, seed)


def _accounts(server: DiscordServer, number: int) -> dict[str, Account]:
    accounts = {}
    for index in range(number):
        guild, numbers = server.add_guild(), range(index * _TOKENS + 1, (index + 1) * _TOKENS + 1)
        account = accounts[f"key-{index}"] = Account(guild, server.add_channel(guild, "alerts"), numbers)
        account.set_status("FAST")
    return accounts


async def _play(world: World, clock: VirtualClock, changes: int) -> list[float]:
    """Run two processes, of which one ends and another begins. Return the memory after each sixth of the time."""
    megabytes = []
    processes = [asyncio.create_task(world.run_process(clock)) for _ in range(2)]
    await asyncio.sleep(2 * world.poll.total_seconds())
    changing = asyncio.create_task(world.change(changes))
    for sixth in range(1, 7):
        await asyncio.sleep(sixth * world.hours * _HOUR / 6 - world.loop.time())
        megabytes.append(psutil.Process().memory_info().rss / _MEGABYTE)
        if sixth == _STOPPED_AT:
            processes.pop(0).cancel()
        if sixth == _STARTED_AT:
            processes.append(asyncio.create_task(world.run_process(clock)))
    await changing
    for process in processes:
        process.cancel()
    await asyncio.wait(processes)
    return megabytes


def _outcome(world: World, megabytes: list[float]) -> Outcome:
    """Compare the alerts with the changes: a ban is a message, the return to FAST is a reply to it."""
    slowest = 1.1 * world.poll.total_seconds() + _TAKEN_OVER_SECONDS + _ALLOWANCE_SECONDS
    found: defaultdict[str, int] = defaultdict(int)
    seconds = []
    for account in world.accounts.values():
        sent = world.discord.messages(account.channel)
        found["changes"] += len(account.changed_at)
        found["missing"] += max(len(account.changed_at) - len(sent), 0)
        found["twice"] += max(len(sent) - len(account.changed_at), 0)
        for changed_at, message in zip(account.changed_at, sent, strict=False):
            seconds.append(message.created - changed_at)
            found["late"] += seconds[-1] > slowest
    return Outcome(found["changes"], found["missing"], found["twice"], found["late"], seconds, world.checks, megabytes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate the day of the command line, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.many_accounts", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--poll-minutes", type=float, default=10)
    parser.add_argument("--changes", type=int, default=5_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    began = time.process_time()
    poll = timedelta(minutes=chosen.poll_minutes)
    outcome = simulate_accounts(chosen.accounts, poll, chosen.changes, chosen.seed, hours=chosen.hours)
    p99 = statistics.quantiles(outcome.seconds, n=100)[98]
    sys.stdout.write(
        f"{outcome.checks:,} checks of {chosen.accounts:,} accounts in {chosen.hours} virtual hours, "
        f"{time.process_time() - began:.0f} s of processor\n"
        f"{outcome.changes:,} changes: {outcome.missing} without an alert, {outcome.twice} alerted twice, "
        f"{outcome.late} late\n"
        f"from a change to its alert: p50 {statistics.median(outcome.seconds):.0f} s, p99 {p99:.0f} s, "
        f"most {max(outcome.seconds):.0f} s\n"
        f"memory after each sixth of the time: {', '.join(f'{one:.0f} MB' for one in outcome.megabytes)}\n"
    )
    return 1 if outcome.missing or outcome.twice or outcome.late else 0


if __name__ == "__main__":
    sys.exit(main())
