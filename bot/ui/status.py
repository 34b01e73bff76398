"""The answers of `/status` and `/about`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.domain.account import AccountQuota
from bot.domain.freshness import fresh_for
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.parsing.durations import format_duration
from bot.ui import formatting, texts
from bot.ui.account import account_words
from bot.ui.alerts_overview import lines_of_field
from bot.ui.fleet import never_read_words
from bot.ui.formatting import NO_NAMES

_PROBLEM_LENGTH = 200
_FIELD_LENGTH = 1024  # Discord's limit for a field's value
_BEHIND_AFTER_ROUNDS = 3
_BEHIND_AT_LEAST = timedelta(minutes=5)
_GREY = discord.Colour.light_grey()


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One entry of the audit log, in plain values."""

    at: datetime
    member_id: int
    action: str
    target: str
    outcome: str


@dataclass(frozen=True, slots=True)
class MonitorStatus:
    """The state of the monitor. `gateway_seconds` is None before the first heartbeat acknowledgement."""

    version: str
    started_at: datetime
    poll_interval: timedelta
    last_success_at: datetime | None
    last_error: str | None
    modes: Counter[Mode]
    gateway_seconds: float | None
    waiting: int
    waiting_problem: str | None
    latest: Sequence[ChangeLine]
    quota: AccountQuota | None = None
    outage: Outage | None = None
    route_problems: Sequence[str] = ()
    never_read: Sequence[int] = ()
    """The tokens that ImaginePro names without ever a status."""

    @property
    def last_check_at(self) -> datetime | None:
        """When the last check was recorded, successful or not; None if there was none."""
        times = [self.last_success_at, self.outage.checked_at if self.outage is not None else None]
        return max((time for time in times if time is not None), default=None)


def status_embed(health: MonitorStatus, now: datetime) -> discord.Embed:
    """Return whether monitoring is healthy."""
    verdict, colour = _verdict(health, now)
    embed = discord.Embed(
        title=texts.status.TITLE.format(version=health.version), description=verdict, colour=colour, timestamp=now
    )
    embed.add_field(name=texts.status.FIELD_CHECKS, value=_rounds(health), inline=False)
    if health.last_error is not None:
        problem = formatting.escape_untrusted(health.last_error, most=_PROBLEM_LENGTH)
        embed.add_field(name=texts.status.FIELD_PROBLEM, value=problem, inline=False)
    name = texts.status.FIELD_TOKENS if _is_fresh(health, now) else texts.status.FIELD_TOKENS_LAST_READ
    embed.add_field(name=name, value=_tokens(health), inline=False)
    if account := account_words(health.quota, now):
        embed.add_field(name=texts.status.FIELD_ACCOUNT, value=account, inline=False)
    embed.add_field(name=texts.status.FIELD_DISCORD, value=_gateway(health.gateway_seconds))
    embed.add_field(name=texts.status.FIELD_RUNNING, value=formatting.at(health.started_at, "R"))
    if health.route_problems:
        problems = lines_of_field(health.route_problems)
        embed.add_field(name=texts.status.FIELD_ROUTES, value=problems, inline=False)
    embed.add_field(name=texts.status.FIELD_DELIVERIES, value=_waiting(health), inline=False)
    return embed.add_field(name=texts.status.FIELD_AUDIT, value=_changes(health.latest), inline=False)


def process_embed(version: str, started_at: datetime, gateway_seconds: float | None, now: datetime) -> discord.Embed:
    """Return what is known without the database."""
    embed = discord.Embed(title=texts.status.TITLE.format(version=version), timestamp=now)
    embed.add_field(name=texts.status.FIELD_DISCORD, value=_gateway(gateway_seconds))
    return embed.add_field(name=texts.status.FIELD_RUNNING, value=formatting.at(started_at, "R"))


def about_embed(version: str) -> discord.Embed:
    """Return what the bot does, what it stores, and how to get help."""
    embed = discord.Embed(
        title=texts.status.ABOUT_TITLE.format(version=version),
        description=texts.status.ABOUT_WHAT,
        colour=discord.Colour.blurple(),
    )
    embed.add_field(name=texts.status.ABOUT_KEPT_TITLE, value=texts.status.ABOUT_KEPT, inline=False)
    return embed.add_field(name=texts.status.ABOUT_HELP_TITLE, value=texts.status.ABOUT_HELP, inline=False)


