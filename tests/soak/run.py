"""One soak: bots between a Discord and an ImaginePro that fail at random, killed at random, and the result."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from pydantic import SecretStr
from sqlalchemy import func, select

from bot.storage.database import Database, open_database
from bot.storage.schema import accounts, deliveries, incidents
from tests.end_to_end.bot_process import POLL_SECONDS, BotProcess
from tests.end_to_end.forks import Starter
from tests.end_to_end.world import FLEET
from tests.patience import GENEROUS
from tests.soak.faults import IMAGINEPRO_KINDS, CountedFault, RandomFaults
from tests.soak.figures import Counts, figures_of
from tests.soak.findings import Outcome, StoredIncident
from tests.soak.lasting import (
    AWAY,
    BREAKING,
    MOVED,
    Databases,
    DiscordRefuses,
    Lasting,
    database_away,
    wrong_clock,
)
from tests.soak.logs import Causes
from tests.soak.processes import Killer, Processes
from tests.soak.servers import add_servers
from tests.soak.tokens import RestlessTokens
from tests.standins.discord_messages import NONCE_LIFETIME
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import ImagineProServer
from tests.standins.postgres_proxy import proxied

SPEED = 60
"""A minute of the bot's clock is a second."""
_NONCE_LIFETIME = NONCE_LIFETIME / SPEED + 20
"""Time-outs are not sped up, so a post may arrive up to 20 s (the sender's time-out) after it was searched for."""
_SHARE_OF_FAULTS = 0.3
_SECONDS_BETWEEN = {"gateway": 1.5, "discord": 4.0, "imaginepro": 2.0, "kill": 2.0, "lasting": 0.4}
"""The mean time between faults."""
_LONGEST_OUTAGE = 3.0
_SECONDS_LASTING = 0.3, 2.5
_LONGEST_UNNOTICED = 6.0
_SECONDS_BETWEEN_LOOKS = 0.05
_SECONDS_TO_CALM_DOWN = 2 * GENEROUS


@dataclass(frozen=True)
class Plan:
    """The random seed, and the minimum numbers: of faults, of kills, and of each kind of fault that lasts."""

    seed: int
    faults: int
    kills: int
    lasting: int


@asynccontextmanager
async def open_soak(plan: Plan, url: str) -> AsyncIterator[Soak]:
    """Open a Discord and an ImaginePro for a soak. Discord's clock is as fast as the bot's."""
    epoch = time.time()

    def now() -> float:
        return epoch + (time.time() - epoch) * SPEED

    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(
            DiscordServer(token="made-up.discord.token", nonce_lifetime=_NONCE_LIFETIME, now=now)
        )
        imaginepro = await stack.enter_async_context(ImagineProServer())
        is_sqlite = url.startswith("sqlite")
        proxy, bots_url = (None, url) if is_sqlite else await stack.enter_async_context(proxied(url))
        yield Soak(plan, discord, imaginepro, Databases(url, bots_url, proxy), epoch)


