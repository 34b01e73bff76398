"""A real Prometheus scrapes the real bot, and its alert rule fires when ImaginePro is away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.world import World
from tests.patience import GENEROUS
from tests.standins.imaginepro_server import Refuse
from tests.standins.prometheus import NoPrometheus, Prometheus, is_required, open_prometheus

DEPLOY = Path(__file__).parents[2] / "deploy" / "prometheus"
TARGET = "127.0.0.1:9464"

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def prometheus(world: World, tmp_path: Path) -> AsyncIterator[Prometheus]:
    """Prometheus with the configuration and the rules of `deploy/`, where minutes are seconds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    world.bot.settings["METRICS_LISTEN"] = address
    folder = tmp_path / "prometheus"
    folder.mkdir()
    configuration = (DEPLOY / "prometheus.yml").read_text("utf-8")
    assert TARGET in configuration
    configuration = configuration.replace(TARGET, address).replace(": 15s", ": 1s")
    (folder / "prometheus.yml").write_text(configuration)
    rules = (DEPLOY / "fastwatch.rules.yml").read_text("utf-8")
    (folder / "fastwatch.rules.yml").write_text(rules.replace("[5m]", "[10s]").replace("for: 2m", "for: 2s"))
    try:
        async with open_prometheus(folder / "prometheus.yml") as running:
            yield running
    except NoPrometheus as error:
        if is_required():
            raise
        pytest.skip(str(error))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until it holds: Prometheus tells nobody what it has scraped."""
    async with asyncio.timeout(GENEROUS):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.5)


async def test_a_rule_fires_while_imaginepro_is_away(world: World, prometheus: Prometheus) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    await world.alert_posts()

    async def sees_the_alert() -> bool:
        return (
            await prometheus.value('fastwatch_tokens{mode="RELAX"}') == 1
            and await prometheus.value("fastwatch_alert_delay_seconds_count") == 1
        )

    await until(sees_the_alert)
    assert await prometheus.value('up{job="fastwatch"}') == 1

    async def fires() -> bool:
        return "FastwatchReadsNoToken" in await prometheus.firing()

    async def is_quiet() -> bool:
        return not await fires()

    await until(is_quiet)
    world.imaginepro.outage = Refuse(HTTPStatus.SERVICE_UNAVAILABLE)
    await until(fires)
    world.imaginepro.outage = None
    await until(is_quiet)
