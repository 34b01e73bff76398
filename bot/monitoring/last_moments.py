"""The end of the program: what was begun gets a last moment to be finished."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")

_SECONDS = 3


async def finished(work: Coroutine[Any, Any, Value]) -> Value:
    """Do the work. When the program ends meanwhile, give it a last moment before it is broken off."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_SECONDS)
        task.cancel()
        raise
