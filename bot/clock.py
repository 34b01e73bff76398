"""Time and randomness: the only source of both, so that tests and the demo can supply their own."""

import asyncio
import math
import secrets
import time
from datetime import UTC, datetime
from random import Random

_NONCE_BYTES = 15  # 20 characters in base64; Discord accepts up to 25 (Create Message, `nonce`)


class Clock:
    """The system's time, sleep and randomness."""

    def __init__(self) -> None:
        self._random = Random()  # noqa: S311 - for jitter, not for secrets

    def now(self) -> datetime:
        """Return the current time, timezone-aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds since some start. For pauses and ages in memory: unlike `now`, it never jumps."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for this many seconds."""
        await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, at most for this many seconds."""
        sleeping = asyncio.ensure_future(self.sleep(seconds))
        waiting = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait((sleeping, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waiting.cancel()

    def jitter(self, seconds: float, *, spread: float = 0.1) -> float:
        """Return the seconds, changed at random by up to this share, so that timers do not fire at the same moment."""
        return seconds * self._random.uniform(1 - spread, 1 + spread)

    def nonce(self) -> str:
        """Return a new nonce, for a message to Discord or the holder of a lease."""
        return secrets.token_urlsafe(_NONCE_BYTES)


_RESOLUTION_SECONDS = 1e-6  # of a datetime; the rest of a float subtraction is no time to wait


class Pause:
    """A pause in memory. It keeps its length when the wall clock is set ahead or back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = -math.inf

    def extend(self, seconds: float) -> None:
        """Pause for this many seconds from now, unless the pause lasts longer already."""
        self._until = max(self._until, self._clock.monotonic() + seconds)

    def end(self) -> None:
        """End the pause now."""
        self._until = -math.inf

    @property
    def seconds_left(self) -> float:
        """The seconds until the pause ends; 0 if there is none."""
        left = self._until - self._clock.monotonic()
        return left if left > _RESOLUTION_SECONDS else 0.0
