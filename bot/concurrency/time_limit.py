"""A time limit that holds even if what is cancelled takes long to end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


async def within(seconds: float, work: Coroutine[Any, Any, Value]) -> Value:
    """Return the result of the work. Raises TimeoutError after this many seconds, and cancels the work.

    `asyncio.timeout` waits until the cancelled work has ended. Closing a connection to a database that does not respond
    takes seconds.
    """
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            task.add_done_callback(_retrieve)
    if not done:
        raise TimeoutError
    return task.result()


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Retrieve the error of work that nobody waits for any more. asyncio would log it as never retrieved."""
    if not task.cancelled():
        task.exception()
