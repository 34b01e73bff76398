"""Escalation: when an incident that nobody has acknowledged pings a second role, once."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alert_types import ALERT_POLICIES, Urgency
from bot.domain.incident_updates import IncidentUpdate, UpdateType, skip_past_reminders
from bot.domain.incidents import Incident, TimelineEvent, TimelineEventType
from bot.domain.quiet_hours import is_ping_suppressed, last_quiet_end
from bot.domain.rules import Rules

_LOOK_AGAIN_AFTER = timedelta(minutes=15)


def escalate(incident: Incident, now: datetime, rules: Rules) -> IncidentUpdate | None:
    """Return the escalation if it is due, else None. It replaces a reminder that is due at the same time."""
    if not _can_escalate(incident, now, rules):
        return None
    since = unacknowledged_since(incident, now, rules)
    if now - since < rules.escalate_after or is_ping_suppressed(incident, rules, now):
        return None
    escalated = skip_past_reminders(replace(incident, escalated_at=now), now, rules)
    return IncidentUpdate(escalated, UpdateType.ESCALATED, (TimelineEvent(now, TimelineEventType.ESCALATED),))


def find_escalation_hold(incident: Incident, mute_end: datetime | None, now: datetime, rules: Rules) -> datetime | None:
    """Return until when a recorded escalation has to wait at least; None if it need not.

    `mute_end` is when the server's mutes end that hold back the incident. An escalation may be sent so late that the
    incident is muted by then, or that quiet hours have begun, from whose end the time counts again.
    """
    if not incident.is_open or incident.acknowledged_by is not None:
        return None
    if incident.is_muted(now):
        return incident.muted_until or now + _LOOK_AGAIN_AFTER
    if mute_end is not None:
        return mute_end
    if is_ping_suppressed(incident, rules, now):
        return now + _LOOK_AGAIN_AFTER
    due_at = unacknowledged_since(incident, now, rules) + rules.escalate_after
    return due_at if now < due_at else None


def unacknowledged_since(incident: Incident, now: datetime, rules: Rules) -> datetime:
    """Return since when people could have acknowledged it: not before the end of quiet hours if it is not urgent."""
    since = incident.unacknowledged_since or incident.started_at
    ended = last_quiet_end(rules, now)
    is_routine = incident.urgency < Urgency.URGENT
    return max(since, ended) if is_routine and ended is not None else since


def _can_escalate(incident: Incident, now: datetime, rules: Rules) -> bool:
    policy = ALERT_POLICIES[incident.kind]
    return (
        bool(rules.escalate_after and rules.escalate_role)
        and incident.escalated_at is None
        and incident.pings
        and incident.acknowledged_by is None
        and not incident.is_muted(now)
        and (policy.reminds or policy.urgency is Urgency.URGENT)
    )
