"""What a moderator reads after a test alert."""

import pytest

from bot.domain.alert_routes import DisabledReason
from bot.storage.alert_routes import Route
from bot.ui.alert_setup import test_outcome as outcome_of
from tests.clocks import NOON

ROUTE = Route(server_id=1, account_id=1, channel_id=5, role_id=7, created_by=9, created_at=NOON)
BROKEN = Route(1, 1, 5, 7, 9, NOON, disabled_reason=DisabledReason.MISSING_ACCESS)


@pytest.mark.parametrize(
    ("route", "problem", "arrived", "said"),
    [
        (ROUTE, None, True, "is in <#5>"),
        (ROUTE, None, False, "on its way to <#5>"),
        (ROUTE, "Discord does not *respond*", False, "Discord does not \\*respond\\*"),
        (BROKEN, None, False, "<#5>"),
    ],
)
def test_each_outcome_is_a_sentence(route: Route, problem: str | None, *, arrived: bool, said: str) -> None:
    assert said in outcome_of(route, problem, (), arrived=arrived)
