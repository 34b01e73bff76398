"""Many accounts on two processes, on virtual time: one process ends, and another one begins."""

from datetime import timedelta

import pytest

from tests.simulation.many_accounts import simulate_accounts


@pytest.mark.slow
def test_every_change_is_alerted_once_and_in_time() -> None:
    outcome = simulate_accounts(100, timedelta(minutes=10), 60, seed=1, hours=3)

    assert (outcome.changes, outcome.missing, outcome.twice, outcome.late) == (120, 0, 0, 0)
    assert outcome.checks >= 100 * 17
