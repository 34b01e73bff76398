"""The plan: what to do in Discord about a batch, and why. Pure: all that it looks at is in the batch."""

from datetime import datetime

from bot.domain.incidents import Incident
from bot.notifier.actions import Action, Drop, Edit, NotifyModerators, Post, Reason, Reply
from bot.notifier.batch import DeliveryBatch
from bot.notifier.previous_attempts import AlertSignature, ReplySignature
from bot.storage.deliveries import Delivery, DeliveryKind
from bot.storage.incidents import PostedMessage
from bot.storage.payloads import BrokenRoutePayload
from bot.ui.alerts import (
    OutgoingMessage,
    alert_test_message,
    back_words,
    incident_message,
    reminder_words,
    route_broken_words,
    summary_words,
    worse_words,
)

# These bring nothing that is worth a new Discord message where the old one was deleted.
_SHOWN_ONLY = frozenset({DeliveryKind.REFRESH})


def plan(batch: DeliveryBatch, now: datetime) -> Action:
    """Decide what to do about a batch as things stand now."""
    role_id = batch.route.role_id
    match batch.first.kind:
        case DeliveryKind.TEST:
            return _post(batch, Reason.TEST, alert_test_message(role_id), role_id=role_id, is_silent=False)
        case DeliveryKind.ROUTE_BROKEN:
            return _notify_moderators(batch)
        case DeliveryKind.SUMMARY:
            return _post(batch, Reason.SUMMARY, OutgoingMessage(summary_words(batch.summarized, batch.names)))
        case DeliveryKind.DIGEST if batch.digest is not None:
            return _post(batch, Reason.DIGEST, batch.digest)
        case _ if batch.incident is not None:
            return _plan_incident(batch, batch.incident, now)
    raise ValueError("a digest must be composed, and a delivery of an incident come with it")


def _plan_incident(batch: DeliveryBatch, incident: Incident, now: datetime) -> Action:
    """Have the living Discord message show the incident as it is, and say what an edit cannot."""
    message = incident_message(
        incident, batch.readings, batch.timeline, batch.route.role_id, now=now, names=batch.names
    )
    role_id = batch.route.role_id if incident.pings and not batch.is_silenced else None
    new = _post_incident(batch, incident, message, role_id)
    if batch.post is None:
        return new
    return Edit(
        Reason.UPDATE,
        batch.post,
        message,
        if_gone=new,
        reply=_reply(batch, incident, batch.post, role_id, now),
        is_left_behind=batch.post.channel_id != batch.route.channel_id,
    )


def _post_incident(
    batch: DeliveryBatch, incident: Incident, message: OutgoingMessage, role_id: int | None
) -> Post | Drop:
    """Post an incident that has no Discord message; of one that is over, a line says enough."""
    if batch.kinds <= _SHOWN_ONLY:
        return Drop(Reason.NOTHING_NEW)
    if not incident.is_open:
        line = OutgoingMessage(summary_words([incident], batch.names))
        return _post(batch, Reason.OVER_UNNOTICED, line)
    return _post(batch, Reason.NOT_POSTED, message, role_id=role_id, is_silent=batch.is_silenced)


def _post(
    batch: DeliveryBatch,
    reason: Reason,
    message: OutgoingMessage,
    *,
    role_id: int | None = None,
    is_silent: bool = True,
) -> Post:
    return Post(
        reason,
        batch.route.channel_id,
        batch.route.server_id,
        message,
        nonce=batch.first.nonce,
        signature=AlertSignature(
            message.content if message.view is None else None,
            batch.incident.id if batch.incident is not None else None,
        ),
        role_id=role_id,
        is_silent=is_silent,
    )


def _reply(
    batch: DeliveryBatch, incident: Incident, to: PostedMessage, role_id: int | None, now: datetime
) -> Reply | None:
    """Choose the one thing that is worth a reply, if any. What is over needs no reminder."""
    if batch.is_silenced:
        return None
    if not incident.is_open:
        ended = batch.latest(DeliveryKind.RESOLVED)
        return _say(Reason.ENDED, ended, to, back_words(incident, batch.names)) if ended is not None else None
    if (worse := batch.latest(DeliveryKind.WORSENED)) is not None:
        text = worse_words(incident, batch.readings, now, batch.names)
        return _say(Reason.GOT_WORSE, worse, to, text, role_id)
    reminder = batch.latest(DeliveryKind.REMINDER)
    if reminder is not None and incident.acknowledged_by is None:
        return _say(Reason.REMINDER, reminder, to, reminder_words(incident, now, batch.names), role_id)
    return None


def _say(reason: Reason, delivery: Delivery, to: PostedMessage, text: str, role_id: int | None = None) -> Reply:
    text = f"<@&{role_id}> {text}" if role_id is not None else text
    return Reply(
        reason,
        text,
        nonce=delivery.nonce,
        signature=ReplySignature(text, to.discord_message_id, ignores_numbers=reason is Reason.REMINDER),
        role_id=role_id,
        is_silent=reason is Reason.ENDED,
    )


def _notify_moderators(batch: DeliveryBatch) -> NotifyModerators:
    broken = batch.first.payload
    if not isinstance(broken, BrokenRoutePayload):
        raise TypeError("a broken route comes with its channel")
    channel_id = broken.channel_id
    is_the_servers = batch.route.channel_id == channel_id
    return NotifyModerators(
        Reason.ROUTE_BROKEN,
        batch.route.server_id,
        refused_channel_id=channel_id,
        user_id=broken.created_by,
        text=route_broken_words(channel_id, batch.route.disabled_reason if is_the_servers else None),
        nonce=batch.first.nonce,
    )
