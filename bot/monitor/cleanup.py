"""Cleanup: downsamples old samples and deletes records after their retention, in the background."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.domain.outages import NoDataCause
from bot.storage.accounts import Account, get_account
from bot.storage.audit import delete_entries
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.downsampling import RETENTION, downsample, tokens_to_downsample
from bot.storage.mutes import delete_mutes
from bot.storage.retention import delete_deliveries, delete_incidents, delete_tokens
from bot.storage.unread import delete_unread

log = structlog.get_logger(__name__)

_DELIVERY_RETENTION = timedelta(days=30)
_INTERVAL = timedelta(hours=1)
_TRUSTED_FOR = timedelta(days=1)
# During the pause of a rate limit, no request is sent.
_WITH_RESPONSE = frozenset(
    {
        NoDataCause.UNAUTHORIZED,
        NoDataCause.UNUSABLE,
        NoDataCause.FLEET_REFUSED,
        NoDataCause.FLEET_EMPTY,
        NoDataCause.NO_STATUS,
    }
)
# Between two steps, others get the database. A fleet of 1,000 tokens still takes minutes only.
_PAUSE = timedelta(seconds=0.25)

CleanupTask = Callable[[AsyncConnection, datetime], Awaitable[bool]]
"""Runs one small step in its own transaction, and returns whether there are more."""


class Cleanup:
    """Cleans up the records of one account, step by step.

    Several processes may do so at once: each step is idempotent.
    """

    def __init__(self, account_id: int, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._tasks: deque[CleanupTask] = deque()
        self._to_downsample: deque[int] = deque()

    async def run(self) -> None:
        """Clean up forever, about once an hour. Errors do not end it."""
        while True:
            has_more = await shield_until_done(self.step())
            pause = _PAUSE if has_more else _INTERVAL
            await self._clock.sleep(self._clock.jitter(pause.total_seconds()))

    async def step(self) -> bool:
        """Run one step, and return whether there are more now. Raises nothing."""
        if not self._tasks:
            self._tasks.extend((_delete_entries, _delete_mutes, _delete_deliveries, _delete_unread, _delete_incidents))
            self._tasks.extend((self._delete_tokens, self._downsample_next))
        try:
            async with self._database.transaction(durable=False) as connection:
                has_more = await self._tasks[0](connection, await self._now(connection))
        except DatabaseUnavailable:
            has_more = False
        except Exception:
            # The loop must survive any error. The rest of this task waits until the next hour.
            log.exception("Cleanup of old records failed. Retrying in an hour.")
            has_more = False
        if not has_more:
            self._tasks.popleft()
        return bool(self._tasks)

    async def _now(self, connection: AsyncConnection) -> datetime:
        """Return the time, at most a day after the latest time that the checks confirm.

        A clock that is years ahead would delete everything.
        """
        now = self._clock.now()
        confirmed_at = _confirmed_at(await get_account(connection, self._account_id, now))
        return now if confirmed_at is None else min(now, confirmed_at + _TRUSTED_FOR)

    async def _downsample_next(self, connection: AsyncConnection, now: datetime) -> bool:
        if not self._to_downsample:
            self._to_downsample.extend(await tokens_to_downsample(connection, self._account_id, now))
            return bool(self._to_downsample)
        # Removed first, so that a token that raises an error does not block the others.
        token_id = self._to_downsample.popleft()
        if await downsample(connection, self._account_id, token_id, now):
            self._to_downsample.appendleft(token_id)
        return bool(self._to_downsample)

    async def _delete_tokens(self, connection: AsyncConnection, now: datetime) -> bool:
        deleted = await delete_tokens(connection, self._account_id, now - RETENTION)
        if deleted:
            log.info("Deleted tokens that were not listed for 13 months.", tokens=deleted)
        return False


def _confirmed_at(account: Account) -> datetime | None:
    """Return the latest time that the checks confirm; None before the first success.

    With a clock that is years ahead, ImaginePro's certificate seems to have expired, so there is no response. Without
    one, only the time that passed from check to check counts.
    """
    last_success_at, outage = account.last_success_at, account.outage
    if last_success_at is None or outage is None:
        return last_success_at
    return outage.checked_at if outage.latest in _WITH_RESPONSE else last_success_at + outage.duration


async def _delete_entries(connection: AsyncConnection, now: datetime) -> bool:
    await delete_entries(connection, now - RETENTION)
    return False


async def _delete_mutes(connection: AsyncConnection, now: datetime) -> bool:
    await delete_mutes(connection, now)
    return False


async def _delete_deliveries(connection: AsyncConnection, now: datetime) -> bool:
    return await delete_deliveries(connection, now - _DELIVERY_RETENTION)


async def _delete_unread(connection: AsyncConnection, now: datetime) -> bool:
    return await delete_unread(connection, now - _DELIVERY_RETENTION)


async def _delete_incidents(connection: AsyncConnection, now: datetime) -> bool:
    return await delete_incidents(connection, now - RETENTION)
