"""Charts on their way to the process that draws them."""

import pytest
from hypothesis import given

from bot.charts.spec import Chart, decode, encode
from tests.charts.some_charts import CHARTS, fleet_charts, token_charts


@given(chart=token_charts | fleet_charts)
def test_any_chart_arrives_as_it_was_sent(chart: Chart) -> None:
    assert decode(encode(chart)) == chart


def test_what_is_no_chart_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        decode(b'{"kind": "pie"}')


def test_different_charts_are_written_differently() -> None:
    assert len({encode(chart) for chart in CHARTS.values()}) == len(CHARTS)
