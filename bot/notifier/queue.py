"""The queue: claims the next batch to send, and records its outcome. It uses the database only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import IncidentType, Urgency
from bot.domain.incident_updates import skip_past_reminders
from bot.domain.incidents import Incident, merge
from bot.domain.mutes import find_mute_end
from bot.notifier.actions import Dropped, Expired, Outcome, Refused, Replied, RetryAt, Sent
from bot.notifier.batch import DeliveryBatch
from bot.storage.alert_routes import lock_server, mark_route_broken
from bot.storage.claims import PendingDelivery, claim, claimable_deliveries, is_claimed, release
from bot.storage.deliveries import (
    DeliveryKind,
    created_at,
    defer,
    mark_delivered,
    mark_superseded,
    postpone,
    postpone_edit,
    raise_urgency,
    record_delivery,
)
from bot.storage.due_times import CLAIM_DURATION
from bot.storage.incident_updates import record_refresh
from bot.storage.incidents import (
    PostedMessage,
    get_incident,
    get_incidents,
    merge_incidents,
    save_incident,
    set_post,
    timeline_of,
)
from bot.storage.mutes import mutes_of
from bot.storage.payloads import BrokenRoutePayload, SummaryPayload
from bot.storage.server_settings import rules_of
from bot.storage.token_names import names_of
from bot.storage.tokens import readings_of

_TIMELINE_LINES = 10
_LATE_AFTER = timedelta(minutes=1)


async def claim_next_batch(connection: AsyncConnection, server_id: int, clock: Clock) -> DeliveryBatch | None:
    """Claim the most urgent batch of a server; None if nothing can be sent now."""
    now = clock.now()
    await lock_server(connection, server_id)
    mutes = {mute.token_id: mute.expires_at for mute in await mutes_of(connection, server_id, now)}
    pending = await _sendable(connection, server_id, mutes, now)
    while await _combine(connection, server_id, pending, clock):
        pending = await _sendable(connection, server_id, mutes, now)
    return await _claim(connection, pending[0], mutes, now) if pending else None


async def _sendable(
    connection: AsyncConnection, server_id: int, mutes: Mapping[int | None, datetime], now: datetime
) -> list[PendingDelivery]:
    """Return what may be sent now, most urgent first, and defer what is muted until the mute ends."""
    sendable = []
    for pending in await claimable_deliveries(connection, server_id, now):
        until = _deferred_until(pending, mutes, now)
        if until is None:
            sendable.append(pending)
        else:
            await defer(connection, pending.delivery.id, until, now)
    return sendable


async def _combine(
    connection: AsyncConnection, server_id: int, pending: Sequence[PendingDelivery], clock: Clock
) -> bool:
    """Combine incidents that nobody has seen yet, if they are too many to send separately; whether there were any."""
    unseen = [one for one in pending if _is_unseen(one)]
    if resolved := _same_route([one for one in unseen if one.incident and not one.incident.is_open]):
        await _summarize(connection, resolved, clock)
        return True
    mergeable = _same_route([one for one in unseen if _may_be_merged(one)])
    if len(mergeable) > 1 and len(mergeable) >= (await rules_of(connection, server_id)).group_from:
        await _merge(connection, mergeable)
        return True
    return False


def _deferred_until(pending: PendingDelivery, mutes: Mapping[int | None, datetime], now: datetime) -> datetime | None:
    """Return when a muted delivery may be sent; None if now. A posted incident is always kept up to date.

    A digest waits while all alerts are muted.
    """
    if pending.delivery.kind is DeliveryKind.DIGEST:
        return mutes.get(None)
    if pending.incident is None or pending.post is not None or pending.delivery.kind is DeliveryKind.SUMMARY:
        return None
    return find_mute_end(pending.incident, mutes, now)


def _is_unseen(pending: PendingDelivery) -> bool:
    """Whether nobody can have seen the incident: no attempt may have reached Discord unnoticed."""
    # The other kinds follow an earlier message, even if somebody has deleted it since.
    is_first = pending.delivery.kind is DeliveryKind.STARTED
    return is_first and pending.incident is not None and pending.post is None and pending.delivery.attempts == 0


def _may_be_merged(pending: PendingDelivery) -> bool:
    incident = pending.incident
    return incident is not None and incident.is_open and incident.type is not IncidentType.NO_DATA


def _same_route(pending: Sequence[PendingDelivery]) -> list[PendingDelivery]:
    """Return those with the route of the first one. Open incidents must be of its type too."""
    if not pending or pending[0].incident is None:
        return []
    first, incident_type = pending[0].route, pending[0].incident.type
    return [
        one
        for one in pending
        if (one.route.channel_id, one.route.role_id) == (first.channel_id, first.role_id)
        and one.incident is not None
        and (one.incident.type is incident_type or not one.incident.is_open)
    ]


async def _summarize(connection: AsyncConnection, pending: Sequence[PendingDelivery], clock: Clock) -> None:
    """Replace the deliveries of incidents that are already resolved by one summary."""
    now = clock.now()
    ids = [one.incident_id for one in pending if one.incident_id is not None]
    for incident_id in ids:
        await mark_superseded(connection, incident_id, now)
    await record_delivery(
        connection,
        DeliveryKind.SUMMARY,
        server_id=pending[0].route.server_id,
        incident_id=ids[0],
        urgency=Urgency.ROUTINE,
        nonce=clock.nonce(),
        now=now,
        payload=SummaryPayload(tuple(ids)),
    )


async def _merge(connection: AsyncConnection, pending: Sequence[PendingDelivery]) -> None:
    """Merge incidents that nobody has seen yet into the one that was recorded first."""
    in_order = sorted(pending, key=lambda one: one.delivery.id)
    incidents = [one.incident for one in in_order if one.incident is not None]
    merged = await save_incident(connection, merge(incidents))
    for other in incidents[1:]:
        if other.id is not None and merged.id is not None:
            await merge_incidents(connection, other.id, into=merged.id)
    if merged.id is not None:
        await raise_urgency(connection, merged.id, merged.urgency)


async def _claim(
    connection: AsyncConnection, pending: PendingDelivery, mutes: Mapping[int | None, datetime], now: datetime
) -> DeliveryBatch:
    route = pending.route
    claimed_until = now + CLAIM_DURATION
    deliveries = tuple(await claim(connection, pending, claimed_until))
    attempted_since = await created_at(connection, pending.delivery.id) if pending.delivery.attempts else None
    incident = pending.incident
    if incident is None or incident.id is None:
        return DeliveryBatch(deliveries, route, claimed_until, attempted_since)
    if pending.post is None and incident.is_open and now - incident.started_at >= _LATE_AFTER:
        # A late first alert replaces the reminders that were due before it.
        rules = await rules_of(connection, route.server_id)
        await save_incident(connection, skip_past_reminders(incident, now, rules))
    summarized: Iterable[Incident] = ()
    if isinstance(pending.delivery.payload, SummaryPayload):
        summarized = await get_incidents(connection, pending.delivery.payload.incident_ids)
    token_ids = [member.token_id for member in incident.members]
    return DeliveryBatch(
        deliveries=deliveries,
        route=route,
        claimed_until=claimed_until,
        attempted_since=attempted_since,
        incident=incident,
        post=pending.post,
        timeline=await timeline_of(connection, incident.id, most=_TIMELINE_LINES),
        readings=await readings_of(connection, route.account_id, token_ids),
        names=await names_of(connection, route.server_id),
        summarized=tuple(summarized),
        is_muted=incident.is_muted(now) or find_mute_end(incident, mutes, now) is not None,
    )


# --- The outcome


async def record_outcome(connection: AsyncConnection, batch: DeliveryBatch, outcome: Outcome, clock: Clock) -> None:
    """Record the outcome of an attempt to send a batch."""
    # Lock in the same order as a round does, so that the two cannot deadlock.
    await lock_server(connection, batch.route.server_id)
    is_ours = await is_claimed(connection, batch.first.id, batch.claimed_until)
    match outcome:
        case Sent(message=PostedMessage() as message, is_current=False) if is_ours and batch.living_incident:
            await _record_found(connection, batch, message)
        case Sent() | Dropped() if is_ours:
            await _record_delivered(connection, batch, outcome, clock.now())
        case Replied(edit) if is_ours:
            now = clock.now()
            await mark_delivered(connection, [delivery.id for delivery in batch.deliveries[1:]], now)
            await postpone_edit(connection, batch.first.id, edit.retry_at, edit.error)
        case Sent() | Dropped() | Replied():
            await _record_refresh(connection, batch, clock)
        case Refused() | RetryAt():
            if is_ours:
                await postpone(connection, batch.first.id, outcome.retry_at, outcome.error)
            if isinstance(outcome, Refused):
                await _record_refusal(connection, batch, outcome.reason, clock)
        case Expired():
            pass


async def _record_found(connection: AsyncConnection, batch: DeliveryBatch, message: PostedMessage) -> None:
    """Record the Discord message of an earlier attempt. It may be out of date, so the batch is released to edit it.

    It is recorded before it is edited: a resolved alert has no buttons, by which it could be found again.
    """
    if batch.incident is not None and batch.incident.id is not None:
        await set_post(connection, batch.incident.id, message)
    await release(connection, batch.first.id)


async def _record_delivered(
    connection: AsyncConnection, batch: DeliveryBatch, outcome: Sent | Dropped, now: datetime
) -> None:
    await mark_delivered(connection, [delivery.id for delivery in batch.deliveries], now)
    incident, post = batch.living_incident, outcome.message if isinstance(outcome, Sent) else None
    if incident is None or incident.id is None or post == batch.post:
        return
    # The message of a resolved incident is never edited again.
    await set_post(connection, incident.id, post if incident.is_open else None)


async def _record_refresh(connection: AsyncConnection, batch: DeliveryBatch, clock: Clock) -> None:
    """Record that the incident's Discord message must be edited: what was sent so late may be out of date.

    If alerts were switched off meanwhile, the incident no longer exists, and the message is left as it is.
    """
    incident = await get_incident(connection, batch.incident.id) if batch.incident and batch.incident.id else None
    if incident is not None:
        await record_refresh(connection, incident, nonce=clock.nonce(), now=clock.now())


async def _record_refusal(
    connection: AsyncConnection, batch: DeliveryBatch, reason: DisabledReason, clock: Clock
) -> None:
    """Mark the route as broken, so that its deliveries wait, and notify moderators once."""
    route = batch.route
    is_news = await mark_route_broken(connection, route, reason)
    # The sender of a test sees its outcome anyway.
    if is_news and batch.first.kind is not DeliveryKind.TEST:
        await record_delivery(
            connection,
            DeliveryKind.ROUTE_BROKEN,
            server_id=route.server_id,
            incident_id=None,
            urgency=Urgency.WARNING,
            nonce=clock.nonce(),
            now=clock.now(),
            payload=BrokenRoutePayload(route.channel_id, route.created_by),
        )
