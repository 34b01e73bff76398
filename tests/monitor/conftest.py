"""An account and its ImaginePro, with or without Discord."""

from collections.abc import AsyncIterator, Iterator

import discord
import pytest
import stamina
from pydantic import SecretStr

from bot.imaginepro.client import open_imaginepro
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.sender import Sender
from bot.storage.accounts import ensure_account
from bot.storage.database import open_database
from tests.clocks import NOON
from tests.monitor.world import ChosenClock, NotifierHarness, Team, World, connected_client
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import DEFAULT_KEY, ImagineProServer, linked_token


@pytest.fixture(autouse=True)
def quick_sqlite(in_loop_sqlite: None) -> None:
    """The database is not the subject of these tests."""


@pytest.fixture(autouse=True)
def one_try() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    clock = ChosenClock()
    async with (
        ImagineProServer() as server,
        open_database(SecretStr(sqlite_url), clock) as database,
        open_imaginepro(server.base_url, SecretStr(DEFAULT_KEY), clock) as client,
    ):
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
        server.link(linked_token(111), linked_token(222))
        yield World(server, database, clock, account_id, client)


@pytest.fixture
async def discord_server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def team(discord_server: DiscordServer) -> Team:
    return Team.create(discord_server)


@pytest.fixture
async def client(discord_server: DiscordServer, team: Team) -> AsyncIterator[discord.Client]:
    async with connected_client(discord_server) as client:
        yield client


@pytest.fixture
async def harness(world: World, team: Team, client: discord.Client) -> NotifierHarness:
    """Three tokens in FAST, read once, with alerts to the team."""
    world.imaginepro.link(linked_token(333))
    sender = Sender(client, world.clock)
    harness = NotifierHarness(world, world.monitor(), sender, Dispatcher(world.database, world.clock, sender))
    await harness.set_up(team)
    await harness.monitor.round()
    return harness


@pytest.fixture
async def other_team(harness: NotifierHarness, discord_server: DiscordServer) -> Team:
    """Another team with alerts about the same tokens."""
    other = Team.create(discord_server)
    await harness.set_up(other)
    await harness.monitor.round()
    return other
