"""How every chart looks: Discord's dark theme, letters for a phone, and a time axis with few ticks.

Places are in pixels from the lower left corner: at 72 dots an inch, which is what fonts are measured in, one dot is one
pixel. Times are seconds since the chart's first.
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
_FONT = "DejaVu Sans"  # it comes with matplotlib, so it is the same on every machine
_SHORTEST_SPAN = 3600.0
_MOST_NUMBERS = 4
_DOTS_AN_INCH = 72
_EASILY_IN_A_ROW = 5
_TINY_SIZE = 18
_OFTEN_ENOUGH = 3


UNKNOWN_VALUE = float("nan")
"""A number that is not known. It breaks a line."""


class Box(NamedTuple):
    """A place in the picture, in pixels."""

    left: float
    bottom: float
    right: float
    top: float


class Numbers(NamedTuple):
    """A scale from nothing to a little more than what it must hold, with round numbers in words."""

    top: float
    ticks: list[float]
    labels: list[str]


class Span:
    """The times a chart shows, as seconds since the first; `shown` goes beyond `until` where there is a forecast."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self.since = since
        self.until = max((until - since).total_seconds(), _SHORTEST_SPAN)
        self.shown = self.until

    def place(self, at: datetime) -> float:
        """Tell where a time is."""
        return (at - self.since).total_seconds()

    def time(self, place: float) -> datetime:
        """Tell which time is there, or the last that can be."""
        try:
            return self.since + timedelta(seconds=place)
        except OverflowError:
            return datetime.max.replace(tzinfo=self.since.tzinfo)


def figure_with_title(title: str) -> Figure:
    """Begin a picture."""
    figure = Figure(figsize=(WIDTH / _DOTS_AN_INCH, HEIGHT / _DOTS_AN_INCH), dpi=_DOTS_AN_INCH, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)
    write(figure, LEFT_EDGE, TITLE_BASE, title, size=TITLE_SIZE, weight="bold", va="baseline")
    return figure


def write(figure: Figure, x: float, y: float, text: str, *, size: float = SMALL_SIZE, **looks: Any) -> None:
    """Write words at a place."""
    looks = {"color": TEXT, "va": "center", **looks}
    figure.text(x / WIDTH, y / HEIGHT, text, fontsize=size, fontfamily=_FONT, **looks)


def width_of(text: str, size: float) -> float:
    """Tell how many pixels words take."""
    extent = TextPath((0, 0), text, size=size, prop=FontProperties(family=_FONT)).get_extents()
    return float(extent.width)


def add_panel(figure: Figure, box: Box, span: Span, numbers: Numbers) -> Axes:
    """Add a panel with nothing in it yet: times to the right, numbers upwards."""
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
    """Make the scale for numbers up to `most`, in that unit."""
    if most <= 0:
        return Numbers(1, [0, 1], [unit.format(number=amount(tick)) for tick in (0, 1)])
    top = most * 1.08
    ticks = MaxNLocator(_MOST_NUMBERS, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(0, top)
    shown = [float(tick) for tick in ticks if 0 <= tick <= top]
    return Numbers(top, shown, [unit.format(number=amount(tick)) for tick in shown])


def add_times(figure: Figure, panels: Sequence[Axes], box: Box, span: Span, zone: str) -> None:
    """Write the times, which are of this zone, under the lowest panel, and draw them as lines through all."""
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
    """Write words above a panel, each at its time and none over another, the first first, the same ones a few times."""
    taken: list[tuple[float, float]] = []
    written: Counter[str] = Counter()
    for place, text in labels:
        half = width_of(text, SMALL_SIZE) / 2 + 6
        x = min(max(pixel(place, box, span), LEFT_EDGE + half), WIDTH - half)
        if written[text] < _OFTEN_ENOUGH and all(x + half <= left or right <= x - half for left, right in taken):
            taken.append((x - half, x + half))
            written[text] += 1
            write(figure, x, box.top + 14, text, ha="center", color=MUTED)


def add_legend(figure: Figure, entries: Sequence[tuple[Any, str]], *, x: float, y: float) -> None:
    """Say in words what is drawn how, in one row whose middle is at that height."""
    if not entries:
        return
    figure.legend(
        [handle for handle, _ in entries],
        [text for _, text in entries],
        loc="center left",
        bbox_to_anchor=(x / WIDTH, y / HEIGHT),
        ncols=len(entries),
        prop=FontProperties(family=_FONT, size=SMALL_SIZE if len(entries) <= _EASILY_IN_A_ROW else _TINY_SIZE),
        labelcolor=TEXT,
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.4,
        handletextpad=0.5,
        columnspacing=1.2,
    )


def add_line(axes: Axes, times: Sequence[float], values: Sequence[float]) -> Line2D:
    """Draw known values as a line over a tint, broken where they are not known; one by itself is a dot."""
    neighbours = zip(times, values, (UNKNOWN_VALUE, *values), (*values[1:], UNKNOWN_VALUE), strict=False)
    alone = [(at, value) for at, value, before, after in neighbours if isnan(before) and isnan(after)]
    axes.fill_between(times, values, color=LINE, alpha=0.18, linewidth=0)
    axes.plot([at for at, _ in alone], [value for _, value in alone], "o", color=LINE, markersize=9)
    return axes.plot(times, values, color=LINE, linewidth=3)[0]


def in_units(lengths: Iterable[timedelta | None], unit: timedelta) -> list[float]:
    """Count lengths of time in a unit."""
    return [UNKNOWN_VALUE if length is None else length / unit for length in lengths]


def write_placeholder(axes: Axes, text: str) -> None:
    """Say in the middle of a panel why nothing is drawn there."""
    looks: dict[str, Any] = {
        "fontfamily": _FONT,
        "fontsize": TITLE_SIZE,
        "color": MUTED,
        "ha": "center",
        "va": "center",
    }
    axes.text(0.5, 0.5, text, transform=axes.transAxes, **looks)


def pixel(place: float, box: Box, span: Span) -> float:
    """Tell how far to the right a time is."""
    return box.left + place / span.shown * (box.right - box.left)
