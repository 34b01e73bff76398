"""The fleet at a glance: its order, its totals, and its freshness."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import FastTime, Unit
from bot.domain.fleet import GONE_RETENTION, Fleet, build_fleet, calculate_totals, sort_modes
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from tests.clocks import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BLIND_AFTER = 5 * MINUTE


def known(token_id: int, status: str = "FAST", left: timedelta | None = 12 * HOUR, **others: object) -> TrackedToken:
    fast_time = FastTime(left, 15 * HOUR, Unit.HOURS) if left is not None else None
    reading = replace(Reading(token_id, NOON, status=status, fast_time=fast_time), **others)  # type: ignore[arg-type]
    return TrackedToken(reading, NOON, in_fleet=True)


def fleet(*tokens: TrackedToken, read: datetime | None = NOON, now: datetime = NOON) -> Fleet:
    by_id = {token.reading.token_id: token for token in tokens}
    return build_fleet(by_id, read, now, poll_interval=MINUTE, unknown_after=BLIND_AFTER)


def ids(of: Fleet) -> list[int]:
    return [token.reading.token_id for token in of.tokens]


def test_tokens_sort_by_severity_then_fast_time_then_number() -> None:
    in_this_order = [
        known(9, "BANNED"),
        known(8, "VERIFYING"),
        known(5, "FAST", is_active=False),
        known(6, "FAST", listed=False),
        known(7, "FAST", is_active=False),
        replace(known(4), missing_since=NOON - HOUR, reading=replace(known(4).reading, read_at=NOON - HOUR)),
        known(3, "SOMETHING"),
        known(2, "RELAX", HOUR),
        known(10, "RELAX", timedelta()),
        known(1, "FAST", HOUR),
        known(11, "FAST", 2 * HOUR),
        known(12, "FAST", 2 * HOUR),
        known(0, "FAST", None),
    ]

    for start in range(len(in_this_order)):
        turned = in_this_order[start:] + in_this_order[:start]
        assert ids(fleet(*turned)) == [token.reading.token_id for token in in_this_order]


@pytest.mark.parametrize("tokens", list(permutations([known(1, "BANNED"), known(2, "RELAX"), known(3)])))
def test_the_worst_mode_is_that_of_the_first_token(tokens: tuple[TrackedToken, ...]) -> None:
    assert fleet(*tokens).worst is Mode.BANNED
    assert fleet().worst is None


def test_tokens_gone_for_a_week_leave_the_fleet() -> None:
    gone = known(1, listed=False)

    assert ids(fleet(gone, read=NOON + GONE_RETENTION, now=NOON + GONE_RETENTION)) == []
    before = NOON + GONE_RETENTION - MINUTE
    assert ids(fleet(gone, read=before, now=before)) == [1]
    assert ids(fleet(known(1), read=NOON + GONE_RETENTION, now=NOON + GONE_RETENTION)) == [1]


def test_tokens_missing_from_successful_rounds_for_a_week_leave_it_too() -> None:
    unwatched = replace(known(1), missing_since=NOON)

    assert ids(fleet(unwatched, read=NOON + GONE_RETENTION, now=NOON + GONE_RETENTION)) == []
    before = NOON + GONE_RETENTION - MINUTE
    assert ids(fleet(unwatched, read=before, now=before)) == [1]
    assert ids(fleet(unwatched, read=before, now=NOON + 2 * GONE_RETENTION)) == [1]


def test_totals_count_modes_sum_fast_time_and_count_unknowns() -> None:
    totals = calculate_totals(fleet(known(1), known(2, "RELAX", HOUR / 2), known(3, "FAST", None)).tokens)

    assert totals.modes == Counter({Mode.FAST: 2, Mode.RELAX: 1})
    assert (totals.left, totals.unit, totals.with_unknown_left) == (12.5 * HOUR, Unit.HOURS, 1)
    assert (totals.usable, totals.locked) == (12 * HOUR, timedelta())
    assert totals.is_any_known


def test_only_tokens_in_fast_have_usable_hours() -> None:
    tokens = [known(number, mode) for number, mode in enumerate(("FAST", "RELAX", "BANNED", "VERIFYING", "SLEEPY"))]
    off = replace(known(9), reading=replace(known(9).reading, is_active=False))

    totals = calculate_totals(fleet(*tokens, off).tokens)

    assert (totals.left, totals.usable, totals.locked) == (72 * HOUR, 12 * HOUR, 48 * HOUR)


def test_hours_and_minutes_add_up_and_minutes_stay_minutes_where_there_are_only_those() -> None:
    small = known(1, fast_time=FastTime(90 * MINUTE, 200 * MINUTE, Unit.MINUTES))

    assert calculate_totals(fleet(small).tokens).unit is Unit.MINUTES
    both = calculate_totals(fleet(small, known(2, left=HOUR)).tokens)
    assert (both.left, both.unit) == (2.5 * HOUR, Unit.HOURS)


def test_unlisted_tokens_have_no_fast_time_to_count() -> None:
    totals = calculate_totals(fleet(known(1, listed=False), known(2, listed=False, left=None)).tokens)

    assert (totals.left, totals.with_unknown_left, totals.is_any_known) == (timedelta(), 0, False)


def test_a_token_without_readings_has_unknown_fast_time() -> None:
    lost = replace(known(1), missing_since=NOON)
    totals = calculate_totals(fleet(lost, read=NOON + HOUR, now=NOON + HOUR).tokens)

    assert (totals.modes, totals.left, totals.with_unknown_left) == (Counter({None: 1}), timedelta(), 1)


def test_a_token_missing_from_rounds_becomes_stale_then_unknown_while_others_stay_fresh() -> None:
    lost = replace(known(1), missing_since=NOON)
    seen = {}
    for minutes in (2, 3, 5):
        now = NOON + minutes * MINUTE
        by_id = {token.reading.token_id: token for token in fleet(lost, known(2), read=now, now=now).tokens}
        seen[minutes] = (by_id[1].freshness, by_id[1].mode, by_id[2].freshness)

    assert seen[2] == (Freshness.FRESH, Mode.FAST, Freshness.FRESH)
    assert seen[3] == (Freshness.OLD, Mode.FAST, Freshness.FRESH)
    assert seen[5] == (Freshness.UNKNOWN, None, Freshness.FRESH)


def test_during_failing_rounds_the_fleet_is_stale_as_last_read() -> None:
    lost = replace(known(1), missing_since=NOON - 3 * MINUTE, reading=replace(known(1).reading, read_at=NOON - HOUR))

    for minutes, expected in ((2, Freshness.FRESH), (3, Freshness.OLD), (60, Freshness.UNKNOWN)):
        stale = fleet(lost, known(2), now=NOON + minutes * MINUTE)
        assert stale.freshness is expected
        assert [token.mode for token in stale.tokens if token.reading.token_id == 2] == [Mode.FAST]
    assert [token.freshness for token in stale.tokens] == [Freshness.OLD, Freshness.FRESH]


def test_before_the_first_successful_round_nothing_is_known() -> None:
    assert fleet(read=None).freshness is Freshness.UNKNOWN


def test_modes_sort_from_best_to_worst() -> None:
    modes = sort_modes([Mode.BANNED, None, *(mode for mode in Mode if mode is not Mode.BANNED)])

    assert modes[0] is Mode.FAST
    assert modes[1] is Mode.RELAX
    assert modes[-2:] == [Mode.VERIFYING, Mode.BANNED]
    assert len(modes) == len(Mode) + 1


def test_in_fast_what_will_run_out_is_first_then_the_smallest_share() -> None:
    tokens = {one.reading.token_id: one for one in (known(1, left=3 * HOUR), known(2, left=6 * HOUR), known(3))}
    basic = known(4, fast_time=FastTime(HOUR, HOUR, Unit.MINUTES))
    runs_out = {2: NOON + 5 * HOUR, 3: NOON + 2 * HOUR}
    shown = build_fleet(
        {**tokens, 4: basic, 5: known(5, "RELAX")},
        NOON,
        NOON,
        poll_interval=MINUTE,
        unknown_after=BLIND_AFTER,
        run_outs=runs_out,
    )

    assert [token.reading.token_id for token in shown.tokens] == [5, 3, 2, 1, 4]
    assert shown.tokens[1].runs_out_at == NOON + 2 * HOUR
