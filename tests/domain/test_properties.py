"""Properties that hold for every input."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode, parse_mode
from bot.domain.rules import Rules
from bot.domain.tracking import Change, TokenState, Transition, apply_reading, initial_state
from bot.imaginepro.text_fields import parse_fast_time, parse_jobs, parse_plan, parse_usage
from tests.clocks import NOON
from tests.domain.token_course import TOKEN, reading

URGENT = {Mode.VERIFYING, Mode.BANNED}
# Lines close to what the grammars accept, with numbers of any size, and random combinations of their parts.
numbers = st.integers(0, 10**20).map(str) | st.sampled_from(["9" * 12, "9" * 5000, "1,234", "1" + ",000" * 2000, "0.5"])
units = st.sampled_from(["h", " hours", "m", " minutes", " images", " jobs", "", "%", "days"])
near_lines = st.one_of(
    st.builds("{}{}".format, numbers, units),
    st.builds("{}/{}{} ({})".format, numbers, numbers, units, numbers),
    st.builds("{}{} ({}{})".format, numbers, units, numbers, units),
    st.builds("Pro (Active monthly, renews next on <t:{}>)".format, numbers),
)
pieces = st.sampled_from(
    [" ", "/", "of", "(", ")", ",", ".", "-", "<t:", ">", "left", "None", "monthly", "inf", "\u0665"]
)
lines = st.one_of(st.text(), near_lines, st.lists(pieces | numbers | units, max_size=12).map("".join))


@given(line=lines)
@pytest.mark.parametrize("parse", [parse_fast_time, parse_plan, parse_usage, parse_jobs])
def test_no_line_makes_a_parser_raise(parse: Callable[[str], object], line: str) -> None:
    parse(line)


@given(status=st.none() | st.text(), is_active=st.none() | st.booleans())
def test_no_status_makes_the_mode_raise(status: str | None, is_active: bool | None) -> None:
    parse_mode(status, is_active=is_active)


@given(line=lines.filter(lambda line: not any(sign in "0123456789" for sign in line)))
def test_a_line_without_a_digit_is_unknown_and_never_a_number(line: str) -> None:
    assert parse_fast_time(line) is None
    assert parse_usage(line) is None
    assert parse_plan(line).renews_at is None
    assert parse_jobs(line) != 0 or line.strip().lower() == "none"


@given(line=lines)
def test_nothing_is_left_only_where_the_line_says_zero(line: str) -> None:
    fast_time = parse_fast_time(line)

    if fast_time is not None and not fast_time.left:
        assert line.split(maxsplit=1)[0].startswith("0")


@given(line=lines)
def test_minutes_are_never_read_as_hours(line: str) -> None:
    fast_time = parse_fast_time(line)

    if fast_time is not None:
        letter = {Unit.HOURS: "h", Unit.MINUTES: "m"}[fast_time.unit]
        assert letter in line.lower()


@given(left=st.integers(0, 10**7), total=st.integers(0, 10**7), percentage=st.floats(0, 100))
def test_numbers_without_a_unit_are_unknown(left: int, total: int, percentage: float) -> None:
    assert parse_fast_time(f"{left / 100:.2f}/{total / 10:.1f} ({percentage:.2f}%)") is None


@given(left=st.integers(0, 10**7), total=st.integers(1, 10**6), unit=st.sampled_from(Unit))
def test_a_documented_line_round_trips(left: int, total: int, unit: Unit) -> None:
    line = f"{Decimal(left) / 100:.2f}/{Decimal(total) / 10:.1f} {unit} ({10 * left / total:.2f}%)"
    one = timedelta(hours=1) if unit is Unit.HOURS else timedelta(minutes=1)

    assert parse_fast_time(line) == FastTime(left * one / 100, total * one / 10, unit)


def follow(
    first: Mode, modes: list[Mode | None], rules: Rules, steps: list[int] | None = None
) -> list[tuple[datetime, TokenState, Change | None]]:
    """Apply the readings at these intervals in seconds. Return the time and the result of each."""
    state, now, course = initial_state(TOKEN, first, NOON), NOON, []
    for mode, step in zip(modes, steps or [60] * len(modes), strict=False):
        now += timedelta(seconds=step)
        state, change = apply_reading(state, reading(mode, now), now, rules)
        course.append((now, state, change))
    return course


def changes_of(course: list[tuple[datetime, TokenState, Change | None]]) -> list[Change]:
    return [change for _, _, change in course if change]


any_mode = st.sampled_from(Mode)
not_fast = st.sampled_from([mode for mode in Mode if mode is not Mode.FAST])
# Mostly back and forth, since most failures need an incident first.
readings = st.lists(st.sampled_from([*[Mode.FAST] * 6, *[Mode.RELAX] * 4, *Mode, None, None]), min_size=5, max_size=30)
any_rules = st.builds(Rules, st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))


@given(modes=st.lists(not_fast, min_size=2, max_size=12))
def test_a_token_that_leaves_fast_opens_exactly_one_incident(modes: list[Mode]) -> None:
    kinds = [change.transition for change in changes_of(follow(Mode.FAST, [*modes], Rules()))]

    assert kinds[0] is Transition.STARTED
    assert set(kinds[1:]) <= {Transition.CHANGED}


@given(first=any_mode, modes=readings, rules=any_rules)
def test_an_incident_starts_changes_and_ends_in_order(first: Mode, modes: list[Mode | None], rules: Rules) -> None:
    is_open = False
    for change in changes_of(follow(first, modes, rules)):
        assert (change.transition is not Transition.STARTED) is is_open
        assert (change.transition is Transition.RESOLVED) is (change.after is Mode.FAST)
        is_open = change.transition is not Transition.RESOLVED


@given(first=any_mode, modes=readings, rules=any_rules)
def test_the_state_says_whether_an_incident_is_open(first: Mode, modes: list[Mode | None], rules: Rules) -> None:
    is_open = False
    for _, state, change in follow(first, modes, rules):
        is_open = change.transition is not Transition.RESOLVED if change else is_open
        assert (state.incident_since is not None) is is_open
        assert not (is_open and state.mode is Mode.FAST)


@given(first=any_mode, modes=readings, rules=any_rules)
def test_no_mode_is_alerted_twice_in_a_row(first: Mode, modes: list[Mode | None], rules: Rules) -> None:
    changes = changes_of(follow(first, modes, rules))

    assert all(change.before is not change.after for change in changes)
    assert all(later.before is earlier.after for earlier, later in pairwise(changes))


@given(first=any_mode, modes=readings, rules=any_rules, nones=st.integers(1, 3))
def test_readings_without_a_mode_change_nothing(
    first: Mode, modes: list[Mode | None], rules: Rules, nones: int
) -> None:
    with_gaps = [one for mode in modes for one in [*[None] * nones, mode]]

    def alerted(row: list[Mode | None]) -> list[tuple[Transition, Mode, Mode]]:
        return [(change.transition, change.before, change.after) for change in changes_of(follow(first, row, rules))]

    assert alerted(with_gaps) == alerted(modes)


@given(first=any_mode, again=st.integers(1, 10), rules=any_rules)
def test_an_unchanged_first_reading_is_never_alerted(first: Mode, again: int, rules: Rules) -> None:
    assert changes_of(follow(first, [first] * again, rules)) == []


@given(first=any_mode, modes=readings, rules=any_rules, steps=st.lists(st.integers(-90, 90), min_size=30, max_size=30))
def test_a_change_is_never_in_the_future(first: Mode, modes: list[Mode | None], rules: Rules, steps: list[int]) -> None:
    assert all(change.at <= now for now, _, change in follow(first, modes, rules, steps) if change)


@given(first=any_mode, modes=readings, rules=any_rules, steps=st.lists(st.integers(0, 90), min_size=30, max_size=30))
def test_changes_are_in_chronological_order(
    first: Mode, modes: list[Mode | None], rules: Rules, steps: list[int]
) -> None:
    times = [change.at for change in changes_of(follow(first, modes, rules, steps))]

    assert times == sorted(times)


@given(first=any_mode, modes=readings, rules=any_rules)
def test_nothing_is_confirmed_before_enough_readings_agree(first: Mode, modes: list[Mode | None], rules: Rules) -> None:
    """Readings agree if both are in FAST, or both are out of it."""
    confirmed = first
    for number, (_, state, _) in enumerate(follow(first, modes, rules), 1):
        if state.mode is not confirmed:
            confirmed = state.mode
            said = [mode for mode in modes[:number] if mode is not None][-rules.readings_needed(confirmed) :]
            assert [mode is Mode.FAST for mode in said] == [confirmed is Mode.FAST] * rules.readings_needed(confirmed)


@given(mode=not_fast, before=st.integers(0, 3), after=st.integers(1, 3))
def test_one_outlier_between_fast_readings_is_alerted_only_where_urgent(mode: Mode, before: int, after: int) -> None:
    changes = changes_of(follow(Mode.FAST, [*[Mode.FAST] * before, mode, *[Mode.FAST] * after], Rules()))

    assert bool(changes) is (mode in URGENT)
