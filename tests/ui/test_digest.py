"""What a digest says."""

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


def pace(gone_at: datetime | None) -> BurnRate:
    return BurnRate(HOUR, gone_at)


def outlook(gone_at: datetime | None, refill_at: datetime | None) -> Forecast:
    return Forecast(NOON, 5 * HOUR, 0.3, refill_at, early=False, week=pace(gone_at), recent=pace(NOON + DAY))


def test_it_says_of_which_time_it_tells() -> None:
    since, until = (int(time.timestamp()) for time in (WEEK.since, WEEK.until))

    assert digest_words(WEEK) == f"📊 The tokens from <t:{since}:f> to <t:{until}:f>."


def test_a_token_is_a_line_with_all_that_there_is_to_say() -> None:
    gone_at = NOON + 3 * DAY
    token = replace(WELL, out=200 * timedelta(minutes=1), incidents=2, forecast=outlook(gone_at, None))

    assert lines(token) == [
        f"🟢 **111**: 12.4 h used · 3 h 20 min out of FAST · 2 incidents · runs out <t:{int(gone_at.timestamp())}:D>"
    ]


def test_what_there_is_none_of_is_left_out() -> None:
    assert lines(replace(WELL, used=timedelta(), incidents=1)) == ["🟢 **111**: 0.0 h used · 1 incident"]
    assert lines(replace(WELL, used=None)) == ["🟢 **111**: use unknown"]
    assert lines() == ["No tokens."]


def test_a_small_plan_counts_in_minutes() -> None:
    assert lines(replace(WELL, unit=Unit.MINUTES, used=1.5 * HOUR)) == ["🟢 **111**: 90 min used"]


def test_fast_time_that_comes_back_before_it_is_gone_lasts() -> None:
    for forecast in (outlook(NOON + 3 * DAY, NOON + 2 * DAY), outlook(None, NOON + 2 * DAY), outlook(None, None)):
        assert lines(replace(WELL, forecast=forecast)) == ["🟢 **111**: 12.4 h used · enough left"]
    (gone,) = lines(replace(WELL, forecast=outlook(NOON + 2 * DAY, NOON + 3 * DAY)))
    assert gone.endswith(f"runs out <t:{int((NOON + 2 * DAY).timestamp())}:D>")


def test_a_token_is_called_by_its_name_which_has_no_power() -> None:
    embed = digest_embed(digest(WELL), None, {111: "*Anna* @everyone"}, NOON)

    assert (embed.description or "").startswith("🟢 **111 (\\*Anna\\* @\u2060everyone)**: ")


def test_of_many_tokens_the_first_fifteen_are_named() -> None:
    shown = lines(*(replace(WELL, token_id=number, used=number * HOUR) for number in range(1, 21)))

    assert [line.split("**")[1] for line in shown[:-1]] == [str(number) for number in range(20, 5, -1)]
    assert shown[-1] == "and 5 more"
    assert len(lines(*(replace(WELL, token_id=number) for number in range(15)))) == 15


def test_tokens_that_could_not_be_counted_are_not_hushed_up() -> None:
    assert lines(WELL, uncounted=7)[-1] == "Tokens left out because counting them would have taken too long: 7."


def test_all_together_are_added_up() -> None:
    tokens = (replace(WELL, out=HOUR), replace(WELL, token_id=222, mode=Mode.RELAX, used=HOUR, out=HOUR))

    assert field("Total", digest(*tokens, incidents=3, outages=2)) == (
        "13.4 h of fast time used\n2 h out of FAST\n3 incidents\ntimes ImaginePro did not respond: 2"
    )
    assert field("Now", digest(*tokens)) == "🟢 1 FAST, 🟡 1 RELAX"
    assert field("Now", digest()) is None


def test_a_quiet_week_says_so() -> None:
    assert field("Total", digest(WELL)) == "12.4 h of fast time used\nnever out of FAST\nno incidents"


def test_a_fleet_of_small_plans_counts_in_minutes_and_a_mixed_one_in_hours() -> None:
    small = replace(WELL, unit=Unit.MINUTES, used=90 * timedelta(minutes=1))

    assert (field("Total", digest(small)) or "").startswith("90 min of")
    assert (field("Total", digest(small, replace(WELL, token_id=222))) or "").startswith("13.9 h of")


def test_what_is_known_of_the_account_is_said_too() -> None:
    assert field("ImaginePro account", digest(WELL)) is None
    assert field("ImaginePro account", digest(WELL), AccountQuota(NOON, credits=7)) == "7 credits left"


times = st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds))
moments = st.none() | times.map(lambda time: NOON + time)
forecasts = st.builds(outlook, moments, moments)
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
def test_whatever_is_counted_it_fits_into_discord_and_has_no_power(
    tokens: list[TokenDigest], name: str, uncounted: int
) -> None:
    names = {token.token_id: name for token in tokens}
    embed = digest_embed(digest(*tokens, uncounted=uncounted), None, names, NOON)

    check_limits(embed)
    for part in parts_of(embed):
        check_escaped(_without_names(part))


def _without_names(part: str) -> str:
    """Take the brackets around names away, which are ours."""
    return part.replace(" (", " ").replace(")**", "**")
