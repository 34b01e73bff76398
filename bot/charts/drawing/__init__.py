"""Drawing with matplotlib. Only the drawing process imports it, since it takes time and tens of megabytes."""

from io import BytesIO

from bot.charts.drawing.fleet import fleet_figure
from bot.charts.drawing.token import token_figure
from bot.charts.spec import Chart, TokenChart


def draw(chart: Chart) -> bytes:
    """Return the PNG of a chart."""
    figure = token_figure(chart) if isinstance(chart, TokenChart) else fleet_figure(chart)
    image = BytesIO()
    figure.savefig(image, format="png", metadata={"Software": None})
    return image.getvalue()
