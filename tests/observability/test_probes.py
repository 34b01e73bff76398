"""The probes, and the command that asks one of them."""

import asyncio
import socket
import sqlite3
from collections.abc import Hashable
from contextlib import closing
from datetime import timedelta

import discord
import pytest

from bot.__main__ import main
from bot.monitor.progress import Progress
from bot.observability.health_command import ask
from bot.observability.server import CannotListen, serve_metrics
from bot.observability.vitals import Vitals
from bot.parsing.addresses import Address
from tests.clocks import SetClock
from tests.databases import sqlite_away
from tests.monitor.world import World
from tests.observability.conftest import Pages
from tests.standins.imaginepro_server import Hold


async def test_a_process_is_live_whatever_imaginepro_discord_and_the_database_do(
    pages: Pages, world: World, sqlite_url: str
) -> None:
    await world.imaginepro.__aexit__(None, None, None)
    with sqlite_away(sqlite_url):
        assert await pages.get("/live") == (200, "ok\n")


async def test_a_process_whose_checks_have_stopped_is_not_live(pages: Pages, world: World) -> None:
    pages.vitals.progress.next_begins_in(60)
    world.clock.advance(timedelta(minutes=3))

    assert await pages.get("/live") == (503, "The checks have stopped.\n")


class Watched(Progress):
    """Keeps whether each round began late."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock)
        self.late: list[bool] = []

    def begins(self, round_: Hashable) -> None:
        self.late.append(self.is_overdue)
        super().begins(round_)


async def test_a_monitor_is_not_overdue_between_rounds_and_is_in_one_that_hangs(world: World) -> None:
    progress = Watched(world)
    # Longer than a round may take.
    running = asyncio.create_task(world.scheduler(timedelta(minutes=30), progress=progress).run())
    await world.imaginepro.wait_for(lambda: len(progress.late) > 3)
    asked, released = len(world.imaginepro.log), asyncio.Event()
    world.imaginepro.outage = Hold(released)
    await world.imaginepro.wait_for(lambda: len(world.imaginepro.log) > asked)
    world.clock.advance(timedelta(minutes=6))

    assert progress.late[1:4] == [False] * 3
    assert progress.is_overdue
    released.set()
    running.cancel()
    await asyncio.wait({running})


async def test_a_process_is_ready_once_it_is_logged_in_and_while_its_database_answers(
    pages: Pages, client: discord.Client, sqlite_url: str
) -> None:
    services, pages.vitals.services = pages.vitals.services, None
    assert await pages.get("/ready") == (503, "The database is being opened and migrated.\n")

    pages.vitals.services = services
    assert await pages.get("/ready") == (503, "Not logged in to Discord yet.\n")

    pages.vitals.client = client
    assert await pages.get("/ready") == (200, "ok\n")

    with sqlite_away(sqlite_url):
        assert await pages.get("/ready") == (503, "The database does not respond.\n")
    assert await pages.get("/ready") == (200, "ok\n")

    # Somebody has damaged it.
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute("DROP TABLE app_state")
    assert await pages.get("/ready") == (503, "The database does not respond.\n")


@pytest.fixture
def address() -> Address:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Address("127.0.0.1", free.getsockname()[1])


async def health(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run `python -m bot health` in a thread. Return its exit status, and what it says."""
    status = await asyncio.to_thread(main, ["health"])
    said = capsys.readouterr()
    # The log of the process is in there, too.
    return status, (said.out + said.err).splitlines()[-1]


async def test_the_health_command_asks_whether_the_process_is_alive(
    address: Address, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SetClock()
    vitals = Vitals(clock)
    # It is asked on this machine, wherever it listens, and no other setting is needed.
    monkeypatch.setenv("METRICS_LISTEN", f":{address.port}")
    async with serve_metrics(address, vitals):
        assert await health(capsys) == (0, "Fastwatch is alive.")

        vitals.progress.begins("a round")
        clock.advance(timedelta(minutes=6))
        assert await health(capsys) == (1, "Fastwatch is not well: The checks have stopped.")

    status, said = await health(capsys)
    assert (status, said) == (1, f"Fastwatch does not answer on :{address.port} (ConnectionRefusedError).")


async def test_a_process_that_does_not_answer_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.observability.health_command._SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = Address("127.0.0.1", silent.getsockname()[1])

        assert await asyncio.to_thread(ask, address) == (
            False,
            f"Fastwatch does not answer on {address} within 0.1 s.",
        )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "METRICS_LISTEN is not set, so nothing answers. Set it, for example, to 127.0.0.1:9464."),
        ("nonsense", "METRICS_LISTEN: write a host and a port, such as 127.0.0.1:9464."),
    ],
)
async def test_the_health_command_says_what_is_wrong_with_its_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str, said: str
) -> None:
    monkeypatch.setenv("METRICS_LISTEN", value)

    assert await health(capsys) == (1, said)


async def test_an_address_in_use_is_one_sentence(address: Address) -> None:
    async with serve_metrics(address, Vitals(SetClock())):
        with pytest.raises(CannotListen, match=rf"^METRICS_LISTEN: cannot listen on {address} \(.*in use.*\)\.$"):
            async with serve_metrics(address, Vitals(SetClock())):
                pass


async def test_a_request_that_is_no_http_is_refused_and_not_logged(
    address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve_metrics(address, Vitals(SetClock())):
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /live HTTP/9.9\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.0 400 ")
    assert [record for record in caplog.records if record.name == "aiohttp.server"] == []


async def test_an_error_in_a_page_is_logged(address: Address, caplog: pytest.LogCaptureFixture) -> None:
    vitals = Vitals(SetClock())
    del vitals.progress
    async with serve_metrics(address, vitals):
        assert (await asyncio.to_thread(ask, address))[0] is False

    assert [record.name for record in caplog.records if record.exc_info] == ["aiohttp.server"]


@pytest.mark.parametrize("host", ["", "0.0.0.0", "localhost"])  # noqa: S104 - all addresses of this machine are meant
async def test_it_is_asked_wherever_it_listens(address: Address, host: str) -> None:
    written = Address(host, address.port)
    async with serve_metrics(written, Vitals(SetClock())):
        assert await asyncio.to_thread(ask, written) == (True, "Fastwatch is alive.")


async def test_nothing_listens_without_an_address() -> None:
    async with serve_metrics(None, Vitals(SetClock())):
        pass
