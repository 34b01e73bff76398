"""What a soak accepts in the logs: what an outage says, in turns, and no other error."""

from __future__ import annotations

import json

import pytest

from tests.soak.logs import OUTAGE, Causes, findings_of_logs

NOTHING = Causes(outages=0, moved_files=0, failed_starts=0, refusals=0, kills=0)
ONE = Causes(outages=1, moved_files=0, failed_starts=0, refusals=0, kills=0)


def line(event: str, level: str = "info") -> str:
    return json.dumps({"event": event, "level": level})


START, BEGINS, ENDS = line("Fastwatch starts."), line(OUTAGE, "error"), line("The database works again.")
REFUSED = line("Discord refuses an alert channel. Its deliveries wait.", "error")


@pytest.mark.parametrize(
    ("log", "causes", "number"),
    [
        ([START, BEGINS, ENDS], ONE, 0),
        ([START, BEGINS, START], ONE, 0),
        ([START, BEGINS, ENDS], NOTHING, 1),
        ([START, BEGINS], ONE, 1),
        ([START, BEGINS, BEGINS, ENDS], Causes(2, 0, 0, 0, 0), 1),
        ([START, ENDS], ONE, 1),
        ([START, REFUSED], NOTHING, 1),
        ([START, REFUSED], Causes(0, 0, 0, 1, 0), 0),
        ([START, line("Something failed.", "error")], ONE, 1),
        ([START, "Traceback (most recent call last):"], ONE, 1),
    ],
)
def test_each_error_needs_a_cause(log: list[str], causes: Causes, number: int) -> None:
    assert len(list(findings_of_logs([log], causes))) == number
