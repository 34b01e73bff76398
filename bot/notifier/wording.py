"""The texts of a batch: in full, plain once Discord has rejected the full ones, and bare once it rejects those too."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain.incidents import AffectedToken, Incident
from bot.domain.owners import owners_who_must_act
from bot.notifier.batch import DeliveryBatch
from bot.ui import formatting, plain_alerts, texts
from bot.ui.alerts import (
    OutgoingMessage,
    back_words,
    escalation_words,
    incident_message,
    reminder_words,
    summary_words,
    worse_words,
)
from bot.ui.mentions import NOBODY, Mentions
from bot.ui.quiet_hours import quiet_summary_words

PLAIN_AFTER = 3
"""How often Discord rejects a message until it is sent in plain form."""
_BARE_AFTER = 6


def is_plain(batch: DeliveryBatch) -> bool:
    """Whether the batch is sent in plain form."""
    return batch.first.rejections >= PLAIN_AFTER


def plainer(batch: DeliveryBatch, message: OutgoingMessage) -> OutgoingMessage:
    """Return a message whose text is ours anyway; without all else if it must be plain."""
    return OutgoingMessage(message.content) if is_plain(batch) else message


def shown(batch: DeliveryBatch, incident: Incident, now: datetime) -> OutgoingMessage:
    """Return the Discord message of an incident as it is now."""
    mentions = named(batch, incident)
    if not is_plain(batch):
        return incident_message(
            incident,
            batch.readings,
            batch.timeline,
            mentions,
            now=now,
            names=batch.names,
            unread_since=batch.unread_since,
            owners=batch.owners,
            dashboard_url=batch.dashboard_url,
            in_fast=batch.in_fast,
        )
    line = plain_alerts.open_line(incident) if incident.is_open else plain_alerts.over_line(incident)
    return OutgoingMessage(mentions.before(_or_bare(batch, line)))


def continued(batch: DeliveryBatch) -> OutgoingMessage:
    """Return what a former Discord message of an open incident says instead of the incident."""
    post, server_id = batch.continued_in, batch.route.server_id
    if post is None:
        return OutgoingMessage(texts.alerts.CONTINUED.format(channel=batch.route.channel_id))
    url = formatting.message_url(server_id, post.channel_id, post.discord_message_id)
    return OutgoingMessage(texts.alerts.CONTINUED_AT.format(url=url))


def named(batch: DeliveryBatch, incident: Incident) -> Mentions:
    """Return whom the Discord message of an incident is for: the role, and the owners who must act.

    The second role is named only by the message that pings it.
    """
    is_escalated = batch.is_escalation and batch.post is None
    return _mentions(batch, incident, incident.still_affected, is_escalated=is_escalated)


def pinged(batch: DeliveryBatch, incident: Incident, members: Iterable[AffectedToken] | None = None) -> Mentions:
    """Return whom a Discord message of an incident may ping; nobody in quiet hours.

    `members` are the tokens that it is about; None for all that are still affected.
    """
    if batch.is_quiet:
        return NOBODY
    about = incident.still_affected if members is None else members
    return _mentions(batch, incident, about, is_escalated=batch.is_escalation)


def _mentions(
    batch: DeliveryBatch, incident: Incident, members: Iterable[AffectedToken], *, is_escalated: bool
) -> Mentions:
    if not incident.pings and not incident.inhibited:
        return NOBODY
    roles = (batch.route.role_id, batch.escalate_role_id if is_escalated else None)
    return Mentions(
        # The alert about the team's capacity pings the roles of those that it inhibits.
        tuple(dict.fromkeys(role_id for role_id in roles if role_id is not None)) if incident.pings else (),
        owners_who_must_act(members, batch.owners),
    )


def escalation(batch: DeliveryBatch, incident: Incident, now: datetime) -> str:
    """Return that nobody has acknowledged an incident."""
    if is_plain(batch):
        return _or_bare(batch, plain_alerts.escalation_line(incident))
    return escalation_words(incident, batch.readings, now, batch.names)


def quiet_summary(batch: DeliveryBatch, now: datetime) -> str:
    """Return what was alerted in quiet hours."""
    if is_plain(batch):
        return plain_alerts.quiet_summary_line(batch.summarized)
    return quiet_summary_words(batch.summarized, now, batch.names)


def back(batch: DeliveryBatch, incident: Incident) -> str:
    """Return that an incident is over."""
    if is_plain(batch):
        return _or_bare(batch, plain_alerts.over_line(incident))
    return back_words(incident, batch.names)


def worse(batch: DeliveryBatch, incident: Incident, now: datetime) -> str:
    """Return that an incident got worse."""
    if is_plain(batch):
        return _or_bare(batch, plain_alerts.worse_line(incident))
    return worse_words(incident, batch.readings, now, batch.names)


def reminder(batch: DeliveryBatch, incident: Incident, now: datetime) -> str:
    """Return that an incident is still open."""
    if is_plain(batch):
        return _or_bare(batch, plain_alerts.reminder_line(incident))
    return reminder_words(incident, now, batch.names)


def missed(batch: DeliveryBatch, *incidents: Incident) -> OutgoingMessage:
    """Return the line of incidents that were over before anyone could be notified."""
    if is_plain(batch):
        return OutgoingMessage(plain_alerts.summary_line(incidents))
    return OutgoingMessage(summary_words(incidents, batch.names))


def _or_bare(batch: DeliveryBatch, line: str) -> str:
    return plain_alerts.bare(line) if batch.first.rejections >= _BARE_AFTER else line
