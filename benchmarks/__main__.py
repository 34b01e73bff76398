"""Measure Fastwatch beside the smallest bot that does the same, in one run, and print a table. `--python` sets the
interpreter that runs the two bots: one with their own requirements and nothing more, because some development tools
slow down the libraries of both (httpx loads rich if it is installed).
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.rounds import fastwatch_cpu_ms, smallest_cpu_ms
from benchmarks.stage import Contestant, Share, stage

_CASES = {
    "one at a time, upstream at once": (1, 0.0),
    "one at a time, upstream after 50 ms": (1, 0.05),
    "200 at once, upstream at once": (200, 0.0),
    "200 at once, upstream after 50 ms": (200, 0.05),
}
_TRACES = 400
_TURNS = 3
_TOKENS = 1000
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measurements of one bot in one run."""

    shares: dict[str, Share]
    equal: int
    ready_ms: float
    resident_mb: float


async def measure(contestant: Contestant, python: str) -> Measurement:
    """Measure one bot once."""
    async with stage(contestant, python) as on:
        resident_mb = on.bot.resident_mb()
        await on.own_share(50, at_once=10, upstream_seconds=0)
        shares = {
            name: await on.own_share(_TRACES, at_once=at_once, upstream_seconds=upstream)
            for name, (at_once, upstream) in _CASES.items()
        }
        return Measurement(shares, await on.requests_for_equal_traces(100), on.ready_seconds * 1000, resident_mb)


def table(ours: list[Measurement], theirs: list[Measurement]) -> list[tuple[str, str, str, str]]:
    """Return a table of the medians of all runs, with their ratio."""

    def row(name: str, value: Callable[[Measurement], float], unit: str) -> tuple[str, str, str, str]:
        mine, other = _median(ours, value), _median(theirs, value)
        return name, f"{mine:.1f} {unit}", f"{other:.1f} {unit}", f"{mine / other:.2f}" if other else "-"

    rows = []
    for case in _CASES:
        for part, figure in (("own share, p50", "p50"), ("own share, p99", "p99"), ("processor, each", "cpu")):
            rows.append(row(f"`/trace`, {case}: {part}", _share(case, figure), "ms"))
    rows.append(row("upstream requests for 100 equal traces at once", lambda figures: figures.equal, ""))
    rows.append(row("start to ready", lambda figures: figures.ready_ms, "ms"))
    rows.append(row("resident memory, idle", lambda figures: figures.resident_mb, "MB"))
    return rows


def _share(case: str, figure: str) -> Callable[[Measurement], float]:
    return lambda figures: float(getattr(figures.shares[case], figure))


def _median(turns: list[Measurement], value: Callable[[Measurement], float]) -> float:
    ordered = sorted(map(value, turns))
    return ordered[len(ordered) // 2]


async def _main(python: str) -> None:
    ours, theirs = [], []
    for _ in range(_TURNS):
        theirs.append(await measure(Contestant.SMALLEST, python))
        ours.append(await measure(Contestant.FASTWATCH, python))
    rows = table(ours, theirs)
    smallest = await smallest_cpu_ms(_TOKENS, _ROUNDS)
    for kind, busy in (("nothing changed", False), ("all changed", True)):
        cpu = await fastwatch_cpu_ms(_TOKENS, _ROUNDS, busy=busy)
        name = f"a round of 1,000 tokens, {kind}: processor"
        rows.append((name, f"{cpu:.1f} ms", f"{smallest:.1f} ms, recording nothing", f"{cpu / smallest:.0f}"))
    print("| measured | Fastwatch | the smallest bot | ratio |")
    print("| --- | ---: | ---: | ---: |")
    for cells in rows:
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs the two bots")
    asyncio.run(_main(parser.parse_args().python))
