"""Samples for an export: all of a period, in parts, as they are stored."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import samples

_PART = 2000


async def stream_samples(
    connection: AsyncConnection, account_id: int, token_id: int | None, since: datetime, until: datetime
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield the samples of a token, or of all, by token and time, a few thousand at a time.

    A row has the token's id, the time in milliseconds since 1970, the mode, and what is left and the total in
    milliseconds, or None. Values are not converted, since that would block the event loop.
    """
    query = (
        select(
            samples.c.token_id,
            type_coerce(samples.c.read_at, BigInteger),
            samples.c.mode,
            type_coerce(samples.c.fast_left, BigInteger),
            type_coerce(samples.c.fast_total, BigInteger),
        )
        .where(samples.c.account_id == account_id, samples.c.read_at >= since, samples.c.read_at <= until)
        .order_by(samples.c.token_id, samples.c.read_at)
    )
    if token_id is not None:
        query = query.where(samples.c.token_id == token_id)
    async with connection.stream(query) as rows:
        async for part in rows.partitions(_PART):
            yield part
