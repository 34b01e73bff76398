"""The bot as a process of its own: started, stopped, killed and started again; its log is read live."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from tests.end_to_end.fast_bot import OFFSET_FILE
from tests.end_to_end.fork_server import Start
from tests.end_to_end.forks import Running, Starter
from tests.patience import GENEROUS
from tests.standins.changes import Changes

T = TypeVar("T")
Event = dict[str, Any]

SPEED = 60
"""Seconds of the bot's clock per real second: six rounds a second."""
POLL_SECONDS = 10
_KEPT_FROM_HERE = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "COVERAGE_PROCESS_START")


class BotProcess:
    """One way to start the bot, and the running process if any. The log of all its processes is kept."""

    def __init__(
        self,
        settings: Mapping[str, str],
        folder: Path,
        *,
        starter: Starter,
        discord: tuple[str, str],
        speed: int = SPEED,
        epoch: float | None = None,
    ) -> None:
        """Does not start the process. `discord` has the URLs of a stand-in's API and gateway; a speed of 1 is the real
        clock.
        """
        self.settings = dict(settings)
        self.log: list[str] = []
        self.folder = folder
        self._starter = starter
        self._discord, self._speed, self._epoch = discord, speed, epoch or time.time()
        self._changes = Changes(lambda: "the log so far:\n" + "\n".join(self.log))
        self._process: Running | None = None
        self._reading: asyncio.Future[Any] | None = None

    def twin(self) -> BotProcess:
        """Return the same bot, for another process beside this one's."""
        return BotProcess(
            self.settings,
            self.folder,
            starter=self._starter,
            discord=self._discord,
            speed=self._speed,
            epoch=self._epoch,
        )

    async def start(self) -> None:
        """Start the process in its own directory, with these settings and no other environment."""
        module, clock = "tests.standins.run_against", []
        if self._speed != 1:
            module, clock = "tests.end_to_end.fast_bot", [str(self._speed), str(self._epoch)]
        start = Start(
            module, [*clock, *self._discord, "--", "run"], str(self.folder), inherited_environment() | self.settings
        )
        self._process = await self._starter(start)
        self._reading = asyncio.gather(self._read(self._process.stdout), self._read(self._process.stderr))

    async def _read(self, stream: asyncio.StreamReader | None) -> None:
        if stream is not None:
            async for line in stream:
                self.log.append(line.decode(errors="replace").rstrip("\n"))
                self._changes.notify()

    @property
    def is_running(self) -> bool:
        """Whether a process is running, as far as is known."""
        return self._reading is not None and not self._reading.done()

    def send(self, sign: signal.Signals) -> None:
        """Send the process a signal."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(sign)

    def set_clock(self, ahead: timedelta) -> None:
        """Set the wall clock this far ahead of the right time, for all processes in this directory. Not for speed 1."""
        new = self.folder / f"{OFFSET_FILE}.new"
        new.write_text(str(ahead.total_seconds()), encoding="utf-8")
        new.replace(self.folder / OFFSET_FILE)

    async def kill(self) -> None:
        """Kill the process, if one runs, and wait until it is gone."""
        self.send(signal.SIGKILL)
        if self._process is not None:
            await self.ended()

    async def ended(self, within: float = GENEROUS) -> int:
        """Wait until the process has exited. Return its exit status."""
        if self._process is None or self._reading is None:
            raise LookupError("the bot was never started")
        try:
            async with asyncio.timeout(within):
                status = await self._process.wait()
                await self._reading
        except TimeoutError:
            raise TimeoutError("\n".join([f"still running after {within} s; its log:", *self.log])) from None
        return status

    async def stop(self, sign: signal.Signals = signal.SIGTERM, *, within: float = GENEROUS) -> int:
        """Stop the process and wait. Return its exit status."""
        self.send(sign)
        return await self.ended(within)

    @property
    def events(self) -> list[Event]:
        """Return the events of a JSON log; other lines are left out."""
        return [event for event in map(_event, self.log) if event is not None]

    def said(self, words: str) -> list[Event]:
        """Return the events with these words."""
        return [event for event in self.events if words in event["event"]]

    async def says(self, words: str, times: int = 1, *, within: float = GENEROUS) -> Event:
        """Wait until these words have been logged this many times. Return the last event."""
        return (await self.wait_for(lambda: self.said(words)[times - 1 : times], within))[-1]

    async def wait_for(self, predicate: Callable[[], T], within: float = GENEROUS) -> T:
        """Wait until the predicate is true; it is checked after every line of the log."""
        return await self._changes.wait_for(predicate, within)


def inherited_environment() -> dict[str, str]:
    """The part of this environment that a process gets besides its settings."""
    return {name: os.environ[name] for name in _KEPT_FROM_HERE if name in os.environ}


def _event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
