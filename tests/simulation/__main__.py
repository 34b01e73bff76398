"""`python -m tests.simulation --days 1000 --seed 1`: many simulations, and the shortest history of what fails."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.databases import migrate
from tests.simulation.faults import SORTS
from tests.simulation.history import DAY, History, generate, shrink, truncated
from tests.simulation.simulation import Result, simulate

_LENGTHS = (1, 1, 1, 2, 3)
"""How many days a simulation has: most faults show on the first, some only after a while."""


def histories(seed: int, days: int) -> list[History]:
    """Return histories with this many days together. Each has a seed of its own, from this one on."""
    chosen: list[History] = []
    while (left := days - sum(one.ends for one in chosen) // DAY) > 0:
        number = seed + len(chosen)
        chosen.append(generate(number, min(_LENGTHS[number % len(_LENGTHS)], left), SORTS))
    return chosen


def report(result: Result, template: Path, seconds: float = 300) -> str:
    """Return what was wrong in a simulation, and the shortest history that shows it and is found in so many seconds."""
    first, began = result.findings[0], time.perf_counter()

    def is_late() -> bool:
        return time.perf_counter() - began > seconds

    def fails(history: History) -> bool:
        return not is_late() and any(one.check == first.check for one in simulate(history, template).findings)

    shortest = shrink(truncated(result.history, first.at), fails)
    shown = "a shorter history (there was no time for the shortest)" if is_late() else "the shortest history"
    again = simulate(shortest, template)
    return "\n".join(["", f"FAILED: {first}", f"{shown} that shows it: {shortest}", *map(str, again.findings)])


def progress(result: Result, days: int) -> str:
    """Return one line about a simulation that has ended, and how many days there are so far, with what was wrong."""
    history = result.history
    lines = [f"seed {history.seed}: {history.ends // DAY} d, {len(history.events)} events, {days} d in all"]
    return "\n".join([*lines, *(f"  FOUND {finding}" for finding in result.findings)])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    # A run of many hours is read while it lasts, and may be stopped.
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulations of the command line, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--most-failures", type=int, default=5)
    parser.add_argument("--shrink-seconds", type=float, default=300, help="the longest time for each failure")
    chosen = parser.parse_args(arguments)
    began, figures, failures, days = time.perf_counter(), Counter[str](), 0, 0
    with TemporaryDirectory() as folder, ProcessPoolExecutor(chosen.processes) as pool:
        template = Path(folder) / "fastwatch.db"
        migrate(f"sqlite:///{template}")
        for result in pool.map(partial(simulate, template=template), histories(chosen.seed, chosen.days)):
            figures += result.figures
            days += result.history.ends // DAY
            _say(progress(result, days))
            if result.findings:
                failures += 1
                if failures <= chosen.most_failures:
                    _say(report(result, template, chosen.shrink_seconds))
    figures["seconds"] = round(time.perf_counter() - began)
    figures["failures"] = failures
    sys.stdout.write("".join(f"| {name} | {number:,} |\n" for name, number in figures.items()))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
