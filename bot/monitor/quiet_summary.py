"""Records what was alerted in quiet hours, in the first round after them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_types import Urgency
from bot.domain.incident_updates import skip_past_reminders
from bot.domain.quiet_hours import is_quiet
from bot.domain.rules import Rules
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.incidents import get_incidents, save_incidents, take_quiet_incidents
from bot.storage.payloads import SummaryPayload


async def record_quiet_summary(
    connection: AsyncConnection, server_id: int, rules: Rules, now: datetime, clock: Clock
) -> bool:
    """Record a summary of what was alerted in the quiet hours that are over; False if there was nothing.

    It stands for the reminders that are due by now.
    """
    if is_quiet(rules, now):
        return False
    ids = await take_quiet_incidents(connection, server_id)
    if not ids:
        return False
    routine = [one for one in await get_incidents(connection, ids) if one.urgency < Urgency.URGENT]
    await save_incidents(connection, [(skip_past_reminders(one, now, rules), ()) for one in routine])
    await record_delivery(
        connection,
        DeliveryKind.QUIET_SUMMARY,
        server_id=server_id,
        urgency=Urgency.NOTICE,
        nonce=clock.nonce(),
        now=now,
        payload=SummaryPayload(ids),
    )
    return True
