"""Capacity: how many tokens are in FAST, what they have left, and when that is too little."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType, severity
from bot.domain.capacity import ABOUT_FAST, Capacity, capacity_problem, measure_capacity
from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from tests.clocks import NOON

HOUR = timedelta(hours=1)
KINDS = [kind for kind, policy in ALERT_POLICIES.items() if policy.type is IncidentType.CAPACITY]
capacities = st.builds(
    Capacity,
    tokens=st.just(6),
    in_fast=st.integers(0, 3),
    usable=st.integers(0, 50).map(HOUR.__mul__),
    unread=st.integers(0, 3),
    unknown_left=st.integers(0, 2),
)
any_rules = st.builds(Rules, min_fast=st.integers(0, 7), min_hours=st.integers(0, 60))


def reading(token_id: int, left: float | None = 12) -> Reading:
    fast_time = FastTime(left * HOUR, 15 * HOUR, Unit.HOURS) if left is not None else None
    return Reading(token_id, NOON, status="FAST", fast_time=fast_time)


def test_usable_hours_are_those_of_tokens_in_fast_and_locked_ones_need_a_person() -> None:
    modes = dict(enumerate([Mode.FAST, Mode.FAST, Mode.RELAX, Mode.BANNED, Mode.VERIFYING, Mode.OFF, Mode.GONE]))
    readings = {token_id: reading(token_id) for token_id in modes} | {1: reading(1, None)}

    assert measure_capacity(modes, readings, frozenset()) == Capacity(6, 2, 12 * HOUR, 36 * HOUR, unknown_left=1)


def test_tokens_that_were_not_read_are_counted_apart() -> None:
    modes = {1: Mode.FAST, 2: Mode.FAST, 3: Mode.BANNED}

    assert measure_capacity(modes, {1: reading(1)}, {2, 3}) == Capacity(3, 1, 12 * HOUR, unread=2)


@pytest.mark.parametrize(
    ("capacity", "rules", "problem"),
    [
        (Capacity(5, 1, HOUR), Rules(), None),
        (Capacity(5, 0), Rules(), AlertType.NONE_IN_FAST),
        (Capacity(5, 0), Rules(min_fast=0), None),
        (Capacity(5, 2, HOUR), Rules(min_fast=3), AlertType.FEW_IN_FAST),
        (Capacity(5, 0), Rules(min_fast=3), AlertType.NONE_IN_FAST),
        (Capacity(5, 5, 9 * HOUR), Rules(min_hours=10), AlertType.FEW_HOURS),
        (Capacity(5, 5, 10 * HOUR), Rules(min_hours=10), None),
        # The alert about its only token says it.
        (Capacity(1, 0), Rules(), None),
        (Capacity(1, 1, HOUR), Rules(min_hours=10), AlertType.FEW_HOURS),
        (Capacity(0, 0), Rules(min_hours=10), None),
        # What was not read may be in FAST, with any number of hours.
        (Capacity(5, 0, unread=1), Rules(), None),
        (Capacity(5, 0, unread=1), Rules(min_fast=2), AlertType.FEW_IN_FAST),
        (Capacity(5, 5, HOUR, unknown_left=1), Rules(min_hours=10), None),
    ],
)
def test_what_is_too_little(capacity: Capacity, rules: Rules, problem: AlertType | None) -> None:
    assert capacity_problem(capacity, rules, None) is problem


def test_an_alert_stays_when_only_one_token_of_the_fleet_is_left() -> None:
    assert capacity_problem(Capacity(1, 0), Rules(), AlertType.NONE_IN_FAST) is AlertType.NONE_IN_FAST
    assert capacity_problem(Capacity(1, 1, HOUR), Rules(), AlertType.NONE_IN_FAST) is None


def rank(kind: AlertType | None) -> int:
    return severity(kind) if kind is not None else 0


@given(capacity=capacities, rules=any_rules, before=st.none() | st.sampled_from(KINDS))
def test_what_was_not_read_neither_starts_nor_ends_an_alert(
    capacity: Capacity, rules: Rules, before: AlertType | None
) -> None:
    """Whatever the unread tokens turn out to be: it is no worse than the worst, and no better than the best of it."""
    settled = replace(capacity, unread=0, unknown_left=0)
    plenty = settled.usable + 1000 * HOUR if capacity.unread or capacity.unknown_left else settled.usable
    best = replace(settled, in_fast=capacity.in_fast + capacity.unread, usable=plenty)
    found = capacity_problem(capacity, rules, before)

    assert rank(capacity_problem(best, rules, before)) <= rank(found) <= rank(capacity_problem(settled, rules, before))
    if found is not before:
        limits = {capacity_problem(one, rules, before) for one in (best, settled)}
        assert found in limits


def test_figures_are_rounded_down() -> None:
    assert Capacity(1, 1, 2.9 * HOUR, HOUR / 2).rounded == Capacity(1, 1, 2 * HOUR)
    in_minutes = Capacity(1, 1, timedelta(minutes=59), unit=Unit.MINUTES)
    assert in_minutes.rounded.usable == timedelta(minutes=55)


def test_every_kind_is_about_fast_or_about_hours() -> None:
    assert {*KINDS} - ABOUT_FAST == {AlertType.FEW_HOURS}
