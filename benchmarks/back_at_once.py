"""Measure a round that finds 5,000 tokens back in FAST at once: the processor time of the decision alone.

It runs in the event loop's thread, so it blocks everything else. Measured with one incident per token, and with one for
all.
"""

import time
from datetime import UTC, datetime, timedelta

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incident_updates import apply_changes
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.tracking import Change, Transition

_TOKENS = 5_000
_BEGAN = datetime(2026, 3, 2, 12, tzinfo=UTC)
_BACK = _BEGAN + timedelta(hours=1)


def _member(token_id: int) -> AffectedToken:
    kind = AlertType.LEFT_FAST
    return AffectedToken(token_id, kind, kind, mode_before=Mode.FAST, mode=Mode.RELAX, started_at=_BEGAN, notified=kind)


def measure(open_incidents: list[Incident]) -> float:
    """Return the processor seconds needed to resolve these incidents, which contain all tokens."""
    changes = [Change(Transition.RESOLVED, number, Mode.RELAX, Mode.FAST, _BACK) for number in range(_TOKENS)]
    began = time.process_time()
    apply_changes(changes, open_incidents, server_id=1, now=_BACK, rules=Rules(), route_of=lambda _: (None, None))
    return time.process_time() - began


def _main() -> None:
    apart = [Incident(number + 1, 1, IncidentType.MODE, _BEGAN, (_member(number),)) for number in range(_TOKENS)]
    together = [Incident(1, 1, IncidentType.MODE, _BEGAN, tuple(map(_member, range(_TOKENS))))]
    print(f"{_TOKENS:,} tokens back at once, processor time of the decision")
    print(f"an incident each: {measure(apart):.3f} s")
    print(f"one incident:     {measure(together):.3f} s")


if __name__ == "__main__":
    _main()
