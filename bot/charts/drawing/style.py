"""The style of every chart: Discord's dark theme, text that is legible on a phone, and a time axis with few ticks.

Positions are in pixels from the lower left corner. At 72 dots per inch, a font size in points is its size in pixels.
Times are seconds since the start of the chart.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import isnan
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath
from matplotlib.ticker import MaxNLocator

from bot.charts.drawing.ticks import amount, time_ticks

WIDTH, HEIGHT = 900, 700
LEFT_EDGE, RIGHT_EDGE = 24, 860
BOTTOM_EDGE, LEGEND_MIDDLE, TITLE_BASE = 56, 614, 650
TITLE_SIZE, SMALL_SIZE = 28, 22

BACKGROUND = "#313338"
PANEL = "#2b2d31"
TEXT = "#f2f3f5"
MUTED = "#b5bac1"
GRID = "#4a4d55"
LINE = "#8ea1ff"
FORECAST = "#ffcf70"
INCIDENT = "#ff9aa2"

UNKNOWN = "#80848e"
_FONT = "DejaVu Sans"  # part of matplotlib, so it is the same on every machine
_MIN_SPAN = 3600.0  # seconds
_MAX_NUMBERS = 4
_DPI = 72
_MAX_ENTRIES_OF_NORMAL_SIZE = 5
_TINY_SIZE = 18
_MAX_EQUAL_LABELS = 3


UNKNOWN_VALUE = float("nan")
"""An unknown number, at which matplotlib interrupts a line."""


class Box(NamedTuple):
    """A rectangle in the image, in pixels."""

    left: float
    bottom: float
    right: float
    top: float


class Numbers(NamedTuple):
    """A scale from 0 to a little above the largest value, with ticks at round numbers."""

    top: float
    ticks: list[float]
    labels: list[str]


class Span:
    """The time axis, in seconds since its start. `until` is its end, and `shown` is later if there is a forecast."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self.since = since
        self.until = max((until - since).total_seconds(), _MIN_SPAN)
        self.shown = self.until

    def place(self, at: datetime) -> float:
        """Return the position of a time, in seconds."""
        return (at - self.since).total_seconds()

    def time(self, place: float) -> datetime:
        """Return the time at a position, or the last possible datetime."""
        try:
            return self.since + timedelta(seconds=place)
        except OverflowError:
            return datetime.max.replace(tzinfo=self.since.tzinfo)


def figure_with_title(title: str) -> Figure:
    """Return a new figure with a title."""
    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)
    write(figure, LEFT_EDGE, TITLE_BASE, title, size=TITLE_SIZE, weight="bold", va="baseline")
    return figure


def write(figure: Figure, x: float, y: float, text: str, *, size: float = SMALL_SIZE, **options: Any) -> None:
    """Write a text at a position."""
    options = {"color": TEXT, "va": "center", **options}
    figure.text(x / WIDTH, y / HEIGHT, text, fontsize=size, fontfamily=_FONT, **options)


def width_of(text: str, size: float) -> float:
    """Return the width of a text in pixels."""
    extent = TextPath((0, 0), text, size=size, prop=FontProperties(family=_FONT)).get_extents()
    return float(extent.width)


def add_panel(figure: Figure, box: Box, span: Span, numbers: Numbers) -> Axes:
    """Add an empty panel with times on the x axis and numbers on the y axis."""
    size = ((box.right - box.left) / WIDTH, (box.top - box.bottom) / HEIGHT)
    axes = figure.add_axes((box.left / WIDTH, box.bottom / HEIGHT, *size), facecolor=PANEL)
    axes.set_xlim(0, span.shown)
    axes.set_ylim(0, numbers.top)
    axes.set_xticks([])
    axes.set_yticks(numbers.ticks, numbers.labels)
    axes.tick_params(length=0, pad=10, labelcolor=TEXT, labelfontfamily=_FONT, labelsize=SMALL_SIZE)
    axes.spines[:].set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(visible=True, color=GRID, linewidth=1)
    return axes


