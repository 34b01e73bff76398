"""Digests: which servers have them, and up to when each has been told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.health.rules import DigestDay, Rules
from bot.storage.deliveries import DeliveryKind
from bot.storage.tables import deliveries, digests, rules, servers
from bot.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class DigestOf:
    """A server that wants digests. `told_until` is None where nothing was ever said of it."""

    server_id: int
    rules: Rules
    told_until: datetime | None


async def digests_of(connection: AsyncConnection, account_id: int) -> list[DigestOf]:
    """List the servers with alerts of this account that want digests."""
    query = (
        select(servers.c.server_id, rules.c.numbers, digests.c.told_until)
        .select_from(servers)
        .join(rules, rules.c.server_id == servers.c.server_id)
        .outerjoin(digests, digests.c.server_id == servers.c.server_id)
        .where(servers.c.account_id == account_id)
        .order_by(servers.c.server_id)
    )
    found = [DigestOf(row.server_id, row.numbers, row.told_until) for row in await connection.execute(query)]
    return [one for one in found if one.rules.digest is not DigestDay.OFF]


async def set_told_until(connection: AsyncConnection, server_id: int, until: datetime) -> None:
    """Write down up to when a server has been told; what should have come before does not come any more."""
    await upsert(connection, digests, [{"server_id": server_id, "told_until": until}])


async def drop_digests(connection: AsyncConnection, server_id: int) -> None:
    """Forget the digests of a server that have not arrived: a later one takes their place, or none is wanted."""
    is_digest = (deliveries.c.server_id == server_id) & (deliveries.c.kind == DeliveryKind.DIGEST)
    await connection.execute(delete(deliveries).where(is_digest, deliveries.c.delivered_at.is_(None)))
