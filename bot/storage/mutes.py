"""Mutes: a moderator's pause of a server's alerts, for one token or all, with an end."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.mutes import Mutes, MuteSpan
from bot.domain.wrong_clock import is_from_the_future
from bot.storage.account_revisions import server_changed
from bot.storage.due_times import StatementTime, is_from_the_future_sql
from bot.storage.schema import mutes


@dataclass(frozen=True, slots=True)
class Mute:
    """A mute of one token, or of all if `token_id` is None."""

    server_id: int
    token_id: int | None
    expires_at: datetime
    reason: str
    muted_by: int
    muted_at: datetime
    include_urgent: bool = False
    """Whether it holds back urgent alerts too."""

    def corrected(self, now: datetime) -> Self:
        """Return it as it is now: one that a clock set while it was ahead lasts as long as it was meant to."""
        if not is_from_the_future(self.muted_at, now):
            return self
        return replace(self, expires_at=self.expires_at - (self.muted_at - now), muted_at=now)


_NOW = StatementTime()
_OF_SERVER = select(mutes).where(mutes.c.server_id == bindparam("its_server"))
_RUNNING = _OF_SERVER.where(mutes.c.expires_at > _NOW)
_EARLY = _OF_SERVER.where(is_from_the_future_sql(mutes.c.muted_at, _NOW))


async def mutes_of(connection: AsyncConnection, server_id: int, now: datetime) -> list[Mute]:
    """Return the mutes of a server that have not expired, by their end."""
    rows = await connection.execute(_RUNNING, _NOW.values(now) | {"its_server": server_id})
    return sorted((_mute(row).corrected(now) for row in rows), key=lambda mute: mute.expires_at)


async def correct_mutes(connection: AsyncConnection, server_id: int, now: datetime) -> None:
    """Record how long the mutes of a server last that a clock set while it was ahead.

    Otherwise they would begin again when that time comes.
    """
    for row in (await connection.execute(_EARLY, _NOW.values(now) | {"its_server": server_id})).all():
        server_changed(connection, server_id)
        mute = _mute(row).corrected(now)
        values = {"expires_at": mute.expires_at, "muted_at": mute.muted_at}
        await connection.execute(update(mutes).where(mutes.c.id == row.id).values(values))


def _mute(row: Row[Any]) -> Mute:
    return Mute(row.server_id, row.token_id, row.expires_at, row.reason, row.muted_by, row.muted_at, row.include_urgent)


async def mute_spans_of(connection: AsyncConnection, server_id: int, now: datetime) -> Mutes:
    """Return the mutes of a server that have not expired, by token."""
    running = await mutes_of(connection, server_id, now)
    return {mute.token_id: MuteSpan(mute.expires_at, mute.include_urgent) for mute in running}


async def set_mute(connection: AsyncConnection, mute: Mute) -> None:
    """Set a mute, replacing an earlier one of the same token, or of all."""
    server_changed(connection, mute.server_id)
    await remove_mute(connection, mute.server_id, mute.token_id)
    await connection.execute(insert(mutes).values({name: getattr(mute, name) for name in Mute.__slots__}))


async def remove_mute(connection: AsyncConnection, server_id: int, token_id: int | None) -> bool:
    """Remove a mute; False if there was none."""
    server_changed(connection, server_id)
    # In SQL, NULL = NULL is not true, and NULL stands for all tokens here.
    query = delete(mutes).where(mutes.c.server_id == server_id, mutes.c.token_id.is_not_distinct_from(token_id))
    return bool((await connection.execute(query)).rowcount)


async def delete_mutes(connection: AsyncConnection, before: datetime) -> None:
    """Delete the mutes that expired before this time."""
    await connection.execute(delete(mutes).where(mutes.c.expires_at < before))
