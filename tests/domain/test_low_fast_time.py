"""Low fast time: alerted once per threshold, and again only after hours have returned."""

from dataclasses import replace

import pytest

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.fast_time import FastTime, Unit
from bot.domain.low_fast_time import apply_fast_time, threshold_reached
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.tracking import Change, TokenState, Transition, initial_state
from tests.clocks import NOON
from tests.domain.token_course import HOUR, MINUTE, TOKEN, ServerRun, reading

LOW, VERY_LOW = AlertType.LOW, AlertType.VERY_LOW
STARTED, CHANGED, RESOLVED = Transition.STARTED, Transition.CHANGED, Transition.RESOLVED
FULL = TokenState(TOKEN, Mode.FAST, NOON)
UNKNOWN = None


def spend(*percents: float | None, state: TokenState = FULL, rules: Rules | None = None) -> list[tuple[int, Change]]:
    """Read the token once a minute with these percentages left. Return the changes, and which reading confirmed
    them.
    """
    changes = []
    for number, percent in enumerate(percents, 1):
        now = NOON + number * MINUTE
        state, change = apply_fast_time(state, reading(Mode.FAST, now, percent=percent), now, rules or Rules())
        changes += [(number, change)] if change is not None else []
    return changes


def alerted(*percents: float | None, rules: Rules | None = None) -> list[tuple[int, Transition, AlertType | None]]:
    return [(number, change.transition, change.low) for number, change in spend(*percents, rules=rules)]


@pytest.mark.parametrize(
    ("percent", "mark"),
    [(None, None), (100, None), (20.01, None), (20, LOW), (5.01, LOW), (5, VERY_LOW), (0, VERY_LOW), (150, None)],
)
def test_a_threshold_is_reached_at_its_percentage(percent: float | None, mark: AlertType | None) -> None:
    assert threshold_reached(reading(Mode.FAST, NOON, percent=percent), Rules()) is mark


def test_without_a_total_there_is_no_threshold() -> None:
    no_total = Reading(TOKEN, NOON, status="FAST", fast_time=FastTime(MINUTE, None, Unit.MINUTES))

    assert threshold_reached(no_total, Rules()) is None


def test_low_fast_time_is_alerted_once_per_threshold() -> None:
    assert alerted(30, 20, 19, 18, 6, 5, 4, 3, 0, 0) == [(3, STARTED, LOW), (7, CHANGED, VERY_LOW)]


def test_a_fall_below_both_thresholds_is_alerted_once() -> None:
    assert alerted(30, 4, 3, 2, 1) == [(3, STARTED, VERY_LOW)]


def test_a_change_of_fast_time_has_all_an_alert_needs() -> None:
    assert spend(20, 19) == [
        (2, Change(STARTED, TOKEN, Mode.FAST, Mode.FAST, NOON + 2 * MINUTE, low=LOW, type=IncidentType.LOW_FAST_TIME))
    ]


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_low_fast_time_needs_as_many_readings_as_leaving_fast(needed: int) -> None:
    assert alerted(*[10] * 5, rules=Rules(confirm_leaving=needed)) == [(needed, STARTED, LOW)]


def test_one_outlier_causes_no_alert() -> None:
    assert alerted(80, 3, 80, 3, 80) == []
    assert alerted(80, 10, 10, 3, 10, 3, 10, 90, 10) == [(3, STARTED, LOW)]


@pytest.mark.parametrize("state", [FULL, replace(FULL, low=LOW), replace(FULL, low=VERY_LOW, low_readings=1)])
def test_an_unknown_fast_time_changes_nothing(state: TokenState) -> None:
    assert apply_fast_time(state, reading(Mode.FAST, NOON), NOON, Rules()) == (state, None)
    assert alerted(80, 10, UNKNOWN, UNKNOWN, 10) == [(5, STARTED, LOW)]


