"""The texts of a batch: in full, plain once Discord has rejected the full ones, and bare once it rejects those too."""

from datetime import datetime

from bot.domain.incidents import Incident
from bot.notifier.batch import DeliveryBatch
from bot.ui import plain_alerts
from bot.ui.alerts import OutgoingMessage, back_words, incident_message, reminder_words, summary_words, worse_words

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
    role_id = batch.route.role_id
    if not is_plain(batch):
        return incident_message(
            incident,
            batch.readings,
            batch.timeline,
            role_id,
            now=now,
            names=batch.names,
            unread_since=batch.unread_since,
        )
    line = plain_alerts.open_line(incident) if incident.is_open else plain_alerts.over_line(incident)
    line = _or_bare(batch, line)
    return OutgoingMessage(f"<@&{role_id}> {line}" if role_id is not None and incident.pings else line)


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
