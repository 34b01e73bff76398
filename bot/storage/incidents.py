"""Incidents, their timelines, and the Discord message of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Row, RowMapping, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incidents import CloseReason, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.storage.account_revisions import server_changed
from bot.storage.alert_routes import has_alerts
from bot.storage.parts import parts_of, rows_of
from bot.storage.schema import alert_routes, incident_events, incidents
from bot.storage.upsert import upsert

_SPARE_BITS = 5  # of 64, so that an id has 18 digits at most, as custom ids allow
_COLUMNS = tuple(field.name for field in fields(Incident))
INCIDENT_COLUMNS = tuple(incidents.c[name] for name in _COLUMNS)


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """The Discord message that shows an incident and is edited when it changes."""

    channel_id: int
    discord_message_id: int


def incident_of(row: RowMapping) -> Incident:
    """Return the incident in a row that has INCIDENT_COLUMNS."""
    values: dict[str, Any] = {name: row[column] for name, column in zip(_COLUMNS, INCIDENT_COLUMNS, strict=True)}
    cause = NoDataCause(values["cause"]) if values["cause"] is not None else None
    close_reason = CloseReason(values["close_reason"]) if values["close_reason"] is not None else None
    types = {"type": IncidentType(values["type"]), "cause": cause, "close_reason": close_reason}
    return Incident(**values | types)


def incident_id_from(nonce: str) -> int:
    """Return the id of the incident whose first delivery has this nonce: a random number of 18 digits at most.

    A counter would start again where a restored backup ends, and the buttons of the alerts posted since would be those
    of other incidents.
    """
    return int.from_bytes(blake2b(nonce.encode(), digest_size=8).digest()) >> _SPARE_BITS


async def save_incident(
    connection: AsyncConnection, incident: Incident, events: Iterable[TimelineEvent] = ()
) -> Incident:
    """Save an incident and add events to its timeline; return the incident with its id."""
    server_changed(connection, incident.server_id)
    values = {name: getattr(incident, name) for name in _COLUMNS if name != "id"}
    if incident.id is None:
        new = insert(incidents).values(values).returning(incidents.c.id)
        incident = replace(incident, id=int((await connection.execute(new)).scalar_one()))
    else:
        await connection.execute(update(incidents).where(incidents.c.id == incident.id).values(values))
    rows = [_event_row(incident, event) for event in events]
    if rows:
        await connection.execute(insert(incident_events), rows)
    return incident


async def save_incidents(
    connection: AsyncConnection, changed: Sequence[tuple[Incident, Sequence[TimelineEvent]]]
) -> None:
    """Save incidents that have their ids, and add events to their timelines. Takes few statements."""
    for incident, _ in changed:
        server_changed(connection, incident.server_id)
    values = [{name: getattr(incident, name) for name in _COLUMNS} for incident, _ in changed]
    await upsert(connection, incidents, values)
    rows = [_event_row(incident, event) for incident, events in changed for event in events]
    for part in parts_of(rows):
        await connection.execute(insert(incident_events), list(part))


def _event_row(incident: Incident, event: TimelineEvent) -> dict[str, Any]:
    return {"incident_id": incident.id} | {field.name: getattr(event, field.name) for field in fields(TimelineEvent)}


# Each round and each delivery of an alert executes these. Building a statement takes longer than executing it.
_is_open = (incidents.c.server_id == bindparam("its_server")) & incidents.c.resolved_at.is_(None)
_OPEN = select(*INCIDENT_COLUMNS).where(_is_open).order_by(incidents.c.started_at, incidents.c.id)
_HAS_OPEN = select(select(incidents.c.id).where(_is_open, incidents.c.type == bindparam("its_type")).exists())
_were_quiet = (incidents.c.server_id == bindparam("its_server")) & incidents.c.quiet_at.is_not(None)
_QUIET = select(incidents.c.id).where(_were_quiet).order_by(incidents.c.started_at, incidents.c.id)
_TIMELINE = (
    select(incident_events)
    .where(incident_events.c.incident_id == bindparam("its_incident"))
    .order_by(incident_events.c.at.desc(), incident_events.c.id.desc())
    .limit(bindparam("most"))
)


async def open_incidents(connection: AsyncConnection, server_id: int) -> list[Incident]:
    """Return a server's open incidents, oldest first."""
    return [incident_of(row._mapping) async for row in rows_of(connection, _OPEN, {"its_server": server_id})]


async def servers_with_open_incidents(connection: AsyncConnection, account_id: int) -> list[int]:
    """Return the servers with alerts about this account that have an open incident, in the order of their ids."""
    query = (
        select(incidents.c.server_id)
        .join(alert_routes, alert_routes.c.server_id == incidents.c.server_id)
        .where(alert_routes.c.account_id == account_id, has_alerts(), incidents.c.resolved_at.is_(None))
        .distinct()
        .order_by(incidents.c.server_id)
    )
    return list((await connection.scalars(query)).all())


async def has_open_incident(connection: AsyncConnection, server_id: int, type_: IncidentType) -> bool:
    """Whether a server has an open incident of this type."""
    return bool(await connection.scalar(_HAS_OPEN, {"its_server": server_id, "its_type": type_}))


