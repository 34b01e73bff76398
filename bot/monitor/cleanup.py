"""Tidying: thins the samples and deletes what is older than it is promised to be kept, in the background."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.storage.audit import forget_entries
from bot.storage.database import Database
from bot.storage.downsampling import KEPT_FOR, thin, tokens_to_thin
from bot.storage.mutes import forget_mutes
from bot.storage.retention import forget_deliveries, forget_incidents, forget_tokens

log = structlog.get_logger(__name__)

_DELIVERIES_KEPT_FOR = timedelta(days=30)
_LOOKS_EVERY = timedelta(hours=1)
# Whoever waits for the database gets it between two steps. A fleet of 1,000 tokens is thinned in minutes all the same.
_PAUSE = timedelta(seconds=0.25)

Chore = Callable[[AsyncConnection, datetime], Awaitable[bool]]
"""Something to be done in small steps, each in a transaction of its own; tells whether there is more of it to do."""


class Tidying:
    """Tidies what is kept of one account, step by step.

    Several processes may do so at once: a step does not mind that another one has done it already.
    """

    def __init__(self, account_id: int, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._chores: deque[Chore] = deque()
        self._to_thin: deque[int] = deque()

    async def run(self) -> None:
        """Tidy for ever: look about once an hour whether there is anything to do, and do it. Errors are outlived."""
        while True:
            has_more = await shield_until_done(self.step())
            pause = _PAUSE if has_more else _LOOKS_EVERY
            await self._clock.sleep(self._clock.jitter(pause.total_seconds()))

    async def step(self) -> bool:
        """Do one small piece of work; whether there is more to do now. Raises nothing."""
        if not self._chores:
            self._chores.extend((_forget_entries, _forget_mutes, _forget_deliveries, _forget_incidents))
            self._chores.extend((self._forget_tokens, self._thin_next))
        try:
            async with self._database.transaction() as connection:
                has_more = await self._chores[0](connection, self._clock.now())
        except Exception:
            # The loop must outlive whatever this was; what is left of this chore has time until the next hour.
            log.exception("Old records could not be tidied up; it is tried again in an hour.")
            has_more = False
        if not has_more:
            self._chores.popleft()
        return bool(self._chores)

    async def _thin_next(self, connection: AsyncConnection, now: datetime) -> bool:
        if not self._to_thin:
            self._to_thin.extend(await tokens_to_thin(connection, self._account_id, now))
            return bool(self._to_thin)
        # Off the list first: one that raises an error must not keep the others from their turn.
        token_id = self._to_thin.popleft()
        if await thin(connection, self._account_id, token_id, now):
            self._to_thin.appendleft(token_id)
        return bool(self._to_thin)

    async def _forget_tokens(self, connection: AsyncConnection, now: datetime) -> bool:
        forgotten = await forget_tokens(connection, self._account_id, now - KEPT_FOR)
        if forgotten:
            log.info("Tokens that have not been listed for 13 months are forgotten.", tokens=forgotten)
        return False


async def _forget_entries(connection: AsyncConnection, now: datetime) -> bool:
    await forget_entries(connection, now - KEPT_FOR)
    return False


async def _forget_mutes(connection: AsyncConnection, now: datetime) -> bool:
    await forget_mutes(connection, now)
    return False


async def _forget_deliveries(connection: AsyncConnection, now: datetime) -> bool:
    return await forget_deliveries(connection, now - _DELIVERIES_KEPT_FOR)


async def _forget_incidents(connection: AsyncConnection, now: datetime) -> bool:
    return await forget_incidents(connection, now - KEPT_FOR)
