"""The embed of an incident, while it is open and after it has ended."""

from datetime import datetime, timedelta

import discord

from bot.domain.alert_types import AlertType, IncidentType, severity
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.refills import next_refill
from bot.ui import formatting, texts
from bot.ui.incident_context import IncidentContext, cause_words
from bot.ui.incident_timeline import timeline_text
from bot.ui.mutes import still_notified_of
from bot.ui.owners import owner_words
from bot.ui.trace import COLOURS, add_fields, plan_fields

_MOST_MEMBERS = 15
_LOW_COLOUR = discord.Colour(0xE67E22)
_NO_DATA_COLOUR = discord.Colour(0x9B59B6)
_A_FORTNIGHT = timedelta(days=14)


def incident_embed(view: IncidentContext) -> discord.Embed:
    """Return the embed of an incident as it is now."""
    embed = _open_embed(view) if view.incident.is_open else _ended_embed(view)
    if timeline := timeline_text(view):
        embed.add_field(name=texts.incidents.FIELD_TIMELINE, value=timeline, inline=False)
    return embed


# --- Open


def _open_embed(view: IncidentContext) -> discord.Embed:
    incident = view.incident
    description = "\n".join(filter(None, (_unread_words(view), _description(view), owner_words(view)))) or None
    embed = discord.Embed(title=_title(view), description=description, colour=_colour(incident))
    if len(incident.members) == 1:
        _add_token(embed, view, incident.members[0])
    if incident.acknowledged_by is not None and incident.acknowledged_at is not None:
        when = view.at(incident.acknowledged_at)
        value = texts.incidents.ACKNOWLEDGED_BY.format(member=f"<@{incident.acknowledged_by}>", when=when)
        embed.add_field(name=texts.incidents.FIELD_ACKNOWLEDGED, value=value)
    if incident.assigned_to is not None:
        embed.add_field(name=texts.incidents.FIELD_ASSIGNED, value=f"<@{incident.assigned_to}>")
    if incident.is_muted(view.now):
        embed.add_field(name=texts.incidents.FIELD_MUTED, value=_muted(incident, view.now))
    return embed


