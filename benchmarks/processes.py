"""Processes to measure: their core, processor time, memory and SQL statements."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.versions import ROOT

# Before this process is put on one of them: its children begin there too.
_CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
_MEGABYTE = 1024 * 1024
_COUNTING = Path(__file__).parent / "counting_statements.py"


def use_last_core() -> None:
    """Run this process, with the stand-ins, on the last core, where the system lets a process choose."""
    _pin(psutil.Process(), _CORES[-1:])


@dataclass(frozen=True, slots=True)
class Measured:
    """A process that is measured. It runs on all cores but the last."""

    process: psutil.Process
    statements_file: Path | None = None

    def cpu_seconds(self) -> float:
        """Return the processor seconds that it has used."""
        return cpu_seconds([self.process])

    def resident_mb(self) -> float:
        """Return its resident memory."""
        return float(self.process.memory_info().rss) / _MEGABYTE

    def statements(self) -> int:
        """Return the SQL statements that it has run."""
        return int.from_bytes(self.statements_file.read_bytes(), "little") if self.statements_file is not None else 0


@asynccontextmanager
async def running(module: str, *arguments: str, folder: Path = ROOT, stdin: bytes = b"") -> AsyncIterator[Measured]:
    """Run a module of the version in this folder, and count its SQL statements."""
    with TemporaryDirectory() as made:
        file = Path(made) / "statements"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(_COUNTING), str(file), module, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env=dict(os.environ),
        )
        measured = pinned(process.pid)
        if process.stdin is None:
            raise RuntimeError("the process was started without its standard input")
        process.stdin.write(stdin)
        try:
            yield Measured(measured, file)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def pinned(pid: int) -> psutil.Process:
    """Return a process that was just started, which from now on leaves the last core to the stand-ins."""
    process = psutil.Process(pid)
    _pin(process, _CORES[:-1] or _CORES)
    return process


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the processor seconds that these processes have used."""
    times = [process.cpu_times() for process in processes]
    return float(sum(used.user + used.system for used in times))


def _pin(process: psutil.Process, cores: list[int]) -> None:
    if sys.platform == "linux":
        process.cpu_affinity(cores)
