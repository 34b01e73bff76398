"""A hijacked ImaginePro: how long its worst responses occupy the bot, their cost, and their effect.

Each response goes to a bot in a process of its own: the real client and monitor, on SQLite, with the limits of the bot
as it runs. This process is the hijacker, and measures the other one's memory.
"""

import argparse
import asyncio
import json
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from aiohttp import web
from pydantic import SecretStr

from bot.clock import Clock
from bot.imaginepro.client import open_imaginepro
from bot.logging_setup import configure_logs
from bot.monitor.monitor import Monitor
from bot.settings import LogFormat, LogLevel
from bot.storage.accounts import ensure_account, get_account
from bot.storage.database import open_database
from bot.storage.tokens import known_tokens
from tests.standins.imaginepro_server import Drip, Fault, Flood, ImagineProServer, Redirect, Say, linked_token

_MB = 1024 * 1024
_ROOT = Path(__file__).parent.parent
_KEY = "KEY-made-up-and-secret"
_SAMPLED_EVERY_SECONDS = 0.005
_LONGEST_CASE_SECONDS = 40
_HUNDRED_THOUSAND = 100_000


@dataclass(frozen=True, slots=True)
class Compressed:
    """Respond with a compressed body and the matching header."""

    body: bytes

    async def apply(self, request: web.Request) -> web.StreamResponse:
        """Send it as it is; aiohttp does not touch a body with a Content-Encoding."""
        return web.Response(body=self.body, headers={"Content-Encoding": "gzip"})


@dataclass(frozen=True, slots=True)
class EndlessBody:
    """Write the same raw bytes until the other side disconnects."""

    opening: bytes
    piece: bytes

    async def apply(self, request: web.Request) -> web.StreamResponse:
        """Bypass aiohttp, which sends only valid HTTP."""
        transport = request.transport
        if transport is not None:
            transport.write(self.opening)
            with suppress(ConnectionError):
                while not transport.is_closing():
                    transport.write(self.piece)
                    await asyncio.sleep(0.001)
        return web.Response()


@dataclass(slots=True)
class Elsewhere:
    """A third party's server: no request should reach it."""

    requests: int = 0
    keys: int = 0
    open_runner: web.AppRunner | None = field(default=None, repr=False)

    async def open(self) -> str:
        """Start listening. Return the address."""
        application = web.Application()
        application.router.add_route("*", "/{anything:.*}", self._take)
        self.open_runner = web.AppRunner(application)
        await self.open_runner.setup()
        site = web.TCPSite(self.open_runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self.open_runner.addresses[0][1]}"

    async def close(self) -> None:
        """Stop listening."""
        if self.open_runner is not None:
            await self.open_runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.requests += 1
        self.keys += any(_KEY in f"{name}{value}" for name, value in request.headers.items())
        return web.json_response([])


def _short_tokens(number: int) -> bytes:
    return json.dumps([{"id": index + 1, "status": "FAST"} for index in range(number)]).encode()


def _documented_tokens(number: int) -> bytes:
    return json.dumps([linked_token(index + 1).listed() for index in range(number)]).encode()


