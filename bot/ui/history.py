"""The answer of `/token history`: a chart, and the same in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import discord

from bot.charts.spec import Band, FleetChart, FleetPoint, ForecastLine, IncidentSpan, Point, TokenChart
from bot.domain.fast_time import Unit
from bot.domain.forecast import Forecast, round_to_confidence
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.usage import ModePeriod, UsageSummary
from bot.ui import formatting, texts
from bot.ui.chart_appearance import fleet_appearance, token_appearance
from bot.ui.forecasts import forecast_words
from bot.ui.formatting import Names
from bot.ui.token_card import age_words
from bot.ui.trace import COLOURS

PICTURE = "history.png"
_MOST_TIMES = 4


@dataclass(frozen=True, slots=True)
class Span:
    """The period of a history: the days asked for, and its actual start and end."""

    days: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class TokenHistory:
    """A token's history from its first data on. `points` without `left` are gaps."""

    now: datetime
    span: Span
    token_id: int
    names: Names
    mode: Mode | None
    unit: Unit
    seen_at: datetime
    freshness: Freshness
    summary: UsageSummary
    points: Sequence[Point]
    modes: Sequence[ModePeriod]
    incidents: Sequence[IncidentSpan]
    forecast: Forecast | None
    chart_forecast: Forecast | None
    """The forecast at the end of the chart; a cached chart is older than `forecast`."""


@dataclass(frozen=True, slots=True)
class FleetHistory:
    """The history of all tokens together, from the first data on."""

    now: datetime
    span: Span
    seen_at: datetime | None
    freshness: Freshness
    points: Sequence[FleetPoint]


def token_chart(history: TokenHistory) -> TokenChart:
    """Return the chart of a token."""
    return TokenChart(
        token_id=history.token_id,
        since=history.span.since,
        until=history.span.until,
        unit=history.unit,
        appearance=token_appearance(history.token_id, history.unit),
        points=tuple(history.points),
        bands=tuple(Band(*stretch) for stretch in history.modes),
        refills=history.summary.refills,
        incidents=tuple(history.incidents),
        forecast=_forecast_line(history.chart_forecast) if history.chart_forecast is not None else None,
    )


def fleet_chart(history: FleetHistory) -> FleetChart:
    """Return the chart of the fleet."""
    return FleetChart(history.span.since, history.span.until, fleet_appearance(), tuple(history.points))


def token_history_embed(history: TokenHistory) -> discord.Embed:
    """Return what the chart of a token shows, in words."""
    token = formatting.token_or(texts.common.TOKEN, history.token_id, history.names)
    old = age_words(history.freshness, history.seen_at)
    forecast = ""
    if history.forecast is not None and history.freshness is not Freshness.UNKNOWN:
        forecast = forecast_words(history.forecast, history.now)
    lines = (old, *_usage_lines(history), forecast, _known_since(history.span, history.now))
    return discord.Embed(
        title=texts.history.TITLE.format(token=token, days=_days(history.span)),
        description="\n".join(filter(None, lines)),
        colour=COLOURS[history.mode if history.freshness is not Freshness.UNKNOWN else None],
        timestamp=history.seen_at,
    )


def fleet_history_embed(history: FleetHistory) -> discord.Embed:
    """Return what the chart of the fleet shows, in words."""
    old = age_words(history.freshness, history.seen_at) if history.seen_at is not None else ""
    lines = (old, *_fleet_usage_lines(history), _known_since(history.span, history.now))
    return discord.Embed(
        title=texts.history.FLEET_TITLE.format(days=_days(history.span)),
        description="\n".join(filter(None, lines)),
        colour=discord.Colour.blurple(),
        timestamp=history.seen_at,
    )


def token_alternative(history: TokenHistory) -> str:
    """Return the alternative text of the chart of a token. Discord renders no markdown or timestamps in it."""
    words = _plain([*_figures(history), *_out(history.summary, history.modes)])
    return texts.charts.ALTERNATIVE.format(token=history.token_id, days=_days(history.span), words=words)


def fleet_alternative(history: FleetHistory) -> str:
    """Return the alternative text of the chart of the fleet."""
    words = _plain(_fleet_usage_lines(history)[:3])
    return texts.charts.FLEET_ALTERNATIVE.format(days=_days(history.span), words=words)


def _forecast_line(forecast: Forecast) -> ForecastLine:
    def gone_at(at: datetime | None) -> datetime | None:
        return round_to_confidence(at, forecast.now) if at is not None else None

    return ForecastLine(
        from_at=forecast.now,
        from_left=forecast.left,
        runs_out_at_week=gone_at(forecast.week.runs_out_at),
        runs_out_at_recent=gone_at(forecast.recent.runs_out_at),
        refill_at=forecast.refill_at,
    )


