"""The rows of `benchmarks.table`: each measures both versions by turns, and returns lines of the table."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks import alerts, uptime_kuma
from benchmarks.alerts import Case
from benchmarks.processes import pinned
from benchmarks.stage import Contestant, stage
from benchmarks.versions import Versions
from tests.databases import running_postgres

_USUAL_POLL_SECONDS = 60.0
# Often enough to see 200 changes of few accounts in minutes.
_POLL_SECONDS = {1: 0.2, 20: 2.0, 100: 10.0}
_MINUTE_MS = 60_000
# One process of the version before does not hold more.
_MOST_BEFORE = 1_000
# Run in each version.
_ROUND = "import asyncio; from benchmarks.rounds import fastwatch_cpu_ms as measure; print(asyncio.run(measure({})))"
_BESIDE = "beside the smallest bot"

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    turns: int = 3
    accounts: tuple[int, ...] = (1, 100, 1_000, 10_000)
    alerts: int = 200
    seconds: float = 60
    """How long rounds that change nothing are measured."""
    checked: int = 100
    """Accounts of the row `check`."""
    shared: int = 10_000
    """Accounts of two processes."""
    traces: int = 400
    beside_kuma: int = 20
    """Accounts that Fastwatch and Uptime Kuma watch."""
    tokens: int = 200
    """Tokens with a year of samples."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The interpreter that runs the bots, and a checkout of Uptime Kuma, if there is one."""

    python: str
    uptime_kuma: Path | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: the values before and after, None where nothing was measured."""

    name: str
    values: Sequence[float | None]
    unit: str
    aim: str

    def text(self, value: float | None) -> str:
        """Return a value with its unit."""
        return "-" if value is None else f"{value:,.{1 if value < 100 else 0}f} {self.unit}".rstrip()  # noqa: PLR2004


async def check(versions: Versions, size: Size, _: Programs) -> list[Line]:
    """Measure checks of accounts of 5 tokens that find nothing new: their processor time and statements."""
    lines = []
    with _databases() as new_database:
        for name, url in (("SQLite", lambda: None), ("PostgreSQL", new_database)):

            async def measure(folder: Path, url: Callable[[], str | None] = url) -> Figures:
                case = Case(size.checked, 10, alerts=0, seconds=size.seconds, database_url=url())
                found = await alerts.measure(case, folder)
                return {"cpu": found.cpu_ms_per_round, "statements": found.statements_per_round}

            before, after = await _by_turns(versions, size, measure)
            what = f"a check of 5 tokens, nothing new, {name}"
            lines.append(Line(f"{what}: processor", (before["cpu"], after["cpu"]), "ms", "a fifth"))
            lines.append(Line(f"{what}: statements", (before["statements"], after["statements"]), "", "0"))
    return lines


async def round_of_many(versions: Versions, size: Size, _: Programs) -> list[Line]:
    """Measure a round of one account of 1,000 tokens, on SQLite."""
    lines = []
    for name, busy, aim in (("nothing", False, "15 ms"), ("all", True, "60 ms")):

        async def measure(folder: Path, busy: bool = busy) -> Figures:  # noqa: FBT001 - bound in a loop
            return {"cpu": float((await _printed(folder, "-c", _ROUND.format(f"1000, 10, busy={busy}"))).split()[-1])}

        before, after = await _by_turns(versions, size, measure)
        lines.append(
            Line(f"a round of 1,000 tokens, {name} changed: processor", (before["cpu"], after["cpu"]), "ms", aim)
        )
    return lines


async def alert(versions: Versions, size: Size, _: Programs) -> list[Line]:
    """Measure from the answer that shows a change to the request at Discord, while one process watches many accounts on
    SQLite. The most accounts also say what one costs.
    """
    lines, found = [], {}
    for accounts in size.accounts:
        case = Case(accounts, _POLL_SECONDS.get(accounts, _USUAL_POLL_SECONDS), size.alerts, size.seconds)
        before = await alerts.measure(case, versions.before) if accounts <= _MOST_BEFORE else None
        found[accounts] = before, await alerts.measure(case, versions.after)
        for name, aim in (("p50", "20 ms"), ("p99", "100 ms")):
            values = [None if each is None else float(getattr(each, f"{name}_ms")) for each in found[accounts]]
            lines.append(Line(f"answer to request at Discord, {accounts:,} accounts: {name}", values, "ms", aim))
    return lines + _costs_of_accounts(found)


def _costs_of_accounts(found: Mapping[int, tuple[alerts.Measurement | None, alerts.Measurement]]) -> list[Line]:
    """Return how many accounts use one core, and the memory of each: of the most that were measured, beyond a few."""
    versions = zip(*found.values(), strict=True)
    held, memory = zip(*(_cost_of_one(dict(zip(found, each, strict=True))) for each in versions), strict=True)
    return [
        Line("accounts that use one core, a check each in 60 s", held, "", "10,000"),
        Line("memory of an account of 5 tokens", memory, "kB", "15 kB"),
    ]


def _cost_of_one(found: Mapping[int, alerts.Measurement | None]) -> tuple[float | None, float | None]:
    """Return how many accounts use one core, and the kilobytes of each; None for what was not measured."""
    measured = {accounts: one for accounts, one in found.items() if one is not None}
    if not measured:
        return None, None
    few, most = sorted(measured)[-2:][0], max(measured)
    more = measured[most].resident_mb - measured[few].resident_mb
    return _MINUTE_MS / measured[most].cpu_ms_per_round, more * 1024 / (most - few) if most > few else None


async def kuma(versions: Versions, size: Size, programs: Programs) -> list[Line]:
    """Measure beside Uptime Kuma, which needs a monitor for each token."""
    checkout, accounts = programs.uptime_kuma, size.beside_kuma
    if checkout is None:
        return []

    async def measure(folder: Path) -> Figures:
        case = Case(accounts, _POLL_SECONDS[100], size.alerts, size.seconds)
        theirs = await uptime_kuma.measure(checkout, accounts, int(case.poll_seconds), case.alerts, case.seconds)
        ours = await alerts.measure(case, folder)
        token_ms = ours.cpu_ms_per_round / uptime_kuma.TOKENS
        return {"p50": ours.p50_ms / theirs.p50_ms, "cheaper": theirs.cpu_ms_per_check / token_ms}

    before, after = await _by_turns(versions, size, measure)
    p50, cheaper = ((before[name], after[name]) for name in ("p50", "cheaper"))
    return [
        Line(f"answer to request, {accounts} accounts, beside Uptime Kuma: p50", p50, "", "2"),
        Line("a check of a token, how many times cheaper than Uptime Kuma: processor", cheaper, "", "10"),
    ]


async def statements(versions: Versions, size: Size, _: Programs) -> list[Line]:
    """Count the statements of two processes on PostgreSQL that share accounts with nothing new."""
    with _databases() as new_database:
        values, measured = [], (min(size.shared, _MOST_BEFORE), size.shared)
        for folder, accounts in zip(versions, measured, strict=True):
            case = Case(accounts, _USUAL_POLL_SECONDS, 0, size.seconds, new_database(), processes=2)
            values.append((await alerts.measure(case, folder)).statements_per_second * size.shared / accounts)
    what = f"statements a second, {size.shared:,} accounts, two processes, nothing new"
    return [Line(f"{what} (before: from {measured[0]:,})", values, "", "20")]


async def trace(versions: Versions, size: Size, programs: Programs) -> list[Line]:
    """Measure `/trace`: its own share, one at a time, and 200 at once."""

    async def measure(folder: Path, contestant: Contestant) -> Figures:
        async with stage(contestant, programs.python, folder) as on:
            await on.own_share(50, at_once=10, upstream_seconds=0)
            one = await on.own_share(size.traces, at_once=1, upstream_seconds=0)
            many = await on.own_share(size.traces, at_once=200, upstream_seconds=0.05)
            return {"p50": one.p50, "p99": many.p99, "cpu": many.cpu}

    names = {
        "p50": ("`/trace`, own share, p50", "1.15"),
        "p99": ("`/trace`, 200 at once, ImaginePro after 50 ms, p99", "1.2"),
        "cpu": ("`/trace`, 200 at once: processor, each", ""),
    }
    return await _beside_the_smallest(versions, size, measure, names)


async def start(versions: Versions, size: Size, programs: Programs) -> list[Line]:
    """Measure the start, and the memory after it."""

    async def measure(folder: Path, contestant: Contestant) -> Figures:
        async with stage(contestant, programs.python, folder) as on:
            await asyncio.sleep(2)
            return {"memory": on.bot.resident_mb(), "ready": on.ready_seconds, "cpu": on.ready_cpu_seconds}

    names = {
        "memory": ("resident memory, idle", "1.5"),
        "ready": ("start to ready", "1.8"),
        "cpu": ("start to ready: processor", ""),
    }
    return await _beside_the_smallest(versions, size, measure, names)


async def samples(versions: Versions, size: Size, _: Programs) -> list[Line]:
    """Measure how much space a sample takes."""
    rows = [await _printed(folder, "-m", "benchmarks.history", "--tokens", str(size.tokens)) for folder in versions]
    cells = [next(row for row in each.splitlines() if "bytes a sample" in row).split("|") for each in rows]
    sqlite, postgres = ([float(row[column]) for row in cells] for column in (2, 3))
    return [
        Line("bytes of a sample, SQLite", sqlite, "", "34"),
        Line("bytes of a sample, PostgreSQL", postgres, "", "80"),
    ]


async def _beside_the_smallest(
    versions: Versions,
    size: Size,
    measure: Callable[[Path, Contestant], Awaitable[Figures]],
    names: Mapping[str, tuple[str, str]],
) -> list[Line]:
    """Return figures of both versions divided by those of the smallest bot in the same turn."""

    async def ratios(folder: Path) -> Figures:
        smallest = await measure(folder, Contestant.SMALLEST)
        ours = await measure(folder, Contestant.FASTWATCH)
        return {name: ours[name] / smallest[name] for name in names}

    before, after = await _by_turns(versions, size, ratios)
    return [Line(f"{what}, {_BESIDE}", (before[name], after[name]), "", aim) for name, (what, aim) in names.items()]


async def _by_turns(
    versions: Versions, size: Size, measure: Callable[[Path], Awaitable[Figures]]
) -> tuple[Figures, Figures]:
    """Return the medians of both versions, which are measured one after the other, several times."""
    turns = [(await measure(versions.before), await measure(versions.after)) for _ in range(size.turns)]
    before, after = zip(*turns, strict=True)
    return _medians(before), _medians(after)


def _medians(turns: tuple[Figures, ...]) -> Figures:
    return {name: median(turn[name] for turn in turns) for name in turns[0]}


@contextmanager
def _databases() -> Iterator[Callable[[], str]]:
    """Start a PostgreSQL server. Yields a function that makes a new database and returns its address."""
    numbers = count(1)
    with running_postgres() as server:

        def create() -> str:
            name = f"benchmark_{next(numbers)}"
            server.psql(f"CREATE DATABASE {name};")
            return str(server.get_uri(database=name))

        yield create


async def _printed(folder: Path, *arguments: str) -> str:
    """Run Python in the folder of a version, and return what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    pinned(process.pid)
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{arguments} failed in {folder}")
    return output.decode()
