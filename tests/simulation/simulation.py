"""Plays a history in a world, checks it all the while, and says what it found."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from tests.simulation import people
from tests.simulation.checks import Checks, Finding
from tests.simulation.faults import ACTS
from tests.simulation.further_checks import look_further
from tests.simulation.history import Event, History
from tests.simulation.loop import VirtualLoop, run_virtually
from tests.simulation.past import add_past
from tests.simulation.world import World, open_world

_STEP = 150
"""Seconds between two looks."""
_SET_UP_AT = 60
# As fast as memory, where there is such a folder.
_MEMORY = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)  # noqa: S108


@dataclass(frozen=True)
class Result:
    """What came of a history: what was wrong first, the figures, and everything that was sent."""

    history: History
    findings: tuple[Finding, ...]
    figures: Counter[str]
    sent: tuple[str, ...]
    """Every request to Discord."""
    errors: tuple[str, ...] = ()
    """The unexpected errors in the log."""

    @property
    def digest(self) -> str:
        """A digest of every request to Discord."""
        return hashlib.sha256("\n".join(self.sent).encode()).hexdigest()


@dataclass
class _Log:
    """The log of the bot: its errors, with the time."""

    loop: VirtualLoop
    errors: list[tuple[float, str]] = field(default_factory=list)

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        if event.get("exception") or event.get("exc_info"):
            self.errors.append((self.loop.time(), f"{event['event']} {event.get('exception', '')}".strip()))
        raise structlog.DropEvent

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.errors.append((self.loop.time(), f"{context['message']} {context.get('exception')!r}"))


@contextmanager
def _logged(loop: VirtualLoop) -> Iterator[_Log]:
    log, before = _Log(loop), structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, log],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    loop.set_exception_handler(log.unhandled)
    # discord.py, SQLAlchemy and asyncio log by themselves.
    logging.disable(logging.CRITICAL)
    try:
        yield log
    finally:
        logging.disable(logging.NOTSET)
        structlog.configure(**before)


def simulate(history: History, template: Path | None = None, *, goes_on: bool = False) -> Result:
    """Play a history. Without `goes_on` it ends with the first finding."""
    began = time.process_time()

    async def main(loop: VirtualLoop, chance: Random) -> Result:
        with TemporaryDirectory(dir=_MEMORY) as folder, _logged(loop) as log:
            world = World(loop, chance, Path(folder), timedelta(seconds=history.poll_seconds), template=template)
            checks = Checks(world, log.errors)
            async with open_world(world):
                await _play(world, checks, history, goes_on=goes_on)
            return Result(
                history,
                tuple(checks.findings),
                _figures(world, checks, history),
                tuple(_sent(world)),
                errors=tuple(words for _, words in log.errors),
            )

    try:
        result = run_virtually(main, history.seed)
    except Exception:  # noqa: BLE001 - such as `Stuck`: the seed has to be printed all the same
        ended = Finding(history.seconds, "the simulation ended", traceback.format_exc())
        result = Result(history, (ended,), Counter({"simulations": 1}), ())
    result.figures["processor seconds"] = round(time.process_time() - began)
    return result


async def _play(world: World, checks: Checks, history: History, *, goes_on: bool) -> None:
    await asyncio.sleep(_SET_UP_AT)
    for team in world.teams:
        await world.types(team, "alerts setup", channel=team.alerts, role=team.role)
        minutes = int(world.escalate_after[team.id] / 60)
        await world.types(team, "alerts rules set", rule="escalate_after", value=f"{minutes}m")
        await world.types(team, "alerts rules set", rule="escalate_role", value=f"<@&{world.second_roles[team.id]}>")
    await people.set_quiet_hours(world, {"team": 1, "hours": "22:00-07:00"})
    # One board is enough: it takes as long as all else of its server.
    await world.types(world.teams[0], "board post")
    add_past(world.file)
    world.is_set_up = True
    going_on: set[asyncio.Task[None]] = set()
    for at in _moments(history):
        await asyncio.sleep(max(at - world.loop.time(), 0))
        if isinstance(at, _At):
            task = asyncio.ensure_future(_happen(world, at.event))
            going_on.add(task)
            task.add_done_callback(going_on.discard)
        else:
            await checks.step()
            look_further(checks)
        if checks.findings and not goes_on:
            break
    for task in going_on:
        task.cancel()


class _At(float):
    """The time of an event."""

    event: Event


def _moments(history: History) -> list[float]:
    """Return the times of all events and looks, in order."""
    events = []
    for event in history.events:
        at = _At(event.at)
        at.event = event
        events.append(at)
    looks = [float(at) for at in range(_STEP, history.seconds, _STEP)]
    return sorted([*events, *looks])


async def _happen(world: World, event: Event) -> None:
    world.truth.hits["events"] += 1
    act: Any = ACTS[event.what]
    await act(world, event.values)


def _figures(world: World, checks: Checks, history: History) -> Counter[str]:
    return Counter(
        {
            "simulations": 1,
            "hours": history.seconds // 3600,
            **checks.figures,
            **world.truth.hits,
            "requests to Discord": len(world.discord.requests),
            "rounds": len(world.imaginepro.log),
        }
    )


_SECRET = re.compile(r"^(/(?:interactions|webhooks)/\d+)/[^/]+")


def _sent(world: World) -> Iterator[str]:
    """Yield every request to Discord. The tokens of interactions are left out: the stand-in makes them at random."""
    for request in world.discord.requests:
        body = json.dumps(request.body, sort_keys=True)
        path = _SECRET.sub(r"\1", request.path)
        yield f"{request.received:.3f} {request.method} {path} {request.status} {body}"