def _days(span: Span) -> str:
    return texts.history.DAYS.format(number=span.days) if span.days > 1 else texts.history.DAY


def _known_since(span: Span, now: datetime) -> str:
    asked_for = now - timedelta(days=span.days)
    is_short = span.since - asked_for > timedelta(days=span.days) / 10
    return texts.history.KNOWN_SINCE.format(when=formatting.at(span.since, "f")) if is_short else ""


def _usage_lines(history: TokenHistory) -> list[str]:
    refilled = [_refilled(history.summary)] if history.summary.first is not None else []
    return [*_figures(history), *refilled, *_out(history.summary, history.modes)]


def _figures(history: TokenHistory) -> list[str]:
    return [_from_to(history.summary, history.unit), *_used(history.summary, history.unit)]


def _from_to(course: UsageSummary, unit: Unit) -> str:
    if course.first is None or course.last is None:
        return texts.history.LEFT_UNKNOWN
    first, last = formatting.amount(course.first, unit), formatting.amount(course.last, unit)
    return texts.history.FROM_TO.format(first=first, last=last)


def _used(course: UsageSummary, unit: Unit) -> list[str]:
    if course.used is None:
        return []
    used = formatting.amount(course.used, unit)
    if course.per_day is None:
        return [texts.history.USED.format(used=used)]
    return [texts.history.USED_A_DAY.format(used=used, a_day=formatting.amount(course.per_day, unit))]


def _refilled(course: UsageSummary) -> str:
    if not course.refills:
        return texts.history.NOT_REFILLED
    times = [formatting.at(at, "D") for at in course.refills[-_MOST_TIMES:]]
    if len(course.refills) > len(times):
        times.append(texts.common.MORE.format(number=len(course.refills) - len(times)))
    return texts.history.REFILLED.format(times=", ".join(times))


def _out(course: UsageSummary, modes: Sequence[ModePeriod]) -> list[str]:
    if not modes:
        return []
    if not course.times_out:
        return [texts.history.IN_FAST]
    if all(stretch.mode is not Mode.FAST for stretch in modes):
        return [texts.history.NEVER_IN_FAST]
    words = texts.history.OUT_ONCE if course.times_out == 1 else texts.history.OUT
    return [words.format(times=course.times_out, duration=formatting.duration(course.out_for))]


def _fleet_usage_lines(history: FleetHistory) -> list[str]:
    known = [(point, point.left) for point in history.points if point.left is not None]
    if not known:
        return [texts.history.FLEET_EMPTY]
    _, first_left = known[0]
    last, last_left = known[-1]
    worst = max((point for point, _ in known), key=_out_of_fast)
    lines = [
        texts.history.FLEET_FROM_TO.format(first=_hours(first_left), last=_hours(last_left)),
        texts.history.FLEET_USED.format(used=_hours(_used_at_least(known))),
        texts.history.FLEET_NOW.format(modes=formatting.mode_counts(Counter(dict(last.modes)))),
    ]
    if out := _out_of_fast(worst):
        number = sum(number for _, number in worst.modes)
        # The last point may be a little in the future, so that repeated requests get the same chart.
        when = formatting.at(min(worst.at, history.now), "f")
        lines.append(texts.history.FLEET_WORST.format(out=out, number=number, when=when))
    return lines


def _used_at_least(known: Sequence[tuple[FleetPoint, timedelta]]) -> timedelta:
    """Return the sum of the decreases. Hours that returned between two points hide as much use.

    Points where a token is no longer listed do not count: its hours are gone without being used.
    """
    used = timedelta()
    for (before, left_before), (after, left_after) in pairwise(known):
        if not _may_have_lost_tokens(before, after):
            used += max(left_before - left_after, timedelta())
    return used


def _may_have_lost_tokens(before: FleetPoint, after: FleetPoint) -> bool:
    were, are = dict(before.modes), dict(after.modes)
    more_gone = are.get(Mode.GONE, 0) > were.get(Mode.GONE, 0)
    return more_gone or _listed(after) < _listed(before)


def _listed(point: FleetPoint) -> int:
    return sum(number for mode, number in point.modes if mode is not Mode.GONE)


def _out_of_fast(point: FleetPoint) -> int:
    return sum(number for mode, number in point.modes if mode is not Mode.FAST)


def _hours(length: timedelta) -> str:
    return formatting.amount(length, Unit.HOURS)


def _plain(lines: Sequence[str]) -> str:
    return " ".join(f"{line.rstrip('.')}." for line in lines).replace("**", "")
