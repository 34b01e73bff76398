"""The response of `/token history`: the values of its chart, and the same as text."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.spec import Band, FleetPoint, ForecastLine, IncidentSpan, Point
from bot.domain.fast_time import Unit
from bot.domain.forecast import BurnRate, Forecast
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.usage import ModePeriod, UsageSummary
from bot.ui.history import (
    FleetHistory,
    Span,
    TokenHistory,
    fleet_alternative,
    fleet_chart,
    fleet_history_embed,
    token_alternative,
    token_chart,
    token_history_embed,
)
from tests.clocks import NOON
from tests.ui.hostile import names_of_any_sort
from tests.ui.limits import check_escaped, check_limits, parts_of, without_brackets_of_names

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH_AGO = NOON - 30 * DAY
RENEWED = NOON - 10 * DAY
PACE = BurnRate(2 * HOUR, NOON + 6 * DAY + timedelta(minutes=7))
COURSE = UsageSummary(
    first=12 * HOUR,
    last=5 * HOUR,
    used=22 * HOUR,
    per_day=0.75 * HOUR,
    refills=(RENEWED,),
    times_out=2,
    out_for=5 * HOUR,
)
IN_FAST = ModePeriod(Mode.FAST, MONTH_AGO, NOON - DAY)
OUT = ModePeriod(Mode.RELAX, NOON - DAY, NOON)
FORECAST = Forecast(NOON, 5 * HOUR, 1 / 3, NOON + 20 * DAY, early=False, week=PACE, recent=PACE)
PLAIN = TokenHistory(
    now=NOON,
    span=Span(30, MONTH_AGO, NOON),
    token_id=111,
    names={111: "Ours"},
    mode=Mode.RELAX,
    unit=Unit.HOURS,
    seen_at=NOON,
    freshness=Freshness.FRESH,
    summary=COURSE,
    points=[Point(MONTH_AGO, 12 * HOUR, 15 * HOUR), Point(NOON, 5 * HOUR, 15 * HOUR)],
    modes=[IN_FAST, OUT],
    incidents=[IncidentSpan(NOON - DAY, None)],
    forecast=FORECAST,
    chart_forecast=FORECAST,
)
GONE = f"At this week's rate it runs out <t:{int((NOON + 6 * DAY).timestamp())}:f>, 14 d before fast hours return."


def lines(history: TokenHistory) -> list[str]:
    return (token_history_embed(history).description or "").splitlines()


def day(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:D>"


def test_a_history_describes_its_chart_in_text() -> None:
    embed = token_history_embed(PLAIN)

    assert embed.title == "📈 Ours (111) · last 30 days"
    assert embed.colour == discord.Colour(0xF1C40F)
    assert embed.timestamp == NOON
    assert lines(PLAIN) == [
        "From **12 h** to **5 h** of fast time left",
        "Used: **22 h**, 45 min a day",
        f"Hours returned or bought: {day(RENEWED)}",
        "Out of FAST **2 times**, for 5 h in total",
        GONE,
    ]


@pytest.mark.parametrize(
    ("course", "line"),
    [
        (replace(COURSE, per_day=None), "Used: **22 h**"),
        (replace(COURSE, refills=()), "No hours returned or bought"),
        (replace(COURSE, times_out=1), "Out of FAST **once**, for 5 h"),
        (replace(COURSE, times_out=0), "In FAST all the time"),
        (replace(COURSE, first=None, last=None, used=None, per_day=None, refills=()), "Fast time left: unknown"),
    ],
)
def test_different_histories_have_different_texts(course: UsageSummary, line: str) -> None:
    assert line in lines(replace(PLAIN, summary=course))


def test_only_the_last_of_many_renewals_are_listed() -> None:
    renewals = tuple(NOON - number * DAY for number in range(9, 0, -1))
    named = ", ".join(day(at) for at in renewals[-4:])

    assert f"Hours returned or bought: {named}, and 5 more" in lines(
        replace(PLAIN, summary=replace(COURSE, refills=renewals))
    )


def test_a_token_never_in_fast_says_so() -> None:
    assert "Never in FAST" in lines(replace(PLAIN, modes=[OUT]))


def test_without_modes_nothing_is_said_about_them() -> None:
    assert not [line for line in lines(replace(PLAIN, modes=[])) if "FAST" in line]


def test_a_short_history_says_since_when_it_is_known() -> None:
    begins = NOON - 3 * DAY
    late = replace(PLAIN, span=Span(30, begins, NOON))

    assert lines(late)[-1] == f"There is no data from before <t:{int(begins.timestamp())}:f>."


def test_one_missing_hour_of_a_month_is_not_mentioned() -> None:
    assert lines(replace(PLAIN, span=Span(30, MONTH_AGO + HOUR, NOON)))[-1] == GONE


def test_one_day_is_24_hours() -> None:
    assert (token_history_embed(replace(PLAIN, span=Span(1, NOON - DAY, NOON))).title or "").endswith("last 24 hours")


def test_an_old_history_says_how_old_it_is() -> None:
    seen = int((NOON - HOUR).timestamp())
    old = replace(PLAIN, seen_at=NOON - HOUR, freshness=Freshness.OLD)

    assert lines(old)[0] == f"⏳ Last read <t:{seen}:R>; it may have changed since."
    assert lines(old)[-1] == GONE


def test_a_stale_history_is_grey_without_a_forecast() -> None:
    unknown = replace(PLAIN, seen_at=NOON - HOUR, freshness=Freshness.UNKNOWN)

    assert token_history_embed(unknown).colour == discord.Colour(0x95A5A6)
    assert lines(unknown)[0].startswith("❔ Status unknown. ")
    assert GONE not in lines(unknown)


def test_a_small_plan_is_in_minutes() -> None:
    assert lines(replace(PLAIN, unit=Unit.MINUTES))[0] == "From **720 min** to **300 min** of fast time left"


def test_the_chart_has_all_the_data() -> None:
    chart = token_chart(PLAIN)

    assert (chart.token_id, chart.since, chart.until, chart.unit) == (111, MONTH_AGO, NOON, Unit.HOURS)
    assert chart.points == tuple(PLAIN.points)
    assert chart.bands == (Band(Mode.FAST, MONTH_AGO, NOON - DAY), Band(Mode.RELAX, NOON - DAY, NOON))
    assert chart.refills == (RENEWED,)
    assert chart.incidents == (IncidentSpan(NOON - DAY, None),)
    assert chart.forecast == ForecastLine(
        from_at=NOON,
        from_left=5 * HOUR,
        runs_out_at_week=NOON + 6 * DAY,
        runs_out_at_recent=NOON + 6 * DAY,
        refill_at=NOON + 20 * DAY,
    )


def test_without_a_forecast_no_line_is_drawn() -> None:
    assert token_chart(replace(PLAIN, chart_forecast=None)).forecast is None


def test_the_token_chart_has_alternative_text() -> None:
    assert token_alternative(PLAIN) == (
        "Chart of the fast time left of token 111, last 30 days. From 12 h to 5 h of "
        "fast time left. Used: 22 h, 45 min a day. Out of FAST 2 times, for 5 h in "
        "total."
    )


# --- The fleet


def moment(hours: float, left: float | None, fast: int = 0, relax: int = 0) -> FleetPoint:
    counted = ((Mode.FAST, fast), (Mode.RELAX, relax))
    return FleetPoint(NOON + hours * HOUR, left * HOUR if left is not None else None, tuple(c for c in counted if c[1]))


FLEET_POINTS = (
    moment(-3, None),
    moment(-2, 90, fast=6),
    moment(-1.5, 70, fast=2, relax=4),
    moment(-1, 80, fast=5, relax=1),
    moment(0, 65, fast=6),
)
FLEET = FleetHistory(NOON, Span(30, MONTH_AGO, NOON), NOON, Freshness.FRESH, FLEET_POINTS)


def fleet_lines(points: Sequence[FleetPoint]) -> list[str]:
    return (fleet_history_embed(replace(FLEET, points=points)).description or "").splitlines()


def test_the_fleet_is_summarized() -> None:
    worst = int((NOON - 1.5 * HOUR).timestamp())

    assert fleet_history_embed(FLEET).title == "📈 All tokens · last 30 days"
    assert fleet_lines(FLEET_POINTS) == [
        "From **90 h** to **65 h** of fast time left, all tokens together",
        "Used: at least **35 h**",
        "Now: 🟢 6 FAST",
        f"Most out of FAST at once: **4** of 6, <t:{worst}:f>",
    ]


def test_no_time_of_the_fleet_is_in_the_future() -> None:
    """The last point may be, so that repeated requests get the same chart."""
    worst = fleet_lines((moment(-1, 80, fast=6), moment(0.9, 70, fast=5, relax=1)))[-1]

    assert worst == f"Most out of FAST at once: **1** of 6, <t:{int(NOON.timestamp())}:f>"


def test_the_remainder_of_a_gone_token_is_not_usage() -> None:
    def with_one_gone(hours: float, left: float, fast: int) -> FleetPoint:
        return FleetPoint(NOON + hours * HOUR, left * HOUR, ((Mode.FAST, fast), (Mode.GONE, 1)))

    all_there = moment(-2, 40, fast=4)
    for another_came in (0, 1):
        assert "Used: at least **0 h**" in fleet_lines([all_there, with_one_gone(-1, 30, 3 + another_came)])
    assert "Used: at least **0 h**" in fleet_lines([all_there, moment(-1, 30, fast=3)])
    assert "Used: at least **5 h**" in fleet_lines([all_there, with_one_gone(-1, 30, 3), with_one_gone(0, 25, 3)])


def test_a_fleet_always_in_fast_has_no_worst_time() -> None:
    assert len(fleet_lines(FLEET_POINTS[:2])) == 3


def test_a_fleet_without_data_says_so() -> None:
    assert fleet_lines([moment(0, None)]) == ["There is no data for this period."]


def test_an_old_fleet_says_how_old_it_is() -> None:
    old = replace(FLEET, seen_at=NOON - HOUR, freshness=Freshness.UNKNOWN)

    assert (fleet_history_embed(old).description or "").startswith("❔ Status unknown. ")


def test_the_fleet_chart_has_all_the_data() -> None:
    chart = fleet_chart(FLEET)

    assert (chart.since, chart.until, chart.points) == (MONTH_AGO, NOON, FLEET_POINTS)


def test_the_alternative_text_of_an_unknown_fleet_is_in_sentences() -> None:
    assert fleet_alternative(replace(FLEET, points=[moment(0, None)])).endswith(
        "last 30 days. There is no data for this period."
    )


def test_the_fleet_chart_has_alternative_text() -> None:
    assert fleet_alternative(FLEET) == (
        "Chart of the fast time left of all tokens together, and of their modes, last 30 days. "
        "From 90 h to 65 h of fast time left, all tokens together. Used: at least 35 h. Now: 🟢 6 FAST."
    )


# --- Anything

_times = st.integers(-(10**6), 10**6).map(lambda minutes: NOON + timedelta(minutes=minutes))
_lengths = st.integers(0, 10**10).map(lambda seconds: timedelta(seconds=seconds))
_courses = st.builds(
    UsageSummary,
    first=_lengths,
    last=_lengths,
    used=st.none() | _lengths,
    per_day=st.none() | _lengths,
    refills=st.lists(_times, max_size=400).map(tuple),
    times_out=st.integers(0, 10**6),
    out_for=_lengths,
)


@given(_courses, names_of_any_sort, st.sampled_from(Freshness), st.sampled_from(Unit), st.integers(1, 2**63 - 1))
def test_any_history_is_valid_and_escaped(
    course: UsageSummary, name: str, fresh: Freshness, unit: Unit, token_id: int
) -> None:
    history = replace(
        PLAIN, summary=course, names={token_id: name}, freshness=fresh, unit=unit, token_id=token_id, modes=[IN_FAST]
    )
    embed = token_history_embed(history)

    check_limits(embed)
    for part in parts_of(embed):
        check_escaped(without_brackets_of_names(part))
    # Discord's documentation, "Attachment Object".
    assert len(token_alternative(history)) <= 1024
    check_escaped(token_alternative(history))
