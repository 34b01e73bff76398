"""Incidents, their timelines, and the one living Discord message of each."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incidents import Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.storage.schema import incident_events, incidents

_COLUMNS = tuple(field.name for field in fields(Incident))
INCIDENT_COLUMNS = tuple(incidents.c[name] for name in _COLUMNS)


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """The living Discord message of an incident."""

    channel_id: int
    discord_message_id: int


def incident_of(row: RowMapping) -> Incident:
    """Make the incident of a row that holds INCIDENT_COLUMNS."""
    values: dict[str, Any] = {name: row[column] for name, column in zip(_COLUMNS, INCIDENT_COLUMNS, strict=True)}
    return Incident(**values | {"type": IncidentType(values["type"])})


async def save_incident(
    connection: AsyncConnection, incident: Incident, events: Iterable[TimelineEvent] = ()
) -> Incident:
    """Keep an incident as it stands, and add to its timeline; the incident with its id."""
    values = {name: getattr(incident, name) for name in _COLUMNS if name != "id"}
    if incident.id is None:
        begun = insert(incidents).values(values).returning(incidents.c.id)
        incident = replace(incident, id=int((await connection.execute(begun)).scalar_one()))
    else:
        await connection.execute(update(incidents).where(incidents.c.id == incident.id).values(values))
    lines = [
        {"incident_id": incident.id} | {field.name: getattr(event, field.name) for field in fields(TimelineEvent)}
        for event in events
    ]
    if lines:
        await connection.execute(insert(incident_events), lines)
    return incident


async def open_incidents(connection: AsyncConnection, server_id: int) -> list[Incident]:
    """List a server's open incidents, oldest first."""
    query = (
        select(*INCIDENT_COLUMNS)
        .where(incidents.c.server_id == server_id, incidents.c.resolved_at.is_(None))
        .order_by(incidents.c.started_at, incidents.c.id)
    )
    return [incident_of(row) for row in (await connection.execute(query)).mappings()]


async def incidents_between(
    connection: AsyncConnection, server_id: int, since: datetime, until: datetime
) -> list[Incident]:
    """List a server's incidents of which any part lies between two times, oldest first."""
    query = (
        select(*INCIDENT_COLUMNS)
        .where(
            incidents.c.server_id == server_id,
            incidents.c.started_at < until,
            incidents.c.resolved_at.is_(None) | (incidents.c.resolved_at > since),
        )
        .order_by(incidents.c.started_at, incidents.c.id)
    )
    return [incident_of(row) for row in (await connection.execute(query)).mappings()]


async def get_incident(connection: AsyncConnection, incident_id: int) -> Incident | None:
    """Read an incident, if it is still kept, and let no other process change it meanwhile."""
    query = select(*INCIDENT_COLUMNS).where(incidents.c.id == incident_id).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    return incident_of(row) if row is not None else None


async def get_incidents(connection: AsyncConnection, incident_ids: Iterable[int]) -> list[Incident]:
    """Read several incidents, oldest first."""
    query = select(*INCIDENT_COLUMNS).where(incidents.c.id.in_(list(incident_ids))).order_by(incidents.c.started_at)
    return [incident_of(row) for row in (await connection.execute(query)).mappings()]


async def timeline_of(connection: AsyncConnection, incident_id: int, *, most: int) -> tuple[TimelineEvent, ...]:
    """Read the latest lines of an incident's timeline, oldest first."""
    query = (
        select(incident_events)
        .where(incident_events.c.incident_id == incident_id)
        .order_by(incident_events.c.at.desc(), incident_events.c.id.desc())
        .limit(most)
    )
    rows = (await connection.execute(query)).all()
    return tuple(
        TimelineEvent(
            at=row.at,
            type=TimelineEventType(row.type),
            token_id=row.token_id,
            kind=AlertType(row.kind) if row.kind else None,
            mode=Mode(row.mode) if row.mode else None,
            actor_id=row.actor_id,
            expires_at=row.expires_at,
        )
        for row in reversed(rows)
    )


async def open_posts(connection: AsyncConnection, server_id: int) -> dict[int, PostedMessage]:
    """Read the living Discord messages of a server's open incidents, by incident."""
    query = select(incidents.c.id, incidents.c.posted_channel_id, incidents.c.posted_message_id).where(
        incidents.c.server_id == server_id,
        incidents.c.resolved_at.is_(None),
        incidents.c.posted_message_id.is_not(None),
    )
    return {
        row.id: PostedMessage(row.posted_channel_id, row.posted_message_id) for row in await connection.execute(query)
    }


async def set_post(connection: AsyncConnection, incident_id: int, post: PostedMessage | None) -> None:
    """Remember which Discord message is the living one of the incident, or that it has none."""
    values = {
        "posted_channel_id": post.channel_id if post else None,
        "posted_message_id": post.discord_message_id if post else None,
    }
    await connection.execute(update(incidents).where(incidents.c.id == incident_id).values(values))


async def merge_incidents(connection: AsyncConnection, incident_id: int, into: int) -> None:
    """Have one incident be part of another: its timeline goes over, and it is no more."""
    moved = update(incident_events).where(incident_events.c.incident_id == incident_id).values(incident_id=into)
    await connection.execute(moved)
    await connection.execute(delete(incidents).where(incidents.c.id == incident_id))
