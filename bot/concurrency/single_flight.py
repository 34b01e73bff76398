"""One request for all who ask the same at the same time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class SingleFlight(Generic[Value]):
    """Shares one call among all who ask for the same key while it is under way."""

    def __init__(self) -> None:
        self._under_way: dict[object, asyncio.Task[Value]] = {}

    async def call(self, key: object, work: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """Join the call under way for this key, or start it. One who gives up waiting does not stop it for the rest."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(work())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(task)

    def _land(self, key: object, task: asyncio.Task[Value]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            # All who waited may have given up: looked at here, its error is not reported as never retrieved.
            task.exception()
