"""Records digests in the round in which they are due."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_types import Urgency
from bot.domain.digests import Period, due_period
from bot.domain.wrong_clock import is_from_the_future
from bot.parsing.time_zones import zone_of
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.digests import DigestSubscription, drop_digests, set_sent_until
from bot.storage.payloads import DigestPayload


async def record_digests(
    connection: AsyncConnection, subscriptions: Iterable[DigestSubscription], now: datetime, clock: Clock
) -> bool:
    """Record the digests that are due, and return whether there were any.

    Called in the transaction of a successful round, which has locked the servers.
    """
    recorded = False
    for subscription in subscriptions:
        if not _has_valid_start(subscription, now):
            # Alerts were set up after the digest, or the clock was ahead: the time before is not summarized.
            await set_sent_until(connection, subscription.server_id, now)
        elif (period := _due_period(subscription, now)) is not None:
            await _record(connection, subscription.server_id, period, now, clock)
            recorded = True
    return recorded


def is_digest_due(subscription: DigestSubscription, now: datetime) -> bool:
    """Whether `record_digests` would write anything about a subscription."""
    return not _has_valid_start(subscription, now) or _due_period(subscription, now) is not None


def _has_valid_start(subscription: DigestSubscription, now: datetime) -> bool:
    return subscription.sent_until is not None and not is_from_the_future(subscription.sent_until, now)


def _due_period(subscription: DigestSubscription, now: datetime) -> Period | None:
    rules, sent_until = subscription.rules, subscription.sent_until
    if sent_until is None:
        return None
    return due_period(rules.digest, rules.digest_hour, zone_of(rules.time_zone), sent_until=sent_until, now=now)


async def _record(connection: AsyncConnection, server_id: int, period: Period, now: datetime, clock: Clock) -> None:
    # An earlier digest that is still unsent is out of date.
    await drop_digests(connection, server_id)
    await record_delivery(
        connection,
        DeliveryKind.DIGEST,
        server_id=server_id,
        incident_id=None,
        urgency=Urgency.ROUTINE,
        nonce=clock.nonce(),
        now=now,
        payload=DigestPayload(period.since, period.until),
    )
    await set_sent_until(connection, server_id, period.until)
