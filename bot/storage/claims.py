"""Claims on deliveries: which can be attempted now, and which process attempts them.

A claim expires by itself if its process has died. Each incident's deliveries are sent in the order of their ids.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incidents import Incident
from bot.storage.alert_routes import Route, has_alerts, route_of
from bot.storage.deliveries import (
    INDEPENDENT_OF_ROUTES,
    MAY_BE_HELD_BACK,
    Delivery,
    DeliveryKind,
    delivery_of,
    waits_for,
    without_future,
)
from bot.storage.due_times import (
    CLAIM_DURATION,
    MAX_POSTPONEMENT,
    MAX_ROUTE_PAUSE,
    StatementTime,
    is_ahead_sql,
    is_from_the_future_sql,
)
from bot.storage.incidents import INCIDENT_COLUMNS, PostedMessage, incident_of
from bot.storage.payloads import SummaryPayload
from bot.storage.schema import alert_routes, deliveries, incidents, token_routes

# The notifier claims one of them at a time, so it need not look at all of a long backlog.
_MAX_PENDING = 100


class Lane(Enum):
    """What waits for each other. A digest takes long to compose and to send, so no alert waits for one."""

    ALERTS = auto()
    DIGESTS = auto()


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """The first undelivered delivery of an incident, or one without an incident; with its incident, post and route."""

    delivery: Delivery
    route: Route
    incident: Incident | None
    post: PostedMessage | None

    @property
    def incident_id(self) -> int | None:
        """The id of its incident, if it has one."""
        return self.incident.id if self.incident is not None else None


_NOW = StatementTime()
_other = deliveries.alias("other")
_EDITS = (DeliveryKind.CHANGED, DeliveryKind.REFRESH)
# Where alerts are off, what was posted still has to say how it ended.
_is_closing = or_(
    incidents.c.close_reason.is_not(None),
    and_(incidents.c.resolved_at.is_not(None), incidents.c.posted_message_id.is_not(None)),
    deliveries.c.kind == DeliveryKind.STALE_MESSAGE,
)
# These do not go through the route, so they do not wait for it.
_retry_at = case(
    (deliveries.c.kind.in_(INDEPENDENT_OF_ROUTES), None),
    (token_routes.c.token_id.is_(None), alert_routes.c.retry_at),
    else_=token_routes.c.retry_at,
)
_undelivered = (
    deliveries.join(alert_routes, alert_routes.c.server_id == deliveries.c.server_id)
    .outerjoin(incidents, incidents.c.id == deliveries.c.incident_id)
    .outerjoin(
        token_routes,
        and_(
            token_routes.c.server_id == deliveries.c.server_id,
            token_routes.c.token_id == func.coalesce(deliveries.c.route_token_id, incidents.c.route_token_id),
        ),
    )
)
_POST = (incidents.c.posted_channel_id, incidents.c.posted_message_id)


def _is_first() -> ColumnElement[bool]:
    """Whether no other delivery of the incident has to be sent before this one: they keep their order.

    An edit that Discord does not accept yet holds nothing back. The later delivery edits the message too. Neither does
    what a mute holds back: it is sent with the others, or after them.
    """
    is_postponed_edit = and_(
        _other.c.kind.in_(_EDITS), _other.c.next_attempt_at > _NOW, incidents.c.posted_message_id.is_not(None)
    )
    is_held_back = and_(_other.c.kind.in_(MAY_BE_HELD_BACK), ~_is_claimed(_other.c.claimed_until))
    return ~exists().where(
        _other.c.incident_id == deliveries.c.incident_id,
        _other.c.delivered_at.is_(None),
        _other.c.id != deliveries.c.id,
        or_(_other.c.id < deliveries.c.id, deliveries.c.kind.in_(MAY_BE_HELD_BACK)),
        ~is_postponed_edit,
        ~is_held_back,
    )


def _can_be_sent() -> ColumnElement[bool]:
    """Whether only time is needed: for a retry of the delivery or of its route, or for the end of a claim."""
    return and_(deliveries.c.delivered_at.is_(None), or_(has_alerts(), _is_closing), _is_first())


def _is_void() -> ColumnElement[bool]:
    """Whether the time of the next attempt says nothing, since it comes from a clock that was ahead."""
    next_attempt_at = deliveries.c.next_attempt_at
    is_too_far_ahead = and_(next_attempt_at > _NOW, ~is_ahead_sql(next_attempt_at, _NOW, MAX_POSTPONEMENT))
    return or_(is_too_far_ahead, is_from_the_future_sql(deliveries.c.created_at, _NOW))


def _is_claimed(claimed_until: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(claimed_until.is_not(None), is_ahead_sql(claimed_until, _NOW, CLAIM_DURATION))


def _waits_for_route() -> ColumnElement[bool]:
    return and_(_retry_at.is_not(None), is_ahead_sql(_retry_at, _NOW, MAX_ROUTE_PAUSE))


def _is_claimable() -> ColumnElement[bool]:
    return and_(
        or_(deliveries.c.next_attempt_at <= _NOW, _is_void()),
        ~_waits_for_route(),
        ~_is_claimed(deliveries.c.claimed_until),
    )


def _is_in(lane: Lane) -> ColumnElement[bool]:
    is_digest = deliveries.c.kind == DeliveryKind.DIGEST
    return is_digest if lane is Lane.DIGESTS else ~is_digest


_elsewhere = deliveries.c.server_id.not_in(bindparam("without", expanding=True))
# In the order of an index, so that the database need not read all that waits.
_SERVERS_DUE = {
    lane: select(deliveries.c.server_id)
    .select_from(_undelivered)
    .where(_is_in(lane), _elsewhere, _can_be_sent(), _is_claimable())
    .order_by(deliveries.c.urgency.desc(), deliveries.c.next_attempt_at)
    .limit(_MAX_PENDING)
    for lane in Lane
}
_due_at = case(
    (_is_claimed(deliveries.c.claimed_until), deliveries.c.claimed_until),
    (and_(_waits_for_route(), _retry_at > deliveries.c.next_attempt_at), _retry_at),
    (_is_void(), _NOW),
    else_=deliveries.c.next_attempt_at,
)
_NEXT_DUE = select(func.min(_due_at)).select_from(_undelivered).where(_can_be_sent(), _elsewhere)
_CLAIMABLE = {
    lane: select(deliveries, *INCIDENT_COLUMNS, *alert_routes.c, *token_routes.c, *_POST)
    .select_from(_undelivered)
    .where(deliveries.c.server_id == bindparam("its_server"), _is_in(lane), _can_be_sent(), _is_claimable())
    .order_by(deliveries.c.urgency.desc(), deliveries.c.id)
    .limit(_MAX_PENDING)
    .with_for_update(of=deliveries, skip_locked=True)
    for lane in Lane
}


async def servers_due(
    connection: AsyncConnection, now: datetime, lane: Lane = Lane.ALERTS, *, without: Collection[int] = ()
) -> list[int]:
    """Return servers other than these with deliveries to attempt now, the most urgent first.

    It looks at 100 deliveries. If they are of few servers, there may be others: ask again without those.
    """
    values = _NOW.values(now) | {"without": list(without)}
    return list(dict.fromkeys((await connection.scalars(_SERVERS_DUE[lane], values)).all()))


async def next_due(connection: AsyncConnection, now: datetime, *, without: Collection[int] = ()) -> datetime | None:
    """Return when the next delivery can be attempted, in servers other than these; None if there is none to send."""
    next_attempt_at: datetime | None = await connection.scalar(_NEXT_DUE, _NOW.values(now) | {"without": list(without)})
    return next_attempt_at


async def claimable_deliveries(
    connection: AsyncConnection, server_id: int, now: datetime, lane: Lane = Lane.ALERTS
) -> list[PendingDelivery]:
    """Return a server's deliveries to attempt now, one for each incident, the most urgent first, and lock them.

    SKIP LOCKED: on PostgreSQL, deliveries that another process has locked are left out. SQLAlchemy emits no FOR UPDATE
    for SQLite, which needs none: a writing transaction is alone there.
    """
    found = await connection.execute(_CLAIMABLE[lane], _NOW.values(now) | {"its_server": server_id})
    return [_pending_delivery(row) for row in found.mappings()]


async def claim(connection: AsyncConnection, pending: PendingDelivery, until: datetime) -> list[Delivery]:
    """Claim a delivery and count the attempt; return it with all later ones of its incident, and any held back."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id == pending.delivery.id)
        .values(
            claimed_until=until,
            attempts=deliveries.c.attempts + 1,
            created_at=without_future(deliveries.c.created_at, until - CLAIM_DURATION),
        )
    )
    belongs_to_it = (
        deliveries.c.id == pending.delivery.id
        if pending.incident_id is None
        else and_(
            waits_for(pending.incident_id),
            or_(deliveries.c.id >= pending.delivery.id, deliveries.c.kind.in_(MAY_BE_HELD_BACK)),
        )
    )
    is_later = deliveries.c.id != pending.delivery.id
    query = select(deliveries).where(belongs_to_it).order_by(is_later, deliveries.c.id)
    return [delivery_of(row) for row in (await connection.execute(query)).mappings()]


