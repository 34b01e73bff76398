"""Measure how long an alert takes: from the response that shows a ban to the request that reaches Discord.

With 1, 100 and 1,000 accounts watched by one process, each with a server of its own. BANNED is confirmed at once, so
the time includes no second reading. The stand-ins run in this process, and their share is included.
"""

import asyncio
import json
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from benchmarks.processes import Measured, running
from benchmarks.stage import UncheckingServer
from benchmarks.versions import ROOT
from bot.demo.documented_api import LinkedToken, serving
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import linked_token

_BETWEEN_SECONDS = 0.1
_START_SECONDS = 900
_TOKENS = 5
_SETTLED_AFTER = {False: 4, True: 6}


@dataclass(slots=True)
class Fleets:
    """The accounts by key, and when the first response showed the ban of one."""

    tokens: dict[str, list[LinkedToken]] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    rounds: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when every account has been requested often enough to have settled."""
    settled_after: int = 4
    """The first two checks of an account are recorded in full, and the first of thousands are late. What another
    process takes over is read in full once more."""

    async def answer(self, request: web.Request) -> web.Response:
        """Return the fleet of the key's account."""
        key = request.headers["Authorization"].removeprefix("Bearer ")
        body = json.dumps([token.listed() for token in self.tokens[key]])
        self.rounds += 1
        if self.rounds >= self.settled_after * len(self.tokens):
            self.enough.set()
        if any(token.status == "BANNED" for token in self.tokens[key]):
            self.shown.setdefault(key, time.monotonic())
        return web.Response(body=body, content_type="application/json", status=HTTPStatus.OK)


@dataclass(frozen=True, slots=True)
class Case:
    """How many accounts are watched, and how: by one process on SQLite, unless another database is given.

    `seconds` is how long rounds without changes are measured, and `alerts` how many bans follow.
    """

    accounts: int
    poll_seconds: float
    alerts: int = 200
    seconds: float = 10
    database_url: str | None = None
    processes: int = 1


CASES = (Case(1, 0.2), Case(100, 10), Case(1000, 60))


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measurements of a case. A round is one that changes nothing, of all processes together."""

    p50_ms: float
    p99_ms: float
    cpu_ms_per_round: float
    statements_per_round: float
    statements_per_second: float
    resident_mb: float


async def measure(case: Case, folder: Path = ROOT) -> Measurement:
    """Measure one case, with the version in this folder."""
    fleets = Fleets(settled_after=_SETTLED_AFTER[case.processes > 1])
    application = web.Application()
    application.router.add_get("/api/v1/discord/tokens", fleets.answer)
    async with UncheckingServer(token="made-up.discord.token") as discord, serving(application, 0) as url:  # noqa: S106
        places = []
        for number in range(case.accounts):
            server = discord.add_guild()
            key = f"key-{number}"
            fleets.tokens[key] = [linked_token(number * _TOKENS + each + 1) for each in range(_TOKENS)]
            places.append((key, server, discord.add_channel(server, "alerts")))
        async with _watching(discord, url, places, case, folder) as processes:
            await asyncio.wait_for(fleets.enough.wait(), _START_SECONDS + 8 * case.poll_seconds)
            # Before anything changes: the cost of a round without changes.
            before, began = _counted(processes, fleets), time.monotonic()
            await asyncio.sleep(max(case.seconds, case.poll_seconds))
            cpu, statements, rounds = (
                now - then for now, then in zip(_counted(processes, fleets), before, strict=True)
            )
            seconds = time.monotonic() - began
            taken = await _ban_one_after_the_other(discord, fleets, places, case.alerts)
            return Measurement(
                statistics.median(taken) * 1000 if taken else 0,
                statistics.quantiles(taken, n=100)[98] * 1000 if len(taken) > 1 else 0,
                cpu / rounds * 1000,
                statements / rounds,
                statements / seconds,
                sum(process.resident_mb() for process in processes),
            )


def _counted(processes: list[Measured], fleets: Fleets) -> tuple[float, int, int]:
    """Return the processor seconds, statements and rounds so far."""
    cpu = sum(process.cpu_seconds() for process in processes)
    return cpu, sum(process.statements() for process in processes), fleets.rounds


async def _ban_one_after_the_other(
    discord: DiscordServer, fleets: Fleets, places: list[tuple[str, int, int]], number: int
) -> list[float]:
    """Ban a random account's token at intervals. Return the seconds from each response that showed it to Discord."""
    chosen = random.Random(0).choices(places, k=number) if len(places) < number else places[:number]  # noqa: S311
    taken = []
    for start in range(0, number, len(set(chosen)) or 1):
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
    discord: DiscordServer, imaginepro_url: str, places: list[tuple[str, int, int]], case: Case, folder: Path
) -> AsyncIterator[list[Measured]]:
    with TemporaryDirectory() as made:
        database_url = case.database_url or f"sqlite:///{made}/fastwatch.db"
        arguments = (discord.api_url, imaginepro_url, database_url, str(case.poll_seconds))
        stdin = json.dumps(places).encode() + b"\n"
        async with AsyncExitStack() as opened:
            yield [
                await opened.enter_async_context(
                    running("benchmarks.run_watching", *arguments, folder=folder, stdin=stdin)
                )
                for _ in range(case.processes)
            ]


async def _main() -> None:
    print("| accounts | answer to Discord, p50 | p99 | processor, a round that changes nothing | memory |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for case in CASES:
        each = await measure(case)
        figures = (
            f"{each.p50_ms:.1f} ms",
            f"{each.p99_ms:.1f} ms",
            f"{each.cpu_ms_per_round:.1f} ms",
            f"{each.resident_mb:.0f} MB",
        )
        print(f"| {case.accounts:,} | {' | '.join(figures)} |", flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
