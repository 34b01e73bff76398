"""The Discord messages of an incident: the alert itself, and the replies under it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import discord

from bot.domain.alert_routes import PERMISSION_REASONS, DisabledReason
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.fleet import FleetInFast
from bot.domain.incidents import Incident, TimelineEvent
from bot.domain.owners import Owners
from bot.domain.readings import Reading
from bot.ui import conditions, formatting, incident_components, texts, trace
from bot.ui.alert_setup import NEEDED_FOR_ALERTS, permission_names, refusal_words
from bot.ui.formatting import NO_NAMES, Names
from bot.ui.incident_context import IncidentContext, cause_words, tally
from bot.ui.incident_titles import incident_title
from bot.ui.incidents import incident_embed
from bot.ui.mentions import NOBODY, Mentions, of_role

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A Discord message to send. A phone shows its `content` in the notification."""

    content: str
    embed: discord.Embed | None = None
    view: discord.ui.View | None = None
    file: discord.File | None = None
    """A discord.File is consumed by sending: it can be sent once."""

    @property
    def extras(self) -> dict[str, Any]:
        """The embed, view and file, where present."""
        extras = {"embed": self.embed, "view": self.view, "file": self.file}
        return {name: value for name, value in extras.items() if value is not None}

    def without_file(self) -> "OutgoingMessage":
        """Return the message without its picture, for a channel without the Attach Files permission."""
        embed = self.embed.copy().set_image(url=None) if self.embed is not None else None
        return replace(self, embed=embed, file=None)


def incident_message(
    incident: Incident,
    readings: Mapping[int, Reading],
    timeline: Sequence[TimelineEvent],
    mentions: Mentions,
    *,
    now: datetime,
    names: Names = NO_NAMES,
    unread_since: Mapping[int, datetime] = MappingProxyType({}),
    owners: Owners = MappingProxyType({}),
    dashboard_url: str = "",
    in_fast: FleetInFast | None = None,
) -> OutgoingMessage:
    """Return the Discord message of an incident as it is now. It mentions somebody only while the incident pings."""
    view = IncidentContext(incident, readings, timeline, now, names, unread_since, owners, dashboard_url, in_fast)
    return OutgoingMessage(
        (mentions if incident.pings or incident.inhibited else NOBODY).before(incident_title(view)),
        incident_embed(view),
        incident_components.alert_view(incident, now),
    )


def back_words(incident: Incident, names: Names = NO_NAMES) -> str:
    """Return that it is over, in one line, for the silent reply under the alert."""
    number = len(incident.members)
    lasted = formatting.duration_of(incident)
    if incident.closed_by is not None:
        return texts.alerts.PUSH_CLOSED.format(member=f"<@{incident.closed_by}>")
    if incident.condition is not None:
        return conditions.back(incident)
    if not number:
        return texts.alerts.PUSH_DATA_AGAIN.format(duration=lasted)
    if number > 1:
        some_unlisted = any(member.ended_unlisted for member in incident.members)
        groups = texts.alerts.PUSH_GROUP_UNLISTED if some_unlisted else texts.alerts.PUSH_BACK_GROUP
        return groups[incident.type].format(number=number, duration=lasted)
    member = incident.members[0]
    if member.ended_unlisted:
        words = texts.alerts.PUSH_UNLISTED[incident.type]
    elif incident.type is IncidentType.LOW_FAST_TIME:
        words = texts.alerts.PUSH_REFILLED
    elif incident.type is IncidentType.RUN_OUT:
        words = texts.alerts.PUSH_LASTS
    else:
        words = texts.alerts.PUSH_STABLE if member.starts > 1 else texts.alerts.PUSH_BACK
    token, lasted = formatting.subject(member.token_id, names), formatting.total_duration(member)
    if words is texts.alerts.PUSH_STABLE:
        lasted = formatting.duration_of_starts(incident, member)
    return words.format(token=token, times=member.starts, duration=lasted)


def worse_words(incident: Incident, readings: Mapping[int, Reading], now: datetime, names: Names = NO_NAMES) -> str:
    """Return what got worse, in one line, for the reply that pings again."""
    member, out = incident.most_severe, incident.still_affected
    if incident.condition is not None:
        return conditions.worse(incident, incident.condition)
    if member is None:
        return texts.incidents.TITLES[AlertType.NO_DATA].format(cause=cause_words(incident))
    if len(out) > 1:
        return texts.alerts.PUSH_WORSE_GROUP[incident.type].format(number=len(out), tally=tally(out))
    words = texts.alerts.PUSH_SWITCHED_OFF if member.was_switched_off else texts.alerts.PUSH_WORSE[member.kind]
    view = IncidentContext(incident, readings, (), now, names)
    return words.format(token=view.subject(member), status=view.status(member))


