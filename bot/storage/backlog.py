"""What waits, in one server or in all: deliveries that Discord has not accepted, and routes that it refuses."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.alert_routes import has_alerts
from bot.storage.deliveries import MODERATOR_NOTICES, DeliveryKind
from bot.storage.schema import alert_routes, deliveries, token_routes

# They wait for as long as Discord refuses a channel.
_NO_ALERTS = (DeliveryKind.ROUTE_RESTORED, DeliveryKind.STALE_MESSAGE)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The number of all servers' deliveries that should have been sent by now, and when the oldest was recorded."""

    number: int
    oldest_at: datetime | None


async def count_waiting(connection: AsyncConnection, now: datetime) -> Waiting:
    """Return the deliveries that are due, or have failed. What a mute holds back is not due."""
    is_late = or_(deliveries.c.next_attempt_at <= now, deliveries.c.last_error.is_not(None))
    query = (
        select(func.count(), func.min(deliveries.c.created_at))
        .select_from(deliveries.join(alert_routes, alert_routes.c.server_id == deliveries.c.server_id))
        .where(deliveries.c.delivered_at.is_(None), deliveries.c.kind.not_in(_NO_ALERTS))
        .where(is_late, has_alerts())
    )
    return Waiting(*(await connection.execute(query)).one())


async def count_broken_routes(connection: AsyncConnection) -> int:
    """Return how many routes Discord refuses: of servers, and of single tokens."""
    of_servers = select(func.count()).where(has_alerts(), alert_routes.c.disabled_reason.is_not(None))
    its_server = and_(alert_routes.c.server_id == token_routes.c.server_id, has_alerts())
    of_tokens = (
        select(func.count())
        .select_from(token_routes.join(alert_routes, its_server))
        .where(token_routes.c.disabled_reason.is_not(None))
    )
    query = select(of_servers.scalar_subquery() + of_tokens.scalar_subquery())
    return int((await connection.execute(query)).scalar_one())


@dataclass(frozen=True, slots=True)
class Backlog:
    """The number of a server's undelivered deliveries, and the last error of the oldest one that has one."""

    number: int
    last_error: str | None


async def get_backlog(connection: AsyncConnection, server_id: int) -> Backlog:
    """Return what is still to be delivered to a server."""
    query = (
        select(deliveries.c.last_error)
        .where(deliveries.c.server_id == server_id, deliveries.c.delivered_at.is_(None))
        .where(deliveries.c.kind.not_in((*_NO_ALERTS, *MODERATOR_NOTICES)))
        .order_by(deliveries.c.id)
    )
    errors = (await connection.scalars(query)).all()
    # A delivery that is held back by a mute has no error.
    return Backlog(number=len(errors), last_error=next(filter(None, errors), None))


async def delivery_state(connection: AsyncConnection, delivery_id: int) -> tuple[bool, str | None]:
    """Return whether a delivery has arrived, and the error of its last attempt."""
    query = select(deliveries.c.delivered_at, deliveries.c.last_error).where(deliveries.c.id == delivery_id)
    row = (await connection.execute(query)).one_or_none()
    # It is deleted if alerts were switched off, or another test has replaced it.
    return (row.delivered_at is not None, row.last_error) if row is not None else (False, None)
