"""A round of many tokens, from the response in memory to its changes: processor time of each bot."""

import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from pydantic import SecretStr

from bot.clock import Clock
from bot.imaginepro.client import open_imaginepro
from bot.monitor.monitor import Monitor
from bot.storage.accounts import ensure_account
from bot.storage.database import open_database
from tests.standins.imaginepro_server import linked_token


def fleet(number: int, used: float) -> bytes:
    """Return the response that lists this number of tokens with these used hours."""
    left = 15 - used
    text = f"{left:.2f}/15.0 hours ({left / 15:.2%})"
    return json.dumps([linked_token(1000 + index, fast_time=text).listed() for index in range(number)]).encode()


async def fastwatch_cpu_ms(number: int, rounds: int, *, busy: bool) -> float:
    """Measure Fastwatch's rounds: parsed, evaluated and recorded in SQLite. Busy tokens have used some time since the
    last one.
    """
    used = 0.0

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=fleet(number, used))

    with TemporaryDirectory() as folder:
        url = SecretStr(f"sqlite:///{Path(folder) / 'fastwatch.db'}")
        transport = httpx.MockTransport(answer)
        clock = Clock()
        async with (
            open_database(url) as database,
            open_imaginepro("http://127.0.0.1", SecretStr("made-up-key"), clock, transport=transport) as client,
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

            async def one_round() -> None:
                nonlocal used
                used += 0.01 if busy else 0
                await monitor.round()

            return await _cpu_ms(one_round, rounds) - _making_ms(number)


async def smallest_cpu_ms(number: int, rounds: int) -> float:
    """Measure the smallest bot's rounds: the response decoded and compared with the last one, stored nowhere."""
    os.environ.setdefault("IMAGINEPRO_API_KEY", "made-up-key")
    os.environ.setdefault("IMAGINEPRO_BASE_URL", "http://127.0.0.1")
    from benchmarks.smallest_bot import SmallestBot  # noqa: PLC0415 - it reads its settings when it is imported

    bot = SmallestBot()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=fleet(number, 0)))
    bot.http_client = httpx.AsyncClient(base_url="http://127.0.0.1", transport=transport)

    async def one_round() -> None:
        await bot.look((await bot.http_client.get("/api/v1/discord/tokens")).json())

    return await _cpu_ms(one_round, rounds) - _making_ms(number)


async def _cpu_ms(one_round: Callable[[], Awaitable[None]], rounds: int) -> float:
    await one_round()
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        await one_round()
        taken.append(time.process_time() - began)
    return statistics.median(taken) * 1000


def _making_ms(number: int) -> float:
    """Measure the cost of building the response, which is not the bots'."""
    began = time.process_time()
    for _ in range(5):
        fleet(number, 0)
    return (time.process_time() - began) / 5 * 1000
