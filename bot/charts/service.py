"""Charts on demand: a process that draws them starts with the first and ends when no more are asked for.

The bot's own process neither blocks nor grows meanwhile: matplotlib is never loaded in it.
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

_KEPT_PICTURES = 16


class ChartFailed(Exception):
    """The chart was not drawn, for a reason that is in the log. Another try may work."""


class ChartsBusy(Exception):
    """So many charts wait already that this one would come too late."""


class Charts:
    """Draws charts, one at a time; equal ones are drawn once. Seconds are the event loop's."""

    def __init__(self, *, idle_seconds: float = 120.0, max_wait_seconds: float = 20.0, max_waiting: int = 20) -> None:
        self._idle_seconds = idle_seconds
        self._max_wait_seconds = max_wait_seconds
        self._max_waiting = max_waiting
        self._under_way = 0
        self._flights: SingleFlight[bytes] = SingleFlight()
        self._recent: LRUCache[bytes, bytes] = LRUCache(_KEPT_PICTURES)
        self._turn = asyncio.Lock()
        self._process: DrawingProcess | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def process_id(self) -> int | None:
        """The number of the process that draws; None where none runs."""
        return None if self._process is None else self._process.pid

    async def draw(self, chart: Chart) -> bytes:
        """Draw a chart as a PNG, or take the one that was drawn lately. Raises ChartFailed and ChartsBusy."""
        text = encode(chart)
        key = hashlib.sha256(text).digest()
        picture = self._recent.get(key)
        return picture if picture is not None else await self._flights.call(key, lambda: self._draw_new(key, text))

    async def close(self) -> None:
        """Kill the process. Charts that are under way or waiting fail, and so does every later one."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
        # The lock lets in one after the other, so all who wait have failed when it is our turn.
        await self._end_in_turn()

    async def _draw_new(self, key: bytes, text: bytes) -> bytes:
        if self._under_way > self._max_waiting:
            raise ChartsBusy(f"{self._under_way} charts are under way")
        self._under_way += 1
        try:
            async with self._turn:
                picture = await self._draw_or_try_again(text)
        except (DrawingProcessFailed, OSError) as error:
            reason = str(error) or "it took too long"
            if not self._closed:
                log.warning("A chart was not drawn.", reason=reason)
            raise ChartFailed(reason) from error
        finally:
            self._under_way -= 1
        self._recent[key] = picture
        return picture

    async def _draw_or_try_again(self, text: bytes) -> bytes:
        """Have it drawn; a process that broke may have died long before, so a new one is tried too."""
        if self._process is not None:
            with contextlib.suppress(DrawingProcessFailed):
                return await self._draw_or_end(text)
        return await self._draw_or_end(text)

    async def _draw_or_end(self, text: bytes) -> bytes:
        """Have it drawn; where that fails or is broken off, end the process, since a late picture may still come."""
        self._stop_idling()
        picture = None
        try:
            async with asyncio.timeout(self._max_wait_seconds):
                process = await self._running_process()
                picture = await process.draw(text)
        finally:
            if picture is None:
                await self._end()
            else:
                self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_soon)
        return picture

    async def _running_process(self) -> DrawingProcess:
        self._check_open()
        if self._process is None:
            self._process = await DrawingProcess.start()
            self._check_open()
        return self._process

    def _check_open(self) -> None:
        if self._closed:
            raise DrawingProcessFailed("no charts are drawn any more")

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end_soon(self) -> None:
        self._ending = asyncio.create_task(self._end_in_turn())

    async def _end_in_turn(self) -> None:
        async with self._turn:
            self._stop_idling()
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()
