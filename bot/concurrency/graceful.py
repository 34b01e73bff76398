"""Graceful shutdown: work that has begun gets a moment to finish."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")

_GRACE_SECONDS = 3


async def shield_until_done(work: Coroutine[Any, Any, Value]) -> Value:
    """Await the work. On cancellation, give it a few seconds to finish before it is cancelled too."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
        task.cancel()
        raise
