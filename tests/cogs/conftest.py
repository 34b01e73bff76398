"""The real bot in a simulated Discord, against an ImaginePro on loopback and a database of its own."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import simcord
import stamina
from pydantic import SecretStr

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.charts.service import Charts
from bot.imaginepro.client import open_imaginepro
from bot.monitor.monitor import Monitor
from bot.run import monitor_for
from bot.storage.accounts import ensure_account
from bot.storage.database import open_database
from tests.clocks import SetClock
from tests.cogs.driving import Team
from tests.cogs.server import DASHBOARD, FOREIGN, HOME, SECOND_HOME, Server
from tests.patience import GENEROUS
from tests.standins.imaginepro_server import DEFAULT_KEY, ImagineProServer, linked_token


@pytest.fixture(autouse=True)
def quick_sqlite(in_loop_sqlite: None) -> None:
    """The database is not the subject of these tests."""


@pytest.fixture(autouse=True)
def no_pauses_between_tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def imaginepro() -> AsyncIterator[ImagineProServer]:
    async with ImagineProServer() as server:
        yield server


@pytest.fixture
async def services(sqlite_url: str, clock: SetClock, imaginepro: ImagineProServer) -> AsyncIterator[Services]:
    async with (
        open_database(SecretStr(sqlite_url), clock) as database,
        open_imaginepro(imaginepro.base_url, SecretStr(DEFAULT_KEY), clock) as client,
        Charts(idle_seconds=10 * GENEROUS, max_wait_seconds=GENEROUS) as charts,
    ):
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", clock.now())
        homes = frozenset({HOME, SECOND_HOME})
        yield Services(account_id, homes, timedelta(minutes=1), client, database, clock, charts, DASHBOARD)


def bot_of(services: Services) -> Fastwatch:
    return Fastwatch(services, shard_count=1)


@pytest.fixture
def simcord_bot(services: Services) -> Fastwatch:
    return bot_of(services)


@pytest.fixture
def new_bot(services: Services) -> Fastwatch:
    """Return a new bot for a restart: it knows only what the database has."""
    return bot_of(services)


@pytest.fixture
def simcord_env(simcord_env: simcord.Env) -> simcord.Env:
    """SimCord gives the bot five seconds per action, which a busy machine may exceed. It also waits for every timer
    that ends sooner, so the bot's own are longer.
    """
    simcord_env.settle_timeout = GENEROUS / 3
    return simcord_env


@pytest.fixture
def server(simcord_env: simcord.Env) -> Server:
    return Server.create(simcord_env, HOME)


@pytest.fixture
def second_server(simcord_env: simcord.Env) -> Server:
    return Server.create(simcord_env, SECOND_HOME)


@pytest.fixture
def foreign_server(simcord_env: simcord.Env) -> Server:
    return Server.create(simcord_env, FOREIGN)


@pytest.fixture
def monitor(services: Services, simcord_bot: Fastwatch, monkeypatch: pytest.MonkeyPatch) -> Monitor:
    monitor = monitor_for(services, simcord_bot)
    check = monitor.round

    async def round_and_record() -> timedelta:
        """Record at once what found nothing new, which a scheduler does within seconds."""
        delay = await check()
        await monitor.unchanged.commit()
        return delay

    monkeypatch.setattr(monitor, "round", round_and_record)
    return monitor


@pytest.fixture
async def team(server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock) -> Team:
    """A server with alerts that ping a role, and six tokens in FAST."""
    imaginepro.link(*(linked_token(token_id) for token_id in (111, 222, 333, 444, 555, 666)))
    await server.set_up(server.keepers)
    await monitor.round()
    return Team(server, imaginepro, monitor, clock)


@pytest.fixture
def nothing_unexpected_is_logged(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    logged = capsys.readouterr().out
    assert "nobody expected" not in logged
    assert "nexpected error" not in logged
