"""Digests: which servers get them, and which period was sent last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.rules import DigestDay, Rules
from bot.storage.alert_routes import has_alerts
from bot.storage.deliveries import DeliveryKind
from bot.storage.schema import alert_routes, deliveries, digests, server_settings
from bot.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class DigestSubscription:
    """A server that gets digests. `sent_until` is None before the first."""

    server_id: int
    rules: Rules
    sent_until: datetime | None


_WITH_SETTINGS = (
    select(alert_routes.c.server_id, server_settings.c.rules, digests.c.sent_until)
    .select_from(alert_routes)
    .join(server_settings, server_settings.c.server_id == alert_routes.c.server_id)
    .outerjoin(digests, digests.c.server_id == alert_routes.c.server_id)
    .where(alert_routes.c.account_id == bindparam("its_account"), has_alerts())
    .order_by(alert_routes.c.server_id)
)


async def digests_of(connection: AsyncConnection, account_id: int) -> list[DigestSubscription]:
    """Return the servers with alerts about this account that have digests on."""
    rows = await connection.execute(_WITH_SETTINGS, {"its_account": account_id})
    found = [DigestSubscription(row.server_id, row.rules, row.sent_until) for row in rows]
    return [one for one in found if one.rules.digest is not DigestDay.OFF]


async def set_sent_until(connection: AsyncConnection, server_id: int, until: datetime) -> None:
    """Record the end of the last period sent to a server. Digests of earlier periods are not sent any more."""
    await upsert(connection, digests, [{"server_id": server_id, "sent_until": until}])


async def drop_digests(connection: AsyncConnection, server_id: int) -> None:
    """Delete a server's undelivered digests, since a later one replaces them, or digests were switched off."""
    is_digest = (deliveries.c.server_id == server_id) & (deliveries.c.kind == DeliveryKind.DIGEST)
    await connection.execute(delete(deliveries).where(is_digest, deliveries.c.delivered_at.is_(None)))
