"""How an incident looks: the one card that lives as long as it does, and stays when it has ended."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

import discord

from bot.domain.alert_types import AlertType, IncidentType, severity
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.refills import next_refill
from bot.ui import formatting, texts
from bot.ui.formatting import Names
from bot.ui.trace import COLOURS, add_fields, plan_fields

_MOST_MEMBERS = 15
_MOST_IN_A_LINE = 8
_FIELD_LENGTH = 1024  # Discord's limit for a field's value
_LOW_COLOUR = discord.Colour(0xE67E22)
_MOST_URGENT = frozenset({AlertType.BANNED, AlertType.RUNS_OUT_SOON})
_NO_DATA_COLOUR = discord.Colour(0x9B59B6)
# After so long the time of day alone does not say when something was.
_A_DAY_OR_SO = timedelta(hours=20)
_A_FORTNIGHT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class IncidentContext:
    """An incident with what it takes to show it: what its tokens were like last, and its timeline."""

    incident: Incident
    readings: Mapping[int, Reading]
    timeline: Sequence[TimelineEvent]
    now: datetime
    names: Names = field(default_factory=dict)

    def token(self, token_id: int) -> str:
        """Write a token as the people of the server know it."""
        return formatting.token(token_id, self.names)

    def status(self, member: AffectedToken) -> str:
        """Write what a token is in, or was in before it was back, in one word."""
        return self.word(member.mode, member.token_id)

    def word(self, mode: Mode | None, token_id: int | None) -> str:
        """Write a mode of a token in one word."""
        reading = self.readings.get(token_id or 0)
        return formatting.status(mode, reading.status if reading is not None else "")

    def fast_time(self, member: AffectedToken) -> str:
        """Write what fast time a token has left."""
        reading = self.readings.get(member.token_id)
        return formatting.fast_time(reading) if reading is not None else texts.common.FAST_TIME_UNKNOWN

    def at(self, time: datetime) -> str:
        """Write a time of the incident, with the day where it goes on for long."""
        lasted = (self.incident.resolved_at or self.now) - self.incident.started_at
        return formatting.at(time, "t" if lasted < _A_DAY_OR_SO else "f")


def incident_embed(view: IncidentContext) -> discord.Embed:
    """Show an incident as it stands."""
    embed = _open_embed(view) if view.incident.is_open else _ended_embed(view)
    if timeline := _timeline(view):
        embed.add_field(name=texts.incidents.FIELD_TIMELINE, value=timeline, inline=False)
    return embed


def tally(members: Iterable[AffectedToken]) -> str:
    """Say how many tokens are how, the gravest first."""
    counts = Counter((member.kind, member.mode) for member in members)
    return ", ".join(
        texts.incidents.TALLY.format(number=number, what=texts.incidents.TALLY_KINDS.get(kind, mode.value))
        for (kind, mode), number in sorted(counts.items(), key=lambda one: -severity(one[0][0]))
    )


# --- While it is open


def _open_embed(view: IncidentContext) -> discord.Embed:
    incident = view.incident
    embed = discord.Embed(title=_title(view), description=_description(view), colour=_colour(incident))
    if len(incident.members) == 1:
        _add_token(embed, view, incident.members[0])
    if incident.acknowledged_by is not None and incident.acknowledged_at is not None:
        when = view.at(incident.acknowledged_at)
        value = texts.incidents.ACKNOWLEDGED_BY.format(member=f"<@{incident.acknowledged_by}>", when=when)
        embed.add_field(name=texts.incidents.FIELD_ACKNOWLEDGED, value=value)
    if incident.is_muted(view.now):
        embed.add_field(name=texts.incidents.FIELD_MUTED, value=_muted(incident))
    return embed


def _title(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        return texts.incidents.TITLES[AlertType.NO_DATA]
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
        return texts.incidents.NO_DATA.format(began=view.at(began), ago=formatting.at(began, "R"))
    if len(incident.members) > 1:
        return _members(view)
    if incident.type is IncidentType.LOW_FAST_TIME:
        return view.fast_time(member)
    if incident.type is IncidentType.RUN_OUT:
        return _run_out_words(view, member)
    if member.was_switched_off:
        return texts.incidents.SWITCHED_OFF_BY.format(member=f"<@{member.switched_off_by}>")
    return texts.incidents.FLAPPING if incident.flapping else texts.incidents.MEANINGS.get(member.mode)


def _run_out_words(view: IncidentContext, member: AffectedToken) -> str:
    """Say what is left, when that may be gone, as was foreseen when it was told, and when it comes back."""
    reading = view.readings.get(member.token_id)
    refill = next_refill(reading.plan, view.now) if reading is not None else None
    times = [(texts.incidents.GONE_BY, member.gone_at), (texts.incidents.HOURS_RETURN, refill)]
    said = [words.format(at=_day(at, view.now), ago=formatting.at(at, "R")) for words, at in times if at is not None]
    return "\n".join([view.fast_time(member), *said])


def _day(time: datetime, now: datetime) -> str:
    """Write a time to come, without the hour where nobody can foresee that."""
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
    """List the tokens: those first for whom it goes on, and of those the worst."""
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
        # Those that were still out when somebody closed it are not back.
        is_closed = view.incident.closed_by is not None and member.resolved_at == view.incident.resolved_at
        words = texts.incidents.MEMBER_CLOSED if is_closed else texts.incidents.MEMBER_BACK
        return words.format(token=token, status=status, duration=formatting.duration(member.total_duration))
    if view.incident.type is IncidentType.LOW_FAST_TIME:
        return texts.incidents.MEMBER_LOW.format(token=token, fast_time=view.fast_time(member))
    if view.incident.type is IncidentType.RUN_OUT:
        words = texts.incidents.MEMBER_FORECAST if member.gone_at is None else texts.incidents.MEMBER_GONE_BY
        gone = _day(member.gone_at, view.now) if member.gone_at is not None else ""
        return words.format(token=token, fast_time=view.fast_time(member), gone=gone)
    return texts.incidents.MEMBER.format(sign=sign, token=token, status=status, since=view.at(member.started_at))


def _muted(incident: Incident) -> str:
    words = texts.incidents.MUTED_UNTIL_BACK if incident.muted_until is None else texts.incidents.MUTED_UNTIL
    until = formatting.at(incident.muted_until, "t") if incident.muted_until is not None else ""
    value = words.format(until=until, member=f"<@{incident.muted_by}>")
    return "\n".join([value, *_unmutable_words(incident)])


def muted_words(incident: Incident) -> str:
    """Say until when an incident is quiet now, to the one who asked for that."""
    words = (
        texts.incident_buttons.MUTED_UNTIL_BACK if incident.muted_until is None else texts.incident_buttons.MUTED_FOR
    )
    said = words.format(until=formatting.at(incident.muted_until, "t") if incident.muted_until is not None else "")
    return " ".join([said, *_unmutable_words(incident)])


def _unmutable_words(incident: Incident) -> list[str]:
    """Say what it can still come to that is told in spite of a mute, if anything."""
    words = texts.incidents.MUTED_UNLESS_URGENT.get(incident.type)
    return [words] if words is not None and incident.kind not in _MOST_URGENT else []


def _colour(incident: Incident) -> discord.Colour:
    if incident.most_severe is None:
        return _NO_DATA_COLOUR
    return COLOURS[incident.most_severe.mode] if incident.type is IncidentType.MODE else _LOW_COLOUR


# --- When it is over


def _ended_embed(view: IncidentContext) -> discord.Embed:
    incident = view.incident
    colour = COLOURS[Mode.FAST if incident.closed_by is None else Mode.GONE]
    embed = discord.Embed(title=_ended_title(view), description=_over(view), colour=colour)
    if len(incident.members) == 1:
        embed.add_field(name=texts.incidents.FIELD_FAST_TIME, value=view.fast_time(incident.members[0]), inline=False)
    return embed


def _ended_title(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    if member is None:
        return texts.incidents.TITLE_RESPONDS
    if len(incident.members) > 1:
        words = (
            texts.incidents.TITLE_GROUP_CLOSED
            if incident.closed_by is not None
            else texts.incidents.TITLE_GROUP_BACK[incident.type]
        )
        return words.format(number=len(incident.members))
    words = texts.incidents.TITLE_BACK
    if incident.closed_by is not None:
        words = texts.incidents.TITLE_CLOSED
    elif incident.type is IncidentType.LOW_FAST_TIME:
        words = texts.incidents.TITLE_REFILLED
    elif incident.type is IncidentType.RUN_OUT:
        words = texts.incidents.TITLE_LASTS
    elif incident.flapping:
        words = texts.incidents.TITLE_STABLE
    return words.format(token=view.token(member.token_id), status=view.status(member))


def _over(view: IncidentContext) -> str:
    incident, member = view.incident, view.incident.most_severe
    words = texts.incidents.OVER_NO_DATA if member is None else _over_words(incident, member)
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


def _over_words(incident: Incident, member: AffectedToken) -> str:
    if incident.closed_by is not None:
        return texts.incidents.OVER_CLOSED
    if len(incident.members) > 1:
        return texts.incidents.OVER_SEVERAL
    if incident.type is IncidentType.LOW_FAST_TIME:
        return texts.incidents.OVER_LOW
    if incident.type is IncidentType.RUN_OUT:
        return texts.incidents.OVER_FORECAST
    if member.times > 1:
        return texts.incidents.OVER_FLAPPING
    return texts.incidents.OVER if member.mode_before is Mode.FAST else texts.incidents.OVER_WORSE


# --- The timeline


def _timeline(view: IncidentContext) -> str:
    """Write the latest lines, as many as there is room for; what happened to several tokens at once is one."""
    incident = view.incident
    is_group = len(incident.members) > 1
    # Each token of a group says for itself since when it is out.
    events = [event for event in view.timeline if not (is_group and _is_first_time(incident, event))]
    lines = [
        _line(view, alike[0], [event.token_id for event in alike if is_group and event.token_id is not None])
        for _, same in groupby(events, key=lambda event: (event.at, event.type, event.kind, event.mode, event.actor_id))
        if (alike := list(same))
    ]
    if is_group:
        words = texts.incidents.TIMELINE_GROUP[incident.type]
        lines.insert(0, words.format(when=view.at(incident.started_at), number=len(incident.members)))
    while len("\n".join(lines)) > _FIELD_LENGTH:
        del lines[0]
    return "\n".join(lines)


def _is_first_time(incident: Incident, event: TimelineEvent) -> bool:
    member = incident.find_token(event.token_id) if event.token_id is not None else None
    return event.type is TimelineEventType.STARTED and member is not None and member.times == 1


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
    )


def _tokens(view: IncidentContext, token_ids: Sequence[int]) -> str:
    """List so many that their line does not take up the whole timeline."""
    shown = [view.token(token_id) for token_id in token_ids[:_MOST_IN_A_LINE]]
    if len(token_ids) > len(shown):
        shown.append(texts.common.MORE.format(number=len(token_ids) - len(shown)))
    return ", ".join(shown)


def _what(view: IncidentContext, event: TimelineEvent) -> str:
    if event.type is TimelineEventType.RECOVERED:
        return texts.incidents.TIMELINE_BACK[view.incident.type]
    if event.kind in texts.incidents.TIMELINE_KINDS:
        return texts.incidents.TIMELINE_KINDS[event.kind]
    words = (
        texts.incidents.TIMELINE_LEFT if event.type is TimelineEventType.STARTED else texts.incidents.TIMELINE_WENT_ON
    )
    return words.format(status=view.word(event.mode, event.token_id))
