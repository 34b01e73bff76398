"""The answers of `/status` and `/about`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.domain.account import AccountQuota
from bot.domain.freshness import Freshness, freshness
from bot.domain.modes import Mode
from bot.parsing.durations import format_duration
from bot.ui import formatting, texts
from bot.ui.account import account_words

_PROBLEM_LENGTH = 200
_FIELD_LENGTH = 1024  # Discord's limit for a field's value
_BEHIND_AFTER_ROUNDS = 3
_BEHIND_AT_LEAST = timedelta(minutes=5)


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
    tokens = formatting.mode_counts(health.modes) or texts.common.NONE
    embed.add_field(name=texts.status.FIELD_TOKENS, value=tokens, inline=False)
    if account := account_words(health.quota, now):
        embed.add_field(name=texts.status.FIELD_ACCOUNT, value=account, inline=False)
    embed.add_field(name=texts.status.FIELD_DISCORD, value=_gateway(health.gateway_seconds))
    embed.add_field(name=texts.status.FIELD_RUNNING, value=formatting.at(health.started_at, "R"))
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
    if health.last_success_at is None:
        return texts.status.NO_CHECK_YET, discord.Colour.orange()
    age = now - health.last_success_at
    behind_after = max(_BEHIND_AFTER_ROUNDS * health.poll_interval, _BEHIND_AT_LEAST)
    if age > behind_after:
        return texts.status.BEHIND.format(age=formatting.duration(age)), discord.Colour.red()
    how_fresh = freshness(health.last_success_at, now, poll_interval=health.poll_interval, unknown_after=behind_after)
    if how_fresh is not Freshness.FRESH:
        # The list and the board show the same warning from this age on.
        return texts.status.LATE.format(age=formatting.duration(age)), discord.Colour.orange()
    return texts.status.HEALTHY, discord.Colour.green()


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
