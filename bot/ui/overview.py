"""The answer of `/alerts show`: the set-up, what is open and what waits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import discord

from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.ui import texts, wording

_MOST_LINES = 10
_FIELD_LENGTH = 1024  # Discord's limit for a field's value
_PROBLEM_LENGTH = 150


@dataclass(frozen=True, slots=True)
class RouteOverview:
    """Where a server's alerts go, whom they ping, and why Discord refuses that, if it does."""

    channel_id: int
    role_id: int | None
    broken_because: str | None


@dataclass(frozen=True, slots=True)
class WatchOverview:
    """One watched message, its token where that is known, and its last problem."""

    message_id: UUID
    token_id: int | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class AlertsOverview:
    """All that `/alerts show` tells. `lists_fleet` is None before ImaginePro's first answer."""

    route: RouteOverview | None
    lists_fleet: bool | None
    modes: Counter[Mode]
    watches: Sequence[WatchOverview]
    last_good_round_at: datetime | None
    last_problem: str | None
    incidents: Sequence[Incident]
    waiting: int
    waiting_problem: str | None


def overview_embed(overview: AlertsOverview) -> discord.Embed:
    """Show the set-up, what is open and what waits."""
    embed = discord.Embed(title=texts.SHOW_TITLE, colour=discord.Colour.blurple())
    embed.add_field(name=texts.SHOW_CHANNEL, value=_where_to(overview.route), inline=False)
    embed.add_field(name=texts.SHOW_WATCHING, value=_watching(overview), inline=False)
    embed.add_field(name=texts.SHOW_LAST_ROUND, value=_last_round(overview), inline=False)
    embed.add_field(name=texts.SHOW_OPEN, value=_lines([_incident(one) for one in overview.incidents]), inline=False)
    embed.add_field(name=texts.SHOW_WAITING, value=_waiting(overview), inline=False)
    return embed


def ping(role_id: int | None) -> str:
    """Say whom alerts ping."""
    return texts.PINGS_NOBODY if role_id is None else texts.PINGS_ROLE.format(role=f"<@&{role_id}>")


def _where_to(route: RouteOverview | None) -> str:
    if route is None:
        return texts.SHOW_OFF
    where = texts.SHOW_CHANNEL_VALUE.format(channel=f"<#{route.channel_id}>", ping=ping(route.role_id))
    if route.broken_because is None:
        return where
    return f"{where}\n{texts.SHOW_BROKEN.format(problem=_problem(route.broken_because))}"


def _watching(overview: AlertsOverview) -> str:
    return _lines([_fleet(overview), *map(_watch, overview.watches)])


def _fleet(overview: AlertsOverview) -> str:
    if overview.lists_fleet is None:
        return texts.SHOW_NOT_YET
    if not overview.lists_fleet:
        return texts.SHOW_NO_FLEET
    counts = wording.mode_counts(overview.modes)
    return texts.SHOW_FLEET.format(modes=counts) if counts else texts.SHOW_FLEET_EMPTY


def _watch(watch: WatchOverview) -> str:
    token = watch.token_id if watch.token_id is not None else texts.UNKNOWN
    if watch.problem is None:
        return texts.SHOW_WATCH.format(token=token, message=watch.message_id)
    return texts.SHOW_WATCH_PROBLEM.format(token=token, message=watch.message_id, problem=_problem(watch.problem))


def _last_round(overview: AlertsOverview) -> str:
    at = overview.last_good_round_at
    when = wording.at(at, "R") if at is not None else texts.SHOW_NEVER
    if overview.last_problem is None:
        return when
    return texts.SHOW_LAST_PROBLEM.format(when=when, problem=_problem(overview.last_problem))


def _incident(incident: Incident) -> str:
    return texts.SHOW_INCIDENT.format(
        sign=texts.SIGNS[incident.mode],
        token=incident.token_id,
        mode=incident.mode.value,
        since=wording.at(incident.began_at, "R"),
    )


def _waiting(overview: AlertsOverview) -> str:
    if not overview.waiting:
        return texts.SHOW_NONE
    if overview.waiting_problem is None:
        return str(overview.waiting)
    return texts.SHOW_WAITING_PROBLEM.format(number=overview.waiting, problem=_problem(overview.waiting_problem))


def _lines(lines: Sequence[str]) -> str:
    """Write as many lines as there is room for, and how many more there are."""
    if not lines:
        return texts.SHOW_NONE
    shown = min(len(lines), _MOST_LINES)
    while len(text := _first_lines(lines, shown)) > _FIELD_LENGTH:
        shown -= 1
    return text


def _first_lines(lines: Sequence[str], shown: int) -> str:
    more = [texts.SHOW_MORE.format(number=len(lines) - shown)] if shown < len(lines) else []
    return "\n".join([*lines[:shown], *more])


def _problem(text: str) -> str:
    return wording.harmless(text, most=_PROBLEM_LENGTH)
