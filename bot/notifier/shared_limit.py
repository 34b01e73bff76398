"""The shared limit: Discord's limit of requests a second is the bot's, however many processes it has."""

import structlog
from aiolimiter import AsyncLimiter

from bot.clock import Clock
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.leases import RENEWAL_INTERVAL
from bot.storage.partitions import count_processes

log = structlog.get_logger(__name__)

# Discord allows a bot 50 requests per second ("Rate Limits", global rate limit). The rest is for what people do, but
# answers to their interactions do not count.
_MAX_PER_SECOND = 45
# So many may be sent at the same moment, so that no second has more than 50.
_BURST = 5


class SharedLimit:
    """This process's share of the requests that all processes may send in a second."""

    def __init__(self) -> None:
        self._processes = 1
        self._limiter = _limiter(1)

    async def acquire(self) -> None:
        """Wait until another request may be sent."""
        await self._limiter.acquire()

    async def acquire_now(self) -> bool:
        """Return whether another request may be sent without waiting; then it counts."""
        if not self._limiter.has_capacity():
            return False
        await self._limiter.acquire()
        return True

    def share(self, processes: int) -> None:
        """Set the number of processes."""
        if max(processes, 1) != self._processes:
            self._processes = max(processes, 1)
            self._limiter = _limiter(self._processes)

    async def keep_shared(self, database: Database, clock: Clock) -> None:
        """Keep the number of processes up to date until cancelled. Raises nothing."""
        while database.is_shared:
            try:
                async with database.reading() as connection:
                    self.share(await count_processes(connection, clock.now()))
            except DatabaseUnavailable:
                pass  # the share stays as it is
            except Exception:
                log.exception("The number of processes could not be read. Retrying.")
            await clock.sleep(RENEWAL_INTERVAL.total_seconds())


def _limiter(processes: int) -> AsyncLimiter:
    burst = max(_BURST / processes, 1)
    return AsyncLimiter(burst, time_period=burst * processes / _MAX_PER_SECOND)
