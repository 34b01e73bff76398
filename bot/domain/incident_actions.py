"""Updates of incidents by people: the buttons below an alert, and what ends all alerts of a server or a token."""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.domain.alert_types import IncidentType
from bot.domain.incident_updates import IncidentUpdate, UpdateType
from bot.domain.incidents import CloseReason, Incident, TimelineEvent, TimelineEventType


class Refusal(Enum):
    """Why a request to change an incident is refused."""

    ALREADY_ACKNOWLEDGED = auto()
    NOT_ACKNOWLEDGED = auto()
    ALREADY_ASSIGNED = auto()
    NOT_MUTED = auto()
    CANNOT_BE_CLOSED = auto()


class UpdateRefused(Exception):
    """A request to change an incident does not fit its present state."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


def acknowledge(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """Acknowledge an open incident for a member of the server, which ends its reminders. Raises UpdateRefused."""
    if incident.acknowledged_at is not None:
        raise UpdateRefused(Refusal.ALREADY_ACKNOWLEDGED)
    acknowledged = replace(incident, acknowledged_by=by, acknowledged_at=now)
    event = TimelineEvent(now, TimelineEventType.ACKNOWLEDGED, actor_id=by)
    return IncidentUpdate(acknowledged, UpdateType.REFRESH, (event,))


def unacknowledge(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """Take back an acknowledgement: nobody is on it any more, and reminders go on. Raises UpdateRefused."""
    if incident.acknowledged_at is None:
        raise UpdateRefused(Refusal.NOT_ACKNOWLEDGED)
    open_again = replace(
        incident, acknowledged_by=None, acknowledged_at=None, assigned_to=None, unacknowledged_since=now
    )
    event = TimelineEvent(now, TimelineEventType.UNACKNOWLEDGED, actor_id=by)
    return IncidentUpdate(open_again, UpdateType.REFRESH, (event,))


def assign(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """Assign an open incident to whoever takes it, also from another, and acknowledge it. Raises UpdateRefused."""
    if incident.assigned_to == by and incident.acknowledged_at is not None:
        raise UpdateRefused(Refusal.ALREADY_ASSIGNED)
    assigned = replace(incident, assigned_to=by)
    if assigned.acknowledged_at is None:
        assigned = replace(assigned, acknowledged_by=by, acknowledged_at=now)
    event = TimelineEvent(now, TimelineEventType.ASSIGNED, actor_id=by, assignee_id=by)
    return IncidentUpdate(assigned, UpdateType.REFRESH, (event,))


def add_note(incident: Incident, by: int, now: datetime, *, text: str) -> IncidentUpdate:
    """Add a note to the timeline of an open incident."""
    event = TimelineEvent(now, TimelineEventType.NOTE, actor_id=by, note=text)
    return IncidentUpdate(incident, UpdateType.REFRESH, (event,))


def open_thread(incident: Incident, by: int, now: datetime, *, thread_id: int) -> IncidentUpdate:
    """Let the timeline of an open incident go on in a thread."""
    event = TimelineEvent(now, TimelineEventType.THREAD, actor_id=by)
    return IncidentUpdate(replace(incident, thread_id=thread_id), UpdateType.REFRESH, (event,))


def mute(incident: Incident, by: int, now: datetime, *, lasts: timedelta | None) -> IncidentUpdate:
    """Mute an open incident for a duration; None for as long as it is open."""
    until = now + lasts if lasts is not None else None
    muted = replace(incident, muted_by=by, muted_at=now, muted_until=until)
    event = TimelineEvent(now, TimelineEventType.MUTED, actor_id=by, expires_at=until)
    return IncidentUpdate(muted, UpdateType.REFRESH, (event,))


def unmute(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """End the mute of an open incident, and notify if it got worse meanwhile. Raises UpdateRefused."""
    if incident.muted_by is None:
        raise UpdateRefused(Refusal.NOT_MUTED)
    unmuted = replace(incident, muted_by=None, muted_at=None, muted_until=None)
    event = TimelineEvent(now, TimelineEventType.UNMUTED, actor_id=by)
    is_news = unmuted.has_worsened and unmuted.acknowledged_by is None
    return IncidentUpdate(unmuted, UpdateType.WORSENED if is_news else UpdateType.REFRESH, (event,))


def close(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """Close an open incident that may stay as it is for good. Raises UpdateRefused for any other."""
    if not incident.can_be_closed:
        raise UpdateRefused(Refusal.CANNOT_BE_CLOSED)
    closed = replace(_ended(incident, now), closed_by=by)
    is_about_mode = incident.type is IncidentType.MODE
    closed_for = tuple(member.token_id for member in incident.still_affected if is_about_mode)
    event = TimelineEvent(now, TimelineEventType.CLOSED, actor_id=by)
    return IncidentUpdate(closed, UpdateType.RESOLVED, (event,), closed_for)


def close_because(
    incident: Incident, reason: CloseReason, by: int | None, now: datetime, tokens: Set[int] | None = None
) -> IncidentUpdate:
    """Close an open incident that nobody follows any more: for all its tokens, or for some, which then leave it.

    Its Discord message is edited, and nothing is said about an end.
    """
    event_type = TimelineEventType(reason)
    remaining = [member for member in incident.members if tokens is not None and member.token_id not in tokens]
    if any(member.resolved_at is None for member in remaining):
        events = [
            TimelineEvent(now, event_type, member.token_id, actor_id=by)
            for member in incident.members
            if member not in remaining
        ]
        return IncidentUpdate(replace(incident, members=tuple(remaining)), UpdateType.REFRESH, tuple(events))
    closed = replace(_ended(incident, now), closed_by=by, close_reason=reason)
    return IncidentUpdate(closed, UpdateType.REFRESH, (TimelineEvent(now, event_type, actor_id=by),))


def _ended(incident: Incident, now: datetime) -> Incident:
    """Return an incident that is over, also for the tokens that are still affected."""
    members = tuple(one.resolve(now) if one.resolved_at is None else one for one in incident.members)
    return replace(incident.resolve(now), members=members)
