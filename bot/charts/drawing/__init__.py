"""Drawing charts with matplotlib. Only the drawing process imports this: it takes time and tens of megabytes."""

from io import BytesIO

from bot.charts.drawing.fleet import fleet_figure
from bot.charts.drawing.token import token_figure
from bot.charts.spec import Chart, TokenChart


def draw(chart: Chart) -> bytes:
    """Draw a chart as a PNG."""
    figure = token_figure(chart) if isinstance(chart, TokenChart) else fleet_figure(chart)
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()
