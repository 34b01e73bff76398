"""Run the real bot against the Discord stand-in, with a clock that runs faster than the world's.

python -m tests.end_to_end.fast_bot SPEED EPOCH API_URL GATEWAY_URL -- run

The clock shows EPOCH (seconds since 1970) when the world's does, and from there on runs SPEED times as fast, so that
the processes of one test, started after one another, agree on the time. Only what asks `bot.clock` is fast, and the
pauses that discord.py makes before it tries something again: time-outs, heartbeats and Discord's three seconds are as
long as ever.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any, ClassVar

import discord.client
import discord.http
import discord.shard

import bot.clock
from tests.standins import run_against


class FastClock(bot.clock.Clock):
    """The system's clock, sped up."""

    speed: ClassVar[float]
    epoch: ClassVar[datetime]

    def now(self) -> datetime:
        return self.epoch + (super().now() - self.epoch) * self.speed

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / self.speed)


class FastAsyncio:
    """What discord.py finds under the name of asyncio: all of it, with shorter sleep."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / FastClock.speed)


def main(arguments: list[str]) -> None:
    """Take speed and epoch off the command line, and leave the rest to `run_against`."""
    speed, epoch, *rest = arguments
    FastClock.speed, FastClock.epoch = float(speed), datetime.fromtimestamp(float(epoch), UTC)
    # Nothing that takes its clock from there has been imported yet.
    vars(bot.clock)["Clock"] = FastClock
    for module in (discord.client, discord.http, discord.shard):
        vars(module)["asyncio"] = FastAsyncio()
    run_against.main(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
