"""What a whole round amounts to."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.health.changes import Change, Doubt, Kind, Rules, TokenState
from bot.health.fast_time import FastTime, Unit
from bot.health.modes import Mode
from bot.health.readings import Reading
from bot.health.rounds import Findings, KnownToken, missing_readings, weigh
from tests.clocks import NOON

MINUTE = timedelta(minutes=1)
NOTHING = Findings((), (), (), in_doubt=False)
many = settings(max_examples=150, deadline=None, derandomize=True)


def reading(token_id: int = 1, status: str = "FAST", minute: int = 0, **members: object) -> Reading:
    return replace(Reading(token_id, NOON + minute * MINUTE, status=status), **members)  # type: ignore[arg-type]


def known(token_id: int = 1, mode: Mode = Mode.FAST, **members: object) -> KnownToken:
    token = KnownToken(TokenState(token_id, mode, NOON), reading(token_id, mode), NOON, in_fleet=True)
    return replace(token, **members)  # type: ignore[arg-type]


def weighed(before: Iterable[KnownToken], *readings: Reading, minute: int = 1, fleet: Iterable[int] = (1,)) -> Findings:
    by_id = {token.state.token_id: token for token in before}
    return weigh(by_id, readings, NOON + minute * MINUTE, Rules(), fleet=frozenset(fleet))


def test_at_first_sight_a_token_is_kept_and_sampled_and_nothing_is_told() -> None:
    seen = reading(status="BANNED", minute=1)
    state = TokenState(1, Mode.BANNED, NOON + MINUTE)
    token = KnownToken(state, seen, sampled_at=NOON + MINUTE, in_fleet=True)

    assert weighed([], seen) == Findings((token,), (seen,), (), in_doubt=False)


def test_what_reads_as_before_needs_no_writing() -> None:
    assert weighed([known()], reading(minute=1)) == NOTHING


def test_a_change_in_doubt_is_kept_and_sampled_but_not_told() -> None:
    seen = reading(status="RELAX", minute=1)
    found = weighed([known()], seen)

    assert found.tokens[0].state.doubt == Doubt(Mode.RELAX, NOON + MINUTE, 1)
    assert (found.samples, found.changes, found.in_doubt) == ((seen,), (), True)


def test_a_change_that_is_believed_is_told_and_no_longer_in_doubt() -> None:
    doubting = known(state=TokenState(1, Mode.FAST, NOON, Doubt(Mode.RELAX, NOON + MINUTE, 1)))
    found = weighed([doubting], reading(status="RELAX", minute=2), minute=2)

    assert found.changes == (Change(Kind.BEGAN, 1, Mode.FAST, Mode.RELAX, NOON + MINUTE),)
    assert not found.in_doubt


def test_one_token_in_doubt_is_enough_to_look_again() -> None:
    found = weighed([known(1), known(2)], reading(1, "RELAX", 1), reading(2, "FAST", 1), fleet=(1, 2))

    assert found.in_doubt
    assert [token.state.token_id for token in found.tokens] == [1]


def test_a_reading_without_a_mode_leaves_its_token_alone() -> None:
    assert weighed([known()], reading(status="", minute=1, remark="something new")) == NOTHING
    assert weighed([], reading(status="", minute=1)) == NOTHING


@pytest.mark.parametrize(
    ("minute", "members", "sampled"),
    [
        (1, {}, False),
        (59, {}, False),
        (60, {}, True),
        (1, {"status": "BANNED"}, True),
        (1, {"fast_time": FastTime(timedelta(hours=3), None, Unit.HOURS)}, True),
        (1, {"remark": "something new"}, False),
    ],
)
def test_a_sample_is_taken_on_change_and_once_an_hour(minute: int, members: dict[str, object], sampled: bool) -> None:
    seen = replace(reading(minute=minute), **members)  # type: ignore[arg-type]

    assert weighed([known()], seen, minute=minute).samples == ((seen,) if sampled else ())


def test_what_is_new_but_no_change_of_mode_is_kept_for_the_alert_to_show() -> None:
    seen = reading(minute=1, remark="something new")
    (token,) = weighed([known()], seen).tokens

    assert token == known(reading=seen)


def test_a_token_that_the_fleet_listed_once_counts_as_of_the_fleet() -> None:
    traced = known(in_fleet=False)
    (listed,) = weighed([traced], reading(minute=1), fleet=(1,)).tokens
    assert listed.in_fleet

    (of_a_trace,) = weighed([listed], reading(status="RELAX", minute=2), fleet=()).tokens
    assert of_a_trace.in_fleet


def test_what_is_missing_of_the_fleet_keeps_its_last_figures_and_reads_as_gone() -> None:
    last = reading(1, remark="the last figures")
    before = {1: known(1, reading=last), 2: known(2), 3: known(3, in_fleet=False)}
    (missing,) = missing_readings(before, [reading(2, minute=1)], NOON + MINUTE)

    assert missing == replace(last, read_at=NOON + MINUTE, listed=False)
    assert missing.mode is Mode.GONE


def test_a_token_that_is_gone_is_told_once_and_may_come_back() -> None:
    token, told = known(), []
    for minute in range(1, 9):
        present = [reading(minute=minute)] if minute > 5 else []
        now = NOON + minute * MINUTE
        before = {1: token}
        found = weigh(before, [*present, *missing_readings(before, present, now)], now, Rules(), fleet=frozenset())
        token = found.tokens[0] if found.tokens else token
        told += [(change.kind, change.after) for change in found.changes]

    assert told == [(Kind.BEGAN, Mode.GONE), (Kind.ENDED, Mode.FAST)]


statuses = st.sampled_from(["FAST", "RELAX", "BANNED", "VERIFYING", "TURBO", ""])
readings = st.builds(
    reading,
    token_id=st.integers(1, 6),
    status=statuses,
    is_active=st.sampled_from([None, True, False]),
    listed=st.booleans(),
    remark=st.sampled_from(["", "a remark"]),
)
rounds = st.lists(readings, max_size=6, unique_by=lambda one: one.token_id)
fleets = st.frozensets(st.integers(1, 6))


def kept_after(before: dict[int, KnownToken], found: Findings) -> dict[int, KnownToken]:
    return before | {token.state.token_id: token for token in found.tokens}


@many
@given(first=rounds, second=rounds, fleet=fleets)
def test_once_nothing_is_in_doubt_the_same_readings_write_nothing(
    first: list[Reading], second: list[Reading], fleet: frozenset[int]
) -> None:
    before: dict[int, KnownToken] = {}
    for seen in (first, second, second, second):
        found = weigh(before, seen, NOON, Rules(), fleet=fleet)
        before = kept_after(before, found)
    again = weigh(before, second, NOON, Rules(), fleet=fleet)

    assert again == NOTHING


@many
@given(first=rounds, second=rounds, fleet=fleets)
def test_a_round_touches_only_the_tokens_it_read(
    first: list[Reading], second: list[Reading], fleet: frozenset[int]
) -> None:
    before = kept_after({}, weigh({}, first, NOON, Rules(), fleet=fleet))
    found = weigh(before, second, NOON + MINUTE, Rules(), fleet=fleet)
    read = {one.token_id for one in second if one.mode is not None}

    assert {token.state.token_id for token in found.tokens} <= read
    assert {sample.token_id for sample in found.samples} <= read
    assert {change.token_id for change in found.changes} <= {token.state.token_id for token in found.tokens}


@many
@given(first=rounds, second=rounds, fleet=fleets)
def test_the_order_of_the_readings_does_not_matter(
    first: list[Reading], second: list[Reading], fleet: frozenset[int]
) -> None:
    before = kept_after({}, weigh({}, first, NOON, Rules(), fleet=fleet))
    one_way = weigh(before, second, NOON + MINUTE, Rules(), fleet=fleet)
    other_way = weigh(before, second[::-1], NOON + MINUTE, Rules(), fleet=fleet)

    assert kept_after(before, one_way) == kept_after(before, other_way)
    assert (set(one_way.samples), set(one_way.changes), one_way.in_doubt) == (
        set(other_way.samples),
        set(other_way.changes),
        other_way.in_doubt,
    )