async def is_claimed(connection: AsyncConnection, delivery_id: int, until: datetime) -> bool:
    """Whether a claim still stands. It is locked until the end of the transaction."""
    query = (
        select(deliveries.c.id)
        .where(deliveries.c.id == delivery_id, deliveries.c.claimed_until == until)
        .with_for_update()
    )
    return await connection.scalar(query) is not None


async def count_waiting_alerts(connection: AsyncConnection, route: Route) -> int:
    """Return how many incidents wait to be posted or updated through a route."""
    is_own = token_routes.c.token_id.is_(None) if route.token_id is None else token_routes.c.token_id == route.token_id
    query = (
        select(deliveries.c.incident_id, deliveries.c.payload)
        .select_from(_undelivered)
        .where(deliveries.c.server_id == route.server_id, is_own, deliveries.c.delivered_at.is_(None))
        .where(deliveries.c.incident_id.is_not(None))
    )
    waiting: set[int] = set()
    for incident_id, payload in await connection.execute(query):
        waiting.update(payload.incident_ids if isinstance(payload, SummaryPayload) else [incident_id])
    return len(waiting)


async def release(connection: AsyncConnection, delivery_id: int) -> None:
    """Give up a claim. The delivery can be attempted again at once."""
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(claimed_until=None))


def _pending_delivery(row: RowMapping) -> PendingDelivery:
    has_own_route = row[token_routes.c.token_id] is not None
    table = token_routes if has_own_route else alert_routes
    route = route_of({c.name: row[c] for c in table.c} | {"account_id": row[alert_routes.c.account_id]})
    channel_id, discord_message_id = (row[column] for column in _POST)
    return PendingDelivery(
        delivery=delivery_of(row),
        route=route,
        incident=incident_of(row) if row[incidents.c.id] is not None else None,
        post=PostedMessage(channel_id, discord_message_id) if channel_id is not None else None,
    )
