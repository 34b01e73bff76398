"""Stale messages of incidents: Discord refuses to edit them, and they are corrected when it accepts that again."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_routes import DisabledReason, pause_before_retry
from bot.notifier.actions import Dropped, Outcome, Refused, Sent
from bot.notifier.batch import DeliveryBatch
from bot.storage.deliveries import DeliveryKind, mark_delivered, postpone, record_delivery
from bot.storage.payloads import StaleMessagePayload
from bot.storage.stale_messages import retry_at, stale_in

log = structlog.get_logger(__name__)


async def record_stale(connection: AsyncConnection, batch: DeliveryBatch, outcome: Outcome, clock: Clock) -> None:
    """Record that the Discord message of a batch is out of date from now on, if it is."""
    incident, message = batch.living_incident, outcome.stale if isinstance(outcome, Sent | Dropped) else None
    if incident is None or incident.id is None or message is None:
        return
    log.warning(
        "Discord refuses to edit an alert in a channel that is no longer used. It is corrected when that is possible.",
        server=incident.server_id,
        channel=message.channel_id,
    )
    payload = StaleMessagePayload(incident.id, message.channel_id, message.discord_message_id)
    now = clock.now()
    id_ = await record_delivery(
        connection,
        DeliveryKind.STALE_MESSAGE,
        server_id=incident.server_id,
        nonce=clock.nonce(),
        now=now,
        payload=payload,
    )
    await retry_at(connection, [id_], now + pause_before_retry(now, now))


async def record_refusal(connection: AsyncConnection, batch: DeliveryBatch, refused: Refused, clock: Clock) -> None:
    """Try again later, with all others of the channel: Discord limits how many requests it may refuse.

    In a channel that was deleted, nothing is left to correct.
    """
    now = clock.now()
    if refused.reason is DisabledReason.UNKNOWN_CHANNEL:
        await mark_delivered(connection, [batch.first.id], now)
        return
    pause = clock.jitter(pause_before_retry(batch.first.created_at, now).total_seconds())
    later = now + timedelta(seconds=pause)
    await postpone(connection, batch.first.id, later, refused.error)
    await retry_others(connection, batch, later)


async def retry_others(connection: AsyncConnection, batch: DeliveryBatch, at: datetime) -> None:
    """Set when the stale messages in the same channel are tried again: what Discord says of one is so for all."""
    if batch.post is not None:
        await retry_at(connection, await stale_in(connection, batch.route.server_id, batch.post.channel_id), at)
