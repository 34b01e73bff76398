"""The chart of one token: fast time left over time, and below it a lane for each mode, named in words."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from math import isnan
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bot.charts.drawing import style
from bot.charts.drawing.style import Box, Span
from bot.charts.spec import ForecastLine, Point, TokenChart
from bot.domain.modes import Mode

_LANE_HEIGHT = 36
_MIN_BAR_WIDTH = 4  # pixels, so that a ban of one minute is visible in a year
_MAX_FORECAST_SHARE = 0.5  # of the past that is shown
_MARGIN = 0.03
_UNKNOWN: dict[str, Any] = {"facecolor": "none", "edgecolor": style.UNKNOWN, "hatch": "//", "linewidth": 0}

Bar = tuple[float, float]
"""Two places on the time axis. Where matplotlib wants a start and a length, functions say so."""


class Lane(NamedTuple):
    """A row of bars with a name."""

    name: str
    colour: str
    bars: list[Bar]


def token_figure(chart: TokenChart) -> Figure:
    """Return the figure of a token's chart."""
    span = Span(chart.since, chart.until)
    span.shown = span.until + _forecast_seconds(chart.forecast, span)
    figure = style.figure_with_title(chart.appearance.title)
    lanes = lanes_of(chart, span)
    numbers = style.number_scale(_most(chart), chart.appearance.amount)
    names = [*numbers.labels, *(lane.name for lane in lanes)]
    left = style.LEFT_EDGE + 10 + max(style.width_of(name, style.SMALL_SIZE) for name in names)
    lane_box = Box(left, style.BOTTOM_EDGE, style.RIGHT_EDGE, style.BOTTOM_EDGE + _LANE_HEIGHT * len(lanes))
    box = Box(left, lane_box.top + 14 * bool(lanes), style.RIGHT_EDGE, style.LEGEND_MIDDLE - 50)
    axes = style.add_panel(figure, box, span, numbers)
    panels = [axes]
    if lanes:
        panels.append(_add_lanes(figure, lane_box, span, lanes))
    style.add_times(figure, panels, lane_box, span, chart.appearance.zone)
    _add_usage(figure, axes, chart, span)
    style.add_labels(figure, _add_moments(axes, chart, span), box, span)
    return figure


def lanes_of(chart: TokenChart, span: Span) -> list[Lane]:
    """Return a lane for each mode that the token was in, and one for its incidents."""

    def bars(times: Iterable[tuple[datetime, datetime | None]]) -> list[Bar]:
        ends = [(span.place(since), span.until if until is None else span.place(until)) for since, until in times]
        return [(max(since, 0), min(until, span.until)) for since, until in ends if until >= 0 and since <= span.until]

    modes = ((mode, bars((band.since, band.until) for band in chart.bands if band.mode is mode)) for mode in Mode)
    lanes = [Lane(mode.value, chart.appearance.colours[mode], of_mode) for mode, of_mode in modes if of_mode]
    incidents = bars(chart.incidents)
    return [*lanes, Lane(chart.appearance.incident, style.INCIDENT, incidents)] if incidents else lanes


def _add_lanes(figure: Figure, box: Box, span: Span, lanes: Sequence[Lane]) -> Axes:
    middles = [len(lanes) - number - 0.5 for number in range(len(lanes))]
    axes = style.add_panel(figure, box, span, style.Numbers(len(lanes), middles, [lane.name for lane in lanes]))
    min_length = _MIN_BAR_WIDTH * span.shown / (box.right - box.left)
    for middle, lane in zip(middles, lanes, strict=True):
        bars = [_widened(bar, min_length) for bar in lane.bars]
        axes.broken_barh(bars, (middle - 0.32, 0.64), facecolor=lane.colour, linewidth=0)
    return axes


def _widened(bar: Bar, min_length: float) -> Bar:
    """Return the start and the length of a bar, widened around its middle if it is too short."""
    since, until = bar
    length = max(until - since, min_length)
    return ((since + until - length) / 2, length)


