"""Leases: which process does what only one may do at a time. A lease ends by itself where its holder has died.

Times are those of the processes, whose clocks must not differ by more than a few seconds.
"""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import deliveries, leases
from bot.storage.upsert import insert_if_new


async def take_lease(connection: AsyncConnection, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take a lease that is free, or hold on to one's own; False where another process holds it."""
    query = (
        update(leases)
        .where(leases.c.name == name, (leases.c.holder == holder) | (leases.c.until <= now))
        .values(holder=holder, until=until)
    )
    if (await connection.execute(query)).rowcount:
        return True
    await insert_if_new(connection, leases, {"name": name, "holder": holder, "until": until}, unique="name")
    return bool((await connection.execute(query)).rowcount)


async def holds_lease(connection: AsyncConnection, name: str, holder: str, now: datetime) -> bool:
    """Tell whether a process still holds a lease, and let no other take it until the transaction ends."""
    query = (
        select(leases.c.name)
        .where(leases.c.name == name, leases.c.holder == holder, leases.c.until > now)
        .with_for_update()
    )
    return await connection.scalar(query) is not None


async def release_lease(connection: AsyncConnection, name: str, holder: str) -> None:
    """Give a lease back, so that another process need not wait for its end."""
    await connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


async def forget_claims(connection: AsyncConnection) -> None:
    """Free all leases and deliveries, where no other process can be: what a killed one held is taken up at once."""
    await connection.execute(delete(leases))
    await connection.execute(
        update(deliveries).where(deliveries.c.claimed_until.is_not(None)).values(claimed_until=None)
    )
