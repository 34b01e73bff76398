"""Single flight: concurrent calls with the same key share one call."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class SingleFlight(Generic[Value]):
    """Shares one call among all callers with the same key while it is in progress."""

    def __init__(self) -> None:
        self._in_progress: dict[object, asyncio.Task[Value]] = {}

    async def call(self, key: object, work: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """Join the call in progress for this key, or start one. A cancelled caller does not stop it for the others."""
        task = self._in_progress.get(key)
        if task is None:
            task = asyncio.create_task(work())
            self._in_progress[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(task)

    def _finish(self, key: object, task: asyncio.Task[Value]) -> None:
        del self._in_progress[key]
        if not task.cancelled():
            # If all callers were cancelled, asyncio would log the error as never retrieved; this retrieves it.
            task.exception()
