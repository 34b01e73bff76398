"""Fast time that runs out early: alerted once it has held, again if it is urgent, and again only after it was
sufficient.
"""

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

STARTED, CHANGED, RESOLVED = Transition.STARTED, Transition.CHANGED, Transition.RESOLVED
SHORT, SOON = AlertType.WILL_NOT_LAST, AlertType.RUNS_OUT_SOON
FULL = initial_state(TOKEN, Mode.FAST, NOON)
# The results of forecasts, one every five minutes.
SAID = {
    "+": RunOutStatus.PLENTY,
    "l": RunOutStatus.SUFFICIENT,
    "w": RunOutStatus.SHORTFALL,
    "s": RunOutStatus.IMMINENT,
}
UNKNOWN = "?"
HOUR_OF = 12


@dataclass
class ForecastLog:
    """A token's forecasts, the alerted changes, and the confirmed state."""

    state: TokenState = FULL
    rules: Rules = Rules()  # noqa: RUF009 - frozen, so one shared default is safe
    now: datetime = NOON

    def add_forecasts(self, said: str, every: timedelta = 5 * MINUTE) -> list[tuple[int, Transition, AlertType]]:
        """Apply forecasts. Return the changes, and after how many minutes each was confirmed."""
        alerted = []
        for mark in said:
            prospect = SAID.get(mark)
            outlook = RunOut(prospect, NOON + 9 * HOUR) if prospect is not None else None
            self.state, change = apply_run_out(self.state, outlook, self.now, self.rules)
            if change is not None:
                alerted.append(((self.now - NOON) // MINUTE, change.transition, change.alert_type))
            self.now += every
        return alerted


def alerted(said: str, **others: TokenState | Rules) -> list[tuple[int, Transition, AlertType]]:
    return ForecastLog(**others).add_forecasts(said)  # type: ignore[arg-type]


def test_a_shortfall_is_alerted_after_an_hour() -> None:
    assert alerted("w" * HOUR_OF) == []
    assert alerted("w" * 200) == [(60, STARTED, SHORT)]


def test_an_interruption_restarts_the_hour() -> None:
    for better in "l+":
        assert alerted("w" * 11 + better + "w" * 12) == []
        assert alerted("w" * 11 + better + "w" * 13) == [(120, STARTED, SHORT)]


def test_unknown_forecasts_do_not_interrupt() -> None:
    assert alerted("w" + UNKNOWN * 11 + "w") == [(60, STARTED, SHORT)]


def test_imminent_run_out_is_alerted_after_a_quarter_of_an_hour() -> None:
    assert alerted("sss") == []
    assert alerted("s" * 200) == [(15, STARTED, SOON)]


def test_one_outlying_forecast_causes_no_alert() -> None:
    assert alerted("+" * 20 + "s" + "+" * 20 + "w" + "l" * 20) == []


def test_imminent_run_out_counts_as_a_shortfall() -> None:
    assert alerted("wws" * 4 + "w") == [(60, STARTED, SHORT)]


def test_imminent_run_out_is_worse_and_alerted_again() -> None:
    assert alerted("w" * 20 + "s" * 20) == [(60, STARTED, SHORT), (115, CHANGED, SOON)]


def test_imminent_run_out_is_not_downgraded() -> None:
    assert alerted("s" * 4 + "w" * 100 + "s" * 10) == [(15, STARTED, SOON)]


def test_it_is_resolved_after_an_hour_of_sufficiency() -> None:
    assert alerted("w" * 13 + "l" * 12) == [(60, STARTED, SHORT)]
    assert alerted("w" * 13 + "l" * 13) == [(60, STARTED, SHORT), (125, RESOLVED, SHORT)]
    assert alerted("w" * 13 + "llllllw" * 10) == [(60, STARTED, SHORT)]


def test_bought_or_renewed_hours_resolve_it_within_minutes() -> None:
    assert alerted("s" * 4 + "+") == [(15, STARTED, SOON)]
    assert alerted("s" * 4 + "++") == [(15, STARTED, SOON), (25, RESOLVED, SOON)]
    assert alerted("s" * 4 + "+s+s+s") == [(15, STARTED, SOON)]


@pytest.mark.parametrize(
    ("mark", "before", "change"),
    [
        ("w", None, (60, STARTED, SHORT)),
        ("s", None, (15, STARTED, SOON)),
        ("s", SHORT, (15, CHANGED, SOON)),
        ("l", SHORT, (60, RESOLVED, SHORT)),
        ("+", SHORT, (5, RESOLVED, SHORT)),
    ],
)
def test_the_evaluation_interval_makes_no_difference(
    mark: str, before: AlertType | None, change: tuple[int, Transition, AlertType]
) -> None:
    assert ForecastLog(replace(FULL, outlook=before)).add_forecasts(mark * 62, every=MINUTE) == [change]


def test_it_can_be_alerted_again_once_resolved() -> None:
    assert alerted("w" * 13 + "++" + "w" * 13) == [(60, STARTED, SHORT), (70, RESOLVED, SHORT), (135, STARTED, SHORT)]


@pytest.mark.parametrize(("mark", "kind"), [("w", SHORT), ("s", SOON)])
def test_an_initial_shortfall_is_not_alerted_until_it_was_sufficient(mark: str, kind: AlertType) -> None:
    seen = replace(FULL, outlook=initial_run_out(RunOut(SAID[mark])))
    assert seen.outlook is kind

    assert alerted(mark * 100, state=seen) == []
    assert alerted("++" + mark * 13, state=seen)[:2] == [
        (5, RESOLVED, kind),
        (10 + (60 if mark == "w" else 15), STARTED, kind),
    ]


@pytest.mark.parametrize("outlook", [None, RunOut(RunOutStatus.SUFFICIENT), RunOut(RunOutStatus.PLENTY)])
def test_an_initial_sufficient_or_unknown_run_out_is_not_recorded_as_alerted(outlook: RunOut | None) -> None:
    assert initial_run_out(outlook) is None


def test_when_disabled_nothing_starts_or_worsens() -> None:
    off = Rules(run_out=False)

    assert alerted("w" * 30 + "s" * 30, rules=off) == []
    assert alerted("s" * 30, rules=off, state=replace(FULL, outlook=SHORT)) == []


def test_an_open_alert_still_ends_after_disabling() -> None:
    assert alerted("++", rules=Rules(run_out=False), state=replace(FULL, outlook=SHORT)) == [(5, RESOLVED, SHORT)]


@pytest.mark.parametrize("mode", sorted(set(Mode) - {Mode.FAST, Mode.GONE}))
def test_nothing_is_concluded_while_a_token_is_out_of_fast(mode: Mode) -> None:
    out = replace(FULL, mode=mode)
    for state in (out, replace(out, outlook=SHORT), replace(out, outlook=SOON)):
        for mark in [*SAID, UNKNOWN]:
            diary = ForecastLog(state)
            assert diary.add_forecasts(mark * 30) == []
            assert diary.state == state


def test_an_open_alert_ends_with_a_token_that_is_no_longer_listed() -> None:
    gone = TokenState(TOKEN, Mode.GONE, NOON, outlook=AlertType.WILL_NOT_LAST, sufficient_since=NOON)
    state, change = apply_run_out(gone, None, NOON + MINUTE, Rules())

    assert state == TokenState(TOKEN, Mode.GONE, NOON)
    assert change is not None
    assert (change.transition, change.after, change.at) == (Transition.RESOLVED, Mode.GONE, NOON)
    assert apply_run_out(state, None, NOON + MINUTE, Rules()) == (state, None)


def test_pending_forecasts_start_over_when_a_token_is_back_in_fast() -> None:
    diary = ForecastLog()
    diary.add_forecasts("w" * 11)
    diary.state = replace(diary.state, mode=Mode.RELAX)
    diary.add_forecasts(UNKNOWN)
    diary.state = replace(diary.state, mode=Mode.FAST)

    assert diary.add_forecasts("w" * 20) == [(120, STARTED, SHORT)]


def test_an_alert_from_before_leaving_fast_ends_on_return_with_hours() -> None:
    diary = ForecastLog(replace(FULL, outlook=SOON))
    diary.state = replace(diary.state, mode=Mode.RELAX)
    assert diary.add_forecasts("?" * 50) == []
    diary.state = replace(diary.state, mode=Mode.FAST)

    assert diary.add_forecasts("++") == [(255, RESOLVED, SOON)]


def test_a_change_has_all_an_alert_needs() -> None:
    short = replace(FULL, shortfall_since=NOON - HOUR)
    gone_at = NOON + 3 * HOUR
    _, started = apply_run_out(short, RunOut(RunOutStatus.SHORTFALL, gone_at), NOON, Rules())
    _, ended = apply_run_out(
        replace(FULL, outlook=SOON, sufficient_since=NOON - HOUR), RunOut(RunOutStatus.SUFFICIENT), NOON, Rules()
    )

    assert started == Change(
        STARTED, TOKEN, Mode.FAST, Mode.FAST, NOON, type=IncidentType.RUN_OUT, outlook=SHORT, gone_at=gone_at
    )
    assert ended == Change(RESOLVED, TOKEN, Mode.FAST, Mode.FAST, NOON, type=IncidentType.RUN_OUT, outlook=SOON)


def test_a_clock_set_back_prolongs_nothing() -> None:
    diary = ForecastLog()
    diary.add_forecasts("w" * 6)
    diary.now = NOON - 24 * HOUR

    assert diary.add_forecasts("w" * 20) == [(60 - 24 * 60, STARTED, SHORT)]


def test_a_sufficient_token_has_no_state_to_save() -> None:
    for mark in "+l?":
        diary = ForecastLog()
        diary.add_forecasts(mark * 30)
        assert diary.state is FULL


def test_a_resolved_run_out_leaves_no_state() -> None:
    diary = ForecastLog()
    diary.add_forecasts("w" * 13 + "++")

    assert diary.state == FULL


def test_an_unchanged_run_out_needs_no_write() -> None:
    for before, mark in (("", "w"), ("", "s"), ("w" * 13, "w"), ("s" * 4, "s"), ("w" * 13, "l")):
        diary = ForecastLog()
        diary.add_forecasts(before + mark)
        state = diary.state
        diary.add_forecasts(mark * 2, every=MINUTE)
        assert diary.state is state


# --- Properties

marks = st.sampled_from([*SAID, *"wwwsl", UNKNOWN])
spells = st.lists(st.tuples(marks, st.integers(1, 20)), max_size=30).map(
    lambda runs: "".join(mark * number for mark, number in runs)
)
rates = st.sampled_from([MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR])


def in_a_row(changes: Iterable[tuple[int, Transition, AlertType]]) -> list[tuple[Transition, AlertType]]:
    return [(kind, alert) for _, kind, alert in changes]


@given(said=spells, every=rates)
def test_no_alert_type_is_posted_twice_without_an_end_between(said: str, every: timedelta) -> None:
    open_kinds: list[AlertType] = []
    for kind, alert in in_a_row(ForecastLog().add_forecasts(said, every)):
        if kind is RESOLVED:
            assert alert is open_kinds[-1]
            open_kinds.clear()
            continue
        assert (kind is STARTED) is (not open_kinds)
        assert alert not in open_kinds
        assert not (alert is SHORT and open_kinds)
        open_kinds.append(alert)


@given(said=spells, every=rates)
def test_an_unknown_run_out_changes_nothing(said: str, every: timedelta) -> None:
    diary = ForecastLog()
    for mark in said:
        diary.add_forecasts(mark, every)
        before = diary.state
        assert diary.add_forecasts(UNKNOWN, timedelta()) == []
        assert diary.state is before


@given(said=spells, every=rates)
def test_when_disabled_nothing_is_ever_alerted(said: str, every: timedelta) -> None:
    diary = ForecastLog(rules=Rules(run_out=False))

    assert diary.add_forecasts(said, every) == []


@given(said=spells)
def test_nothing_is_alerted_before_its_hold_time(said: str) -> None:
    for minute, kind, alert in ForecastLog().add_forecasts(said):
        held = {SHORT: 13, SOON: 4}[alert] if kind is not RESOLVED else 2
        allowed = {SHORT: "ws?", SOON: "s?"}[alert] if kind is not RESOLVED else "+l?"
        last = said[minute // 5 - held + 1 : minute // 5 + 1]
        assert len(last) == held
        assert set(last) <= set(allowed)
