"""Deliveries: alerts on their way to one server's channel, recorded before anything is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, RowMapping, and_, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import Urgency
from bot.domain.incident_updates import UpdateType
from bot.domain.incidents import Incident
from bot.storage.alert_routes import Route, lock_server, route_of
from bot.storage.incidents import INCIDENT_COLUMNS, PostedMessage, incident_of
from bot.storage.payloads import Payload
from bot.storage.schema import alert_routes, deliveries, incidents, token_routes

_MAX_PENDING = 100


class DeliveryKind(StrEnum):
    """What a delivery brings."""

    STARTED = UpdateType.STARTED
    CHANGED = UpdateType.CHANGED
    WORSENED = UpdateType.WORSENED
    RESOLVED = UpdateType.RESOLVED
    REMINDER = UpdateType.REMINDER
    REFRESH = UpdateType.REFRESH
    SUMMARY = "summary"
    """Incidents that ended before anyone could be told."""
    ROUTE_BROKEN = "route_broken"
    TEST = "test"
    DIGEST = "digest"
    """How the tokens have been."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. The nonce is the same at each try, so that Discord drops a repeat; `tries` counts this one."""

    id: int
    kind: DeliveryKind
    nonce: str
    attempts: int
    payload: Payload | None = None


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """The first delivery of those that wait for an incident, or one without; the incident, its post and its route."""

    delivery: Delivery
    route: Route
    incident: Incident | None
    post: PostedMessage | None

    @property
    def incident_id(self) -> int | None:
        """The id of its incident, which has one once it is recorded."""
        return self.incident.id if self.incident is not None else None


async def record_delivery(
    connection: AsyncConnection,
    kind: DeliveryKind,
    *,
    server_id: int,
    nonce: str,
    now: datetime,
    incident_id: int | None = None,
    urgency: Urgency = Urgency.ROUTINE,
    payload: Payload | None = None,
) -> int:
    """Record one delivery, due at once; return its id. What waits before it for the same incident becomes as urgent.

    What an incident has come to is recorded by `incident_updates.record_update`.
    """
    row = {
        "server_id": server_id,
        "incident_id": incident_id,
        "kind": kind,
        "urgency": urgency,
        "nonce": nonce,
        "created_at": now,
        "next_attempt_at": now,
        "payload": payload,
    }
    id_ = int((await connection.execute(insert(deliveries).values(row).returning(deliveries.c.id))).scalar_one())
    if incident_id is not None and urgency > Urgency.ROUTINE:
        await raise_urgency(connection, incident_id, urgency)
    return id_


async def raise_urgency(connection: AsyncConnection, incident_id: int, urgency: Urgency) -> None:
    """Have what waits for an incident go out as soon as this urgency demands, or sooner."""
    await connection.execute(
        update(deliveries).where(_waits_for(incident_id), deliveries.c.urgency < urgency).values(urgency=urgency)
    )


def _waits_for(incident_id: int) -> ColumnElement[bool]:
    return and_(deliveries.c.incident_id == incident_id, deliveries.c.delivered_at.is_(None))


_earlier = deliveries.alias("earlier")
# An incident's deliveries go out in the order in which they were recorded.
_is_first = ~exists().where(
    _earlier.c.incident_id == deliveries.c.incident_id,
    _earlier.c.id < deliveries.c.id,
    _earlier.c.delivered_at.is_(None),
)
_route_works = and_(
    alert_routes.c.disabled_reason.is_distinct_from(DisabledReason.SERVER_NOT_ALLOWED),
    or_(
        deliveries.c.kind == DeliveryKind.ROUTE_BROKEN,
        case(
            (token_routes.c.token_id.is_(None), alert_routes.c.disabled_reason), else_=token_routes.c.disabled_reason
        ).is_(None),
    ),
)
_undelivered = (
    deliveries.join(alert_routes, alert_routes.c.server_id == deliveries.c.server_id)
    .outerjoin(incidents, incidents.c.id == deliveries.c.incident_id)
    .outerjoin(
        token_routes,
        and_(token_routes.c.server_id == deliveries.c.server_id, token_routes.c.token_id == incidents.c.route_token_id),
    )
)
_can_go = and_(deliveries.c.delivered_at.is_(None), _route_works, _is_first)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return and_(
        deliveries.c.next_attempt_at <= now,
        or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until <= now),
    )


async def servers_due(connection: AsyncConnection, now: datetime) -> list[int]:
    """List the servers that have something to be tried now, the most urgent first."""
    query = (
        select(deliveries.c.server_id)
        .select_from(_undelivered)
        .where(_can_go, _is_free(now))
        .group_by(deliveries.c.server_id)
        .order_by(func.max(deliveries.c.urgency).desc(), func.min(deliveries.c.next_attempt_at))
    )
    return list((await connection.scalars(query)).all())


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """Tell when the next delivery can be tried, past or future; None where none can go."""
    claimed = deliveries.c.claimed_until > now
    query = (
        select(func.min(case((claimed, deliveries.c.claimed_until), else_=deliveries.c.next_attempt_at)))
        .select_from(_undelivered)
        .where(_can_go)
    )
    next_attempt_at: datetime | None = await connection.scalar(query)
    return next_attempt_at


async def claimable_deliveries(connection: AsyncConnection, server_id: int, now: datetime) -> list[PendingDelivery]:
    """List a server's deliveries that can be tried now, the most urgent first, and keep other processes off them.

    One an incident: the first. PostgreSQL passes over those that another process is just looking at.
    """
    query = (
        select(deliveries, *INCIDENT_COLUMNS, *alert_routes.c, *token_routes.c, *_POST)
        .select_from(_undelivered)
        .where(deliveries.c.server_id == server_id, _can_go, _is_free(now))
        .order_by(deliveries.c.urgency.desc(), deliveries.c.id)
        .limit(_MAX_PENDING)
        .with_for_update(of=deliveries, skip_locked=True)
    )
    return [_pending_delivery(row) for row in (await connection.execute(query)).mappings()]


