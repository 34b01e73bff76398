"""Watch thousands of accounts with two processes on PostgreSQL, and check that every change is alerted once, in time.

python -m benchmarks.many_accounts. One process is killed after a third of the time, and another one is started after
two thirds. It prints a Markdown table, and ends with status 1 if an alert is missing, late or there twice.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from benchmarks.processes import Measured, running, use_last_core
from benchmarks.stage import UncheckingServer
from bot.demo.documented_api import LinkedToken, serving
from tests.databases import running_postgres
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import linked_token

_TOKENS = 5
_START_SECONDS = 900
_OUT_OF_FAST_SECONDS = 180
# A partition of a killed process is free after a minute.
_TAKEN_OVER_SECONDS = 60
# For a check that is due, its jitter and the alert itself, on a busy machine.
_ALLOWANCE_SECONDS = 15
_CHECKS_UNTIL_QUIET = 6
_MINUTE = 60


@dataclass(slots=True)
class Change:
    """A change of an account's first token: when it was made, and when a response first showed it."""

    made_at: float
    is_ban: bool
    shown_at: float | None = None


@dataclass(slots=True)
class Watched:
    """One account, and the channel of its alerts."""

    key: str
    channel: int
    tokens: list[LinkedToken]
    body: bytes = b""
    changes: list[Change] = field(default_factory=list)

    def set_status(self, status: str) -> None:
        """Change the first token."""
        self.tokens[0].status = status
        self.body = json.dumps([token.listed() for token in self.tokens]).encode()


@dataclass(slots=True)
class Fleet:
    """All accounts by key, as the stand-in of ImaginePro knows them."""

    accounts: dict[str, Watched]
    checks: Counter[str] = field(default_factory=Counter)
    _times: int = 0
    _left: int = 0
    _enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_checked(self, times: int) -> None:
        """Wait until each account was asked for so often."""
        self._times, self._left = times, sum(self.checks[key] < times for key in self.accounts)
        self._enough.clear()
        async with asyncio.timeout(_START_SECONDS):
            while self._left:
                await self._enough.wait()

    async def answer(self, request: web.Request) -> web.Response:
        """Return the tokens of the key's account."""
        account = self.accounts[request.headers["Authorization"].removeprefix("Bearer ")]
        self.checks[account.key] += 1
        if self.checks[account.key] == self._times:
            self._left -= 1
            if not self._left:
                self._enough.set()
        for change in account.changes:
            change.shown_at = change.shown_at or time.monotonic()
        return web.Response(body=account.body, content_type="application/json")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the changes, times in seconds."""

    changes: int
    missing: int
    twice: int
    late: int
    seen_after: list[float]
    """From the change to the response that shows it."""
    alerted_after: list[float]
    """From the response to Discord."""
    before_the_kill: list[float]
    """The same, of what was alerted before the process was killed."""


def outcome_of(discord: DiscordServer, accounts: Sequence[Watched], slowest: float, killed_at: float) -> Outcome:
    """Compare the alerts with the changes: a ban is a message, the return to FAST is a reply to it."""
    missing = twice = late = changes = 0
    seen_after, alerted_after, before_the_kill = [], [], []
    for account in accounts:
        sent = discord.messages(account.channel)
        changes += len(account.changes)
        missing += max(len(account.changes) - len(sent), 0)
        twice += max(len(sent) - len(account.changes), 0)
        for change, message in zip(account.changes, sent, strict=False):
            shown_at = change.shown_at or message.created
            seen_after.append(shown_at - change.made_at)
            alerted_after.append(message.created - shown_at)
            if message.created < killed_at:
                before_the_kill.append(alerted_after[-1])
            late += message.created - change.made_at > slowest or (message.reference_id is None) != change.is_ban
    return Outcome(changes, missing, twice, late, seen_after, alerted_after, before_the_kill)


@dataclass(slots=True)
class Run:
    """Two processes that watch the accounts of a fleet."""

    opened: AsyncExitStack
    arguments: tuple[str, ...]
    stdin: bytes
    processes: list[Measured] = field(default_factory=list)
    memory: list[tuple[float, list[float]]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    killed_at: float = 0

    async def start(self) -> None:
        """Start one more process."""
        process = running("benchmarks.run_watching", *self.arguments, stdin=self.stdin)
        self.processes.append(await self.opened.enter_async_context(process))

    def kill(self) -> None:
        """Kill the first process."""
        self.processes.pop(0).process.kill()
        self.killed_at = time.monotonic()

    async def note_memory(self) -> None:
        """Note the memory of each process every minute, forever."""
        while True:
            minute = (time.monotonic() - self.began) / _MINUTE
            self.memory.append((minute, [process.resident_mb() for process in self.processes]))
            await asyncio.sleep(_MINUTE)

    def used(self) -> tuple[float, int]:
        """Return the processor seconds and statements of the processes so far."""
        return sum(one.cpu_seconds() for one in self.processes), sum(one.statements() for one in self.processes)


async def change_tokens(accounts: Sequence[Watched], seconds: float, per_second: float) -> None:
    """Ban a token of a random account at intervals, each back in FAST a while later."""
    chance = random.Random(0)  # noqa: S311 - it is to be the same once more
    free, ends = list(accounts), time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        while time.monotonic() < ends and free:
            group.create_task(_ban(free.pop(chance.randrange(len(free)))))
            await asyncio.sleep(1 / per_second)


async def _ban(account: Watched) -> None:
    for status in ("BANNED", "FAST"):
        account.changes.append(Change(time.monotonic(), is_ban=status == "BANNED"))
        account.set_status(status)
        await asyncio.sleep(_OUT_OF_FAST_SECONDS)


async def measure(number: int, seconds: float, poll_seconds: float, per_second: float) -> bool:
    """Run, print the figures, and return whether all is as it should be."""
    with _database() as database_url:
        async with UncheckingServer(token="made-up.discord.token") as discord, AsyncExitStack() as opened:  # noqa: S106
            fleet, places = _accounts(discord, number)
            application = web.Application()
            application.router.add_get("/api/v1/discord/tokens", fleet.answer)
            url = await opened.enter_async_context(serving(application, 0))
            arguments = (discord.api_url, url, database_url, str(poll_seconds))
            run = Run(opened, arguments, json.dumps(places).encode() + b"\n")
            await run.start()
            await fleet.until_checked(1)
            await run.start()
            # The accounts that the second process takes over are read in full there once more.
            await fleet.until_checked(_CHECKS_UNTIL_QUIET)
            memory = asyncio.create_task(run.note_memory())
            before, began, checks = run.used(), time.monotonic(), fleet.checks.total()
            await asyncio.sleep(_MINUTE)
            quiet = run.used()
            _print_quiet(quiet[0] - before[0], quiet[1] - before[1], fleet.checks.total() - checks, began)
            changing = asyncio.create_task(change_tokens(list(fleet.accounts.values()), seconds, per_second))
            await asyncio.sleep(seconds / 3)
            run.kill()
            await asyncio.sleep(seconds / 3)
            await run.start()
            await changing
            await asyncio.sleep(max(_slowest(poll_seconds) - _OUT_OF_FAST_SECONDS, 0))
            memory.cancel()
            outcome = outcome_of(discord, list(fleet.accounts.values()), _slowest(poll_seconds), run.killed_at)
            _print(outcome, run)
            return not (outcome.missing or outcome.twice or outcome.late)


def _accounts(discord: DiscordServer, number: int) -> tuple[Fleet, list[tuple[str, int, int]]]:
    fleet, places = Fleet({}), []
    for index in range(number):
        server, key = discord.add_guild(), f"key-{index}"
        channel = discord.add_channel(server, "alerts")
        account = Watched(key, channel, [linked_token(index * _TOKENS + each + 1) for each in range(_TOKENS)])
        account.set_status("FAST")
        fleet.accounts[key] = account
        places.append((key, server, channel))
    return fleet, places


def _slowest(poll_seconds: float) -> float:
    """Return how long a change may take to be alerted: its account's process may have been killed meanwhile."""
    return 1.1 * poll_seconds + _TAKEN_OVER_SECONDS + _ALLOWANCE_SECONDS