async def incidents_between(
    connection: AsyncConnection, server_id: int, since: datetime, until: datetime
) -> list[Incident]:
    """Return a server's incidents that were open at any time between two times, oldest first."""
    query = (
        select(*INCIDENT_COLUMNS)
        .where(
            incidents.c.server_id == server_id,
            incidents.c.started_at < until,
            incidents.c.resolved_at.is_(None) | (incidents.c.resolved_at > since),
        )
        .order_by(incidents.c.started_at, incidents.c.id)
    )
    return [incident_of(row._mapping) async for row in rows_of(connection, query)]


async def get_incident(connection: AsyncConnection, incident_id: int) -> Incident | None:
    """Return an incident, locked until the end of the transaction; None if it was deleted."""
    query = select(*INCIDENT_COLUMNS).where(incidents.c.id == incident_id).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    return incident_of(row) if row is not None else None


async def find_incident(connection: AsyncConnection, incident_id: int) -> Incident | None:
    """Return an incident without locking it; None if it does not exist."""
    return next(iter(await get_incidents(connection, [incident_id])), None)


async def get_incidents(connection: AsyncConnection, incident_ids: Iterable[int]) -> list[Incident]:
    """Return several incidents, oldest first, and in the order of the ids where they started at the same time."""
    positions = {incident_id: position for position, incident_id in enumerate(incident_ids)}
    query = select(*INCIDENT_COLUMNS).where(incidents.c.id.in_(list(positions)))
    found = [incident_of(row._mapping) async for row in rows_of(connection, query)]
    return sorted(found, key=lambda incident: (incident.started_at, positions[incident.id or 0]))


async def take_quiet_incidents(connection: AsyncConnection, server_id: int) -> tuple[int, ...]:
    """Return the incidents that were alerted in quiet hours, oldest first. From then on they count as summarized."""
    ids = tuple((await connection.scalars(_QUIET, {"its_server": server_id})).all())
    if ids:
        await connection.execute(update(incidents).where(_were_quiet).values(quiet_at=None), {"its_server": server_id})
    return ids


async def timeline_of(connection: AsyncConnection, incident_id: int, *, most: int) -> tuple[TimelineEvent, ...]:
    """Return the latest events of an incident's timeline, up to `most`, oldest first."""
    found = await connection.execute(_TIMELINE, {"its_incident": incident_id, "most": most})
    return tuple(map(_event_of, reversed(found.all())))


async def last_event_id(connection: AsyncConnection, incident_id: int) -> int:
    """Return the id of the latest event in an incident's timeline; 0 if there is none."""
    query = select(func.max(incident_events.c.id)).where(incident_events.c.incident_id == incident_id)
    return int(await connection.scalar(query) or 0)


async def events_between(
    connection: AsyncConnection, incident_id: int, after: int, last: int
) -> tuple[TimelineEvent, ...]:
    """Return the events of an incident's timeline after one and up to another, by their ids, oldest first."""
    query = (
        select(incident_events)
        .where(incident_events.c.incident_id == incident_id)
        .where(incident_events.c.id > after, incident_events.c.id <= last)
        .order_by(incident_events.c.at, incident_events.c.id)
    )
    return tuple(map(_event_of, (await connection.execute(query)).all()))


def _event_of(row: Row[Any]) -> TimelineEvent:
    return TimelineEvent(
        at=row.at,
        type=TimelineEventType(row.type),
        token_id=row.token_id,
        kind=AlertType(row.kind) if row.kind else None,
        mode=Mode(row.mode) if row.mode else None,
        actor_id=row.actor_id,
        assignee_id=row.assignee_id,
        note=row.note,
        expires_at=row.expires_at,
    )


async def open_posts(connection: AsyncConnection, server_id: int) -> dict[int, PostedMessage]:
    """Return the Discord messages of a server's open incidents, by incident id."""
    query = select(incidents.c.id, incidents.c.posted_channel_id, incidents.c.posted_message_id).where(
        incidents.c.server_id == server_id,
        incidents.c.resolved_at.is_(None),
        incidents.c.posted_message_id.is_not(None),
    )
    return {
        row.id: PostedMessage(row.posted_channel_id, row.posted_message_id) for row in await connection.execute(query)
    }


async def get_post(connection: AsyncConnection, incident_id: int) -> PostedMessage | None:
    """Return the Discord message of an incident; None if it has none."""
    query = select(incidents.c.posted_channel_id, incidents.c.posted_message_id).where(
        incidents.c.id == incident_id, incidents.c.posted_message_id.is_not(None)
    )
    row = (await connection.execute(query)).one_or_none()
    return PostedMessage(*row) if row is not None else None


async def set_post(connection: AsyncConnection, incident_id: int, post: PostedMessage | None) -> None:
    """Set the Discord message of an incident; None if it has none."""
    values = {
        "posted_channel_id": post.channel_id if post else None,
        "posted_message_id": post.discord_message_id if post else None,
    }
    await connection.execute(update(incidents).where(incidents.c.id == incident_id).values(values))


async def move_timeline(connection: AsyncConnection, from_id: int, to_id: int, token_ids: Iterable[int]) -> None:
    """Move the events of some tokens from one incident's timeline to another's."""
    theirs = (incident_events.c.incident_id == from_id) & incident_events.c.token_id.in_(list(token_ids))
    await connection.execute(update(incident_events).where(theirs).values(incident_id=to_id))


async def merge_incidents(connection: AsyncConnection, incident_id: int, into: int) -> None:
    """Move the timeline of one incident into another, and delete the first."""
    moved = update(incident_events).where(incident_events.c.incident_id == incident_id).values(incident_id=into)
    await connection.execute(moved)
    await connection.execute(delete(incidents).where(incidents.c.id == incident_id))
