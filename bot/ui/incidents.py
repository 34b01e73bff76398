"""The embed of an incident, below its title: what is left, what to do and who, and its timeline.

The title is the content of the Discord message, so the embed has none.
"""

from datetime import datetime, timedelta

import discord

from bot.domain.alert_types import AlertType, IncidentType, severity
from bot.domain.incidents import AffectedToken, Incident, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.owners import OWNER_MUST_ACT
from bot.ui import conditions, formatting, texts
from bot.ui.formatting import Names
from bot.ui.incident_context import IncidentContext
from bot.ui.incident_timeline import timeline_text
from bot.ui.incident_titles import was_words
from bot.ui.mutes import still_notified_of
from bot.ui.owners import owner_words
from bot.ui.trace import COLOURS

_MOST_MEMBERS = 15
_LOW_COLOUR = discord.Colour(0xE67E22)
_NO_DATA_COLOUR = discord.Colour(0x9B59B6)
_A_FORTNIGHT = timedelta(days=14)
# In these states a token's hours are there, but no use.
_LOCKED = frozenset({AlertType.VERIFYING, AlertType.BANNED, AlertType.SWITCHED_OFF})


def incident_embed(view: IncidentContext) -> discord.Embed:
    """Return the embed of an incident as it is now."""
    embed = _open_embed(view) if view.incident.is_open else _ended_embed(view)
    if timeline := timeline_text(view):
        embed.add_field(name=texts.incidents.FIELD_TIMELINE, value=timeline, inline=False)
    return embed


# --- Open


def _open_embed(view: IncidentContext) -> discord.Embed:
    incident = view.incident
    lines = [_unread_words(view), *_description(view), *_actions(view)]
    embed = discord.Embed(description="\n".join(filter(None, lines)), colour=_colour(incident))
    if len(incident.members) <= 1:
        member = incident.most_severe
        embed.set_footer(text=_since(view, member))
        embed.timestamp = member.started_at if member is not None else incident.started_at
    return embed


def _since(view: IncidentContext, member: AffectedToken | None) -> str:
    """Return what began at the time beside it, which may not be the present status."""
    is_out = member is not None and member.mode_before is Mode.FAST and view.has_changed(member)
    return texts.incidents.OUT_SINCE if is_out else texts.incidents.SINCE


def _description(view: IncidentContext) -> list[str]:
    incident, member = view.incident, view.incident.most_severe
    if incident.condition is not None:
        return conditions.open_lines(incident, incident.condition, view.now)
    if member is None:
        advice = texts.outages.SHORT_ADVICE[incident.cause or NoDataCause.NO_RESPONSE]
        return [texts.incidents.ADVICE_NO_DATA.format(advice=advice)]
    if len(incident.members) > 1:
        return [*_members(view), owner_words(view)]
    return [_fast_time(view, member), _advice(view, member)]


def _advice(view: IncidentContext, member: AffectedToken) -> str:
    """Return what to do, and who."""
    if member.kind in OWNER_MUST_ACT:
        return owner_words(view)
    if view.incident.flapping:
        return texts.incidents.ADVICE_FLAPPING
    if member.was_switched_off:
        return texts.incidents.ADVICE_SWITCHED_OFF.format(member=f"<@{member.switched_off_by}>")
    reading = view.readings.get(member.token_id)
    is_empty = reading is not None and reading.fast_time is not None and not reading.fast_time.left
    if member.kind is AlertType.LEFT_FAST and is_empty:
        return texts.incidents.ADVICE_EMPTY
    return texts.incidents.ADVICE[member.kind]


def _unread_words(view: IncidentContext) -> str:
    """Return since when the incident may no longer be as shown; empty if all its tokens are read."""
    if view.incident.condition is not None and view.unread_since:
        return texts.incidents.UNREAD.format(when=formatting.at(max(view.unread_since.values()), "R"))
    out = view.incident.still_affected
    unread = [view.unread_since[member.token_id] for member in out if member.token_id in view.unread_since]
    if not unread:
        return ""
    words = texts.incidents.UNREAD if len(out) == 1 else texts.incidents.UNREAD_GROUP
    # The latest: since then, none of them was read.
    return words.format(when=formatting.at(max(unread), "R"), number=len(unread))


def _fast_time(view: IncidentContext, member: AffectedToken) -> str:
    """Return the fast time that a token can use or could; empty where that does not matter."""
    if view.incident.flapping or member.kind is AlertType.NOT_LISTED:
        return ""
    if member.kind in _LOCKED:
        reading = view.readings.get(member.token_id)
        left = formatting.hours_left(reading) if reading is not None else ""
        return texts.incidents.LOCKED.format(left=left) if left else ""
    return view.fast_time(member, may_run_out_at=member.gone_at)


def _day(time: datetime, now: datetime) -> str:
    """Return a future time; without the time of day beyond a fortnight, which a forecast cannot know."""
    return formatting.at(time, "f" if time - now < _A_FORTNIGHT else "D")


def _members(view: IncidentContext) -> list[str]:
    """Return a line for each token: those still affected first, the worst of them on top."""
    members = sorted(
        view.incident.members,
        key=lambda member: (member.resolved_at is not None, -severity(member.kind), member.started_at, member.token_id),
    )
    lines = [_member(view, member) for member in members[:_MOST_MEMBERS]]
    if len(members) > _MOST_MEMBERS:
        lines.append(texts.common.MORE.format(number=len(members) - _MOST_MEMBERS))
    return lines