def _title(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        return texts.incidents.TITLES[AlertType.NO_DATA].format(cause=cause_words(incident))
    sign = texts.common.SIGNS[member.mode]
    if len(incident.members) > 1:
        return _group_title(incident, sign)
    words, status = texts.incidents.TITLES[incident.kind], view.status(member)
    if incident.flapping:
        words, status = texts.incidents.TITLE_FLAPPING, status if incident.still_affected else Mode.FAST.value
    elif incident.type is IncidentType.MODE and member.mode_before is not Mode.FAST:
        words = texts.incidents.TITLE_GOT_WORSE
    return words.format(sign=sign, token=view.token(member.token_id), status=status)


def _group_title(incident: Incident, sign: str) -> str:
    words = texts.incidents.TITLE_GROUP[incident.type]
    if not incident.still_affected:
        words = texts.incidents.TITLE_GROUP_FLAPPING
    elif len(incident.still_affected) < len(incident.members):
        words = texts.incidents.TITLE_GROUP_SOME_BACK[incident.type]
    return words.format(sign=sign, number=len(incident.members), out=len(incident.still_affected))


def _description(view: IncidentContext) -> str | None:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        began = incident.started_at
        advice = texts.outages.ADVICE[incident.cause or NoDataCause.NO_RESPONSE]
        return texts.incidents.NO_DATA.format(began=view.at(began), ago=formatting.at(began, "R"), advice=advice)
    if len(incident.members) > 1:
        return _members(view)
    if incident.type is IncidentType.LOW_FAST_TIME:
        return view.fast_time(member)
    if incident.type is IncidentType.RUN_OUT:
        return _run_out_words(view, member)
    if member.was_switched_off:
        return texts.incidents.SWITCHED_OFF_BY.format(member=f"<@{member.switched_off_by}>")
    return texts.incidents.FLAPPING if incident.flapping else texts.incidents.MEANINGS.get(member.mode)


def _unread_words(view: IncidentContext) -> str:
    """Return since when the incident may no longer be as shown; empty if all its tokens are read."""
    out = view.incident.still_affected
    unread = [view.unread_since[member.token_id] for member in out if member.token_id in view.unread_since]
    if not unread:
        return ""
    words = texts.incidents.UNREAD if len(out) == 1 else texts.incidents.UNREAD_GROUP
    # The latest: since then, none of them was read.
    return words.format(when=formatting.at(max(unread), "R"), number=len(unread))


def _run_out_words(view: IncidentContext, member: AffectedToken) -> str:
    """Return what is left, when it may run out as forecast at the time of the alert, and when fast hours return."""
    reading = view.readings.get(member.token_id)
    refill = next_refill(reading.plan, view.now) if reading is not None else None
    times = [(texts.incidents.GONE_BY, member.gone_at), (texts.incidents.HOURS_RETURN, refill)]
    said = [words.format(at=_day(at, view.now), ago=formatting.at(at, "R")) for words, at in times if at is not None]
    return "\n".join([view.fast_time(member), *said])


def _day(time: datetime, now: datetime) -> str:
    """Return a future time; without the time of day beyond a fortnight, which a forecast cannot know."""
    return formatting.at(time, "f" if time - now < _A_FORTNIGHT else "D")


def _add_token(embed: discord.Embed, view: IncidentContext, member: AffectedToken) -> None:
    reading = view.readings.get(member.token_id)
    fields = plan_fields(reading) if reading is not None else []
    if view.incident.type is IncidentType.MODE:
        began = f"{view.at(member.started_at)}\n{formatting.at(member.started_at, 'R')}"
        name = texts.incidents.FIELD_LEFT if member.mode_before is Mode.FAST else texts.incidents.FIELD_BEGAN
        fields = [(name, began), *fields]
    add_fields(embed, fields)
    if view.incident.type is IncidentType.MODE:
        embed.add_field(name=texts.incidents.FIELD_FAST_TIME, value=view.fast_time(member), inline=False)
    embed.timestamp = reading.read_at if reading is not None else None


def _members(view: IncidentContext) -> str:
    """Return a line for each token: those still affected first, the worst of them on top."""
    members = sorted(
        view.incident.members,
        key=lambda member: (member.resolved_at is not None, -severity(member.kind), member.started_at, member.token_id),
    )
    lines = [_member(view, member) for member in members[:_MOST_MEMBERS]]
    if len(members) > _MOST_MEMBERS:
        lines.append(texts.common.MORE.format(number=len(members) - _MOST_MEMBERS))
    return "\n".join(lines)


def _member(view: IncidentContext, member: AffectedToken) -> str:
    sign, token, status = texts.common.SIGNS[member.mode], view.token(member.token_id), view.status(member)
    if member.resolved_at is not None:
        # Tokens that were still affected when somebody closed it are not back.
        is_closed = view.incident.is_closed and member.resolved_at == view.incident.resolved_at
        words = texts.incidents.MEMBER_CLOSED if is_closed else texts.incidents.MEMBER_BACK
        if member.ended_unlisted:
            words = texts.incidents.MEMBER_UNLISTED
        return words.format(
            token=token, status=_status(view, member), duration=formatting.duration(member.total_duration)
        )
    if view.incident.type is IncidentType.LOW_FAST_TIME:
        return texts.incidents.MEMBER_LOW.format(token=token, fast_time=view.fast_time(member))
    if view.incident.type is IncidentType.RUN_OUT:
        words = texts.incidents.MEMBER_FORECAST if member.gone_at is None else texts.incidents.MEMBER_GONE_BY
        gone = _day(member.gone_at, view.now) if member.gone_at is not None else ""
        return words.format(token=token, fast_time=view.fast_time(member), gone=gone)
    return texts.incidents.MEMBER.format(sign=sign, token=token, status=status, since=view.at(member.started_at))


def _muted(incident: Incident, now: datetime) -> str:
    words = texts.incidents.MUTED_UNTIL_BACK if incident.muted_until is None else texts.incidents.MUTED_UNTIL
    until = formatting.until(incident.muted_until, now) if incident.muted_until is not None else ""
    value = words.format(until=until, member=f"<@{incident.muted_by}>")
    return "\n".join([value, *still_notified_of(incident)])


def muted_words(incident: Incident, now: datetime) -> str:
    """Return until when an incident is muted, for the member who muted it."""
    words = (
        texts.incident_buttons.MUTED_UNTIL_BACK if incident.muted_until is None else texts.incident_buttons.MUTED_FOR
    )
    said = words.format(until=formatting.until(incident.muted_until, now) if incident.muted_until is not None else "")
    return " ".join([said, *still_notified_of(incident)])


def _colour(incident: Incident) -> discord.Colour:
    if incident.most_severe is None:
        return _NO_DATA_COLOUR
    return COLOURS[incident.most_severe.mode] if incident.type is IncidentType.MODE else _LOW_COLOUR


# --- Over


def _ended_embed(view: IncidentContext) -> discord.Embed:
    incident = view.incident
    has_left = bool(incident.members) and all(member.ended_unlisted for member in incident.members)
    colour = COLOURS[Mode.GONE if incident.is_closed or has_left else Mode.FAST]
    embed = discord.Embed(title=_ended_title(view), description=_over(view), colour=colour)
    if len(incident.members) == 1:
        embed.add_field(name=texts.incidents.FIELD_FAST_TIME, value=view.fast_time(incident.members[0]), inline=False)
    return embed


def _ended_title(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        return texts.incidents.TITLE_CLOSED_NO_DATA if incident.is_closed else texts.incidents.TITLE_DATA_AGAIN
    if len(incident.members) > 1:
        return _ended_group_title(incident)
    words = texts.incidents.TITLE_BACK
    if incident.is_closed:
        words = texts.incidents.TITLE_CLOSED
    elif member.ended_unlisted:
        words = texts.incidents.TITLE_UNLISTED
    elif incident.type is IncidentType.LOW_FAST_TIME:
        words = texts.incidents.TITLE_REFILLED
    elif incident.type is IncidentType.RUN_OUT:
        words = texts.incidents.TITLE_LASTS
    elif incident.flapping:
        words = texts.incidents.TITLE_STABLE
    return words.format(token=view.token(member.token_id), status=_status(view, member))


def _ended_group_title(incident: Incident) -> str:
    if incident.is_closed:
        words = texts.incidents.TITLE_GROUP_CLOSED
    elif any(member.ended_unlisted for member in incident.members):
        words = texts.incidents.TITLE_GROUP_UNLISTED[incident.type]
    else:
        words = texts.incidents.TITLE_GROUP_BACK[incident.type]
    return words.format(number=len(incident.members))


def _status(view: IncidentContext, member: AffectedToken) -> str:
    """Return what was wrong with a token: its mode in one word, or how its fast time was."""
    is_about_mode = view.incident.type is IncidentType.MODE
    return view.status(member) if is_about_mode else texts.incidents.TIMELINE_KINDS[member.kind]


def _over(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    words = _over_words(incident, member)
    came_and_went = member is not None and len(incident.members) == 1 and member.times > 1
    sentence = words.format(
        duration=formatting.duration(member.total_duration)
        if member and came_and_went
        else formatting.duration_of(incident),
        began=view.at(incident.started_at),
        ended=view.at(incident.resolved_at or incident.started_at),
        status=view.status(member) if member is not None else "",
        times=member.times if member is not None else 1,
        member=f"<@{incident.closed_by}>",
    )
    return f"{sentence}\n\n{_members(view)}" if len(incident.members) > 1 else sentence


def _over_words(incident: Incident, member: AffectedToken | None) -> str:
    if incident.close_reason is not None:
        return texts.incidents.OVER_CLOSED_BECAUSE[incident.close_reason]
    if member is None:
        return texts.incidents.OVER_NO_DATA
    if incident.closed_by is not None:
        return texts.incidents.OVER_CLOSED[incident.type]
    return _ended_words(incident, member)


def _ended_words(incident: Incident, member: AffectedToken) -> str:
    if len(incident.members) > 1:
        return texts.incidents.OVER_SEVERAL
    if incident.type is not IncidentType.MODE:
        words = texts.incidents.OVER_UNLISTED if member.ended_unlisted else texts.incidents.OVER_FAST_TIME
        return words[incident.type]
    if member.times > 1:
        return texts.incidents.OVER_FLAPPING
    return texts.incidents.OVER if member.mode_before is Mode.FAST else texts.incidents.OVER_WORSE
