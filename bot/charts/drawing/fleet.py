"""The chart of a fleet: the fast hours left of all tokens, and below them the number of tokens in each mode."""

from datetime import timedelta
from math import isnan
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from bot.charts.drawing import style
from bot.charts.drawing.style import Box, Span
from bot.charts.spec import Appearance, FleetChart, FleetPoint
from bot.domain.modes import Mode

_MODES_TOP, _MODES_LEGEND, _MODES_TITLE = 250, 276, 310
_HOURS_BOTTOM, _HOURS_TOP = 346, 626
_HOUR = timedelta(hours=1)
# The most severe mode at the bottom, where the baseline is straight.
_STACK = (Mode.BANNED, Mode.VERIFYING, Mode.GONE, Mode.OFF, Mode.OTHER, Mode.RELAX, Mode.FAST)
# So that modes can be distinguished without colours.
_HATCHES = {
    Mode.RELAX: "..",
    Mode.VERIFYING: "//",
    Mode.BANNED: "xx",
    Mode.OFF: "--",
    Mode.GONE: "||",
    Mode.OTHER: "oo",
}


def fleet_figure(chart: FleetChart) -> Figure:
    """Return the figure of a fleet's chart."""
    span = Span(chart.since, chart.until)
    points = sorted(chart.points, key=lambda point: point.at)
    figure = style.figure_with_title(chart.appearance.title)
    most = max((point.left for point in points if point.left is not None), default=timedelta()) / _HOUR
    hours = style.number_scale(most, chart.appearance.amount)
    tokens = style.number_scale(max((_number(point) for point in points), default=0), whole=True)
    left = style.LEFT_EDGE + 10 + max(style.width_of(label, style.SMALL_SIZE) for label in hours.labels + tokens.labels)
    lower = Box(left, style.BOTTOM_EDGE, style.RIGHT_EDGE, _MODES_TOP)
    panels = [
        style.add_panel(figure, Box(left, _HOURS_BOTTOM, style.RIGHT_EDGE, _HOURS_TOP), span, hours),
        style.add_panel(figure, lower, span, tokens),
    ]
    style.add_times(figure, panels, lower, span, chart.appearance.zone)
    style.write(figure, style.LEFT_EDGE, _MODES_TITLE, chart.appearance.modes, weight="bold")
    _add_hours(panels[0], points, span, chart.appearance)
    style.add_legend(figure, _add_modes(panels[1], points, span, chart.appearance), x=style.LEFT_EDGE, y=_MODES_LEGEND)
    return figure


def _number(point: FleetPoint) -> int:
    return sum(number for _, number in point.modes)


def _add_hours(axes: Axes, points: list[FleetPoint], span: Span, words: Appearance) -> None:
    times = [span.place(point.at) for point in points]
    left = style.in_units((point.left for point in points), _HOUR)
    if all(map(isnan, left)):
        style.write_placeholder(axes, words.fast_time_unknown if points else words.empty)
        return
    style.add_line(axes, times, left)


def _add_modes(axes: Axes, points: list[FleetPoint], span: Span, appearance: Appearance) -> list[tuple[object, str]]:
    """Draw the modes that occur as stacked areas, and return their legend entries."""
    times = [*(span.place(point.at) for point in points), span.until]
    bottom = [0] * len(times)
    entries: list[tuple[object, str]] = []
    for mode in _STACK:
        numbers = [sum(number for of_mode, number in point.modes if of_mode is mode) for point in points]
        if not any(numbers):
            continue
        top = [below + number for below, number in zip(bottom, [*numbers, numbers[-1]], strict=True)]
        options: dict[str, Any] = {"facecolor": appearance.colours[mode], "edgecolor": style.PANEL, "linewidth": 0}
        options["hatch"] = _HATCHES.get(mode)
        axes.fill_between(times, bottom, top, step="post", **options)
        entries.append((Patch(**options), mode.value))
        bottom = top
    return entries
