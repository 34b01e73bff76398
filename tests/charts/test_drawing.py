"""Charts as people see them: what is drawn where, the labels, and that nothing overlaps."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from bot.charts.drawing import draw, style
from bot.charts.drawing.fleet import fleet_figure
from bot.charts.drawing.token import token_figure
from bot.charts.spec import Band, Chart, FleetChart, FleetPoint, ForecastLine, IncidentSpan, Point, TokenChart
from bot.domain.fast_time import Unit
from bot.domain.modes import Mode
from bot.ui import texts
from bot.ui.chart_appearance import fleet_appearance, mode_colours
from bot.ui.trace import COLOURS
from tests.cases import first_quick
from tests.charts.some_charts import (
    CHARTS,
    DAY,
    EVERYTHING,
    HOUR,
    NOW,
    OUTLOOK,
    bands,
    fleet_chart,
    fleet_charts,
    token_chart,
    token_charts,
    usage_points,
)
from tests.profiles import fewer_examples

some = settings(max_examples=fewer_examples(3))


def figure_of(chart: Chart) -> Figure:
    return token_figure(chart) if isinstance(chart, TokenChart) else fleet_figure(chart)


def written_on(figure: Figure) -> list[Text]:
    return [found for found in figure.findobj(Text) if is_seen(found)]


def is_seen(text: Text) -> bool:
    return bool(text.get_text()) and text.get_visible()


def words_on(chart: Chart) -> set[str]:
    return {found.get_text() for found in written_on(figure_of(chart))}


def columns(chart: Chart, colour: str) -> list[int]:
    """Return the columns of the picture that contain this colour, in order."""
    picture = Image.open(BytesIO(draw(chart))).convert("RGB")
    wanted = tuple(bytes.fromhex(colour.removeprefix("#")))
    seen = [picture.crop((x, 0, x + 1, picture.height)).getcolors(picture.height) or [] for x in range(picture.width)]
    return [x for x, found in enumerate(seen) if any(one == wanted for _, one in found)]


def forecast_of(chart: Chart) -> tuple[Line2D, list[tuple[float, float]]]:
    """Return the forecast line and its points: days of the chart, and hours."""
    (line,) = [line for line in figure_of(chart).axes[0].get_lines() if line.get_color() == style.FORECAST]
    return line, [(float(x) / DAY.total_seconds(), float(y)) for x, y in np.asarray(line.get_path().vertices)]


def shown_days(chart: Chart) -> float:
    """Return the width of the picture in days."""
    return float(figure_of(chart).axes[0].get_xlim()[1]) / DAY.total_seconds()


@some
@given(chart=token_charts)
def test_any_chart_of_a_token_can_be_drawn(chart: TokenChart) -> None:
    assert draw(chart).startswith(b"\x89PNG")


@some
@given(chart=fleet_charts)
@pytest.mark.slow
def test_any_chart_of_a_fleet_can_be_drawn(chart: FleetChart) -> None:
    assert draw(chart).startswith(b"\x89PNG")


def test_a_picture_has_a_size_that_suits_a_phone() -> None:
    assert Image.open(BytesIO(draw(EVERYTHING))).size == (900, 700)


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
@pytest.mark.slow
def test_no_words_overlap_or_leave_the_picture(chart: Chart) -> None:
    figure = figure_of(chart)
    figure.draw_without_rendering()
    places = {(text.get_text(), index): text.get_window_extent() for index, text in enumerate(written_on(figure))}
    picture = Bbox.from_extents(0, 0, style.WIDTH, style.HEIGHT)

    assert [words for words, place in places.items() if not picture.containsx(place.x0) or place.x1 > style.WIDTH] == []
    assert [
        (one, other) for one, other in combinations(places, 2) if Bbox.intersection(places[one], places[other])
    ] == []


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
@pytest.mark.slow
def test_no_letters_are_too_small_for_a_phone(chart: Chart) -> None:
    assert all(float(text.get_fontsize()) >= 18 for text in written_on(figure_of(chart)))


def test_the_title_says_which_token_and_in_which_unit() -> None:
    assert "Token 111 · fast hours left" in words_on(token_chart(7))
    assert "Token 111 · fast minutes left" in words_on(CHARTS["minutes"])


def test_hours_and_minutes_have_their_own_axes() -> None:
    assert {"0 h", "5 h", "10 h", "15 h"} <= words_on(token_chart(7))
    assert {"0 min", "100 min", "200 min"} <= words_on(CHARTS["minutes"])


def test_the_time_zone_is_named() -> None:
    assert "UTC" in words_on(token_chart(7))
    assert "UTC" in words_on(fleet_chart(7, Mode.FAST))


def test_a_chart_without_data_says_so() -> None:
    assert texts.charts.EMPTY in words_on(CHARTS["nothing"])
    assert texts.charts.EMPTY in words_on(CHARTS["no fleet"])


def test_a_history_of_modes_alone_says_that_fast_time_is_not_known() -> None:
    said = words_on(token_chart(7, points=()))

    assert texts.charts.FAST_TIME_UNKNOWN in said
    assert texts.charts.EMPTY not in said


@pytest.mark.parametrize("mode", first_quick(Mode))
def test_each_mode_is_named_where_it_was_and_nowhere_else(mode: Mode) -> None:
    assert mode.value in words_on(token_chart(7, bands=bands(7, mode)))
    assert mode.value not in words_on(token_chart(7, bands=bands(7, *(other for other in Mode if other is not mode))))


def test_a_ban_is_red_for_its_whole_duration() -> None:
    chart = token_chart(30, bands=bands(30, Mode.FAST, Mode.BANNED, Mode.BANNED))
    fast, banned = columns(chart, mode_colours()[Mode.FAST]), columns(chart, mode_colours()[Mode.BANNED])

    assert abs(banned[0] - fast[-1]) <= 2
    assert len(banned) == pytest.approx(2 * len(fast), abs=4)
    assert banned[-1] == pytest.approx(style.RIGHT_EDGE, abs=2)


@pytest.mark.parametrize("ago", [0, 100, 365])
def test_a_one_minute_ban_is_visible_in_a_year(ago: int) -> None:
    started = NOW - ago * DAY
    chart = token_chart(365, bands=(*bands(365, Mode.FAST), Band(Mode.BANNED, started, started + timedelta(minutes=1))))

    assert len(columns(chart, mode_colours()[Mode.BANNED])) >= 2


def test_data_before_the_start_is_not_drawn() -> None:
    chart = token_chart(7, bands=(*bands(7, Mode.FAST), Band(Mode.BANNED, NOW - 9 * DAY, NOW - 8 * DAY)))

    assert Mode.BANNED.value not in words_on(chart)


def test_incidents_have_the_colours_of_the_embeds_where_they_are_visible() -> None:
    for mode in set(Mode) - {Mode.OFF}:
        assert mode_colours()[mode] == str(COLOURS[mode])


def test_incidents_are_labelled_and_open_ones_reach_the_end() -> None:
    chart = token_chart(10, incidents=(IncidentSpan(NOW - 5 * DAY, None),))
    marked = columns(chart, style.INCIDENT)

    assert texts.charts.INCIDENT in words_on(chart)
    assert texts.charts.INCIDENT not in words_on(token_chart(10))
    assert marked[-1] == pytest.approx(style.RIGHT_EDGE, abs=2)
    assert len(marked) == pytest.approx((style.RIGHT_EDGE - 135) / 2, abs=20)


def test_unknown_leaves_a_gap_and_is_not_zero() -> None:
    points = list(usage_points(7, 70))
    points[20:50] = [Point(point.at, None, None) for point in points[20:50]]
    known, gap = (
        columns(token_chart(7, points=usage_points(7, 70)), style.LINE),
        columns(token_chart(7, points=tuple(points)), style.LINE),
    )

    assert texts.charts.UNKNOWN in words_on(token_chart(7, points=tuple(points)))
    assert texts.charts.UNKNOWN not in words_on(token_chart(7))
    assert len(known) - len(gap) == pytest.approx(len(known) * 30 / 70, abs=20)


def test_one_reading_by_itself_is_a_dot() -> None:
    chart = token_chart(7, points=(Point(NOW - 3 * DAY, 7 * HOUR, None),))
    legend = style.LEFT_EDGE + 60

    assert 6 <= len([x for x in columns(chart, style.LINE) if x > legend]) <= 12


def test_the_plans_total_is_drawn_where_it_is_known() -> None:
    assert texts.charts.TOTAL in words_on(token_chart(7))
    assert texts.charts.TOTAL not in words_on(token_chart(7, points=(Point(NOW, HOUR, None),)))


def test_more_left_than_the_plans_total_stays_in_the_picture() -> None:
    chart = token_chart(7, points=(Point(NOW - DAY, 40 * HOUR, 15 * HOUR), Point(NOW, 35 * HOUR, 15 * HOUR)))

    assert figure_of(chart).axes[0].get_ylim()[1] > 40


def test_refills_are_labelled() -> None:
    assert texts.charts.REFILLED in words_on(token_chart(7, refills=(NOW - DAY,)))
    assert texts.charts.REFILLED not in words_on(token_chart(7, refills=(NOW - 8 * DAY, NOW + DAY)))


def test_a_forecast_is_a_dashed_line_at_the_weekly_rate_until_it_runs_out() -> None:
    line, places = forecast_of(token_chart(30, forecast=OUTLOOK))

    assert line.is_dashed()
    assert places[0] == (30, 7)
    assert next(day for day, left in places if left == 0) == 33


def test_a_forecast_ends_when_hours_return() -> None:
    _, places = forecast_of(token_chart(30, forecast=ForecastLine(NOW, 8 * HOUR, NOW + 4 * DAY, None, NOW + 2 * DAY)))

    assert places[-1] == (32, 4)


def test_a_rate_too_slow_to_show_an_end_is_level() -> None:
    _, places = forecast_of(token_chart(30, forecast=ForecastLine(NOW, 8 * HOUR, None, None, None)))

    assert {left for _, left in places} == {8}


def test_the_range_of_a_forecast_is_tinted() -> None:
    tinted = figure_of(token_chart(30, forecast=OUTLOOK)).axes[0].collections
    heights = [path.get_extents().y1 for shape in tinted for path in shape.get_paths() if shape.get_alpha() == 0.3]

    assert heights == [7]


@pytest.mark.parametrize(
    ("forecast", "days"),
    [
        (None, 30),
        (ForecastLine(NOW, HOUR, NOW + DAY, NOW + DAY, None), 31.9),
        (ForecastLine(NOW, HOUR, NOW + DAY, NOW + DAY, NOW + 5 * DAY), 35.9),
        (ForecastLine(NOW, HOUR, NOW + DAY, NOW + 2 * DAY, NOW + 50 * DAY), 32.9),
        (ForecastLine(NOW, HOUR, None, NOW + DAY, None), 45.9),
        (ForecastLine(NOW, HOUR, NOW + 99 * DAY, NOW + DAY, NOW + 50 * DAY), 45.9),
    ],
    ids=["none", "gone soon", "renews soon", "renews late", "never gone", "gone late"],
)
def test_a_forecast_takes_at_most_half_the_width_of_the_history(forecast: ForecastLine | None, days: float) -> None:
    assert shown_days(token_chart(30, forecast=forecast)) == pytest.approx(days)


def test_now_and_the_next_refill_are_labelled_beside_a_forecast() -> None:
    forecast = ForecastLine(NOW, HOUR, NOW + DAY, NOW + DAY, NOW + 9 * DAY)

    assert {texts.charts.NOW, texts.charts.REFILL, texts.charts.FORECAST} <= words_on(
        token_chart(30, forecast=forecast)
    )


def test_a_fleet_names_the_modes_that_occur() -> None:
    said = words_on(fleet_chart(7, Mode.FAST, Mode.BANNED))

    assert {"FAST", "BANNED", texts.charts.FLEET_TITLE, texts.charts.FLEET_MODES} <= said
    assert "RELAX" not in said


def test_a_fleet_stacks_its_tokens_with_the_worst_lowest() -> None:
    lower = figure_of(fleet_chart(7, Mode.FAST, Mode.BANNED, each=10)).axes[1]
    banned, fast = (shape.get_paths()[0].get_extents() for shape in lower.collections)

    assert (banned.y0, banned.y1, fast.y0, fast.y1) == (0, 10, 10, 20)


def test_the_last_known_state_of_a_fleet_extends_to_the_end() -> None:
    point = FleetPoint(NOW - 3 * DAY, None, ((Mode.RELAX, 3),))
    chart = FleetChart(NOW - 7 * DAY, NOW, fleet_appearance(), (point,))
    relax = columns(chart, mode_colours()[Mode.RELAX])

    assert relax[-1] == pytest.approx(style.RIGHT_EDGE, abs=3)


@pytest.mark.parametrize("figure", [lambda: figure_of(EVERYTHING), lambda: figure_of(fleet_chart(7, *Mode))])
def test_pictures_are_dark_like_discord(figure: Callable[[], Figure]) -> None:
    made = figure()

    assert to_hex(made.get_facecolor()) == style.BACKGROUND == "#313338"
    assert {axes.get_facecolor() for axes in made.axes} == {to_rgba("#2b2d31")}


def test_each_plans_unit_has_its_label() -> None:
    assert set(texts.charts.TITLE) == set(texts.common.FAST_TIME_NUMBERS) == set(Unit)
