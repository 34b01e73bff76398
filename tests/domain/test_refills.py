"""When a plan's fast time refills, and when it refilled before."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.refills import next_refill, refills_between
from bot.domain.subscription import Plan
from bot.imaginepro.text_fields import parse_plan
from tests.clocks import NOON

PERIODS = [None, "monthly", "Monthly", "yearly", "annual", "annually", "weekly", "Weekly", "daily"]
MONTHLY = [period for period in PERIODS if (period or "").lower() != "weekly"]


def day(text: str) -> datetime:
    """Parse `2026-03-02` as that midnight, or with a time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def plan(renews: str, period: str | None = "monthly") -> Plan:
    return Plan(period=period, renews_at=day(renews))


@pytest.mark.parametrize("period", MONTHLY)
def test_fast_time_comes_back_when_the_plan_renews(period: str | None) -> None:
    assert next_refill(plan("2026-03-17T07:52", period), day("2026-03-02")) == day("2026-03-17T07:52")


def test_a_yearly_plan_refills_every_month() -> None:
    yearly = plan("2026-12-17T07:52", "yearly")

    assert next_refill(yearly, day("2026-03-02")) == day("2026-03-17T07:52")
    assert next_refill(yearly, day("2026-03-18")) == day("2026-04-17T07:52")
    assert next_refill(yearly, day("2026-12-17T07:51")) == day("2026-12-17T07:52")


@pytest.mark.parametrize("period", ["weekly", "Weekly"])
def test_a_weekly_plan_refills_every_seven_days(period: str) -> None:
    weekly = plan("2026-03-04T10:00", period)

    assert next_refill(weekly, day("2026-03-02")) == day("2026-03-04T10:00")
    assert next_refill(weekly, day("2026-03-04T10:01")) == day("2026-03-11T10:00")
    assert refills_between(weekly, day("2026-02-11"), day("2026-03-01")) == (
        day("2026-02-11T10:00"),
        day("2026-02-18T10:00"),
        day("2026-02-25T10:00"),
    )


@pytest.mark.parametrize("period", MONTHLY)
def test_a_renewal_that_has_passed_is_followed_by_the_next_ones(period: str | None) -> None:
    assert next_refill(plan("2025-11-17", period), day("2026-03-02")) == day("2026-03-17")


def test_at_the_refill_itself_the_next_one_is_the_one_after() -> None:
    assert next_refill(plan("2026-03-17"), day("2026-03-17")) == day("2026-04-17")
    assert next_refill(plan("2026-03-17", "weekly"), day("2026-03-17")) == day("2026-03-24")


def test_refills_of_the_past_lie_a_month_apart() -> None:
    assert refills_between(plan("2026-03-17T07:52"), day("2025-12-20"), day("2026-03-02")) == (
        day("2026-01-17T07:52"),
        day("2026-02-17T07:52"),
    )


def test_a_window_includes_its_end_but_not_its_start() -> None:
    monthly = plan("2026-03-17")

    assert refills_between(monthly, day("2026-01-17"), day("2026-02-17")) == (day("2026-02-17"),)
    assert refills_between(monthly, day("2026-02-17"), day("2026-02-17")) == ()
    assert refills_between(monthly, day("2026-02-18"), day("2026-01-01")) == ()


def test_missing_days_of_a_month_become_its_last_day() -> None:
    assert refills_between(plan("2026-05-31T12:00"), day("2025-12-01"), day("2026-05-31")) == (
        day("2025-12-31T12:00"),
        day("2026-01-31T12:00"),
        day("2026-02-28T12:00"),
        day("2026-03-31T12:00"),
        day("2026-04-30T12:00"),
    )
    assert next_refill(plan("2027-12-31", "yearly"), day("2028-01-31")) == day("2028-02-29")


@pytest.mark.parametrize("period", PERIODS)
def test_without_a_renewal_nothing_is_known_of_refills(period: str | None) -> None:
    assert next_refill(Plan(period=period), day("2026-03-02")) is None
    assert refills_between(Plan(period=period), day("2025-03-02"), day("2026-03-02")) == ()


@pytest.mark.parametrize("seconds", [0, 1, 10**8, 10**10, 99_999_999_999])
@pytest.mark.parametrize("period", ["monthly", "yearly", "weekly"])
def test_an_implausible_renewal_is_unknown(seconds: int, period: str) -> None:
    absurd = parse_plan(f"Standard (Active {period}, renews next on <t:{seconds}>)")

    assert absurd.renews_at is not None
    assert next_refill(absurd, day("2026-03-02")) is None
    assert refills_between(absurd, day("2025-03-02"), day("2026-03-02")) == ()


@pytest.mark.parametrize("away", [-400, -366, 366, 400])
def test_a_renewal_within_a_year_is_plausible(away: int) -> None:
    now = day("2026-03-02")

    assert next_refill(Plan(renews_at=now + timedelta(days=away)), now) is not None


@pytest.mark.parametrize("away", [-401, 401])
def test_a_renewal_further_away_is_implausible(away: int) -> None:
    now = day("2026-03-02")

    assert next_refill(Plan(renews_at=now + timedelta(days=away)), now) is None


def test_a_window_in_another_zone_has_the_same_refills() -> None:
    monthly = plan("2026-03-31T23:30")
    since, until = day("2026-01-31T23:30"), day("2026-02-28T23:30")
    far_east = [at.astimezone(datetime.fromisoformat("2026-01-01T00:00+14:00").tzinfo) for at in (since, until)]

    assert refills_between(monthly, *far_east) == (until,)
    assert next_refill(monthly, far_east[0]) == until


years = timedelta(days=30 * 365)
times = st.timedeltas(-years, years).map(lambda away: NOON + away)
renewals = st.none() | st.integers(0, 99_999_999_999).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
near = st.timedeltas(timedelta(days=-400), timedelta(days=400))


@given(renewal=renewals, period=st.sampled_from(PERIODS), since=times, until=times)
def test_no_renewal_raises_an_error(
    renewal: datetime | None, period: str | None, since: datetime, until: datetime
) -> None:
    any_plan = Plan(period=period, renews_at=renewal)

    next_refill(any_plan, since)
    refills_between(any_plan, since, until)


@given(now=times, away=near, period=st.sampled_from(PERIODS))
def test_the_next_refill_is_the_first_one_after_now(now: datetime, away: timedelta, period: str | None) -> None:
    any_plan = Plan(period=period, renews_at=now + away)
    refill = next_refill(any_plan, now)

    assert refill is not None
    assert timedelta() < refill - now <= timedelta(days=31)
    assert refills_between(any_plan, now, refill) == (refill,)


@given(now=times, away=near, period=st.sampled_from(PERIODS))
def test_refills_are_a_week_or_a_month_apart(now: datetime, away: timedelta, period: str | None) -> None:
    refills = refills_between(Plan(period=period, renews_at=now + away), now - timedelta(days=400), now)
    days = {(later - earlier).days for earlier, later in pairwise(refills)}

    assert days <= ({7} if (period or "").lower() == "weekly" else {28, 29, 30, 31})
    assert len(refills) >= 13
