"""The words and colours of charts. The process that draws them knows no texts of its own."""

from bot.charts.spec import Appearance
from bot.domain.fast_time import Unit
from bot.domain.modes import Mode
from bot.ui import colours, texts

_OFF = "#80848e"  # the colour of its embeds can hardly be seen on a panel


def mode_colours() -> dict[Mode, str]:
    """Return the colour of each mode: that of its embeds, where it can be seen on a chart."""
    return {mode: _OFF if mode is Mode.OFF else f"#{colours.OF_MODES[mode]:06x}" for mode in Mode}


def token_appearance(token_id: int, unit: Unit) -> Appearance:
    """Return the appearance of the chart of a token whose plan counts in this unit."""
    return _appearance(texts.CHART_TITLE[unit].format(token=token_id), unit)


def fleet_appearance() -> Appearance:
    """Return the appearance of the chart of a fleet."""
    return _appearance(texts.CHART_FLEET_TITLE, Unit.HOURS)


def _appearance(title: str, unit: Unit) -> Appearance:
    return Appearance(
        title=title,
        amount=texts.FAST_TIME_NUMBERS[unit],
        colours=mode_colours(),
        left=texts.CHART_LEFT,
        total=texts.CHART_TOTAL,
        forecast=texts.CHART_FORECAST,
        unknown=texts.CHART_UNKNOWN,
        now=texts.CHART_NOW,
        renewed=texts.CHART_RENEWED,
        renews=texts.CHART_RENEWS,
        incident=texts.CHART_INCIDENT,
        modes=texts.CHART_FLEET_MODES,
        zone=texts.CHART_ZONE,
        empty=texts.CHART_EMPTY,
        fast_time_unknown=texts.CHART_FAST_TIME_UNKNOWN,
    )
