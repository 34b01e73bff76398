"""The answer of `/alerts show`: the setup, open incidents, mutes and waiting deliveries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import discord

from bot.domain.alert_types import IncidentType
from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.ui import formatting, texts
from bot.ui.alert_setup import ping_problem_words, refusal_words
from bot.ui.conditions import what
from bot.ui.formatting import NO_NAMES, Names
from bot.ui.incident_context import cause_words, tally
from bot.ui.route_overview import RouteOverview, TokenRouteOverview

_MOST_LINES = 10
_MOST_TOKENS = 3
_FIELD_LENGTH = 1024  # Discord's limit for a field's value
_PROBLEM_LENGTH = 150
MOST_REASON = 200
"""The most characters in the reason of a mute."""


@dataclass(frozen=True, slots=True)
class IncidentOverview:
    """An open incident, ImaginePro's status of its most severe token, and the link to its Discord message."""

    incident: Incident
    status: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class MuteOverview:
    """A mute of one token, or of all where `token_id` is None."""

    token_id: int | None
    until: datetime
    reason: str
    muted_by: int
    include_urgent: bool = False


@dataclass(frozen=True, slots=True)
class WatchOverview:
    """A watched message, its token where known, and its last problem."""

    message_id: UUID
    token_id: int | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class AlertsOverview:
    """The content of `/alerts show`. `lists_fleet` is None before ImaginePro's first response."""

    now: datetime
    route: RouteOverview | None
    token_routes: Sequence[TokenRouteOverview]
    lists_fleet: bool | None
    modes: Counter[Mode]
    watches: Sequence[WatchOverview]
    last_success_at: datetime | None
    last_error: str | None
    incidents: Sequence[IncidentOverview]
    mutes: Sequence[MuteOverview]
    waiting: int
    waiting_problem: str | None
    names: Names = field(default_factory=dict)


def overview_embed(overview: AlertsOverview) -> discord.Embed:
    """Return the embed. Fields that most servers do not need are left out when empty."""
    embed = discord.Embed(title=texts.alerts_overview.TITLE, colour=discord.Colour.blurple())
    open_now = incident_lines(overview.incidents, overview.now, overview.names)
    embed.add_field(name=texts.alerts_overview.FIELD_OPEN, value=open_now, inline=False)
    if overview.mutes:
        mutes = lines_of_field([mute_line(one, overview.names) for one in overview.mutes])
        embed.add_field(name=texts.alerts_overview.FIELD_MUTES, value=mutes, inline=False)
    embed.add_field(name=texts.alerts_overview.FIELD_CHANNEL, value=_where_to(overview.route), inline=False)
    if overview.token_routes:
        routes = lines_of_field([_token_route(one, overview.names) for one in overview.token_routes])
        embed.add_field(name=texts.alerts_overview.FIELD_TOKEN_ROUTES, value=routes, inline=False)
    embed.add_field(name=texts.alerts_overview.FIELD_WAITING, value=_waiting(overview), inline=False)
    embed.add_field(name=texts.alerts_overview.FIELD_WATCHED, value=_watching(overview), inline=False)
    return embed.add_field(name=texts.alerts_overview.FIELD_LAST_SUCCESS, value=_last_round(overview), inline=False)


def incident_lines(incidents: Sequence[IncidentOverview], now: datetime, names: Names) -> str:
    """Return open incidents as a field value, the most urgent first."""
    return lines_of_field([incident_line(one, now, names) for one in sorted(incidents, key=_most_urgent_first)])


def ping(role_id: int | None) -> str:
    """Return whom alerts ping."""
    return (
        texts.alert_setup.PINGS_NOBODY
        if role_id is None
        else texts.alert_setup.PINGS_ROLE.format(role=f"<@&{role_id}>")
    )


def _where_to(route: RouteOverview | None) -> str:
    if route is None:
        return texts.alerts_overview.ALERTS_OFF
    where = texts.alerts_overview.CHANNEL.format(channel=f"<#{route.channel_id}>", ping=ping(route.role_id))
    lines = [where]
    if route.disabled_reason is not None:
        lines.append(texts.alerts_overview.BROKEN.format(problem=_refusal(route)))
    return "\n".join([*lines, *_ping_problem(route)])


def _ping_problem(route: RouteOverview) -> list[str]:
    if route.ping_problem is None:
        return []
    return [ping_problem_words(route.channel_id, route.role_id, route.ping_problem)]


def _token_route(route: TokenRouteOverview, names: Names) -> str:
    words = (
        texts.alerts_overview.TOKEN_ROUTE if route.disabled_reason is None else texts.alerts_overview.TOKEN_ROUTE_BROKEN
    )
    line = words.format(
        token=formatting.token(route.token_id, names),
        channel=f"<#{route.channel_id}>",
        ping=ping(route.role_id),
        problem=_refusal(route),
    )
    return "\n".join([line, *_ping_problem(route)])


def _refusal(route: RouteOverview) -> str:
    """Return why Discord refuses a channel, and since when; empty if it does not."""
    if route.disabled_reason is None:
        return ""
    problem = refusal_words(route.disabled_reason, route.lacking)
    if route.disabled_at is None:
        return problem
    return texts.alerts_overview.SINCE.format(problem=problem, since=formatting.at(route.disabled_at, "R"))


def muted_what(token_id: int | None, names: Names = NO_NAMES) -> str:
    """Return what a mute applies to."""
    return texts.common.ALL_ALERTS if token_id is None else formatting.token_or(texts.common.ONE_TOKEN, token_id, names)


