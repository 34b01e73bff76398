"""Reports to the service manager, over a real socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.observability.service_manager import ServiceManager, report_to, running
from bot.observability.vitals import Vitals
from tests.clocks import SetClock
from tests.patience import GENEROUS


@pytest.fixture(params=["path", "abstract"])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd has it, and its address as it names it."""
    name = f"@fastwatch-test-{os.getpid()}" if request.param == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{name[1:]}" if name.startswith("@") else name)
        receiver.setblocking(False)
        yield receiver, name


async def next_state(receiver: socket.socket) -> str:
    async with asyncio.timeout(GENEROUS):
        return (await asyncio.get_running_loop().sock_recv(receiver, 1000)).decode()


def states(receiver: socket.socket) -> list[str]:
    """What has arrived already."""
    found = []
    try:
        while True:
            found.append(receiver.recv(1000).decode())
    except BlockingIOError:
        return found


def test_the_start_and_the_stop_are_reported(listening: tuple[socket.socket, str]) -> None:
    receiver, name = listening
    with running(ServiceManager({"NOTIFY_SOCKET": name})):
        assert states(receiver) == ["READY=1"]

    assert states(receiver) == ["STOPPING=1"]


async def test_signs_of_life_come_until_the_checks_stop(listening: tuple[socket.socket, str]) -> None:
    receiver, name = listening
    clock = SetClock()
    vitals = Vitals(clock)
    manager = ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())})
    async with report_to(manager, vitals):
        assert await next_state(receiver) == "EXTEND_TIMEOUT_USEC=60000000"

        vitals.services = cast("Any", SimpleNamespace())
        while await next_state(receiver) != "WATCHDOG=1":
            pass
        assert await next_state(receiver) == "WATCHDOG=1"

        vitals.progress.begins("a round")
        clock.advance(timedelta(minutes=6))
        states(receiver)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await next_state(receiver)

        vitals.progress.begins("a round")
        assert await next_state(receiver) == "WATCHDOG=1"


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "nonsense"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_for_the_process_it_names(environment: dict[str, str], seconds: float | None) -> None:
    assert ServiceManager(environment).watchdog_seconds == seconds


async def test_without_a_service_manager_or_if_it_is_gone_nothing_happens(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "20000"}):
        manager = ServiceManager(environment)
        async with report_to(manager, Vitals(SetClock())):
            with running(manager):
                await asyncio.sleep(0)
