"""The response of `/token show`: its content, a stale one, and Discord's limits."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.fast_time import FastTime, Unit
from bot.domain.forecast import BurnRate, Forecast
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.subscription import Plan
from bot.ui.alerts_overview import IncidentOverview, MuteOverview
from bot.ui.token_card import ChangeOverview, TokenOverview, sparkline, token_card
from tests.clocks import NOON
from tests.ui.hostile import names_of_any_sort
from tests.ui.limits import check_escaped, check_limits, parts_of, without_brackets_of_names
from tests.ui.some_incidents import incident, member, readings

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RENEWS = NOON + 10 * DAY
READING = Reading(
    111,
    NOON - DAY,
    status="FAST",
    fast_time=FastTime(12.4 * HOUR, 15 * HOUR, Unit.HOURS),
    plan=Plan("Standard", "Active", "monthly", RENEWS),
)
PACE = BurnRate(2 * HOUR, NOON + 6 * DAY)
PLAIN = TokenOverview(
    now=NOON,
    reading=READING,
    seen_at=NOON,
    freshness=Freshness.FRESH,
    names={},
    forecast=None,
    uses=(None, None),
    used=None,
    incidents=(),
    mutes=(),
    changes=(),
)
FORECAST = Forecast(NOON, 12.4 * HOUR, 12.4 / 15, RENEWS, early=False, week=PACE, recent=PACE)
BAR = "▰▰▰▰▰▰▰▰▱▱  **12.4** of 15 h of fast time left (83 %)"
URL = "https://discord.com/channels/1/2/3"
HOUR_AGO = NOON - HOUR
RELATIVE = f"<t:{int(HOUR_AGO.timestamp())}:R>"


def fields_of(overview: TokenOverview) -> dict[str | None, str | None]:
    return {field.name: field.value for field in token_card(overview).fields}


def test_a_card_without_history_is_that_of_a_trace() -> None:
    embed = token_card(PLAIN)

    assert embed.title == "🟢 Token 111 · FAST"
    assert embed.description == BAR
    assert embed.timestamp == NOON
    assert list(fields_of(PLAIN)) == ["Plan", "Hours return", "Plan renews"]


def test_the_forecast_is_below_the_bar() -> None:
    gone = f"<t:{int((NOON + 6 * DAY).timestamp())}:f>"

    assert token_card(replace(PLAIN, forecast=FORECAST)).description == (
        f"{BAR}\nAt this week's rate it runs out {gone}, 4 d before fast hours return."
    )


def test_a_tokens_name_is_in_the_title() -> None:
    assert token_card(replace(PLAIN, names={111: "Ours"})).title == "🟢 Ours (111) · FAST"


def test_an_old_reading_says_how_old_it_is() -> None:
    embed = token_card(replace(PLAIN, seen_at=HOUR_AGO, freshness=Freshness.OLD))

    assert embed.title == "🟢 Token 111 · FAST"
    assert embed.description == f"⏳ Last read {RELATIVE}; it may have changed since.\n{BAR}"
    assert embed.timestamp == HOUR_AGO


def test_a_stale_card_is_grey_and_says_so() -> None:
    embed = token_card(replace(PLAIN, seen_at=HOUR_AGO, freshness=Freshness.UNKNOWN, forecast=FORECAST))

    assert embed.title == "❔ Token 111 · last seen FAST"
    assert embed.colour is not None
    assert embed.colour.value == 0x95A5A6
    assert (
        embed.description == f"❔ Status unknown. It was last read {RELATIVE}; below is the status at that time.\n{BAR}"
    )


def test_an_unlisted_token_says_since_when_and_that_its_values_are_older() -> None:
    gone = replace(PLAIN, reading=replace(READING, read_at=HOUR_AGO, listed=False))

    assert (token_card(gone).description or "").splitlines() == [
        f"⚪ It left ImaginePro's list {RELATIVE}; below is the last known status.",
        BAR,
    ]


def test_the_last_days_are_one_line() -> None:
    shown = fields_of(replace(PLAIN, uses=(1.0, 0.5, None, 0.0), used=7.5 * HOUR))

    assert shown["Used in the last 7 days, per 12 h"] == "█▅·▁ 7.5 h"


def test_days_without_data_are_not_drawn() -> None:
    assert "Used in the last 7 days, per 12 h" not in fields_of(PLAIN)


def test_a_small_plan_is_in_minutes() -> None:
    reading = replace(READING, fast_time=FastTime(100 * HOUR / 60, 200 * HOUR / 60, Unit.MINUTES))
    shown = fields_of(replace(PLAIN, reading=reading, uses=(0.5,), used=HOUR))

    assert shown["Used in the last 7 days, per 12 h"] == "▅ 60 min"


@pytest.mark.parametrize(
    ("share", "spark"), [(0.0, "▁"), (0.001, "▂"), (0.5, "▅"), (0.999, "█"), (1.0, "█"), (None, "·")]
)
def test_only_zero_is_drawn_as_zero(share: float | None, spark: str) -> None:
    assert sparkline([share, 1.0]) == f"{spark}█"


def test_a_yearly_plan_tells_when_hours_return_from_when_it_renews() -> None:
    renews = NOON + timedelta(days=122)  # March 2 to July 2
    yearly = replace(PLAIN.reading, plan=Plan("Pro", period="yearly", renews_at=renews))
    shown = fields_of(replace(PLAIN, reading=yearly, now=NOON + HOUR))
    returns = int((NOON + timedelta(days=31)).timestamp())

    assert shown["Hours return"] == f"<t:{returns}:D>\n<t:{returns}:R>"
    assert shown["Plan renews"] == f"<t:{int(renews.timestamp())}:D>\n<t:{int(renews.timestamp())}:R>"


def test_hours_of_a_plan_that_ends_before_do_not_return() -> None:
    ending = replace(PLAIN.reading, plan=Plan("Pro", renews_at=NOON + 9 * DAY, ends_at=NOON + 8 * DAY))

    assert list(fields_of(replace(PLAIN, reading=ending))) == ["Plan", "Plan renews", "Plan ends"]


def test_open_alerts_have_links_and_mutes_have_ends() -> None:
    shown = fields_of(
        replace(
            PLAIN,
            names={111: "Ours"},
            incidents=[IncidentOverview(incident(member()), "RELAX", URL)],
            mutes=[MuteOverview(None, NOON + HOUR, "", 7)],
        )
    )

    assert f"[alert]({URL})" in (shown["Open incidents"] or "")
    assert (shown["Open incidents"] or "").startswith("🟡 Ours (111) · RELAX · <t:")
    assert shown["Muted"] == f"🔕 all alerts until <t:{int((NOON + HOUR).timestamp())}:f>, by <@7>"


def test_changes_show_the_old_and_the_new_mode() -> None:
    shown = fields_of(replace(PLAIN, changes=[ChangeOverview(HOUR_AGO, Mode.FAST, Mode.RELAX)]))

    assert shown["Latest changes"] == f"{RELATIVE} 🟢 FAST → 🟡 RELAX"


_times = st.integers(-(10**6), 10**6).map(lambda minutes: NOON + timedelta(minutes=minutes))
_incidents = st.builds(
    IncidentOverview,
    st.just(incident(member(), acknowledged_by=7, muted_by=2**63)),
    readings.map(lambda reading: reading.status),
    st.just(URL),
)
_overviews = st.builds(
    TokenOverview,
    now=st.just(NOON),
    reading=readings,
    seen_at=_times,
    freshness=st.sampled_from(Freshness),
    names=st.dictionaries(st.just(111), names_of_any_sort),
    forecast=st.sampled_from([None, FORECAST, replace(FORECAST, early=True)]),
    uses=st.lists(st.none() | st.floats(0, 1), max_size=28),
    used=st.none() | st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds)),
    incidents=st.lists(_incidents, max_size=20),
    mutes=st.lists(st.builds(MuteOverview, st.none() | st.just(111), _times, st.just(""), st.integers(1, 2**63))),
    changes=st.lists(st.builds(ChangeOverview, _times, st.sampled_from(Mode), st.sampled_from(Mode)), max_size=10),
)


@settings(suppress_health_check=list(HealthCheck))
@given(_overviews)
def test_any_token_makes_a_valid_escaped_card(overview: TokenOverview) -> None:
    embed = token_card(overview)

    check_limits(embed)
    for part in parts_of(embed):
        check_escaped(without_brackets_of_names(re.sub(r"\[alert\]\(https://[a-z.]+/[a-z/0-9]+\)", "", part)))