class Soak:
    """One soak: between a fresh `discord` and `imaginepro`, on one database, starting at `epoch`."""

    def __init__(
        self, plan: Plan, discord: DiscordServer, imaginepro: ImagineProServer, databases: Databases, epoch: float
    ) -> None:
        self._plan = plan
        self._epoch = epoch
        self._discord, self._imaginepro, self._databases = discord, imaginepro, databases
        self._random = Random(plan.seed)  # noqa: S311 - it is to be the same once more
        self._faults = discord.faults = RandomFaults(self._random, _SHARE_OF_FAULTS)
        self._imaginepro_hits: Counter[str] = Counter()
        self._lasted: dict[str, int] = {}
        self._lasting_hits: Counter[str] = Counter()
        self._is_killed_enough = False
        self._tokens = RestlessTokens(imaginepro, self._random)
        self._servers = add_servers(discord)

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
        bots = Processes(bot, processes)
        async with open_database(SecretStr(self._databases.url)) as database:
            await self._servers.set_up(database, self._tokens.ids[0])
            try:
                await self._live(bots, database)
                await bots.stop_all()
            finally:
                await bots.kill_all()
            outcome = await self._outcome(database, bots, folder)
        counts = Counts(
            self._faults.hits, self._imaginepro_hits, self._lasting_hits, self._asked(), time.monotonic() - started
        )
        return outcome, {"seed": str(self._plan.seed)} | figures_of(outcome, bots, counts)

    def _settings(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": self._discord.token,
            "IMAGINEPRO_API_KEY": self._imaginepro.key,
            "IMAGINEPRO_BASE_URL": self._imaginepro.base_url,
            "HOME_SERVERS": f"{self._servers.home},{self._servers.other}",
            "DATABASE_URL": self._databases.bots_url,
            "POLL_INTERVAL": f"{POLL_SECONDS}s",
            "LOG_FORMAT": "json",
        }

    # Failures

    async def _live(self, bots: Processes, database: Database) -> None:
        await bots.start_all()
        supervising = asyncio.create_task(bots.supervise())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._change_tokens())
            group.create_task(self._fail_gateway())
            group.create_task(self._fail_discord())
            group.create_task(self._fail_imaginepro())
            group.create_task(self._kill(bots))
            for kinds in self._lasting(bots):
                group.create_task(self._last(kinds))
        self._faults.is_on = False
        self._faults.clear()
        self._imaginepro.outage = None
        self._tokens.recover()
        recovered_at = self._now()
        async with asyncio.timeout(_SECONDS_TO_CALM_DOWN):
            while await self._is_restless(database, recovered_at):
                await self._until_asked_again()
        supervising.cancel()

    async def _until_asked_again(self) -> None:
        asked = self._asked()
        await self._imaginepro.wait_for(lambda: self._asked() > asked, _SECONDS_TO_CALM_DOWN)

    @property
    def _is_enough(self) -> bool:
        return (
            self._faults.hits.total() >= self._plan.faults
            and all(times >= self._plan.lasting for times in self._lasted.values())
            and self._is_killed_enough
        )

    def _lasting(self, bots: Processes) -> list[Mapping[str, Lasting]]:
        """Return the faults that last, if the plan has any: those of Discord, and those of the machine."""
        if not self._plan.lasting:
            return []
        hits, servers = self._lasting_hits, self._servers
        discord = DiscordRefuses(self._discord, self._tokens, self._random, hits)
        at_home = [channel.id for channel in servers.channels if channel.server == servers.home]
        return [
            discord.kinds(at_home, servers.other),
            {
                **wrong_clock(bots.bots[0], self._random, hits),
                **database_away(self._databases, bots, hits, self._until_asked_again),
            },
        ]

    async def _is_left_alone(self, what: str) -> bool:
        """Let time pass. Return whether the soak continues."""
        await asyncio.sleep(self._random.uniform(0, 2 * _SECONDS_BETWEEN[what]))
        return not self._is_enough

    async def _last(self, kinds: Mapping[str, Lasting]) -> None:
        """Let them happen one after the other, in any order, as often as planned."""
        self._lasted |= dict.fromkeys(kinds, 0)
        for _ in range(self._plan.lasting):
            for name in self._random.sample(sorted(kinds), len(kinds)):
                await self._is_left_alone("lasting")
                async with kinds[name]() as has_hit:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LONGEST_UNNOTICED):
                            while not has_hit():  # noqa: ASYNC110 - what it looks at has no event in common
                                await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
                    await asyncio.sleep(self._random.uniform(*_SECONDS_LASTING))
                self._lasted[name] += 1

    async def _change_tokens(self) -> None:
        """Change one before each check. On a slow machine, more would not be seen."""
        while not self._is_enough:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_OUTAGE):
                    await self._until_asked_again()
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

    async def _kill(self, bots: Processes) -> None:
        """Kill one or all, at any instant or while something is sent, until that is enough."""
        killer = Killer(bots, self._faults, self._random)
        while await self._is_left_alone("kill") and bots.kills < self._plan.kills:
            await killer.kill_and_start()
        self._is_killed_enough = True

    # Results

    def _asked(self) -> int:
        return len(self._imaginepro.log)

    def _now(self) -> datetime:
        """Return the time of the bots' clock, once it is right."""
        return datetime.fromtimestamp(self._epoch + (time.time() - self._epoch) * SPEED, UTC)

    async def _is_restless(self, database: Database, recovered_at: datetime) -> bool:
        async with database.reading() as connection:
            read_at = await connection.scalar(select(accounts.c.last_success_at))
            if read_at is None or not recovered_at < read_at <= self._now():
                return True
            ongoing = await connection.scalar(select(func.count()).where(incidents.c.resolved_at.is_(None)))
            waiting = await connection.scalar(select(func.count()).where(deliveries.c.delivered_at.is_(None)))
        return bool(ongoing or waiting)

    async def _outcome(self, database: Database, bots: Processes, folder: Path) -> Outcome:
        async with database.reading() as connection:
            rows = await connection.execute(select(incidents.c.resolved_at, incidents.c.posted_message_id))
            kept = [StoredIncident(row.resolved_at is not None, row.posted_message_id) for row in rows]
            waiting = await connection.scalar(select(func.count()).where(deliveries.c.delivered_at.is_(None)))
        hits = self._lasting_hits
        return Outcome(
            discord=self._discord,
            imaginepro=self._imaginepro,
            channels={channel.id: channel.role for channel in self._servers.channels},
            elsewhere=self._servers.elsewhere,
            incidents=kept,
            waiting=waiting or 0,
            statuses=bots.statuses,
            logs=[bot.log for bot in bots.bots],
            causes=Causes(
                outages=sum(hits[name] for name in AWAY),
                moved_files=hits[MOVED],
                failed_starts=bots.failed_starts,
                refusals=sum(hits[name] for name in BREAKING),
                kills=bots.kills,
            ),
            files=_contents_of(folder),
        )


def _contents_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
