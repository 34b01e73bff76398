"""Charts on demand. The drawing process starts with the first chart, and ends after a while without requests.

matplotlib is never imported in the bot's own process, so that charts neither block it nor take memory there.
"""

import asyncio
import contextlib
import hashlib
from typing import Self

import structlog
from cachetools import LRUCache

from bot.charts.process import DrawingProcess, DrawingProcessFailed
from bot.charts.spec import Chart, encode
from bot.concurrency.single_flight import SingleFlight

log = structlog.get_logger(__name__)

_CACHED_IMAGES = 16


class ChartFailed(Exception):
    """The chart was not drawn; the reason is in the log. A retry may work."""


class ChartsBusy(Exception):
    """Too many charts are waiting, so that this one would be too late."""


class Charts:
    """Draws charts, one at a time; equal charts are drawn once. Seconds are those of the event loop's clock."""

    def __init__(self, *, idle_seconds: float = 120.0, max_wait_seconds: float = 20.0, max_waiting: int = 20) -> None:
        self._idle_seconds = idle_seconds
        self._max_wait_seconds = max_wait_seconds
        self._max_waiting = max_waiting
        self._pending = 0
        self._flights: SingleFlight[bytes] = SingleFlight()
        self._cache: LRUCache[bytes, bytes] = LRUCache(_CACHED_IMAGES)
        self._lock = asyncio.Lock()
        self._process: DrawingProcess | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        # asyncio keeps only a weak reference to a task, so this one is kept here.
        self._ending: asyncio.Task[None] | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def process_id(self) -> int | None:
        """The id of the drawing process; None if it is not running."""
        return None if self._process is None else self._process.pid

    async def draw(self, chart: Chart) -> bytes:
        """Return the PNG of a chart, from the cache or drawn now. Raises ChartFailed and ChartsBusy."""
        text = encode(chart)
        key = hashlib.sha256(text).digest()
        image = self._cache.get(key)
        return image if image is not None else await self._flights.call(key, lambda: self._draw_new(key, text))

    async def close(self) -> None:
        """Kill the process. Charts in progress or waiting fail, and so does every later one."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
        # asyncio.Lock is fair, so all waiting charts have failed before this gets the lock.
        await self._end_with_lock()

    async def _draw_new(self, key: bytes, text: bytes) -> bytes:
        if self._pending > self._max_waiting:
            raise ChartsBusy(f"{self._pending} charts are pending")
        self._pending += 1
        try:
            async with self._lock:
                image = await self._draw_with_retry(text)
        except (DrawingProcessFailed, OSError) as error:
            # A TimeoutError of asyncio, which is an OSError, has no message.
            reason = str(error) or "it took too long"
            if not self._closed:
                log.warning("A chart was not drawn.", reason=reason)
            raise ChartFailed(reason) from error
        finally:
            self._pending -= 1
        self._cache[key] = image
        return image

    async def _draw_with_retry(self, text: bytes) -> bytes:
        """Draw it. An idle process may have died long ago, so after a failure of one, a new process gets the chart."""
        if self._process is not None:
            with contextlib.suppress(DrawingProcessFailed):
                return await self._draw_or_end(text)
        return await self._draw_or_end(text)

    async def _draw_or_end(self, text: bytes) -> bytes:
        """Draw it. After a failure or a cancellation, end the process, whose late image would answer the next chart."""
        self._stop_idle_timer()
        image = None
        try:
            async with asyncio.timeout(self._max_wait_seconds):
                process = await self._running_process()
                image = await process.draw(text)
        finally:
            if image is None:
                await self._end()
            else:
                self._idle_timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_soon)
        return image

    async def _running_process(self) -> DrawingProcess:
        self._check_open()
        if self._process is None:
            self._process = await DrawingProcess.start()
            self._check_open()
        return self._process

    def _check_open(self) -> None:
        if self._closed:
            raise DrawingProcessFailed("no charts are drawn any more")

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _end_soon(self) -> None:
        self._ending = asyncio.create_task(self._end_with_lock())

    async def _end_with_lock(self) -> None:
        async with self._lock:
            self._stop_idle_timer()
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()
