"""What the logs of a soak may not contain: tracebacks, and errors that nothing has caused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_STARTS = "Fastwatch starts."
OUTAGE = "The database cannot be used. Retrying."
_OUTAGE_ENDS = "The database works again."
_REFUSED = "Discord refuses an alert channel. Its deliveries wait."
_LOUD = ("Traceback", "nobody expected", "nexpected error")


@dataclass(frozen=True)
class Causes:
    """What was done: how often the database was away, how often a channel, and how often a process was killed."""

    outages: int
    moved_files: int
    """Outages that may begin twice: a transaction that was under way is still recorded in the file that was moved."""
    failed_starts: int
    refusals: int
    kills: int


def findings_of_logs(logs: Sequence[Sequence[str]], causes: Causes) -> Iterator[str]:
    """Return what is wrong in the logs; one for each way to start the bot, with all its processes in a row."""
    for log in logs:
        yield from (line for line in log if any(words in line for words in _LOUD))
        yield from _on_outages([_event_of(line)[0] for line in log])
    levels = [_event_of(line) for log in logs for line in log]
    errors = Counter(event for event, level in levels if level == "error")
    # A process that starts during an outage says it, too.
    yield from _too_many(
        errors.pop(OUTAGE, 0), (causes.outages + causes.moved_files) * len(logs) + causes.failed_starts, OUTAGE
    )
    yield from _too_many(errors.pop(_REFUSED, 0), causes.refusals * len(logs), _REFUSED)
    yield from (f"logged {times} times as an error: {event}" for event, times in errors.items())


def _on_outages(events: Sequence[str]) -> Iterator[str]:
    """Each process says the beginning and the end of an outage once, in turns, and the last one its end."""
    is_out = False
    for event in events:
        if event == _STARTS:
            is_out = False
        elif event in (OUTAGE, _OUTAGE_ENDS):
            if is_out is (event == OUTAGE):
                yield f"an outage of the database {'ends' if not is_out else 'begins'} twice in the log"
            is_out = event == OUTAGE
    if is_out:
        yield "the end of an outage of the database was not logged"


def _too_many(times: int, most: int, event: str) -> Iterator[str]:
    if times > most:
        yield f"logged {times} times, and at most {most} times with a cause: {event}"


def _event_of(line: str) -> tuple[str, str]:
    try:
        event = json.loads(line)
    except ValueError:
        return "", ""
    return (str(event.get("event")), str(event.get("level"))) if isinstance(event, dict) else ("", "")
