"""The plan: what to do in Discord about a batch, and why. Pure: it depends on the batch and the time only."""

from dataclasses import replace
from datetime import datetime

from bot.domain.alert_types import Urgency
from bot.domain.incidents import Incident
from bot.notifier import wording
from bot.notifier.actions import Action, Drop, Edit, Find, ForumPost, Post, Reason, Reply
from bot.notifier.batch import DeliveryBatch
from bot.notifier.notices import plan_notice
from bot.notifier.previous_attempts import AlertSignature, ReplySignature
from bot.storage.deliveries import Delivery, DeliveryKind
from bot.storage.incidents import PostedMessage
from bot.storage.payloads import (
    RestoredRoutePayload,
    ThreadPayload,
)
from bot.ui.alerts import (
    OutgoingMessage,
    alert_test_message,
    route_restored_message,
)
from bot.ui.forums import tags_of, title_of
from bot.ui.mentions import NOBODY, Mentions, of_role

# Not worth a new Discord message if somebody has deleted the old one.
_SHOWN_ONLY = frozenset({DeliveryKind.REFRESH})

# Their texts say how long it has lasted, which differs from attempt to attempt.
_WITH_DURATION = frozenset({Reason.REMINDER, Reason.ESCALATED})

# Posts in a forum that nothing follows.
_OVER = frozenset({Reason.RESOLVED, Reason.RESOLVED_UNSEEN, Reason.SUMMARY})


def plan(batch: DeliveryBatch, now: datetime) -> Action:
    """Return what to do about a batch now."""
    role_id = batch.route.role_id
    match batch.first.kind:
        case DeliveryKind.TEST:
            message = wording.plainer(batch, alert_test_message(role_id))
            return _post(batch, Reason.TEST, message, mentions=of_role(role_id), is_silent=False)
        case DeliveryKind.ROUTE_BROKEN | DeliveryKind.MESSAGE_REJECTED | DeliveryKind.PING_PROBLEM:
            return plan_notice(batch)
        case DeliveryKind.SUMMARY | DeliveryKind.QUIET_SUMMARY:
            return _summary(batch, now)
        case DeliveryKind.ROUTE_RESTORED | DeliveryKind.DIGEST:
            return _post_report(batch, now)
        case DeliveryKind.THREAD | DeliveryKind.STALE_MESSAGE as kind:
            return _post_in_thread(batch) if kind is DeliveryKind.THREAD else _correct(batch, now)
        case _ if batch.incident is not None:
            return _plan_incident(batch, batch.incident, now)
    raise ValueError("the batch lacks its incident")


def _post_report(batch: DeliveryBatch, now: datetime) -> Post:
    """Post what is about no single incident, and pings nobody."""
    if batch.first.kind is DeliveryKind.ROUTE_RESTORED:
        return _post(batch, Reason.ROUTE_RESTORED, wording.plainer(batch, _restored(batch, now)))
    if batch.digest is None:
        raise ValueError("the batch lacks its composed digest")
    return _post(batch, Reason.DIGEST, wording.plainer(batch, batch.digest))


def _post_in_thread(batch: DeliveryBatch) -> Post | Drop:
    """Post the new events of an incident's timeline in its thread, for those who follow it."""
    payload = batch.first.payload
    # A note may be why Discord rejects the lines. The alert itself shows them, or says that it cannot.
    if not isinstance(payload, ThreadPayload) or not batch.thread_lines or wording.is_plain(batch):
        return Drop(Reason.UP_TO_DATE)
    message = OutgoingMessage(batch.thread_lines)
    return replace(_post(batch, Reason.THREAD, message), channel_id=payload.thread_id, forum_post=None)


def _correct(batch: DeliveryBatch, now: datetime) -> Edit | Drop:
    """Edit a former Discord message of an incident: to how it ended, or to where it goes on."""
    incident, route = batch.incident, batch.route
    if incident is None or batch.post is None:
        return Drop(Reason.UP_TO_DATE)
    message = wording.continued(batch) if incident.is_open else wording.shown(batch, incident, now)
    forum_post = ForumPost(route.channel_id, "", tags_of(incident), is_over=True) if route.is_forum else None
    return Edit(Reason.CORRECTED, batch.post, message, if_gone=Drop(Reason.UP_TO_DATE), forum_post=forum_post)


def _summary(batch: DeliveryBatch, now: datetime) -> Post | Drop:
    """Post what was over before it was alerted, or what was alerted in quiet hours.

    The latter pings if something is open that nobody has been pinged for.
    """
    if batch.first.kind is DeliveryKind.SUMMARY:
        return _post(batch, Reason.SUMMARY, wording.missed(batch, *batch.summarized))
    if not batch.summarized:
        return Drop(Reason.UP_TO_DATE)
    needs_ping = any(
        one.pings and one.acknowledged_by is None and not one.is_muted(now) and one.urgency < Urgency.URGENT
        for one in batch.summarized
    )
    mentions = of_role(batch.route.role_id) if needs_ping else NOBODY
    message = OutgoingMessage(mentions.before(wording.quiet_summary(batch, now)))
    return _post(batch, Reason.QUIET_SUMMARY, message, mentions=mentions, is_silent=not needs_ping)


def _plan_incident(batch: DeliveryBatch, incident: Incident, now: datetime) -> Action:
    """Update the incident's Discord message, and add a reply where people must be notified."""
    if incident.close_reason is not None and batch.post is None:
        return _find(batch, incident)
    message = wording.shown(batch, incident, now)
    # Only a new message names the second role.
    new_message = wording.shown(replace(batch, post=None), incident, now) if batch.is_escalation else message
    new = _post_incident(batch, incident, new_message)
    if batch.post is None:
        return new
    return Edit(
        Reason.UPDATE,
        batch.post,
        message,
        if_gone=new,
        reply=_reply(batch, incident, batch.post, now),
        forum_post=_forum_post(batch, message, is_over=not incident.is_open) if batch.route.is_forum else None,
        is_left_behind=batch.post.channel_id != batch.route.channel_id or incident.close_reason is not None,
        waits_if_refused=incident.is_open and isinstance(new, Drop),
    )


