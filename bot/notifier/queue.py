"""The queue: claims the next batch to send. It uses the database only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_types import IncidentType
from bot.domain.escalation import find_escalation_hold
from bot.domain.evaluation import TrackedToken
from bot.domain.incident_updates import skip_past_reminders
from bot.domain.incidents import Incident
from bot.domain.mutes import Mutes, find_mute_end, find_worse_mute_end
from bot.domain.quiet_hours import is_ping_suppressed, is_quiet, quiet_end
from bot.domain.rules import Rules
from bot.notifier import threads
from bot.notifier.batch import DeliveryBatch
from bot.notifier.grouping import regroup
from bot.notifier.previous_attempts import NONCE_LIFETIME
from bot.queries.in_fast import in_fast
from bot.queries.unread import outage_since, unread_since
from bot.storage.accounts import Account, get_account
from bot.storage.alert_routes import lock_server, token_routes_of
from bot.storage.claims import Lane, PendingDelivery, claim, claimable_deliveries, count_waiting_alerts
from bot.storage.deliveries import MODERATOR_NOTICES, Delivery, DeliveryKind, alert_recorded_at, defer
from bot.storage.due_times import CLAIM_DURATION
from bot.storage.incidents import (
    PostedMessage,
    find_incident,
    get_incidents,
    get_post,
    save_incident,
    timeline_of,
)
from bot.storage.mutes import mute_spans_of
from bot.storage.payloads import StaleMessagePayload, SummaryPayload
from bot.storage.server_settings import rules_of
from bot.storage.token_names import names_of
from bot.storage.token_owners import owners_of
from bot.storage.tokens import tracked_tokens_of

_TIMELINE_LINES = 10
_LATE_AFTER = timedelta(minutes=1)


async def claim_next_batch(
    connection: AsyncConnection, server_id: int, clock: Clock, lane: Lane = Lane.ALERTS
) -> DeliveryBatch | None:
    """Claim the most urgent batch of a server; None if nothing can be sent now."""
    now = clock.now()
    await lock_server(connection, server_id)
    mutes, rules = await mute_spans_of(connection, server_id, now), await rules_of(connection, server_id)
    pending = await _sendable(connection, server_id, lane, mutes, rules, now)
    while await regroup(connection, pending, mutes, rules.group_from, clock):
        pending = await _sendable(connection, server_id, lane, mutes, rules, now)
    return await _claim(connection, pending[0], mutes, rules, now) if pending else None


async def _sendable(
    connection: AsyncConnection, server_id: int, lane: Lane, mutes: Mutes, rules: Rules, now: datetime
) -> list[PendingDelivery]:
    """Return what may be sent now, most urgent first, and defer what is muted until the mute ends."""
    sendable = []
    for pending in await claimable_deliveries(connection, server_id, now, lane):
        until = _deferred_until(pending, mutes, rules, now)
        if until is None:
            sendable.append(pending)
        else:
            await defer(connection, pending.delivery.id, until, now)
    return sendable


def _deferred_until(pending: PendingDelivery, mutes: Mutes, rules: Rules, now: datetime) -> datetime | None:
    """Return when a muted delivery may be sent; None if now. A posted incident is always kept up to date.

    A digest and a summary of quiet hours wait while all alerts are muted. A summary may be so late that it is quiet
    again: it waits for the end of that, too.
    """
    if pending.delivery.kind in {DeliveryKind.DIGEST, DeliveryKind.QUIET_SUMMARY} and None in mutes:
        return mutes[None].expires_at
    if pending.delivery.kind is DeliveryKind.QUIET_SUMMARY:
        return quiet_end(rules, now)
    if pending.delivery.kind is DeliveryKind.HELD_BACK and pending.incident is not None:
        return find_worse_mute_end(pending.incident, mutes, now)
    if pending.delivery.kind is DeliveryKind.ESCALATED and pending.incident is not None and pending.post is not None:
        return find_escalation_hold(pending.incident, find_mute_end(pending.incident, mutes, now), now, rules)
    if pending.incident is None or pending.post is not None or pending.delivery.kind is DeliveryKind.SUMMARY:
        return None
    return find_mute_end(pending.incident, mutes, now)


async def _claim(
    connection: AsyncConnection, pending: PendingDelivery, mutes: Mutes, rules: Rules, now: datetime
) -> DeliveryBatch:
    route = pending.route
    claimed_until = now + CLAIM_DURATION
    deliveries = tuple(await claim(connection, pending, claimed_until))
    attempted_since = _attempted_since(pending, deliveries[0], now)
    incident = pending.incident
    if pending.delivery.kind is DeliveryKind.STALE_MESSAGE:
        return await _stale_message(connection, DeliveryBatch(deliveries, route, claimed_until, attempted_since))
    if incident is None or incident.id is None:
        is_restoration = pending.delivery.kind is DeliveryKind.ROUTE_RESTORED
        is_in_thread = pending.delivery.kind is DeliveryKind.THREAD
        is_notice = pending.delivery.kind in MODERATOR_NOTICES
        return DeliveryBatch(
            deliveries,
            route,
            claimed_until,
            attempted_since,
            waiting_alerts=await count_waiting_alerts(connection, route) if is_restoration else 0,
            routes=(route, *await token_routes_of(connection, route)) if is_notice else (),
            summarized=await _summarized(connection, pending.delivery),
            names=await names_of(connection, route.server_id),
            thread_lines=await threads.compose(connection, pending.delivery, route, now) if is_in_thread else "",
        )
    worse_muted_until = find_worse_mute_end(incident, mutes, now)
    was_held_back = worse_muted_until is None and any(one.kind is DeliveryKind.HELD_BACK for one in deliveries)
    is_first_alert = pending.post is None or was_held_back
    says_news = is_first_alert or any(one.kind is DeliveryKind.WORSENED for one in deliveries)
    sent = _as_sent(incident, rules, now, is_first_alert=is_first_alert, says_news=says_news)
    if sent != incident:
        await save_incident(connection, sent)
    account = await get_account(connection, route.account_id, now)
    tokens = await tracked_tokens_of(connection, account.id, [member.token_id for member in incident.members])
    is_about_modes = incident.type is IncidentType.MODE
    return DeliveryBatch(
        deliveries=deliveries,
        route=route,
        claimed_until=claimed_until,
        attempted_since=attempted_since,
        incident=incident,
        post=pending.post,
        timeline=await timeline_of(connection, incident.id, most=_TIMELINE_LINES),
        readings={token.reading.token_id: token.reading for token in tokens},
        unread_since=await _unread_since(connection, incident, account, rules, tokens, now),
        in_fast=await in_fast(connection, account, route.server_id, now) if is_about_modes else None,
        names=await names_of(connection, route.server_id),
        owners=await owners_of(connection, route.server_id) if is_about_modes else {},
        summarized=await _summarized(connection, pending.delivery),
        alert_recorded_at=alert_recorded_at(deliveries),
        is_muted=incident.is_muted(now) or find_mute_end(incident, mutes, now) is not None,
        escalation_held_until=find_escalation_hold(sent, find_mute_end(sent, mutes, now), now, rules),
        worse_muted_until=worse_muted_until,
        is_quiet=is_ping_suppressed(incident, rules, now),
        escalate_role_id=rules.escalate_role or None,
    )


async def _stale_message(connection: AsyncConnection, batch: DeliveryBatch) -> DeliveryBatch:
    """Add the incident of a message that is out of date, and how it ended or where it goes on."""
    payload = batch.first.payload
    if not isinstance(payload, StaleMessagePayload):
        raise TypeError("the payload of a STALE_MESSAGE delivery must be a StaleMessagePayload")
    incident = await find_incident(connection, payload.incident_id)
    if incident is None:
        return batch
    token_ids = [member.token_id for member in incident.members]
    tokens = await tracked_tokens_of(connection, batch.route.account_id, token_ids)
    return replace(
        batch,
        incident=incident,
        post=PostedMessage(payload.channel_id, payload.discord_message_id),
        continued_in=await get_post(connection, payload.incident_id),
        timeline=await timeline_of(connection, payload.incident_id, most=_TIMELINE_LINES),
        readings={token.reading.token_id: token.reading for token in tokens},
        names=await names_of(connection, batch.route.server_id),
    )


def _as_sent(incident: Incident, rules: Rules, now: datetime, *, is_first_alert: bool, says_news: bool) -> Incident:
    """Return an open incident as it is once the batch is sent."""
    if not incident.is_open:
        return incident
    if is_first_alert and now - incident.started_at >= _LATE_AFTER:
        # A late alert replaces the reminders that were due before it, and nobody could acknowledge it before.
        since = incident.unacknowledged_since if incident.escalated_at is not None else now
        incident = replace(skip_past_reminders(incident, now, rules), unacknowledged_since=since)
    if says_news and is_quiet(rules, now):
        incident = replace(incident, quiet_at=incident.quiet_at or now)
    return incident


async def _summarized(connection: AsyncConnection, delivery: Delivery) -> tuple[Incident, ...]:
    if not isinstance(delivery.payload, SummaryPayload):
        return ()
    return tuple(await get_incidents(connection, delivery.payload.incident_ids))


def _attempted_since(pending: PendingDelivery, claimed: Delivery, now: datetime) -> datetime | None:
    """Return since when the delivery may have reached Discord unnoticed; None if it cannot have.

    A restored backup does not know what was sent after it was made, so nothing is known of an incident's delivery that
    is older than the nonces that Discord remembers. Other messages can be the same as an earlier one.
    """
    may_be_restored = pending.incident is not None and now - claimed.created_at >= NONCE_LIFETIME
    return claimed.created_at if pending.delivery.attempts or may_be_restored else None


async def _unread_since(
    connection: AsyncConnection,
    incident: Incident,
    account: Account,
    rules: Rules,
    tokens: Sequence[TrackedToken],
    now: datetime,
) -> dict[int, datetime]:
    if incident.type is IncidentType.CAPACITY:
        return await outage_since(connection, account, incident.server_id)
    return await unread_since(connection, account, incident.server_id, rules, tokens, now)
