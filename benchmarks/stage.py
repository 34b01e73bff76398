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

import psutil
from pydantic import SecretStr

from bot.storage.database import open_database
from tests.standins.discord_requests import Route
from tests.standins.discord_server import DiscordServer, Request
from tests.standins.imaginepro_server import Delay, ImagineProServer, linked_token

_ROOT = Path(__file__).parent.parent
_START_SECONDS = 30
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
    process: psutil.Process
    channel: int
    server: int
    ready_seconds: float

    def resident_mb(self) -> float:
        """Return the bot's resident memory."""
        return float(self.process.memory_info().rss) / 1024 / 1024

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
        cpu_before = self._cpu_seconds()
        taken: list[float] = []
        for start in range(0, number, at_once):
            taken += await asyncio.gather(*(self._trace(one) for one in messages[start : start + at_once]))
        cpu = (self._cpu_seconds() - cpu_before) / number
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

    def _cpu_seconds(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)


class UncheckingServer(DiscordServer):
    """A Discord that does not validate bodies: validation would add time that is not the bot's."""

    def _check(self, route: Route, request: Request) -> None:
        pass


@asynccontextmanager
async def stage(contestant: Contestant, python: str) -> AsyncIterator[Stage]:
    """Start one of the bots, connected. Its database exists already, as at any start but the first."""
    async with UncheckingServer() as discord, ImagineProServer() as imaginepro:
        with TemporaryDirectory() as folder:
            server = discord.add_guild()
            channel = discord.add_channel(server, "talk")
            imaginepro.link(linked_token(111))
            url = f"sqlite:///{folder}/fastwatch.db"
            async with open_database(SecretStr(url)):
                pass
            arguments = [part.format(api=discord.api_url, gateway=discord.gateway_url) for part in contestant.value]
            environment = {
                **os.environ,
                "DISCORD_TOKEN": discord.token,
                "IMAGINEPRO_API_KEY": imaginepro.key,
                "IMAGINEPRO_BASE_URL": imaginepro.base_url,
                "HOME_SERVERS": str(server),
                "DATABASE_URL": url,
                "LOG_LEVEL": "warning",
            }
            began = time.perf_counter()
            process = await asyncio.create_subprocess_exec(python, *arguments, env=environment, cwd=_ROOT)
            try:
                await discord.wait_for(lambda: discord.gateway.connected, timeout=_START_SECONDS)
                ready_seconds = time.perf_counter() - began
                yield Stage(discord, imaginepro, psutil.Process(process.pid), channel, server, ready_seconds)
            finally:
                process.terminate()
                await process.wait()