@pytest.mark.parametrize("mode", [mode for mode in [*Mode, None] if mode is not Mode.FAST])
@pytest.mark.parametrize("percent", [0, 10])
def test_only_a_token_in_fast_is_alerted_as_low(mode: Mode | None, percent: float) -> None:
    for state in (FULL, replace(FULL, low_readings=1), replace(FULL, low=LOW, low_readings=1)):
        after, change = apply_fast_time(state, reading(mode, NOON, percent=percent), NOON, Rules())
        assert (after.low, change) == (state.low, None)


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode not in {Mode.FAST, Mode.GONE}])
def test_hours_also_return_to_a_token_that_is_out_of_fast(mode: Mode) -> None:
    low = replace(FULL, low=LOW, low_readings=1)
    state, change = apply_fast_time(low, reading(mode, NOON, percent=100), NOON, Rules())

    assert change is not None
    assert (change.transition, change.low, state.low) == (RESOLVED, LOW, None)


@pytest.mark.parametrize("mode", [None, Mode.GONE])
def test_a_token_without_a_status_or_off_the_list_says_nothing_of_its_hours(mode: Mode | None) -> None:
    low = replace(FULL, low=LOW, low_readings=1)

    assert apply_fast_time(low, reading(mode, NOON, percent=100), NOON, Rules()) == (low, None)


def test_it_is_alerted_again_only_after_hours_have_returned() -> None:
    assert alerted(19, 19, 24, 24, 19, 19) == [(2, STARTED, LOW)]
    assert alerted(19, 19, 25, 25, 19, 19) == [(2, STARTED, LOW), (4, RESOLVED, LOW), (6, STARTED, LOW)]
    assert alerted(4, 4, 25, 24, 25, 25) == [(2, STARTED, VERY_LOW), (6, RESOLVED, VERY_LOW)]


def test_a_few_more_hours_at_a_threshold_are_no_return() -> None:
    assert alerted(4, 4, 6, 6, 4, 4, 19, 21, 19, 4) == [(2, STARTED, VERY_LOW)]


def test_hours_have_returned_above_the_higher_threshold() -> None:
    rules = Rules(low=10, very_low=30)

    assert alerted(29, 29, 34, 34, 35, 35, rules=rules) == [(2, STARTED, VERY_LOW), (6, RESOLVED, VERY_LOW)]


def test_a_threshold_of_zero_is_off() -> None:
    assert alerted(100, 0, 0, 0, rules=Rules(low=0, very_low=0)) == []
    assert alerted(100, 0, 0, 0, rules=Rules(very_low=0)) == [(3, STARTED, LOW)]
    assert alerted(100, 10, 10, 4, 4, rules=Rules(low=0)) == [(5, STARTED, VERY_LOW)]


def test_the_confirmed_mode_is_left_alone() -> None:
    state = replace(initial_state(TOKEN, Mode.RELAX, NOON), incident_since=NOON)
    after, _ = apply_fast_time(state, reading(Mode.FAST, NOON, percent=50), NOON + HOUR, Rules())

    assert after == state


def test_an_open_alert_is_not_called_over_when_its_rule_is_switched_off() -> None:
    low = replace(FULL, low=LOW)
    off = Rules(low=0, very_low=0)

    assert spend(13, 13, 24, 24, state=low, rules=off) == []
    assert [change.transition for _, change in spend(13, 25, 25, state=low, rules=off)] == [RESOLVED]


def test_the_alert_ends_with_a_token_that_is_no_longer_listed() -> None:
    run = ServerRun()
    run.read([reading(Mode.FAST, NOON, percent=50)], NOON)
    for number in (1, 2):
        run.read([reading(Mode.FAST, NOON + number * MINUTE, percent=13)], NOON + number * MINUTE)
    for number in (3, 4):
        run.read([reading(Mode.GONE, NOON + number * MINUTE, percent=13)], NOON + number * MINUTE)

    low, gone = run.incidents.values()
    assert (low.type, low.resolved_at) == (IncidentType.LOW_FAST_TIME, NOON + 3 * MINUTE)
    assert low.members[0].ended_unlisted
    assert (gone.type, gone.kind, gone.is_open) == (IncidentType.MODE, AlertType.NOT_LISTED, True)
    assert not gone.members[0].ended_unlisted
    assert run.states[TOKEN].low is None
    assert run.round({TOKEN: Mode.GONE}) == []


def test_a_token_that_is_listed_again_and_still_low_is_alerted_again() -> None:
    gone = replace(FULL, mode=Mode.GONE, low=LOW)
    state, _ = apply_fast_time(gone, reading(Mode.GONE, NOON, percent=13), NOON, Rules())

    assert [change.transition for _, change in spend(13, 13, state=replace(state, mode=Mode.FAST))] == [STARTED]
