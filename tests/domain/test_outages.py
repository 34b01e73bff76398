"""Outages: only time in which checks were made counts, and each is named by its cause."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.outages import (
    EMPTY_FOR_GOOD_AFTER,
    REFUSED_FOR_GOOD_AFTER,
    NoDataCause,
    Outage,
    continue_outage,
    needs_alert,
)
from tests.clocks import NOON

MINUTE = timedelta(minutes=1)
LONGEST_GAP = timedelta(seconds=70)
ABOUT_TOKENS = (NoDataCause.FLEET_REFUSED, NoDataCause.NO_STATUS)
FIVE_MINUTES = 5 * MINUTE
CAUSES = st.sampled_from(NoDataCause)
GAPS = st.timedeltas(min_value=-timedelta(days=400), max_value=timedelta(days=400))


def after(*steps: tuple[NoDataCause, timedelta], last_success: timedelta | None = None) -> Outage:
    """Return the outage after checks with these causes, each so long after the one before; the first is at noon."""
    outage, now = None, NOON
    last_success_at = NOON - last_success if last_success is not None else None
    for number, (cause, gap) in enumerate(steps):
        now += gap if number else timedelta()
        outage = continue_outage(outage, cause, last_success_at, now, longest_gap=LONGEST_GAP)
    assert outage is not None
    return outage


def row(cause: NoDataCause, checks: int, gap: timedelta = MINUTE) -> list[tuple[NoDataCause, timedelta]]:
    return [(cause, gap)] * checks


@pytest.mark.parametrize(
    ("last_success", "since"),
    [(None, timedelta()), (MINUTE, -MINUTE), (2 * MINUTE, timedelta()), (-MINUTE, timedelta())],
)
def test_it_starts_with_the_last_success_if_a_check_was_due_since(
    last_success: timedelta | None, since: timedelta
) -> None:
    outage = after((NoDataCause.NO_RESPONSE, MINUTE), last_success=last_success)

    assert outage.since == NOON + since


def test_failed_checks_add_up_to_an_alert() -> None:
    steps = row(NoDataCause.NO_RESPONSE, 5)

    assert not needs_alert(after(*steps, last_success=59 * timedelta(seconds=1)), FIVE_MINUTES)
    assert needs_alert(after(*steps, last_success=MINUTE), FIVE_MINUTES)
    assert after(*steps, last_success=MINUTE).since == NOON - MINUTE


@pytest.mark.parametrize("gap", [timedelta(seconds=340), timedelta(hours=8), -timedelta(hours=6)])
def test_a_gap_between_checks_does_not_count(gap: timedelta) -> None:
    asleep = after((NoDataCause.NO_RESPONSE, MINUTE), (NoDataCause.NO_RESPONSE, gap), last_success=MINUTE)

    assert asleep.duration <= MINUTE + LONGEST_GAP
    assert not needs_alert(asleep, FIVE_MINUTES)
    assert asleep.checked_at == NOON + gap


def test_one_failed_check_is_never_alerted_however_long_it_took() -> None:
    outage = continue_outage(None, NoDataCause.NO_RESPONSE, NOON, NOON + 9 * MINUTE, longest_gap=10 * MINUTE)

    assert outage.duration == 9 * MINUTE
    assert not needs_alert(outage, FIVE_MINUTES)


def test_after_a_gap_it_goes_on_with_what_it_had() -> None:
    """A process that is killed again and again during an outage must alert all the same."""
    crashes = [
        step
        for _ in range(5)
        for step in [(NoDataCause.NO_RESPONSE, timedelta(hours=1)), *row(NoDataCause.NO_RESPONSE, 1)]
    ]

    assert needs_alert(after(*crashes), FIVE_MINUTES)


@pytest.mark.parametrize("other", [NoDataCause.INTERNAL, NoDataCause.NOTHING_WATCHED])
@pytest.mark.parametrize("other_first", [True, False])
def test_outages_of_imaginepro_and_others_are_not_added_up(other: NoDataCause, other_first: bool) -> None:
    causes = [other, NoDataCause.NO_RESPONSE]
    first, second = causes if other_first else reversed(causes)
    outage = after(*row(first, 20), (second, MINUTE), last_success=MINUTE)

    assert (outage.latest, outage.duration, outage.checks) == (second, timedelta(), 1)
    assert not needs_alert(outage, FIVE_MINUTES)


def test_causes_of_imaginepro_add_up_and_the_latest_is_named() -> None:
    outage = after(*row(NoDataCause.NO_RESPONSE, 4), *row(NoDataCause.FLEET_REFUSED, 2), last_success=MINUTE)

    assert (outage.cause, outage.duration) == (NoDataCause.FLEET_REFUSED, 6 * MINUTE)
    assert outage.cause_checks == 2
    assert needs_alert(outage, FIVE_MINUTES)


@pytest.mark.parametrize(
    ("empty", "cause"),
    [(1, NoDataCause.UNUSABLE), (2, NoDataCause.UNUSABLE), (3, NoDataCause.FLEET_EMPTY), (9, NoDataCause.FLEET_EMPTY)],
)
def test_an_empty_list_is_named_after_several_in_a_row(empty: int, cause: NoDataCause) -> None:
    outage = after(
        *row(NoDataCause.FLEET_EMPTY, 2), (NoDataCause.NO_RESPONSE, MINUTE), *row(NoDataCause.FLEET_EMPTY, empty)
    )

    assert outage.cause is cause


def test_a_key_that_watches_nothing_is_never_alerted() -> None:
    assert not needs_alert(after(*row(NoDataCause.NOTHING_WATCHED, 99)), FIVE_MINUTES)


@pytest.mark.parametrize("cause", NoDataCause)
def test_it_is_for_good_after_days_of_checks_with_that_cause(cause: NoDataCause) -> None:
    def is_for_good(lasted: timedelta) -> tuple[bool, bool]:
        first = continue_outage(None, cause, None, NOON, longest_gap=LONGEST_GAP)
        outage = replace(first, checked_at=NOON + lasted)
        return outage.is_empty_for_good, outage.is_refused_for_good

    is_empty, is_refused = cause is NoDataCause.FLEET_EMPTY, cause is NoDataCause.FLEET_REFUSED
    assert is_for_good(EMPTY_FOR_GOOD_AFTER - MINUTE) == (False, False)
    assert is_for_good(EMPTY_FOR_GOOD_AFTER) == (is_empty, False)
    assert is_for_good(REFUSED_FOR_GOOD_AFTER) == (is_empty, is_refused)


@pytest.mark.parametrize("blip", sorted(set(NoDataCause) - {NoDataCause.FLEET_EMPTY, *ABOUT_TOKENS}))
def test_a_fault_that_says_nothing_about_the_fleet_does_not_start_the_day_again(blip: NoDataCause) -> None:
    half = row(NoDataCause.FLEET_EMPTY, 12 * 60)

    assert not after(*half, (blip, MINUTE), *half[:-2]).is_empty_for_good
    assert after(*half, (blip, MINUTE), *half).is_empty_for_good


@pytest.mark.parametrize("cause", ABOUT_TOKENS)
def test_another_answer_about_the_fleet_starts_the_day_again(cause: NoDataCause) -> None:
    half = row(NoDataCause.FLEET_EMPTY, 12 * 60)

    assert not after(*half, (cause, MINUTE), *half).is_empty_for_good


@given(st.lists(st.tuples(CAUSES, GAPS), min_size=1, max_size=12), st.none() | GAPS)
def test_it_never_counts_more_than_checks_made_as_planned(
    steps: list[tuple[NoDataCause, timedelta]], last_success: timedelta | None
) -> None:
    outage = after(*steps, last_success=last_success)

    assert timedelta() <= outage.duration <= outage.checks * LONGEST_GAP
    if outage.fleet_since is not None:
        assert timedelta() <= outage.checked_at - outage.fleet_since <= len(steps) * LONGEST_GAP
    assert 1 <= outage.cause_checks <= outage.checks <= len(steps)
    assert outage.latest is steps[-1][0]


@given(st.lists(st.timedeltas(min_value=timedelta(), max_value=LONGEST_GAP), min_size=1, max_size=30), CAUSES)
def test_checks_as_planned_count_all_their_time(gaps: list[timedelta], cause: NoDataCause) -> None:
    outage = after(*((cause, gap) for gap in gaps))

    assert outage.since == NOON
    assert outage.duration == sum(gaps[1:], timedelta())
