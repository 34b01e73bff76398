"""A model: whatever ImaginePro reports, people press, Discord refuses and processes go through, alerts stay correct.

`--hypothesis-profile thorough` makes a run longer; the default is short, and every run tries the same examples.
"""

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast
from weakref import WeakSet

import discord
import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import LogCapture

from bot.domain.alert_types import IncidentType
from bot.domain.capacity import ABOUT_FAST
from bot.domain.condition_updates import is_about_fast
from bot.domain.escalation import escalate
from bot.domain.incident_actions import UpdateRefused, acknowledge, add_note, assign, close, mute, unacknowledge, unmute
from bot.domain.incident_updates import IncidentUpdate, remind
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.mutes import find_mute_end, muted_members
from bot.domain.quiet_hours import is_ping_suppressed
from bot.domain.rules import Rules
from bot.imaginepro.client import open_imaginepro
from bot.monitor.already_wrong import report_already_wrong
from bot.monitor.monitor import Monitor
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.sender import Sender
from bot.queries.in_fast import in_fast
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import Route, get_route, lock_server
from bot.storage.alerts_off import switch_off, switch_on
from bot.storage.claims import next_due
from bot.storage.condition_states import condition_states_of
from bot.storage.database import Database, open_database
from bot.storage.deliveries import DeliveryKind, retry_now
from bot.storage.incident_updates import record_update
from bot.storage.incidents import get_incident, get_incidents, open_incidents, timeline_of
from bot.storage.leases import release_claims
from bot.storage.mutes import mute_spans_of, remove_mute
from bot.storage.payloads import Payload, SummaryPayload
from bot.storage.schema import deliveries, incidents
from bot.storage.server_settings import rules_of
from bot.storage.token_owners import set_owner
from bot.storage.token_states import states_of
from bot.storage.tokens import readings_of
from bot.ui import texts
from bot.ui.incident_context import IncidentContext
from bot.ui.incident_titles import incident_title
from bot.ui.incidents import incident_embed
from tests.clocks import NOON
from tests.monitor.using_up import TOTAL, used_up
from tests.monitor.world import MINUTE, ChosenClock, Team, World, connected_client
from tests.profiles import fewer_examples
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import DiscordServer, Fault, Message, Request
from tests.standins.imaginepro_server import DEFAULT_KEY, Drop, ImagineProServer, linked_token

TOKENS = (111, 222, 333, 444)
MAY_LEAVE_THE_LIST = (333, 444)
STATUSES = ("FAST", "RELAX", "VERIFYING", "BANNED")
FAST_TIMES = {
    "full": "15.00/15.0 hours (100.00%)",
    "low": "2.00/15.0 hours (13.33%)",
    "very low": "0.30/15.0 hours (2.00%)",
}
CHANGES = [*STATUSES, "FAST", "RELAX", "off", "unlisted", *FAST_TIMES]
AT_THE_BEGINNING, AT_THE_END = "a transaction fails at its beginning", "a transaction fails at its end"
TROUBLES = ["imaginepro fails", "imaginepro answers", "restart", AT_THE_BEGINNING, AT_THE_END]
# "call": the process is killed before or after Discord has accepted its request.
FAULTS = ["503", "429", "drop_before", "drop_after", "drop_after", "call_before", "call_after"]
MOD, OTHER_MOD = 7, 8
# The second server gets more alerts, and earlier, so that short runs cover more.
EAGER = Rules(
    confirm_leaving=1,
    confirm_back=1,
    group_from=2,
    flapping_after=1,
    reminders=(timedelta(minutes=10), timedelta(hours=1)),
    no_data_after=timedelta(minutes=1),
    escalate_after=timedelta(minutes=5),
    quiet_hours=(time(13), time(17)),
    min_fast=2,
    min_hours=25,
)
# Bought credits and days until the end of the plan.
ACCOUNTS = [(0, 400), (1000, 400), (1000, 5), (1000, 0.5), (1000, -1)]
OWNED, OWNER = TOKENS[0], 77
PAUSES = [timedelta(seconds=10), MINUTE, timedelta(minutes=10), timedelta(hours=1), timedelta(hours=8)]
OWNERS_READ = {
    DeliveryKind.STARTED,
    DeliveryKind.CHANGED,
    DeliveryKind.WORSENED,
    DeliveryKind.HELD_BACK,
    DeliveryKind.REMINDER,
    DeliveryKind.REFRESH,
}
NEVER_PING = {DeliveryKind.RESOLVED, DeliveryKind.SUMMARY, DeliveryKind.ROUTE_BROKEN}

