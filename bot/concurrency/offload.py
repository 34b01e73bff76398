"""Long computations: in a thread, so that the event loop goes on with everything else."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Value = TypeVar("Value")
Parameters = ParamSpec("Parameters")

# About 10 ms of work: one token costs 20 to 50 µs to parse, to evaluate or to compare.
_FEW = 300


async def offload(
    items: int, function: Callable[Parameters, Value], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Value:
    """Call a pure function on this many items: at once if they are few, otherwise in a thread.

    The thread and the event loop take turns every few milliseconds (`sys.setswitchinterval`).
    """
    if items <= _FEW:
        return function(*args, **kwargs)
    return await asyncio.to_thread(function, *args, **kwargs)


async def let_others_run() -> None:
    """Let all other tasks that are ready run once."""
    await asyncio.sleep(0)
