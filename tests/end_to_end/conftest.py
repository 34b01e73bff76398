"""The bot as a process of its own, between a Discord and an ImaginePro on loopback."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.bot_process import POLL_SECONDS, SPEED, BotProcess
from tests.end_to_end.forks import ForkServer, Starter, start_interpreter
from tests.end_to_end.world import World
from tests.standins.discord_messages import NONCE_LIFETIME
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import ImagineProServer, linked_token

on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
on_both_without_tables = pytest.mark.parametrize("database_url", ["empty_sqlite", "empty_postgres"], indirect=True)
where_no_database_is = pytest.mark.parametrize("database_url", ["empty_sqlite"], indirect=True)


as_users_start_it = pytest.mark.parametrize("starter", ["python -m"], indirect=True)


@pytest.fixture
def starter(request: pytest.FixtureRequest) -> Starter:
    """How processes are started: by a fork, which saves most of a second, unless a test needs a real start."""
    if getattr(request, "param", "fork") == "python -m":
        return start_interpreter
    forks: ForkServer = request.getfixturevalue("fork_server")
    return forks


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The test's own database: SQLite with the current schema, unless the test chooses another by its fixture."""
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
def speed(request: pytest.FixtureRequest) -> int:
    """The speed of the bot's clock; 1 is the real one."""
    return int(getattr(request, "param", SPEED))


@pytest.fixture
def epoch() -> float:
    """The time at which the bot's clock and the real one agree."""
    return time.time()


@pytest.fixture
def nonce_lifetime(request: pytest.FixtureRequest) -> float:
    """For how many real seconds Discord drops a message with the nonce of another."""
    return float(getattr(request, "param", NONCE_LIFETIME))


@pytest_asyncio.fixture
async def discord(speed: int, epoch: float, nonce_lifetime: float) -> AsyncIterator[DiscordServer]:
    """A Discord whose ids have the time of the bot's clock."""

    def now() -> float:
        return epoch + (time.time() - epoch) * speed

    async with DiscordServer(token="made-up.discord.token", nonce_lifetime=nonce_lifetime, now=now) as server:
        yield server


@pytest_asyncio.fixture
async def imaginepro() -> AsyncIterator[ImagineProServer]:
    async with ImagineProServer() as server:
        server.link(linked_token(111), linked_token(222))
        yield server


@pytest_asyncio.fixture
async def world(
    discord: DiscordServer,
    imaginepro: ImagineProServer,
    database_url: str,
    speed: int,
    epoch: float,
    starter: Starter,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[World]:
    """A home server with a talk channel, an alert channel and a role; the bot is not started. Every test ends with
    checking the invariants.
    """
    home = discord.add_guild()
    settings = {
        "DISCORD_TOKEN": discord.token,
        "IMAGINEPRO_API_KEY": imaginepro.key,
        "IMAGINEPRO_BASE_URL": imaginepro.base_url,
        "HOME_SERVERS": str(home),
        "DATABASE_URL": database_url,
        "POLL_INTERVAL": f"{POLL_SECONDS}s",
        "LOG_FORMAT": "json",
    }
    bot = BotProcess(
        settings,
        tmp_path,
        starter=starter,
        discord=(discord.api_url, discord.gateway_url),
        speed=speed,
        epoch=epoch,
    )
    world = World(
        discord,
        imaginepro,
        bot,
        home=home,
        talk=discord.add_channel(home, "talk"),
        alerts=discord.add_channel(home, "alerts"),
        role=discord.add_role(home, "ops", mentionable=True),
    )
    yield world
    await bot.kill()
    request.node.add_report_section("teardown", "log of the bot", "\n".join(bot.log))
    world.check_invariants()
