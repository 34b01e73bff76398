"""Route health: what Discord has refused is tried again as soon as something changes that may have fixed it."""

from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.storage.alert_routes import has_broken_routes, retry_routes
from bot.storage.boards import has_failing_board, retry_board
from bot.storage.database import Database
from bot.storage.deliveries import retry_now

log = structlog.get_logger(__name__)

# One change in Discord is often many events: a role that is edited, and every channel below a category.
_SECONDS_BEFORE_RETRY = 1


class RouteHealth:
    """Follows the changes in servers."""

    def __init__(self, database: Database, clock: Clock, wake: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._retrying: set[int] = set()

    async def on_change(self, server_id: int) -> None:
        """Retry what waits because of a refusal in this server, since something there has changed. Raises nothing."""
        if server_id in self._retrying:
            return
        self._retrying.add(server_id)
        try:
            await self._retry(server_id)
        except Exception:
            # It is retried within the hour anyway.
            log.exception("The broken routes of a server could not be retried.", server=server_id)
        finally:
            self._retrying.discard(server_id)

    async def _retry(self, server_id: int) -> None:
        async with self._database.reading() as connection:
            if not await has_broken_routes(connection, server_id) and not await has_failing_board(
                connection, server_id
            ):
                return
        await self._clock.sleep(_SECONDS_BEFORE_RETRY)
        # Events from now on are for the next retry.
        self._retrying.discard(server_id)
        now = self._clock.now()
        async with self._database.transaction() as connection:
            if await retry_routes(connection, server_id, now):
                await retry_now(connection, server_id, now)
            await retry_board(connection, server_id, now)
        self._wake()
