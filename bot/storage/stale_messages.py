"""Stale messages: Discord messages of incidents that are out of date, because Discord refused to edit them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.alert_routes import lock_server
from bot.storage.deliveries import DeliveryKind
from bot.storage.payloads import StaleMessagePayload
from bot.storage.schema import deliveries


async def has_stale_message(connection: AsyncConnection, server_id: int) -> bool:
    """Whether a Discord message of a server waits to be corrected."""
    return bool(await connection.scalar(select(exists().where(_is_stale(server_id)))))


@dataclass(frozen=True, slots=True)
class StaleMessages:
    """The stale messages of one channel: how many, since when, and the last error."""

    channel_id: int
    number: int
    since: datetime
    last_error: str | None


async def stale_messages_of(connection: AsyncConnection, server_id: int) -> list[StaleMessages]:
    """Return a server's stale messages by channel, the oldest first."""
    query = select(deliveries.c.payload, deliveries.c.created_at, deliveries.c.last_error).where(_is_stale(server_id))
    channels: dict[int, StaleMessages] = {}
    for row in (await connection.execute(query.order_by(deliveries.c.id))).all():
        if isinstance(row.payload, StaleMessagePayload):
            new = StaleMessages(row.payload.channel_id, 0, row.created_at, None)
            known = channels.get(new.channel_id, new)
            error = known.last_error or row.last_error
            channels[new.channel_id] = replace(known, number=known.number + 1, last_error=error)
    return list(channels.values())


async def stale_in(connection: AsyncConnection, server_id: int, channel_id: int) -> list[int]:
    """Return the deliveries that correct messages in a channel, by id."""
    query = select(deliveries.c.id, deliveries.c.payload).where(_is_stale(server_id))
    return [
        row.id
        for row in await connection.execute(query)
        if isinstance(row.payload, StaleMessagePayload) and row.payload.channel_id == channel_id
    ]


async def retry_at(connection: AsyncConnection, delivery_ids: Iterable[int], at: datetime) -> None:
    """Set when deliveries are tried again."""
    query = update(deliveries).where(deliveries.c.id.in_(list(delivery_ids)))
    await connection.execute(query.values(next_attempt_at=at))


async def retry_stale_messages(connection: AsyncConnection, server_id: int, now: datetime) -> None:
    """Correct a server's messages now, since their channel may accept that again."""
    await lock_server(connection, server_id)
    await connection.execute(update(deliveries).where(_is_stale(server_id)).values(next_attempt_at=now))


def _is_stale(server_id: int) -> ColumnElement[bool]:
    return and_(
        deliveries.c.server_id == server_id,
        deliveries.c.kind == DeliveryKind.STALE_MESSAGE,
        deliveries.c.delivered_at.is_(None),
    )