def _compressed_zeros(size: int) -> bytes:
    squeezer = zlib.compressobj(9, wbits=31)
    pieces = [squeezer.compress(bytes(_MB)) for _ in range(size // _MB)]
    return b"".join([*pieces, squeezer.flush()])


def _cases(elsewhere: str) -> dict[str, Callable[[], Fault]]:
    deep = b"[" * 7 * _MB
    return {
        "an ordinary answer of 10 tokens": lambda: Say(_documented_tokens(10)),
        "a body of 50 MB": lambda: Flood(50 * _MB),
        "a body that drips without end": Drip,
        "headers without end": lambda: EndlessBody(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 1000 + b"\r\n"),
        "interim answers without end": lambda: EndlessBody(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000),
        "a redirect to another host": lambda: Redirect(f"{elsewhere}/api/v1/discord/tokens"),
        "100,000 tokens as documented": lambda: Say(_documented_tokens(_HUNDRED_THOUSAND)),
        "100,000 tokens of 30 bytes": lambda: Say(_short_tokens(_HUNDRED_THOUSAND)),
        "5,000 tokens, the most that are taken, all new": lambda: Say(_documented_tokens(5000)),
        "7 MB of opening brackets": lambda: Say(deep),
        "the same in a member that is not read": lambda: Say(b'[{"id": 1, "token": ' + deep),
        "a number of 7 MB": lambda: Say(b'[{"id": ' + b"9" * 7 * _MB + b', "status": "FAST"}]'),
        "a text of 7 MB of half emoji": lambda: Say(b'[{"id": 1, "status": "' + b"\\ud83d" * _MB + b'"}]'),
        "gzip that swells to 1 GB": lambda: Compressed(_compressed_zeros(1024 * _MB)),
    }


@dataclass(frozen=True, slots=True)
class Measured:
    """The effect of one response on the bot."""

    seconds: float
    extra_mb: float
    stalled_ms: float
    concluded: str


# The bot, in a process of its own


async def _run_bot(base_url: str) -> None:
    """Run a successful round, then on a signal the measured one, and print its result."""
    configure_logs(LogLevel.INFO, LogFormat.CONSOLE, [SecretStr(_KEY)])
    clock = Clock()
    with TemporaryDirectory() as folder:
        async with (
            open_database(SecretStr(f"sqlite:///{folder}/fastwatch.db")) as database,
            open_imaginepro(base_url, SecretStr(_KEY), clock) as client,
        ):
            async with database.transaction() as connection:
                account_id = await ensure_account(connection, "primary", clock.now())
            monitor = Monitor(
                account_id,
                client,
                database,
                clock,
                poll_interval=timedelta(minutes=1),
                deliveries_recorded=lambda: None,
            )
            await monitor.round()
            print("ready", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            with _measure_stalls() as stalls:
                began = time.perf_counter()
                await monitor.round()
                seconds = time.perf_counter() - began
                await asyncio.sleep(0.02)
            async with database.reading() as connection:
                problem = (await get_account(connection, account_id, clock.now())).last_error
                known = await known_tokens(connection, account_id)
    modes = {token_id: token.mode for token_id, token in known.items()}
    concluded = problem or f"tokens: {len(modes):,}"
    if modes.get(1) != "FAST":
        concluded += "; token 1 is no longer FAST"
    print(json.dumps({"seconds": seconds, "stalled_ms": max(stalls, default=0.0) * 1000, "concluded": concluded}))


@contextmanager
def _measure_stalls() -> Iterator[list[float]]:
    """Record each delay of the event loop: for that long nobody in Discord gets a response."""
    late: list[float] = []

    async def look() -> None:
        pause = 0.005
        while True:
            began = time.perf_counter()
            await asyncio.sleep(pause)
            late.append(time.perf_counter() - began - pause)

    looking = asyncio.create_task(look())
    try:
        yield late
    finally:
        looking.cancel()


# The hijacker


async def _measure(server: ImagineProServer, fault: Fault) -> Measured:
    server.outage = None
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.hijacked", "--bot", server.base_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the bot's process has no pipes")
    try:
        await process.stdout.readline()
        server.outage = fault
        looked_at = psutil.Process(process.pid)
        peak = at_rest = looked_at.memory_info().rss
        process.stdin.write(b"go\n")
        answer = asyncio.create_task(process.stdout.readline())
        async with asyncio.timeout(_LONGEST_CASE_SECONDS):
            while not answer.done():
                with suppress(psutil.Error):
                    peak = max(peak, looked_at.memory_info().rss)
                await asyncio.wait({answer}, timeout=_SAMPLED_EVERY_SECONDS)
        line = json.loads(answer.result())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return Measured(line["seconds"], (peak - at_rest) / _MB, line["stalled_ms"], line["concluded"])


async def _main() -> None:
    elsewhere = Elsewhere()
    address = await elsewhere.open()
    print("| the answer | seconds | extra memory, MB | longest stall, ms | what the bot concluded | key elsewhere |")
    print("| --- | ---: | ---: | ---: | --- | --- |")
    began = time.perf_counter()
    async with ImagineProServer(key=_KEY) as server:
        server.link(linked_token(1))
        for name, fault in _cases(address).items():
            measured = await _measure(server, fault())
            leaked = f"yes, {elsewhere.keys} times" if elsewhere.keys else f"no ({elsewhere.requests} requests)"
            print(
                f"| {name} | {measured.seconds:.2f} | {measured.extra_mb:.1f} | {measured.stalled_ms:.0f} "
                f"| {measured.concluded} | {leaked} |",
                flush=True,
            )
    await elsewhere.close()
    print(f"\nIn all: {time.perf_counter() - began:.0f} s.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hijacked", description=__doc__)
    parser.add_argument("--bot", metavar="ADDRESS", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    asyncio.run(_run_bot(chosen.bot) if chosen.bot else _main())