def _member(view: IncidentContext, member: AffectedToken) -> str:
    sign, token, status = texts.common.SIGNS[member.mode], view.token(member.token_id), view.status(member)
    if member.resolved_at is not None:
        # Tokens that were still affected when somebody closed it are not back.
        is_closed = view.incident.is_closed and member.resolved_at == view.incident.resolved_at
        words = texts.incidents.MEMBER_CLOSED if is_closed else texts.incidents.MEMBER_OVER
        if member.ended_unlisted:
            words = texts.incidents.MEMBER_UNLISTED
        was = view.was(member) if is_closed else was_words(view, member)
        return words.format(token=token, was=was, duration=formatting.total_duration(member))
    if view.incident.type is IncidentType.LOW_FAST_TIME:
        return texts.incidents.MEMBER_LOW.format(token=token, fast_time=view.fast_time(member))
    if view.incident.type is IncidentType.RUN_OUT:
        words = texts.incidents.MEMBER_FORECAST if member.gone_at is None else texts.incidents.MEMBER_GONE_BY
        gone = _day(member.gone_at, view.now) if member.gone_at is not None else ""
        return words.format(token=token, fast_time=view.fast_time(member), gone=gone)
    return texts.incidents.MEMBER.format(sign=sign, token=token, status=status, since=view.at(member.started_at))


def _actions(view: IncidentContext) -> list[str]:
    """Return what members have done about it."""
    incident, lines = view.incident, []
    assignment = view.latest(TimelineEventType.ASSIGNED)
    if incident.assigned_to is not None:
        words = texts.incidents.ASSIGNED if assignment is not None else texts.incidents.ASSIGNED_TIME_UNKNOWN
        when = view.at(assignment.at) if assignment is not None else ""
        lines.append(words.format(member=f"<@{incident.assigned_to}>", when=when))
    # Whoever is on it has seen it.
    has_seen = incident.acknowledged_by if incident.acknowledged_by != incident.assigned_to else None
    if has_seen is not None and incident.acknowledged_at is not None:
        when = view.at(incident.acknowledged_at)
        lines.append(texts.incidents.ACKNOWLEDGED.format(member=f"<@{has_seen}>", when=when))
    if incident.is_muted(view.now):
        lines.append(_muted(incident, view.now))
    return lines


def _muted(incident: Incident, now: datetime) -> str:
    words = texts.incidents.MUTED_UNTIL_BACK if incident.muted_until is None else texts.incidents.MUTED_UNTIL
    until = formatting.until(incident.muted_until, now) if incident.muted_until is not None else ""
    value = words.format(until=until, member=f"<@{incident.muted_by}>")
    return ". ".join([value, *still_notified_of(incident)])


def muted_words(incident: Incident, now: datetime) -> str:
    """Return until when an incident is muted, for the member who muted it."""
    words = (
        texts.incident_buttons.MUTED_UNTIL_BACK if incident.muted_until is None else texts.incident_buttons.MUTED_FOR
    )
    said = words.format(until=formatting.until(incident.muted_until, now) if incident.muted_until is not None else "")
    return " ".join([said, *still_notified_of(incident)])


def thread_name(incident: Incident, names: Names) -> str:
    """Return the name of the thread under an alert, where Discord renders no markdown."""
    if len(incident.members) > 1:
        return texts.incident_buttons.THREAD_TOKENS.format(number=len(incident.members))
    if incident.condition is not None:
        return conditions.what(incident, incident.condition)
    if not incident.members:
        return texts.incident_buttons.THREAD_NO_DATA
    token_id = incident.members[0].token_id
    words = texts.common.TOKEN_WITH_NAME if token_id in names else texts.incident_buttons.THREAD_TOKEN
    return words.format(token=token_id, name=names.get(token_id))


def _colour(incident: Incident) -> discord.Colour:
    if incident.type is IncidentType.CAPACITY:
        return COLOURS[Mode.BANNED]
    if incident.condition is not None:
        return _LOW_COLOUR
    if incident.most_severe is None:
        return _NO_DATA_COLOUR
    return COLOURS[incident.most_severe.mode] if incident.type is IncidentType.MODE else _LOW_COLOUR


# --- Over


def _ended_embed(view: IncidentContext) -> discord.Embed:
    incident = view.incident
    has_left = bool(incident.members) and all(member.ended_unlisted for member in incident.members)
    colour = COLOURS[Mode.GONE if incident.is_closed or has_left else Mode.FAST]
    lines = [_over(view), *(_members(view) if len(incident.members) > 1 else [])]
    return discord.Embed(description="\n".join(lines), colour=colour)


def _over(view: IncidentContext) -> str:
    incident, member = view.incident, f"<@{view.incident.closed_by}>"
    if incident.close_reason is not None:
        return texts.incidents.OVER_CLOSED_BECAUSE[incident.close_reason].format(member=member)
    if incident.closed_by is not None and incident.type in texts.incidents.OVER_CLOSED:
        duration = formatting.duration_of(incident)
        return texts.incidents.OVER_CLOSED[incident.type].format(member=member, duration=duration)
    began, ended = view.at(incident.started_at), view.at(incident.resolved_at or incident.started_at)
    period = texts.incidents.PERIOD.format(began=began, ended=ended)
    if incident.condition is not None:
        return "\n".join([period, *conditions.figures(incident.condition, view.now)])
    return period if incident.members else texts.incidents.OVER_NO_DATA.format(period=period)
