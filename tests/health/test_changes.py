"""What is believed after a row of readings, and what is told."""

from datetime import datetime, timedelta

import pytest

from bot.health.changes import Change, Kind, Rules, TokenState, first_sight, take
from bot.health.modes import Mode
from bot.health.readings import Reading
from tests.clocks import NOON

TOKEN = 111
MINUTE = timedelta(minutes=1)
FAST, RELAX, VERIFYING, BANNED = Mode.FAST, Mode.RELAX, Mode.VERIFYING, Mode.BANNED
OFF, GONE, OTHER = Mode.OFF, Mode.GONE, Mode.OTHER
BEGAN, WENT_ON, ENDED = Kind.BEGAN, Kind.WENT_ON, Kind.ENDED


def reading(mode: Mode | None, now: datetime) -> Reading:
    if mode is GONE:
        return Reading(TOKEN, now, listed=False)
    status = {None: "", OTHER: "TURBO"}.get(mode, str(mode))
    return Reading(TOKEN, now, status=status, is_active=False if mode is OFF else None)


def watch(first: Mode, *modes: Mode | None, rules: Rules | None = None) -> tuple[TokenState, list[Change]]:
    """See a token first at noon, then read it once a minute."""
    state, changes = first_sight(TOKEN, first, NOON), []
    for number, mode in enumerate(modes, 1):
        now = NOON + number * MINUTE
        state, change = take(state, reading(mode, now), now, rules or Rules())
        changes += [change] if change else []
    return state, changes


def told(changes: list[Change]) -> list[tuple[Kind, Mode]]:
    return [(change.kind, change.after) for change in changes]


@pytest.mark.parametrize("mode", Mode)
def test_first_sight_is_a_state_and_not_a_change(mode: Mode) -> None:
    state, changes = watch(mode, mode, mode, mode)

    assert (state, changes) == (TokenState(TOKEN, mode, since=NOON), [])


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        ([RELAX], []),
        ([RELAX, RELAX], [(BEGAN, RELAX)]),
        ([OFF, OFF], [(BEGAN, OFF)]),
        ([GONE, GONE], [(BEGAN, GONE)]),
        ([OTHER, OTHER], [(BEGAN, OTHER)]),
        ([VERIFYING], [(BEGAN, VERIFYING)]),
        ([BANNED], [(BEGAN, BANNED)]),
        ([RELAX, OFF], [(BEGAN, OFF)]),
        ([RELAX, BANNED], [(BEGAN, BANNED)]),
        ([RELAX, FAST, RELAX, FAST], []),
        ([RELAX, None, RELAX], [(BEGAN, RELAX)]),
        ([RELAX, RELAX, FAST], [(BEGAN, RELAX)]),
        ([RELAX, RELAX, FAST, FAST], [(BEGAN, RELAX), (ENDED, FAST)]),
        ([RELAX, RELAX, FAST, RELAX, FAST, RELAX], [(BEGAN, RELAX)]),
        ([RELAX, RELAX, BANNED], [(BEGAN, RELAX), (WENT_ON, BANNED)]),
        ([RELAX, RELAX, OFF, RELAX], [(BEGAN, RELAX)]),
        ([RELAX, RELAX, OFF, GONE], [(BEGAN, RELAX), (WENT_ON, GONE)]),
        ([BANNED, RELAX], [(BEGAN, BANNED)]),
        ([BANNED, RELAX, RELAX], [(BEGAN, BANNED), (WENT_ON, RELAX)]),
        ([BANNED, FAST, FAST, BANNED], [(BEGAN, BANNED), (ENDED, FAST), (BEGAN, BANNED)]),
    ],
)
def test_a_token_that_was_fast(modes: list[Mode | None], expected: list[tuple[Kind, Mode]]) -> None:
    assert told(watch(FAST, *modes)[1]) == expected


