"""Conditions of the whole fleet and the account: what confirms them, and what becomes of their incidents."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.account import AccountQuota
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.capacity import Capacity
from bot.domain.condition_updates import inhibit, is_new, lift_inhibition, open_condition, update_condition
from bot.domain.conditions import ConditionState, first_state, next_state, reopened
from bot.domain.incident_actions import acknowledge, close, mute
from bot.domain.incident_updates import IncidentUpdate, UpdateType, remind
from bot.domain.incidents import AffectedToken, CloseReason, Incident
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from tests.clocks import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CAPACITY, CREDITS, PLAN_END = IncidentType.CAPACITY, IncidentType.CREDITS, IncidentType.PLAN_END
NONE, FEW = Capacity(5, 0), Capacity(5, 1, 12 * HOUR)
ENOUGH = Capacity(5, 5, 60 * HOUR)
RULES = Rules(min_fast=2, min_hours=20)
SERVER, MOD = 1, 7


def quota(left: int | None = None, *, extra: int | None = None, ends: timedelta | None = None) -> AccountQuota:
    return AccountQuota(NOON, "STARTER", left, 1000, extra, NOON + ends if ends is not None else None)


def after(
    type_: IncidentType, *looks: Capacity | AccountQuota, state: ConditionState | None = None, rules: Rules = RULES
) -> ConditionState:
    """Return the state after these looks, one a minute; an account is asked again each time."""
    state = state or ConditionState()
    for minutes, figures in enumerate(looks):
        at = NOON + minutes * timedelta(minutes=1)
        state = next_state(type_, state, figures, at, at, rules)
    return state


# --- What confirms them


def test_the_number_in_fast_is_confirmed_token_by_token_and_hours_by_more_readings() -> None:
    low = replace(ENOUGH, usable=HOUR)

    assert after(CAPACITY, NONE).kind is AlertType.NONE_IN_FAST
    assert after(CAPACITY, NONE, ENOUGH).kind is None
    assert after(CAPACITY, low).kind is None
    assert after(CAPACITY, low).is_pending
    assert after(CAPACITY, low, ENOUGH, low).kind is None
    assert after(CAPACITY, low, low).kind is AlertType.FEW_HOURS
    assert after(CAPACITY, low, low, ENOUGH).kind is AlertType.FEW_HOURS
    assert after(CAPACITY, low, low, ENOUGH, ENOUGH).kind is None


def test_an_account_is_judged_by_two_responses() -> None:
    few = quota(50)
    state = after(CREDITS, few)

    assert (state.kind, state.is_pending) == (None, True)
    assert next_state(CREDITS, state, few, NOON, NOON + HOUR, RULES) == state
    assert next_state(CREDITS, state, few, NOON + HOUR, NOON + HOUR, RULES).kind is AlertType.LOW_CREDITS


@pytest.mark.parametrize(
    ("figures", "kind"),
    [
        (quota(99), AlertType.LOW_CREDITS),
        (quota(100), None),
        (quota(0, extra=100), None),
        (quota(0, extra=99), AlertType.LOW_CREDITS),
        (quota(None), None),
        (replace(quota(1), credits_quota=None), None),
        (replace(quota(1), credits_quota=0), None),
    ],
)
def test_credits_are_low_below_a_share_with_the_bought_ones(figures: AccountQuota, kind: AlertType | None) -> None:
    assert after(CREDITS, figures, figures).kind is kind
    assert after(CREDITS, figures, figures, rules=Rules(low_credits=0)).kind is None


def test_credits_are_enough_again_some_points_higher_and_unknown_ones_change_nothing() -> None:
    low = ConditionState(AlertType.LOW_CREDITS)

    assert after(CREDITS, quota(149), quota(149), state=low).kind is AlertType.LOW_CREDITS
    assert after(CREDITS, quota(150), quota(150), state=low).kind is None
    assert after(CREDITS, quota(None), quota(None), state=low) == low


@pytest.mark.parametrize(
    ("left", "kind"),
    [
        (7 * DAY + HOUR, None),
        (7 * DAY, AlertType.PLAN_ENDS),
        (DAY + HOUR, AlertType.PLAN_ENDS),
        (DAY, AlertType.PLAN_ENDS_SOON),
        (-HOUR, AlertType.PLAN_ENDED),
        (None, None),
    ],
)
def test_the_end_of_the_plan_is_near(left: timedelta | None, kind: AlertType | None) -> None:
    figures = quota(ends=left)

    assert after(PLAN_END, figures, figures).kind is kind
    assert after(PLAN_END, figures, figures, rules=Rules(plan_end=False)).kind is None


def test_what_it_is_like_at_first_is_no_change_and_after_a_pause_it_is_one() -> None:
    state = first_state(CAPACITY, NONE, NOON, RULES)
    assert not is_new(state.kind, after(CAPACITY, NONE, state=state).kind)

    again = after(CAPACITY, NONE, state=reopened(state))
    assert is_new(None, again.kind)
    low = reopened(ConditionState(AlertType.LOW_CREDITS, read_at=NOON))
    assert after(CREDITS, quota(1), state=low).kind is AlertType.LOW_CREDITS


# --- Their incidents


def opened(kind: AlertType = AlertType.FEW_IN_FAST, figures: Capacity | AccountQuota = FEW) -> Incident:
    update = open_condition(SERVER, kind, figures, NOON, RULES)
    assert update.type is UpdateType.STARTED
    return replace(update.incident.notified_as(update.incident), id=1)


def updated(
    incident: Incident, kind: AlertType | None, figures: Capacity | AccountQuota, rules: Rules = RULES
) -> IncidentUpdate:
    update = update_condition(incident, kind, figures, NOON + HOUR, rules)
    assert update is not None
    return update


def test_it_pings_again_only_when_it_is_worse_than_ever() -> None:
    incident = acknowledge(mute(opened(), MOD, NOON, lasts=None).incident, MOD, NOON).incident
    worse = updated(incident, AlertType.NONE_IN_FAST, NONE)

    assert (worse.type, worse.incident.has_worsened, worse.incident.is_muted(NOON)) == (
        UpdateType.WORSENED,
        True,
        False,
    )
    assert worse.incident.acknowledged_by is None
    told = worse.incident.notified_as(worse.incident)
    assert not told.has_worsened
    milder = updated(told, AlertType.FEW_IN_FAST, FEW)
    assert (milder.type, milder.incident.has_worsened) == (UpdateType.CHANGED, False)
    assert updated(milder.incident, AlertType.NONE_IN_FAST, NONE).type is UpdateType.CHANGED


def test_it_pings_if_it_is_as_bad_again_as_it_was_before_anybody_was_notified() -> None:
    worse = updated(opened(), AlertType.NONE_IN_FAST, NONE)
    milder = updated(worse.incident, AlertType.FEW_IN_FAST, FEW)
    assert (milder.type, milder.incident.has_worsened) == (UpdateType.CHANGED, False)

    again = updated(milder.incident, AlertType.NONE_IN_FAST, NONE)
    assert (again.type, again.incident.has_worsened) == (UpdateType.WORSENED, True)
    assert updated(again.incident, AlertType.NONE_IN_FAST, replace(NONE, locked=HOUR)).type is UpdateType.REFRESH


def test_it_pings_if_it_is_worse_than_people_know_although_it_was_worse_still_meanwhile() -> None:
    worst = updated(opened(AlertType.FEW_HOURS, FEW), AlertType.NONE_IN_FAST, NONE)
    less_bad = updated(worst.incident, AlertType.FEW_IN_FAST, FEW)
    assert less_bad.incident.has_worsened
    told = less_bad.incident.notified_as(less_bad.incident)
    assert not told.has_worsened
    assert updated(told, AlertType.NONE_IN_FAST, NONE).type is UpdateType.WORSENED


def test_it_is_edited_when_its_figures_read_differently() -> None:
    assert update_condition(opened(), AlertType.FEW_IN_FAST, replace(FEW, usable=12.4 * HOUR), NOON, RULES) is None
    assert updated(opened(), AlertType.FEW_IN_FAST, replace(FEW, usable=11 * HOUR)).type is UpdateType.REFRESH
    low = opened(AlertType.LOW_CREDITS, quota(90))
    later = replace(quota(90), asked_at=NOON + HOUR, expires_at=NOON)
    assert update_condition(low, AlertType.LOW_CREDITS, later, NOON, RULES) is None
    assert updated(low, AlertType.LOW_CREDITS, quota(80)).type is UpdateType.REFRESH


def test_it_ends_when_there_is_enough_and_says_so_if_its_rule_was_switched_off() -> None:
    over = updated(opened(), None, ENOUGH)
    assert (over.type, over.incident.resolved_at, over.incident.close_reason) == (
        UpdateType.RESOLVED,
        NOON + HOUR,
        None,
    )
    assert over.incident.condition is not None
    assert over.incident.condition.capacity == ENOUGH

    off = updated(opened(), None, FEW, Rules(min_fast=0))
    assert (off.type, off.incident.close_reason) == (UpdateType.REFRESH, CloseReason.RULE_OFF)


def test_the_plans_end_itself_pings_nobody() -> None:
    soon = opened(AlertType.PLAN_ENDS_SOON, quota(ends=DAY))

    assert updated(soon, AlertType.PLAN_ENDED, quota(ends=timedelta())).type is UpdateType.CHANGED


def test_an_account_may_stay_as_it_is_so_its_alert_can_be_closed_and_comes_again_if_worse() -> None:
    closed = close(opened(AlertType.PLAN_ENDS, quota(ends=7 * DAY)), MOD, NOON)

    assert closed.incident.closed_by == MOD
    assert not opened().can_be_closed
    assert not is_new(AlertType.PLAN_ENDS, AlertType.PLAN_ENDS)
    assert is_new(AlertType.PLAN_ENDS, AlertType.PLAN_ENDS_SOON)


# --- One cause pings once


def left_fast(kind: AlertType = AlertType.LEFT_FAST, route_token_id: int | None = None) -> IncidentUpdate:
    member = AffectedToken(111, kind, kind, Mode.FAST, Mode.RELAX, NOON)
    incident = Incident(2, SERVER, IncidentType.MODE, NOON, (member,), route_token_id=route_token_id)
    return IncidentUpdate(incident, UpdateType.STARTED)


def test_what_begins_with_an_alert_about_capacity_does_not_ping_besides_it() -> None:
    start = open_condition(SERVER, AlertType.NONE_IN_FAST, NONE, NOON, RULES)
    (inhibited,) = inhibit([left_fast()], start)

    assert not inhibited.incident.pings
    assert start.incident.pings
    assert remind(inhibited.incident, NOON + DAY, RULES) is None


@pytest.mark.parametrize(
    ("update", "capacity"),
    [
        (left_fast(route_token_id=111), open_condition(SERVER, AlertType.NONE_IN_FAST, NONE, NOON, RULES)),
        (left_fast(), open_condition(SERVER, AlertType.FEW_HOURS, FEW, NOON, RULES)),
        (left_fast(), updated(opened(AlertType.NONE_IN_FAST, NONE), AlertType.FEW_IN_FAST, FEW)),
        (
            replace(left_fast(), type=UpdateType.WORSENED),
            open_condition(SERVER, AlertType.NONE_IN_FAST, NONE, NOON, RULES),
        ),
        (left_fast(), None),
    ],
)
def test_anything_else_still_pings(update: IncidentUpdate, capacity: IncidentUpdate | None) -> None:
    assert inhibit([update], capacity) == [update]
    assert update.incident.pings


def test_what_outlasts_it_pings_and_reminds_again_but_not_at_once() -> None:
    inhibited = replace(left_fast().incident, inhibited=True)
    now = NOON + 2 * HOUR
    (refresh,) = lift_inhibition([], [inhibited], now, RULES)

    assert (refresh.type, refresh.incident.pings) == (UpdateType.REFRESH, True)
    assert remind(refresh.incident, now, RULES) is None
    assert remind(refresh.incident, NOON + 6 * HOUR, RULES) is not None
    assert [
        one.incident.inhibited for one in lift_inhibition([replace(refresh, incident=inhibited)], [], now, RULES)
    ] == [False]
