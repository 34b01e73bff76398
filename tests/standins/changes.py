"""Waiting for a state instead of sleeping: every change of a stand-in wakes its waiters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tests.patience import GENEROUS

T = TypeVar("T")


def loop_time() -> float:
    """The monotonic time of the running event loop, which may be a virtual one."""
    return asyncio.get_running_loop().time()


class Changes:
    """Wakes waiters on every change; their predicates are checked only then."""

    def __init__(self, describe: Callable[[], str]) -> None:
        self._describe = describe
        self._waiters: set[asyncio.Event] = set()

    def notify(self) -> None:
        """Something has changed."""
        for waiter in self._waiters:
            waiter.set()

    async def wait_for(self, predicate: Callable[[], T | None], timeout: float = GENEROUS) -> T:  # noqa: ASYNC109 - as asyncio.wait_for names it
        """Return the predicate's first true value, or raise TimeoutError with what happened instead."""
        waiter = asyncio.Event()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    await waiter.wait()
                    waiter.clear()
                return value
        except TimeoutError:
            raise TimeoutError(f"not within {timeout} s; {self._describe()}") from None
        finally:
            self._waiters.discard(waiter)
