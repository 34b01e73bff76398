"""Retention: what is deleted once it is older than it is promised to be kept; each a small step of a few rows."""

from datetime import datetime

from sqlalchemy import and_, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.deliveries import DeliveryKind
from bot.storage.schema import deliveries, incidents, samples, token_names, token_states, tokens

BATCH_SIZE = 100
"""How many incidents or deliveries are deleted in one transaction, an incident with all that hangs on it."""


async def delete_deliveries(connection: AsyncConnection, before: datetime) -> bool:
    """Delete some deliveries that arrived before this time; whether there may be more. One that waits never goes."""
    old = select(deliveries.c.id).where(deliveries.c.delivered_at < before).order_by(deliveries.c.id)
    deleted = await connection.execute(delete(deliveries).where(deliveries.c.id.in_(old.limit(BATCH_SIZE))))
    return deleted.rowcount == BATCH_SIZE


async def delete_incidents(connection: AsyncConnection, before: datetime) -> bool:
    """Delete some incidents that ended before this time, with their timelines; whether there may be more.

    One that is open never goes, nor one of which something still waits to be delivered.
    """
    waits = deliveries.c.delivered_at.is_(None)
    awaited = select(deliveries.c.payload).where(waits, deliveries.c.kind == DeliveryKind.SUMMARY)
    summed_up = {id_ for payload in await connection.scalars(awaited) for id_ in payload.incident_ids}
    old = (
        select(incidents.c.id)
        .where(incidents.c.resolved_at < before, incidents.c.id.not_in(sorted(summed_up)))
        .where(~exists().where(and_(deliveries.c.incident_id == incidents.c.id, waits)))
        .order_by(incidents.c.id)
        .limit(BATCH_SIZE)
    )
    deleted = await connection.execute(delete(incidents).where(incidents.c.id.in_(old)))
    return deleted.rowcount == BATCH_SIZE


async def delete_tokens(connection: AsyncConnection, account_id: int, before: datetime) -> list[int]:
    """Delete the tokens that were no longer listed before this time, with all that is kept of each; which those were.

    So go those that were read last before it: ones that were watched, or of a key that may not list its fleet any more.
    A token whose samples are not all gone yet (see `bot.storage.downsampling`) waits for that: they may be many.
    """
    has_samples = exists().where(samples.c.account_id == tokens.c.account_id, samples.c.token_id == tokens.c.token_id)
    silent = (
        select(tokens.c.token_id, tokens.c.reading, tokens.c.missing_since)
        .where(tokens.c.account_id == account_id, tokens.c.sampled_at < before, ~has_samples)
        .with_for_update()
    )
    gone = [
        row.token_id
        for row in await connection.execute(silent)
        if not row.reading.listed or (row.missing_since is not None and row.missing_since < before)
    ]
    if gone:
        is_gone = tokens.c.token_id.in_(gone)
        await connection.execute(delete(tokens).where(tokens.c.account_id == account_id, is_gone))
        for table in (token_states, token_names):
            # Another account may know a token of the same number.
            known_elsewhere = table.c.token_id.in_(select(tokens.c.token_id))
            await connection.execute(delete(table).where(table.c.token_id.in_(gone), ~known_elsewhere))
    return gone
