"""One soak: bots between a Discord and an ImaginePro that fail at random, killed at random, and the result."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import func, select

from bot.clock import Clock
from bot.domain.rules import Rules
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import Route, set_route
from bot.storage.database import Database, open_database
from bot.storage.schema import deliveries, incidents
from bot.storage.server_settings import set_rules
from tests.end_to_end.bot_process import POLL_SECONDS, BotProcess
from tests.end_to_end.forks import Starter
from tests.end_to_end.world import FLEET
from tests.patience import GENEROUS
from tests.soak.faults import IMAGINEPRO_KINDS, RandomFaults
from tests.soak.findings import Outcome, StoredIncident
from tests.soak.tokens import RestlessTokens
from tests.standins.discord_faults import Fault, FaultKind
from tests.standins.discord_messages import NONCE_LIFETIME
from tests.standins.discord_requests import Request
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import Fault as ImagineProFault
from tests.standins.imaginepro_server import ImagineProServer

SPEED = 60
"""A minute of the bot's clock is a second."""
_NONCE_LIFETIME = NONCE_LIFETIME / SPEED + 20
"""Time-outs are not sped up, so a post may arrive up to 20 s (the sender's time-out) after it was searched for."""
_SHARE_OF_FAULTS = 0.3
_SECONDS_BETWEEN = {"stir": 0.15, "gateway": 1.5, "discord": 4.0, "imaginepro": 1.0, "kill": 1.2}
"""The mean time between faults."""
_LONGEST_OUTAGE = 3.0
_LONGEST_ABSENCE = 0.4
_SECONDS_TO_CALM_DOWN = 2 * GENEROUS
_POSTING = r"/channels/\d+/messages"
# Hours are shortened to minutes, so that everything happens often.
_RULES = Rules(
    reminders=(timedelta(minutes=1), timedelta(minutes=3)),
    no_data_after=timedelta(minutes=1),
    flapping_within=timedelta(minutes=4),
)


@dataclass(frozen=True)
class Plan:
    """The minimum number of faults, and the random seed."""

    seed: int
    faults: int
    kills: int


@dataclass(frozen=True)
class CountedFault:
    """A fault of ImaginePro that is counted when it occurs."""

    name: str
    fault: ImagineProFault
    hits: Counter[str]

    async def apply(self, request: web.Request) -> web.StreamResponse | None:
        """Apply the fault."""
        self.hits[self.name] += 1
        return await self.fault.apply(request)


@asynccontextmanager
async def open_soak(plan: Plan, url: str) -> AsyncIterator[Soak]:
    """Open a Discord and an ImaginePro for a soak. Discord's clock is as fast as the bot's."""
    epoch = time.time()

    def now() -> float:
        return epoch + (time.time() - epoch) * SPEED

    async with (
        DiscordServer(token="made-up-discord-token", nonce_lifetime=_NONCE_LIFETIME, now=now) as discord,
        ImagineProServer() as imaginepro,
    ):
        yield Soak(plan, discord, imaginepro, url, epoch)


