"""The one table of kinds of alerts."""

from itertools import pairwise, permutations

import pytest

from bot.domain import modes
from bot.domain.alert_types import ALERTS, AlertKind, AlertPolicy, Sort, Urgency, kind_of, severity
from bot.domain.modes import Mode

OUT_OF_FAST = [mode for mode in Mode if mode is not Mode.FAST]


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_is_in_the_table(kind: AlertKind) -> None:
    assert isinstance(ALERTS[kind], AlertPolicy)


def test_every_mode_but_fast_has_a_kind_of_its_own() -> None:
    kinds = [kind_of(mode) for mode in OUT_OF_FAST]

    assert sorted(kinds) == sorted(kind for kind, alert in ALERTS.items() if alert.type is Sort.MODE)


@pytest.mark.parametrize(("one", "other"), list(permutations(OUT_OF_FAST, 2)))
def test_a_kind_is_graver_exactly_where_its_mode_is_worse(one: Mode, other: Mode) -> None:
    assert (severity(kind_of(one)) > severity(kind_of(other))) is (modes.severity(one) > modes.severity(other))


@pytest.mark.parametrize("sort", Sort)
def test_of_one_sort_what_is_graver_is_never_less_urgent(sort: Sort) -> None:
    kinds = sorted((kind for kind, alert in ALERTS.items() if alert.type is sort), key=severity)

    assert all(ALERTS[milder].urgency <= ALERTS[graver].urgency for milder, graver in pairwise(kinds))


@pytest.mark.parametrize("kind", AlertKind)
def test_minutes_count_exactly_where_a_person_must_act(kind: AlertKind) -> None:
    urgent = {AlertKind.VERIFYING, AlertKind.BANNED, AlertKind.RUNS_OUT_SOON}

    assert (ALERTS[kind].urgency is Urgency.URGENT) is (kind in urgent)


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_is_more_urgent_than_what_needs_no_one(kind: AlertKind) -> None:
    assert ALERTS[kind].urgency > Urgency.ROUTINE


def test_very_low_is_graver_than_low() -> None:
    assert severity(AlertKind.VERY_LOW) > severity(AlertKind.LOW)


def test_what_runs_out_within_hours_is_graver_than_what_will_not_last() -> None:
    assert severity(AlertKind.RUNS_OUT_SOON) > severity(AlertKind.WILL_NOT_LAST)


@pytest.mark.parametrize("kind", AlertKind)
def test_only_what_is_told_of_fast_time_is_never_called_to_mind(kind: AlertKind) -> None:
    assert ALERTS[kind].reminds is (ALERTS[kind].type not in {Sort.LOW_FAST_TIME, Sort.RUN_OUT})


def test_the_sorts_are_told_apart() -> None:
    assert {kind for kind, alert in ALERTS.items() if alert.type is Sort.LOW_FAST_TIME} == {
        AlertKind.LOW,
        AlertKind.VERY_LOW,
    }
    assert {kind for kind, alert in ALERTS.items() if alert.type is Sort.RUN_OUT} == {
        AlertKind.WILL_NOT_LAST,
        AlertKind.RUNS_OUT_SOON,
    }
    assert [kind for kind, alert in ALERTS.items() if alert.type is Sort.NO_DATA] == [AlertKind.NO_DATA]
