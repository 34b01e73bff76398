"""Leases: which process does what only one may do at a time. A lease ends by itself where its holder has died.

Times are those of the processes, whose clocks must not differ by more than a few seconds.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.schema import deliveries, leases
from bot.storage.upsert import insert_if_new

log = structlog.get_logger(__name__)

_LASTS = timedelta(seconds=30)
RENEWAL_INTERVAL = timedelta(seconds=10)
"""How often a lease is renewed, and how often a process asks for one that another holds."""


async def take_lease(connection: AsyncConnection, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take a lease that is free, or hold on to one's own; False where another process holds it."""
    query = (
        update(leases)
        .where(leases.c.name == name, (leases.c.holder == holder) | (leases.c.expires_at <= now))
        .values(holder=holder, expires_at=until)
    )
    if (await connection.execute(query)).rowcount:
        return True
    await insert_if_new(connection, leases, {"name": name, "holder": holder, "expires_at": until}, unique="name")
    return bool((await connection.execute(query)).rowcount)


async def holds_lease(connection: AsyncConnection, name: str, holder: str, now: datetime) -> bool:
    """Tell whether a process still holds a lease, and let no other take it until the transaction ends."""
    query = (
        select(leases.c.name)
        .where(leases.c.name == name, leases.c.holder == holder, leases.c.expires_at > now)
        .with_for_update()
    )
    return await connection.scalar(query) is not None


async def release_lease(connection: AsyncConnection, name: str, holder: str) -> None:
    """Give a lease back, so that another process need not wait for its end."""
    await connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


async def release_claims(connection: AsyncConnection) -> None:
    """Free all leases and deliveries, where no other process can be: what a killed one held is taken up at once."""
    await connection.execute(delete(leases))
    await connection.execute(
        update(deliveries).where(deliveries.c.claimed_until.is_not(None)).values(claimed_until=None)
    )


class Lease:
    """One process's claim to what only one may do at a time. `does`: what that is, for the log."""

    def __init__(self, name: str, database: Database, clock: Clock, *, does: str = "runs the rounds") -> None:
        self._name = name
        self._does = does
        self._database = database
        self._clock = clock
        self._holder = clock.nonce()
        self._is_held: bool | None = None

    async def take(self) -> bool:
        """Take the lease, or hold on to it; False while another process holds it."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            is_held = await take_lease(connection, self._name, self._holder, now, now + _LASTS)
        if is_held is not self._is_held:
            words = "This process {does}." if is_held else "Another process {does}; this one waits."
            log.info(words.format(does=self._does), lease=self._name)
            self._is_held = is_held
        return is_held

    async def is_held(self, connection: AsyncConnection) -> bool:
        """Tell whether it is still held, and keep it so until the transaction ends."""
        return await holds_lease(connection, self._name, self._holder, self._clock.now())

    @asynccontextmanager
    async def released_at_the_end(self) -> AsyncIterator[None]:
        """Give the lease back at the end, so that another process need not wait until it has run out."""
        try:
            yield
        finally:
            # Where the database is out of reach, the lease runs out by itself.
            with contextlib.suppress(SQLAlchemyError, OSError):
                async with self._database.transaction() as connection:
                    await release_lease(connection, self._name, self._holder)

    async def keep(self) -> None:
        """Renew the lease for ever, however long a round takes or the pause between two of them."""
        while True:
            await self._clock.sleep(RENEWAL_INTERVAL.total_seconds())
            try:
                if self._is_held:
                    await self.take()
            except (SQLAlchemyError, OSError):
                log.exception("The lease could not be renewed; it is tried again.")
