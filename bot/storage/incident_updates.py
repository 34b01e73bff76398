"""Recording of incident updates: the incident and the delivery that shows it, in one transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident_updates import IncidentUpdate
from bot.domain.incidents import Incident
from bot.domain.tracking import without_incident
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.incidents import incident_id_from, save_incident
from bot.storage.token_states import save_states, states_of


async def record_update(connection: AsyncConnection, update: IncidentUpdate, *, nonce: str, now: datetime) -> Incident:
    """Save an updated incident, and record the delivery that shows it; return the incident with its id.

    The caller must have locked the server (`lock_server`).
    """
    incident = await save_incident(connection, update.incident, update.events, new_id=incident_id_from(nonce))
    if update.closed_for:
        states = await states_of(connection, incident.server_id)
        closed = [without_incident(states[token_id]) for token_id in update.closed_for if token_id in states]
        await save_states(connection, incident.server_id, closed)
    await record_delivery(
        connection,
        DeliveryKind(update.type),
        server_id=incident.server_id,
        incident_id=incident.id,
        urgency=update.urgency,
        nonce=nonce,
        now=now,
    )
    return incident


async def record_refresh(connection: AsyncConnection, incident: Incident, *, nonce: str, now: datetime) -> None:
    """Record an edit of an incident's Discord message without an update, for example because a name has changed."""
    await record_delivery(
        connection,
        DeliveryKind.REFRESH,
        server_id=incident.server_id,
        incident_id=incident.id,
        nonce=nonce,
        now=now,
    )
