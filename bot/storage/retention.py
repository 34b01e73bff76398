"""Retention: deletion of data beyond its retention period, a few rows in each step."""

from datetime import datetime

from sqlalchemy import and_, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.deliveries import DeliveryKind
from bot.storage.schema import deliveries, incidents, samples, token_names, token_owners, token_states, tokens

BATCH_SIZE = 100
"""How many incidents or deliveries are deleted in one transaction; an incident with all that refers to it."""


async def delete_deliveries(connection: AsyncConnection, before: datetime) -> bool:
    """Delete a batch of deliveries that arrived before this time; return whether there may be more.

    Undelivered ones stay, however old they are.
    """
    old = select(deliveries.c.id).where(deliveries.c.delivered_at < before).order_by(deliveries.c.id)
    deleted = await connection.execute(delete(deliveries).where(deliveries.c.id.in_(old.limit(BATCH_SIZE))))
    return deleted.rowcount == BATCH_SIZE


async def delete_incidents(connection: AsyncConnection, before: datetime) -> bool:
    """Delete a batch of incidents that were resolved before this time; return whether there may be more.

    Open incidents stay, and those with undelivered messages.
    """
    is_undelivered = deliveries.c.delivered_at.is_(None)
    is_summary = deliveries.c.kind.in_((DeliveryKind.SUMMARY, DeliveryKind.QUIET_SUMMARY))
    summaries = select(deliveries.c.payload).where(is_undelivered, is_summary)
    summarized = {id_ for payload in await connection.scalars(summaries) for id_ in payload.incident_ids}
    old = (
        select(incidents.c.id)
        .where(incidents.c.resolved_at < before, incidents.c.id.not_in(sorted(summarized)))
        .where(~exists().where(and_(deliveries.c.incident_id == incidents.c.id, is_undelivered)))
        .order_by(incidents.c.id)
        .limit(BATCH_SIZE)
    )
    deleted = await connection.execute(delete(incidents).where(incidents.c.id.in_(old)))
    return deleted.rowcount == BATCH_SIZE


async def delete_tokens(connection: AsyncConnection, account_id: int, before: datetime) -> list[int]:
    """Delete the tokens that have not been listed or read since this time, with all their data; return their ids.

    A token that is not read any more was watched, or its key may no longer list the fleet. A token that still has
    samples stays until `bot.storage.downsampling` has deleted them, since there may be many.
    """
    has_samples = exists().where(samples.c.account_id == tokens.c.account_id, samples.c.token_id == tokens.c.token_id)
    unchanged = (
        select(tokens.c.token_id, tokens.c.reading, tokens.c.missing_since)
        .where(tokens.c.account_id == account_id, tokens.c.sampled_at < before, ~has_samples)
        .with_for_update()
    )
    gone = [
        row.token_id
        for row in await connection.execute(unchanged)
        if not row.reading.listed or (row.missing_since is not None and row.missing_since < before)
    ]
    if gone:
        is_gone = tokens.c.token_id.in_(gone)
        await connection.execute(delete(tokens).where(tokens.c.account_id == account_id, is_gone))
        for table in (token_states, token_names, token_owners):
            # These tables have no account, and another account may have a token with the same id.
            known_elsewhere = table.c.token_id.in_(select(tokens.c.token_id))
            await connection.execute(delete(table).where(table.c.token_id.in_(gone), ~known_elsewhere))
    return gone
