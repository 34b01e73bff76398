"""Measure a version before and the working tree in one run, by turns, and print a Markdown table: `python -m
benchmarks.table`. The stand-ins are on one core, what is measured is on the others.
"""

import argparse
import asyncio
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import rows
from benchmarks.processes import use_last_core
from benchmarks.rows import Line, Programs, Size
from benchmarks.versions import current_commit, versions_since

_BEFORE = "52f6fe0"
_ROWS = {
    "check": rows.check,
    "round": rows.round_of_many,
    "alert": rows.alert,
    "kuma": rows.kuma,
    "statements": rows.statements,
    "trace": rows.trace,
    "start": rows.start,
    "samples": rows.samples,
}
_SMALL = Size(
    turns=1, accounts=(1, 20), alerts=10, seconds=2, checked=20, shared=50, traces=50, beside_kuma=4, tokens=111
)


async def _main(chosen: argparse.Namespace) -> None:
    size = _SMALL if chosen.small else Size()
    size = replace(size, turns=chosen.turns or size.turns, accounts=tuple(chosen.accounts or size.accounts))
    programs = Programs(str(chosen.python.absolute()), chosen.uptime_kuma)
    use_last_core()
    with versions_since(chosen.before) as versions:
        python = f"Python {platform.python_version()}, {os.cpu_count()} cores"
        print(f"{chosen.before} before, {current_commit()} after; {python}\n")
        print("| measured | before | after | after / before | aim |")
        print("| --- | ---: | ---: | ---: | ---: |", flush=True)
        for name in chosen.row or _ROWS:
            try:
                for line in await _ROWS[name](versions, size, programs):
                    print(_markdown(line), flush=True)
            except (OSError, RuntimeError, TimeoutError) as error:
                # The other rows took long.
                print(f"The row {name} could not be measured: {error!r}", file=sys.stderr)


def _markdown(line: Line) -> str:
    before, after = line.values
    ratio = f"{after / before:.2f}" if before and after is not None else "-"
    return f"| {line.name} | {line.text(before)} | {line.text(after)} | {ratio} | {line.aim} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.table", description=__doc__)
    parser.add_argument("--before", default=_BEFORE, help="the commit to compare with")
    parser.add_argument("--row", action="append", choices=_ROWS, help="only these rows; may be repeated")
    parser.add_argument("--small", action="store_true", help="a quick run, to see that it works")
    parser.add_argument("--turns", type=int, help="how often to measure most rows; their median counts")
    parser.add_argument("--accounts", type=int, nargs="+", help="how many accounts the row `alert` watches")
    parser.add_argument("--python", type=Path, default=sys.executable, help="the interpreter that runs the bots")
    parser.add_argument(
        "--uptime-kuma",
        type=Path,
        help="a checkout of Uptime Kuma with its libraries; its rows are left out without one",
    )
    asyncio.run(_main(parser.parse_args()))
