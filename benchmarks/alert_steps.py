"""Measure where the time of an alert goes: from the response that shows a ban to the request that reaches Discord.

One process on SQLite and on PostgreSQL, both with the syncs to disk of a real installation. The stand-ins run in this
process. `--alerts` is the number of bans of one account's token, `--accounts` how many accounts are watched.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from aiohttp import web

from benchmarks.alerts import Fleets
from benchmarks.stage import UncheckingServer
from bot.demo.documented_api import serving
from tests.databases import running_postgres
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import linked_token

_ROOT = Path(__file__).parent.parent
_TOKENS = 5
_POLL_SECONDS = 0.2
_WAIT_SECONDS = 300
# What the time of an alert consists of: from the mark, to the mark.
_STEPS = {
    "answer, loopback, decode": ("answered", "record: decoded"),
    "forecasts": ("record: decoded", "record: asked"),
    "wait for the writer's turn": ("record: asked", "record: begun"),
    "evaluate and record": ("record: begun", "record: claiming"),
    "claim": ("record: claiming", "record: claimed"),
    "commit and its sync": ("record: decided", "record: committed"),
    "plan and build the message": ("record: committed", "record: built"),
    "send": ("record: built", "received"),
    "not handed over: look, claim, commit": ("record: committed", "claim: built"),
    "in the process": ("record: decoded", "record: built"),
    "total": ("answered", "received"),
}


Mark: TypeAlias = tuple[float, float | None]
"""A monotonic time, and the processor seconds of the process until then."""


@dataclass(frozen=True, slots=True)
class Step:
    """The times of one step of all alerts, in milliseconds. The processor's are known inside the process only."""

    wall: list[float]
    processor: list[float]

    def __str__(self) -> str:
        if not self.wall:
            return " | | "
        p99 = sorted(self.wall)[len(self.wall) * 99 // 100]
        processor = f"{statistics.median(self.processor):.1f}" if self.processor else ""
        return f"{statistics.median(self.wall):.1f} | {p99:.1f} | {processor}"


async def measure(url: str, alerts: int, accounts: int) -> dict[str, Step]:
    """Return the times of each step."""
    fleets = Fleets()
    application = web.Application()
    application.router.add_get("/api/v1/discord/tokens", fleets.answer)
    async with UncheckingServer(token="made-up.discord.token") as discord, serving(application, 0) as imaginepro:  # noqa: S106
        places = []
        for number in range(accounts):
            server, key = discord.add_guild(), f"key-{number}"
            fleets.tokens[key] = [linked_token(number * _TOKENS + each + 1) for each in range(_TOKENS)]
            places.append((key, server, discord.add_channel(server, "alerts")))
        async with _watching(discord, imaginepro, url, places, accounts * _POLL_SECONDS) as output:
            await fleets.enough.wait()
            marks = [await _ban(discord, fleets, places[0], output) for _ in range(alerts)]
    return {step: _step(marks, start, end) for step, (start, end) in _STEPS.items()}


def _step(marks: list[dict[str, Mark]], start: str, end: str) -> Step:
    marks = [one for one in marks if start in one and end in one]
    wall = [(one[end][0] - one[start][0]) * 1000 for one in marks]
    processor = [(one[start][1], one[end][1]) for one in marks]
    used = [(after - before) * 1000 for before, after in processor if before is not None and after is not None]
    return Step(wall, used)


async def _ban(
    discord: DiscordServer, fleets: Fleets, place: tuple[str, int, int], output: asyncio.StreamReader
) -> dict[str, Mark]:
    """Ban a token, wait for the alert and for its end. Return the time of each step."""
    key, _, channel = place
    before = len(discord.messages(channel))
    fleets.shown.pop(key, None)
    fleets.tokens[key][0].status = "BANNED"
    await discord.wait_for(lambda: len(discord.messages(channel)) > before, timeout=_WAIT_SECONDS)
    marks: dict[str, Mark] = json.loads(await output.readline())
    posts = (one.received for one in discord.requests if one.path == f"/channels/{channel}/messages")
    received = next(at for at in posts if at >= fleets.shown[key])
    fleets.tokens[key][0].status = "FAST"
    await discord.wait_for(lambda: len(discord.messages(channel)) > before + 1, timeout=_WAIT_SECONDS)
    return marks | {"answered": (fleets.shown[key], None), "received": (received, None)}


@asynccontextmanager
async def _watching(
    discord: DiscordServer, imaginepro: str, url: str, places: list[tuple[str, int, int]], poll_seconds: float
) -> AsyncIterator[asyncio.StreamReader]:
    arguments = ("-m", "benchmarks.run_marked", discord.api_url, imaginepro, url, str(poll_seconds))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=pipe, stdout=pipe, cwd=_ROOT, env=dict(os.environ)
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process was started without its pipes")
    process.stdin.write(json.dumps(places).encode() + b"\n")
    try:
        yield process.stdout
    finally:
        process.terminate()
        await process.wait()


@contextmanager
def _sqlite() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/fastwatch.db"


@contextmanager
def _postgresql() -> Iterator[str]:
    with running_postgres() as server:
        server.psql("ALTER SYSTEM RESET fsync; SELECT pg_reload_conf();")
        server.psql("CREATE DATABASE measured;")
        yield str(server.get_uri(database="measured"))


_DATABASES: dict[str, Callable[[], AbstractContextManager[str]]] = {"SQLite": _sqlite, "PostgreSQL": _postgresql}


async def _main(alerts: int, accounts: int, databases: list[str]) -> None:
    measured = {}
    for name in databases:
        with _DATABASES[name]() as url:
            measured[name] = await measure(url, alerts, accounts)
    print(f"| ms | {' | '.join(f'{name}, p50 | p99 | processor' for name in measured)} |")
    print(f"| --- |{' ---: | ---: | ---: |' * len(measured)}")
    for step in _STEPS:
        print(f"| {step} | {' | '.join(str(each[step]) for each in measured.values())} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alert_steps", description=__doc__)
    parser.add_argument("--alerts", type=int, default=200)
    parser.add_argument("--accounts", type=int, default=1)
    parser.add_argument("--database", action="append", choices=_DATABASES)
    given = parser.parse_args()
    asyncio.run(_main(given.alerts, given.accounts, given.database or list(_DATABASES)))
