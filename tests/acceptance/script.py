"""A script of ImaginePro's status changes, people's actions, and what must appear in Discord between which instants.

All times are counted from the first round. Hours pass in moments: the clock is set from one event to the next. Rounds
have no jitter, which would only blur the expectations.
"""

import re
import string
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import discord
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.monitor.monitor import Monitor
from bot.notifier.dispatcher import Dispatcher
from bot.parsing.durations import parse_duration
from bot.storage.claims import next_due
from bot.storage.leases import release_claims
from bot.ui import texts
from tests.clocks import SetClock
from tests.cogs.server import Server
from tests.standins.imaginepro_server import Drop, ImagineProServer, Refuse
from tests.titles import title_of

FULL = "15.00/15.0 hours (100.00%)"
_A_SECOND = timedelta(seconds=1)


class Kind(StrEnum):
    """The kinds of visible changes."""

    POST = "post"
    REPLY = "reply"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Observation:
    """A Discord message, a reply to one, or a new title of one; and whether it pinged."""

    at: timedelta
    channel_id: int
    kind: Kind
    text: str
    pings: bool = False

    def __str__(self) -> str:
        """Return it as a log line."""
        return f"{self.at} {self.kind}{' that pings' if self.pings else ''} in {self.channel_id}: {self.text}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must appear between two instants: in the alert channel of the first server, or in another one."""

    since: timedelta
    until: timedelta
    kind: Kind
    words: re.Pattern[str]
    pings: bool
    channel_id: int | None = None

    def is_met_by(self, sight: Observation) -> bool:
        """Whether this is it."""
        return (
            self.since <= sight.at <= self.until
            and (self.kind, self.pings, self.channel_id) == (sight.kind, sight.pings, sight.channel_id)
            and self.words.fullmatch(sight.text) is not None
        )

    def __str__(self) -> str:
        """Return it as a log line."""
        pings = " that pings" if self.pings else ""
        return f"{self.since} to {self.until} {self.kind}{pings} in {self.channel_id}: {self.words.pattern}"


@dataclass(frozen=True, slots=True)
class Between:
    """Two instants."""

    since: timedelta
    until: timedelta
    channel_id: int | None = None

    def post(self, title: re.Pattern[str], *, pings: bool = True) -> Expectation:
        """Expect an embed with this title, or a text without an embed."""
        return Expectation(self.since, self.until, Kind.POST, title, pings, self.channel_id)

    def reply(self, text: re.Pattern[str], *, pings: bool = False) -> Expectation:
        """Expect a reply."""
        return Expectation(self.since, self.until, Kind.REPLY, text, pings, self.channel_id)

    def edit(self, title: re.Pattern[str]) -> Expectation:
        """Expect an embed to get this title, which never pings."""
        return Expectation(self.since, self.until, Kind.EDIT, title, pings=False, channel_id=self.channel_id)


def between(since: str, until: str, channel_id: int | None = None) -> Between:
    """Start an expectation: between these instants, in this channel if it is not the default one."""
    return Between(time(since), time(until), channel_id)


def words(template: str, **known: object) -> re.Pattern[str]:
    """Return a regular expression for a template: with these values, and anything in its other fields. A ping may come
    first. The number of a token stands for its name in a sentence.
    """
    if isinstance(known.get("token"), int):
        known["token"] = texts.common.SUBJECT.format(token=known["token"])
    pattern = ""
    for text, name, _, _ in string.Formatter().parse(template):
        pattern += re.escape(text)
        if name is not None:
            pattern += re.escape(str(known[name])) if name in known else ".*"
    return re.compile(rf"(<@&\d+> )?{pattern}", re.DOTALL)


def time(text: str) -> timedelta:
    """Read a time such as `1h 5m 30s`."""
    return sum(map(parse_duration, text.split()), timedelta())


Doing = Callable[[], Awaitable[object]]
Entry = tuple[timedelta, Doing]