some_tokens = st.just(set(TOKENS)) | st.sets(st.sampled_from(TOKENS), min_size=1)


@dataclass(frozen=True)
class Then:
    """The next step: the number of rounds, and whether the notifier runs after them or concurrently."""

    rounds: int
    posted: bool
    at_once: bool


what_comes_then = st.builds(Then, st.integers(0, 3), posted=st.booleans(), at_once=st.booleans())

Change = Callable[[Incident, int, datetime], IncidentUpdate]

PRESSES: dict[str, tuple[str, Change]] = {
    "acknowledge": (texts.buttons.ACKNOWLEDGE, acknowledge),
    "unacknowledge": (texts.buttons.MORE_MENU, unacknowledge),
    "on it": (texts.buttons.ASSIGN, assign),
    "take over": (texts.buttons.TAKE_OVER, lambda incident, _, now: assign(incident, OTHER_MOD, now)),
    "note": (texts.buttons.MORE_MENU, partial(add_note, text="**its owner** knows @everyone")),
    "mute for an hour": (texts.buttons.MUTE, partial(mute, lasts=timedelta(hours=1))),
    "mute until back": (texts.buttons.MUTE, partial(mute, lasts=None)),
    "unmute": (texts.buttons.UNMUTE, unmute),
    "close": (texts.buttons.CLOSE, close),
}

Value = TypeVar("Value")


class Killed(OSError):
    """The process was killed, or its database is briefly unreachable."""


