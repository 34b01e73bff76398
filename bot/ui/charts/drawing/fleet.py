"""The chart of a fleet: the fast hours left of all tokens, and below them how many tokens are in which mode."""

from datetime import timedelta
from math import isnan
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from bot.health.fast_time import Unit
from bot.health.modes import Mode
from bot.ui import texts
from bot.ui.charts.chart import FleetChart, FleetPoint
from bot.ui.charts.drawing import look
from bot.ui.charts.drawing.look import Box, Span

_MODES_TOP, _MODES_LEGEND, _MODES_TITLE = 250, 276, 310
_HOURS_BOTTOM, _HOURS_TOP = 346, 626
_HOUR = timedelta(hours=1)
# The worst lowest, where its floor is even.
_STACK = (Mode.BANNED, Mode.VERIFYING, Mode.GONE, Mode.OFF, Mode.OTHER, Mode.RELAX, Mode.FAST)
# So that modes can be told apart without seeing colours.
_HATCHES = {
    Mode.RELAX: "..",
    Mode.VERIFYING: "//",
    Mode.BANNED: "xx",
    Mode.OFF: "--",
    Mode.GONE: "||",
    Mode.OTHER: "oo",
}


def fleet_figure(chart: FleetChart) -> Figure:
    """Draw the chart of a fleet."""
    span = Span(chart.since, chart.until)
    points = sorted(chart.points, key=lambda point: point.at)
    figure = look.figure_with_title(texts.CHART_FLEET_TITLE)
    most = max((point.left for point in points if point.left is not None), default=timedelta()) / _HOUR
    hours = look.number_scale(most, texts.FAST_TIME_NUMBERS[Unit.HOURS])
    tokens = look.number_scale(max((_number(point) for point in points), default=0), whole=True)
    left = look.LEFT_EDGE + 10 + max(look.width_of(label, look.SMALL_SIZE) for label in hours.labels + tokens.labels)
    lower = Box(left, look.BOTTOM_EDGE, look.RIGHT_EDGE, _MODES_TOP)
    panels = [
        look.add_panel(figure, Box(left, _HOURS_BOTTOM, look.RIGHT_EDGE, _HOURS_TOP), span, hours),
        look.add_panel(figure, lower, span, tokens),
    ]
    look.add_times(figure, panels, lower, span)
    look.write(figure, look.LEFT_EDGE, _MODES_TITLE, texts.CHART_FLEET_MODES, weight="bold")
    _add_hours(panels[0], points, span)
    look.add_legend(figure, _add_modes(panels[1], points, span), x=look.LEFT_EDGE, y=_MODES_LEGEND)
    return figure


def _number(point: FleetPoint) -> int:
    return sum(number for _, number in point.modes)


def _add_hours(axes: Axes, points: list[FleetPoint], span: Span) -> None:
    times = [span.place(point.at) for point in points]
    left = look.in_units((point.left for point in points), _HOUR)
    if all(map(isnan, left)):
        look.say_instead(axes, texts.CHART_FAST_TIME_UNKNOWN if points else texts.CHART_EMPTY)
        return
    look.add_line(axes, times, left)


def _add_modes(axes: Axes, points: list[FleetPoint], span: Span) -> list[tuple[object, str]]:
    """Stack the modes that occur, and give the words that say which is which."""
    times = [*(span.place(point.at) for point in points), span.until]
    floor = [0] * len(times)
    entries: list[tuple[object, str]] = []
    for mode in _STACK:
        numbers = [sum(number for of_mode, number in point.modes if of_mode is mode) for point in points]
        if not any(numbers):
            continue
        ceiling = [below + number for below, number in zip(floor, [*numbers, numbers[-1]], strict=True)]
        looks: dict[str, Any] = {"facecolor": look.colour(mode), "edgecolor": look.PANEL, "linewidth": 0}
        looks["hatch"] = _HATCHES.get(mode)
        axes.fill_between(times, floor, ceiling, step="post", **looks)
        entries.append((Patch(**looks), mode.value))
        floor = ceiling
    return entries