@pytest.mark.parametrize(
    ("first", "modes", "expected"),
    [
        (RELAX, [FAST, FAST], []),
        (RELAX, [FAST, FAST, RELAX, RELAX], [(BEGAN, RELAX)]),
        (RELAX, [BANNED], [(BEGAN, BANNED)]),
        (RELAX, [OFF, OFF, FAST, FAST], [(BEGAN, OFF), (ENDED, FAST)]),
        (BANNED, [RELAX, RELAX], []),
        (BANNED, [RELAX, RELAX, BANNED], [(BEGAN, BANNED)]),
        (OTHER, [RELAX, RELAX], [(BEGAN, RELAX)]),
    ],
)
def test_a_token_first_seen_out_of_fast_has_an_incident_only_once_it_gets_worse(
    first: Mode, modes: list[Mode | None], expected: list[tuple[Kind, Mode]]
) -> None:
    assert told(watch(first, *modes)[1]) == expected


def test_a_change_is_as_old_as_the_reading_that_showed_it_first() -> None:
    _, changes = watch(FAST, RELAX, RELAX, RELAX, FAST, FAST)

    assert changes == [
        Change(BEGAN, TOKEN, before=FAST, after=RELAX, at=NOON + MINUTE),
        Change(ENDED, TOKEN, before=RELAX, after=FAST, at=NOON + 4 * MINUTE),
    ]


def test_leaving_through_two_modes_began_with_the_first_of_them() -> None:
    _, changes = watch(FAST, RELAX, BANNED)

    assert changes == [Change(BEGAN, TOKEN, before=FAST, after=BANNED, at=NOON + MINUTE)]


def test_an_incident_keeps_the_time_it_began_while_it_goes_on() -> None:
    state, _ = watch(FAST, RELAX, RELAX, BANNED, OFF, OFF)

    assert (state.mode, state.out_since) == (OFF, NOON + MINUTE)


def test_after_the_end_nothing_is_left_of_the_incident() -> None:
    state, _ = watch(FAST, BANNED, FAST, FAST)

    assert state == TokenState(TOKEN, FAST, since=NOON + 2 * MINUTE)


def test_a_reading_that_does_not_say_the_mode_changes_nothing() -> None:
    doubting, _ = watch(FAST, RELAX)

    assert take(doubting, reading(None, NOON + MINUTE), NOON + MINUTE, Rules()) == (doubting, None)


def test_a_restart_between_two_readings_loses_nothing() -> None:
    """State in, state out: what the database gives back is all that the next round needs."""
    doubting, _ = watch(FAST, RELAX)
    _, change = take(doubting, reading(RELAX, NOON + 60 * MINUTE), NOON + 60 * MINUTE, Rules())

    assert change == Change(BEGAN, TOKEN, before=FAST, after=RELAX, at=NOON + MINUTE)


@pytest.mark.parametrize(
    ("rules", "modes"),
    [
        (Rules(confirm_leaving=3), [RELAX, RELAX, RELAX]),
        (Rules(confirm_leaving=1), [RELAX]),
        (Rules(confirm_urgent=3), [BANNED, VERIFYING, BANNED]),
    ],
)
def test_the_rules_say_how_many_readings_must_agree(rules: Rules, modes: list[Mode]) -> None:
    assert watch(FAST, *modes[:-1], rules=rules)[1] == []
    assert len(watch(FAST, *modes, rules=rules)[1]) == 1


@pytest.mark.parametrize("confirm_back", [1, 2, 4])
def test_being_back_is_believed_after_as_many_readings_as_the_rules_say(confirm_back: int) -> None:
    rules = Rules(confirm_back=confirm_back)
    back = [FAST] * confirm_back

    assert told(watch(FAST, BANNED, *back[1:], rules=rules)[1]) == [(BEGAN, BANNED)]
    assert told(watch(FAST, BANNED, *back, rules=rules)[1]) == [(BEGAN, BANNED), (ENDED, FAST)]


def test_a_clock_that_is_set_back_makes_no_change_of_the_future() -> None:
    state, _ = take(first_sight(TOKEN, FAST, NOON), reading(RELAX, NOON), NOON, Rules())
    earlier = NOON - 60 * MINUTE
    _, change = take(state, reading(RELAX, earlier), earlier, Rules())

    assert change is not None
    assert change.at == earlier
