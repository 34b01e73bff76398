"""Fast time that will not last: told once it has held, told again if it is urgent, and anew only after it lasted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.run_out import RunOut, RunOutStatus
from bot.domain.run_out_tracking import apply_run_out, initial_run_out
from bot.domain.tracking import Change, TokenState, Transition, initial_state
from tests.clocks import NOON
from tests.domain.token_course import HOUR, MINUTE, TOKEN

BEGAN, WENT_ON, ENDED = Transition.STARTED, Transition.CHANGED, Transition.RESOLVED
SHORT, SOON = AlertType.WILL_NOT_LAST, AlertType.RUNS_OUT_SOON
FULL = initial_state(TOKEN, Mode.FAST, NOON)
# As on the line of a diary: what forecasts say, one every five minutes.
SAID = {
    "+": RunOutStatus.PLENTY,
    "l": RunOutStatus.SUFFICIENT,
    "w": RunOutStatus.SHORTFALL,
    "s": RunOutStatus.IMMINENT,
}
UNKNOWN = "?"
HOUR_OF = 12


@dataclass
class Diary:
    """What was foreseen of a token, what was told of it, and what is believed now."""

    state: TokenState = FULL
    rules: Rules = Rules()  # noqa: RUF009 - frozen, so one shared default is safe
    now: datetime = NOON

    def foresee(self, said: str, every: timedelta = 5 * MINUTE) -> list[tuple[int, Transition, AlertType]]:
        """Take in what is said; the changes, and after how many minutes each was believed."""
        told = []
        for mark in said:
            prospect = SAID.get(mark)
            outlook = RunOut(prospect, NOON + 9 * HOUR) if prospect is not None else None
            self.state, change = apply_run_out(self.state, outlook, self.now, self.rules)
            if change is not None:
                told.append(((self.now - NOON) // MINUTE, change.transition, change.alert_type))
            self.now += every
        return told


def told(said: str, **others: TokenState | Rules) -> list[tuple[int, Transition, AlertType]]:
    return Diary(**others).foresee(said)  # type: ignore[arg-type]


def test_it_is_told_when_it_has_held_for_an_hour() -> None:
    assert told("w" * HOUR_OF) == []
    assert told("w" * 200) == [(60, BEGAN, SHORT)]


def test_what_lasts_in_between_makes_the_hour_begin_anew() -> None:
    for better in "l+":
        assert told("w" * 11 + better + "w" * 12) == []
        assert told("w" * 11 + better + "w" * 13) == [(120, BEGAN, SHORT)]


def test_what_is_unknown_in_between_is_no_break() -> None:
    assert told("w" + UNKNOWN * 11 + "w") == [(60, BEGAN, SHORT)]


def test_that_it_runs_out_soon_is_told_after_a_quarter_of_an_hour() -> None:
    assert told("sss") == []
    assert told("s" * 200) == [(15, BEGAN, SOON)]


def test_one_odd_forecast_tells_nothing() -> None:
    assert told("+" * 20 + "s" + "+" * 20 + "w" + "l" * 20) == []


def test_that_it_runs_out_soon_counts_as_that_it_will_not_last() -> None:
    assert told("wws" * 4 + "w") == [(60, BEGAN, SHORT)]


def test_running_out_soon_is_worse_and_told_again() -> None:
    assert told("w" * 20 + "s" * 20) == [(60, BEGAN, SHORT), (115, WENT_ON, SOON)]


def test_what_was_told_to_run_out_soon_is_not_told_to_be_milder() -> None:
    assert told("s" * 4 + "w" * 100 + "s" * 10) == [(15, BEGAN, SOON)]


def test_it_is_over_when_it_has_lasted_for_an_hour() -> None:
    assert told("w" * 13 + "l" * 12) == [(60, BEGAN, SHORT)]
    assert told("w" * 13 + "l" * 13) == [(60, BEGAN, SHORT), (125, ENDED, SHORT)]
    assert told("w" * 13 + "llllllw" * 10) == [(60, BEGAN, SHORT)]


def test_hours_that_are_bought_or_renewed_end_it_within_minutes() -> None:
    assert told("s" * 4 + "+") == [(15, BEGAN, SOON)]
    assert told("s" * 4 + "++") == [(15, BEGAN, SOON), (25, ENDED, SOON)]
    assert told("s" * 4 + "+s+s+s") == [(15, BEGAN, SOON)]


@pytest.mark.parametrize(
    ("mark", "before", "change"),
    [
        ("w", None, (60, BEGAN, SHORT)),
        ("s", None, (15, BEGAN, SOON)),
        ("s", SHORT, (15, WENT_ON, SOON)),
        ("l", SHORT, (60, ENDED, SHORT)),
        ("+", SHORT, (5, ENDED, SHORT)),
    ],
)
def test_how_often_it_is_looked_at_makes_no_difference(
    mark: str, before: AlertType | None, change: tuple[int, Transition, AlertType]
) -> None:
    assert Diary(replace(FULL, outlook=before)).foresee(mark * 62, every=MINUTE) == [change]


def test_it_may_be_told_anew_once_it_has_lasted() -> None:
    assert told("w" * 13 + "++" + "w" * 13) == [(60, BEGAN, SHORT), (70, ENDED, SHORT), (135, BEGAN, SHORT)]


@pytest.mark.parametrize(("mark", "kind"), [("w", SHORT), ("s", SOON)])
def test_what_a_token_is_at_first_sight_is_not_told_until_it_has_lasted(mark: str, kind: AlertType) -> None:
    seen = replace(FULL, outlook=initial_run_out(RunOut(SAID[mark])))
    assert seen.outlook is kind

    assert told(mark * 100, state=seen) == []
    assert told("++" + mark * 13, state=seen)[:2] == [(5, ENDED, kind), (10 + (60 if mark == "w" else 15), BEGAN, kind)]


@pytest.mark.parametrize("outlook", [None, RunOut(RunOutStatus.SUFFICIENT), RunOut(RunOutStatus.PLENTY)])
def test_at_first_sight_nothing_counts_as_told_of_what_lasts_or_is_unknown(outlook: RunOut | None) -> None:
    assert initial_run_out(outlook) is None


def test_where_it_is_off_nothing_begins_and_nothing_gets_worse() -> None:
    off = Rules(run_out=False)

    assert told("w" * 30 + "s" * 30, rules=off) == []
    assert told("s" * 30, rules=off, state=replace(FULL, outlook=SHORT)) == []


def test_what_was_told_before_it_was_switched_off_still_ends() -> None:
    assert told("++", rules=Rules(run_out=False), state=replace(FULL, outlook=SHORT)) == [(5, ENDED, SHORT)]


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.FAST])
def test_while_a_token_is_out_of_fast_nothing_is_concluded(mode: Mode) -> None:
    out = replace(FULL, mode=mode)
    for state in (out, replace(out, outlook=SHORT), replace(out, outlook=SOON)):
        for mark in [*SAID, UNKNOWN]:
            diary = Diary(state)
            assert diary.foresee(mark * 30) == []
            assert diary.state == state


def test_what_was_foreseen_before_a_token_left_fast_must_hold_anew_when_it_is_back() -> None:
    diary = Diary()
    diary.foresee("w" * 11)
    diary.state = replace(diary.state, mode=Mode.RELAX)
    diary.foresee(UNKNOWN)
    diary.state = replace(diary.state, mode=Mode.FAST)

    assert diary.foresee("w" * 20) == [(120, BEGAN, SHORT)]


def test_what_was_told_before_a_token_left_fast_ends_when_it_is_back_with_hours() -> None:
    diary = Diary(replace(FULL, outlook=SOON))
    diary.state = replace(diary.state, mode=Mode.RELAX)
    assert diary.foresee("?" * 50) == []
    diary.state = replace(diary.state, mode=Mode.FAST)

    assert diary.foresee("++") == [(255, ENDED, SOON)]


def test_a_change_says_all_that_an_alert_needs() -> None:
    short = replace(FULL, shortfall_since=NOON - HOUR)
    gone_at = NOON + 3 * HOUR
    _, began = apply_run_out(short, RunOut(RunOutStatus.SHORTFALL, gone_at), NOON, Rules())
    _, ended = apply_run_out(
        replace(FULL, outlook=SOON, sufficient_since=NOON - HOUR), RunOut(RunOutStatus.SUFFICIENT), NOON, Rules()
    )

    assert began == Change(
        BEGAN, TOKEN, Mode.FAST, Mode.FAST, NOON, type=IncidentType.RUN_OUT, outlook=SHORT, gone_at=gone_at
    )
    assert ended == Change(ENDED, TOKEN, Mode.FAST, Mode.FAST, NOON, type=IncidentType.RUN_OUT, outlook=SOON)


def test_a_clock_that_is_set_back_makes_nothing_last_longer_than_that() -> None:
    diary = Diary()
    diary.foresee("w" * 6)
    diary.now = NOON - 24 * HOUR

    assert diary.foresee("w" * 20) == [(60 - 24 * 60, BEGAN, SHORT)]


def test_nothing_more_is_to_be_kept_of_a_token_whose_fast_time_lasts() -> None:
    for mark in "+l?":
        diary = Diary()
        diary.foresee(mark * 30)
        assert diary.state is FULL


def test_what_is_over_leaves_nothing_to_keep() -> None:
    diary = Diary()
    diary.foresee("w" * 13 + "++")

    assert diary.state == FULL


def test_while_it_goes_on_as_before_there_is_nothing_to_keep_anew() -> None:
    for before, mark in (("", "w"), ("", "s"), ("w" * 13, "w"), ("s" * 4, "s"), ("w" * 13, "l")):
        diary = Diary()
        diary.foresee(before + mark)
        state = diary.state
        diary.foresee(mark * 2, every=MINUTE)
        assert diary.state is state


# --- For every input

marks = st.sampled_from([*SAID, *"wwwsl", UNKNOWN])
spells = st.lists(st.tuples(marks, st.integers(1, 20)), max_size=30).map(
    lambda runs: "".join(mark * number for mark, number in runs)
)
paces = st.sampled_from([MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR])


def in_a_row(changes: Iterable[tuple[int, Transition, AlertType]]) -> list[tuple[Transition, AlertType]]:
    return [(kind, alert) for _, kind, alert in changes]


@given(said=spells, every=paces)
def test_no_kind_is_told_twice_without_an_end_between(said: str, every: timedelta) -> None:
    open_kinds: list[AlertType] = []
    for kind, alert in in_a_row(Diary().foresee(said, every)):
        if kind is ENDED:
            assert alert is open_kinds[-1]
            open_kinds.clear()
            continue
        assert (kind is BEGAN) is (not open_kinds)
        assert alert not in open_kinds
        assert not (alert is SHORT and open_kinds)
        open_kinds.append(alert)


@given(said=spells, every=paces)
def test_an_unknown_outlook_changes_nothing(said: str, every: timedelta) -> None:
    diary = Diary()
    for mark in said:
        diary.foresee(mark, every)
        before = diary.state
        assert diary.foresee(UNKNOWN, timedelta()) == []
        assert diary.state is before


@given(said=spells, every=paces)
def test_where_it_is_off_nothing_is_ever_told(said: str, every: timedelta) -> None:
    diary = Diary(rules=Rules(run_out=False))

    assert diary.foresee(said, every) == []


@given(said=spells)
def test_nothing_is_told_that_has_not_held_for_long_enough(said: str) -> None:
    for minute, kind, alert in Diary().foresee(said):
        held = {SHORT: 13, SOON: 4}[alert] if kind is not ENDED else 2
        allowed = {SHORT: "ws?", SOON: "s?"}[alert] if kind is not ENDED else "+l?"
        last = said[minute // 5 - held + 1 : minute // 5 + 1]
        assert len(last) == held
        assert set(last) <= set(allowed)
