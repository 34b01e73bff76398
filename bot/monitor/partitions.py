"""The partitions of this process: which accounts it checks, known from memory and renewed every 10 s."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.single_flight import SingleFlight
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.due_times import LEASE_DURATION, is_ahead
from bot.storage.leases import RENEWAL_INTERVAL
from bot.storage.partitions import (
    accounts_of,
    give_back,
    holds_partition,
    leave,
    partition_of,
    prepare_partitions,
    take_partitions,
)

log = structlog.get_logger(__name__)

# At the end, when the process must stop soon.
_RELEASE_SECONDS = 0.5


class Partitions:
    """One process's side of the partitions. Another process can take one only after it has expired here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._holder = clock.nonce()
        self._held: frozenset[int] = frozenset()
        self.accounts: frozenset[int] = frozenset()
        """The accounts in the partitions that this process held after the latest renewal."""
        self._renewals = SingleFlight[None]()
        self._is_leaving = False
        # On both clocks: the wall clock may be set ahead or back, and then the rows must be renewed at once.
        self._expires_at: datetime | None = None
        self._lasts_until = -math.inf

    def holds(self, account_id: int) -> bool:
        """Whether this process checks an account, as far as is known without the database."""
        is_valid = self._clock.monotonic() < self._lasts_until and is_ahead(
            self._expires_at, self._clock.now(), LEASE_DURATION
        )
        return is_valid and partition_of(account_id) in self._held

    async def hold(self, account_id: int) -> bool:
        """Whether this process checks an account. If that is not known, renew first. Raises DatabaseUnavailable."""
        if not self.holds(account_id):
            await self.renew()
        return self.holds(account_id)

    async def still_holds(self, connection: AsyncConnection, account_id: int) -> bool:
        """Whether this process checks an account, according to the database. Nobody takes it during the transaction."""
        return await holds_partition(connection, partition_of(account_id), self._holder, self._clock.now())

    async def renew(self) -> None:
        """Renew the partitions, take free ones, and give back those above this process's share. Concurrent calls
        share one transaction. Raises DatabaseUnavailable.
        """
        await self._renewals.call(None, self._renew)

    async def _renew(self) -> None:
        now, started_at = self._clock.now(), self._clock.monotonic()
        async with self._database.transaction(durable=False) as connection:
            # At the start, and after a database without them was put in the place of the former one.
            if not self._held:
                await prepare_partitions(connection, now)
            held = await take_partitions(connection, self._holder, now)
            if surplus := self._held - held:
                await give_back(connection, surplus, self._holder)
            accounts = await accounts_of(connection, self._holder)
            if self._is_leaving:
                await leave(connection, self._holder)
        if held != self._held:
            log.info("The partitions of this process have changed.", before=len(self._held), after=len(held))
        self._held, self.accounts = held, accounts
        self._expires_at, self._lasts_until = now + LEASE_DURATION, started_at + LEASE_DURATION.total_seconds()

    async def keep(self, renewed: Callable[[], None] = lambda: None) -> None:
        """Renew the partitions until cancelled, independently of how long checks take. Call `renewed` each time."""
        while True:
            if await self._try_to_renew():
                renewed()
            await self._clock.sleep(RENEWAL_INTERVAL.total_seconds())

    async def _try_to_renew(self) -> bool:
        """Renew, and return whether that was possible. The checks report an outage; without any, this must."""
        try:
            await self.renew()
        except DatabaseUnavailable as error:
            if not self.accounts:
                self._database.outage.check_failed(error)
            return False
        except SQLAlchemyError:
            # The checks must survive any error. They fail by themselves once the partitions have expired.
            log.exception("The partitions could not be renewed. Retrying.")
            return False
        if not self.accounts:
            self._database.outage.check_succeeded()
        return True

    @asynccontextmanager
    async def released_at_the_end(self) -> AsyncIterator[None]:
        """Free the partitions at the end, so that another process need not wait until they expire."""
        try:
            yield
        finally:
            self._is_leaving = True
            # If the database does not respond at once, they expire by themselves.
            with contextlib.suppress(DatabaseUnavailable, TimeoutError):
                async with asyncio.timeout(_RELEASE_SECONDS), self._database.transaction(durable=False) as connection:
                    await leave(connection, self._holder)
