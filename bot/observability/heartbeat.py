"""The heartbeat of `HEARTBEAT_URL`: a service for cron jobs, such as healthchecks, misses it when checks stop.

Nobody else would notice that: a process that is dead or hangs sends no alert.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import structlog
from pydantic import SecretStr

from bot import __version__
from bot.network import Network
from bot.observability.proxies import proxy_for

log = structlog.get_logger(__name__)

# healthchecks.io asks clients to wait 10 s for its answer.
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_FIRST_ERROR = 400


class Heartbeat:
    """Calls the URL in the background, so that it delays no check. It is a secret: whoever has it can send beats."""

    def __init__(self, url: SecretStr, network: Network) -> None:
        self._url = url
        self._network = network
        self._is_due = asyncio.Event()
        self._failures = 0

    def beat(self) -> None:
        """Send a beat soon. While one is on its way, any number of others are one."""
        self._is_due.set()

    async def run(self) -> None:
        """Send beats until cancelled."""
        connector = aiohttp.TCPConnector(limit=1, ssl=self._network.tls() or True)
        headers = {"User-Agent": f"Fastwatch/{__version__}"}
        async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, headers=headers) as session:
            while True:
                await self._is_due.wait()
                self._is_due.clear()
                self._log(await self._send(session))

    async def _send(self, session: aiohttp.ClientSession) -> str | None:
        """Send a beat. Return why it failed, if it did. Errors are only named, since their text may quote the URL."""
        try:
            url = self._url.get_secret_value()
            async with session.get(url, **self._proxy_options()) as response:
                return f"HTTP {response.status}" if response.status >= _FIRST_ERROR else None
        except Exception as error:  # noqa: BLE001 - whatever it was, checks go on
            return type(error).__name__

    def _proxy_options(self) -> dict[str, Any]:
        found = proxy_for(self._url, self._network)
        return {"proxy": found[0], "proxy_headers": found[1]} if found is not None else {}

    def _log(self, error: str | None) -> None:
        """Log the first failure of a row, and its end."""
        if error is not None:
            if not self._failures:
                log.warning("The heartbeat could not be sent. Checks go on.", error=error)
            self._failures += 1
        elif self._failures:
            log.info("The heartbeat arrives again.", failures=self._failures)
            self._failures = 0


@asynccontextmanager
async def send_heartbeats(url: SecretStr, network: Network) -> AsyncIterator[Callable[[], None]]:
    """Yield what sends a beat; without a URL, it does nothing."""
    if not url.get_secret_value():
        yield lambda: None
        return
    heartbeat = Heartbeat(url, network)
    running = asyncio.create_task(heartbeat.run())
    try:
        yield heartbeat.beat
    finally:
        running.cancel()
        await asyncio.wait({running})
