"""The answers of `/status` and `/about`."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.domain.freshness import fresh_for
from bot.parsing.durations import format_duration
from bot.ui import formatting, texts
from bot.ui.account import account_words
from bot.ui.alerts_overview import lines_of_field
from bot.ui.database_outage import OutageView
from bot.ui.fleet import never_read_words
from bot.ui.formatting import NO_NAMES
from bot.ui.monitor_status import (
    ChangeLine,
    MonitorStatus,
    Problem,
    Severity,
    database_problem,
    problems_of,
)

_PROBLEM_LENGTH = 200
_FIELD_LENGTH = 1024  # Discord's limit for a field's value
_SIGNS = {Severity.NOTE: "⚪", Severity.WARNING: "🟠", Severity.ERROR: "🔴"}
_COLOURS = {
    Severity.NONE: discord.Colour.green(),
    Severity.NOTE: discord.Colour.light_grey(),
    Severity.WARNING: discord.Colour.orange(),
    Severity.ERROR: discord.Colour.red(),
}


def status_embed(health: MonitorStatus, database: OutageView | None, now: datetime) -> discord.Embed:
    """Return what is wrong, since when, and what to do; then the state of everything."""
    embed = _embed(health.version, problems_of(health, database, now), now)
    if health.last_error is not None:
        problem = formatting.escape_untrusted(health.last_error, most=_PROBLEM_LENGTH)
        embed.add_field(name=texts.status.FIELD_PROBLEM, value=problem, inline=False)
    embed.add_field(name=texts.status.FIELD_CHECKS, value=_rounds(health), inline=False)
    name = texts.status.FIELD_TOKENS if _is_fresh(health, now) else texts.status.FIELD_TOKENS_LAST_READ
    embed.add_field(name=name, value=_tokens(health), inline=False)
    embed.add_field(name=texts.status.FIELD_DELIVERIES, value=_waiting(health), inline=False)
    if account := account_words(health.quota, now):
        embed.add_field(name=texts.status.FIELD_ACCOUNT, value=account, inline=False)
    embed.add_field(name=texts.status.FIELD_AUDIT, value=_changes(health.latest), inline=False)
    _with_process(embed, health.started_at, health.gateway_seconds)
    if health.database_created_at is not None:
        when = texts.status.DATABASE_CREATED.format(when=formatting.at(health.database_created_at, "R"))
        embed.add_field(name=texts.status.FIELD_DATABASE, value=when)
    return embed


def process_embed(
    version: str, started_at: datetime, gateway_seconds: float | None, database: OutageView, now: datetime
) -> discord.Embed:
    """Return what is known without the database."""
    return _with_process(_embed(version, [database_problem(database)], now), started_at, gateway_seconds)


def _embed(version: str, problems: Sequence[Problem], now: datetime) -> discord.Embed:
    """Return an embed that begins with what is wrong and what to do."""
    lines = [texts.status.PROBLEM.format(sign=_SIGNS[problem.severity], words=problem.words) for problem in problems]
    embed = discord.Embed(
        title=texts.status.TITLE.format(version=version),
        description=lines_of_field(lines) if lines else texts.status.HEALTHY,
        colour=_COLOURS[max((problem.severity for problem in problems), default=Severity.NONE)],
        timestamp=now,
    )
    # Several channels can need the same.
    if advice := list(dict.fromkeys(problem.what_to_do for problem in problems)):
        embed.add_field(name=texts.status.FIELD_WHAT_TO_DO, value=lines_of_field(advice), inline=False)
    return embed


def _with_process(embed: discord.Embed, started_at: datetime, gateway_seconds: float | None) -> discord.Embed:
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


def _rounds(health: MonitorStatus) -> str:
    at, every = health.last_success_at, format_duration(health.poll_interval)
    if at is None:
        return texts.status.CHECKS_NONE_YET.format(every=every)
    return texts.status.CHECKS.format(when=formatting.at(at, "R"), every=every)


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
