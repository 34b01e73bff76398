"""A clock that stands still until a test advances it."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from bot.clock import Clock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class SetClock(Clock):
    """The test sets its time; sleeping advances it at once. Jitter and nonces are the same in every run."""

    def __init__(self, start: datetime = NOON) -> None:
        super().__init__()
        self._now = start
        self._elapsed = timedelta()
        self._random = Random(0)  # noqa: S311 - it keeps no secret
        self._nonces = count(1)

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self._elapsed.total_seconds()

    def set(self, now: datetime) -> None:
        """Let time pass until then. To a time in the past, only the wall clock is set back."""
        self._elapsed += max(now - self._now, timedelta())
        self._now = now

    def advance(self, by: timedelta) -> None:
        """Let this much time pass. If it is negative, only the wall clock is set back."""
        self.set(self._now + by)

    def jump(self, by: timedelta) -> None:
        """Set the wall clock ahead or back. No time passes."""
        self._now += by

    async def sleep(self, seconds: float) -> None:
        """Advance the time at once, and let other tasks run once."""
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait like the real clock: an event that is already set takes no time."""
        await super().wait(event, 0 if event.is_set() else seconds)

    def nonce(self) -> str:
        """Return numbered nonces."""
        return f"nonce-{next(self._nonces)}"
