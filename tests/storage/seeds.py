"""What tests of the storage put into it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.health.changes import Change, Kind, TokenState
from bot.health.modes import Mode
from bot.health.readings import Reading
from bot.health.rounds import KnownToken
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.incidents import record_change
from bot.storage.servers import Route, set_route
from bot.storage.tokens import keep_tokens
from tests.clocks import NOON

TOKEN = 111
SERVER = 4_000_000_000_000_000
OTHER_SERVER = 5_000_000_000_000_000
CHANNEL = 4_100_000_000_000_000


def known(token_id: int = TOKEN, mode: Mode = Mode.FAST) -> KnownToken:
    reading = Reading(token_id, NOON, status=mode)
    return KnownToken(TokenState(token_id, mode, since=NOON), reading, sampled_at=NOON, in_fleet=True)


def change(kind: Kind = Kind.BEGAN, after: Mode = Mode.RELAX, at: datetime = NOON, token_id: int = TOKEN) -> Change:
    return Change(kind, token_id, before=Mode.FAST, after=after, at=at)


def route(account_id: int, server_id: int = SERVER) -> Route:
    return Route(server_id, account_id, CHANNEL, role_id=None, set_up_by=7, set_up_at=NOON)


async def add_token(connection: AsyncConnection, account_id: int, token_id: int = TOKEN) -> None:
    await keep_tokens(connection, account_id, [known(token_id)])


async def add_route(connection: AsyncConnection, account_id: int, server_id: int = SERVER, **members: object) -> Route:
    added = replace(route(account_id, server_id), **members)  # type: ignore[arg-type]
    await set_route(connection, added)
    return added


async def begin_incident(connection: AsyncConnection, account_id: int, token_id: int = TOKEN) -> int:
    await add_token(connection, account_id, token_id)
    return await record_change(connection, account_id, change(token_id=token_id))


async def deliver(
    connection: AsyncConnection,
    nonce: str,
    *,
    kind: DeliveryKind = DeliveryKind.BEGAN,
    server_id: int = SERVER,
    incident_id: int | None = None,
    now: datetime = NOON,
) -> int:
    """Record a delivery."""
    return await record_delivery(connection, kind, server_id=server_id, incident_id=incident_id, nonce=nonce, now=now)
