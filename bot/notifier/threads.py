"""The Discord threads under alerts: what is posted there, and what happens where Discord does not accept it."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.notifier.actions import Refused
from bot.storage.alert_routes import Route
from bot.storage.deliveries import Delivery, mark_delivered, postpone
from bot.storage.incident_updates import record_refresh
from bot.storage.incidents import events_between, find_incident, get_incident, save_incident
from bot.storage.payloads import ThreadPayload
from bot.storage.token_names import names_of
from bot.storage.tokens import tracked_tokens_of
from bot.ui.incident_context import IncidentContext
from bot.ui.incident_timeline import event_lines

log = structlog.get_logger(__name__)


async def compose(connection: AsyncConnection, delivery: Delivery, route: Route, now: datetime) -> str:
    """Return the new lines of the timeline; empty if the incident has left that thread, or is not stored any more."""
    payload = _payload_of(delivery)
    incident = await find_incident(connection, payload.incident_id)
    if incident is None or incident.thread_id != payload.thread_id:
        return ""
    tokens = await tracked_tokens_of(connection, route.account_id, list(incident.by_token))
    readings = {token.reading.token_id: token.reading for token in tokens}
    events = await events_between(connection, payload.incident_id, payload.after, payload.last)
    names = await names_of(connection, route.server_id)
    return event_lines(IncidentContext(incident, readings, events, now, names))


async def record_refusal(connection: AsyncConnection, delivery: Delivery, refused: Refused, clock: Clock) -> None:
    """Leave a thread that was deleted, locked or forbidden. Alerts go on: a thread is no route.

    While the bot is timed out, all channels refuse it, so the thread is tried again.
    """
    if refused.timed_out_until is not None:
        await postpone(connection, delivery.id, refused.retry_at, refused.error)
        return
    payload, now = _payload_of(delivery), clock.now()
    await mark_delivered(connection, [delivery.id], now)
    incident = await get_incident(connection, payload.incident_id)
    if incident is None or incident.thread_id != payload.thread_id:
        return
    log.warning("Discord refuses the thread of an alert. The alert goes on without it.", error=refused.error)
    await save_incident(connection, replace(incident, thread_id=None))
    if incident.is_open:
        # Its menu offers a thread again.
        await record_refresh(connection, incident, nonce=clock.nonce(), now=now)


def _payload_of(delivery: Delivery) -> ThreadPayload:
    if not isinstance(delivery.payload, ThreadPayload):
        raise TypeError("the payload of a THREAD delivery must be a ThreadPayload")
    return delivery.payload
