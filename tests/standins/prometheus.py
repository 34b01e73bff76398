"""Debian's real Prometheus: `promtool`, and a server that scrapes and evaluates alert rules."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.patience import GENEROUS

_STARTS = 5


class NoPrometheus(Exception):
    """Prometheus is not installed."""


def is_required() -> bool:
    """Whether a test without Prometheus fails; otherwise it is skipped."""
    return os.environ.get("FASTWATCH_PROMETHEUS_TEST") == "required"


def find(program: str) -> str:
    """Return the path of `prometheus` or `promtool`. Raises NoPrometheus."""
    path = shutil.which(program)
    if path is None:
        raise NoPrometheus("install Prometheus: apt-get install --no-install-recommends prometheus")
    return path


class Prometheus:
    """A running server."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http

    async def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of a call of its API."""
        async with self._http.get(f"{self._url}/api/v1/{path}", params=parameters) as response:
            return (await response.json())["data"]

    async def value(self, expression: str) -> float | None:
        """Return the value of an expression with one series; None without any."""
        found = (await self.ask("query", query=expression))["result"]
        return float(found[0]["value"][1]) if found else None

    async def firing(self) -> set[str]:
        """Return the names of the alerts that are firing."""
        return {
            alert["labels"]["alertname"] for alert in (await self.ask("alerts"))["alerts"] if alert["state"] == "firing"
        }

    async def is_ready(self) -> bool:
        """Whether it answers queries."""
        try:
            async with self._http.get(f"{self._url}/-/ready") as response:
                return response.status == 200
        except aiohttp.ClientConnectionError:
            return False


@asynccontextmanager
async def open_prometheus(configuration: Path) -> AsyncIterator[Prometheus]:
    """Start a server with this configuration. Raises NoPrometheus."""
    program = find("prometheus")
    for attempt in range(1, _STARTS + 1):
        port = _free_port()
        process = await asyncio.create_subprocess_exec(
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={configuration.parent / f'data-{attempt}'}",
            f"--web.listen-address=127.0.0.1:{port}",
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
        )
        written = asyncio.create_task(process.stdout.read() if process.stdout else asyncio.sleep(0))
        try:
            async with aiohttp.ClientSession() as http:
                server = Prometheus(f"http://127.0.0.1:{port}", http)
                if not await _starts(process, server) and attempt < _STARTS:
                    continue
                yield server
                return
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            await written


async def _starts(process: asyncio.subprocess.Process, server: Prometheus) -> bool:
    async with asyncio.timeout(GENEROUS):
        while process.returncode is None:
            if await server.is_ready():
                return True
            await asyncio.sleep(0.1)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
