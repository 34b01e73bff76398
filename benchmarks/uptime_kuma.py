"""Measure Uptime Kuma as it would watch tokens: with a monitor of the type "json-query" for each, and a webhook.

It takes a checkout of https://github.com/louislam/uptime-kuma in which `npm ci --omit=dev` has run. Its settings are
written to its SQLite database.
"""

import asyncio
import json
import os
import random
import socket
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from aiohttp import web

from benchmarks.processes import Measured, pinned
from bot.demo.documented_api import LinkedToken, serving
from tests.standins.imaginepro_server import linked_token

TOKENS = 5
_START_SECONDS = 300
_ALERT_SECONDS = 300
_BETWEEN_SECONDS = 0.1


@dataclass(slots=True)
class Site:
    """What Uptime Kuma asks, and where it posts. A monitor is named by the number of its token."""

    tokens: list[LinkedToken]
    checks: int = 0
    checked: set[int] = field(default_factory=set)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when every token was checked."""
    shown: dict[str, float] = field(default_factory=dict)
    posted: dict[str, asyncio.Event] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.Response:
        """Return the fleet of an account, to the monitor of one of its tokens."""
        number = int(request.query["token"])
        account = number // TOKENS * TOKENS
        self.checks += 1
        self.checked.add(number)
        if len(self.checked) == len(self.tokens):
            self.enough.set()
        if self.tokens[number].status == "BANNED":
            self.shown.setdefault(str(number), time.monotonic())
        return web.json_response([token.listed() for token in self.tokens[account : account + TOKENS]])

    async def hook(self, request: web.Request) -> web.Response:
        """Take a notification."""
        name = (await request.json())["monitor"]["name"]
        if name in self.posted:
            self.posted[name].set()
        return web.Response()

    async def ban(self, number: int) -> float:
        """Ban a token, and return the seconds from the answer that showed it to the notification."""
        name = str(number)
        for status in ("BANNED", "FAST"):
            self.posted[name] = asyncio.Event()
            self.tokens[number].status = status
            await asyncio.wait_for(self.posted[name].wait(), _ALERT_SECONDS)
            if status == "BANNED":
                taken = time.monotonic() - self.shown.pop(name)
        return taken


@dataclass(frozen=True, slots=True)
class Measurement:
    """The processor time of one check of one token, and the time to a notification, in milliseconds."""

    cpu_ms_per_check: float
    p50_ms: float


async def measure(checkout: Path, accounts: int, poll_seconds: int, alerts: int, seconds: float) -> Measurement:
    """Measure Uptime Kuma with all tokens of some accounts."""
    site = Site([linked_token(number) for number in range(accounts * TOKENS)])
    application = web.Application()
    application.router.add_get("/tokens", site.answer)
    application.router.add_post("/hook", site.hook)
    async with serving(application, 0) as url:
        with TemporaryDirectory() as data:
            async with _running(checkout, data):
                pass
            _add_monitors(Path(data) / "kuma.db", url, len(site.tokens), poll_seconds)
            async with _running(checkout, data) as process:
                await asyncio.wait_for(site.enough.wait(), _START_SECONDS)
                await asyncio.sleep(2 * poll_seconds)
                cpu, checks = process.cpu_seconds(), site.checks
                await asyncio.sleep(seconds)
                per_check = (process.cpu_seconds() - cpu) / (site.checks - checks)
                chosen = random.Random(0).sample(range(len(site.tokens)), min(alerts, len(site.tokens)))  # noqa: S311
                taken = await asyncio.gather(
                    *(_after(n * _BETWEEN_SECONDS, site, each) for n, each in enumerate(chosen))
                )
    return Measurement(per_check * 1000, statistics.median(taken) * 1000)


async def _after(seconds: float, site: Site, number: int) -> float:
    await asyncio.sleep(seconds)
    return await site.ban(number)


@asynccontextmanager
async def _running(checkout: Path, data: str) -> AsyncIterator[Measured]:
    """Run Uptime Kuma until the end. Its page is there when its database is."""
    port = _free_port()
    settings = {"DATA_DIR": data, "UPTIME_KUMA_DB_TYPE": "sqlite", "UPTIME_KUMA_HOST": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(
        *("node", "server/server.js"),
        cwd=checkout,
        env={**os.environ, **settings, "UPTIME_KUMA_PORT": str(port), "NODE_ENV": "production"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    measured = Measured(pinned(process.pid))
    try:
        async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as http:
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{port}/api/entry-page") as answer:
                        if answer.ok and (await answer.json()).get("type") == "entryPage":
                            break
                await asyncio.sleep(0.5)
        yield measured
    finally:
        process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _add_monitors(database: Path, url: str, number: int, poll_seconds: int) -> None:
    """Add a user, a webhook, and a monitor for each token that posts to it."""
    hook = json.dumps({"type": "webhook", "webhookURL": f"{url}/hook", "webhookContentType": "json"})
    columns = "id, name, url, json_path, user_id, interval, timeout, type, json_path_operator, expected_value"
    monitors = (
        (each + 1, str(each), f"{url}/tokens?token={each}", f"$[{each % TOKENS}].status") for each in range(number)
    )
    same = f"1, {poll_seconds}, {poll_seconds}, 'json-query', '==', 'FAST'"
    links = ((each + 1, 1) for each in range(number))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO user (id, username) VALUES (1, 'benchmark')")
        connection.execute("INSERT INTO notification (id, name, user_id, config) VALUES (1, 'hook', 1, ?)", (hook,))
        connection.executemany(f"INSERT INTO monitor ({columns}) VALUES (?, ?, ?, ?, {same})", monitors)  # noqa: S608 - our own values
        connection.executemany("INSERT INTO monitor_notification (monitor_id, notification_id) VALUES (?, ?)", links)
