"""Reports to the service manager that has started this process, systemd above all: sd_notify(3), `Type=notify`."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from bot.observability.vitals import Vitals

_EVERY_SECONDS = 10.0
# Longer than it takes until the next report.
_EXTENSION = "EXTEND_TIMEOUT_USEC=60000000"


class ServiceManager:
    """Sends states to the socket of `NOTIFY_SOCKET`. Without one, or if that fails, nothing happens."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # An address that begins with @ is in the abstract namespace, which begins with a null byte.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_seconds = _watchdog_seconds(environment)

    @property
    def listens(self) -> bool:
        """Whether there is anyone to report to."""
        return bool(self._address)

    def notify(self, state: str) -> None:
        """Send a state such as `READY=1`."""
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)
            sender.sendto(state.encode(), self._address)


def _watchdog_seconds(environment: Mapping[str, str]) -> float | None:
    """Return within how many seconds each sign of life must come; None if none is wanted of this process."""
    limit, process = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    is_ours = not process or process == str(os.getpid())
    return int(limit) / 1e6 if is_ours and limit.isascii() and limit.isdigit() and int(limit) else None


@asynccontextmanager
async def report_to(manager: ServiceManager, vitals: Vitals) -> AsyncIterator[None]:
    """Report in the background until the end."""
    if not manager.listens:
        yield
        return
    reporting = asyncio.create_task(_report(manager, vitals))
    try:
        yield
    finally:
        reporting.cancel()


async def _report(manager: ServiceManager, vitals: Vitals) -> None:
    """Ask for more time while the start takes long; then give a sign of life as long as checks go on as planned."""
    pause = _EVERY_SECONDS
    if manager.watchdog_seconds is not None:
        # Twice as often as needed, as sd_watchdog_enabled(3) recommends.
        pause = min(pause, manager.watchdog_seconds / 2)
    while True:
        if vitals.services is None:
            manager.notify(_EXTENSION)
        elif vitals.why_not_live() is None and manager.watchdog_seconds is not None:
            manager.notify("WATCHDOG=1")
        await asyncio.sleep(pause)


@contextmanager
def running(manager: ServiceManager) -> Iterator[None]:
    """Say that the start is complete, and at the end that this process stops."""
    manager.notify("READY=1")
    try:
        yield
    finally:
        manager.notify("STOPPING=1")