class Soak:
    """One soak: between a fresh `discord` and `imaginepro`, on one database, starting at `epoch`."""

    def __init__(
        self, plan: Plan, discord: DiscordServer, imaginepro: ImagineProServer, url: str, epoch: float
    ) -> None:
        self._plan = plan
        self._epoch = epoch
        self._discord, self._imaginepro, self._url = discord, imaginepro, url
        self._random = Random(plan.seed)  # noqa: S311 - it is to be the same once more
        self._faults = discord.faults = RandomFaults(self._random, _SHARE_OF_FAULTS)
        self._imaginepro_hits: Counter[str] = Counter()
        self._tokens = RestlessTokens(imaginepro, self._random)
        self._home, self._other = discord.add_guild(name="Home"), discord.add_guild(name="Other")
        self._channels = {
            discord.add_channel(server, name): discord.add_role(server, f"looks after {name}", mentionable=True)
            for server, name in ((self._home, "alerts"), (self._home, "alerts-of-one"), (self._other, "alerts"))
        }
        self._bots: list[BotProcess] = []
        self._kills = self._starts = 0

    async def run(self, starter: Starter, folder: Path, processes: int) -> tuple[Outcome, dict[str, str]]:
        """Inject faults until there are enough, then none, and return the result."""
        started = time.monotonic()
        bot = BotProcess(
            self._settings(),
            folder,
            starter=starter,
            discord=(self._discord.api_url, self._discord.gateway_url),
            speed=SPEED,
            epoch=self._epoch,
        )
        self._bots = [bot, *(bot.twin() for _ in range(processes - 1))]
        async with open_database(SecretStr(self._url)) as database:
            await self._set_up(database)
            try:
                await self._live(database)
                statuses = [await bot.stop() for bot in self._bots]
            finally:
                for bot in self._bots:
                    await bot.kill()
            outcome = await self._outcome(database, statuses, folder)
        return outcome, self._figures(outcome, time.monotonic() - started)

    def _settings(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": self._discord.token,
            "IMAGINEPRO_API_KEY": self._imaginepro.key,
            "IMAGINEPRO_BASE_URL": self._imaginepro.base_url,
            "HOME_SERVERS": f"{self._home},{self._other}",
            "DATABASE_URL": self._url,
            "POLL_INTERVAL": f"{POLL_SECONDS}s",
            "LOG_FORMAT": "json",
        }

    async def _set_up(self, database: Database) -> None:
        """Prepare the database: two servers, and a token with its own channel in one of them."""
        now = Clock().now()
        homes, ones, others = self._channels.items()
        async with database.transaction() as connection:
            account = await ensure_account(connection, "primary", now)
            for server, (channel, role), token in (
                (self._home, homes, None),
                (self._home, ones, self._tokens.ids[0]),
                (self._other, others, None),
            ):
                await set_route(connection, Route(server, account, channel, role, 1, now, token_id=token))
                await set_rules(connection, server, _RULES)

    # Failures

    async def _live(self, database: Database) -> None:
        await asyncio.gather(*map(self._start, self._bots))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._change_tokens())
            group.create_task(self._fail_gateway())
            group.create_task(self._fail_discord())
            group.create_task(self._fail_imaginepro())
            group.create_task(self._kill())
        self._faults.is_on = False
        self._faults.clear()
        self._imaginepro.outage = None
        self._tokens.recover()
        async with asyncio.timeout(_SECONDS_TO_CALM_DOWN):
            while await self._is_restless(database):
                await self._until_asked_again()

    async def _until_asked_again(self) -> None:
        asked = self._asked()
        await self._imaginepro.wait_for(lambda: self._asked() > asked, _SECONDS_TO_CALM_DOWN)

    @property
    def _is_enough(self) -> bool:
        return self._faults.hits.total() >= self._plan.faults and self._kills >= self._plan.kills

    async def _is_left_alone(self, what: str) -> bool:
        """Let time pass. Return whether the soak continues."""
        await asyncio.sleep(self._random.uniform(0, 2 * _SECONDS_BETWEEN[what]))
        return not self._is_enough

    async def _change_tokens(self) -> None:
        while await self._is_left_alone("stir"):
            self._tokens.make_random_change()

    async def _fail_gateway(self) -> None:
        while await self._is_left_alone("gateway"):
            self._faults.fail_gateway(self._discord.gateway)

    async def _fail_discord(self) -> None:
        """Block all its requests for a while; single ones fail all the time."""
        while await self._is_left_alone("discord"):
            self._faults.is_out = True
            await asyncio.sleep(self._random.uniform(0, _LONGEST_OUTAGE))
            self._faults.is_out = False

    async def _fail_imaginepro(self) -> None:
        while await self._is_left_alone("imaginepro"):
            name = self._random.choice(list(IMAGINEPRO_KINDS))
            fault = CountedFault(name, IMAGINEPRO_KINDS[name], self._imaginepro_hits)
            if self._random.random() < 0.8:
                self._imaginepro.queue(fault, path=FLEET)
            else:
                self._imaginepro.outage = fault
                await asyncio.sleep(self._random.uniform(0, _LONGEST_OUTAGE))
                self._imaginepro.outage = None

    async def _kill(self) -> None:
        """Kill one or all, at any instant or while something is sent."""
        while await self._is_left_alone("kill"):
            dying = self._random.choice([[bot] for bot in self._bots] + [self._bots])
            moment: FaultKind | None = self._random.choice([None, "call_before", "call_after"])
            if moment is not None:
                await self._until_something_is_sent(moment, dying)
            await self._kill_all(dying)
            await asyncio.sleep(self._random.uniform(0, _LONGEST_ABSENCE))
            for bot in dying:
                await self._start(bot)

    async def _until_something_is_sent(self, moment: FaultKind, dying: list[BotProcess]) -> None:
        killed = asyncio.Event()

        async def kill(_: Request) -> None:
            await self._kill_all(dying)
            killed.set()

        method = self._random.choice(["POST", "PATCH"])
        self._faults.add(Fault(method, "/channels/.*", moment, callback=kill))
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * _SECONDS_BETWEEN["kill"]):
                await killed.wait()
        self._faults.clear()

    async def _kill_all(self, dying: list[BotProcess]) -> None:
        for bot in dying:
            if bot.is_running:
                self._kills += 1
                await bot.kill()

    async def _start(self, bot: BotProcess) -> None:
        self._starts += 1
        await bot.start()

    # Results

    def _asked(self) -> int:
        return len(self._imaginepro.log)

    async def _is_restless(self, database: Database) -> bool:
        async with database.reading() as connection:
            ongoing = await connection.scalar(select(func.count()).where(incidents.c.resolved_at.is_(None)))
            waiting = await connection.scalar(select(func.count()).where(deliveries.c.delivered_at.is_(None)))
        return bool(ongoing or waiting)

    async def _outcome(self, database: Database, statuses: list[int], folder: Path) -> Outcome:
        async with database.reading() as connection:
            rows = await connection.execute(select(incidents.c.resolved_at, incidents.c.posted_message_id))
            kept = [StoredIncident(row.resolved_at is not None, row.posted_message_id) for row in rows]
            waiting = await connection.scalar(select(func.count()).where(deliveries.c.delivered_at.is_(None)))
        return Outcome(
            discord=self._discord,
            imaginepro=self._imaginepro,
            channels=self._channels,
            incidents=kept,
            waiting=waiting or 0,
            statuses=statuses,
            log=[line for bot in self._bots for line in bot.log],
            files=_contents_of(folder),
        )

    def _figures(self, outcome: Outcome, seconds: float) -> dict[str, str]:
        """Log this soak's statistics."""
        in_own = sum(one.discord_message_id is not None for one in outcome.incidents)
        numbers = {
            "faults of Discord": self._faults.hits.total(),
            **{f"… {kind}": hits for kind, hits in sorted(self._faults.hits.items())},
            "faults of ImaginePro": self._imaginepro_hits.total(),
            "SIGKILLs": self._kills,
            "starts": self._starts,
            "rounds": self._asked(),
            "incidents": len(outcome.incidents),
            "… posted in a Discord message of their own": in_own,
            "… over before they could be posted, summarized": outcome.summarized,
            "requests to post": len(self._discord.requests_to("POST", _POSTING)),
            "requests to edit": len(self._discord.requests_to("PATCH", rf"{_POSTING}/\d+")),
            "replies that it got worse, or goes on": len(outcome.calls),
            "replies that it is over": len(outcome.ends),
            "repeats that Discord dropped by their nonce": self._discord.repeats,
            "Discord messages visible in the end": len(outcome.messages),
        }
        return {"seed": str(self._plan.seed), "seconds": f"{seconds:.0f}"} | {
            name: f"{number:,}" for name, number in numbers.items()
        }


def _contents_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