@dataclass
class Script:
    """The events and their times."""

    server: Server
    services: Services
    imaginepro: ImagineProServer
    clock: SetClock
    poll_interval: str = "60s"
    asks_account: bool = False
    """Whether the account's credits and expiry are fetched when they are due."""
    also_watched: list[simcord.ChannelHandle] = field(default_factory=list)
    """Other channels in which nothing unexpected may appear."""
    _entries: list[Entry] = field(default_factory=list)
    _titles: dict[int, str] = field(default_factory=dict)
    _monitor: Monitor | None = None
    _round_at: timedelta = timedelta()

    def __post_init__(self) -> None:
        """Begin now."""
        self._began_at = self.clock.now()

    # What happens

    def at(self, when: str, doing: Doing) -> None:
        """Schedule an action."""
        self._entries.append((time(when), doing))

    def says(self, when: str, statuses: Mapping[int, str], fast_time: str = FULL) -> None:
        """Set the status of these tokens from then on."""

        async def say() -> None:
            for token_id, status in statuses.items():
                self.imaginepro.tokens[token_id].status = status
                self.imaginepro.tokens[token_id].info["fastTimeRemaining"] = fast_time

        self.at(when, say)

    def account(self, when: str, *, extra: int | None = None, ends_in: str | None = None) -> None:
        """Set the bought credits, with none left of the plan's 1,600, or when the plan ends."""

        async def change() -> None:
            if extra is not None:
                self.imaginepro.credits, self.imaginepro.credits_extra = 0, extra
            if ends_in is not None:
                self.imaginepro.expires_at = self._began_at + time(when) + time(ends_in)

        self.at(when, change)

    def switches(self, when: str, token_id: int, *, on: bool) -> None:
        """Switch a token on or off at ImaginePro."""

        async def switch() -> None:
            self.imaginepro.switch(token_id, is_active=on)

        self.at(when, switch)

    def leaves_the_list(self, when: str, token_id: int, back: str) -> None:
        """Remove a token from ImaginePro's list for a while."""
        kept = self.imaginepro.tokens[token_id]

        async def leave() -> None:
            del self.imaginepro.tokens[token_id]

        async def join() -> None:
            self.imaginepro.tokens[token_id] = kept

        self.at(when, leave)
        self.at(back, join)

    def fails(self, when: str, until: str, leave_alone_for: str = "") -> None:
        """Let ImaginePro fail for a while, with a Retry-After that is longer than usual."""
        seconds = str(round(time(leave_alone_for).total_seconds()))
        slow_down = Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": seconds})

        async def fail() -> None:
            self.imaginepro.outage = slow_down if leave_alone_for else Drop()

        async def answer() -> None:
            self.imaginepro.outage = None

        self.at(when, fail)
        self.at(until, answer)

    def types(self, when: str, command: str, **options: object) -> None:
        """A moderator types a command."""

        async def type_() -> None:
            await self.server.mod.slash(self.server.talk, command, **options)

        self.at(when, type_)

    def presses(self, when: str, *labels: str) -> None:
        """A moderator presses a button of the latest alert, and then one of each response, if several are named."""

        async def press() -> None:
            message: Any = self.alert_messages()[-1]
            for label in labels:
                message = (await self.server.mod.click(message, label=label)).response

        self.at(when, press)

    def chooses(self, when: str, value: str) -> None:
        """A moderator chooses from the menu of the latest alert."""

        async def choose() -> None:
            await self.server.mod.select(self.alert_messages()[-1], [value])

        self.at(when, choose)

    def is_down(self, when: str, until: str) -> None:
        """Stop the bot for a while; the restarted process knows only what the database has."""

        async def stop() -> None:
            self._monitor = None

        async def start() -> None:
            await self.server.env.restart_bot(Fastwatch(self.services, shard_count=1))
            async with self.services.database.transaction() as connection:
                await release_claims(connection)
            self._start()

        self.at(when, stop)
        self.at(until, start)

    # What is seen

    def alert_messages(self) -> list[discord.Message]:
        """Return the embeds in the default channel."""
        return [message for message in self.server.alerts.history() if message.embeds]

    async def shows(self, *expected: Expectation, until: str) -> None:
        """Run until then. Fails if anything is missing, late or unexpected."""
        usual = self.server.alerts.id
        pending = [replace(one, channel_id=one.channel_id or usual) for one in expected]
        channels = {usual, *(channel.id for channel in self.also_watched)}
        surplus, log = [], []
        async for sight in self._run(channels, time(until)):
            log.append(str(sight))
            met = next((one for one in pending if one.is_met_by(sight)), None)
            if met is None:
                surplus.append(str(sight))
            else:
                pending.remove(met)
        story = "\n".join(["", "Seen:", *log, "Not expected:", *surplus, "Missing:", *map(str, pending)])
        assert not surplus, story
        assert not pending, story

    async def _run(self, channels: set[int], until: timedelta) -> AsyncIterator[Observation]:
        self._start()
        entries = sorted(self._entries, key=lambda entry: entry[0])
        now = timedelta()
        while now <= until:
            self.clock.set(self._began_at + now)
            while entries and entries[0][0] <= now:
                await entries.pop(0)[1]()
            if self._monitor is not None and self._round_at <= now:
                self._round_at = now + await self._monitor.round()
                if self.asks_account:
                    await self._monitor.poll_account()
            if self._monitor is not None:
                await self._notifier.deliver_due()
            for sight in self._look(channels, now):
                yield sight
            now = await self._next_instant(now, entries, until)

    async def _next_instant(self, now: timedelta, entries: Sequence[Entry], until: timedelta) -> timedelta:
        instants = [entry[0] for entry in entries[:1]]
        if self._monitor is not None:
            instants.append(self._round_at)
            async with self.services.database.reading() as connection:
                due = await next_due(connection, self.clock.now())
            if due is not None:
                # The notifier too checks at most once a second.
                instants.append(max(due - self._began_at, now + _A_SECOND))
        return min(instants, default=until + _A_SECOND)

    def _look(self, channels: set[int], now: timedelta) -> Iterator[Observation]:
        """Return what is new since the last call."""
        for message in (message for id_ in sorted(channels) for message in self._history(id_)):
            title = title_of(message)
            before = self._titles.get(message.id)
            self._titles[message.id] = title
            if before is None:
                kind = Kind.REPLY if message.reference is not None else Kind.POST
                pings = bool(self.server.pings(message))
                yield Observation(now, message.channel.id, kind, title, pings)
            elif before != title:
                yield Observation(now, message.channel.id, Kind.EDIT, title)

    def _history(self, channel_id: int) -> list[discord.Message]:
        handles = {channel.id: channel for channel in (self.server.alerts, *self.also_watched)}
        return handles[channel_id].history()

    @property
    def _notifier(self) -> Dispatcher:
        return self.server.bot.notifier

    def _start(self) -> None:
        """Start a process."""
        self._monitor = Monitor(
            self.services.account_id,
            self.services.imaginepro,
            self.services.database,
            self.clock,
            poll_interval=time(self.poll_interval),
            deliveries_recorded=self._notifier.wake,
        )
        self._round_at = self.clock.now() - self._began_at
