"""The table of alert types."""

from itertools import pairwise, permutations

import pytest

from bot.domain import modes
from bot.domain.alert_types import (
    ALERT_POLICIES,
    AlertPolicy,
    AlertType,
    IncidentType,
    Urgency,
    alert_type_of,
    severity,
)
from bot.domain.modes import Mode

OUT_OF_FAST = [mode for mode in Mode if mode is not Mode.FAST]


@pytest.mark.parametrize("kind", AlertType)
def test_every_alert_type_is_in_the_table(kind: AlertType) -> None:
    assert isinstance(ALERT_POLICIES[kind], AlertPolicy)


def test_every_mode_but_fast_has_an_alert_type_of_its_own() -> None:
    kinds = [alert_type_of(mode) for mode in OUT_OF_FAST]

    assert sorted(kinds) == sorted(kind for kind, alert in ALERT_POLICIES.items() if alert.type is IncidentType.MODE)


@pytest.mark.parametrize(("one", "other"), list(permutations(OUT_OF_FAST, 2)))
def test_an_alert_type_is_more_severe_exactly_where_its_mode_is_worse(one: Mode, other: Mode) -> None:
    assert (severity(alert_type_of(one)) > severity(alert_type_of(other))) is (
        modes.severity(one) > modes.severity(other)
    )


@pytest.mark.parametrize("incident_type", IncidentType)
def test_within_an_incident_type_more_severe_is_never_less_urgent(incident_type: IncidentType) -> None:
    kinds = sorted((kind for kind, alert in ALERT_POLICIES.items() if alert.type is incident_type), key=severity)

    assert all(ALERT_POLICIES[milder].urgency <= ALERT_POLICIES[worse].urgency for milder, worse in pairwise(kinds))


@pytest.mark.parametrize("kind", AlertType)
def test_urgent_exactly_where_a_person_must_act(kind: AlertType) -> None:
    urgent = {
        AlertType.VERIFYING,
        AlertType.BANNED,
        AlertType.RUNS_OUT_SOON,
        AlertType.FEW_HOURS,
        AlertType.FEW_IN_FAST,
        AlertType.NONE_IN_FAST,
    }

    assert (ALERT_POLICIES[kind].urgency is Urgency.URGENT) is (kind in urgent)


@pytest.mark.parametrize("kind", AlertType)
def test_every_alert_type_is_more_urgent_than_routine(kind: AlertType) -> None:
    assert ALERT_POLICIES[kind].urgency > Urgency.ROUTINE


def test_very_low_is_more_severe_than_low() -> None:
    assert severity(AlertType.VERY_LOW) > severity(AlertType.LOW)


def test_imminent_run_out_is_more_severe_than_a_shortfall() -> None:
    assert severity(AlertType.RUNS_OUT_SOON) > severity(AlertType.WILL_NOT_LAST)


@pytest.mark.parametrize("kind", AlertType)
def test_only_fast_time_alerts_have_no_reminders(kind: AlertType) -> None:
    assert ALERT_POLICIES[kind].reminds is (
        ALERT_POLICIES[kind].type not in {IncidentType.LOW_FAST_TIME, IncidentType.RUN_OUT}
    )


def test_incident_types_are_distinct() -> None:
    assert {kind for kind, alert in ALERT_POLICIES.items() if alert.type is IncidentType.LOW_FAST_TIME} == {
        AlertType.LOW,
        AlertType.VERY_LOW,
    }
    assert {kind for kind, alert in ALERT_POLICIES.items() if alert.type is IncidentType.RUN_OUT} == {
        AlertType.WILL_NOT_LAST,
        AlertType.RUNS_OUT_SOON,
    }
    assert [kind for kind, alert in ALERT_POLICIES.items() if alert.type is IncidentType.NO_DATA] == [AlertType.NO_DATA]
