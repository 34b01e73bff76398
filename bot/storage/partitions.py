"""Partitions: which process checks which accounts. Each account belongs to one, and a process holds its share of them.

The partitions of a dead process expire by themselves. Times are from the clocks of the processes, which must agree
within a few seconds.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.wrong_clock import CLOCK_SKEW
from bot.storage.columns import UtcDateTime
from bot.storage.due_times import LEASE_DURATION, is_ahead_sql
from bot.storage.schema import accounts, partitions, processes
from bot.storage.upsert import insert_if_new

NUMBER_OF_PARTITIONS = 64

# Parameters of the statements below, which are built once: building one takes longer than executing it.
_HOLDER: BindParameter[str] = bindparam("its_holder")
_NOW = bindparam("now", type_=UtcDateTime())
_UNTIL = bindparam("until", type_=UtcDateTime())
# A time further ahead comes from a clock that has been put right since (`bot.storage.due_times`).
_LATEST = bindparam("latest", type_=UtcDateTime())


def _parameters(holder: str, now: datetime) -> dict[str, object]:
    until = now + LEASE_DURATION
    return {"its_holder": holder, "now": now, "until": until, "latest": until + CLOCK_SKEW}


def _is_ahead(expires_at: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(expires_at > _NOW, expires_at <= _LATEST)


_LIVE_ON = update(processes).where(processes.c.id == _HOLDER).values(expires_at=_UNTIL)
# Live processes have equal shares, rounded up.
_LIVE = select(func.count()).where(_is_ahead(processes.c.expires_at)).scalar_subquery()
_SHARE = (NUMBER_OF_PARTITIONS - 1 + _LIVE) // _LIVE
_HELD = select(func.count()).where(partitions.c.holder == _HOLDER).scalar_subquery()
# What a process holds and can keep: the lowest numbers, so that the same accounts stay with it. The lock is that of an
# update, so the running checks of a partition do not keep it from being renewed.
_OWN = (
    select(partitions.c.number)
    .where(partitions.c.holder == _HOLDER)
    .order_by(partitions.c.number)
    .limit(_SHARE)
    .with_for_update(key_share=True, skip_locked=True)
    .cte("own")
)
# What it can take. Skipped is what another takes, or still records a check of.
_FREE = (
    select(partitions.c.number)
    .where(
        or_(partitions.c.holder.is_(None), not_(_is_ahead(partitions.c.expires_at))),
        partitions.c.holder.is_distinct_from(_HOLDER),
    )
    .order_by(partitions.c.number)
    .limit(case((_SHARE > _HELD, _SHARE - _HELD), else_=0))
    .with_for_update(skip_locked=True)
    .cte("free")
)
_TAKE = (
    update(partitions)
    .where(or_(*(partitions.c.number.in_(select(some.c.number)) for some in (_OWN, _FREE))))
    .values(holder=_HOLDER, expires_at=_UNTIL)
    .returning(partitions.c.number)
)
# FOR KEY SHARE is shared by the checks of a partition, and does not wait for a renewal, which changes no key. It makes
# whoever would take the partition wait, or skip it.
_HOLDS = (
    select(partitions.c.number)
    .where(
        partitions.c.number == bindparam("its_number"),
        partitions.c.holder == _HOLDER,
        partitions.c.expires_at > _NOW,
    )
    .with_for_update(read=True, key_share=True)
)
_ACCOUNTS = (
    select(accounts.c.id)
    .join(partitions, partitions.c.number == accounts.c.id % NUMBER_OF_PARTITIONS)
    .where(partitions.c.holder == _HOLDER)
)


def partition_of(account_id: int) -> int:
    """Return the partition of an account."""
    return account_id % NUMBER_OF_PARTITIONS


async def prepare_partitions(connection: AsyncConnection, now: datetime) -> None:
    """Add the rows that are missing, and delete those of dead processes. For each process that holds none."""
    rows = [{"number": number} for number in range(NUMBER_OF_PARTITIONS)]
    await insert_if_new(connection, partitions, rows, unique="number")
    is_live = is_ahead_sql(processes.c.expires_at, now, LEASE_DURATION)
    await connection.execute(delete(processes).where(~is_live))


async def take_partitions(connection: AsyncConnection, holder: str, now: datetime) -> frozenset[int]:
    """Renew what a process holds, take what is free, up to its share, and return the partitions that it holds then.

    Partitions above its share are not renewed; `give_back` frees them.
    """
    parameters = _parameters(holder, now)
    # There is no row at first, and after others took this process for dead.
    if not (await connection.execute(_LIVE_ON, parameters)).rowcount:
        await connection.execute(insert(processes).values(id=holder, expires_at=parameters["until"]))
    return frozenset(await connection.scalars(_TAKE, parameters))


async def holds_partition(connection: AsyncConnection, number: int, holder: str, now: datetime) -> bool:
    """Whether a process still holds a partition. Nobody takes it until the end of the transaction."""
    return await connection.scalar(_HOLDS, {"its_number": number, "its_holder": holder, "now": now}) is not None


async def count_processes(connection: AsyncConnection, now: datetime) -> int:
    """Return the number of live processes."""
    live = select(func.count()).where(is_ahead_sql(processes.c.expires_at, now, LEASE_DURATION))
    return int((await connection.execute(live)).scalar_one())


async def give_back(connection: AsyncConnection, numbers: Collection[int], holder: str) -> None:
    """Free partitions for other processes."""
    is_own = (partitions.c.holder == holder) & partitions.c.number.in_(numbers)
    await connection.execute(update(partitions).where(is_own).values(holder=None, expires_at=None))


async def leave(connection: AsyncConnection, holder: str) -> None:
    """Free all partitions of a process that ends, so that others need not wait until they expire."""
    await connection.execute(delete(processes).where(processes.c.id == holder))
    await give_back(connection, range(NUMBER_OF_PARTITIONS), holder)


async def accounts_of(connection: AsyncConnection, holder: str) -> frozenset[int]:
    """Return the ids of the accounts in the partitions of a process."""
    return frozenset(await connection.scalars(_ACCOUNTS, {"its_holder": holder}))
