"""Simulated time: it passes only when it is told to."""

import asyncio
import contextlib
import heapq
from datetime import datetime, timedelta
from itertools import count

import simcord

from bot.clock import Clock


class SimulatedClock(Clock):
    """Its time is moved on from outside; whoever sleeps wakes up when that time has come."""

    def __init__(self, began: datetime) -> None:
        super().__init__()
        self._now = began
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._arrivals = count()
        self._discord: simcord.Env | None = None

    def live_in(self, discord: simcord.Env) -> None:
        """Live in this simulated Discord, which waits for the bot to be done with what it was asked."""
        self._discord = discord

    def now(self) -> datetime:
        """Tell the simulated time."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait so long in simulated time."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._arrivals), awake))
        await self._until(awake)

    async def _until(self, awake: asyncio.Future[None]) -> None:
        """Wait to be woken up; in work of the bot, SimCord is told that this is no reason to wait for the bot."""
        if self._discord is not None:
            # It takes this from nobody but the bot's own work.
            with contextlib.suppress(simcord.SetupError):
                await self._discord.external_wait(awake, reason="simulated time")
        await awake

    def move_to(self, now: datetime) -> None:
        """Move time on, never back, and wake up whoever slept until then."""
        self._now = max(self._now, now)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            *_, awake = heapq.heappop(self._sleepers)
            if not awake.done():
                awake.set_result(None)
