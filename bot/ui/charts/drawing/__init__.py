"""Drawing charts with matplotlib. Only the drawing process imports this: it takes time and tens of megabytes."""

from io import BytesIO

from bot.ui.charts.chart import Chart, TokenChart
from bot.ui.charts.drawing.fleet import fleet_figure
from bot.ui.charts.drawing.token import token_figure


def draw(chart: Chart) -> bytes:
    """Draw a chart as a PNG."""
    figure = token_figure(chart) if isinstance(chart, TokenChart) else fleet_figure(chart)
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()
