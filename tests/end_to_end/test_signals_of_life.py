"""A process that dies or hangs is noticed from outside: by the watchdog, the probe, and the heartbeat's service."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress

import aiohttp
import pytest

from bot.observability.health_command import ask
from bot.parsing.addresses import Address
from tests.end_to_end.world import World
from tests.patience import GENEROUS
from tests.standins.heartbeat_server import SECRET_PATH, HeartbeatServer
from tests.standins.sentry_server import SentryServer

SPEED = 4
"""The speed of the bot's clock: a check every 2.5 s, and one may take 75 s, however busy the machine is."""
WATCHDOG_SECONDS = 2

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("speed", [SPEED], indirect=True)]


@pytest.fixture
def address() -> Address:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Address("127.0.0.1", free.getsockname()[1])


@pytest.fixture
def systemd(world: World) -> Iterator[socket.socket]:
    """The socket to which the bot reports."""
    name = world.bot.folder / "notify"
    world.bot.settings |= {"NOTIFY_SOCKET": str(name), "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1_000_000)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(name))
        receiver.setblocking(False)
        yield receiver
    name.unlink()


async def reported(receiver: socket.socket, state: str, within: float = GENEROUS) -> None:
    """Wait until this state is reported."""
    async with asyncio.timeout(within):
        while (await asyncio.get_running_loop().sock_recv(receiver, 1000)).decode() != state:
            pass


async def silent(receiver: socket.socket) -> None:
    """Wait until nothing is reported for so long that systemd would restart the process."""
    with suppress(TimeoutError):
        while True:
            await reported(receiver, "WATCHDOG=1", within=2 * WATCHDOG_SECONDS)


async def live(address: Address, within: float = GENEROUS) -> tuple[int, str]:
    timeout = aiohttp.ClientTimeout(total=within)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"http://{address}/live") as response:
        return response.status, await response.text()


async def test_a_frozen_process_gives_no_sign_of_life(world: World, systemd: socket.socket, address: Address) -> None:
    world.bot.settings["METRICS_LISTEN"] = str(address)
    await world.start()
    await reported(systemd, "READY=1")
    for _ in range(3):
        await reported(systemd, "WATCHDOG=1")
    assert await live(address) == (200, "ok\n")

    world.bot.send(signal.SIGSTOP)
    await silent(systemd)
    with pytest.raises(TimeoutError):
        await live(address, within=2)
    assert await asyncio.to_thread(ask, address) == (False, f"Fastwatch does not answer on {address} within 5 s.")

    world.bot.send(signal.SIGCONT)
    await reported(systemd, "WATCHDOG=1")
    await world.rounds()
    assert await live(address) == (200, "ok\n")

    assert await world.bot.stop() == 0
    await reported(systemd, "STOPPING=1")


async def test_a_killed_process_is_missed(world: World) -> None:
    async with HeartbeatServer(grace_seconds=10) as service:
        world.bot.settings["HEARTBEAT_URL"] = service.url
        await world.start()
        await service.has_beats(3)

        await world.bot.kill()
        await service.is_down()

        beats = service.beats
        await world.start()
        await service.has_beats(beats + 2)

    assert not [line for line in world.bot.log if SECRET_PATH in line]


async def test_an_unexpected_error_is_reported_without_secrets(world: World) -> None:
    world.tracebacks_of = ("nexpected error",)
    async with SentryServer() as sentry:
        world.bot.settings["SENTRY_DSN"] = sentry.dsn
        await world.start()
        await world.rounds()
        with closing(sqlite3.connect(world.bot.folder / "fastwatch.db")) as database:
            database.execute("DROP TABLE watches")
        # Checks that find nothing new read nothing. This one has to be confirmed.
        next(iter(world.imaginepro.tokens.values())).status = "RELAX"
        await sentry.has_events(1)
        assert await world.bot.stop() == 0

    assert sentry.events[0]["extra"] == {"logged": "Unexpected error in a round. The next round starts on time."}
    assert "no such table: watches" in sentry.events[0]["exception"]["values"][-1]["value"]
    assert [secret for secret in (*world.secrets(), world.bot.settings["DATABASE_URL"]) if secret in sentry.seen] == []
