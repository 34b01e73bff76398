"""Deliveries: alerts on their way to one server's channel, recorded before anything is sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import RowMapping, and_, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.health.changes import Kind
from bot.health.incidents import Incident
from bot.health.readings import Reading
from bot.storage.incidents import INCIDENT_COLUMNS, incident_of
from bot.storage.servers import Route
from bot.storage.tables import deliveries, incidents, posts, servers, tokens
from bot.storage.tokens import READING
from bot.storage.upsert import upsert


class DeliveryKind(StrEnum):
    """What a delivery brings: a step of an incident, or a test."""

    BEGAN = Kind.BEGAN
    WENT_ON = Kind.WENT_ON
    ENDED = Kind.ENDED
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Post:
    """The living Discord message of an incident in a server."""

    channel_id: int
    discord_message_id: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """All that is needed to deliver: the nonce is the same at each try, so that Discord drops a repeat."""

    id: int
    kind: DeliveryKind
    nonce: str
    tries: int
    route: Route
    incident: Incident | None
    reading: Reading | None
    post: Post | None


async def record_delivery(
    connection: AsyncConnection,
    kind: DeliveryKind,
    *,
    server_id: int,
    incident_id: int | None,
    nonce: str,
    now: datetime,
) -> int:
    """Record one delivery, due at once; its id."""
    row = {
        "server_id": server_id,
        "incident_id": incident_id,
        "kind": kind,
        "nonce": nonce,
        "recorded_at": now,
        "due_at": now,
    }
    return int((await connection.execute(insert(deliveries).values(row).returning(deliveries.c.id))).scalar_one())


_earlier = deliveries.alias("earlier")
# In a server, an incident's deliveries go out in the order in which they were recorded.
_an_earlier_one_waits = exists().where(
    _earlier.c.incident_id == deliveries.c.incident_id,
    _earlier.c.server_id == deliveries.c.server_id,
    _earlier.c.id < deliveries.c.id,
    _earlier.c.delivered_at.is_(None),
)
_can_go = and_(deliveries.c.delivered_at.is_(None), servers.c.broken_because.is_(None), ~_an_earlier_one_waits)


_QUERY = (
    select(deliveries, *INCIDENT_COLUMNS, *servers.c, posts.c.channel_id, posts.c.discord_message_id, tokens.c.reading)
    .join(servers, servers.c.server_id == deliveries.c.server_id)
    .outerjoin(incidents, incidents.c.id == deliveries.c.incident_id)
    .outerjoin(posts, and_(posts.c.incident_id == incidents.c.id, posts.c.server_id == deliveries.c.server_id))
    .outerjoin(tokens, and_(tokens.c.account_id == incidents.c.account_id, tokens.c.token_id == incidents.c.token_id))
)


async def due_deliveries(connection: AsyncConnection, now: datetime, *, most: int) -> list[Delivery]:
    """List the deliveries to try now, longest due first: one an incident and server, and none of a broken route."""
    query = _QUERY.where(_can_go, deliveries.c.due_at <= now).order_by(deliveries.c.due_at, deliveries.c.id).limit(most)
    return [_delivery(row) for row in (await connection.execute(query)).mappings()]


async def next_due(connection: AsyncConnection) -> datetime | None:
    """Tell when the next delivery is due, past or future; None where none can go."""
    query = (
        select(deliveries.c.due_at)
        .join(servers, servers.c.server_id == deliveries.c.server_id)
        .where(_can_go)
        .order_by(deliveries.c.due_at)
        .limit(1)
    )
    return await connection.scalar(query)


async def mark_delivered(connection: AsyncConnection, delivery_id: int, now: datetime) -> bool:
    """Write down that Discord has it; False where there is no such delivery any more."""
    query = update(deliveries).where(deliveries.c.id == delivery_id).values(delivered_at=now, last_problem=None)
    return bool((await connection.execute(query)).rowcount)


async def postpone(connection: AsyncConnection, delivery_id: int, due_at: datetime, problem: str) -> None:
    """Write down a try that failed, and when to try again."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(due_at=due_at, tries=deliveries.c.tries + 1, last_problem=problem)
    )


async def set_post(connection: AsyncConnection, delivery: Delivery, post: Post) -> None:
    """Remember which Discord message is the living one of the delivery's incident in its server."""
    if delivery.incident is not None:
        row = {
            "incident_id": delivery.incident.id,
            "server_id": delivery.route.server_id,
            "channel_id": post.channel_id,
            "discord_message_id": post.discord_message_id,
        }
        await upsert(connection, posts, [row])


async def make_due(connection: AsyncConnection, server_id: int, now: datetime) -> None:
    """Have a server's waiting deliveries tried at once: its route was mended."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.server_id == server_id, deliveries.c.delivered_at.is_(None))
        .values(due_at=now)
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of a server's deliveries wait, and the last problem of the longest waiting."""

    number: int
    last_problem: str | None


async def waiting_deliveries(connection: AsyncConnection, server_id: int) -> Waiting:
    """Tell what waits to be delivered to a server."""
    query = (
        select(deliveries.c.last_problem)
        .where(deliveries.c.server_id == server_id, deliveries.c.delivered_at.is_(None))
        .order_by(deliveries.c.id)
    )
    problems = (await connection.scalars(query)).all()
    return Waiting(number=len(problems), last_problem=problems[0] if problems else None)


async def delivery_state(connection: AsyncConnection, delivery_id: int) -> tuple[bool, str | None]:
    """Tell whether a delivery has arrived, and the last problem it met on its way."""
    query = select(deliveries.c.delivered_at, deliveries.c.last_problem).where(deliveries.c.id == delivery_id)
    row = (await connection.execute(query)).one()
    return row.delivered_at is not None, row.last_problem


def _delivery(row: RowMapping) -> Delivery:
    reading, posted_in = row[tokens.c.reading], row[posts.c.channel_id]
    return Delivery(
        id=row[deliveries.c.id],
        kind=DeliveryKind(row[deliveries.c.kind]),
        nonce=row[deliveries.c.nonce],
        tries=row[deliveries.c.tries],
        route=Route(*(row[column] for column in servers.c)),
        incident=incident_of(row) if row[incidents.c.id] is not None else None,
        reading=READING.validate_json(reading) if reading is not None else None,
        post=Post(posted_in, row[posts.c.discord_message_id]) if posted_in is not None else None,
    )
