"""Charts on their way to the process that draws them."""

import pytest
from hypothesis import given

from bot.charts.spec import Chart, decode, encode
from tests.charts.some_charts import CHARTS, fleet_charts, token_charts


@given(chart=token_charts | fleet_charts)
def test_any_chart_round_trips(chart: Chart) -> None:
    assert decode(encode(chart)) == chart


def test_invalid_specs_are_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        decode(b'{"kind": "pie"}')


def test_different_charts_have_different_encodings() -> None:
    assert len({encode(chart) for chart in CHARTS.values()}) == len(CHARTS)
