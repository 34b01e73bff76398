"""The timeline in the embed of an incident."""

from collections.abc import Sequence
from itertools import groupby

from bot.domain.alert_types import AlertType
from bot.domain.incidents import TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.ui import formatting, texts
from bot.ui.incident_context import IncidentContext

_MOST_IN_A_LINE = 8
MOST_NOTE = 200
"""The most characters in a note."""
_MESSAGE_LENGTH = 2000  # Discord's limit for a message's content
_FIELD_LENGTH = 1024  # Discord's limit for a field's value


def timeline_text(view: IncidentContext) -> str:
    """Return as many of the latest lines as fit; the same event of several tokens at once is one line.

    What the alert says above is not repeated: how it began and ended, and who has it and the mute in effect.
    """
    return _latest(_lines(view, [event for event in view.timeline if not _is_said_above(view, event)]), _FIELD_LENGTH)


def event_lines(view: IncidentContext) -> str:
    """Return the latest events of a timeline as text for a message."""
    return _latest(_lines(view, view.timeline), _MESSAGE_LENGTH)


def _latest(lines: Sequence[str], most: int) -> str:
    """Return as many of the last lines as fit."""
    shown = list(lines)
    while len("\n".join(shown)) > most:
        del shown[0]
    return "\n".join(shown)


def _lines(view: IncidentContext, events: Sequence[TimelineEvent]) -> list[str]:
    is_group = len(view.incident.members) > 1
    return [
        _line(view, alike[0], [event.token_id for event in alike if is_group and event.token_id is not None])
        for _, same in groupby(events, key=_alike)
        if (alike := list(same))
    ]


def _alike(event: TimelineEvent) -> tuple[object, ...]:
    return event.at, event.type, event.kind, event.mode, event.actor_id, event.note


def _is_said_above(view: IncidentContext, event: TimelineEvent) -> bool:
    incident = view.incident
    match event.type:
        case TimelineEventType.STARTED:
            member = incident.find_token(event.token_id) if event.token_id is not None else None
            return member is None or member.times == 1 or event.at == incident.started_at
        case TimelineEventType.RECOVERED:
            return len(incident.members) == 1 and event.at == incident.resolved_at
        case TimelineEventType.ACKNOWLEDGED:
            return incident.is_open and event.at == incident.acknowledged_at
        case TimelineEventType.ASSIGNED:
            return incident.is_open and incident.assigned_to is not None and event is view.latest(event.type)
        case TimelineEventType.MUTED:
            return incident.is_open and incident.is_muted(view.now) and event is view.latest(event.type)
    return False


def _line(view: IncidentContext, event: TimelineEvent, token_ids: Sequence[int]) -> str:
    until = (
        texts.incidents.UNTIL.format(until=view.at(event.expires_at))
        if event.expires_at is not None
        else texts.incidents.UNTIL_BACK
    )
    return texts.incidents.TIMELINE[event.type].format(
        when=view.at(event.at),
        token=texts.incidents.TIMELINE_TOKENS.format(tokens=_tokens(view, token_ids)) if token_ids else "",
        what=_what(view, event),
        member=f"<@{event.actor_id}>",
        until=until,
        note=formatting.escape_untrusted(event.note or "", most=MOST_NOTE),
    )


def _tokens(view: IncidentContext, token_ids: Sequence[int]) -> str:
    """Return a list of tokens, limited so that one line does not fill the timeline."""
    shown = [view.token(token_id) for token_id in token_ids[:_MOST_IN_A_LINE]]
    if len(token_ids) > len(shown):
        shown.append(texts.common.MORE.format(number=len(token_ids) - len(shown)))
    return ", ".join(shown)


def _what(view: IncidentContext, event: TimelineEvent) -> str:
    if event.type is TimelineEventType.RECOVERED and event.mode is Mode.GONE:
        return texts.incidents.TIMELINE_KINDS[AlertType.NOT_LISTED]
    if event.type is TimelineEventType.RECOVERED:
        return texts.incidents.TIMELINE_BACK[view.incident.type]
    if event.kind in texts.incidents.TIMELINE_KINDS:
        return texts.incidents.TIMELINE_KINDS[event.kind]
    words = (
        texts.incidents.TIMELINE_LEFT if event.type is TimelineEventType.STARTED else texts.incidents.TIMELINE_WENT_ON
    )
    return words.format(status=view.word(event.mode, event.token_id))
