"""The process that draws charts, seen from the bot: started, asked, and killed."""

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
# None of them holds a secret, and Python may need them to find itself and its libraries.
_INHERITED_VARIABLES = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "TMPDIR")


class DrawingProcessFailed(Exception):
    """The process has died or writes what is no picture. It must not be asked again."""


class DrawingProcess:
    """One process, which draws one chart at a time. End it, or it stays as long as the bot does."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise TypeError("the process must have pipes")
        self._process = process
        self._charts, self._pictures, self._stderr_logger = process.stdin, process.stdout, process.stderr
        # It outlives the command that asked for a chart first, so it is not done in the context of that.
        self._listening = Context().run(asyncio.create_task, self._log_stderr())

    @classmethod
    async def start(cls) -> Self:
        """Start it. It is ready in about half a second, but can be asked at once. Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # what lies in the working directory is no module of ours
            "-m",
            "bot.charts.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(),
            cwd="/",
            start_new_session=True,  # Ctrl-C reaches all processes of a session; this one ends with the bot
        )
        log.debug("The drawing process has started.", pid=process.pid)
        return cls(process)

    @property
    def pid(self) -> int:
        """The number the system knows it by."""
        return self._process.pid

    async def draw(self, chart: bytes) -> bytes:
        """Have an encoded chart drawn as a PNG. Raises DrawingProcessFailed; killed meanwhile, it raises that too."""
        try:
            self._charts.write(LENGTH.pack(len(chart)))
            self._charts.write(chart)
            await self._charts.drain()
            (length,) = LENGTH.unpack(await self._pictures.readexactly(LENGTH.size))
            if length > _MAX_BYTES:
                raise DrawingProcessFailed("it writes what is no picture")
            picture = await self._pictures.readexactly(length)
        except (OSError, EOFError) as error:
            raise DrawingProcessFailed("it has died") from error
        if not picture.startswith(_PNG):
            raise DrawingProcessFailed("it writes what is no picture")
        return picture

    def kill(self) -> None:
        """Kill it, whatever it is at."""
        if self._process.returncode is None:
            # Its own `kill` asks for the status first, and asyncio then finds none any more and says so in the log.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill it, and wait until nothing of it is left."""
        self.kill()
        await self._process.wait()
        while await self._pictures.read(_CHUNK):
            pass
        await self._listening
        self._charts.close()
        with contextlib.suppress(OSError):
            await self._charts.wait_closed()

    async def _log_stderr(self) -> None:
        """Log what it writes to standard error, up to so many lines."""
        room, rest = _MAX_STDERR_LINES, b""
        while chunk := await self._stderr_logger.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[:_CHUNK]
            for line in lines[:room]:
                log.warning("The drawing process says something.", pid=self.pid, line=line.decode(errors="replace"))
            room = max(room - len(lines), 0)


def environment() -> dict[str, str]:
    """Make the environment of the process, which holds none of the bot's secrets."""
    ours = Path(bot.__file__).resolve().parent.parent
    inherited = (path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)
    return {
        **{name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ},
        # It runs no programs. matplotlib would ask one for all fonts of the system, which may take long.
        "PATH": os.devnull,
        "PYTHONPATH": os.pathsep.join(str(path) for path in (ours, *(Path(path).resolve() for path in inherited))),
        "MPLBACKEND": "agg",
        # numpy would start a thread for each processor, and a chart multiplies no matrices.
        "OPENBLAS_NUM_THREADS": "1",
    }
