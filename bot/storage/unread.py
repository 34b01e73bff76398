"""Deliveries that nobody will ever read, because a route has been broken, or a server not allowed, for weeks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.alert_routes import lock_server
from bot.storage.deliveries import MAY_BE_HELD_BACK, MODERATOR_NOTICES, DeliveryKind
from bot.storage.parts import rows_of
from bot.storage.payloads import RestoredRoutePayload, SummaryPayload
from bot.storage.schema import deliveries, incidents, token_routes

_BATCH_SIZE = 100
_OUTDATED = (
    DeliveryKind.SUMMARY,
    DeliveryKind.QUIET_SUMMARY,
    DeliveryKind.DIGEST,
    DeliveryKind.TEST,
    DeliveryKind.STALE_MESSAGE,
    *MODERATOR_NOTICES,
)
_UPDATES = (DeliveryKind.CHANGED, DeliveryKind.REFRESH, DeliveryKind.REMINDER, DeliveryKind.ESCALATED)
_other = deliveries.alias("other")


async def delete_unread(connection: AsyncConnection, before: datetime) -> bool:
    """Delete a batch of undelivered deliveries from before this time; return whether there may be more.

    Deleted are those of incidents that were resolved before then and never posted, updates of open incidents that an
    earlier delivery brings along, and what is out of date by itself. The message about a route that works again says
    how many alerts were never posted.
    """
    found = await _find(connection, before)
    if not found:
        return False
    server_id = found[0].server_id
    await lock_server(connection, server_id)
    its = [row for row in found if row.server_id == server_id]
    await connection.execute(delete(deliveries).where(deliveries.c.id.in_([row.id for row in its])))
    for route_token_id, number in _count_alerts(its).items():
        await _count_dropped(connection, server_id, route_token_id, number)
    return True


async def _find(connection: AsyncConnection, before: datetime) -> list[Row[Any]]:
    query = (
        select(
            *(deliveries.c.id, deliveries.c.server_id, deliveries.c.kind, deliveries.c.payload),
            token_routes.c.token_id.label("route_token_id"),
        )
        .select_from(deliveries)
        .outerjoin(incidents, incidents.c.id == deliveries.c.incident_id)
        .outerjoin(
            token_routes,
            and_(
                token_routes.c.server_id == deliveries.c.server_id,
                token_routes.c.token_id == incidents.c.route_token_id,
            ),
        )
        .where(deliveries.c.delivered_at.is_(None), deliveries.c.created_at < before, _is_unread(before))
        .order_by(deliveries.c.server_id, deliveries.c.id)
        .limit(_BATCH_SIZE)
    )
    return [row async for row in rows_of(connection, query)]


def _is_unread(before: datetime) -> ColumnElement[bool]:
    """Whether nobody would miss a delivery. A message that is in Discord is still edited when that is possible."""
    is_over = and_(incidents.c.resolved_at < before, incidents.c.posted_message_id.is_(None))
    is_brought_along = exists().where(
        _other.c.incident_id == deliveries.c.incident_id,
        _other.c.id < deliveries.c.id,
        _other.c.delivered_at.is_(None),
        _other.c.kind.not_in(MAY_BE_HELD_BACK),
    )
    return or_(
        and_(is_over, deliveries.c.kind != DeliveryKind.SUMMARY),
        deliveries.c.kind.in_(_OUTDATED),
        and_(deliveries.c.kind.in_(_UPDATES), is_brought_along),
    )


def _count_alerts(rows: Sequence[Row[Any]]) -> Counter[int | None]:
    """Return how many incidents nobody was notified of, by the token whose own route they have, if any."""
    alerts: Counter[int | None] = Counter()
    for row in rows:
        if isinstance(row.payload, SummaryPayload):
            alerts[row.route_token_id] += len(row.payload.incident_ids)
        elif row.kind == DeliveryKind.STARTED:
            alerts[row.route_token_id] += 1
    return alerts


async def _count_dropped(connection: AsyncConnection, server_id: int, route_token_id: int | None, number: int) -> None:
    """Add to what the message says that is sent when the route works again."""
    is_it = and_(
        deliveries.c.server_id == server_id,
        deliveries.c.route_token_id.is_not_distinct_from(route_token_id),
        deliveries.c.kind == DeliveryKind.ROUTE_RESTORED,
        deliveries.c.delivered_at.is_(None),
    )
    for row in (await connection.execute(select(deliveries.c.id, deliveries.c.payload).where(is_it))).all():
        if isinstance(row.payload, RestoredRoutePayload):
            payload = replace(row.payload, dropped=row.payload.dropped + number)
            await connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(payload=payload))