def number_scale(most: float, unit: str = "{number}", *, whole: bool = False) -> Numbers:
    """Return the scale for numbers from 0 to `most`, with labels in the unit."""
    if most <= 0:
        return Numbers(1, [0, 1], [unit.format(number=amount(tick)) for tick in (0, 1)])
    top = most * 1.08
    ticks = MaxNLocator(_MAX_NUMBERS, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(0, top)
    shown = [float(tick) for tick in ticks if 0 <= tick <= top]
    return Numbers(top, shown, [unit.format(number=amount(tick)) for tick in shown])


def add_times(figure: Figure, panels: Sequence[Axes], box: Box, span: Span, zone: str) -> None:
    """Add time ticks: labels and the name of the zone below the lowest panel, and grid lines through all panels."""
    ticks = time_ticks(span.since, span.time(span.shown), box.right - box.left)
    places = [span.place(tick.at) for tick in ticks]
    for axes in panels:
        axes.set_xticks(places, [""] * len(places))
    below = box.bottom - 26
    write(figure, LEFT_EDGE, below, zone, color=MUTED)
    taken = LEFT_EDGE + width_of(zone, SMALL_SIZE) + 12
    for place, tick in zip(places, ticks, strict=True):
        half = width_of(tick.label, SMALL_SIZE) / 2
        x = min(pixel(place, box, span), WIDTH - half - 8)
        if x - half > taken:
            write(figure, x, below, tick.label, ha="center")


def add_labels(figure: Figure, labels: Iterable[tuple[float, str]], box: Box, span: Span) -> None:
    """Write labels above a panel, each at its time. One that overlaps another or repeats too often is left out."""
    taken: list[tuple[float, float]] = []
    written: Counter[str] = Counter()
    for place, text in labels:
        half = width_of(text, SMALL_SIZE) / 2 + 6
        x = min(max(pixel(place, box, span), LEFT_EDGE + half), WIDTH - half)
        if written[text] < _MAX_EQUAL_LABELS and all(x + half <= left or right <= x - half for left, right in taken):
            taken.append((x - half, x + half))
            written[text] += 1
            write(figure, x, box.top + 14, text, ha="center", color=MUTED)


def add_legend(figure: Figure, entries: Sequence[tuple[Any, str]], *, x: float, y: float) -> None:
    """Add a legend in one row, vertically centred at `y`."""
    if not entries:
        return
    figure.legend(
        [handle for handle, _ in entries],
        [text for _, text in entries],
        loc="center left",
        bbox_to_anchor=(x / WIDTH, y / HEIGHT),
        ncols=len(entries),
        prop=FontProperties(
            family=_FONT, size=SMALL_SIZE if len(entries) <= _MAX_ENTRIES_OF_NORMAL_SIZE else _TINY_SIZE
        ),
        labelcolor=TEXT,
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.4,
        handletextpad=0.5,
        columnspacing=1.2,
    )


def add_line(axes: Axes, times: Sequence[float], values: Sequence[float]) -> Line2D:
    """Draw a line with the area below it, interrupted at unknown values; a value between two unknown ones is a dot."""
    neighbours = zip(times, values, (UNKNOWN_VALUE, *values), (*values[1:], UNKNOWN_VALUE), strict=False)
    single = [(at, value) for at, value, before, after in neighbours if isnan(before) and isnan(after)]
    axes.fill_between(times, values, color=LINE, alpha=0.18, linewidth=0)
    axes.plot([at for at, _ in single], [value for _, value in single], "o", color=LINE, markersize=9)
    return axes.plot(times, values, color=LINE, linewidth=3)[0]


def in_units(lengths: Iterable[timedelta | None], unit: timedelta) -> list[float]:
    """Return durations as numbers of a unit."""
    return [UNKNOWN_VALUE if length is None else length / unit for length in lengths]


def write_placeholder(axes: Axes, text: str) -> None:
    """Write in the middle of an empty panel why it is empty."""
    options: dict[str, Any] = {
        "fontfamily": _FONT,
        "fontsize": TITLE_SIZE,
        "color": MUTED,
        "ha": "center",
        "va": "center",
    }
    axes.text(0.5, 0.5, text, transform=axes.transAxes, **options)


def pixel(place: float, box: Box, span: Span) -> float:
    """Return the x position of a time in pixels."""
    return box.left + place / span.shown * (box.right - box.left)
