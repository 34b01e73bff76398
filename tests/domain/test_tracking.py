"""What is confirmed after a sequence of readings, and what is alerted."""

from datetime import timedelta

import pytest

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.tracking import Change, TokenState, Transition, apply_reading, initial_state
from tests.clocks import NOON
from tests.domain.token_course import MINUTE, TOKEN, reading

FAST, RELAX, VERIFYING, BANNED = Mode.FAST, Mode.RELAX, Mode.VERIFYING, Mode.BANNED
OFF, GONE, OTHER = Mode.OFF, Mode.GONE, Mode.OTHER
STARTED, CHANGED, RESOLVED = Transition.STARTED, Transition.CHANGED, Transition.RESOLVED


def watch(first: Mode, *modes: Mode | None, rules: Rules | None = None) -> tuple[TokenState, list[Change]]:
    """Read a token first at noon, then once a minute."""
    state, changes = initial_state(TOKEN, first, NOON), []
    for number, mode in enumerate(modes, 1):
        now = NOON + number * MINUTE
        state, change = apply_reading(state, reading(mode, now), now, rules or Rules())
        changes += [change] if change else []
    return state, changes


def alerted(changes: list[Change]) -> list[tuple[Transition, Mode]]:
    return [(change.transition, change.after) for change in changes]


@pytest.mark.parametrize("mode", Mode)
def test_the_first_reading_is_a_state_and_not_a_change(mode: Mode) -> None:
    state, changes = watch(mode, mode, mode, mode)

    assert (state, changes) == (TokenState(TOKEN, mode, since=NOON), [])


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        ([RELAX], []),
        ([RELAX, RELAX], [(STARTED, RELAX)]),
        ([OFF, OFF], [(STARTED, OFF)]),
        ([GONE, GONE], [(STARTED, GONE)]),
        ([OTHER, OTHER], [(STARTED, OTHER)]),
        ([VERIFYING], [(STARTED, VERIFYING)]),
        ([BANNED], [(STARTED, BANNED)]),
        ([RELAX, OFF], [(STARTED, OFF)]),
        ([RELAX, BANNED], [(STARTED, BANNED)]),
        ([RELAX, FAST, RELAX, FAST], []),
        ([RELAX, None, RELAX], [(STARTED, RELAX)]),
        ([RELAX, RELAX, FAST], [(STARTED, RELAX)]),
        ([RELAX, RELAX, FAST, FAST], [(STARTED, RELAX), (RESOLVED, FAST)]),
        ([RELAX, RELAX, FAST, RELAX, FAST, RELAX], [(STARTED, RELAX)]),
        ([RELAX, RELAX, BANNED], [(STARTED, RELAX), (CHANGED, BANNED)]),
        ([RELAX, RELAX, OFF, RELAX], [(STARTED, RELAX)]),
        ([RELAX, RELAX, OFF, GONE], [(STARTED, RELAX), (CHANGED, GONE)]),
        ([BANNED, RELAX], [(STARTED, BANNED)]),
        ([BANNED, RELAX, RELAX], [(STARTED, BANNED), (CHANGED, RELAX)]),
        ([BANNED, FAST, FAST, BANNED], [(STARTED, BANNED), (RESOLVED, FAST), (STARTED, BANNED)]),
    ],
)
def test_a_token_that_was_fast(modes: list[Mode | None], expected: list[tuple[Transition, Mode]]) -> None:
    assert alerted(watch(FAST, *modes)[1]) == expected


@pytest.mark.parametrize(
    ("first", "modes", "expected"),
    [
        (RELAX, [FAST, FAST], []),
        (RELAX, [FAST, FAST, RELAX, RELAX], [(STARTED, RELAX)]),
        (RELAX, [BANNED], [(STARTED, BANNED)]),
        (RELAX, [OFF, OFF, FAST, FAST], [(STARTED, OFF), (RESOLVED, FAST)]),
        (BANNED, [RELAX, RELAX], []),
        (BANNED, [RELAX, RELAX, BANNED], [(STARTED, BANNED)]),
        (OTHER, [RELAX, RELAX], [(STARTED, RELAX)]),
    ],
)
def test_a_token_first_seen_out_of_fast_has_an_incident_only_once_it_worsens(
    first: Mode, modes: list[Mode | None], expected: list[tuple[Transition, Mode]]
) -> None:
    assert alerted(watch(first, *modes)[1]) == expected


def test_a_change_starts_with_the_reading_that_showed_it_first() -> None:
    _, changes = watch(FAST, RELAX, RELAX, RELAX, FAST, FAST)

    assert changes == [
        Change(STARTED, TOKEN, before=FAST, after=RELAX, at=NOON + MINUTE),
        Change(RESOLVED, TOKEN, before=RELAX, after=FAST, at=NOON + 4 * MINUTE),
    ]


def test_leaving_through_two_modes_started_with_the_first() -> None:
    _, changes = watch(FAST, RELAX, BANNED)

    assert changes == [Change(STARTED, TOKEN, before=FAST, after=BANNED, at=NOON + MINUTE)]


def test_an_incident_keeps_its_start_time_while_open() -> None:
    state, _ = watch(FAST, RELAX, RELAX, BANNED, OFF, OFF)

    assert (state.mode, state.incident_since) == (OFF, NOON + MINUTE)


def test_after_the_end_only_the_start_time_remains() -> None:
    state, _ = watch(FAST, BANNED, FAST, FAST)

    assert state == TokenState(TOKEN, FAST, since=NOON + 2 * MINUTE, recent_starts=(NOON + MINUTE,))