class KillableDatabase(Database):
    """The database of one process, until that is killed. It may also fail once, at the start or the end of a
    transaction.
    """

    def __init__(self, living: Database) -> None:
        self._living = living
        self.outage = living.outage
        self._change_listeners = WeakSet()
        # Another process learns of a change within seconds, which are none here.
        living.on_change(self)
        self.is_dead = False
        self.fails: list[str | None] = []

    def forget(self, account_ids: Collection[int]) -> None:
        """Let what remembers these accounts forget them."""
        for listener in self._change_listeners:
            listener.forget(account_ids)

    @asynccontextmanager
    async def transaction(self, *, durable: bool = True) -> AsyncIterator[AsyncConnection]:
        """Start a transaction, if the process still runs."""
        failing = self.fails.pop(0) if self.fails else None
        if self.is_dead or failing == AT_THE_BEGINNING:
            raise Killed
        async with self._living.transaction(durable=durable) as connection:
            yield connection
            if failing == AT_THE_END:
                raise Killed

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Read, if the process still runs."""
        if self.is_dead:
            raise Killed
        async with self._living.reading() as connection:
            yield connection


@dataclass
class Process:
    """The parts of one Fastwatch process."""

    database: KillableDatabase
    monitor: Monitor
    notifier: Dispatcher
    round_due: datetime

    @classmethod
    def start(cls, world: World, client: discord.Client) -> "Process":
        database = KillableDatabase(world.database)
        alike = replace(world, database=database)
        notifier = Dispatcher(database, world.clock, Sender(client, world.clock))
        monitor = alike.monitor(hand_over=notifier.handover.handing_over)
        return cls(database, monitor, notifier, world.clock.now())


@dataclass(frozen=True)
class Sent:
    """A delivery as stored in the database."""

    id: int
    kind: DeliveryKind
    incident_id: int | None
    payload: Payload | None
    is_delivered: bool
    attempts: int


def once(things: Iterable[object]) -> None:
    several = [thing for thing, number in Counter(things).items() if number > 1]
    assert several == []


class AlertingModel(RuleBasedStateMachine):
    """Two servers of one account, with different rules, in a Discord that fails."""

    template: Path
    """A database with all tables, because creating them takes longer than a short run."""
    logs: LogCapture

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.opened = AsyncExitStack()
        self.faulty = False
        self.seen: dict[int, Message] = {}
        self.deleted: dict[int, Message] = {}
        self.deleted_at: dict[int, int] = {}
        self.escalated: dict[int | None, int] = {}
        # Incidents that were about to be shown when alerts were switched off.
        self.unsent: set[int | None] = set()
        # An alert in a former channel may be unreachable there, and is posted again.
        self.moved: set[int] = set()

    def do(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self.runner.run(work)

    @initialize(processes=st.sampled_from([1, 1, 2]), own_route=st.booleans())
    def begin(self, processes: int, own_route: bool) -> None:
        self.do(self._begin(processes, own_route=own_route))

    async def _begin(self, processes: int, *, own_route: bool) -> None:
        opened = self.opened
        folder = Path(opened.enter_context(TemporaryDirectory()))
        shutil.copy(self.template, folder / "fastwatch.db")
        clock = ChosenClock()
        imaginepro = await opened.enter_async_context(ImagineProServer())
        self.tokens = {token_id: linked_token(token_id) for token_id in TOKENS}
        imaginepro.link(*self.tokens.values())
        self.imaginepro = imaginepro
        database = await opened.enter_async_context(open_database(SecretStr(f"sqlite:///{folder}/fastwatch.db")))
        client = await opened.enter_async_context(open_imaginepro(imaginepro.base_url, SecretStr(DEFAULT_KEY), clock))
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
        self.world = World(imaginepro, database, clock, account_id, client)
        self.discord = await opened.enter_async_context(DiscordServer())
        self.teams = [Team.create(self.discord), Team.create(self.discord)]
        self.other_channels = {team.id: self.discord.add_channel(team.id, "elsewhere") for team in self.teams}
        self.routes = {team.id: team.alerts for team in self.teams}
        self.client = await opened.enter_async_context(connected_client(self.discord))
        for team in self.teams:
            await self.set_up(team, team.alerts)
        self.second_role = self.discord.add_role(self.teams[1].id, "Second line", mentionable=True)
        self.rules_of = {
            self.teams[0].id: Rules(),
            self.teams[1].id: replace(EAGER, escalate_role=self.second_role),
        }
        for team in self.teams:
            await self.world.set_rules(team.id, self.rules_of[team.id])
            async with database.transaction() as connection:
                await set_owner(connection, team.id, OWNED, OWNER, named_by=MOD, now=NOON)
        self.own_route = own_route
        if own_route:
            team = self.teams[0]
            await self.world.set_route(
                team.id, self.other_channels[team.id], team.role, created_by=team.mod, token_id=TOKENS[0]
            )
        self.processes = [Process.start(self.world, self.client) for _ in range(processes)]
        await self.processes[0].monitor.round()
        # So that less fast time means a shortfall.
        for token_id in TOKENS:
            await used_up(database, account_id, clock, token_id, left=TOTAL, a_day=1)

    def teardown(self) -> None:
        try:
            if hasattr(self, "processes"):
                self.everything_is_fine()
        finally:
            self.do(self.opened.aclose())
            self.runner.close()

    # ImaginePro

    @rule(tokens=some_tokens, change=st.sampled_from(CHANGES), then=what_comes_then)
    def tokens_change(self, tokens: set[int], change: str, then: Then) -> None:
        for token_id in tokens:
            self.change(token_id, change)
        self.do(self._go_on(then))

    def change(self, token_id: int, change: str) -> None:
        token = self.tokens[token_id]
        if change in FAST_TIMES:
            token.info["fastTimeRemaining"] = FAST_TIMES[change]
            return
        token.is_active = change != "off"
        if change in STATUSES:
            token.status = change
        if change != "unlisted":
            self.imaginepro.tokens[token_id] = token
        elif token_id in MAY_LEAVE_THE_LIST:
            self.imaginepro.tokens.pop(token_id, None)

    @rule(tokens=some_tokens, change=st.sampled_from(CHANGES), then=what_comes_then)
    def tokens_change_and_change_back(self, tokens: set[int], change: str, then: Then) -> None:
        for each in (change, "full" if change in FAST_TIMES else "FAST"):
            for token_id in tokens:
                self.change(token_id, each)
            self.do(self._rounds(self.processes[0], 2))
        self.do(self._go_on(then))

    @rule(account=st.sampled_from(ACCOUNTS), then=what_comes_then)
    def the_account_changes(self, account: tuple[int, float], then: Then) -> None:
        self.imaginepro.credits, self.imaginepro.credits_extra = 0, account[0]
        self.imaginepro.expires_at = self.world.clock.now() + timedelta(days=account[1])
        self.do(self._go_on(then))

    # The bot

    @rule(then=what_comes_then, which=st.integers(0, 1))
    def it_goes_on(self, then: Then, which: int) -> None:
        self.do(self._go_on(then, which))

    async def _go_on(self, then: Then, which: int = 0) -> None:
        process = self.processes[which % len(self.processes)]
        rounds = self._rounds(process, then.rounds)
        if not then.posted:
            await rounds
        elif then.at_once:
            async with asyncio.TaskGroup() as group:
                with process.notifier.handover.accepted(group):
                    await asyncio.gather(rounds, self._deliver(at_once=True))
        else:
            await rounds
            await self._deliver()

    async def _rounds(self, process: Process, number: int) -> None:
        for _ in range(number):
            self.world.clock.set(max(self.world.clock.now(), process.round_due))
            process.round_due = self.world.clock.now() + await process.monitor.round()
            await process.monitor.poll_account()

    async def _deliver(self, *, at_once: bool = False) -> None:
        await asyncio.gather(*(process.notifier.deliver_due() for process in self.processes))
        await self._check_pings(at_once=at_once)
        await self._stop_process()

    @rule(pause=st.sampled_from(PAUSES), then=what_comes_then)
    def time_passes(self, pause: timedelta, then: Then) -> None:
        self.world.clock.advance(pause)
        self.do(self._go_on(then))

    async def _stop_process(self) -> None:
        """Start a new process for each killed one."""
        for place, process in enumerate(self.processes):
            if process.database.is_dead:
                if len(self.processes) == 1:
                    async with self.world.database.transaction() as connection:
                        await release_claims(connection)
                self.processes[place] = Process.start(self.world, self.client)

    @rule(what=st.sampled_from(TROUBLES), which=st.integers(0, 1), after=st.integers(0, 5), then=what_comes_then)
    def internal_failure(self, what: str, which: int, after: int, then: Then) -> None:
        process = self.processes[which % len(self.processes)]
        match what:
            case "imaginepro fails":
                self.imaginepro.outage = Drop()
            case "imaginepro answers":
                self.imaginepro.outage = None
            case "restart":
                process.database.is_dead = True
                self.do(self._stop_process())
            case _:
                process.database.fails = [*[None] * after, what]
        self.do(self._go_on(then))

    # Discord failures

    @rule(
        method=st.sampled_from(["POST", "POST", "PATCH"]),
        kind=st.sampled_from(FAULTS),
        times=st.integers(1, 3),
        skip=st.integers(0, 2),
        then=what_comes_then,
    )
    def discord_fails(self, method: str, kind: str, times: int, skip: int, then: Then) -> None:
        fault = Fault(method, r"/channels/\d+/messages.*", times=times, skip=skip)
        if kind.isdecimal():
            fault.status, fault.via, fault.retry_after = int(kind), False, 7
        else:
            fault.kind = cast("FaultKind", kind)
        if kind.startswith("call"):
            fault.callback = self._kill
        self.discord.faults.add(fault)
        self.do(self._go_on(then))

    async def _kill(self, _: Request) -> None:
        for process in self.processes:
            process.database.is_dead = True

    @rule(
        team=st.integers(0, 1),
        elsewhere=st.booleans(),
        change=st.sampled_from(["set up", "set up", "free", "view only", "closed"]),
        then=what_comes_then,
    )
    def a_channel_changes(self, team: int, elsewhere: bool, change: str, then: Then) -> None:
        channel = self.other_channels[self.teams[team].id] if elsewhere else self.teams[team].alerts
        if change == "set up":
            if channel != self.routes[self.teams[team].id]:
                self.moved |= {self.teams[team].alerts, self.other_channels[self.teams[team].id]}
            self.do(self.set_up(self.teams[team], channel))
        else:
            self.discord.change_channel(channel, bot_may_send=change == "free", bot_may_view=change != "closed")
        self.do(self._go_on(then))

    async def set_up(self, team: Team, channel_id: int) -> None:
        """Do what `/alerts setup` does."""
        async with self.world.database.transaction() as connection:
            await switch_on(connection, Route(team.id, self.world.account_id, channel_id, team.role, team.mod, NOON))
            await retry_now(connection, team.id, self.world.clock.now())
        self.routes[team.id] = channel_id

    # People

    @rule(team=st.integers(0, 1), pause=st.sampled_from(PAUSES), then=what_comes_then)
    def alerts_are_switched_off_for_a_while(self, team: int, pause: timedelta, then: Then) -> None:
        self.do(self._switch_off(self.teams[team]))
        self.do(self._go_on(then))
        self.world.clock.advance(pause)
        self.do(self.set_up(self.teams[team], self.routes[self.teams[team].id]))
        self.do(self._go_on(then))

    @rule(team=st.integers(0, 1), then=what_comes_then)
    def what_is_wrong_already_is_reported(self, team: int, then: Then) -> None:
        self.do(self._report(self.teams[team]))
        self.do(self._go_on(then))

    async def _report(self, team: Team) -> None:
        async with self.world.database.transaction() as connection:
            route = await get_route(connection, team.id)
            if route is not None:
                await report_already_wrong(connection, route, self.world.clock)

    async def _switch_off(self, team: Team) -> None:
        for delivery in (await self._deliveries()).values():
            if not delivery.is_delivered:
                self.unsent |= {delivery.incident_id}
                # One line each of several that were over before they were posted.
                self.unsent |= set(
                    delivery.payload.incident_ids if isinstance(delivery.payload, SummaryPayload) else ()
                )
        async with self.world.database.transaction() as connection:
            await switch_off(connection, team.id, MOD, self.world.clock)

    @rule(
        team=st.integers(0, 1),
        token=st.sampled_from([None, None, *TOKENS]),
        lasts=st.sampled_from([None, *PAUSES]),
        include_urgent=st.booleans(),
        then=what_comes_then,
    )
    def somebody_mutes_or_unmutes(
        self, team: int, token: int | None, lasts: timedelta | None, include_urgent: bool, then: Then
    ) -> None:
        if lasts is None:
            self.do(self._unmute(self.teams[team], token))
        else:
            self.do(self.world.mute(self.teams[team].id, token, lasts, include_urgent=include_urgent))
        self.do(self._go_on(then))

    async def _unmute(self, team: Team, *tokens: int | None) -> None:
        async with self.world.database.transaction() as connection:
            for token in tokens:
                await remove_mute(connection, team.id, token)
            await retry_now(connection, team.id, self.world.clock.now())

    def alert_messages(self) -> list[tuple[Message, int]]:
        """Return the Discord messages with buttons, and their incidents."""
        found = []
        for team in self.teams:
            for channel_id in (team.alerts, self.other_channels[team.id]):
                for message in self.discord.messages(channel_id):
                    ids = {int(one.rsplit(":", 1)[1]) for one in message.custom_ids().values()}
                    assert len(ids) <= 1
                    found += [(message, id_) for id_ in ids]
        return found

    @rule(number=st.integers(0, 9), press=st.sampled_from(list(PRESSES)), then=what_comes_then)
    def somebody_presses(self, number: int, press: str, then: Then) -> None:
        """Press a button on an alert that has it."""
        button, change = PRESSES[press]
        alert_messages = [incident_id for alert, incident_id in self.alert_messages() if button in alert.custom_ids()]
        if alert_messages:
            self.do(self._press(alert_messages[number % len(alert_messages)], change))
        self.do(self._go_on(then))

    async def _press(self, incident_id: int, change: Change) -> None:
        """Apply a button's action; outdated ones are refused."""
        now = self.world.clock.now()
        async with self.world.database.transaction() as connection:
            incident = await get_incident(connection, incident_id)
            if incident is None or not incident.is_open:
                return
            await lock_server(connection, incident.server_id)
            try:
                update = change(incident, MOD, now)
            except UpdateRefused:
                return
            await record_update(connection, update, nonce=self.world.clock.nonce(), now=now)

    @rule(number=st.integers(0, 9), then=what_comes_then)
    def somebody_deletes_an_alert(self, number: int, then: Then) -> None:
        if alert_messages := self.alert_messages():
            message, incident_id = alert_messages[number % len(alert_messages)]
            self.look()
            self.discord.delete(message)
            self.deleted[message.id] = message
            self.deleted_at[incident_id] = max((one.id for one in self.do(self._deliveries()).values()), default=0)
        self.do(self._go_on(then))

    # Invariants

    async def _deliveries(self) -> dict[str, Sent]:
        async with self.world.database.reading() as connection:
            rows = await connection.execute(select(deliveries).order_by(deliveries.c.id))
            return {
                row.nonce: Sent(
                    row.id,
                    DeliveryKind(row.kind),
                    row.incident_id,
                    row.payload,
                    row.delivered_at is not None,
                    row.attempts,
                )
                for row in rows
            }

    def look(self) -> None:
        """Record every Discord message."""
        for channel_id in (*self.other_channels.values(), *(team.alerts for team in self.teams)):
            for message in self.discord.messages(channel_id):
                self.seen[message.id] = message

    @invariant()
    def check_posted_once(self) -> None:
        if not hasattr(self, "processes"):
            return
        self.look()
        once((message.nonce, self._place(message)) for message in self.seen.values() if message.id not in self.deleted)
        once((incident_id, self._place(alert)) for alert, incident_id in self.alert_messages())

    def _place(self, message: Message) -> int:
        return message.channel_id if message.channel_id in self.moved else 0

    async def _check_pings(self, *, at_once: bool) -> None:
        """Only new information about open incidents pings, and an edit never does. An incident that a concurrent round
        has resolved may just have been in flight.
        """
        posted = await self._deliveries()
        roles = {team.role for team in self.teams} | {self.second_role}
        for request in self.discord.requests:
            mentions = (request.body or {}).get("allowed_mentions") or {}
            assert not mentions.get("parse")
            owners = set(map(int, mentions.get("users") or []))
            pinged = set(map(int, mentions.get("roles") or []))
            assert pinged <= roles
            assert owners <= {OWNER}
            if pinged or owners:
                assert request.method == "POST"
                delivery = posted[request.body["nonce"]]
                assert delivery.kind not in NEVER_PING
                assert not owners or delivery.kind in OWNERS_READ
                if delivery.kind is DeliveryKind.QUIET_SUMMARY:
                    assert self.second_role not in pinged
                    continue
                async with self.world.database.reading() as connection:
                    (incident,) = await get_incidents(connection, [delivery.incident_id or 0])
                    mutes = await mute_spans_of(connection, incident.server_id, self.world.clock.now())
                # Where an alert about capacity pings the role, owners are still pinged.
                is_for_owners = incident.is_open and incident.inhibited and not pinged
                assert incident.pings or is_for_owners or at_once, f"pinged for {incident}"
                if self.second_role in pinged:
                    assert incident.escalated_at is not None
                    assert self.escalated.setdefault(delivery.incident_id, delivery.id) == delivery.id, "twice"
                is_suppressed = is_ping_suppressed(incident, self.rules_of[incident.server_id], self.world.clock.now())
                assert at_once or not is_suppressed, f"pinged in quiet hours for {incident}"
                if delivery.kind is DeliveryKind.STARTED and not at_once:
                    is_muted = find_mute_end(incident, mutes, self.world.clock.now()) is not None
                    is_muted |= bool(muted_members(incident, mutes, self.world.clock.now()))
                    assert not is_muted or delivery.attempts > 1, "a muted token was alerted"
        self.discord.requests.clear()

    @invariant()
    def only_injected_failures(self) -> None:
        errors = [entry["exception"] for entry in self.logs.entries if "exception" in entry]
        self.logs.entries.clear()
        assert [error for error in errors if Killed.__name__ not in error] == []

    @rule()
    def everything_is_fine(self) -> None:
        """Let everything work again and all mutes expire; then everything is posted once, in its current state."""
        self.do(self._calm_down())
        self.do(self._check())
        self.check_posted_once()

    async def _calm_down(self) -> None:
        self.discord.faults.clear()
        self.imaginepro.outage = None
        for process in self.processes:
            process.database.fails = []
        for team in self.teams:
            for channel_id in (team.alerts, self.other_channels[team.id]):
                self.discord.change_channel(channel_id)
            await self.set_up(team, self.routes[team.id])
            await self._unmute(team, None, *TOKENS)
        if self.own_route:
            team = self.teams[0]
            await self.world.set_route(
                team.id, self.other_channels[team.id], team.role, created_by=team.mod, token_id=TOKENS[0]
            )
        # Longer than any lease, claim or backoff.
        self.world.clock.advance(timedelta(minutes=10))
        for _ in range(3):
            await self._rounds(self.processes[0], 1)
            self.last_round_at = self.world.clock.now()
            await self._deliver()
        for _ in range(20):
            async with self.world.database.reading() as connection:
                due = await next_due(connection, self.world.clock.now())
            if due is None:
                return
            self.world.clock.set(max(due, self.world.clock.now() + timedelta(seconds=1)))
            await self._deliver()

    async def _check(self) -> None:
        posted = await self._deliveries()
        assert [one for one in posted.values() if not one.is_delivered] == []
        self.look()
        for message in [one for one in self.seen.values() if str(one.nonce) not in posted]:
            # It was on its way when alerts were switched off, which deletes what waits.
            assert texts.alerts.MISSED in message.content
            del self.seen[message.id]
        async with self.world.database.reading() as connection:
            ids = (await connection.scalars(select(incidents.c.id))).all()
            for incident in await get_incidents(connection, ids):
                await self._check_incident(connection, incident, posted)
            for team in self.teams:
                await self._check_truth(connection, team)

    async def _check_incident(self, connection: AsyncConnection, incident: Incident, posted: dict[str, Sent]) -> None:
        """One current message that is up to date, or none for an incident that was resolved before it could be
        posted.
        """
        assert incident.id is not None
        if incident.is_open:
            rules = self.rules_of[incident.server_id]
            assert escalate(incident, self.last_round_at, rules) is None, f"not escalated: {incident}"
            assert remind(incident, self.last_round_at, rules) is None, f"not reminded: {incident}"
        its = [one for one in self.seen.values() if posted[str(one.nonce)].incident_id == incident.id]
        alert_messages = [one for one in its if one.embeds and one.id not in self.deleted]
        once(map(self._place, alert_messages))
        if any(alert.channel_id in self.moved for alert in alert_messages):
            post = select(incidents.c.posted_message_id).where(incidents.c.id == incident.id)
            living = await connection.scalar(post)
            alert_messages = [alert for alert in alert_messages if alert.id == living]
        is_muted = incident.is_muted(self.world.clock.now())
        assert is_muted or not incident.has_worsened or not alert_messages, f"nobody was notified: {incident}"
        if not alert_messages:
            assert self._needs_no_card(incident, its, posted), f"never posted, or deleted: {incident}"
            return
        (alert,) = alert_messages
        if not incident.is_open:
            assert alert.custom_ids() == {}, "it is over, and its message does not say so"
            return
        view = IncidentContext(
            incident,
            await readings_of(connection, self.world.account_id, [member.token_id for member in incident.members]),
            await timeline_of(connection, incident.id, most=10),
            self.world.clock.now(),
            in_fast=await in_fast(connection, await self.world.account(), incident.server_id, self.world.clock.now()),
            owners={OWNED: OWNER},
        )
        fresh = incident_embed(view).to_dict()
        shown = alert.embeds[0]
        assert re.sub(r"^(?:<@&?\d+> )+", "", alert.content) == incident_title(view), incident
        if incident.type is IncidentType.MODE:
            described = [undated(one.get("description")) or "" for one in (shown, fresh)]
            assert described[0] == described[1]
        name = texts.incidents.FIELD_TIMELINE
        timelines = [_field(dict(fresh), name)]
        if incident.muted_until is not None and incident.muted_until <= view.now:
            # The alert says until when it is muted in place of the timeline, and its end alone edits nothing.
            while_muted = replace(view, now=incident.muted_until - timedelta(seconds=1))
            timelines.append(_field(dict(incident_embed(while_muted).to_dict()), name))
        assert _field(shown, name) in timelines

    def _needs_no_card(self, incident: Incident, its: list[Message], posted: dict[str, Sent]) -> bool:
        """Whether there may be no alert: it was deleted without a later update, resolved after it was deleted, resolved
        before it was posted, or resolved while its former channel refused it.
        """
        if incident.id in self.deleted_at:
            since = [one.kind for one in posted.values() if one.incident_id == incident.id and self._is_later(one)]
            if set(since) <= {DeliveryKind.REFRESH} or not incident.is_open:
                return True
        if incident.is_open:
            return False
        if incident.close_reason is not None or incident.id in self.unsent:
            return True
        lines = [
            message
            for message in self.seen.values()
            if texts.alerts.MISSED in message.content and (message in its or self._sums_up(message, incident, posted))
        ]
        lines += [message for message in its if self._is_end_of_an_unreachable_alert(message, its)]
        once(map(self._place, lines))
        return bool(lines)

    def _is_end_of_an_unreachable_alert(self, message: Message, its: list[Message]) -> bool:
        """Whether it is the end of an alert in a former channel, posted in the present one and not as a reply."""
        is_elsewhere = any(one.embeds and one.channel_id != message.channel_id for one in its)
        is_end = message.content.startswith("✅") and not message.embeds
        return is_elsewhere and is_end and message.reference_id is None

    def _is_later(self, delivery: Sent) -> bool:
        return delivery.incident_id is not None and delivery.id > self.deleted_at[delivery.incident_id]

    def _sums_up(self, message: Message, incident: Incident, posted: dict[str, Sent]) -> bool:
        payload = posted[str(message.nonce)].payload
        return isinstance(payload, SummaryPayload) and incident.id in payload.incident_ids

    async def _check_truth(self, connection: AsyncConnection, team: Team) -> None:
        """The confirmed state is ImaginePro's, and tokens out of FAST are alerted."""
        states = await states_of(connection, team.id)
        for token_id, token in self.tokens.items():
            mode = Mode(token.status) if token.is_active else Mode.OFF
            assert states[token_id].mode is (mode if token_id in self.imaginepro.tokens else Mode.GONE)
        open_now = await open_incidents(connection, team.id)
        assert not any(one.type is IncidentType.NO_DATA for one in open_now)
        calm_since = self.world.clock.now() - Rules().flap_clear_after
        assert not any(one.members and all(_is_calm(member, calm_since) for member in one.members) for one in open_now)
        out = [
            (member.token_id, member.mode)
            for one in open_now
            if one.type is IncidentType.MODE
            for member in one.still_affected
        ]
        assert len(out) == len(dict(out))
        assert dict(out) == {id_: state.mode for id_, state in states.items() if state.incident_since is not None}
        await self._check_conditions(connection, team, [state.mode for state in states.values()], open_now)

    async def _check_conditions(
        self, connection: AsyncConnection, team: Team, modes: list[Mode], open_now: list[Incident]
    ) -> None:
        """One incident for each condition at most, and only while it is so; nothing is inhibited without a reason."""
        confirmed = await condition_states_of(connection, team.id)
        in_fast, rules = modes.count(Mode.FAST), await rules_of(connection, team.id)
        assert (confirmed[IncidentType.CAPACITY].kind in ABOUT_FAST) is (in_fast < rules.min_fast)
        of_conditions = [one for one in open_now if one.condition is not None]
        once(one.type for one in of_conditions)
        for one in of_conditions:
            assert one.kind is confirmed[one.type].kind
        assert any(map(is_about_fast, open_now)) or not any(one.inhibited for one in open_now)


def _is_calm(member: AffectedToken, since: datetime) -> bool:
    return member.resolved_at is not None and member.resolved_at < since - MINUTE


def _field(embed: dict[str, Any], name: str) -> str | None:
    return undated(next((str(one["value"]) for one in embed.get("fields", []) if one["name"] == name), None))


def undated(text: str | None) -> str | None:
    """Remove the style of timestamps: those of another day include the date."""
    return re.sub(r"<t:(\d+):\w>", r"\1", text) if text is not None else None


@pytest.fixture
def logs() -> Iterator[LogCapture]:
    """Collect the log, with its tracebacks."""
    before, logs = structlog.get_config(), LogCapture()
    structlog.configure(processors=[structlog.processors.format_exc_info, logs])
    yield logs
    structlog.configure(**before)


@pytest.mark.timeout(0)
@pytest.mark.slow
def test_every_change_is_posted_once_and_shown_correctly(migrated_sqlite: Path, logs: LogCapture) -> None:
    AlertingModel.template, AlertingModel.logs = migrated_sqlite, logs
    run_state_machine_as_test(
        AlertingModel,
        settings=settings(
            max_examples=fewer_examples(8),
            stateful_step_count=30,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
