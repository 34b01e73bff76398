"""Graceful shutdown: work in progress gets a few seconds to finish."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")

# Short, since a process manager kills a process that does not stop soon.
_GRACE_SECONDS = 3


async def shield_until_done(work: Coroutine[Any, Any, Value]) -> Value:
    """Await the work. On cancellation, the work gets a few seconds to finish before it is cancelled too."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
        task.cancel()
        raise