def test_a_reading_without_a_mode_changes_nothing() -> None:
    doubting, _ = watch(FAST, RELAX)

    assert apply_reading(doubting, reading(None, NOON + MINUTE), NOON + MINUTE, Rules()) == (doubting, None)


def test_a_restart_between_two_readings_loses_nothing() -> None:
    """State in, state out: the next round needs only what the database returns."""
    doubting, _ = watch(FAST, RELAX)
    _, change = apply_reading(doubting, reading(RELAX, NOON + 60 * MINUTE), NOON + 60 * MINUTE, Rules())

    assert change == Change(STARTED, TOKEN, before=FAST, after=RELAX, at=NOON + MINUTE)


@pytest.mark.parametrize(
    ("rules", "modes"),
    [
        (Rules(confirm_leaving=3), [RELAX, RELAX, RELAX]),
        (Rules(confirm_leaving=1), [RELAX]),
        (Rules(confirm_urgent=3), [BANNED, VERIFYING, BANNED]),
    ],
)
def test_the_rules_set_how_many_readings_must_agree(rules: Rules, modes: list[Mode]) -> None:
    assert watch(FAST, *modes[:-1], rules=rules)[1] == []
    assert len(watch(FAST, *modes, rules=rules)[1]) == 1


@pytest.mark.parametrize("confirm_back", [1, 2, 4])
def test_recovery_is_confirmed_after_the_configured_readings(confirm_back: int) -> None:
    rules = Rules(confirm_back=confirm_back)
    back = [FAST] * confirm_back

    assert alerted(watch(FAST, BANNED, *back[1:], rules=rules)[1]) == [(STARTED, BANNED)]
    assert alerted(watch(FAST, BANNED, *back, rules=rules)[1]) == [(STARTED, BANNED), (RESOLVED, FAST)]


def test_a_clock_set_back_makes_no_change_in_the_future() -> None:
    state, _ = apply_reading(initial_state(TOKEN, FAST, NOON), reading(RELAX, NOON), NOON, Rules())
    earlier = NOON - 60 * MINUTE
    _, change = apply_reading(state, reading(RELAX, earlier), earlier, Rules())

    assert change is not None
    assert change.at == earlier


# --- Flapping


def flap(starts: list[int], rules: Rules) -> list[bool]:
    """Let a token leave FAST briefly at each of these minutes. Whether that was alerted as flapping."""
    state, flapping = initial_state(TOKEN, FAST, NOON), []
    for minute in starts:
        for mode, seconds in ((BANNED, 0), (FAST, 10), (FAST, 20)):
            now = NOON + minute * MINUTE + timedelta(seconds=seconds)
            state, change = apply_reading(state, reading(mode, now), now, rules)
            flapping += [change.flapping] if change is not None and change.transition is STARTED else []
    return flapping


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([0, 1, 2, 3, 4], [False, False, False, True, True]),
        ([0, 19, 38, 59], [False, False, False, True]),
        ([0, 19, 38, 60], [False, False, False, False]),
        ([0, 1, 2, 61, 62, 63, 64], [False, False, False, False, False, False, True]),
    ],
)
def test_the_fourth_start_within_an_hour_is_flapping(starts: list[int], expected: list[bool]) -> None:
    assert flap(starts, Rules()) == expected


@pytest.mark.parametrize("times", [0, 1, 5])
def test_the_rules_set_the_flapping_count(times: int) -> None:
    alerted = flap(list(range(times + 2)), Rules(flapping_after=times))

    assert alerted == [False] * times + [True, True]


def test_the_rules_set_the_flapping_window() -> None:
    assert flap([0, 30, 60, 90], Rules(flapping_within=timedelta(minutes=91)))[-1]
    assert not flap([0, 30, 60, 90], Rules(flapping_within=timedelta(minutes=90)))[-1]


def test_only_as_many_starts_are_kept_as_flapping_needs() -> None:
    state = initial_state(TOKEN, FAST, NOON)
    for second in range(0, 600, 10):
        now = NOON + timedelta(seconds=second)
        state, _ = apply_reading(state, reading(FAST if second % 20 else BANNED, now), now, Rules(confirm_back=1))

    assert len(state.recent_starts) == Rules().flapping_after + 1


def test_only_starts_count_for_flapping() -> None:
    state, changes = watch(FAST, VERIFYING, BANNED, VERIFYING, BANNED, FAST, FAST)

    assert state.recent_starts == (NOON + MINUTE,)
    assert not any(change.flapping for change in changes)


# --- The alert type of a change


@pytest.mark.parametrize(
    ("change", "alert"),
    [
        (Change(STARTED, TOKEN, FAST, OFF, NOON), AlertType.SWITCHED_OFF),
        (Change(CHANGED, TOKEN, RELAX, BANNED, NOON), AlertType.BANNED),
        (Change(RESOLVED, TOKEN, BANNED, FAST, NOON), AlertType.BANNED),
        (Change(STARTED, TOKEN, FAST, FAST, NOON, low=AlertType.LOW, type=IncidentType.LOW_FAST_TIME), AlertType.LOW),
        (
            Change(RESOLVED, TOKEN, FAST, FAST, NOON, low=AlertType.VERY_LOW, type=IncidentType.LOW_FAST_TIME),
            AlertType.VERY_LOW,
        ),
        (Change(STARTED, TOKEN, FAST, FAST, NOON, outlook=AlertType.WILL_NOT_LAST), AlertType.WILL_NOT_LAST),
        (Change(RESOLVED, TOKEN, FAST, FAST, NOON, outlook=AlertType.RUNS_OUT_SOON), AlertType.RUNS_OUT_SOON),
    ],
)
def test_a_change_has_the_current_type_and_an_end_the_former_one(change: Change, alert: AlertType) -> None:
    assert change.alert_type is alert
