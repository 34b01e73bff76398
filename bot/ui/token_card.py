"""The answer of `/token show`: the status, recent changes and forecast of one token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.domain.fast_time import Unit
from bot.domain.forecast import Forecast
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.ui import formatting, texts
from bot.ui.alerts_overview import IncidentOverview, MuteOverview, incident_line, lines_of_field, mute_line
from bot.ui.forecasts import forecast_words
from bot.ui.formatting import Names
from bot.ui.owners import owner_field
from bot.ui.trace import COLOURS, token_embed

DAYS = 7
"""The number of days in the sparkline."""


@dataclass(frozen=True, slots=True)
class ChangeOverview:
    """A change of a token from one mode to another."""

    at: datetime
    before: Mode
    after: Mode


@dataclass(frozen=True, slots=True)
class TokenOverview:
    """The content of `/token show`. `uses` are shares of the largest use in the last days; None is unknown."""

    now: datetime
    reading: Reading
    seen_at: datetime
    freshness: Freshness
    names: Names
    forecast: Forecast | None
    uses: Sequence[float | None]
    used: timedelta | None
    incidents: Sequence[IncidentOverview]
    mutes: Sequence[MuteOverview]
    changes: Sequence[ChangeOverview]
    owner_id: int | None = None
    """The member who owns it, if one is named."""
    dashboard_url: str = ""


def token_card(overview: TokenOverview) -> discord.Embed:
    """Return the embed of a token; grey where its status is unknown."""
    reading = overview.reading
    embed = token_embed(reading, overview.names, now=overview.now)
    embed.timestamp = overview.seen_at
    if overview.freshness is Freshness.UNKNOWN:
        embed.title = _title_of_unknown(overview)
        embed.colour = COLOURS[None]
    embed.description = "\n".join(
        filter(None, (age_words(overview.freshness, overview.seen_at), _gone(reading), *_fast_time(overview)))
    )
    for name, value in _fields(overview):
        embed.add_field(name=name, value=value, inline=False)
    return embed


def age_words(freshness: Freshness, seen_at: datetime) -> str:
    """Return the age of a reading; empty where it is fresh."""
    words = {Freshness.OLD: texts.token_card.OLD, Freshness.UNKNOWN: texts.token_card.UNKNOWN}
    return words[freshness].format(when=formatting.at(seen_at, "R")) if freshness in words else ""


def _gone(reading: Reading) -> str:
    """Return since when a token is not listed; its values are older than that."""
    return texts.token_card.GONE.format(when=formatting.at(reading.read_at, "R")) if reading.mode is Mode.GONE else ""


def sparkline(shares: Sequence[float | None]) -> str:
    """Return shares as a sparkline; empty where none is known. Only a use of 0 has the lowest bar."""
    return "".join(map(_spark, shares)) if any(share is not None for share in shares) else ""


def _spark(share: float | None) -> str:
    if share is None:
        return texts.token_card.SPARK_UNKNOWN
    highest = len(texts.token_card.SPARKS) - 1
    return texts.token_card.SPARKS[min(max(round(share * highest), 1 if share > 0 else 0), highest)]


def _title_of_unknown(overview: TokenOverview) -> str:
    reading = overview.reading
    return texts.common.TOKEN_TITLE.format(
        sign=texts.common.SIGNS[None],
        token=formatting.token_or(texts.common.TOKEN, reading.token_id, overview.names),
        status=texts.token_card.WAS.format(status=formatting.status(reading.mode, reading.status)),
    )


def _fast_time(overview: TokenOverview) -> list[str]:
    words = [formatting.fast_time(overview.reading)]
    if overview.forecast is not None and overview.freshness is not Freshness.UNKNOWN:
        words.append(forecast_words(overview.forecast, overview.now))
    return words


def _fields(overview: TokenOverview) -> list[tuple[str, str]]:
    fields = [
        (texts.owners.FIELD, owner_field(overview.reading.mode, overview.owner_id, overview.dashboard_url)),
        (texts.token_card.FIELD_LAST_DAYS.format(days=DAYS), _last_days(overview)),
        (
            texts.token_card.FIELD_OPEN,
            _of_lines([incident_line(one, overview.now, overview.names) for one in overview.incidents]),
        ),
        (texts.token_card.FIELD_MUTED, _of_lines([mute_line(one, overview.names) for one in overview.mutes])),
        (texts.token_card.FIELD_CHANGES, "\n".join(map(_change, overview.changes))),
    ]
    return [(name, value) for name, value in fields if value]


def _last_days(overview: TokenOverview) -> str:
    line = sparkline(overview.uses)
    if not line or overview.used is None:
        return line
    unit = overview.reading.fast_time.unit if overview.reading.fast_time else Unit.HOURS
    return texts.token_card.LAST_DAYS.format(line=line, used=formatting.amount(overview.used, unit))


def _of_lines(lines: Sequence[str]) -> str:
    return lines_of_field(lines) if lines else ""


def _change(change: ChangeOverview) -> str:
    return texts.token_card.MODE_CHANGE.format(
        when=formatting.at(change.at, "R"),
        before_sign=texts.common.SIGNS[change.before],
        before=change.before.value,
        after_sign=texts.common.SIGNS[change.after],
        after=change.after.value,
    )
