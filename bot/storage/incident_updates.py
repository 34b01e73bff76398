"""Recording of incident updates: the incident and the delivery that shows it, in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.incident_updates import IncidentUpdate
from bot.domain.incidents import Incident
from bot.domain.tracking import without_incident
from bot.storage.deliveries import DeliveryKind, NewDelivery, record_deliveries, record_delivery
from bot.storage.incidents import incident_id_from, last_event_id, open_incidents, save_incidents
from bot.storage.parts import parts_of
from bot.storage.payloads import ThreadPayload
from bot.storage.token_states import save_states, states_of

_NONCE_BYTES = 12  # 24 digits: a nonce has 25 characters at most


async def record_update(connection: AsyncConnection, update: IncidentUpdate, *, nonce: str, now: datetime) -> Incident:
    """Save an updated incident, and record the delivery that shows it; return the incident with its id.

    The caller must have locked the server (`lock_server`).
    """
    (incident,) = await record_updates(connection, [update], nonces=[nonce], now=now)
    return incident


async def record_updates(
    connection: AsyncConnection, updates: Sequence[IncidentUpdate], *, nonces: Sequence[str], now: datetime
) -> list[Incident]:
    """Record several updates of one server, like `record_update`, with a few statements for hundreds of them."""
    incidents = [
        update.incident if update.incident.id is not None else replace(update.incident, id=incident_id_from(nonce))
        for update, nonce in zip(updates, nonces, strict=True)
    ]
    recorded = list(zip(updates, incidents, nonces, strict=True))
    for part in parts_of(recorded):
        in_threads = [(one, nonce) for update, one, nonce in part if one.thread_id is not None and update.events]
        before = {one.id: await last_event_id(connection, one.id or 0) for one, _ in in_threads}
        await save_incidents(connection, [(incident, update.events) for update, incident, _ in part])
        for incident, nonce in in_threads:
            await _post_in_thread(connection, incident, before[incident.id], nonce, now)
        for update, incident, _ in part:
            await _forget_closed(connection, incident.server_id, update.closed_for)
        await record_deliveries(
            connection,
            [
                NewDelivery(DeliveryKind(update.type), incident.server_id, nonce, incident.id, update.urgency)
                for update, incident, nonce in part
            ],
            now,
        )
    return incidents


async def _post_in_thread(
    connection: AsyncConnection, incident: Incident, after: int, nonce: str, now: datetime
) -> None:
    """Record the delivery of an incident's new events to its thread, with a nonce of its own."""
    if incident.id is None or incident.thread_id is None:
        return
    await record_delivery(
        connection,
        DeliveryKind.THREAD,
        server_id=incident.server_id,
        nonce=blake2b(nonce.encode(), digest_size=_NONCE_BYTES, person=b"thread").hexdigest(),
        now=now,
        payload=ThreadPayload(incident.id, incident.thread_id, after, await last_event_id(connection, incident.id)),
    )


async def _forget_closed(connection: AsyncConnection, server_id: int, token_ids: Collection[int]) -> None:
    """Let the states of tokens forget an incident that somebody has closed."""
    if token_ids:
        states = await states_of(connection, server_id)
        closed = [without_incident(states[token_id]) for token_id in token_ids if token_id in states]
        await save_states(connection, server_id, closed)


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


async def record_refreshes_of_token(connection: AsyncConnection, server_id: int, token_id: int, clock: Clock) -> None:
    """Record an edit of each open alert about a token, for example because its name has changed."""
    for incident in await open_incidents(connection, server_id):
        if incident.find_token(token_id) is not None:
            await record_refresh(connection, incident, nonce=clock.nonce(), now=clock.now())
