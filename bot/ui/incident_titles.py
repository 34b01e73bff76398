"""The first line of an alert, which a phone shows in its notification: what is wrong, or what was."""

from datetime import timedelta

from bot.domain.alert_types import AlertType, IncidentType, severity
from bot.domain.incidents import AffectedToken, Incident, TimelineEventType
from bot.domain.modes import Mode
from bot.ui import conditions, formatting, texts
from bot.ui.incident_context import IncidentContext, cause_words, tally


def incident_title(view: IncidentContext) -> str:
    """Return what is wrong and how bad it is for the team, or what was wrong and for how long."""
    if view.incident.condition is not None:
        return conditions.title(view.incident, view.incident.condition)
    if not view.incident.is_open:
        return _closed_title(view) if view.incident.is_closed else _over_title(view)
    return _with_fleet(view, _open_title(view))


def _with_fleet(view: IncidentContext, title: str) -> str:
    if view.in_fast is None or view.incident.type is not IncidentType.MODE:
        return title
    words = texts.incidents.STILL_IN_FAST if view.in_fast.number else texts.incidents.NONE_IN_FAST
    return words.format(title=title, number=view.in_fast.number, total=view.in_fast.total)


def _open_title(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        return texts.incidents.TITLES[AlertType.NO_DATA].format(cause=cause_words(incident))
    if len(incident.members) > 1:
        return _group_title(incident, texts.common.SIGNS[member.mode])
    if incident.flapping:
        return _flapping_title(view, member)
    words = texts.incidents.TITLES[member.kind]
    return words.format(sign=texts.common.SIGNS[member.mode], token=view.subject(member), status=view.status(member))


def _flapping_title(view: IncidentContext, member: AffectedToken) -> str:
    return texts.incidents.TITLE_FLAPPING.format(
        token=view.subject(member),
        times=member.starts,
        duration=formatting.duration_of_starts(view.incident, member),
        status=view.status(member) if view.incident.still_affected else Mode.FAST.value,
    )


def _group_title(incident: Incident, sign: str) -> str:
    out = incident.still_affected
    words = texts.incidents.TITLE_GROUP[incident.type]
    if not out:
        words = texts.incidents.TITLE_GROUP_FLAPPING
    elif len(out) < len(incident.members):
        words = texts.incidents.TITLE_GROUP_SOME_BACK[incident.type]
    return words.format(sign=sign, number=len(incident.members), out=len(out), tally=tally(out))


# --- Over


def _over_title(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        return texts.incidents.TITLE_OVER_NO_DATA.format(duration=formatting.duration_of(incident))
    if len(incident.members) > 1:
        words = texts.incidents.TITLE_OVER_GROUP[incident.type]
        return words.format(number=len(incident.members), tally=tally(incident.members))
    worst = _duration_of_worst(view, member)
    words = texts.incidents.TITLE_OVER
    if member.ended_unlisted:
        words = texts.incidents.TITLE_OVER_UNLISTED
    elif member.starts > 1:
        words = texts.incidents.TITLE_OVER_FLAPPING
    elif worst is not None:
        words = texts.incidents.TITLE_OVER_WORST
    return words.format(
        token=view.subject(member),
        was=was_words(view, member),
        times=member.starts,
        duration=formatting.duration_of_starts(incident, member)
        if words is texts.incidents.TITLE_OVER_FLAPPING
        else formatting.total_duration(member),
        worst=texts.incidents.TIMELINE_KINDS.get(member.worst, Mode.RELAX.value),
        worst_duration=formatting.duration(worst or timedelta()),
    )


def _closed_title(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        return texts.incidents.TITLE_CLOSED_NO_DATA
    if len(incident.members) > 1:
        return texts.incidents.TITLE_CLOSED_GROUP[incident.type].format(number=len(incident.members))
    return texts.incidents.TITLE_CLOSED.format(token=view.subject(member), was=view.was(member))


def was_words(view: IncidentContext, member: AffectedToken) -> str:
    """Return what was wrong with a token: the one thing, or that it was out of FAST if that changed."""
    return texts.incidents.WAS_OUT if view.has_changed(member) else view.was(member)


def _duration_of_worst(view: IncidentContext, member: AffectedToken) -> timedelta | None:
    """Return how long a token was in its most severe state; None if it was in one state only, or left FAST often."""
    events = [
        event
        for event in view.timeline
        if event.token_id == member.token_id
        and event.type in {TimelineEventType.STARTED, TimelineEventType.CHANGED}
        and event.kind is not None
    ]
    if view.incident.type is not IncidentType.MODE or member.times > 1 or member.resolved_at is None:
        return None
    if not events[1:] or events[0].type is not TimelineEventType.STARTED:
        return None
    ends = [*(event.at for event in events[1:]), member.resolved_at]
    return sum(
        (
            max(end - event.at, timedelta())
            for event, end in zip(events, ends, strict=True)
            if event.kind is not None and severity(event.kind) == severity(member.worst)
        ),
        timedelta(),
    )