def mute_line(mute: MuteOverview, names: Names) -> str:
    """Return a mute in one line, with its reason if it has one."""
    words = texts.alerts_overview.MUTE_REASON if mute.reason else texts.alerts_overview.MUTE
    line = words.format(
        what=muted_what(mute.token_id, names),
        until=formatting.at(mute.until, "f"),
        member=f"<@{mute.muted_by}>",
        reason=formatting.escape_untrusted(mute.reason, most=MOST_REASON),
    )
    return texts.alerts_overview.MUTE_INCLUDES_URGENT.format(line=line) if mute.include_urgent else line


def _watching(overview: AlertsOverview) -> str:
    return lines_of_field([_fleet(overview), *(_watch(watch, overview.names) for watch in overview.watches)])


def _fleet(overview: AlertsOverview) -> str:
    if overview.lists_fleet is None:
        return texts.alerts_overview.NOT_YET
    if not overview.lists_fleet:
        return texts.alerts_overview.NO_FLEET if overview.watches else texts.alerts_overview.NOTHING_WATCHED
    counts = formatting.mode_counts(overview.modes)
    return texts.alerts_overview.FLEET.format(modes=counts) if counts else texts.alerts_overview.FLEET_EMPTY


def _watch(watch: WatchOverview, names: Names) -> str:
    token = formatting.token(watch.token_id, names) if watch.token_id is not None else texts.common.UNKNOWN
    if watch.problem is None:
        return texts.alerts_overview.WATCH.format(token=token, message=watch.message_id)
    return texts.alerts_overview.WATCH_PROBLEM.format(
        token=token, message=watch.message_id, problem=_problem(watch.problem)
    )


def _last_round(overview: AlertsOverview) -> str:
    at = overview.last_success_at
    when = formatting.at(at, "R") if at is not None else texts.common.NEVER
    if overview.last_error is None:
        return when
    return texts.alerts_overview.LAST_PROBLEM.format(when=when, problem=_problem(overview.last_error))


def _most_urgent_first(one: IncidentOverview) -> tuple[int, datetime]:
    return -one.incident.urgency, one.incident.started_at


def incident_line(one: IncidentOverview, now: datetime, names: Names) -> str:
    """Return an open incident in one line: its status, its start, what has been done about it, and a link."""
    incident, most_severe = one.incident, one.incident.most_severe
    sign = (
        texts.alerts_overview.TYPE_SIGNS.get(incident.type)
        or texts.conditions.SIGNS.get(incident.type)
        or texts.common.SIGNS[most_severe.mode if most_severe is not None else None]
    )
    words = texts.alerts_overview.INCIDENT if incident.members else texts.alerts_overview.INCIDENT_NO_DATA
    return words.format(
        sign=sign,
        cause=what(incident, incident.condition) if incident.condition is not None else cause_words(incident),
        tokens=_tokens(incident, names),
        what=_what(one),
        since=formatting.at(incident.started_at, "R"),
        marks="".join(texts.alerts_overview.MARK.format(mark=mark) for mark in _marks(one, now)),
    )


def _tokens(incident: Incident, names: Names) -> str:
    ids = [member.token_id for member in incident.still_affected or incident.members]
    if not ids:
        return ""
    if len(ids) == 1:
        return formatting.token_or(texts.common.ONE_TOKEN, ids[0], names)
    shown = [formatting.token(token_id, names) for token_id in ids[:_MOST_TOKENS]]
    listed = [*shown, *([texts.common.ELLIPSIS] if len(ids) > _MOST_TOKENS else [])]
    return texts.alerts_overview.TOKENS.format(number=len(ids), tokens=", ".join(listed))


def _what(one: IncidentOverview) -> str:
    incident = one.incident
    if len(incident.still_affected) > 1:
        return tally(incident.still_affected)
    if incident.type is not IncidentType.MODE:
        return texts.incidents.TIMELINE_KINDS[incident.kind]
    most_severe = incident.most_severe
    return formatting.status(most_severe.mode if incident.still_affected and most_severe else Mode.FAST, one.status)


def _marks(one: IncidentOverview, now: datetime) -> list[str]:
    """Return what has been done about it, and the link."""
    incident = one.incident
    marks = [texts.alerts_overview.FLAPPING] if incident.flapping else []
    if incident.assigned_to is not None:
        marks.append(texts.alerts_overview.ASSIGNED.format(member=f"<@{incident.assigned_to}>"))
    elif incident.acknowledged_by is not None:
        marks.append(texts.alerts_overview.ACKNOWLEDGED.format(member=f"<@{incident.acknowledged_by}>"))
    if incident.is_muted(now) and incident.muted_until is not None:
        marks.append(texts.alerts_overview.MUTED_UNTIL.format(until=formatting.until(incident.muted_until, now)))
    elif incident.is_muted(now):
        marks.append(texts.alerts_overview.MUTED_UNTIL_BACK)
    if one.url is not None:
        marks.append(texts.alerts_overview.LINK.format(url=one.url))
    return marks


def _waiting(overview: AlertsOverview) -> str:
    if not overview.waiting:
        return texts.common.NONE
    if overview.waiting_problem is None:
        return str(overview.waiting)
    return texts.alerts_overview.WAITING_PROBLEM.format(
        number=overview.waiting, problem=_problem(overview.waiting_problem)
    )


def lines_of_field(lines: Sequence[str]) -> str:
    """Return as many lines as fit into a field, and the number of the rest."""
    if not lines:
        return texts.common.NONE
    shown = min(len(lines), _MOST_LINES)
    while len(text := _first_lines(lines, shown)) > _FIELD_LENGTH:
        shown -= 1
    return text


def _first_lines(lines: Sequence[str], shown: int) -> str:
    more = [texts.common.MORE.format(number=len(lines) - shown)] if shown < len(lines) else []
    return "\n".join([*lines[:shown], *more])


def _problem(text: str) -> str:
    return formatting.escape_untrusted(text, most=_PROBLEM_LENGTH)
