"""The texts of a batch: in full, plain once Discord has rejected the full ones, and bare once it rejects those too."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain.incidents import AffectedToken, Incident
from bot.domain.owners import owners_who_must_act
from bot.notifier.batch import DeliveryBatch
from bot.ui import plain_alerts
from bot.ui.alerts import OutgoingMessage, back_words, incident_message, reminder_words, summary_words, worse_words
from bot.ui.mentions import NOBODY, Mentions, of_role

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
    mentions = mentioned(batch, incident)
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


def mentioned(batch: DeliveryBatch, incident: Incident, members: Iterable[AffectedToken] | None = None) -> Mentions:
    """Return whom a Discord message of an incident is for: the role, and the owners who must act.

    `members` are the tokens that it is about; None for all that are still affected.
    """
    if not incident.pings:
        return NOBODY
    about = incident.still_affected if members is None else members
    return of_role(batch.route.role_id, owners_who_must_act(about, batch.owners))


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
