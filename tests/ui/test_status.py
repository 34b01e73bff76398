"""The answer to `/status`."""

from collections import Counter
from datetime import timedelta

import pytest

from bot.ui.status import MonitorStatus, status_embed
from tests.clocks import NOON


@pytest.mark.parametrize(
    ("waiting", "problem", "text"),
    [
        (0, None, "none"),
        (3, None, "3"),
        (3, "a `permission` is missing", "3, because: a \\`permission\\` is missing"),
    ],
)
def test_what_waits_is_counted_with_its_reason(waiting: int, problem: str | None, text: str) -> None:
    health = MonitorStatus("1.0", NOON, timedelta(minutes=1), NOON, None, Counter(), None, waiting, problem, [])

    (field,) = (field for field in status_embed(health, NOON).fields if field.name == "Waiting to be delivered here")
    assert field.value == text
