"""Measure how long an alert takes: from the response that shows a ban to the request that reaches Discord.

With 1, 100 and 1,000 accounts watched by one process, each with a server of its own. BANNED is confirmed at once, so
the time includes no second reading. The stand-ins run in this process, and their share is included.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from aiohttp import web

from benchmarks.stage import UncheckingServer
from bot.demo.documented_api import LinkedToken, serving
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import linked_token

_ROOT = Path(__file__).parent.parent
_CASES = ((1, 0.2), (100, 10.0), (1000, 60.0))
_ALERTS = 200
_BETWEEN_SECONDS = 0.1
_TOKENS = 5


@dataclass(slots=True)
class Fleets:
    """The accounts by key, and when the first response showed the ban of one."""

    tokens: dict[str, list[LinkedToken]] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    rounds: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when every account has been requested twice: the mode in a first reading is no change."""

    async def answer(self, request: web.Request) -> web.Response:
        """Return the fleet of the key's account."""
        key = request.headers["Authorization"].removeprefix("Bearer ")
        body = json.dumps([token.listed() for token in self.tokens[key]])
        self.rounds += 1
        if self.rounds >= 2 * len(self.tokens):
            self.enough.set()
        if any(token.status == "BANNED" for token in self.tokens[key]):
            self.shown.setdefault(key, time.monotonic())
        return web.Response(body=body, content_type="application/json", status=HTTPStatus.OK)


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measurements for a number of accounts, in milliseconds."""

    accounts: int
    p50: float
    p99: float
    cpu_per_round: float
    resident_mb: float


async def measure(accounts: int, poll_seconds: float) -> Measurement:
    """Measure one number of accounts."""
    fleets = Fleets()
    application = web.Application()
    application.router.add_get("/api/v1/discord/tokens", fleets.answer)
    async with UncheckingServer(token="made-up.discord.token") as discord, serving(application, 0) as url:  # noqa: S106
        places = []
        for number in range(accounts):
            server = discord.add_guild()
            key = f"key-{number}"
            fleets.tokens[key] = [linked_token(number * _TOKENS + each + 1) for each in range(_TOKENS)]
            places.append((key, server, discord.add_channel(server, "alerts")))
        async with _watching(discord, url, places, poll_seconds) as process:
            await fleets.enough.wait()
            cpu, rounds = _cpu_seconds(process), fleets.rounds
            await asyncio.sleep(10)
            # Before anything changes: the cost of a round without changes.
            per_round = (_cpu_seconds(process) - cpu) / (fleets.rounds - rounds) * 1000
            taken = await _ban_one_after_the_other(discord, fleets, places)
            resident = process.memory_info().rss / 1024 / 1024
    p99 = statistics.quantiles(taken, n=100)[98]
    return Measurement(accounts, statistics.median(taken) * 1000, p99 * 1000, per_round, resident)


async def _ban_one_after_the_other(
    discord: DiscordServer, fleets: Fleets, places: list[tuple[str, int, int]]
) -> list[float]:
    """Ban a random account's token at intervals. Return the seconds from each response that showed it to Discord."""
    chosen = random.Random(0).choices(places, k=_ALERTS) if len(places) < _ALERTS else places[:_ALERTS]  # noqa: S311
    taken = []
    for start in range(0, _ALERTS, len(set(chosen))):
        batch = list(dict.fromkeys(chosen[start:] if len(places) > 1 else chosen[:1]))
        taken += await asyncio.gather(*(_ban(discord, fleets, place, n) for n, place in enumerate(batch)))
    return taken


async def _ban(discord: DiscordServer, fleets: Fleets, place: tuple[str, int, int], number: int) -> float:
    key, _, channel = place
    await asyncio.sleep(number * _BETWEEN_SECONDS)
    before = len(discord.messages(channel))
    fleets.shown.pop(key, None)
    fleets.tokens[key][0].status = "BANNED"
    await discord.wait_for(lambda: len(discord.messages(channel)) > before, timeout=300)
    reached = next(
        request.received
        for request in discord.requests
        if request.path == f"/channels/{channel}/messages" and request.received >= fleets.shown[key]
    )
    fleets.tokens[key][0].status = "FAST"
    # Until the reply that says it is back.
    await discord.wait_for(lambda: len(discord.messages(channel)) > before + 1, timeout=300)
    return reached - fleets.shown[key]


@asynccontextmanager
async def _watching(
    discord: DiscordServer, imaginepro_url: str, places: list[tuple[str, int, int]], poll_seconds: float
) -> AsyncIterator[psutil.Process]:
    with TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.run_watching",
            discord.api_url,
            imaginepro_url,
            f"sqlite:///{folder}/fastwatch.db",
            str(poll_seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env=dict(os.environ),
        )
        if process.stdin is None:
            raise RuntimeError("the process was started without its standard input")
        process.stdin.write(json.dumps(places).encode() + b"\n")
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            await process.wait()


def _cpu_seconds(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


async def _main() -> None:
    print("| accounts | answer to Discord, p50 | p99 | processor, a round that changes nothing | memory |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for accounts, poll_seconds in _CASES:
        each = await measure(accounts, poll_seconds)
        figures = (
            f"{each.p50:.1f} ms",
            f"{each.p99:.1f} ms",
            f"{each.cpu_per_round:.1f} ms",
            f"{each.resident_mb:.0f} MB",
        )
        print(f"| {accounts:,} | {' | '.join(figures)} |", flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
