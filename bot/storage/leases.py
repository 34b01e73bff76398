"""Leases: which process runs a task that only one may run at a time. The lease of a dead process expires by itself.

Times are from the clocks of the processes, which must agree within a few seconds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.due_times import LEASE_DURATION, is_ahead_sql
from bot.storage.schema import deliveries, leases, partitions, processes
from bot.storage.upsert import insert_if_new

log = structlog.get_logger(__name__)

# At the end, when the process must stop soon.
_RELEASE_SECONDS = 0.5
RENEWAL_INTERVAL = timedelta(seconds=10)
"""How often partitions are renewed, and how often other processes try to take them."""


async def take_lease(connection: AsyncConnection, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take a lease that is free, or renew one's own; False if another process holds it."""
    is_free = ~is_ahead_sql(leases.c.expires_at, now, until - now)
    query = (
        update(leases)
        .where(leases.c.name == name, (leases.c.holder == holder) | is_free)
        .values(holder=holder, expires_at=until)
    )
    if (await connection.execute(query)).rowcount:
        return True
    # There is no row at first, and after a release. Of two processes that insert at once, the update decides.
    await insert_if_new(connection, leases, {"name": name, "holder": holder, "expires_at": until}, unique="name")
    return bool((await connection.execute(query)).rowcount)


async def release_lease(connection: AsyncConnection, name: str, holder: str) -> None:
    """Release a lease, so that another process need not wait until it expires."""
    await connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


async def release_claims(connection: AsyncConnection) -> None:
    """Release all leases, partitions and claims. Only for SQLite, where no other process that has one is alive."""
    await connection.execute(delete(leases))
    await connection.execute(delete(processes))
    is_held = partitions.c.holder.is_not(None)
    await connection.execute(update(partitions).where(is_held).values(holder=None, expires_at=None))
    await connection.execute(
        update(deliveries).where(deliveries.c.claimed_until.is_not(None)).values(claimed_until=None)
    )


class Lease:
    """One process's side of a lease. `does` says in the log what the holder does."""

    def __init__(self, name: str, database: Database, clock: Clock, *, does: str) -> None:
        self._name = name
        self._does = does
        self._database = database
        self._clock = clock
        self._holder = clock.nonce()
        self._is_held: bool | None = None

    async def take(self) -> bool:
        """Take or renew the lease; False while another process holds it."""
        now = self._clock.now()
        async with self._database.transaction(durable=False) as connection:
            is_held = await take_lease(connection, self._name, self._holder, now, now + LEASE_DURATION)
        if is_held is not self._is_held:
            words = "This process {does}." if is_held else "Another process {does}; this one waits."
            log.info(words.format(does=self._does), lease=self._name)
            self._is_held = is_held
        return is_held

    @asynccontextmanager
    async def released_at_the_end(self) -> AsyncIterator[None]:
        """Release the lease at the end, so that another process need not wait until it expires."""
        try:
            yield
        finally:
            # If the database does not respond at once, the lease expires by itself.
            with contextlib.suppress(DatabaseUnavailable, TimeoutError):
                async with asyncio.timeout(_RELEASE_SECONDS), self._database.transaction(durable=False) as connection:
                    await release_lease(connection, self._name, self._holder)
