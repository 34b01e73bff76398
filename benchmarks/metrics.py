"""What counting for Prometheus adds to the smallest check, that of one token: `python -m benchmarks.metrics`."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import prometheus_client

from benchmarks.rounds import fastwatch_cpu_ms
from bot.imaginepro.measuring import DURATION, Call
from bot.monitor.measuring import SUCCEEDED

_ROUNDS = 50
_OPERATIONS = 100_000
_LIMIT = 0.01


async def counted_operations() -> Counter[str]:
    """Return how often one check counts and times something."""
    counts: Counter[str] = Counter()

    def counting(name: str, method: Callable[..., None]) -> Callable[..., None]:
        def count(*arguments: Any) -> None:
            counts[name] += 1
            method(*arguments)

        return count

    classes = {"inc": prometheus_client.Counter, "observe": prometheus_client.Histogram}
    originals = {name: getattr(of, name) for name, of in classes.items()}
    for name, of in classes.items():
        setattr(of, name, counting(name, originals[name]))
    try:
        await fastwatch_cpu_ms(1, _ROUNDS, busy=True)
    finally:
        for name, of in classes.items():
            setattr(of, name, originals[name])
    # One more runs before the measured ones.
    return Counter({name: number // (_ROUNDS + 1) for name, number in counts.items()})


def microseconds(operation: Callable[[], object]) -> float:
    """Return the processor time of an operation."""
    began = time.process_time()
    for _ in range(_OPERATIONS):
        operation()
    return (time.process_time() - began) / _OPERATIONS * 1e6


def _timed() -> None:
    with DURATION[Call.FLEET].time():
        pass


async def main() -> None:
    """Measure, and print the share."""
    counts = await counted_operations()
    check_us = await fastwatch_cpu_ms(1, _ROUNDS, busy=True) * 1000
    increment_us, timing_us = microseconds(SUCCEEDED.inc), microseconds(_timed)
    share = (counts["inc"] * increment_us + counts["observe"] * timing_us) / check_us
    print(f"a check of one token            {check_us:8.0f} us")
    print(f"to count something              {increment_us:8.2f} us, {counts['inc']} times in a check")
    print(f"to time something               {timing_us:8.2f} us, {counts['observe']} times in a check")
    print(f"share of the check              {share:8.2%}  (limit: {_LIMIT:.0%})")


if __name__ == "__main__":
    asyncio.run(main())
