"""Outcomes: records what an attempt to send a batch has led to. It uses the database only."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_routes import pause_before_retry
from bot.domain.alert_types import Urgency
from bot.notifier import stale_messages, threads
from bot.notifier.actions import Dropped, Expired, Outcome, Refused, Replied, RetryAt, Sent
from bot.notifier.batch import DeliveryBatch
from bot.notifier.discord_errors import FailureScope
from bot.notifier.wording import PLAIN_AFTER
from bot.storage.alert_routes import lock_server, mark_route_broken, mark_route_working
from bot.storage.claims import is_claimed, release
from bot.storage.deliveries import (
    MODERATOR_NOTICES,
    NOT_IN_ROUTES,
    Delivery,
    DeliveryKind,
    count_rejection,
    defer,
    drop_broken_route_notices,
    hold_back,
    is_restoration_recorded,
    leave_the_edit,
    mark_delivered,
    payloads_since,
    postpone,
    postpone_edit,
    record_delivery,
)
from bot.storage.incident_updates import record_refresh
from bot.storage.incidents import PostedMessage, get_incident, get_post, save_incident, set_post
from bot.storage.payloads import BrokenRoutePayload, RejectedMessagePayload, RestoredRoutePayload

_ONCE_A_DAY = timedelta(days=1)
_AFTER_TIME_OUT = timedelta(seconds=1)  # Discord's clock may be a little behind this one


async def record_outcome(connection: AsyncConnection, batch: DeliveryBatch, outcome: Outcome, clock: Clock) -> None:
    """Record the outcome of an attempt to send a batch."""
    # Lock in the same order as a round does, so that the two cannot deadlock.
    await lock_server(connection, batch.route.server_id)
    is_ours = await is_claimed(connection, batch.first.id, batch.claimed_until)
    if _restores_route(batch, outcome):
        await mark_route_working(connection, batch.route)
    if is_ours:
        await stale_messages.record_stale(connection, batch, outcome, clock)
    match outcome:
        case Sent(message=PostedMessage() as message, is_current=False) if is_ours and batch.living_incident:
            await _record_found(connection, batch, message, outcome.named_roles)
        case Sent() | Dropped() if is_ours:
            await _record_delivered(connection, batch, outcome, clock.now())
        case Replied(edit) if is_ours:
            await _settle(connection, batch, batch.deliveries[1:], clock.now())
            if batch.first in (batch.held_back, batch.held_back_escalation):
                # That waits for the end of a mute, so the edit needs a delivery of its own.
                await _record_refresh(connection, batch, outcome, clock)
            else:
                await postpone_edit(connection, batch.first.id, edit.retry_at, edit.error)
            await _record_rejection(connection, batch, edit, clock)
        case Sent() | Dropped() | Replied():
            await _record_refresh(connection, batch, outcome, clock)
        case Refused() | RetryAt():
            await _record_failure(connection, batch, outcome, clock, is_ours=is_ours)
        case Expired():
            pass


async def _record_found(
    connection: AsyncConnection, batch: DeliveryBatch, message: PostedMessage, named_roles: Set[int]
) -> None:
    """Record the Discord message of an earlier attempt. It may be out of date, so the batch is released to edit it.

    It is recorded before it is edited: a resolved alert has no buttons, by which it could be found again.
    """
    if batch.incident is not None and batch.incident.id is not None:
        await set_post(connection, batch.incident.id, message)
    escalation, role_id = batch.latest(DeliveryKind.ESCALATED), batch.escalate_role_id
    # An alert that is posted late may have pinged the second role, too.
    if escalation is not None and role_id in named_roles and role_id != batch.route.role_id:
        await leave_the_edit(connection, escalation.id)
    await release(connection, batch.first.id)


async def _record_delivered(
    connection: AsyncConnection, batch: DeliveryBatch, outcome: Sent | Dropped, now: datetime
) -> None:
    await _settle(connection, batch, batch.deliveries, now)
    if batch.first.kind is DeliveryKind.STALE_MESSAGE:
        await stale_messages.retry_others(connection, batch, now)
    incident, post = batch.living_incident, outcome.message if isinstance(outcome, Sent) else None
    if incident is None or incident.id is None or post == batch.post:
        return
    # The message of a resolved incident is never edited again.
    await set_post(connection, incident.id, post if incident.is_open else None)


async def _settle(connection: AsyncConnection, batch: DeliveryBatch, sent: Sequence[Delivery], now: datetime) -> None:
    """Record deliveries as sent, except what a mute or quiet hours hold back, and of what people were notified."""
    held_back, escalation = batch.held_back, batch.held_back_escalation
    await mark_delivered(connection, [one.id for one in sent if one not in (held_back, escalation)], now)
    if escalation is not None and batch.escalation_held_until is not None:
        await release(connection, escalation.id)
        await defer(connection, escalation.id, batch.escalation_held_until, now)
    if held_back is not None and batch.worse_muted_until is not None:
        await hold_back(connection, held_back.id, batch.worse_muted_until, now)
    shown = batch.living_incident
    incident = await get_incident(connection, shown.id) if shown is not None and shown.id is not None else None
    if shown is None or incident is None:
        return
    recorded = incident
    if shown.has_worsened and batch.notifies:
        incident = incident.notified_as(shown)
    if DeliveryKind.ESCALATED in batch.kinds and shown.acknowledged_by is not None:
        # It has pinged nobody, so it may do so if the incident gets worse.
        incident = replace(incident, escalated_at=None)
    if incident != recorded:
        await save_incident(connection, incident)


async def _record_refresh(connection: AsyncConnection, batch: DeliveryBatch, outcome: Outcome, clock: Clock) -> None:
    """Record that the incident's Discord message must be edited: what was sent so late may be out of date."""
    shown = batch.living_incident
    incident = await get_incident(connection, shown.id) if shown is not None and shown.id is not None else None
    if incident is None or incident.id is None:
        return
    message = outcome.message if isinstance(outcome, Sent) else None
    # If alerts were switched off while it was being posted, nobody else knows the message.
    if message is not None and await get_post(connection, incident.id) is None:
        await set_post(connection, incident.id, message)
    await record_refresh(connection, incident, nonce=clock.nonce(), now=clock.now())


