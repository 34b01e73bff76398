"""The bot of the cogs' tests, and a script that drives it."""

import pytest

from bot.app.services import Services
from tests.acceptance.script import Script
from tests.clocks import SetClock
from tests.cogs.conftest import (
    clock,
    imaginepro,
    no_pauses_between_tries,
    second_server,
    server,
    services,
    simcord_bot,
    simcord_env,
)
from tests.cogs.server import Server
from tests.standins.imaginepro_server import ImagineProServer, linked_token

__all__ = [
    "clock",
    "imaginepro",
    "no_pauses_between_tries",
    "second_server",
    "server",
    "services",
    "simcord_bot",
    "simcord_env",
]


@pytest.fixture
async def script(server: Server, services: Services, imaginepro: ImagineProServer, clock: SetClock) -> Script:
    """Four tokens in FAST, with alerts in one server that pings a role."""
    imaginepro.link(*map(linked_token, (111, 222, 333, 444)))
    await server.set_up(server.keepers)
    return Script(server, services, imaginepro, clock)
