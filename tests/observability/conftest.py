"""The same account, ImaginePro and Discord as for the monitor, and the server of its metrics."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from bot.app.services import Services
from bot.charts.service import Charts
from bot.observability.endpoints import MetricsServer
from bot.observability.vitals import Vitals
from tests.monitor.conftest import client, discord_server, harness, one_try, quick_sqlite, team, world
from tests.monitor.world import World

__all__ = ["client", "discord_server", "harness", "one_try", "quick_sqlite", "team", "world"]


@dataclass
class Pages:
    """The pages of one process."""

    vitals: Vitals
    server: BaseTestServer
    http: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page."""
        async with self.http.get(self.server.make_url(path)) as response:
            return response.status, await response.text()

    async def value(self, sample: str) -> float | None:
        """Return the value of a sample, such as `fastwatch_tokens{mode="FAST"}`; None if it is absent."""
        _, text = await self.get("/metrics")
        found = [line.rpartition(" ")[2] for line in text.splitlines() if line.rpartition(" ")[0] == sample]
        return float(found[0]) if found else None


@pytest.fixture
def services(world: World) -> Services:
    return Services(
        world.account_id, frozenset(), timedelta(minutes=1), world.client, world.database, world.clock, Charts(), ""
    )


@pytest.fixture
async def pages(world: World, services: Services) -> AsyncIterator[Pages]:
    """The pages of a process that is ready, but for Discord."""
    vitals = Vitals(world.clock)
    vitals.services = services
    async with TestServer(MetricsServer(vitals).app()) as server, aiohttp.ClientSession() as http:
        yield Pages(vitals, server, http)
