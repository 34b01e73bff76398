"""Charts of every sort: some by hand, and generated ones."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.charts.spec import Band, Chart, FleetChart, FleetPoint, ForecastLine, IncidentSpan, Point, TokenChart
from bot.domain.fast_time import Unit
from bot.domain.modes import Mode
from bot.ui.chart_appearance import fleet_appearance, token_appearance

NOW = datetime(2026, 3, 5, 15, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def usage_points(days: float, number: int = 200, *, total: float = 15, unit: timedelta = HOUR) -> tuple[Point, ...]:
    """Return points that fall evenly from full to empty."""
    step = days * DAY / number
    return tuple(
        Point(NOW - (number - index) * step, (number - index) / number * total * unit, total * unit)
        for index in range(number + 1)
    )


def bands(days: float, *modes: Mode) -> tuple[Band, ...]:
    """Return consecutive bands of these modes with equal lengths."""
    length = days * DAY / len(modes)
    since = NOW - days * DAY
    return tuple(Band(mode, since + index * length, since + (index + 1) * length) for index, mode in enumerate(modes))


def token_chart(days: float, **others: object) -> TokenChart:
    """Return a chart of this number of days."""
    values: dict[str, object] = {"points": usage_points(days), "unit": Unit.HOURS, "bands": bands(days, Mode.FAST)}
    values["appearance"] = token_appearance(111, Unit(str({**values, **others}["unit"])))
    return TokenChart(token_id=111, since=NOW - days * DAY, until=NOW, **{**values, **others})  # type: ignore[arg-type]


def fleet_chart(days: float, *modes: Mode, each: int = 10) -> FleetChart:
    """Return the chart of a fleet with a constant number of tokens in each mode."""
    numbers = tuple((mode, each) for mode in modes)
    points = tuple(FleetPoint(point.at, point.left, numbers) for point in usage_points(days))
    return FleetChart(NOW - days * DAY, NOW, fleet_appearance(), points)


OUTLOOK = ForecastLine(NOW, 7 * HOUR, NOW + 3 * DAY, NOW + 2 * DAY, NOW + 20 * DAY)
EVERYTHING = token_chart(
    30,
    bands=bands(30, *Mode),
    refills=tuple(NOW - days * DAY for days in range(0, 30, 2)),
    incidents=(IncidentSpan(NOW - 20 * DAY, NOW - 19 * DAY), IncidentSpan(NOW - DAY, None)),
    forecast=OUTLOOK,
    points=(*usage_points(30), Point(NOW, None, None)),
)
CHARTS: dict[str, Chart] = {
    "an hour": token_chart(1 / 24),
    "a day": token_chart(1, forecast=OUTLOOK),
    "a week": token_chart(7, refills=(NOW - DAY, NOW - 2 * DAY), forecast=OUTLOOK),
    "a month of everything": EVERYTHING,
    "a year": token_chart(365, refills=tuple(NOW - days * DAY for days in range(9, 365, 30)), forecast=OUTLOOK),
    "ten years": token_chart(3650),
    "minutes": token_chart(7, unit=Unit.MINUTES, points=usage_points(7, total=200, unit=timedelta(minutes=1))),
    "much": token_chart(7, points=usage_points(7, total=123_456)),
    "a long number": TokenChart(10**20, NOW - DAY, NOW, Unit.MINUTES, token_appearance(10**20, Unit.MINUTES)),
    "nothing": TokenChart(111, NOW - DAY, NOW, Unit.HOURS, token_appearance(111, Unit.HOURS)),
    "a fleet": fleet_chart(30, Mode.FAST, Mode.BANNED),
    "a fleet in all modes": fleet_chart(7, *Mode, each=5000),
    "no fleet": FleetChart(NOW - DAY, NOW, fleet_appearance()),
}

_times = st.datetimes(timezones=st.just(UTC)) | st.timedeltas(-40 * DAY, 40 * DAY).map(lambda later: NOW + later)
_lengths = st.timedeltas(timedelta(0)) | st.timedeltas(timedelta(0), 30 * HOUR)
_modes = st.sampled_from(Mode)


def _some(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, max_size=8).map(tuple)


outlooks = st.builds(ForecastLine, _times, _lengths, st.none() | _times, st.none() | _times, st.none() | _times)
token_charts = st.builds(
    TokenChart,
    st.integers(0, 2**64),
    _times,
    _times,
    st.sampled_from(Unit),
    st.builds(token_appearance, st.integers(0, 2**64), st.sampled_from(Unit)),
    _some(st.builds(Point, _times, st.none() | _lengths, st.none() | _lengths)),
    _some(st.builds(Band, _modes, _times, _times)),
    _some(_times),
    _some(st.builds(IncidentSpan, _times, st.none() | _times)),
    st.none() | outlooks,
)
_numbers = st.lists(st.tuples(_modes, st.integers(0, 10**6)), max_size=8).map(tuple)
fleet_charts = st.builds(
    FleetChart,
    _times,
    _times,
    st.just(fleet_appearance()),
    _some(st.builds(FleetPoint, _times, st.none() | _lengths, _numbers)),
)
