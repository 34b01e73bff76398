"""The processes of a soak: killed at random, and started again as a process manager does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from random import Random

from bot.exit_status import Exit
from tests.end_to_end.bot_process import BotProcess
from tests.soak.logs import OUTAGE
from tests.standins.discord_faults import Fault, FaultKind, Faults
from tests.standins.discord_requests import Request

_SECONDS_BETWEEN_LOOKS = 0.5
_LONGEST_ABSENCE = 0.4
_LONGEST_WAIT = 2.4


class Processes:
    """The bots. Whoever holds `hands` may kill and start them, or keep others from it."""

    def __init__(self, bot: BotProcess, number: int) -> None:
        self.bots = [bot, *(bot.twin() for _ in range(number - 1))]
        self.hands = asyncio.Lock()
        self.kills = self.starts = 0
        self.failed_starts = 0
        """How many starts found no database, and ended."""
        self.statuses: list[int] = []
        """The exit statuses of those that were not killed, other than for a database that cannot be used."""

    @property
    def outages(self) -> int:
        """How often they have logged that the database cannot be used."""
        return sum(OUTAGE in line for bot in self.bots for line in bot.log)

    async def start_all(self) -> None:
        """Start all of them."""
        async with self.hands:
            await asyncio.gather(*map(self.start, self.bots))

    async def start(self, bot: BotProcess) -> None:
        """Start one. Needs `hands`."""
        self.starts += 1
        await bot.start()

    async def kill(self, dying: Sequence[BotProcess]) -> None:
        """Kill those that run. Needs `hands`."""
        for bot in dying:
            if bot.is_running:
                self.kills += 1
                await bot.kill()

    async def supervise(self) -> None:
        """Start again what has ended by itself, forever."""
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            async with self.hands:
                for bot in self.bots:
                    if not bot.is_running:
                        await self._start_again(bot)

    async def _start_again(self, bot: BotProcess) -> None:
        status = await bot.ended()
        if status == Exit.DATABASE_UNUSABLE:
            self.failed_starts += 1
        else:
            self.statuses.append(status)
        await self.start(bot)

    async def stop_all(self) -> None:
        """Stop all of them in order."""
        self.statuses += [await bot.stop() for bot in self.bots]

    async def kill_all(self) -> None:
        """Kill all of them, at the end."""
        for bot in self.bots:
            await bot.kill()


class Killer:
    """Kills processes, and starts them again."""

    def __init__(self, processes: Processes, faults: Faults, random: Random) -> None:
        self._processes, self._faults, self._random = processes, faults, random

    async def kill_and_start(self) -> None:
        """Kill one or all, at any instant or while something is sent."""
        bots = self._processes.bots
        dying = self._random.choice([[bot] for bot in bots] + [bots])
        moment: FaultKind | None = self._random.choice([None, "call_before", "call_after"])
        async with self._processes.hands:
            if moment is not None:
                await self._until_something_is_sent(moment, dying)
            await self._processes.kill(dying)
            await asyncio.sleep(self._random.uniform(0, _LONGEST_ABSENCE))
            for bot in dying:
                await self._processes.start(bot)

    async def _until_something_is_sent(self, moment: FaultKind, dying: list[BotProcess]) -> None:
        killed = asyncio.Event()

        async def kill(_: Request) -> None:
            await self._processes.kill(dying)
            killed.set()

        method = self._random.choice(["POST", "PATCH"])
        fault = self._faults.add(Fault(method, "/channels/.*", moment, callback=kill))
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT):
                await killed.wait()
        self._faults.discard(fault)
