"""Simulated time, which passes only when `move_to` is called."""

import asyncio
import contextlib
import heapq
from datetime import datetime, timedelta
from itertools import count

import simcord

from bot.clock import Clock


class SimulatedClock(Clock):
    """A clock that is advanced from outside. Sleepers wake up when their time has come."""

    def __init__(self, began: datetime) -> None:
        super().__init__()
        self._began = self._now = began
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._arrivals = count()
        self._discord: simcord.Env | None = None

    def live_in(self, discord: simcord.Env) -> None:
        """Connect the clock to this simulated Discord, which waits until the bot has handled an interaction."""
        self._discord = discord

    def now(self) -> datetime:
        """Return the simulated time."""
        return self._now

    def monotonic(self) -> float:
        """Return the simulated seconds since the start."""
        return (self._now - self._began).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Wait for this many simulated seconds."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._arrivals), awake))
        await self._until(awake)

    async def _until(self, awake: asyncio.Future[None]) -> None:
        """Wait for the wake-up. SimCord must not wait for the bot meanwhile, because it advances the time itself."""
        if self._discord is not None:
            # SimCord raises SetupError outside a task of the bot, where there is nothing to declare.
            with contextlib.suppress(simcord.SetupError):
                await self._discord.external_wait(awake, reason="simulated time")
        await awake

    def move_to(self, now: datetime) -> None:
        """Advance the time, never back, and wake up the sleepers whose time has come."""
        self._now = max(self._now, now)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            *_, awake = heapq.heappop(self._sleepers)
            if not awake.done():
                awake.set_result(None)
