"""Traces: the message ids that were traced recently in a server, for autocomplete."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import traces
from bot.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """A message that was traced in a server, its token, and when it was traced last."""

    server_id: int
    message_id: UUID
    token_id: int
    traced_at: datetime


async def save_traces(connection: AsyncConnection, traced: Sequence[TraceRecord]) -> None:
    """Save traces. An earlier trace of the same message is replaced."""
    latest = {(one.server_id, one.message_id): one for one in traced}
    await upsert(connection, traces, [asdict(one) for one in latest.values()])


async def delete_traces(connection: AsyncConnection, before: datetime) -> None:
    """Delete the traces from before this time."""
    await connection.execute(delete(traces).where(traces.c.traced_at < before))


async def recent_traces(connection: AsyncConnection, server_id: int, *, most: int) -> list[TraceRecord]:
    """Return a server's latest traces, up to `most`, latest first."""
    query = select(traces).where(traces.c.server_id == server_id).order_by(traces.c.traced_at.desc()).limit(most)
    return [TraceRecord(**row._asdict()) for row in await connection.execute(query)]
