"""Faults that last for a while: what Discord refuses, a clock that is wrong, a database that is away."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from random import Random

from bot.notifier.wording import PLAIN_AFTER
from tests.databases import sqlite_away
from tests.end_to_end.bot_process import BotProcess
from tests.patience import GENEROUS
from tests.soak.processes import Processes
from tests.soak.tokens import RestlessTokens
from tests.standins.discord_faults import Fault
from tests.standins.discord_server import DiscordServer
from tests.standins.postgres_proxy import PostgresProxy

HasHit = Callable[[], bool]
"""Whether a fault has met the bot."""
Lasting = Callable[[], AbstractAsyncContextManager[HasHit]]

REJECTED, BLOCKED = "Discord: 400, code 50035, one token's embeds", "Discord: 400, code 200000, one token's messages"
DENIED, HIDDEN = "Discord: a channel is denied, code 50013", "Discord: a channel is hidden, code 50001"
KICKED = "Discord: kicked and invited again"
CLOCK = "the wall clock is hours wrong"
CUT, SILENT = "PostgreSQL: cut off and refused", "PostgreSQL: silent"
HELD, MOVED = "SQLite: held by another program", "SQLite: the file is moved away for a while"
BREAKING = (DENIED, HIDDEN, KICKED)
"""What breaks a route, which is logged as an error."""
AWAY = (CUT, SILENT, HELD, MOVED)
"""What is an outage of the database, if it lasts long enough to be noticed."""
_ALWAYS = 10**9
_REJECTIONS = 3 * PLAIN_AFTER
"""An alert is posted in two channels or three, and becomes plain in each."""
_REFUSALS = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_POST, _EDIT = ("POST", r"/channels/\d+/messages"), ("PATCH", r"/channels/\d+/messages/\d+")
_LARGEST_ERROR = timedelta(hours=24)


class DiscordRefuses:
    """What Discord refuses for a while, until somebody changes something."""

    def __init__(self, discord: DiscordServer, tokens: RestlessTokens, random: Random, hits: Counter[str]) -> None:
        self._discord, self._tokens, self._random, self._hits = discord, tokens, random, hits
        self._faults = discord.faults

    def kinds(self, channels: Sequence[int], server: int) -> dict[str, Lasting]:
        """Return them: in one of these channels, in this server."""
        return {
            REJECTED: partial(self._rejected, REJECTED, 50035, r'"embeds": \[\{{.*\b{token}\b', _POST, _EDIT),
            BLOCKED: partial(self._rejected, BLOCKED, 200000, r"\b{token}\b", _POST),
            DENIED: partial(self._denied, DENIED, channels, may_view=True),
            HIDDEN: partial(self._denied, HIDDEN, channels, may_view=False),
            KICKED: partial(self._kicked, server),
        }

    @asynccontextmanager
    async def _rejected(self, name: str, code: int, body: str, *requests: tuple[str, str]) -> AsyncIterator[HasHit]:
        with self._tokens.one_banned() as token_id:
            body = body.format(token=token_id)
            faults = [
                self._faults.add(
                    Fault(method, path, times=_ALWAYS, body=body, status=HTTPStatus.BAD_REQUEST, code=code)
                )
                for method, path in requests
            ]
            try:
                yield lambda: sum(fault.hits for fault in faults) >= _REJECTIONS
            finally:
                for fault in faults:
                    self._faults.discard(fault)
                    self._hits[f"{name}, requests"] += fault.hits

    @asynccontextmanager
    async def _denied(self, name: str, channels: Sequence[int], *, may_view: bool) -> AsyncIterator[HasHit]:
        self._hits[name] += 1
        channel = self._random.choice(channels)
        self._discord.change_channel(channel, bot_may_send=False, bot_may_view=may_view)
        try:
            with self._tokens.one_banned():
                yield self._has_refused([channel])
        finally:
            self._discord.change_channel(channel)

    @asynccontextmanager
    async def _kicked(self, server: int) -> AsyncIterator[HasHit]:
        self._hits[KICKED] += 1
        guild = self._discord.remove_guild(server)
        try:
            with self._tokens.one_banned():
                yield self._has_refused(guild.channels)
        finally:
            self._discord.invite_again(guild)

    def _has_refused(self, channels: Iterable[int]) -> HasHit:
        """Return whether Discord has refused a request in one of these channels from now on."""
        paths = tuple(f"/channels/{channel}/messages" for channel in channels)
        before = len(self._discord.requests)
        return lambda: any(
            request.status in _REFUSALS and request.path.startswith(paths)
            for request in self._discord.requests[before:]
        )


def wrong_clock(bot: BotProcess, random: Random, hits: Counter[str]) -> dict[str, Lasting]:
    """Return a clock of all processes that is up to a day ahead or behind for a while."""

    @asynccontextmanager
    async def is_wrong() -> AsyncIterator[HasHit]:
        hits[CLOCK] += 1
        bot.set_clock(_LARGEST_ERROR * random.uniform(-1, 1))
        try:
            yield lambda: True
        finally:
            bot.set_clock(timedelta())

    return {CLOCK: is_wrong}


def _notices(bots: Processes) -> HasHit:
    """Return whether a process has noticed from now on that its database is away."""
    before = bots.outages
    return lambda: bots.outages > before


@dataclass(frozen=True)
class Databases:
    """The way to the database for the test and for the bots, and what is between the bots and PostgreSQL."""

    url: str
    bots_url: str
    proxy: PostgresProxy | None


def database_away(
    databases: Databases, bots: Processes, hits: Counter[str], until_opened: Callable[[], Awaitable[None]]
) -> dict[str, Lasting]:
    """Return a database that cannot be used for a while. `until_opened` waits until the bots have opened it."""
    if databases.proxy is not None:
        return _postgres_away(databases.proxy, bots, hits)
    return _sqlite_unusable(databases.url, bots, hits, until_opened)


def _postgres_away(proxy: PostgresProxy, bots: Processes, hits: Counter[str]) -> dict[str, Lasting]:
    """Return a PostgreSQL that cannot be reached, or does not respond, for a while."""

    @asynccontextmanager
    async def is_cut() -> AsyncIterator[HasHit]:
        hits[CUT] += 1
        await proxy.stop()
        try:
            yield _notices(bots)
        finally:
            await proxy.start()

    @asynccontextmanager
    async def is_silent() -> AsyncIterator[HasHit]:
        hits[SILENT] += 1
        proxy.fall_silent()
        try:
            yield lambda: True
        finally:
            proxy.speak()

    return {CUT: is_cut, SILENT: is_silent}


def _sqlite_unusable(
    url: str, bots: Processes, hits: Counter[str], until_opened: Callable[[], Awaitable[None]]
) -> dict[str, Lasting]:
    """Return a SQLite file that another program holds, or that is elsewhere, for a while.

    Nothing opens the file while it is away, because SQLite would create a new one.
    """

    @asynccontextmanager
    async def is_held() -> AsyncIterator[HasHit]:
        hits[HELD] += 1
        other = await asyncio.to_thread(_hold, url)
        try:
            yield lambda: True
        finally:
            await asyncio.to_thread(other.close)

    @asynccontextmanager
    async def is_moved() -> AsyncIterator[HasHit]:
        async with bots.hands:
            await until_opened()
            hits[MOVED] += 1
            with sqlite_away(url):
                yield _notices(bots)

    return {HELD: is_held, MOVED: is_moved}


def _hold(url: str) -> sqlite3.Connection:
    file = url.removeprefix("sqlite:///")
    other = sqlite3.connect(file, timeout=GENEROUS, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    return other
