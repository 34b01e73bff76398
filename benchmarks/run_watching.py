"""Watch many accounts in one process.

python -m benchmarks.run_watching API_URL IMAGINEPRO_URL DATABASE_URL POLL_SECONDS. The accounts, servers and channels
are read from standard input, a JSON list of [account name, server id, channel id].
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import discord
import yarl
from pydantic import SecretStr

from bot.clock import Clock
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
from bot.storage.parts import parts_of
from bot.storage.server_settings import set_rules
from tests.standins.run_against import point_at

# Otherwise repeated bans of one token would count as flapping.
_ANY_NUMBER = 1_000_000


async def watch(api_url: str, imaginepro_url: str, database_url: str, poll_seconds: float) -> None:
    """Watch until the process is stopped."""
    point_at(api_url, str(yarl.URL(api_url).with_scheme("ws")))
    clock = Clock()
    configure_logs(LogLevel.WARNING, LogFormat.CONSOLE, ())
    async with AsyncExitStack() as opened, asyncio.TaskGroup() as group:
        database = await opened.enter_async_context(open_database(SecretStr(database_url)))
        client = discord.Client(intents=discord.Intents.none())
        await client.login("made-up.discord.token")
        notifier = Dispatcher(database, clock, Sender(client, clock))
        group.create_task(notifier.run())
        connections = await opened.enter_async_context(open_connections(imaginepro_url, clock))
        places = json.loads(sys.stdin.readline())
        partitions, monitors = Partitions(database, clock), dict[int, Monitor]()
        unchanged = UnchangedChecks(database, clock)
        for name, account_id in (await _create(database, clock, places)).items():
            monitor = Monitor(
                account_id,
                imaginepro_for(connections, SecretStr(name), clock),
                database,
                clock,
                poll_interval=timedelta(seconds=poll_seconds),
                deliveries_recorded=notifier.wake,
                hand_over=notifier.handover.handing_over,
                partitions=partitions,
                unchanged=unchanged,
            )
            monitors[account_id] = monitor
        group.create_task(Scheduler(partitions, monitors.get, clock, unchanged).run())


async def _create(database: Database, clock: Clock, places: Sequence[Sequence[Any]]) -> dict[str, int]:
    """Create the accounts, each with its server, and return their ids by name."""
    ids = {}
    for part in parts_of(places):
        async with database.transaction() as connection:
            for name, server_id, channel_id in part:
                ids[name] = await ensure_account(connection, name, clock.now())
                await set_route(connection, Route(server_id, ids[name], channel_id, None, 1, clock.now()))
                await set_rules(connection, server_id, Rules(confirm_back=1, flapping_after=_ANY_NUMBER))
    return ids


if __name__ == "__main__":
    api, imaginepro, database, poll = sys.argv[1:]
    asyncio.run(watch(api, imaginepro, database, float(poll)))