async def claim(connection: AsyncConnection, head: PendingDelivery, until: datetime) -> list[Delivery]:
    """Keep other processes off what waits for an incident while it is sent, and count the try; all that waits."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id == head.delivery.id)
        .values(claimed_until=until, attempts=deliveries.c.attempts + 1)
    )
    is_its = (
        deliveries.c.id == head.delivery.id
        if head.incident_id is None
        else and_(_waits_for(head.incident_id), deliveries.c.id >= head.delivery.id)
    )
    query = select(deliveries).where(is_its).order_by(deliveries.c.id)
    return [_delivery(row) for row in (await connection.execute(query)).mappings()]


async def created_at(connection: AsyncConnection, delivery_id: int) -> datetime:
    """Tell when a delivery was recorded, which is before its first try."""
    query = select(deliveries.c.created_at).where(deliveries.c.id == delivery_id)
    recorded: datetime = (await connection.execute(query)).scalar_one()
    return recorded


async def is_claimed(connection: AsyncConnection, delivery_id: int, until: datetime) -> bool:
    """Tell whether nobody has taken a delivery up, or off, since it was claimed; it stays so until the end."""
    query = (
        select(deliveries.c.id)
        .where(deliveries.c.id == delivery_id, deliveries.c.claimed_until == until)
        .with_for_update()
    )
    return await connection.scalar(query) is not None


async def mark_delivered(connection: AsyncConnection, delivery_ids: Iterable[int], now: datetime) -> bool:
    """Write down that Discord has them; False where they are not wanted any more."""
    query = update(deliveries).where(deliveries.c.id.in_(list(delivery_ids)))
    values = {"delivered_at": now, "last_error": None, "claimed_until": None}
    return bool((await connection.execute(query.values(values))).rowcount)


async def mark_superseded(connection: AsyncConnection, incident_id: int, now: datetime) -> None:
    """Write down that nothing of what waits for an incident need be sent: it is told in another way."""
    values = {"delivered_at": now, "last_error": None, "claimed_until": None}
    await connection.execute(update(deliveries).where(_waits_for(incident_id)).values(values))


async def postpone(connection: AsyncConnection, delivery_id: int, next_attempt_at: datetime, problem: str) -> None:
    """Write down a try that failed, and when to try again."""
    values = {"next_attempt_at": next_attempt_at, "claimed_until": None, "last_error": problem}
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


async def release(connection: AsyncConnection, delivery_id: int) -> None:
    """Give up the claim on a delivery, which is due at once."""
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(claimed_until=None))


async def defer(connection: AsyncConnection, delivery_id: int, until: datetime) -> None:
    """Have a delivery wait until a mute ends, untried."""
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(next_attempt_at=until))


async def drop_tests(connection: AsyncConnection, server_id: int) -> None:
    """Forget the tests that did not arrive: another one takes their place."""
    is_test = and_(deliveries.c.server_id == server_id, deliveries.c.kind == DeliveryKind.TEST)
    await connection.execute(delete(deliveries).where(is_test, deliveries.c.delivered_at.is_(None)))


async def retry_now(connection: AsyncConnection, server_id: int, now: datetime) -> None:
    """Have a server's waiting deliveries tried at once: its route was mended, or it is no longer muted."""
    # A round and the notifier do so too: two that lock the same rows in another order would wait for each other.
    await lock_server(connection, server_id)
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.server_id == server_id, deliveries.c.delivered_at.is_(None))
        .values(next_attempt_at=now)
    )


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many of a server's deliveries wait, and the last problem of the longest waiting."""

    number: int
    last_error: str | None


async def get_backlog(connection: AsyncConnection, server_id: int) -> Backlog:
    """Tell what waits to be delivered to a server."""
    query = (
        select(deliveries.c.last_error)
        .where(deliveries.c.server_id == server_id, deliveries.c.delivered_at.is_(None))
        .order_by(deliveries.c.id)
    )
    problems = (await connection.scalars(query)).all()
    # What waits for the end of a mute has met no problem.
    return Backlog(number=len(problems), last_error=next(filter(None, problems), None))


async def delivery_state(connection: AsyncConnection, delivery_id: int) -> tuple[bool, str | None]:
    """Tell whether a delivery has arrived, and the last problem it met on its way."""
    query = select(deliveries.c.delivered_at, deliveries.c.last_error).where(deliveries.c.id == delivery_id)
    row = (await connection.execute(query)).one_or_none()
    # It is gone where alerts were switched off, or another test has taken its place.
    return (row.delivered_at is not None, row.last_error) if row is not None else (False, None)


_POST = (incidents.c.posted_channel_id, incidents.c.posted_message_id)


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row[deliveries.c.id],
        kind=DeliveryKind(row[deliveries.c.kind]),
        nonce=row[deliveries.c.nonce],
        attempts=row[deliveries.c.attempts],
        payload=row[deliveries.c.payload],
    )


def _pending_delivery(row: RowMapping) -> PendingDelivery:
    own_route = row[token_routes.c.token_id] is not None
    table = token_routes if own_route else alert_routes
    route = route_of({c.name: row[c] for c in table.c} | {"account_id": row[alert_routes.c.account_id]})
    channel_id, discord_message_id = (row[column] for column in _POST)
    return PendingDelivery(
        delivery=_delivery(row),
        route=route,
        incident=incident_of(row) if row[incidents.c.id] is not None else None,
        post=PostedMessage(channel_id, discord_message_id) if channel_id is not None else None,
    )