def reminder_words(incident: Incident, now: datetime, names: Names = NO_NAMES) -> str:
    """Return the reminder of an incident, in one line."""
    member, out = incident.most_severe, incident.still_affected
    if incident.condition is not None:
        return conditions.reminder(incident, incident.condition, now - incident.started_at)
    many = len(out) > 1
    words = texts.alerts.PUSH_REMINDER_GROUP[incident.type] if many else texts.alerts.PUSH_REMINDER[incident.type]
    return words.format(
        token=formatting.subject(member.token_id, names) if member is not None else "",
        status=member.mode.value if member is not None else "",
        number=len(out),
        tally=tally(out),
        duration=formatting.duration_between(incident.started_at, now),
        cause=cause_words(incident),
    )


def escalation_words(
    incident: Incident, readings: Mapping[int, Reading], now: datetime, names: Names = NO_NAMES
) -> str:
    """Return what nobody has acknowledged, in one line, for the reply that pings a second role."""
    lasts = formatting.duration(now - (incident.unacknowledged_since or incident.started_at))
    what = incident_title(IncidentContext(incident, readings, (), now, names))
    return texts.alerts.PUSH_ESCALATED.format(duration=lasts, what=what)


def summary_words(incidents: Sequence[Incident], names: Names = NO_NAMES) -> str:
    """Return a line for each incident that was over before it could be delivered."""
    lines = [summary_line(incident, names) for incident in incidents[:MOST_LINES]]
    if len(incidents) > MOST_LINES:
        lines.append(texts.alerts.MISSED_MORE.format(number=len(incidents) - MOST_LINES))
    return "\n".join([texts.alerts.MISSED, *lines])


def summary_line(incident: Incident, names: Names) -> str:
    """Return a line about an incident that is over."""
    member = incident.most_severe
    if incident.condition is not None:
        return conditions.missed(incident, incident.condition)
    words, lasted = texts.alerts.MISSED_LINES[incident.type], formatting.duration_of(incident)
    some_unlisted = any(one.ended_unlisted for one in incident.members)
    if len(incident.members) > 1:
        groups = texts.alerts.MISSED_GROUPS_UNLISTED if some_unlisted else texts.alerts.MISSED_GROUPS
        words = groups[incident.type]
    elif some_unlisted:
        words = texts.alerts.MISSED_UNLISTED[incident.type]
    elif member is not None and member.starts > 1:
        words, lasted = texts.alerts.MISSED_FLAPPING, formatting.duration_of_starts(incident, member)
    return words.format(
        began=formatting.at(incident.started_at, "R"),
        number=len(incident.members),
        token=formatting.subject(member.token_id, names) if member is not None else "",
        was=texts.incidents.WAS[member.kind].format(status=member.mode.value) if member is not None else "",
        times=member.starts if member is not None else 1,
        tally=tally(incident.members),
        duration=lasted,
        cause=cause_words(incident),
    )


def route_broken_words(channel_id: int, reason: DisabledReason, lacking: Sequence[str] = ()) -> str:
    """Return the sentence for moderators of a channel that Discord refuses, with the permissions that are missing."""
    if reason is DisabledReason.THREAD_ARCHIVED:
        return texts.alerts.THREAD_ARCHIVED.format(channel=channel_id)
    advice = texts.alerts.ROUTE_BROKEN_CHOOSE
    if reason in PERMISSION_REASONS:
        permissions = ", ".join(lacking) or permission_names(NEEDED_FOR_ALERTS)
        advice = texts.alerts.ROUTE_BROKEN_GIVE.format(permissions=permissions)
    return texts.alerts.ROUTE_BROKEN.format(channel=channel_id, problem=refusal_words(reason, lacking), advice=advice)


def message_rejected_words(channel_id: int, problem: str) -> str:
    """Return the sentences for moderators of an alert that Discord rejects."""
    return texts.alerts.MESSAGE_REJECTED.format(channel=channel_id, problem=problem)


def message_failed_words(channel_id: int, problem: str) -> str:
    """Return the sentences for moderators of an alert that an error of Fastwatch keeps from being sent in full."""
    return texts.alerts.MESSAGE_FAILED.format(channel=channel_id, problem=problem)


def route_restored_message(
    channel_id: int, since: datetime, now: datetime, *, waiting: int, dropped: int = 0
) -> OutgoingMessage:
    """Return what a channel reads before the alerts that waited for it.

    It has an embed, so that Discord refuses it as long as it refuses alerts.
    """
    words = texts.alerts.ROUTE_RESTORED_WAITED if waiting else texts.alerts.ROUTE_RESTORED_NOTHING
    lines = [
        words.format(channel=channel_id, since=formatting.at(since, "f"), now=formatting.at(now, "t"), number=waiting)
    ]
    if dropped:
        lines.append(texts.alerts.ROUTE_RESTORED_DROPPED.format(number=dropped))
    embed = discord.Embed(
        description="\n".join(lines),
        colour=discord.Colour.green(),
    )
    return OutgoingMessage(texts.alerts.ROUTE_RESTORED, embed)


def alert_test_message(role_id: int | None) -> OutgoingMessage:
    """Return a test alert, with the ping."""
    return OutgoingMessage(of_role(role_id).before(texts.alerts.PUSH_TEST), trace.alert_test_embed())
