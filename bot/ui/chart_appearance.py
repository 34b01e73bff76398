"""The words and colours of charts. The drawing process has no texts of its own."""

from bot.charts.spec import Appearance
from bot.domain.fast_time import Unit
from bot.domain.modes import Mode
from bot.ui import colours, texts

_OFF = "#80848e"  # the embed's colour has too little contrast on a chart


def mode_colours() -> dict[Mode, str]:
    """Return the colour of each mode on charts: that of its embeds, with one exception."""
    return {mode: _OFF if mode is Mode.OFF else f"#{colours.OF_MODES[mode]:06x}" for mode in Mode}


def token_appearance(token_id: int, unit: Unit) -> Appearance:
    """Return the appearance of the chart of a token. `unit` is that of its plan."""
    return _appearance(texts.charts.TITLE[unit].format(token=token_id), unit)


def fleet_appearance() -> Appearance:
    """Return the appearance of the chart of a fleet."""
    return _appearance(texts.charts.FLEET_TITLE, Unit.HOURS)


def _appearance(title: str, unit: Unit) -> Appearance:
    return Appearance(
        title=title,
        amount=texts.common.FAST_TIME_NUMBERS[unit],
        colours=mode_colours(),
        left=texts.charts.LEFT,
        total=texts.charts.TOTAL,
        forecast=texts.charts.FORECAST,
        unknown=texts.charts.UNKNOWN,
        now=texts.charts.NOW,
        refilled=texts.charts.REFILLED,
        refill=texts.charts.REFILL,
        incident=texts.charts.INCIDENT,
        modes=texts.charts.FLEET_MODES,
        zone=texts.charts.ZONE,
        empty=texts.charts.EMPTY,
        fast_time_unknown=texts.charts.FAST_TIME_UNKNOWN,
    )
