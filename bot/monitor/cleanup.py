"""Tidying: thins the samples and deletes what is older than it is promised to be kept, in the background."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.storage.audit import delete_entries
from bot.storage.database import Database
from bot.storage.downsampling import RETENTION, downsample, tokens_to_downsample
from bot.storage.mutes import delete_mutes
from bot.storage.retention import delete_deliveries, delete_incidents, delete_tokens

log = structlog.get_logger(__name__)

_DELIVERY_RETENTION = timedelta(days=30)
_INTERVAL = timedelta(hours=1)
# Whoever waits for the database gets it between two steps. A fleet of 1,000 tokens is thinned in minutes all the same.
_PAUSE = timedelta(seconds=0.25)

CleanupTask = Callable[[AsyncConnection, datetime], Awaitable[bool]]
"""Something to be done in small steps, each in a transaction of its own; tells whether there is more of it to do."""


class Cleanup:
    """Tidies what is kept of one account, step by step.

    Several processes may do so at once: a step does not mind that another one has done it already.
    """

    def __init__(self, account_id: int, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._tasks: deque[CleanupTask] = deque()
        self._to_downsample: deque[int] = deque()

    async def run(self) -> None:
        """Tidy for ever: look about once an hour whether there is anything to do, and do it. Errors are outlived."""
        while True:
            has_more = await shield_until_done(self.step())
            pause = _PAUSE if has_more else _INTERVAL
            await self._clock.sleep(self._clock.jitter(pause.total_seconds()))

    async def step(self) -> bool:
        """Do one small piece of work; whether there is more to do now. Raises nothing."""
        if not self._tasks:
            self._tasks.extend((_delete_entries, _delete_mutes, _delete_deliveries, _delete_incidents))
            self._tasks.extend((self._delete_tokens, self._downsample_next))
        try:
            async with self._database.transaction() as connection:
                has_more = await self._tasks[0](connection, self._clock.now())
        except Exception:
            # The loop must outlive whatever this was; what is left of this chore has time until the next hour.
            log.exception("Old records could not be tidied up; it is tried again in an hour.")
            has_more = False
        if not has_more:
            self._tasks.popleft()
        return bool(self._tasks)

    async def _downsample_next(self, connection: AsyncConnection, now: datetime) -> bool:
        if not self._to_downsample:
            self._to_downsample.extend(await tokens_to_downsample(connection, self._account_id, now))
            return bool(self._to_downsample)
        # Off the list first: one that raises an error must not keep the others from their turn.
        token_id = self._to_downsample.popleft()
        if await downsample(connection, self._account_id, token_id, now):
            self._to_downsample.appendleft(token_id)
        return bool(self._to_downsample)

    async def _delete_tokens(self, connection: AsyncConnection, now: datetime) -> bool:
        forgotten = await delete_tokens(connection, self._account_id, now - RETENTION)
        if forgotten:
            log.info("Tokens that have not been listed for 13 months are forgotten.", tokens=forgotten)
        return False


async def _delete_entries(connection: AsyncConnection, now: datetime) -> bool:
    await delete_entries(connection, now - RETENTION)
    return False


async def _delete_mutes(connection: AsyncConnection, now: datetime) -> bool:
    await delete_mutes(connection, now)
    return False


async def _delete_deliveries(connection: AsyncConnection, now: datetime) -> bool:
    return await delete_deliveries(connection, now - _DELIVERY_RETENTION)


async def _delete_incidents(connection: AsyncConnection, now: datetime) -> bool:
    return await delete_incidents(connection, now - RETENTION)
