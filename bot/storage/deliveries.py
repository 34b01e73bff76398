"""Deliveries: messages to one server's channel, recorded before anything is sent. `claims` says which are next."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Update, and_, bindparam, case, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_types import Urgency
from bot.domain.incident_updates import UpdateType
from bot.storage.alert_routes import lock_server
from bot.storage.columns import UtcDateTime
from bot.storage.due_times import MAX_POSTPONEMENT, is_from_the_future_sql
from bot.storage.notifications import notify
from bot.storage.payloads import Payload
from bot.storage.schema import deliveries


class DeliveryKind(StrEnum):
    """What a delivery is about: the update of an incident, or something else."""

    STARTED = UpdateType.STARTED
    CHANGED = UpdateType.CHANGED
    WORSENED = UpdateType.WORSENED
    RESOLVED = UpdateType.RESOLVED
    REMINDER = UpdateType.REMINDER
    ESCALATED = UpdateType.ESCALATED
    REFRESH = UpdateType.REFRESH
    SUMMARY = "summary"
    """Incidents that ended before anyone could be notified."""
    QUIET_SUMMARY = "quiet_summary"
    """What was alerted in quiet hours, when they are over."""
    ROUTE_BROKEN = "route_broken"
    ROUTE_RESTORED = "route_restored"
    """Recorded when a route breaks, and tried first, so that it tells when the route works again."""
    MESSAGE_REJECTED = "message_rejected"
    """Tells moderators why a message is sent in plain form."""
    PING_PROBLEM = "ping_problem"
    """Tells moderators that alerts do not ping their role."""
    TEST = "test"
    DIGEST = "digest"
    THREAD = "thread"
    """New events of an incident, for the Discord thread under its message."""
    STALE_MESSAGE = "stale_message"
    """Corrects a message that Discord refused to edit when its incident was closed or went on in another channel."""
    HELD_BACK = "held_back"
    """That an incident got worse, from when a mute let its message be edited until the mute ends."""


MODERATOR_NOTICES = (DeliveryKind.ROUTE_BROKEN, DeliveryKind.MESSAGE_REJECTED, DeliveryKind.PING_PROBLEM)
"""Sent to moderators, and not through the server's route."""
NOT_IN_ROUTES = (DeliveryKind.THREAD, DeliveryKind.STALE_MESSAGE)
"""Sent to channels that are no routes: a refusal there disables none."""
INDEPENDENT_OF_ROUTES = (*MODERATOR_NOTICES, *NOT_IN_ROUTES)
"""Do not wait while Discord refuses the route."""
MAY_BE_HELD_BACK = (DeliveryKind.HELD_BACK, DeliveryKind.ESCALATED)
"""Sent together with, or after, all else of their incident, because a mute or quiet hours may hold them back alone."""
_ALERTS = (DeliveryKind.STARTED, DeliveryKind.WORSENED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. Every attempt has the same nonce, so that Discord drops a repeat. `attempts` includes this one."""

    id: int
    kind: DeliveryKind
    nonce: str
    attempts: int
    payload: Payload | None = None
    rejections: int = 0
    """How often Discord has rejected the message itself."""
    created_at: datetime = field(kw_only=True)
    """When it was recorded, which is before its first attempt."""
    next_attempt_at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to record. Its fields are columns of the table."""

    kind: DeliveryKind
    server_id: int
    nonce: str
    incident_id: int | None = None
    urgency: Urgency = Urgency.ROUTINE
    payload: Payload | None = None
    route_token_id: int | None = None


def delivery_of(row: RowMapping) -> Delivery:
    """Return the delivery in a row with the columns of `deliveries`."""
    return Delivery(
        id=row[deliveries.c.id],
        kind=DeliveryKind(row[deliveries.c.kind]),
        nonce=row[deliveries.c.nonce],
        attempts=row[deliveries.c.attempts],
        payload=row[deliveries.c.payload],
        rejections=row[deliveries.c.rejections],
        created_at=row[deliveries.c.created_at],
        next_attempt_at=row[deliveries.c.next_attempt_at],
    )


def waits_for(incident_id: int) -> ColumnElement[bool]:
    """Return the condition for the undelivered deliveries of an incident."""
    return and_(deliveries.c.incident_id == incident_id, deliveries.c.delivered_at.is_(None))


async def record_delivery(
    connection: AsyncConnection,
    kind: DeliveryKind,
    *,
    server_id: int,
    nonce: str,
    now: datetime,
    incident_id: int | None = None,
    route_token_id: int | None = None,
    urgency: Urgency = Urgency.ROUTINE,
    payload: Payload | None = None,
) -> int:
    """Record one delivery, due at once, and return its id. Earlier ones of its incident get at least its urgency.

    Updates of incidents are recorded by `incident_updates.record_update`.
    """
    row = _row(NewDelivery(kind, server_id, nonce, incident_id, urgency, payload, route_token_id), now)
    id_ = int((await connection.execute(insert(deliveries).values(row).returning(deliveries.c.id))).scalar_one())
    if incident_id is not None and urgency > Urgency.ROUTINE:
        await raise_urgency(connection, incident_id, urgency)
    await notify(connection)
    return id_


async def record_deliveries(connection: AsyncConnection, new: Sequence[NewDelivery], now: datetime) -> None:
    """Record several deliveries of incidents, like `record_delivery`. Takes five statements at most."""
    if new:
        await connection.execute(insert(deliveries), [_row(one, now) for one in new])
    urgent = [
        {"its_incident": one.incident_id, "its_urgency": one.urgency} for one in new if one.urgency > Urgency.ROUTINE
    ]
    if urgent:
        raised = (
            update(deliveries)
            .where(deliveries.c.incident_id == bindparam("its_incident"), deliveries.c.delivered_at.is_(None))
            .where(deliveries.c.urgency < bindparam("its_urgency"))
            .values(urgency=bindparam("its_urgency"))
        )
        await connection.execute(raised, urgent)
    if let_through := [one.incident_id for one in new if one.urgency is Urgency.URGENT]:
        await connection.execute(_due_unless_failed(now).where(deliveries.c.incident_id.in_(let_through)))
    if new:
        await notify(connection)


def _due_unless_failed(now: datetime) -> Update:
    """Return the statement that makes due what a mute may have deferred: most mutes let urgent alerts through.

    After a failed attempt, Discord may have asked to wait.
    """
    waiting = and_(deliveries.c.delivered_at.is_(None), deliveries.c.last_error.is_(None))
    return update(deliveries).where(waiting, deliveries.c.next_attempt_at > now).values(next_attempt_at=now)


def _row(new: NewDelivery, now: datetime) -> dict[str, Any]:
    return asdict(new) | {"payload": new.payload, "created_at": now, "next_attempt_at": now}


async def raise_urgency(connection: AsyncConnection, incident_id: int, urgency: Urgency) -> None:
    """Give the undelivered deliveries of an incident at least this urgency."""
    await connection.execute(
        update(deliveries).where(waits_for(incident_id), deliveries.c.urgency < urgency).values(urgency=urgency)
    )


def alert_recorded_at(claimed: Iterable[Delivery]) -> datetime | None:
    """Return when the first alert among these deliveries was recorded.

    Those do not count that were due later than that without an attempt: a mute or a broken route has held them back.
    """
    return min((one.created_at for one in claimed if one.kind in _ALERTS and not _was_held_back(one)), default=None)


def _was_held_back(claimed: Delivery) -> bool:
    return claimed.attempts <= 1 and claimed.next_attempt_at > claimed.created_at


async def mark_delivered(connection: AsyncConnection, delivery_ids: Iterable[int], now: datetime) -> bool:
    """Record that Discord has these deliveries; False if they were deleted meanwhile."""
    query = update(deliveries).where(deliveries.c.id.in_(list(delivery_ids)))
    values = {"delivered_at": now, "last_error": None, "claimed_until": None}
    return bool((await connection.execute(query.values(values))).rowcount)


async def mark_superseded(connection: AsyncConnection, incident_id: int, now: datetime) -> None:
    """Record that the undelivered deliveries of an incident need not be sent: another message covers them."""
    values = {"delivered_at": now, "last_error": None, "claimed_until": None}
    await connection.execute(update(deliveries).where(waits_for(incident_id)).values(values))


def without_future(created_at: ColumnElement[datetime], now: datetime) -> ColumnElement[datetime]:
    """Return the time of a record; a time before any attempt if a clock that was ahead has recorded it."""
    long_ago = literal(now - MAX_POSTPONEMENT, UtcDateTime)
    return case((is_from_the_future_sql(created_at, now), long_ago), else_=created_at)


async def postpone(connection: AsyncConnection, delivery_id: int, next_attempt_at: datetime, problem: str) -> None:
    """Record a failed attempt, and when the next one is due."""
    values = {"next_attempt_at": next_attempt_at, "claimed_until": None, "last_error": problem}
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


async def count_rejection(connection: AsyncConnection, delivery_id: int) -> None:
    """Count that Discord has rejected the message of a delivery."""
    query = update(deliveries).where(deliveries.c.id == delivery_id)
    await connection.execute(query.values(rejections=deliveries.c.rejections + 1))


async def payloads_since(
    connection: AsyncConnection, server_id: int, kind: DeliveryKind, since: datetime
) -> list[Payload | None]:
    """Return the payloads of a server's deliveries of this kind that were recorded since then, delivered or not."""
    query = select(deliveries.c.payload).where(
        deliveries.c.server_id == server_id, deliveries.c.kind == kind, deliveries.c.created_at >= since
    )
    return list((await connection.scalars(query)).all())


async def postpone_edit(connection: AsyncConnection, delivery_id: int, next_attempt_at: datetime, problem: str) -> None:
    """Record that only the edit of a delivery is left to do, and when it is due."""
    await postpone(connection, delivery_id, next_attempt_at, problem)
    await leave_the_edit(connection, delivery_id)


async def leave_the_edit(connection: AsyncConnection, delivery_id: int) -> None:
    """Record that only the edit of a delivery is left to do."""
    edit_only = update(deliveries).where(deliveries.c.id == delivery_id).values(kind=DeliveryKind.REFRESH)
    await connection.execute(edit_only)


async def defer(connection: AsyncConnection, delivery_id: int, until: datetime, now: datetime) -> None:
    """Hold a delivery back until a mute ends, without counting an attempt. A long mute is checked again meanwhile.

    It waits for the mute now, and no longer because of the error of an earlier attempt.
    """
    values = {
        "next_attempt_at": min(until, now + MAX_POSTPONEMENT),
        "last_error": None,
        "created_at": without_future(deliveries.c.created_at, now),
    }
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


async def hold_back(connection: AsyncConnection, delivery_id: int, until: datetime, now: datetime) -> None:
    """Hold back that an incident got worse until a mute ends. Its Discord message was edited."""
    values = {"kind": DeliveryKind.HELD_BACK, "claimed_until": None}
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))
    await defer(connection, delivery_id, until, now)