def _print_quiet(cpu: float, statements: int, checks: int, began: float) -> None:
    seconds = time.monotonic() - began
    print("| nothing new, both processes together | |")
    print("| --- | ---: |")
    print(f"| checks a second | {checks / seconds:.0f} |")
    print(f"| processor of a check | {cpu / checks * 1000:.2f} ms |")
    print(f"| statements a second | {statements / seconds:.1f} |\n", flush=True)


def _print(outcome: Outcome, run: Run) -> None:
    print("| one process killed after a third of the time, one started after two thirds | |")
    print("| --- | ---: |")
    print(f"| changes | {outcome.changes:,} |")
    print(f"| without an alert · alerted twice · late | {outcome.missing} · {outcome.twice} · {outcome.late} |")
    parts = {
        "from the change to its answer": outcome.seen_after,
        "from its answer to Discord": outcome.alerted_after,
        "the same, before the process was killed": outcome.before_the_kill,
    }
    for what, taken in parts.items():
        p99 = statistics.quantiles(taken, n=100)[98]
        print(f"| {what}: p50 · p99 · most | {statistics.median(taken):.3f} · {p99:.3f} · {max(taken):.3f} s |")
    for minute, megabytes in run.memory:
        print(f"| memory after {minute:.0f} min | {' · '.join(f'{one:.0f} MB' for one in megabytes)} |")


@contextmanager
def _database() -> Iterator[str]:
    with running_postgres() as server:
        server.psql("CREATE DATABASE many_accounts;")
        yield str(server.get_uri(database="many_accounts"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_accounts", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--poll-seconds", type=float, default=60)
    parser.add_argument("--changes-per-second", type=float, default=2)
    given = parser.parse_args()
    use_last_core()
    is_right = asyncio.run(
        measure(given.accounts, given.minutes * _MINUTE, given.poll_seconds, given.changes_per_second)
    )
    sys.exit(0 if is_right else 1)
