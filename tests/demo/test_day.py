"""The demo's day holds its invariants at every simulated minute."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.demo.scenario import SimulatedToken, Simulation
from bot.demo.scenarios.day import (
    DAY,
    HEALTHY_TOKEN,
    RELAXED_TOKEN,
    TOKEN_IN_MINUTES,
    TOKEN_RUNNING_OUT,
    TOKEN_VERIFYING,
    VERIFICATION_REMARK,
)
from bot.domain.fast_time import FastTime, Unit
from bot.imaginepro.text_fields import parse_fast_time, parse_plan

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SIMULATION = Simulation(DAY, BEGAN)
TOKENS = (HEALTHY_TOKEN, TOKEN_IN_MINUTES, RELAXED_TOKEN, TOKEN_RUNNING_OUT, TOKEN_VERIFYING)


def token_after(token_id: int, minutes: float) -> SimulatedToken:
    fleet = SIMULATION.fleet(BEGAN + timedelta(minutes=minutes))
    return next(token for token in fleet if token.token_id == token_id)


def fast_time_after(token_id: int, minutes: float) -> FastTime:
    fast_time = parse_fast_time(token_after(token_id, minutes).fast_time_remaining)
    assert fast_time is not None
    return fast_time


def turns(token_id: int, until_minute: int) -> Iterator[tuple[float, str]]:
    """Yield each minute at which the status differs from ten seconds before, and the new status."""
    tenths = [second / 60 for second in range(0, until_minute * 60, 10)]
    for before, after in pairwise(tenths):
        status = token_after(token_id, after).status
        if status != token_after(token_id, before).status:
            yield after, status


def test_the_fleet_is_five_tokens_on_four_plans() -> None:
    fleet = SIMULATION.fleet(BEGAN)

    assert tuple(token.token_id for token in fleet) == TOKENS
    assert [parse_plan(token.subscription).name for token in fleet] == ["Standard", "Basic", "Standard", "Pro", "Mega"]


@pytest.mark.parametrize(
    ("token_id", "line"),
    [
        (HEALTHY_TOKEN, "12.40/15.0 hours (82.67%)"),
        (TOKEN_IN_MINUTES, "199.00/200.0 minutes (99.50%)"),
        (RELAXED_TOKEN, "0.00/15.0 hours (0.00%)"),
        (TOKEN_RUNNING_OUT, "0.05/30.0 hours (0.17%)"),
        (TOKEN_VERIFYING, "42.00/60.0 hours (70.00%)"),
    ],
)
def test_fast_time_is_written_as_the_documentation_prints_it(token_id: int, line: str) -> None:
    assert token_after(token_id, 0).fast_time_remaining == line


def test_a_subscription_is_written_as_the_documentation_prints_it() -> None:
    renewal = int((BEGAN + timedelta(days=9)).timestamp())

    assert token_after(RELAXED_TOKEN, 0).subscription == f"Standard (Active monthly, renews next on <t:{renewal}>)"


def test_one_token_is_billed_yearly_and_works_in_stealth() -> None:
    token = token_after(TOKEN_RUNNING_OUT, 0)

    assert parse_plan(token.subscription).period == "yearly"
    assert token.visibility_mode == "Stealth"


@pytest.mark.parametrize("token_id", [HEALTHY_TOKEN, TOKEN_IN_MINUTES])
def test_the_healthy_tokens_stay_in_fast_and_slowly_use_up_their_time(token_id: int) -> None:
    days = [fast_time_after(token_id, day * 24 * 60).left for day in range(23)]

    assert all(later < earlier for earlier, later in pairwise(days))
    assert days[-1] > timedelta()
    assert list(turns(token_id, until_minute=120)) == []
    assert token_after(token_id, 0).status == "FAST"


def test_fast_time_is_full_again_when_the_plan_renews() -> None:
    renewal = 23.5 * 24 * 60

    assert fast_time_after(HEALTHY_TOKEN, renewal - 1).share == pytest.approx(0.2, abs=0.01)
    assert fast_time_after(HEALTHY_TOKEN, renewal).share == 1


def test_the_small_plan_counts_in_minutes() -> None:
    assert fast_time_after(TOKEN_IN_MINUTES, 0).unit is Unit.MINUTES


def test_one_token_is_in_relax_without_fast_time_and_stays_there() -> None:
    assert token_after(RELAXED_TOKEN, 0).status == "RELAX"
    assert list(turns(RELAXED_TOKEN, until_minute=120)) == []
    assert fast_time_after(RELAXED_TOKEN, 120).left == timedelta()


def test_one_token_runs_out_and_recovers_repeatedly() -> None:
    assert token_after(TOKEN_RUNNING_OUT, 0).status == "FAST"
    assert list(turns(TOKEN_RUNNING_OUT, until_minute=75)) == [
        (4, "RELAX"),
        (12, "FAST"),
        (29, "RELAX"),
        (37, "FAST"),
        (54, "RELAX"),
        (62, "FAST"),
    ]


@pytest.mark.parametrize("cycle", [0, 25, 50])
def test_fast_time_runs_out_a_minute_before_the_status_changes(cycle: int) -> None:
    assert fast_time_after(TOKEN_RUNNING_OUT, cycle + 2).left > timedelta()
    assert fast_time_after(TOKEN_RUNNING_OUT, cycle + 3).left == timedelta()
    assert token_after(TOKEN_RUNNING_OUT, cycle + 3.9).status == "FAST"


@pytest.mark.parametrize("cycle", [0, 25, 50])
def test_bought_hours_end_the_run_out(cycle: int) -> None:
    assert fast_time_after(TOKEN_RUNNING_OUT, cycle + 11.9).left == timedelta()
    assert fast_time_after(TOKEN_RUNNING_OUT, cycle + 12).left == timedelta(hours=1)


def test_one_token_is_verified_and_recovers_repeatedly() -> None:
    assert token_after(TOKEN_VERIFYING, 0).status == "FAST"
    assert list(turns(TOKEN_VERIFYING, until_minute=75)) == [
        (18, "VERIFYING"),
        (24, "FAST"),
        (43, "VERIFYING"),
        (49, "FAST"),
        (68, "VERIFYING"),
        (74, "FAST"),
    ]


def test_a_token_in_verification_says_what_is_required_and_only_then() -> None:
    assert token_after(TOKEN_VERIFYING, 17.9).remark == ""
    assert token_after(TOKEN_VERIFYING, 18).remark == VERIFICATION_REMARK
    assert token_after(TOKEN_VERIFYING, 24).remark == ""


def test_the_two_failing_tokens_never_fail_at_once() -> None:
    for minute in range(200):
        statuses = {token_after(token_id, minute).status for token_id in (TOKEN_RUNNING_OUT, TOKEN_VERIFYING)}
        assert "FAST" in statuses
