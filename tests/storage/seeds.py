"""Helpers that fill the database."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_types import AlertType, IncidentType, Urgency
from bot.domain.evaluation import TrackedToken
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.storage.alert_routes import Route, set_route
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.incidents import save_incident
from tests.clocks import NOON

TOKEN = 111
SERVER = 4_000_000_000_000_000
OTHER_SERVER = 5_000_000_000_000_000
CHANNEL = 4_100_000_000_000_000


def known(token_id: int = TOKEN, mode: Mode = Mode.FAST) -> TrackedToken:
    return TrackedToken(Reading(token_id, NOON, status=mode), sampled_at=NOON, in_fleet=True)


def member(token_id: int = TOKEN, **members: object) -> AffectedToken:
    plain = AffectedToken(
        token_id,
        AlertType.LEFT_FAST,
        AlertType.LEFT_FAST,
        mode_before=Mode.FAST,
        mode=Mode.RELAX,
        started_at=NOON,
        notified=AlertType.LEFT_FAST,
    )
    return replace(plain, **members)  # type: ignore[arg-type]


def incident(*token_ids: int, server_id: int = SERVER, **members: object) -> Incident:
    tokens = tuple(member(token_id) for token_id in token_ids or (TOKEN,))
    return replace(Incident(None, server_id, IncidentType.MODE, NOON, tokens), **members)  # type: ignore[arg-type]


def route(account_id: int, server_id: int = SERVER, **members: object) -> Route:
    plain = Route(server_id, account_id, CHANNEL, role_id=None, created_by=7, created_at=NOON)
    return replace(plain, **members)  # type: ignore[arg-type]


async def add_route(connection: AsyncConnection, account_id: int, server_id: int = SERVER, **members: object) -> Route:
    added = route(account_id, server_id, **members)
    await set_route(connection, added)
    return added


async def start_incident(
    connection: AsyncConnection, *token_ids: int, server_id: int = SERVER, **members: object
) -> int:
    begun = await save_incident(connection, incident(*token_ids, server_id=server_id, **members))
    assert begun.id is not None
    return begun.id


async def deliver(
    connection: AsyncConnection,
    nonce: str,
    *,
    kind: DeliveryKind = DeliveryKind.STARTED,
    server_id: int = SERVER,
    incident_id: int | None = None,
    urgency: Urgency = Urgency.ROUTINE,
    now: datetime = NOON,
) -> int:
    """Record a delivery."""
    return await record_delivery(
        connection, kind, server_id=server_id, incident_id=incident_id, urgency=urgency, nonce=nonce, now=now
    )
