"""Time and chance: the one place they come from, so that tests and the demo can hand in their own."""

import asyncio
import secrets
from datetime import UTC, datetime
from random import Random

_NONCE_BYTES = 15  # 20 characters; Discord takes 25 (Create Message, `nonce`)


class Clock:
    """The system's time, sleep and randomness."""

    def __init__(self) -> None:
        self._random = Random()  # noqa: S311 - it spreads rounds in time, it keeps no secret

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, but no longer than this."""
        sleeping = asyncio.ensure_future(self.sleep(seconds))
        waiting = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait((sleeping, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waiting.cancel()

    def jitter(self, seconds: float, *, spread: float = 0.1) -> float:
        """Spread a pause by up to this share either way, so that many pauses do not beat like one clock."""
        return seconds * self._random.uniform(1 - spread, 1 + spread)

    def nonce(self) -> str:
        """Make a new nonce for a delivery."""
        return secrets.token_urlsafe(_NONCE_BYTES)