async def _record_failure(
    connection: AsyncConnection, batch: DeliveryBatch, failure: Refused | RetryAt, clock: Clock, *, is_ours: bool
) -> None:
    if isinstance(failure, Refused) and batch.first.kind in NOT_IN_ROUTES:
        if is_ours and batch.first.kind is DeliveryKind.THREAD:
            await threads.record_refusal(connection, batch.first, failure, clock)
        elif is_ours:
            await stale_messages.record_refusal(connection, batch, failure, clock)
        return
    if is_ours:
        await postpone(connection, batch.first.id, failure.retry_at, failure.error)
    if isinstance(failure, Refused):
        await _record_refusal(connection, batch, failure, clock)
    elif is_ours:
        await _record_rejection(connection, batch, failure, clock)


async def _record_rejection(connection: AsyncConnection, batch: DeliveryBatch, failed: RetryAt, clock: Clock) -> None:
    """Count a failure of the message itself. Moderators read why before it becomes plain, each reason once a day."""
    if failed.scope is not FailureScope.MESSAGE:
        return
    await count_rejection(connection, batch.first.id)
    route, now = batch.route, clock.now()
    # The sender of a test sees its outcome anyway.
    is_news = batch.first.kind not in (DeliveryKind.TEST, *MODERATOR_NOTICES)
    if not is_news or batch.first.rejections + 1 != PLAIN_AFTER:
        return
    payload = RejectedMessagePayload(route.channel_id, route.created_by, failed.error, is_internal=failed.is_internal)
    kind = DeliveryKind.MESSAGE_REJECTED
    if payload not in await payloads_since(connection, route.server_id, kind, now - _ONCE_A_DAY):
        await record_delivery(
            connection,
            kind,
            server_id=route.server_id,
            urgency=Urgency.WARNING,
            nonce=clock.nonce(),
            now=now,
            payload=payload,
        )


def _restores_route(batch: DeliveryBatch, outcome: Outcome) -> bool:
    """Whether a disabled route works again. An edit proves nothing: it needs fewer permissions than a post."""
    if batch.route.disabled_reason is None or batch.post is not None or not isinstance(outcome, Sent):
        return False
    # A post in a forum has a channel of its own: its thread.
    return outcome.message is not None and (
        batch.route.is_forum or outcome.message.channel_id == batch.route.channel_id
    )


async def _record_refusal(connection: AsyncConnection, batch: DeliveryBatch, refused: Refused, clock: Clock) -> None:
    """Mark the route as broken, so that its deliveries wait, and notify moderators once."""
    route, now = batch.route, clock.now()
    pause = pause_before_retry(route.disabled_at or now, now).total_seconds()
    retry_at = now + timedelta(seconds=clock.jitter(pause))
    if refused.timed_out_until is not None:
        retry_at = min(retry_at, refused.timed_out_until + _AFTER_TIME_OUT)
    is_news = await mark_route_broken(connection, route, refused.reason, now=now, retry_at=retry_at)
    if not is_news:
        return
    # The sender of a test sees its outcome anyway.
    if batch.first.kind is not DeliveryKind.TEST:
        await drop_broken_route_notices(connection, route.server_id, route.channel_id)
        await record_delivery(
            connection,
            DeliveryKind.ROUTE_BROKEN,
            server_id=route.server_id,
            urgency=Urgency.WARNING,
            nonce=clock.nonce(),
            now=now,
            payload=BrokenRoutePayload(route.channel_id, route.created_by),
        )
    if not await is_restoration_recorded(connection, route.server_id, route.token_id):
        await record_delivery(
            connection,
            DeliveryKind.ROUTE_RESTORED,
            server_id=route.server_id,
            route_token_id=route.token_id,
            urgency=Urgency.FIRST,
            nonce=clock.nonce(),
            now=now,
            payload=RestoredRoutePayload(route.channel_id, now),
        )
