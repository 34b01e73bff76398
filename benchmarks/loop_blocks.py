"""Measure how long one call blocks the event loop, with 2,000 and 5,000 tokens that each have an incident.

All tokens leave FAST and are back at once: two rounds confirm each, the notifier sends what they recorded, and the
board and `/alerts show` are rendered. A thread watches the loop and names the function in which it was blocked longest.
Discord and ImaginePro answer at once, in this process.
"""

import argparse
import asyncio
import gc
import json
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import structlog
from pydantic import SecretStr

from bot.clock import Clock
from bot.demo.documented_api import LinkedToken
from bot.domain.rules import Rules
from bot.imaginepro.client import open_imaginepro
from bot.monitor.monitor import Monitor
from bot.notifier.actions import Action, Attempt, Outcome, Sent
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.sender import Sender
from bot.queries.alerts import alerts_overview
from bot.queries.fleet import board_overview
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import Route, set_route
from bot.storage.database import open_database
from bot.storage.incidents import PostedMessage
from bot.storage.server_settings import set_rules
from bot.ui.alerts_overview import overview_embed
from bot.ui.board import board_message
from tests.standins.imaginepro_server import linked_token

_SERVER = 4_000_000_000_000_000
_MILLISECONDS = 1000
_BEAT_SECONDS = 0.002
_LONG_SECONDS = 0.03
_DELIVERING_SECONDS = 5
_POLL = timedelta(minutes=1)


@dataclass(slots=True)
class Block:
    """The longest block so far, and where it was seen."""

    seconds: float = 0.0
    where: str = ""


class Watch:
    """Notes the longest time in which the event loop did not run."""

    def __init__(self) -> None:
        self.longest = Block()
        self._beat_at = time.perf_counter()
        self._seen = ""
        self._stopped = threading.Event()
        self._thread = threading.get_ident()

    async def __aenter__(self) -> "Watch":
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        self._beating = asyncio.create_task(self._beat())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._beating.cancel()
        self._stopped.set()
        self._watcher.join()

    async def _beat(self) -> None:
        while True:
            # The processor time of this thread, since other programs on the machine are no block.
            self._beat_at, before = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_BEAT_SECONDS)
            blocked = time.thread_time() - before
            if blocked > self.longest.seconds:
                self.longest = Block(blocked, self._seen if blocked > _LONG_SECONDS else "")

    def _watch(self) -> None:
        while not self._stopped.wait(_BEAT_SECONDS):
            if time.perf_counter() - self._beat_at > _LONG_SECONDS:
                frame = sys._current_frames().get(self._thread)
                own = [line for line in traceback.extract_stack(frame) if "/bot/" in line.filename]
                self._seen = f"{Path(own[-1].filename).name}:{own[-1].lineno} {own[-1].name}" if own else "a library"


class InstantSender(Sender):
    """Accepts everything at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sent = 0

    async def wait_for_turn(self) -> None:
        """Do not wait."""

    async def perform(self, action: Action, attempt: Attempt) -> Outcome:
        """Return a new Discord message."""
        self.sent += 1
        return Sent(PostedMessage(7, self.sent))


@dataclass
class Stage:
    """A fleet, its monitor and its notifier."""

    tokens: list[LinkedToken]
    monitor: Monitor
    notifier: Dispatcher
    sender: InstantSender
    renderings: dict[str, Callable[[], Awaitable[object]]]

    async def deliver(self) -> None:
        """Deliver for a few seconds. Discord itself would take far longer for so many messages."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DELIVERING_SECONDS):
                await self.notifier.deliver_due()

    def set_status(self, status: str) -> None:
        """Put all tokens into this status at ImaginePro."""
        for token in self.tokens:
            token.status = status


@asynccontextmanager
async def open_stage(number: int, rules: Rules) -> AsyncIterator[Stage]:
    """Open a database with one server that has alerts about this number of tokens."""
    tokens, clock = [linked_token(number + 1) for number in range(number)], Clock()

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps([token.listed() for token in tokens]))

    with TemporaryDirectory() as folder:
        async with (
            open_database(SecretStr(f"sqlite:///{Path(folder) / 'fastwatch.db'}")) as database,
            open_imaginepro(
                "http://127.0.0.1", SecretStr("made-up-key"), clock, transport=httpx.MockTransport(answer)
            ) as client,
        ):
            async with database.transaction() as connection:
                account_id = await ensure_account(connection, "primary", clock.now())
                await set_route(connection, Route(_SERVER, account_id, 7, 8, 9, clock.now()))
                await set_rules(connection, _SERVER, rules)
            sender = InstantSender(clock)

            async def board() -> object:
                async with database.reading() as connection:
                    overview = await board_overview(connection, account_id, _SERVER, clock.now(), poll_interval=_POLL)
                return board_message(overview)

            async def show() -> object:
                async with database.reading() as connection:
                    return overview_embed(await alerts_overview(connection, account_id, _SERVER, clock.now()))

            monitor = Monitor(
                account_id, client, database, clock, poll_interval=_POLL, deliveries_recorded=lambda: None
            )
            yield Stage(
                tokens, monitor, Dispatcher(database, clock, sender), sender, {"board": board, "/alerts show": show}
            )


async def watched(name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Print how long the work took, and the longest block of the loop meanwhile."""
    began, cpu = time.perf_counter(), time.thread_time()
    async with Watch() as watch:
        await work()
    taken, cpu, longest = time.perf_counter() - began, time.thread_time() - cpu, watch.longest
    longest_ms = longest.seconds * _MILLISECONDS
    print(f"  {name:20} {taken:7.2f} s, loop {cpu:6.2f} s, longest block {longest_ms:4.0f} ms  {longest.where}")


async def measure(number: int, rules: Rules) -> None:
    """Let all tokens leave FAST and be back."""
    async with open_stage(number, rules) as stage:
        for status in ("FAST", "RELAX", "RELAX", "FAST", "FAST"):
            stage.set_status(status)
            await watched(f"round, all {status}", stage.monitor.round)
            await watched("deliveries", stage.deliver)
            for name, render in stage.renderings.items():
                await watched(name, render)
        print(f"  {stage.sender.sent} messages")


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", type=int, nargs="*", default=[2000, 5000])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for number in parser.parse_args().numbers:
        print(f"{number:,} tokens, an incident each")
        gc.freeze()  # as the bot does at its start
        asyncio.run(measure(number, Rules(group_from=10**9)))
        print(f"{number:,} tokens, one incident")
        asyncio.run(measure(number, Rules()))


if __name__ == "__main__":
    _main()
