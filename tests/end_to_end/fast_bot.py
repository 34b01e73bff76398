"""Run the real bot against the Discord stand-in, with a clock that runs faster than the real one.

python -m tests.end_to_end.fast_bot SPEED EPOCH API_URL GATEWAY_URL -- run

The clock shows EPOCH (seconds since 1970) when the world's does, and from there on runs SPEED times as fast, so that
the processes of one test, started after one another, agree on the time. Only `bot.clock` and discord.py's pauses
between retries are fast: time-outs, heartbeats and Discord's three seconds keep their length.

The wall clock jumps by the seconds in the file `clock_offset` of the working directory, if there is one.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord.client
import discord.http
import discord.shard

from bot.clock import Clock
from tests.standins import run_against

OFFSET_FILE = "clock_offset"


def speed_up(speed: float, epoch: datetime) -> None:
    """Let every clock show the epoch when the real one does, and run at this speed from then on."""

    def now(_: Clock) -> datetime:
        return epoch + (datetime.now(UTC) - epoch) * speed + _offset()

    def monotonic(_: Clock) -> float:
        return time.monotonic() * speed

    async def sleep(_: Clock, seconds: float) -> None:
        await asyncio.sleep(seconds / speed)

    # Modules that use the clock may already be imported, so the class is changed in place.
    for name, method in (("now", now), ("monotonic", monotonic), ("sleep", sleep)):
        setattr(Clock, name, method)
    for module in (discord.client, discord.http, discord.shard):
        vars(module)["asyncio"] = FastAsyncio(speed)


def _offset() -> timedelta:
    """How far ahead the wall clock is set."""
    with suppress(FileNotFoundError):
        return timedelta(seconds=float(Path(OFFSET_FILE).read_text(encoding="utf-8")))
    return timedelta()


class FastAsyncio:
    """The asyncio that discord.py sees: all of it, with a shorter sleep."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


def main(arguments: list[str]) -> None:
    """Take speed and epoch from the command line, and leave the rest to `run_against`."""
    speed, epoch, *rest = arguments
    speed_up(float(speed), datetime.fromtimestamp(float(epoch), UTC))
    run_against.main(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
