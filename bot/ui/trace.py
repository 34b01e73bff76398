"""The embeds of a token and of a trace."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import discord

from bot.domain.forecast import Forecast
from bot.domain.readings import Reading
from bot.domain.refills import hours_return_at
from bot.domain.subscription import Jobs, Plan, Usage
from bot.ui import colours, formatting, texts
from bot.ui.forecasts import forecast_words
from bot.ui.formatting import NO_NAMES, Names

COLOURS = {mode: discord.Colour(value) for mode, value in colours.OF_MODES.items()}
_REMARK_LENGTH = 500
_WORD_LENGTH = 60


def trace_embed(
    message_id: UUID, reading: Reading, names: Names = NO_NAMES, forecast: Forecast | None = None
) -> discord.Embed:
    """Return which token ran a message, its status, and how long its fast time lasts."""
    embed = token_embed(reading, names).set_footer(text=texts.trace.FOOTER.format(message=message_id))
    if forecast is not None:
        embed.description = f"{embed.description}\n{forecast_words(forecast, forecast.now)}"
    return embed


def token_embed(reading: Reading, names: Names = NO_NAMES, *, now: datetime | None = None) -> discord.Embed:
    """Return the embed of a token from one reading, which may have been unchanged for long before `now`."""
    token = formatting.token_or(texts.common.TOKEN, reading.token_id, names)
    status = formatting.status(reading.mode, reading.status)
    title = texts.common.TOKEN_TITLE.format(sign=texts.common.SIGNS[reading.mode], token=token, status=status)
    embed = discord.Embed(
        title=title,
        description=formatting.fast_time(reading),
        colour=COLOURS[reading.mode],
        timestamp=reading.read_at,
    )
    add_fields(embed, plan_fields(reading, now or reading.read_at) + _work_fields(reading))
    if reading.remark:
        embed.add_field(
            name=texts.trace.FIELD_REMARK,
            value=formatting.escape_untrusted(reading.remark, most=_REMARK_LENGTH),
            inline=False,
        )
    return embed


def alert_test_embed() -> discord.Embed:
    """Return the embed of a test alert."""
    return discord.Embed(
        title=texts.alerts.TEST_TITLE, description=texts.alerts.TEST_DESCRIPTION, colour=discord.Colour.blurple()
    )


def add_fields(embed: discord.Embed, fields: Sequence[tuple[str, str]]) -> None:
    """Add inline fields by name and value."""
    for name, value in fields:
        embed.add_field(name=name, value=value)


def plan_fields(reading: Reading, now: datetime) -> list[tuple[str, str]]:
    """Return the plan, when fast hours return and when it is renewed: a yearly plan gives its hours monthly."""
    fields = []
    plan = reading.plan
    if name := _plan_name(plan):
        fields.append((texts.trace.FIELD_PLAN, name))
    elif reading.plan_text:
        fields.append((texts.trace.FIELD_PLAN, formatting.escape_untrusted(reading.plan_text, most=_WORD_LENGTH)))
    dates = (
        (texts.trace.FIELD_RETURN, hours_return_at(plan, now)),
        (texts.trace.FIELD_RENEWS, plan.renews_at),
        (texts.trace.FIELD_ENDS, plan.ends_at),
    )
    return fields + [(name, f"{formatting.at(date, 'D')}\n{formatting.at(date, 'R')}") for name, date in dates if date]


def _plan_name(plan: Plan) -> str:
    parts = (plan.name, plan.period, plan.state if (plan.state or "").lower() != "active" else None)
    return " · ".join(formatting.escape_untrusted(part, most=_WORD_LENGTH) for part in parts if part)


def _work_fields(reading: Reading) -> list[tuple[str, str]]:
    fields = [(texts.trace.FIELD_JOBS, _jobs(reading)), (texts.trace.FIELD_USAGE, _usage(reading))]
    if reading.visibility:
        fields.append(
            (texts.trace.FIELD_VISIBILITY, formatting.escape_untrusted(reading.visibility, most=_WORD_LENGTH))
        )
    return [(name, value) for name, value in fields if value]


def _jobs(reading: Reading) -> str:
    lines = []
    if reading.running_jobs is Jobs.SOME:
        lines.append(texts.trace.JOBS_SOME_RUNNING)
    elif reading.running_jobs is not None:
        lines.append(texts.trace.JOBS_RUNNING.format(number=reading.running_jobs))
    if isinstance(reading.queued_fast, int) and isinstance(reading.queued_relax, int):
        lines.append(texts.trace.JOBS_QUEUED.format(fast=reading.queued_fast, relax=reading.queued_relax))
    return "\n".join(lines)


def _usage(reading: Reading) -> str:
    def line(template: str, usage: Usage | None) -> str:
        return template.format(images=f"{usage.images:,}") if usage is not None else ""

    lines = (
        line(texts.trace.USAGE_LIFETIME, reading.lifetime_usage),
        line(texts.trace.USAGE_RELAXED, reading.relaxed_usage),
    )
    return "\n".join(filter(None, lines))
