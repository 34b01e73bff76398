"""Virtual time: an event loop that jumps to its next timer when nothing is ready."""

from __future__ import annotations

import asyncio
import random
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar, TypeVarTuple
from unittest.mock import patch

import discord.utils
from cachetools import TTLCache

from bot.clock import Clock

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

EPOCH = datetime(2026, 3, 2, tzinfo=UTC)
"""When every simulation begins: a Monday."""
_MOST_TURNS = 200_000
"""Turns of the loop without any wait, after which something runs in circles."""
_SHORTEST_WAIT = 1e-6
"""Seconds. A limiter that computes its next time with a rounding error would never get there on a clock that stands
still."""


class Stuck(Exception):
    """Everything waits, and for nothing that could ever happen; or something runs in circles."""


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: it moves the loop's time forward instead."""

    now = 0.0
    _turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("nothing is left to wait for")
        self.now += timeout
        self._turns = 0 if timeout > 0 else self._turns + 1
        if self._turns > _MOST_TURNS:
            raise Stuck(f"nothing waits at {self.now:.3f} s")
        # The only file is the one that wakes the loop for another thread, and there are no threads.
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The event loop of one simulation. There are no sockets and no threads in it."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the virtual seconds since the simulation began."""
        return self._virtual.now

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call a function at this time, which is not now."""
        return super().call_at(max(when, self.time() + _SHORTEST_WAIT), callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Call the function at once."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            future.set_exception(error)
        return future


class VirtualClock(Clock):
    """The clock of the machine that the bot runs on. Its wall clock may be wrong by `error`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, chance: Random) -> None:
        super().__init__()
        self._loop = loop
        self._random = chance
        self.error = timedelta()

    def now(self) -> datetime:
        """Return what the machine takes for the time."""
        return true_time(self._loop.time()) + self.error

    def monotonic(self) -> float:
        """Return the virtual seconds."""
        return self._loop.time()

    def nonce(self) -> str:
        """Return a nonce that is the same in every run with this seed."""
        return f"{self._random.getrandbits(96):024x}"


def true_time(seconds: float) -> datetime:
    """Return the time after so many virtual seconds."""
    return EPOCH + timedelta(seconds=seconds)


@contextmanager
def _only_virtual_time(loop: VirtualLoop, chance: Random) -> Iterator[None]:
    """Let libraries that do not use the bot's clock have the loop's time, and no other source of chance."""
    state = random.getstate()
    random.seed(chance.getrandbits(64))
    monotonic = loop.time
    cache_defaults = (monotonic, *(TTLCache.__init__.__defaults__ or ())[1:])
    with (
        patch.object(time, "monotonic", monotonic),
        patch.object(time, "time", lambda: true_time(loop.time()).timestamp()),
        patch.object(discord.utils, "utcnow", lambda: true_time(loop.time())),
        patch.object(TTLCache.__init__, "__defaults__", cache_defaults),
    ):
        try:
            yield
        finally:
            random.setstate(state)


def run_virtually(main: Callable[[VirtualLoop, Random], Coroutine[Any, Any, T]], seed: int) -> T:
    """Run a coroutine on virtual time, with the chance of this seed."""
    loop = VirtualLoop()
    chance = Random(seed)  # noqa: S311 - it is to be the same once more
    try:
        asyncio.set_event_loop(loop)
        with _only_virtual_time(loop, chance):
            return loop.run_until_complete(main(loop, chance))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
