"""The text of a digest."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.account import AccountQuota
from bot.domain.digests import Digest, Period, TokenDigest, sort_tokens
from bot.domain.fast_time import Unit
from bot.domain.forecast import BurnRate, Forecast
from bot.domain.modes import Mode
from bot.ui import formatting
from bot.ui.digest import digest_embed, digest_words
from tests.clocks import NOON
from tests.ui.hostile import texts_of_any_sort
from tests.ui.limits import check_escaped, check_limits, parts_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = Period(NOON - 7 * DAY, NOON)
WELL = TokenDigest(111, Mode.FAST, Unit.HOURS, 12.44 * HOUR, timedelta(), 0, None)


def digest(*tokens: TokenDigest, **others: int) -> Digest:
    counted = {"incidents": 0, "outages": 0} | others
    return Digest(WEEK, sort_tokens(tokens), **counted)


def lines(*tokens: TokenDigest, **others: int) -> list[str]:
    return (digest_embed(digest(*tokens, **others), None, {}, NOON).description or "").splitlines()


def field(name: str, shown: Digest, figures: AccountQuota | None = None) -> str | None:
    embed = digest_embed(shown, figures, {}, NOON)
    return next((field.value for field in embed.fields if field.name == name), None)


def rate(gone_at: datetime | None) -> BurnRate:
    return BurnRate(HOUR, gone_at)


def run_out(gone_at: datetime | None, refill_at: datetime | None) -> Forecast:
    return Forecast(NOON, 5 * HOUR, 0.3, refill_at, early=False, week=rate(gone_at), recent=rate(NOON + DAY))


def test_it_names_its_period() -> None:
    since, until = (int(time.timestamp()) for time in (WEEK.since, WEEK.until))

    assert digest_words(WEEK) == f"📊 The tokens from <t:{since}:f> to <t:{until}:f>."


def test_a_token_is_a_line_with_everything_about_it() -> None:
    gone_at = NOON + 3 * DAY
    token = replace(WELL, out=200 * timedelta(minutes=1), incidents=2, forecast=run_out(gone_at, None))

    assert lines(token) == [
        f"🟢 **111**: 12.4 h used · 3 h 20 min out of FAST · 2 incidents · runs out <t:{int(gone_at.timestamp())}:D>"
    ]


def test_empty_parts_are_left_out() -> None:
    assert lines(replace(WELL, used=timedelta(), incidents=1)) == ["🟢 **111**: 0 h used · 1 incident"]
    assert lines(replace(WELL, used=None)) == ["🟢 **111**: use unknown"]
    assert lines() == ["No tokens."]


def test_a_small_plan_counts_in_minutes() -> None:
    assert lines(replace(WELL, unit=Unit.MINUTES, used=1.5 * HOUR)) == ["🟢 **111**: 90 min used"]


def test_fast_time_that_refills_before_running_out_lasts() -> None:
    for forecast in (run_out(NOON + 3 * DAY, NOON + 2 * DAY), run_out(None, NOON + 2 * DAY), run_out(None, None)):
        assert lines(replace(WELL, forecast=forecast)) == ["🟢 **111**: 12.4 h used · enough left"]
    (gone,) = lines(replace(WELL, forecast=run_out(NOON + 2 * DAY, NOON + 3 * DAY)))
    assert gone.endswith(f"runs out <t:{int((NOON + 2 * DAY).timestamp())}:D>")


def test_hours_return_is_said_where_they_are_missed() -> None:
    returns_at = NOON + 3 * DAY
    returns = f" · hours return <t:{int(returns_at.timestamp())}:D>"
    short = run_out(NOON + 2 * DAY, returns_at)
    relaxed, scarce, enough, banned = (
        replace(WELL, returns_at=returns_at, mode=mode, forecast=forecast)
        for mode, forecast in (
            (Mode.RELAX, None),
            (Mode.FAST, short),
            (Mode.FAST, run_out(None, returns_at)),
            (Mode.BANNED, None),
        )
    )

    shown = [lines(one)[0].endswith(returns) for one in (relaxed, scarce, enough, banned)]
    assert shown == [True, True, False, False]


def test_used_fast_time_of_less_than_an_hour_is_in_minutes() -> None:
    assert lines(replace(WELL, used=0.28 * HOUR)) == ["🟢 **111**: 17 min used"]


def test_a_token_has_its_escaped_name() -> None:
    embed = digest_embed(digest(WELL), None, {111: "*Anna* @everyone"}, NOON)

    assert (embed.description or "").startswith("🟢 **\\*Anna\\* @\u2060everyone (111)**: ")


def test_the_first_fifteen_tokens_are_listed() -> None:
    shown = lines(*(replace(WELL, token_id=number, used=number * HOUR) for number in range(1, 21)))

    assert [line.split("**")[1] for line in shown[:-1]] == [str(number) for number in range(20, 5, -1)]
    assert shown[-1] == "and 5 more"
    assert len(lines(*(replace(WELL, token_id=number) for number in range(15)))) == 15


def test_uncounted_tokens_are_mentioned() -> None:
    assert lines(WELL, uncounted=7)[-1] == "Tokens left out because counting them would have taken too long: 7."


def test_the_totals_are_summed() -> None:
    tokens = (replace(WELL, out=HOUR), replace(WELL, token_id=222, mode=Mode.RELAX, used=HOUR, out=HOUR))

    assert field("Total", digest(*tokens, incidents=3, outages=2)) == (
        "13.4 h of fast time used\n2 tokens out of FAST, for 2 h in total\n3 new incidents\n"
        "times without token status: 2"
    )
    assert field("Now", digest(*tokens)) == "🟢 1 FAST, 🟡 1 RELAX"
    assert field("Now", digest()) is None


def test_a_quiet_week_says_so() -> None:
    assert field("Total", digest(WELL)) == "12.4 h of fast time used\nnever out of FAST\nno new incidents"


def test_a_token_that_is_out_since_before_the_period_does_not_contradict_the_incidents() -> None:
    banned = replace(WELL, mode=Mode.BANNED, used=timedelta(), out=7 * DAY)

    assert lines(banned) == ["🔴 **111**: 0 h used · out of FAST all the time"]
    assert field("Total", digest(banned, from_before=1)) == (
        "0 h of fast time used\n1 token out of FAST, for 7 d\nno new incidents, 1 from before"
    )
    assert (field("Total", digest(banned, incidents=1)) or "").endswith("\n1 new incident")


def test_a_fleet_of_small_plans_counts_in_minutes_and_a_mixed_one_in_hours() -> None:
    small = replace(WELL, unit=Unit.MINUTES, used=90 * timedelta(minutes=1))

    assert (field("Total", digest(small)) or "").startswith("90 min of")
    assert (field("Total", digest(small, replace(WELL, token_id=222))) or "").startswith("13.9 h of")


def test_the_account_is_mentioned_too() -> None:
    assert field("ImaginePro account", digest(WELL)) is None
    assert field("ImaginePro account", digest(WELL), AccountQuota(NOON, credits=7)) == "7 credits left"


times = st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds))
moments = st.none() | times.map(lambda time: NOON + time)
forecasts = st.builds(run_out, moments, moments)
tokens = st.builds(
    TokenDigest,
    st.integers(1, 2**63 - 1),
    st.sampled_from(Mode),
    st.sampled_from(Unit),
    st.none() | times,
    times,
    st.integers(0, 10**6),
    st.none() | forecasts,
)


@given(
    tokens=st.lists(tokens, max_size=40),
    name=texts_of_any_sort.map(lambda text: text[: formatting.MAX_NAME_LENGTH]).filter(bool),
    uncounted=st.integers(0, 10**6),
)
def test_any_digest_is_valid_and_escaped(tokens: list[TokenDigest], name: str, uncounted: int) -> None:
    names = {token.token_id: name for token in tokens}
    embed = digest_embed(digest(*tokens, uncounted=uncounted), None, names, NOON)

    check_limits(embed)
    for part in parts_of(embed):
        check_escaped(_without_names(part))


def _without_names(part: str) -> str:
    """Remove our own brackets around names."""
    return part.replace(" (", " ").replace(")**", "**")