def _find(batch: DeliveryBatch, incident: Incident) -> Find | Drop:
    """Find the Discord message of an incident that nobody follows any more, so that it can say so; or post nothing."""
    if batch.attempted_since is None:
        return Drop(Reason.UP_TO_DATE)
    signature = AlertSignature(None, incident.id)
    route = batch.route
    forum_of = route.server_id if route.is_forum else None
    return Find(Reason.CLOSED, route.channel_id, signature, batch.attempted_since, forum_of)


def _post_incident(batch: DeliveryBatch, incident: Incident, message: OutgoingMessage) -> Post | Drop:
    """Post an incident that has no Discord message; one line if it is already resolved."""
    if batch.kinds <= _SHOWN_ONLY or incident.close_reason is not None:
        return Drop(Reason.UP_TO_DATE)
    if incident.is_open:
        is_muted = batch.is_muted and not batch.notifies
        mentions = NOBODY if is_muted else wording.pinged(batch, incident)
        is_inhibited = incident.inhibited and mentions == NOBODY
        is_silent = is_muted or batch.is_quiet or is_inhibited
        return _post(batch, Reason.NOT_POSTED, message, mentions=mentions, is_silent=is_silent)
    if batch.is_first_message:
        return _post(batch, Reason.RESOLVED_UNSEEN, wording.missed(batch, incident))
    return _post_end(batch, incident)


def _post_end(batch: DeliveryBatch, incident: Incident) -> Post | Drop:
    """Post the end of an incident whose Discord message is gone: what the reply under it would have been."""
    # Whoever closed it knows, and "closed this" says nothing without the message.
    if batch.is_muted or incident.closed_by is not None or batch.latest(DeliveryKind.RESOLVED) is None:
        return Drop(Reason.UP_TO_DATE)
    return _post(batch, Reason.RESOLVED, OutgoingMessage(wording.back(batch, incident)))


def _post(
    batch: DeliveryBatch,
    reason: Reason,
    message: OutgoingMessage,
    *,
    mentions: Mentions = NOBODY,
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
        mentions=mentions,
        is_silent=is_silent,
        forum_post=_forum_post(batch, message, is_over=reason in _OVER) if batch.route.is_forum else None,
    )


def _forum_post(batch: DeliveryBatch, message: OutgoingMessage, *, is_over: bool) -> ForumPost:
    incident = batch.living_incident
    title = title_of(incident, message.content, batch.names)
    return ForumPost(batch.route.channel_id, title, tags_of(incident) if incident is not None else (), is_over)


def _reply(batch: DeliveryBatch, incident: Incident, to: PostedMessage, now: datetime) -> Reply | None:
    """Return the most important reply, if any. A resolved incident needs no reminder."""
    if batch.holds_replies_back:
        return None
    if not incident.is_open:
        resolved = batch.latest(DeliveryKind.RESOLVED)
        return _reply_to(Reason.RESOLVED, resolved, to, wording.back(batch, incident)) if resolved else None
    if (worse := _worse(batch, incident)) is not None:
        text = wording.worse(batch, incident, now)
        return _reply_to(
            Reason.WORSENED,
            worse,
            to,
            text,
            wording.pinged(batch, incident, incident.got_worse),
            is_silent=batch.is_quiet,
        )
    escalation = batch.latest(DeliveryKind.ESCALATED)
    if escalation is not None and batch.is_escalation and incident.pings and not (batch.is_muted or batch.is_quiet):
        text = wording.escalation(batch, incident, now)
        return _reply_to(Reason.ESCALATED, escalation, to, text, of_role(batch.escalate_role_id))
    reminder = batch.latest(DeliveryKind.REMINDER)
    if reminder is not None and incident.acknowledged_by is None and not batch.is_muted:
        text = wording.reminder(batch, incident, now)
        return _reply_to(Reason.REMINDER, reminder, to, text, wording.pinged(batch, incident), is_silent=batch.is_quiet)
    return None


def _worse(batch: DeliveryBatch, incident: Incident) -> Delivery | None:
    """Return the delivery that notifies people that it got worse, if that is still news and no mute holds it back."""
    if batch.worse_muted_until is not None:
        return None
    if not incident.has_worsened:
        return None
    # Whoever acknowledged it during a mute knows.
    held_back = batch.latest(DeliveryKind.HELD_BACK) if not incident.acknowledged_by else None
    return batch.latest(DeliveryKind.WORSENED) or held_back


def _reply_to(
    reason: Reason,
    delivery: Delivery,
    to: PostedMessage,
    text: str,
    mentions: Mentions = NOBODY,
    *,
    is_silent: bool = False,
) -> Reply:
    text = mentions.before(text)
    return Reply(
        reason,
        to,
        text,
        nonce=delivery.nonce,
        signature=ReplySignature(text, to.discord_message_id, ignores_numbers=reason in _WITH_DURATION),
        mentions=mentions,
        is_silent=is_silent or reason is Reason.RESOLVED,
    )


def _restored(batch: DeliveryBatch, now: datetime) -> OutgoingMessage:
    payload = batch.first.payload
    if not isinstance(payload, RestoredRoutePayload):
        raise TypeError("the payload of a ROUTE_RESTORED delivery must be a RestoredRoutePayload")
    return route_restored_message(
        payload.channel_id, payload.since, now, waiting=batch.waiting_alerts, dropped=payload.dropped
    )