def _add_usage(figure: Figure, axes: Axes, chart: TokenChart, span: Span) -> None:
    """Draw fast time left, the plan's total, the forecast and the unknown time, with a legend."""
    unit = chart.unit.length
    points = sorted(chart.points, key=lambda point: point.at)
    times = [span.place(point.at) for point in points]
    left = style.in_units((point.left for point in points), unit)
    total = style.in_units((point.total for point in points), unit)
    entries: list[tuple[object, str]] = []
    if not all(map(isnan, left)):
        entries += [(style.add_line(axes, times, left), chart.appearance.left)]
    if not all(map(isnan, total)):
        steps = ([*times, span.until], [*total, total[-1]])
        line = axes.step(*steps, where="post", color=style.MUTED, linewidth=2, linestyle=(0, (1, 1.5)))[0]
        entries += [(line, chart.appearance.total)]
    if chart.forecast is not None:
        entries += [(_add_forecast(axes, chart.forecast, unit, span), chart.appearance.forecast)]
    if gaps := list(_gaps(points, span)):
        axes.broken_barh(gaps, (0, axes.get_ylim()[1]), **_UNKNOWN)
        entries += [(Patch(**{**_UNKNOWN, "linewidth": 1}), chart.appearance.unknown)]
    if not entries:
        style.write_placeholder(axes, chart.appearance.fast_time_unknown if chart.bands else chart.appearance.empty)
    style.add_legend(figure, entries, x=style.LEFT_EDGE, y=style.LEGEND_MIDDLE)


def _add_forecast(axes: Axes, forecast: ForecastLine, unit: timedelta, span: Span) -> tuple[Patch, Line2D]:
    """Draw the rate of the week as a dashed line, and the area between it and the rate of the last two days."""
    start, left = span.place(forecast.from_at), forecast.from_left / unit
    end = max(span.shown if forecast.refill_at is None else min(span.place(forecast.refill_at), span.shown), start)
    run_outs = (forecast.runs_out_at_week, forecast.runs_out_at_recent)
    ends = [None if at is None else max(span.place(at), start + 1) for at in run_outs]
    times = sorted({start, end, *(at for at in ends if at is not None and at < end)})
    week, recent = (
        [left if at is None else max(left * (at - time) / (at - start), 0) for time in times] for at in ends
    )
    options: dict[str, Any] = {"color": style.FORECAST, "linewidth": 0, "alpha": 0.3}
    axes.fill_between(times, week, recent, **options)
    line = Line2D(times, week, color=style.FORECAST, linewidth=3, linestyle=(0, (2.2, 1.4)))
    axes.add_line(line)
    return Patch(**options), line


def _add_moments(axes: Axes, chart: TokenChart, span: Span) -> list[tuple[float, str]]:
    """Draw vertical lines for now and the refills, and return their labels, the most important first."""
    past = [place for refill in sorted(chart.refills, reverse=True) if 0 <= (place := span.place(refill)) <= span.until]
    moments: list[tuple[float, str]] = []
    if chart.forecast is not None:
        moments.append((span.place(chart.forecast.from_at), chart.appearance.now))
        if chart.forecast.refill_at is not None:
            moments.append((span.place(chart.forecast.refill_at), chart.appearance.refill))
    moments = [(place, label) for place, label in moments if 0 <= place <= span.shown]
    top = axes.get_ylim()[1]
    axes.vlines(past, 0, top, color=style.MUTED, linewidth=1.5, alpha=0.7)
    axes.vlines([place for place, _ in moments], 0, top, color=style.MUTED, linewidth=2)
    return [*moments, *((place, chart.appearance.refilled) for place in past)]


def _forecast_seconds(forecast: ForecastLine | None, span: Span) -> float:
    """Return the seconds beyond `until` to show: up to the refill if that is near, else until fast time runs out."""
    if forecast is None:
        return 0
    longest = span.until * _MAX_FORECAST_SHARE
    refill = _beyond(forecast.refill_at, span)
    run_outs = (_beyond(forecast.runs_out_at_week, span), _beyond(forecast.runs_out_at_recent, span))
    end = refill if refill <= longest else min(max(run_outs), longest)
    return max(end, 0) + span.until * _MARGIN


def _beyond(at: datetime | None, span: Span) -> float:
    return float("inf") if at is None else span.place(at) - span.until


def _most(chart: TokenChart) -> float:
    known = [length for point in chart.points for length in (point.left, point.total) if length is not None]
    if chart.forecast is not None:
        known.append(chart.forecast.from_left)
    return max(known, default=timedelta()) / chart.unit.length


def _gaps(points: Sequence[Point], span: Span) -> Iterator[Bar]:
    """Yield the start and the length of each period of unknown fast time, up to the next point with a value."""
    since = None
    for is_unknown, group in groupby(points, key=lambda point: point.left is None):
        start = span.place(next(group).at)
        if since is not None:
            yield (since, start - since)
        since = start if is_unknown else None
    if since is not None:
        yield (since, max(span.until - since, 0))
