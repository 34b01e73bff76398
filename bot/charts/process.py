"""The drawing process, from the side of the bot: it is started, gets requests, and is killed."""

import asyncio
import contextlib
import os
import signal
import sys
from contextvars import Context
from pathlib import Path
from typing import Self

import structlog

import bot
from bot.charts.worker import LENGTH

log = structlog.get_logger(__name__)

_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_BYTES = 4 * 1024 * 1024
_MAX_STDERR_LINES = 60
_CHUNK = 8192
# They hold no secrets, and Python may need them to find itself and its libraries.
_INHERITED_VARIABLES = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPYCACHEPREFIX",
    "TMPDIR",
)


class DrawingProcessFailed(Exception):
    """The process has died, or its output is not a PNG. It must not be used again."""


class DrawingProcess:
    """One process, which draws one chart at a time. Without `end`, it runs as long as the bot."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise TypeError("the process must have pipes")
        self._process = process
        self._charts, self._images, self._stderr = process.stdin, process.stdout, process.stderr
        # An empty context, since the task outlives the command that requested the first chart, and its log lines would
        # show that command's context.
        self._stderr_task = Context().run(asyncio.create_task, self._log_stderr())

    @classmethod
    async def start(cls) -> Self:
        """Start the process. It is ready in about half a second, but accepts a request at once. Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # do not import modules from the working directory
            "-m",
            "bot.charts.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(),
            cwd="/",
            # Ctrl-C reaches all processes of a session, but this one must work until the bot ends it.
            start_new_session=True,
        )
        log.debug("The drawing process has started.", pid=process.pid)
        return cls(process)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def draw(self, chart: bytes) -> bytes:
        """Draw an encoded chart and return the PNG. Raises DrawingProcessFailed, also if it is killed meanwhile."""
        try:
            self._charts.write(LENGTH.pack(len(chart)))
            self._charts.write(chart)
            await self._charts.drain()
            (length,) = LENGTH.unpack(await self._images.readexactly(LENGTH.size))
            if length > _MAX_BYTES:
                raise DrawingProcessFailed("its output is not a PNG")
            image = await self._images.readexactly(length)
        except (OSError, EOFError) as error:
            raise DrawingProcessFailed("it has died") from error
        if not image.startswith(_PNG):
            raise DrawingProcessFailed("its output is not a PNG")
        return image

    def kill(self) -> None:
        """Kill the process at once."""
        if self._process.returncode is None:
            # `Process.kill` polls the exit status first. asyncio's child watcher then finds no status, and logs a
            # warning.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill the process, and wait until its pipes are closed."""
        self.kill()
        await self._process.wait()
        while await self._images.read(_CHUNK):
            pass
        await self._stderr_task
        self._charts.close()
        with contextlib.suppress(OSError):
            await self._charts.wait_closed()

    async def _log_stderr(self) -> None:
        """Log its standard error, up to a number of lines. The rest is read and dropped, so that it never blocks."""
        lines_left, rest = _MAX_STDERR_LINES, b""
        while chunk := await self._stderr.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[:_CHUNK]
            for line in lines[:lines_left]:
                log.warning(
                    "The drawing process wrote to standard error.", pid=self.pid, line=line.decode(errors="replace")
                )
            lines_left = max(lines_left - len(lines), 0)


def environment() -> dict[str, str]:
    """Return the environment of the process, without the bot's secrets."""
    ours = Path(bot.__file__).resolve().parent.parent
    inherited = (path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)
    return {
        **{name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ},
        # It needs no programs. matplotlib would run one to list all fonts of the system, which can take long.
        "PATH": os.devnull,
        "PYTHONPATH": os.pathsep.join(str(path) for path in (ours, *(Path(path).resolve() for path in inherited))),
        "MPLBACKEND": "agg",
        # OpenBLAS would start a thread for each processor, which a chart does not need.
        "OPENBLAS_NUM_THREADS": "1",
    }
