"""Measure `/token list` and a pass over the board, with 10, 100 and 1,000 tokens, on SQLite.

The command is run in SimCord, whose own share is the time it takes without tokens. Both block the event loop while they
compute; the database queries run in a thread.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
import simcord
from pydantic import SecretStr

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.charts.service import Charts
from bot.clock import Clock
from bot.domain.evaluation import TrackedToken
from bot.domain.readings import Reading
from bot.domain.subscription import Plan, Usage
from bot.imaginepro.client import open_imaginepro
from bot.imaginepro.text_fields import parse_fast_time
from bot.logging_setup import configure_logs
from bot.queries.fleet import board_overview, fleet_overview
from bot.settings import LogFormat, LogLevel
from bot.storage.accounts import ensure_account, record_success
from bot.storage.boards import get_board
from bot.storage.database import open_database
from bot.storage.tokens import save_tokens
from bot.ui.board import board_message
from bot.ui.fleet import list_embed, list_view, page_of

_NUMBERS = (0, 10, 100, 1000)
_TIMES = 50
_WARM_UP = 5
_SERVER = 4_000_000_000_000_000
_MILLISECONDS = 1000


def token(token_id: int, clock: Clock) -> TrackedToken:
    """Return a token with every field that ImaginePro documents."""
    left = token_id % 150 / 10
    line = f"{left:.2f}/15.0 hours ({left / 15:.2%})"
    reading = Reading(
        token_id,
        clock.now(),
        status="RELAX" if token_id % 20 == 0 else "FAST",
        is_active=True,
        fast_time=parse_fast_time(line),
        fast_time_text=line,
        plan=Plan("Standard", "Active", "monthly", clock.now() + timedelta(days=9)),
        plan_text="Standard (Active monthly, renews next on <t:1774000000>)",
        running_jobs=1,
        queued_fast=0,
        queued_relax=0,
        relaxed_usage=Usage(20, 1.0),
        lifetime_usage=Usage(12345, 300.0),
        visibility="Public",
    )
    return TrackedToken(reading, clock.now(), in_fleet=True)


@asynccontextmanager
async def open_services(number: int) -> AsyncIterator[Services]:
    """Open a database with this number of tokens, and the bot's other services."""
    clock = Clock()
    with TemporaryDirectory() as folder:
        async with (
            open_database(SecretStr(f"sqlite:///{Path(folder) / 'fastwatch.db'}")) as database,
            open_imaginepro("http://127.0.0.1", SecretStr("made-up-key"), clock) as client,
            Charts() as charts,
        ):
            async with database.transaction() as connection:
                account_id = await ensure_account(connection, "primary", clock.now())
                await save_tokens(connection, account_id, [token(each, clock) for each in range(1, number + 1)])
                await record_success(connection, account_id, clock.now(), lists_fleet=True)
            # A long interval, so that nothing becomes stale during the run.
            yield Services(account_id, frozenset({_SERVER}), timedelta(hours=1), client, database, clock, charts, "")


async def times_of(work: Callable[[], Awaitable[object]]) -> list[float]:
    """Return the warmed-up durations of the work in milliseconds."""
    taken = []
    for turn in range(_WARM_UP + _TIMES):
        began = time.perf_counter()
        await work()
        if turn >= _WARM_UP:
            taken.append((time.perf_counter() - began) * _MILLISECONDS)
    return taken


async def measure(number: int) -> list[str]:
    """Measure this number of tokens. Return a row of the table."""
    async with open_services(number) as services:

        async def gather() -> None:
            async with services.database.reading() as connection:
                await fleet_overview(
                    connection, services.account_id, _SERVER, services.clock.now(), poll_interval=services.poll_interval
                )

        async with services.database.reading() as connection:
            overview = await fleet_overview(
                connection, services.account_id, _SERVER, services.clock.now(), poll_interval=services.poll_interval
            )

        async def show() -> None:
            page = page_of(overview, 2, None)
            list_embed(overview, page)
            list_view(overview, page)

        async def make_board() -> None:
            async with services.database.reading() as connection:
                board = await board_overview(
                    connection, services.account_id, _SERVER, services.clock.now(), poll_interval=services.poll_interval
                )
            board_message(board)

        gathered, shown, made = await times_of(gather), await times_of(show), await times_of(make_board)
        whole, idle = await _in_discord(services)
    return [f"{number:,}", *map(_figures, (gathered, shown, whole, made, idle))]


async def _in_discord(services: Services) -> tuple[list[float], list[float]]:
    """Measure the command from its use to its response, and a pass over an unchanged board."""
    bot = Fastwatch(services, shard_count=1)
    env = simcord.Env(bot)
    server = env.create_guild("A team", id=_SERVER)
    channel = server.create_text_channel("talk")
    mod = server.add_member(env.create_user("mona"), roles=[server.create_role("Mods", permissions=_manage())])
    await env.start()
    try:
        whole = await times_of(lambda: mod.slash(channel, "token list"))
        await mod.slash(channel, "board post")
        async with services.database.reading() as connection:
            board = await get_board(connection, _SERVER)
        if board is None or board.posted_message_id is None:
            raise RuntimeError("the board was not posted")
        return whole, await times_of(bot.boards.update_all)
    finally:
        await env.shutdown()


def _manage() -> discord.Permissions:
    return discord.Permissions(manage_guild=True)


def _figures(taken: list[float]) -> str:
    return f"{statistics.median(taken):.1f} / {max(taken):.1f}"


async def _main() -> None:
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    print("p50 / max of ms, on SQLite\n")
    print("| tokens | read and put in order | page made | `/token list` in SimCord | board made | idle pass |")
    print("|---|---|---|---|---|---|")
    for number in _NUMBERS:
        print("| " + " | ".join(await measure(number)) + " |")


if __name__ == "__main__":
    asyncio.run(_main())