def _verdict(health: MonitorStatus, now: datetime) -> tuple[str, discord.Colour]:
    """Return what is wrong, since when, and what to do."""
    outage, last_check_at = health.outage, health.last_check_at
    if last_check_at is None or (health.started_at > last_check_at and now - health.started_at < _late_after(health)):
        return texts.status.NO_CHECK_YET, discord.Colour.orange()
    if now - last_check_at > _late_after(health):
        words, age = texts.status.NO_CHECKS, formatting.duration(now - last_check_at)
        sign, colour = _severity(health, now)
        return words.format(sign=sign, age=age), colour
    if outage is None:
        is_empty = not health.modes.total()
        return (texts.status.NO_TOKENS, _GREY) if is_empty else (texts.status.HEALTHY, discord.Colour.green())
    advice = texts.outages.ADVICE[outage.cause]
    if outage.cause is NoDataCause.NOTHING_WATCHED:
        return texts.status.NOTHING_WATCHED.format(advice=advice), _GREY
    sign, colour = _severity(health, now)
    cause = formatting.capitalized(texts.outages.HEADLINES[outage.cause])
    since = formatting.at(outage.since, "R")
    return texts.status.FAILING.format(sign=sign, cause=cause, since=since, advice=advice), colour


def _late_after(health: MonitorStatus) -> timedelta:
    """Return how long ago the last check may have been. After failed ones, the pause between them grows."""
    return fresh_for(health.poll_interval) if health.outage is None else _behind_after(health)


def _behind_after(health: MonitorStatus) -> timedelta:
    return max(_BEHIND_AFTER_ROUNDS * health.poll_interval, _BEHIND_AT_LEAST)


def _severity(health: MonitorStatus, now: datetime) -> tuple[str, discord.Colour]:
    """Return the sign and the colour for data of this age."""
    is_behind = health.last_success_at is None or now - health.last_success_at > _behind_after(health)
    return ("🔴", discord.Colour.red()) if is_behind else ("🟠", discord.Colour.orange())


def _rounds(health: MonitorStatus) -> str:
    at = health.last_success_at
    return texts.status.CHECKS.format(
        when=formatting.at(at, "R") if at is not None else texts.common.NEVER,
        every=format_duration(health.poll_interval),
    )


def _gateway(seconds: float | None) -> str:
    if seconds is None:
        return texts.status.GATEWAY_UNKNOWN
    return texts.status.GATEWAY.format(milliseconds=round(seconds * 1000))


def _is_fresh(health: MonitorStatus, now: datetime) -> bool:
    return health.last_success_at is not None and now - health.last_success_at <= fresh_for(health.poll_interval)


def _tokens(health: MonitorStatus) -> str:
    tokens = formatting.mode_counts(health.modes) or texts.common.NONE
    return f"{tokens}\n{never_read_words(health.never_read, NO_NAMES)}" if health.never_read else tokens


def _waiting(health: MonitorStatus) -> str:
    if not health.waiting:
        return texts.common.NONE
    if health.waiting_problem is None:
        return str(health.waiting)
    problem = formatting.escape_untrusted(health.waiting_problem, most=_PROBLEM_LENGTH)
    return texts.alerts_overview.WAITING_PROBLEM.format(number=health.waiting, problem=problem)


def _changes(latest: Sequence[ChangeLine]) -> str:
    """Return as many of the latest changes as fit."""
    lines = [_change(line) for line in latest]
    while len("\n".join(lines)) > _FIELD_LENGTH:
        lines.pop()
    return "\n".join(lines) or texts.common.NONE


def _change(line: ChangeLine) -> str:
    return texts.status.AUDIT_ENTRY.format(
        when=formatting.at(line.at, "R"),
        member=f"<@{line.member_id}>",
        action=texts.status.ACTIONS[line.action],
        target=line.target,
        outcome=texts.status.OUTCOMES[line.outcome],
    )
