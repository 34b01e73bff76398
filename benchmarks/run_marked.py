"""Watch many accounts like `benchmarks.run_watching`, with the same arguments, and print the steps of each alert.

A line of standard output is one alert: a JSON object of each step's monotonic time, and the processor seconds of this
process until then.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.run_watching import watch
from bot.monitor.round_recorder import RoundRecorder
from bot.notifier import handover
from bot.notifier.actions import Action, Attempt, Post
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.queue import claim_next_batch
from bot.notifier.sender import Sender
from bot.storage.database import Database

_step: ContextVar[str] = ContextVar("step", default="")
_marks: ContextVar[dict[str, tuple[float, float]]] = ContextVar("marks")
_recorded: dict[str, tuple[float, float]] = {}
"""The marks of the round that was recorded last."""


def _mark(name: str) -> None:
    if _step.get():
        _marks.get()[f"{_step.get()}: {name}"] = time.monotonic(), time.process_time()


def mark_steps() -> None:
    """Let the monitor and the notifier note the times of their steps."""
    record, deliver_next, perform = RoundRecorder.record, Dispatcher._deliver_next, Sender.perform
    transaction, claim = Database.transaction, claim_next_batch

    async def marked_record(self: RoundRecorder, *args: Any) -> Any:
        _step.set("record")
        _marks.set({})
        _mark("decoded")
        try:
            return await record(self, *args)
        finally:
            _recorded.clear()
            _recorded.update(_marks.get())
            _step.set("")

    async def marked_deliver(self: Dispatcher, *args: Any) -> None:
        _step.set("claim")
        _marks.set(dict(_recorded))
        _mark("looked")
        await deliver_next(self, *args)

    @asynccontextmanager
    async def marked_transaction(self: Database, **options: bool) -> AsyncIterator[AsyncConnection]:
        _mark("asked")
        async with transaction(self, **options) as connection:
            _mark("begun")
            yield connection
            _mark("decided")
        _mark("committed")

    async def marked_claim(*args: Any) -> Any:
        _mark("claiming")
        batch = await claim(*args)
        _mark("claimed")
        return batch

    async def marked_perform(self: Sender, action: Action, attempt: Attempt) -> Any:
        _mark("built")
        if isinstance(action, Post) and _step.get():
            print(json.dumps(_marks.get()), flush=True)
            _step.set("")
        return await perform(self, action, attempt)

    for owner, name, marked in (
        (RoundRecorder, "record", marked_record),
        (Dispatcher, "_deliver_next", marked_deliver),
        (Sender, "perform", marked_perform),
        (Database, "transaction", marked_transaction),
        (handover, "claim_next_batch", marked_claim),
    ):
        setattr(owner, name, marked)


if __name__ == "__main__":
    mark_steps()
    api, imaginepro, database, poll = sys.argv[1:]
    asyncio.run(watch(api, imaginepro, database, float(poll)))
