"""The account: its credits, and when it expires."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.account import AccountQuota
from bot.ui.account import account_words
from tests.clocks import NOON

DAY = timedelta(days=1)
ENDS = NOON + 30 * DAY
ALL = AccountQuota(NOON, "STARTER", credits=1240, credits_quota=1600, credits_extra=1000, expires_at=ENDS)


def stamps(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:D>, <t:{int(at.timestamp())}:R>"


def test_the_account_is_two_lines() -> None:
    assert account_words(ALL, NOON) == f"1,240 of 1,600 credits left, 1,000 extra\nends {stamps(ENDS)}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"credits_extra": None}, "1,240 of 1,600 credits left"),
        ({"credits_extra": 0}, "1,240 of 1,600 credits left"),
        ({"credits": 0}, "0 of 1,600 credits left, 1,000 extra"),
        ({"credits_quota": None}, "1,240 credits left, 1,000 extra"),
        ({"credits": None}, "1,600 credits per period, 1,000 extra"),
        ({"credits": None, "credits_quota": None}, "1,000 extra credits"),
        ({"credits": None, "credits_quota": None, "credits_extra": None}, ""),
    ],
)
def test_unknown_values_are_left_out(changes: dict[str, int | None], words: str) -> None:
    figures = replace(ALL, expires_at=None, **changes)  # type: ignore[arg-type]

    assert account_words(figures, NOON) == words


def test_the_account_is_omitted_without_data() -> None:
    assert account_words(None, NOON) == ""
    assert account_words(AccountQuota(NOON - 9 * DAY, "STARTER"), NOON) == ""


@pytest.mark.parametrize(
    ("ends_in", "words"),
    [
        (7 * DAY + timedelta(seconds=1), "ends {}"),
        (7 * DAY, "⚠️ ends {}"),
        (timedelta(seconds=1), "⚠️ ends {}"),
        (timedelta(), "⚠️ ended {}"),
        (-DAY, "⚠️ ended {}"),
    ],
)
def test_an_expiry_within_a_week_has_a_warning_sign(ends_in: timedelta, words: str) -> None:
    figures = AccountQuota(NOON, expires_at=NOON + ends_in)

    assert account_words(figures, NOON) == words.format(stamps(NOON + ends_in))


def test_a_quota_over_two_hours_old_shows_its_age() -> None:
    assert "as of" not in account_words(ALL, NOON + timedelta(hours=2))
    assert account_words(ALL, NOON + timedelta(hours=2, seconds=1)).splitlines()[-1] == (
        f"as of <t:{int(NOON.timestamp())}:R>"
    )


def test_the_plans_name_is_not_shown() -> None:
    assert "@everyone" not in account_words(replace(ALL, plan="@everyone"), NOON)


numbers = st.none() | st.integers(-(10**12), 10**12)


@given(figures=st.builds(AccountQuota, st.just(NOON), st.text(), numbers, numbers, numbers, st.none() | st.just(ENDS)))
def test_any_account_text_is_short(figures: AccountQuota) -> None:
    assert len(account_words(figures, NOON + DAY)) < 300
