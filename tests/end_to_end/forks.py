"""Starting processes: by forking a preloaded one, or as users do."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest

from tests.end_to_end.fork_server import READY, Start

REPOSITORY = Path(__file__).parents[2]
_LONGEST_LINE = 8 * 1024 * 1024


class Running(Protocol):
    """A started process, and its output."""

    pid: int
    stdout: asyncio.StreamReader | None
    stderr: asyncio.StreamReader | None

    def send_signal(self, sign: int, /) -> None:
        """Send it a signal. Raises ProcessLookupError if it is gone."""

    async def wait(self) -> int:
        """Wait for its end. Return its exit status, or minus the signal that ended it."""


class Starter(Protocol):
    """A way to start a process."""

    async def __call__(self, start: Start, /) -> Running:
        """Start it, with its output and its errors in pipes."""


async def start_interpreter(start: Start) -> Running:
    """Start a new interpreter."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", start.module, *start.arguments),
        cwd=start.folder,
        env=start.environment | {"PYTHONPATH": str(REPOSITORY)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )


class Forked:
    """A process started by a fork server."""

    def __init__(
        self, pid: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader, end: asyncio.Task[int]
    ) -> None:
        self.pid = pid
        self.stdout: asyncio.StreamReader | None = stdout
        self.stderr: asyncio.StreamReader | None = stderr
        self._end = end

    def send_signal(self, sign: int, /) -> None:
        """Send it a signal. Raises ProcessLookupError if it is gone."""
        if self._end.done():
            raise ProcessLookupError
        os.kill(self.pid, sign)

    async def wait(self) -> int:
        """Wait for its end. Return its exit status, or minus the signal that ended it."""
        return await asyncio.shield(self._end)


class ForkServer:
    """A fork server, by its socket."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    async def __call__(self, start: Start, /) -> Forked:
        """Fork a process."""
        (stdout, its_stdout), (stderr, its_stderr) = await _open_pipe(), await _open_pipe()
        asking = socket.socket(socket.AF_UNIX)
        asking.connect(self._path)
        socket.send_fds(asking, [start.to_json()], [its_stdout, its_stderr])
        for file in (its_stdout, its_stderr):
            os.close(file)
        reader, writer = await asyncio.open_unix_connection(sock=asking)
        pid = int(await reader.readline())

        async def end() -> int:
            try:
                return int(await reader.readline())
            finally:
                writer.close()

        return Forked(pid, stdout, stderr, asyncio.create_task(end()))


async def _open_pipe() -> tuple[asyncio.StreamReader, int]:
    reading, writing = os.pipe()
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0)
    )
    return reader, writing


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Run a fork server per worker; processes that still run at the end are killed."""
    with TemporaryDirectory(prefix="fastwatch-forks-") as folder:
        path = Path(folder) / "socket"
        command = [sys.executable, "-m", "tests.end_to_end.fork_server", str(path)]
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        with subprocess.Popen(  # noqa: S603 - the interpreter that runs this, with a module of ours
            command, cwd=REPOSITORY, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            if process.stdout is None or process.stdout.readline() != READY:
                raise RuntimeError("the fork server could not be started")
            yield ForkServer(path)
