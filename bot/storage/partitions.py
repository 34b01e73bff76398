"""Partitions: which process checks which accounts. Each account belongs to one, and a process holds its share of them.

The partitions of a dead process expire by themselves. Times are from the clocks of the processes, which must agree
within a few seconds.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import UtcDateTime
from bot.storage.due_times import LEASE_DURATION, is_ahead_sql
from bot.storage.schema import accounts, partitions, processes
from bot.storage.upsert import insert_if_new, upsert

NUMBER_OF_PARTITIONS = 64

# FOR KEY SHARE is shared by the checks of a partition, and does not wait for a renewal, which changes no key. It makes
# whoever would take the partition wait (`_free`).
_HELD = (
    select(partitions.c.number)
    .where(
        partitions.c.number == bindparam("of_number"),
        partitions.c.holder == bindparam("of_holder"),
        partitions.c.expires_at > bindparam("at", type_=UtcDateTime()),
    )
    .with_for_update(read=True, key_share=True)
)


def partition_of(account_id: int) -> int:
    """Return the partition of an account."""
    return account_id % NUMBER_OF_PARTITIONS


async def prepare_partitions(connection: AsyncConnection, now: datetime) -> None:
    """Add the rows that are missing, and delete those of dead processes. For each process, before it takes any."""
    rows = [{"number": number} for number in range(NUMBER_OF_PARTITIONS)]
    await insert_if_new(connection, partitions, rows, unique="number")
    is_live = is_ahead_sql(processes.c.expires_at, now, LEASE_DURATION)
    await connection.execute(delete(processes).where(~is_live))


async def take_partitions(connection: AsyncConnection, holder: str, now: datetime) -> frozenset[int]:
    """Renew what a process holds, take what is free, up to its share, and return the partitions that it holds then.

    Live processes have equal shares, rounded up. Partitions above that are not renewed; `give_back` frees them.
    """
    until = now + LEASE_DURATION
    await upsert(connection, processes, [{"id": holder, "expires_at": until}])
    share = _share(now)
    own, free = _own(holder, share).cte("own"), _free(holder, share, now).cte("free")
    numbers = or_(*(partitions.c.number.in_(select(some.c.number)) for some in (own, free)))
    taken = update(partitions).where(numbers).values(holder=holder, expires_at=until)
    return frozenset(await connection.scalars(taken.returning(partitions.c.number)))


def _share(now: datetime) -> ColumnElement[int]:
    live = select(func.count()).where(is_ahead_sql(processes.c.expires_at, now, LEASE_DURATION)).scalar_subquery()
    return (NUMBER_OF_PARTITIONS - 1 + live) // live


def _own(holder: str, share: ColumnElement[int]) -> Select[tuple[int]]:
    """Return a query of what a process holds and can keep: the lowest numbers, so that the same accounts stay with it.

    The lock is that of an update, so the running checks of a partition do not keep it from being renewed.
    """
    query = select(partitions.c.number).where(partitions.c.holder == holder).order_by(partitions.c.number).limit(share)
    return query.with_for_update(key_share=True, skip_locked=True)


def _free(holder: str, share: ColumnElement[int], now: datetime) -> Select[tuple[int]]:
    """Return a query of what a process can take. Skipped is what another takes, or still records a check of."""
    held = select(func.count()).where(partitions.c.holder == holder).scalar_subquery()
    is_free = or_(partitions.c.holder.is_(None), ~is_ahead_sql(partitions.c.expires_at, now, LEASE_DURATION))
    query = select(partitions.c.number).where(is_free, partitions.c.holder.is_distinct_from(holder))
    query = query.order_by(partitions.c.number).limit(case((share > held, share - held), else_=0))
    return query.with_for_update(skip_locked=True)


async def holds_partition(connection: AsyncConnection, number: int, holder: str, now: datetime) -> bool:
    """Whether a process still holds a partition. Nobody takes it until the end of the transaction."""
    return await connection.scalar(_HELD, {"of_number": number, "of_holder": holder, "at": now}) is not None


async def give_back(connection: AsyncConnection, numbers: Collection[int], holder: str) -> None:
    """Free partitions for other processes."""
    is_own = (partitions.c.holder == holder) & partitions.c.number.in_(numbers)
    await connection.execute(update(partitions).where(is_own).values(holder=None, expires_at=None))


async def leave(connection: AsyncConnection, holder: str) -> None:
    """Free all partitions of a process that ends, so that others need not wait until they expire."""
    await connection.execute(delete(processes).where(processes.c.id == holder))
    await give_back(connection, range(NUMBER_OF_PARTITIONS), holder)


async def accounts_in(connection: AsyncConnection, numbers: Collection[int]) -> frozenset[int]:
    """Return the ids of the accounts in these partitions."""
    query = select(accounts.c.id).where((accounts.c.id % NUMBER_OF_PARTITIONS).in_(numbers))
    return frozenset(await connection.scalars(query))
