"""Debian's real PgBouncer in transaction mode, in front of the tests' PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from tests.patience import GENEROUS

_STARTS = 5
# Few sessions for many connections: transactions change sessions all the time.
_CONFIGURATION = """
[databases]
* = host={folder} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""


class NoPgBouncer(Exception):
    """PgBouncer is not installed."""


def is_required() -> bool:
    """Whether a test without PgBouncer fails; otherwise it is skipped."""
    return os.environ.get("FASTWATCH_PGBOUNCER_TEST") == "required"


@asynccontextmanager
async def open_pgbouncer(postgres_url: str) -> AsyncIterator[str]:
    """Start PgBouncer, and yield the URL that leads through it. Raises NoPgBouncer."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise NoPgBouncer("install PgBouncer: apt-get install pgbouncer")
    url = make_url(postgres_url)
    folder = str(url.query["host"])
    for attempt in range(1, _STARTS + 1):
        port = _free_port()
        with TemporaryDirectory(prefix="fastwatch-pgbouncer-") as own:
            arguments = _arguments(Path(own), _CONFIGURATION.format(folder=folder, port=port), Path(folder))
            process = await asyncio.create_subprocess_exec(
                program, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
            )
            try:
                if not await _listens(process, port) and attempt < _STARTS:
                    continue
                through = url.set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
                yield through.render_as_string(hide_password=False)
                return
            finally:
                if process.returncode is None:
                    process.terminate()
                await process.communicate()


def _arguments(own: Path, text: str, socket_folder: Path) -> list[str]:
    """Write the configuration, and return the arguments of PgBouncer."""
    configuration = own / "pgbouncer.ini"
    configuration.write_text(text)
    own.chmod(0o755)
    # It refuses to run as root. PostgreSQL's own user may use its socket.
    user = ["-u", pwd.getpwuid(socket_folder.stat().st_uid).pw_name] if os.geteuid() == 0 else []
    return [*user, str(configuration)]


async def _listens(process: asyncio.subprocess.Process, port: int) -> bool:
    async with asyncio.timeout(GENEROUS):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