async def is_restoration_recorded(connection: AsyncConnection, server_id: int, route_token_id: int | None) -> bool:
    """Whether a ROUTE_RESTORED delivery of this route is waiting."""
    query = select(deliveries.c.id).where(
        deliveries.c.server_id == server_id,
        deliveries.c.route_token_id.is_not_distinct_from(route_token_id),
        deliveries.c.kind == DeliveryKind.ROUTE_RESTORED,
        deliveries.c.delivered_at.is_(None),
    )
    return (await connection.scalars(query)).first() is not None


async def drop_broken_route_notices(connection: AsyncConnection, server_id: int, channel_id: int) -> None:
    """Delete the notices about a channel that have reached no moderator, since a new one replaces them."""
    query = select(deliveries.c.id, deliveries.c.payload).where(
        deliveries.c.server_id == server_id,
        deliveries.c.kind == DeliveryKind.ROUTE_BROKEN,
        deliveries.c.delivered_at.is_(None),
    )
    outdated = [row.id for row in await connection.execute(query) if row.payload.channel_id == channel_id]
    await connection.execute(delete(deliveries).where(deliveries.c.id.in_(outdated)))


async def drop_tests(connection: AsyncConnection, server_id: int) -> None:
    """Delete a server's undelivered test alerts, since a new one replaces them."""
    is_test = and_(deliveries.c.server_id == server_id, deliveries.c.kind == DeliveryKind.TEST)
    await connection.execute(delete(deliveries).where(is_test, deliveries.c.delivered_at.is_(None)))


async def retry_now(connection: AsyncConnection, server_id: int, now: datetime) -> None:
    """Make a server's undelivered deliveries due at once, after its route was fixed or a mute ended."""
    # A round and the notifier lock the server first too. Locking the same rows in another order could deadlock.
    await lock_server(connection, server_id)
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.server_id == server_id, deliveries.c.delivered_at.is_(None))
        .values(next_attempt_at=now)
    )
