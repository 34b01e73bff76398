"""The queue: what goes out next, and what is recorded of its outcome. It knows the database only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import IncidentType, Urgency
from bot.domain.incident_updates import skip_past_reminders
from bot.domain.incidents import Incident, merge
from bot.domain.mutes import find_mute_end
from bot.notifier.actions import Dropped, Expired, Outcome, Refused, RetryAt, Sent
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
    raise_urgency,
    record_delivery,
)
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

CLAIMED_FOR = timedelta(seconds=45)
"""After so long, what a process has claimed and not settled is claimed by any."""
_TIMELINE_LINES = 10
_LATE = timedelta(minutes=1)


async def claim_next_batch(connection: AsyncConnection, server_id: int, clock: Clock) -> DeliveryBatch | None:
    """Claim what is to be sent to a server next, the most urgent first; None where nothing can be sent now."""
    now = clock.now()
    await lock_server(connection, server_id)
    mutes = {mute.token_id: mute.expires_at for mute in await mutes_of(connection, server_id, now)}
    heads = await _sendable(connection, server_id, mutes, now)
    while await _combine(connection, server_id, heads, clock):
        heads = await _sendable(connection, server_id, mutes, now)
    return await _claim(connection, heads[0], mutes, now) if heads else None


async def _sendable(
    connection: AsyncConnection, server_id: int, mutes: Mapping[int | None, datetime], now: datetime
) -> list[PendingDelivery]:
    """List what may be sent now, and defer what a moderator has muted until the mute ends."""
    sendable = []
    for head in await claimable_deliveries(connection, server_id, now):
        until = _deferred_until(head, mutes, now)
        if until is None:
            sendable.append(head)
        else:
            await defer(connection, head.delivery.id, until)
    return sendable


async def _combine(connection: AsyncConnection, server_id: int, heads: Sequence[PendingDelivery], clock: Clock) -> bool:
    """Combine what nobody has seen yet, where it is too much to be sent one by one; whether there was any."""
    unseen = [head for head in heads if _is_unseen(head)]
    if over := _same_route([head for head in unseen if head.incident and not head.incident.is_open]):
        await _summarize(connection, over, clock)
        return True
    alike = _same_route([head for head in unseen if _may_be_merged(head)])
    if len(alike) > 1 and len(alike) >= (await rules_of(connection, server_id)).group_from:
        await _merge(connection, alike)
        return True
    return False


def _deferred_until(head: PendingDelivery, mutes: Mapping[int | None, datetime], now: datetime) -> datetime | None:
    """Return until when an incident that nobody has seen is kept back; one that was posted is always kept up to date.

    A digest is kept back while all alerts are muted.
    """
    if head.delivery.kind is DeliveryKind.DIGEST:
        return mutes.get(None)
    if head.incident is None or head.post is not None or head.delivery.kind is DeliveryKind.SUMMARY:
        return None
    return find_mute_end(head.incident, mutes, now)


def _is_unseen(head: PendingDelivery) -> bool:
    """Whether certainly nobody has seen anything of its incident: no attempt may have reached Discord unnoticed."""
    # Other kinds follow what was shown, even where somebody has deleted its Discord message since.
    is_news = head.delivery.kind is DeliveryKind.STARTED
    return is_news and head.incident is not None and head.post is None and head.delivery.attempts == 0


def _may_be_merged(head: PendingDelivery) -> bool:
    return head.incident is not None and head.incident.is_open and head.incident.type is not IncidentType.NO_DATA


def _same_route(heads: Sequence[PendingDelivery]) -> list[PendingDelivery]:
    """Select those that go where the first one goes, and are about the same sort of thing if they are open."""
    if not heads or heads[0].incident is None:
        return []
    first, sort = heads[0].route, heads[0].incident.type
    return [
        head
        for head in heads
        if (head.route.channel_id, head.route.role_id) == (first.channel_id, first.role_id)
        and head.incident is not None
        and (head.incident.type is sort or not head.incident.is_open)
    ]


async def _summarize(connection: AsyncConnection, heads: Sequence[PendingDelivery], clock: Clock) -> None:
    """Have incidents that were over before anyone could be notified make one Discord message together."""
    now = clock.now()
    ids = [head.incident_id for head in heads if head.incident_id is not None]
    for incident_id in ids:
        await mark_superseded(connection, incident_id, now)
    await record_delivery(
        connection,
        DeliveryKind.SUMMARY,
        server_id=heads[0].route.server_id,
        incident_id=ids[0],
        urgency=Urgency.ROUTINE,
        nonce=clock.nonce(),
        now=now,
        payload=SummaryPayload(tuple(ids)),
    )


async def _merge(connection: AsyncConnection, heads: Sequence[PendingDelivery]) -> None:
    """Have incidents that nobody has seen yet be one incident from now on."""
    incidents = sorted((head.incident for head in heads if head.incident is not None), key=lambda one: one.id or 0)
    merged = await save_incident(connection, merge(incidents))
    for other in incidents[1:]:
        if other.id is not None and merged.id is not None:
            await merge_incidents(connection, other.id, into=merged.id)
    if merged.id is not None:
        await raise_urgency(connection, merged.id, merged.urgency)


async def _claim(
    connection: AsyncConnection, head: PendingDelivery, mutes: Mapping[int | None, datetime], now: datetime
) -> DeliveryBatch:
    claimed_until = now + CLAIMED_FOR
    deliveries = tuple(await claim(connection, head, claimed_until))
    attempted_since = await created_at(connection, head.delivery.id) if head.delivery.attempts else None
    incident = head.incident
    if incident is None or incident.id is None:
        return DeliveryBatch(deliveries, head.route, claimed_until, attempted_since)
    if head.post is None and incident.is_open and now - incident.started_at >= _LATE:
        # It was kept back and goes out now, which serves as its reminders until now.
        rules = await rules_of(connection, head.route.server_id)
        await save_incident(connection, skip_past_reminders(incident, now, rules))
    summarized: Iterable[Incident] = ()
    if isinstance(head.delivery.payload, SummaryPayload):
        summarized = await get_incidents(connection, head.delivery.payload.incident_ids)
    token_ids = [member.token_id for member in incident.members]
    return DeliveryBatch(
        deliveries=deliveries,
        route=head.route,
        claimed_until=claimed_until,
        attempted_since=attempted_since,
        incident=incident,
        post=head.post,
        timeline=await timeline_of(connection, incident.id, most=_TIMELINE_LINES),
        readings=await readings_of(connection, head.route.account_id, token_ids),
        names=await names_of(connection, head.route.server_id),
        summarized=tuple(summarized),
        is_silenced=incident.is_muted(now) or find_mute_end(incident, mutes, now) is not None,
    )


# --- The outcome


async def resolve_flapping(connection: AsyncConnection, batch: DeliveryBatch, outcome: Outcome, clock: Clock) -> None:
    """Record the outcome of an attempt to send a batch."""
    # As a round does: two that lock the same rows in another order would wait for each other.
    await lock_server(connection, batch.route.server_id)
    is_ours = await is_claimed(connection, batch.first.id, batch.claimed_until)
    match outcome:
        case Sent(message=PostedMessage() as message, is_current=False) if is_ours and batch.living_incident:
            await _record_found(connection, batch, message)
        case Sent() | Dropped() if is_ours:
            await _record_delivered(connection, batch, outcome, clock.now())
        case Sent() | Dropped():
            await _record_refresh(connection, batch, clock)
        case Refused() | RetryAt():
            if is_ours:
                await postpone(connection, batch.first.id, outcome.retry_at, outcome.problem)
            if isinstance(outcome, Refused):
                await _record_refusal(connection, batch, outcome.reason, clock)
        case Expired():
            pass


async def _record_found(connection: AsyncConnection, batch: DeliveryBatch, message: PostedMessage) -> None:
    """Record the Discord message of an earlier attempt. It shows what was true then, so the batch edits it next.

    It is recorded before it is edited: what is over has no buttons any more, by which it could be found again.
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
    # A line about an incident that is over is never edited.
    await set_post(connection, incident.id, post if incident.is_open else None)


async def _record_refresh(connection: AsyncConnection, batch: DeliveryBatch, clock: Clock) -> None:
    """Have the incident's Discord message edited: what arrived so late may not be true any more.

    There is none where alerts were switched off meanwhile, and what was posted is nobody's then.
    """
    incident = await get_incident(connection, batch.incident.id) if batch.incident and batch.incident.id else None
    if incident is not None:
        await record_refresh(connection, incident, nonce=clock.nonce(), now=clock.now())


async def _record_refusal(
    connection: AsyncConnection, batch: DeliveryBatch, reason: DisabledReason, clock: Clock
) -> None:
    """Mark the route as broken, so that all that goes there waits, and have moderators notified once."""
    route = batch.route
    is_news = await mark_route_broken(connection, route, reason)
    # Whoever sends a test is shown its outcome.
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
