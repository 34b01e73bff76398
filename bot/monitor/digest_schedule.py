"""Digests are recorded by the check in which they are due."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_types import Urgency
from bot.domain.digests import Period, due_period
from bot.parsing.time_zones import zone_of
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.digests import digests_of, drop_digests, set_sent_until
from bot.storage.payloads import DigestPayload


async def record_digests(connection: AsyncConnection, account_id: int, now: datetime, clock: Clock) -> bool:
    """Record the digests that are due, within a good round that has locked the servers; whether there were any."""
    recorded = False
    for one in await digests_of(connection, account_id):
        if one.sent_until is None:
            # Alerts were switched on after the digest: what was before is not sent.
            await set_sent_until(connection, one.server_id, now)
            continue
        rules = one.rules
        zone = zone_of(rules.time_zone)
        period = due_period(rules.digest, rules.digest_hour, zone, sent_until=one.sent_until, now=now)
        if period is not None:
            await _record(connection, one.server_id, period, now, clock)
            recorded = True
    return recorded


async def _record(connection: AsyncConnection, server_id: int, period: Period, now: datetime, clock: Clock) -> None:
    # One that could not be sent until now is old news.
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
