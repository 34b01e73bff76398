"""A process that has loaded the bot once and forks for each start, which takes less than a second.

python -m tests.end_to_end.fork_server SOCKET

A client of the socket sends a `Start` as a line of JSON, and the file descriptors for the bot's output and errors; the
response is a line with the process id, and one with the exit status when it ends. Disconnecting before that kills it.
The server ends with its input, and so with the tests that started it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
from dataclasses import asdict, dataclass

READY = b"ready\n"
"""Its output when it is ready."""
_LONGEST_START = 64 * 1024
_OUTPUTS = 2
# Everything a bot loads before it is connected, except `bot.__main__`, which it is run as.
_LOADED = (
    "aiosqlite",
    "alembic.command",
    "asyncpg",
    "bot.check.command",
    "bot.start",
    "cogs.alerts",
    "cogs.status",
    "cogs.fleet",
    "cogs.tokens",
    "cogs.trace",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "tests.end_to_end.fast_bot",
)


@dataclass(frozen=True)
class Start:
    """The process to start: a module of the tests with its arguments, directory and environment."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]

    def to_json(self) -> bytes:
        """Return it as it is sent."""
        return json.dumps(asdict(self)).encode() + b"\n"

    def become(self, outputs: list[int]) -> None:
        """Become that process."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in enumerate([nothing, *outputs]):
            os.dup2(file, number)
            os.close(file)
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        # Random seeds would be the same in all forks.
        random.seed()
        importlib.import_module(self.module).main(self.arguments)


class ForkServer:
    """Forks a process for each connection, and reports its exit status."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._selector = selectors.DefaultSelector()
        self._listener = socket.socket(socket.AF_UNIX)
        self._ended, self._child_ended = socket.socketpair()
        self._running: dict[int, socket.socket] = {}

    def serve(self) -> tuple[Start, list[int]] | None:
        """Serve until the input ends, then return None. In each fork, return what to become, and where its output
        goes.
        """
        self._listener.bind(self._path)
        self._listener.listen()
        self._child_ended.setblocking(False)
        signal.set_wakeup_fd(self._child_ended.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for source in (self._listener, self._ended, sys.stdin):
            self._selector.register(source, selectors.EVENT_READ)
        os.write(sys.stdout.fileno(), READY)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    self._kill_all()
                    return None
                if key.fileobj is self._listener:
                    if (job := self._fork()) is not None:
                        return job
                elif key.fileobj is self._ended:
                    self._reap()
                elif isinstance(key.fileobj, socket.socket):
                    self._hung_up(key.fileobj)

    def _fork(self) -> tuple[Start, list[int]] | None:
        connection, _ = self._listener.accept()
        received, outputs, _, _ = socket.recv_fds(connection, _LONGEST_START, _OUTPUTS)
        while not received.endswith(b"\n"):
            received += connection.recv(_LONGEST_START)
        start = Start(**json.loads(received))
        if not (pid := os.fork()):
            self._forget_all(connection)
            return start, outputs
        for file in outputs:
            os.close(file)
        self._running[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ)
        connection.sendall(f"{pid}\n".encode())
        return None

    def _forget_all(self, connection: socket.socket) -> None:
        """Close the server's sockets in the fork."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for open_one in (self._listener, self._ended, self._child_ended, connection, *self._running.values()):
            open_one.close()

    def _reap(self) -> None:
        """Record the processes that have ended."""
        self._ended.recv(1024)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                pid, status = ended
                connection = self._running.pop(pid)
                with contextlib.suppress(KeyError):
                    self._selector.unregister(connection)
                with contextlib.suppress(OSError):
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                connection.close()

    def _hung_up(self, connection: socket.socket) -> None:
        """Kill the process whose client has disconnected."""
        self._selector.unregister(connection)
        for pid, its in self._running.items():
            if its is connection:
                os.kill(pid, signal.SIGKILL)

    def _kill_all(self) -> None:
        """Clean up."""
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)


def main(path: str) -> None:
    """Load everything, and serve."""
    for name in _LOADED:
        importlib.import_module(name)
    if (job := ForkServer(path).serve()) is not None:
        start, outputs = job
        start.become(outputs)


if __name__ == "__main__":
    main(sys.argv[1])
