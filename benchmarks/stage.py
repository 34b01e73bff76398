"""The setup: a Discord and an ImaginePro on loopback, and one of the two bots between them as a separate process."""

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from benchmarks.processes import Measured, pinned
from benchmarks.versions import ROOT
from tests.standins.discord_requests import Route
from tests.standins.discord_server import DiscordServer, Request
from tests.standins.imaginepro_server import Delay, ImagineProServer, linked_token

_START_SECONDS = 120
_ANSWER_SECONDS = 60


class Contestant(Enum):
    """The two bots, by the arguments that start them against the stand-ins."""

    FASTWATCH = ("-m", "benchmarks.run_fastwatch", "{api}", "{gateway}")
    SMALLEST = ("-m", "benchmarks.run_smallest", "{api}", "{gateway}")


@dataclass(frozen=True, slots=True)
class Share:
    """A bot's own cost per trace: wall milliseconds beyond ImaginePro's, and processor milliseconds."""

    p50: float
    p99: float
    cpu: float


@dataclass(slots=True)
class Stage:
    """A connected bot, with everything needed to use it."""

    discord: DiscordServer
    imaginepro: ImagineProServer
    bot: Measured
    channel: int
    server: int
    ready_seconds: float
    ready_cpu_seconds: float

    async def requests_for_equal_traces(self, number: int) -> int:
        """Count the requests to ImaginePro when this number of users trace the same message at once."""
        message_id = self._new_message()
        self.imaginepro.outage = Delay(0.2)
        before = self._trace_requests()
        await asyncio.gather(*(self._trace(message_id) for _ in range(number)))
        self.imaginepro.outage = None
        return self._trace_requests() - before

    async def own_share(self, number: int, *, at_once: int, upstream_seconds: float) -> Share:
        """Trace a number of different messages concurrently, with this latency of ImaginePro."""
        messages = [self._new_message() for _ in range(number)]
        self.imaginepro.outage = Delay(upstream_seconds) if upstream_seconds else None
        cpu_before = self.bot.cpu_seconds()
        taken: list[float] = []
        for start in range(0, number, at_once):
            taken += await asyncio.gather(*(self._trace(one) for one in messages[start : start + at_once]))
        cpu = (self.bot.cpu_seconds() - cpu_before) / number
        self.imaginepro.outage = None
        own = [(seconds - upstream_seconds) * 1000 for seconds in taken]
        return Share(statistics.median(own), statistics.quantiles(own, n=100)[98], cpu * 1000)

    async def _trace(self, message_id: UUID) -> float:
        """Trace as a new member, so that no cooldown applies. Return the seconds it took."""
        member = self.discord.add_member(self.server, "somebody")
        began = time.perf_counter()
        asked = await self.discord.command(
            "trace", {"message_id": str(message_id)}, channel_id=self.channel, user=member
        )
        answer = await asyncio.wait_for(asked.answered(), _ANSWER_SECONDS)
        taken = time.perf_counter() - began
        if not answer.embeds:
            raise RuntimeError(f"the bot answered without an embed: {answer.content}")
        return taken

    def _new_message(self) -> UUID:
        message_id = uuid4()
        self.imaginepro.messages[message_id] = 111
        return message_id

    def _trace_requests(self) -> int:
        return sum("/trace/" in request.path for request in self.imaginepro.log)


class UncheckingServer(DiscordServer):
    """A Discord that does not validate bodies: validation would add time that is not the bot's."""

    def _check(self, route: Route, request: Request) -> None:
        pass


@asynccontextmanager
async def stage(contestant: Contestant, python: str, folder: Path = ROOT) -> AsyncIterator[Stage]:
    """Start one of the bots, of the version in this folder, connected. Its database exists already, as at any start but
    the first.
    """
    async with UncheckingServer() as discord, ImagineProServer() as imaginepro:
        with TemporaryDirectory() as made:
            server = discord.add_guild()
            channel = discord.add_channel(server, "talk")
            imaginepro.link(linked_token(111))
            environment = {
                **os.environ,
                "DISCORD_TOKEN": discord.token,
                "IMAGINEPRO_API_KEY": imaginepro.key,
                "IMAGINEPRO_BASE_URL": imaginepro.base_url,
                "HOME_SERVERS": str(server),
                "DATABASE_URL": f"sqlite:///{made}/fastwatch.db",
                "LOG_LEVEL": "warning",
            }

            async def start(*arguments: str) -> asyncio.subprocess.Process:
                quiet = asyncio.subprocess.DEVNULL
                return await asyncio.create_subprocess_exec(
                    python, *arguments, env=environment, cwd=folder, stdout=quiet
                )

            await (await start("-m", "bot", "migrate")).wait()
            arguments = [part.format(api=discord.api_url, gateway=discord.gateway_url) for part in contestant.value]
            began = time.perf_counter()
            process = await start(*arguments)
            bot = Measured(pinned(process.pid))
            try:
                await discord.wait_for(lambda: discord.gateway.connected, timeout=_START_SECONDS)
                ready = time.perf_counter() - began, bot.cpu_seconds()
                yield Stage(discord, imaginepro, bot, channel, server, *ready)
            finally:
                process.terminate()
                await process.wait()
