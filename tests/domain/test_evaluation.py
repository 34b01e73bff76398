"""The evaluation of a whole round: for the fleet, and for each server with alerts."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.evaluation import (
    Evaluation,
    ReadingsDiff,
    TrackedToken,
    diff_readings,
    diff_some_readings,
    evaluate,
    missing_readings,
)
from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.run_out import RunOut, RunOutStatus
from bot.domain.tracking import Change, PendingChange, TokenState, Transition
from tests.clocks import NOON
from tests.domain.token_course import HOUR, MINUTE

NOTHING = Evaluation((), (), has_pending_changes=False)
NO_NEWS = ReadingsDiff((), ())


def reading(token_id: int = 1, status: str = "FAST", minute: int = 0, **members: object) -> Reading:
    return replace(Reading(token_id, NOON + minute * MINUTE, status=status), **members)  # type: ignore[arg-type]


def known(token_id: int = 1, mode: Mode = Mode.FAST, **members: object) -> TrackedToken:
    token = TrackedToken(reading(token_id, mode), NOON, in_fleet=True)
    return replace(token, **members)  # type: ignore[arg-type]


def fast_time(percent: float) -> FastTime:
    return FastTime(percent * HOUR, 100 * HOUR, Unit.HOURS)


def read(before: Iterable[TrackedToken], *readings: Reading, fleet: Iterable[int] = (1,)) -> ReadingsDiff:
    return diff_readings(
        {token.reading.token_id: token for token in before}, readings, NOON + MINUTE, fleet=frozenset(fleet)
    )


def evaluated(
    before: Iterable[TokenState], *readings: Reading, minute: int = 1, rules: Rules | None = None
) -> Evaluation:
    return evaluate({state.token_id: state for state in before}, readings, NOON + minute * MINUTE, rules or Rules())


FAST = TokenState(1, Mode.FAST, NOON)


# --- Readings


def test_a_new_token_is_saved_and_sampled() -> None:
    seen = reading(status="BANNED", minute=1)

    assert read([], seen) == ReadingsDiff((TrackedToken(seen, sampled_at=NOON + MINUTE, in_fleet=True),), (seen,))


def test_an_unchanged_reading_needs_no_write() -> None:
    assert read([known()], reading(minute=1)) == NO_NEWS


def test_a_reading_without_a_mode_keeps_the_known_one() -> None:
    said_nothing = read([known()], reading(status="", minute=1, remark="something new"))

    assert said_nothing == ReadingsDiff((known(missing_since=NOON + MINUTE),), ())
    assert read([], reading(status="", minute=1)) == NO_NEWS


def test_a_token_missing_from_a_successful_round_was_last_read_before_it() -> None:
    assert read([known()]) == ReadingsDiff((known(missing_since=NOON + MINUTE),), ())
    assert read([known(missing_since=NOON)]) == NO_NEWS


def test_a_token_that_is_read_again_is_no_longer_missing() -> None:
    assert read([known(missing_since=NOON)], reading(minute=1)) == ReadingsDiff((known(reading=reading(minute=1)),), ())


def test_an_unlisted_token_is_not_sampled_again() -> None:
    gone = known(reading=reading(listed=False))

    assert read([gone], reading(listed=False, minute=600)) == NO_NEWS


@pytest.mark.parametrize(
    ("minute", "members", "sampled"),
    [
        (1, {}, False),
        (59, {}, False),
        (60, {}, True),
        (1, {"status": "BANNED"}, True),
        (1, {"fast_time": FastTime(3 * HOUR, None, Unit.HOURS)}, True),
        (1, {"remark": "something new"}, False),
        (-60, {}, True),
    ],
)
def test_a_sample_is_taken_on_change_and_once_an_hour(minute: int, members: dict[str, object], sampled: bool) -> None:
    seen = replace(reading(minute=minute), **members)  # type: ignore[arg-type]

    assert read([known()], seen).samples == ((seen,) if sampled else ())


def test_the_sampling_hour_counts_from_the_last_sample() -> None:
    remarked = reading(minute=59, remark="something new")
    (token,) = read([known()], remarked).tokens
    assert token.sampled_at == NOON

    (sample,) = read([token], replace(remarked, read_at=NOON + 60 * MINUTE)).samples
    assert sample.read_at == NOON + 60 * MINUTE


def test_other_new_values_are_saved_for_the_alert_to_show() -> None:
    seen = reading(minute=1, remark="something new")

    assert read([known()], seen).tokens == (known(reading=seen),)


def test_a_token_once_listed_counts_as_part_of_the_fleet() -> None:
    traced = known(in_fleet=False)
    (listed,) = read([traced], reading(minute=1), fleet=(1,)).tokens
    assert listed.in_fleet

    (of_a_trace,) = read([listed], reading(status="RELAX", minute=2), fleet=()).tokens
    assert of_a_trace.in_fleet


def test_a_token_that_was_only_traced_is_not_part_of_the_fleet() -> None:
    (token,) = read([], reading(), fleet=(2,)).tokens

    assert not token.in_fleet


def test_a_missing_token_keeps_its_last_values_and_reads_as_gone() -> None:
    last = reading(1, remark="the last figures")
    before = {1: known(1, reading=last), 2: known(2), 3: known(3, in_fleet=False)}
    (missing,) = missing_readings(before, [reading(2, minute=1)], NOON + MINUTE)

    assert missing == replace(last, read_at=NOON + MINUTE, listed=False)
    assert missing.mode is Mode.GONE


def test_a_token_has_the_mode_of_its_reading() -> None:
    assert known(mode=Mode.BANNED).mode is Mode.BANNED
    assert known(reading=reading(status="TURBO")).mode is Mode.OTHER


# --- Evaluation for a server


def test_a_first_reading_is_confirmed_without_an_alert() -> None:
    state = TokenState(1, Mode.BANNED, NOON + MINUTE)

    assert evaluated([], reading(status="BANNED", minute=1)) == Evaluation((state,), (), has_pending_changes=False)


@pytest.mark.parametrize("mode", ["FAST", "RELAX"])
def test_a_token_first_seen_low_is_alerted_only_at_the_next_threshold(mode: str) -> None:
    found = evaluated([], reading(status=mode, fast_time=fast_time(19)))
    assert (found.states[0].low, found.changes, found.has_pending_changes) == (AlertType.LOW, (), False)

    low = replace(FAST, low=found.states[0].low)
    rules = Rules(confirm_leaving=1)
    assert evaluated([low], reading(fast_time=fast_time(18)), rules=rules).changes == ()
    (change,) = evaluated([low], reading(fast_time=fast_time(3)), rules=rules).changes
    assert (change.transition, change.low) == (Transition.CHANGED, AlertType.VERY_LOW)


def test_a_confirmed_state_needs_no_write() -> None:
    assert evaluated([FAST], reading(minute=1)) == NOTHING


def test_a_pending_change_is_saved_but_not_alerted() -> None:
    state = replace(FAST, pending=PendingChange(Mode.RELAX, NOON + MINUTE, 1))

    assert evaluated([FAST], reading(status="RELAX", minute=1)) == Evaluation((state,), (), has_pending_changes=True)


def test_a_confirmed_change_is_alerted_and_no_longer_pending() -> None:
    doubting = replace(FAST, pending=PendingChange(Mode.RELAX, NOON + MINUTE, 1))
    found = evaluated([doubting], reading(status="RELAX", minute=2), minute=2)

    assert found.changes == (Change(Transition.STARTED, 1, Mode.FAST, Mode.RELAX, NOON + MINUTE),)
    assert not found.has_pending_changes


def test_one_pending_token_is_enough_for_a_recheck() -> None:
    found = evaluated([FAST, replace(FAST, token_id=2)], reading(1, "RELAX", 1), reading(2, "FAST", 1))

    assert found.has_pending_changes
    assert [state.token_id for state in found.states] == [1]


def test_a_reading_without_a_mode_keeps_the_confirmed_state() -> None:
    doubting = replace(FAST, pending=PendingChange(Mode.RELAX, NOON, 1))

    assert evaluated([doubting], reading(status="", fast_time=fast_time(1))) == NOTHING
    assert evaluated([], reading(status="")) == NOTHING


def test_one_reading_may_change_the_mode_and_the_fast_time() -> None:
    out = TokenState(1, Mode.BANNED, NOON, incident_since=NOON)
    rules = Rules(confirm_back=1, confirm_leaving=1)
    found = evaluated([out], reading(fast_time=fast_time(3)), rules=rules)

    assert [(change.type, change.transition) for change in found.changes] == [
        (IncidentType.MODE, Transition.RESOLVED),
        (IncidentType.LOW_FAST_TIME, Transition.STARTED),
    ]
    assert found.states == (replace(FAST, since=NOON + MINUTE, low=AlertType.VERY_LOW),)


def test_pending_fast_time_is_worth_a_recheck() -> None:
    assert evaluated([FAST], reading(fast_time=fast_time(3))).has_pending_changes


@pytest.mark.parametrize(
    "next_one", [reading(status="RELAX", fast_time=fast_time(3)), reading(), reading(status="BANNED")]
)
def test_fast_time_that_stays_pending_is_not_rechecked_forever(
    next_one: Reading,
) -> None:
    """Otherwise a token that leaves FAST at that moment would cause requests every few seconds for days."""
    (state,) = evaluated([FAST], reading(fast_time=fast_time(3))).states
    mode = next_one.mode or Mode.FAST
    confirmed = replace(state, mode=mode)

    assert not evaluated([confirmed], next_one, minute=2).has_pending_changes


def run_outs(prospect: RunOutStatus, *token_ids: int) -> dict[int, RunOut]:
    return dict.fromkeys(token_ids or (1,), RunOut(prospect))


def test_a_shortfall_in_the_first_reading_is_no_change() -> None:
    found = evaluate({}, [reading(1), reading(2)], NOON, Rules(), run_outs(RunOutStatus.SHORTFALL))

    assert found.changes == ()
    assert [state.outlook for state in found.states] == [AlertType.WILL_NOT_LAST, None]


def test_one_reading_may_report_low_fast_time_and_a_shortfall() -> None:
    short = replace(FAST, shortfall_since=NOON - HOUR)
    low = reading(fast_time=fast_time(3))
    found = evaluate({1: short}, [low], NOON, Rules(confirm_leaving=1), run_outs(RunOutStatus.SHORTFALL))

    assert [(change.type, change.alert_type) for change in found.changes] == [
        (IncidentType.LOW_FAST_TIME, AlertType.VERY_LOW),
        (IncidentType.RUN_OUT, AlertType.WILL_NOT_LAST),
    ]


def test_a_token_leaving_fast_is_alerted_for_that_alone() -> None:
    short = replace(FAST, shortfall_since=NOON - HOUR, imminent_since=NOON - HOUR)
    found = evaluate({1: short}, [reading(status="BANNED")], NOON, Rules(), run_outs(RunOutStatus.IMMINENT))

    assert [change.type for change in found.changes] == [IncidentType.MODE]
    assert (found.states[0].shortfall_since, found.states[0].imminent_since) == (None, None)


def test_a_forecast_that_must_hold_longer_is_not_worth_a_recheck() -> None:
    found = evaluate({1: FAST}, [reading()], NOON, Rules(), run_outs(RunOutStatus.IMMINENT))

    assert (found.states, found.changes, found.has_pending_changes) == (
        (replace(FAST, shortfall_since=NOON, imminent_since=NOON),),
        (),
        False,
    )


def test_a_gone_token_is_alerted_once_and_may_return() -> None:
    token, state, alerted = known(), FAST, []
    for minute in range(1, 9):
        present = [reading(minute=minute)] if minute > 5 else []
        now = NOON + minute * MINUTE
        found = evaluate({1: state}, [*present, *missing_readings({1: token}, present, now)], now, Rules())
        state = found.states[0] if found.states else state
        alerted += [(change.transition, change.after) for change in found.changes]

    assert alerted == [(Transition.STARTED, Mode.GONE), (Transition.RESOLVED, Mode.FAST)]


# --- Properties

statuses = st.sampled_from(["FAST", "RELAX", "BANNED", "VERIFYING", "TURBO", ""])
readings = st.builds(
    reading,
    token_id=st.integers(1, 6),
    status=statuses,
    is_active=st.sampled_from([None, True, False]),
    listed=st.booleans(),
    remark=st.sampled_from(["", "a remark"]),
    fast_time=st.none() | st.integers(0, 120).map(fast_time),
)
rounds = st.lists(readings, max_size=6, unique_by=lambda one: one.token_id)
fleets = st.frozensets(st.integers(1, 6))


def known_after(before: dict[int, TrackedToken], found: ReadingsDiff) -> dict[int, TrackedToken]:
    return before | {token.reading.token_id: token for token in found.tokens}


def confirmed_after(before: dict[int, TokenState], found: Evaluation) -> dict[int, TokenState]:
    return before | {state.token_id: state for state in found.states}


@given(first=rounds, second=rounds, fleet=fleets)
def test_without_pending_changes_equal_readings_write_nothing(
    first: list[Reading], second: list[Reading], fleet: frozenset[int]
) -> None:
    known_tokens: dict[int, TrackedToken] = {}
    states: dict[int, TokenState] = {}
    for seen in (first, second, second, second):
        known_tokens = known_after(known_tokens, diff_readings(known_tokens, seen, NOON, fleet=fleet))
        states = confirmed_after(states, evaluate(states, seen, NOON, Rules()))

    assert diff_readings(known_tokens, second, NOON, fleet=fleet) == NO_NEWS
    assert evaluate(states, second, NOON, Rules()) == NOTHING


@given(first=rounds, second=rounds, fleet=fleets)
def test_a_round_touches_only_the_tokens_it_read(
    first: list[Reading], second: list[Reading], fleet: frozenset[int]
) -> None:
    before = known_after({}, diff_readings({}, first, NOON, fleet=fleet))
    read_then = diff_readings(before, second, NOON + MINUTE, fleet=fleet)
    found = evaluate(confirmed_after({}, evaluate({}, first, NOON, Rules())), second, NOON + MINUTE, Rules())
    read = {one.token_id for one in second if one.mode is not None}

    assert {one.reading.token_id for one in read_then.tokens if one.missing_since is None} <= read
    assert {one.reading.token_id for one in read_then.tokens if one.missing_since is not None} == set(before) - read
    assert {sample.token_id for sample in read_then.samples} <= read
    assert {state.token_id for state in found.states} <= read
    assert {change.token_id for change in found.changes} <= {state.token_id for state in found.states}


@given(first=rounds, second=rounds, fleet=fleets)
def test_the_order_of_the_readings_does_not_matter(
    first: list[Reading], second: list[Reading], fleet: frozenset[int]
) -> None:
    known_tokens = known_after({}, diff_readings({}, first, NOON, fleet=fleet))
    states = confirmed_after({}, evaluate({}, first, NOON, Rules()))
    ways = []
    for order in (second, second[::-1]):
        read_then = diff_readings(known_tokens, order, NOON + MINUTE, fleet=fleet)
        found = evaluate(states, order, NOON + MINUTE, Rules())
        kept = known_after(known_tokens, read_then), confirmed_after(states, found)
        ways.append((kept, set(read_then.samples), set(found.changes), found.has_pending_changes))

    assert ways[0] == ways[1]


def test_a_failed_round_saves_what_it_read_and_nothing_about_other_tokens() -> None:
    known_tokens = known_after({}, diff_readings({}, [reading(1), reading(2)], NOON, fleet={1, 2}))
    later = reading(1, minute=1)
    diff = diff_some_readings(known_tokens, [later, reading(2, status="", minute=1)])

    assert [(one.reading, one.in_fleet, one.missing_since) for one in diff.tokens] == [(later, True, None)]
    assert diff.samples == ()
    assert [one.token_id for one in diff_some_readings(known_tokens, [reading(1, status="RELAX")]).samples] == [1]
