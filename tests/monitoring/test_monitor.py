"""The monitor: what answers do to what is known, and what they must never do."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import stamina
import structlog
from pydantic import SecretStr
from sqlalchemy import Table, select, text

from bot.health.changes import Change, Kind, TokenState
from bot.health.modes import Mode
from bot.health.readings import Reading
from bot.health.rounds import KnownToken
from bot.imaginepro.answers import MOST_TOKENS, Fleet
from bot.imaginepro.client import ImaginePro, Limits, open_imaginepro
from bot.imaginepro.errors import ImagineProError, SlowDown, UnknownMessage, Unreachable
from bot.monitoring.monitor import (
    Answers,
    Monitor,
    Traced,
    pause_after_failure,
    readings_of,
    there_is_room_for,
)
from bot.storage.accounts import Account, ensure_account, get_account, lock_account
from bot.storage.database import Database, open_database
from bot.storage.incidents import record_change
from bot.storage.servers import Route, set_route
from bot.storage.tables import deliveries, incidents, samples, tokens, watches
from bot.storage.tokens import keep_tokens
from bot.storage.watches import Watch, add_watch
from tests.clocks import NOON, SetClock
from tests.standins.imaginepro_server import (
    DEFAULT_KEY,
    GATEWAY_PAGE,
    LOGIN_PAGE,
    MALFORMED,
    Drip,
    Drop,
    Fault,
    Flood,
    Hold,
    ImagineProServer,
    Refuse,
    Say,
    linked_token,
)

MINUTE = timedelta(minutes=1)
FLEET = "/api/v1/discord/tokens"
NO_FLEET = Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this.")
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
ANOTHER = UUID("e26d2652-33ab-4535-8984-e45a5ef0f23b")
IMPATIENT = Limits(connect_seconds=1, read_seconds=0.2, call_seconds=0.3, answer_bytes=64 * 1024)


class ChosenClock(SetClock):
    """Gives out the nonces that a test has chosen before those that it counts, and keeps how long was slept."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []
        self.slept: list[float] = []

    def nonce(self) -> str:
        return self.chosen.pop(0) if self.chosen else super().nonce()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(seconds)


@dataclass
class World:
    """An account with two tokens in FAST, watched for a server."""

    server: ImagineProServer
    database: Database
    clock: ChosenClock
    account_id: int
    client: ImaginePro
    recorded: int = 0

    def monitor(self, poll_every: timedelta = MINUTE) -> Monitor:
        def note() -> None:
            self.recorded += 1

        return Monitor(
            self.account_id,
            self.client,
            self.database,
            self.clock,
            poll_every=poll_every,
            deliveries_recorded=note,
        )

    async def rows(self, table: Table) -> list[tuple[Any, ...]]:
        async with self.database.reading() as connection:
            return [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]

    async def account(self) -> Account:
        async with self.database.reading() as connection:
            return await get_account(connection, self.account_id)

    async def route_to(self, server_id: int) -> None:
        async with self.database.transaction() as connection:
            await set_route(connection, Route(server_id, self.account_id, 7, None, 8, NOON))

    async def watch(self, message_id: UUID, token_id: int | None) -> None:
        self.server.messages[message_id] = token_id
        async with self.database.transaction() as connection:
            await add_watch(connection, self.account_id, Watch(message_id, token_id, 1, 8, NOON))

    def asked(self) -> list[str]:
        """List what was asked for since this was asked last."""
        paths = [request.path for request in self.server.log]
        self.server.log.clear()
        return paths


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = ChosenClock()
    async with (
        ImagineProServer() as server,
        open_database(SecretStr(f"sqlite:///{tmp_path}/fastwatch.db")) as database,
        open_imaginepro(server.base_url, SecretStr(DEFAULT_KEY), clock, limits=IMPATIENT) as client,
    ):
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
        server.link(linked_token(111), linked_token(222))
        yield World(server, database, clock, account_id, client)


@pytest.fixture(autouse=True)
def one_try() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


def events(logs: list[Any], level: str = "") -> list[str]:
    return [log["event"] for log in logs if level in ("", log["log_level"])]


# --- Promise 5: what says nothing changes nothing


def listing(*members: object) -> Say:
    return Say(json.dumps(members).encode())


GOOD_222 = linked_token(222).listed()
NOTHING_SAID: dict[str, Fault] = {
    "a refused key": Refuse(HTTPStatus.UNAUTHORIZED),
    "a wish to slow down": Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "600"}),
    "a fault of theirs": Refuse(HTTPStatus.INTERNAL_SERVER_ERROR),
    "a gateway's page": GATEWAY_PAGE,
    "a login page": LOGIN_PAGE,
    "a cut connection": Drop(),
    "no answer": Hold(asyncio.Event()),
    "an answer without end": Drip(),
    "a flood": Flood(size=1024 * 1024),
    "half an answer": MALFORMED,
    "an empty body": Say(b""),
    "an empty list": listing(),
    "null": Say(b"null"),
    "an object": Say(b'{"message": "ok"}'),
    "a text": Say(b'"FAST"'),
    "members that are no objects": listing(1, None),
    "a refused list": NO_FLEET,
    "a list with a member without an id": listing(GOOD_222, {"status": "RELAX"}),
    "a list with an id that is none": listing(GOOD_222, {"id": "1e9", "status": "BANNED"}),
    "a list with one token twice": listing(GOOD_222, {"id": 111, "status": "BANNED"}, {"id": 111, "status": "RELAX"}),
    "a token without a status": listing(GOOD_222, {"id": 111, "info": {}}),
    "a token with an empty status": listing(GOOD_222, {"id": 111, "status": " ", "info": None}),
    "a token with a status that is no text": listing(GOOD_222, {"id": 111, "status": ["BANNED"]}),
}


@pytest.mark.parametrize("fault", NOTHING_SAID)
async def test_an_answer_that_says_nothing_about_a_token_changes_nothing_of_it(world: World, fault: str) -> None:
    monitor = world.monitor()
    await world.route_to(1)
    await monitor.round()
    before = await world.rows(tokens)
    world.server.outage = NOTHING_SAID[fault]
    for _ in range(3):
        world.clock.advance(MINUTE)
        await monitor.round()

    assert len(before) == 2
    assert await world.rows(tokens) == before
    assert await world.rows(incidents) == await world.rows(deliveries) == []


async def test_after_an_outage_it_goes_on_where_it_was(world: World) -> None:
    monitor = world.monitor()
    await world.route_to(1)
    await monitor.round()
    world.server.outage = Drop()
    await monitor.round()
    world.server.outage = None
    world.server.tokens[111].status = "BANNED"
    await monitor.round()

    assert len(await world.rows(incidents)) == 1
    assert world.recorded == 1


# --- Promise 1: the change, its incident and its deliveries are kept together or not at all


async def test_a_round_that_cannot_be_recorded_whole_is_not_recorded_at_all_and_the_next_one_tells_it(
    world: World,
) -> None:
    monitor = world.monitor()
    for server_id in (1, 2):
        await world.route_to(server_id)
    await monitor.round()
    kept = (tokens, samples, incidents, deliveries)
    before = [await world.rows(table) for table in kept]
    world.server.tokens[111].status = "BANNED"
    world.clock.advance(MINUTE)
    world.clock.chosen = ["the same", "the same"]
    with structlog.testing.capture_logs() as logs:
        await monitor.round()

    assert events(logs, "error") == ["The round failed for a reason nobody expected; the next one comes on time."]
    assert logs[-1]["exc_info"] is True
    assert [await world.rows(table) for table in kept] == before
    assert world.recorded == 0

    await monitor.round()
    assert len(await world.rows(incidents)) == 1
    assert len(await world.rows(deliveries)) == 2
    assert world.recorded == 1


async def test_a_change_is_recorded_for_every_server_and_told_of_once(world: World) -> None:
    monitor = world.monitor()
    for server_id in (1, 2, 3):
        await world.route_to(server_id)
    await monitor.round()
    world.server.tokens[111].status = "BANNED"
    for _ in range(5):
        world.clock.advance(MINUTE)
        await monitor.round()

    assert sorted(row[1] for row in await world.rows(deliveries)) == [1, 2, 3]
    assert world.recorded == 1


async def test_a_change_is_an_incident_even_where_no_server_is_told(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.server.tokens[111].status = "BANNED"
    await monitor.round()

    assert len(await world.rows(incidents)) == 1
    assert world.recorded == 0


async def test_on_postgres_what_another_process_is_recording_is_not_recorded_twice(
    world: World, postgres_url: str
) -> None:
    change = Change(Kind.BEGAN, 111, before=Mode.FAST, after=Mode.BANNED, at=NOON)
    banned = KnownToken(TokenState(111, Mode.BANNED, NOON, out_since=NOON), reading(111, "BANNED"), NOON, in_fleet=True)
    async with open_database(SecretStr(postgres_url)) as database:
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
        here = replace(world, database=database, account_id=account_id)
        monitor = here.monitor()
        await monitor.round()
        world.server.tokens[111].status = "BANNED"
        with structlog.testing.capture_logs() as logs:
            async with asyncio.timeout(10), asyncio.TaskGroup() as group, database.transaction() as another_process:
                await lock_account(another_process, account_id)
                await keep_tokens(another_process, account_id, [banned])
                await record_change(another_process, account_id, change)
                group.create_task(monitor.round())
                await until_somebody_waits(database)

        assert events(logs, "error") == []
        assert len(await here.rows(incidents)) == 1
        assert {row[1]: row[2] for row in await here.rows(tokens)} == {111: "BANNED", 222: "FAST"}


async def until_somebody_waits(database: Database) -> None:
    async with database.reading() as connection:
        while not await connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            pass


# --- When to look again


async def test_a_token_in_doubt_is_looked_at_again_within_ten_seconds(world: World) -> None:
    monitor = world.monitor()
    assert await monitor.round() == MINUTE
    world.server.tokens[111].status = "RELAX"
    assert await monitor.round() == timedelta(seconds=8)
    assert await monitor.round() == MINUTE


async def sleeps(world: World, number: int) -> list[float]:
    """Run the monitor until it has slept so often."""
    running = asyncio.create_task(world.monitor().run())
    while len(world.clock.slept) < number:  # noqa: ASYNC110 - the clock stands still, there is no event to wait for
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})
    return world.clock.slept[:number]


async def test_rounds_do_not_beat_like_a_clock(world: World) -> None:
    slept = await sleeps(world, 20)

    assert all(54 <= seconds <= 66 for seconds in slept)
    assert len(set(slept)) > 10


async def test_a_second_look_comes_within_ten_seconds_whatever_the_jitter(world: World) -> None:
    clock = SetClock()

    assert max(clock.jitter(8) for _ in range(1000)) < 10


async def test_a_failed_round_is_logged_once_and_so_is_the_recovery(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.server.outage = Refuse(HTTPStatus.UNAUTHORIZED, "No credits.")
    with structlog.testing.capture_logs() as failing:
        for _ in range(3):
            await monitor.round()
    world.server.outage = None
    with structlog.testing.capture_logs() as recovered:
        await monitor.round()
        await monitor.round()
    world.server.outage = Drop()
    with structlog.testing.capture_logs() as failing_again:
        await monitor.round()

    assert events(failing, "warning") == ["The round told nothing about the tokens; their states stay as they were."]
    assert failing[0]["problem"] == "KeyRefused: HTTP 401 No credits."
    assert [(log["event"], log.get("failed_rounds")) for log in recovered] == [("ImaginePro answers again.", 3)]
    assert len(events(failing_again, "warning")) == 1


async def test_a_failed_round_is_written_down_until_a_good_one(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.server.outage = Refuse(HTTPStatus.UNAUTHORIZED, "No credits.")
    world.clock.advance(MINUTE)
    await monitor.round()
    assert await world.account() == Account(world.account_id, True, NOON, "KeyRefused: HTTP 401 No credits.")

    world.server.outage = None
    await monitor.round()
    assert await world.account() == Account(world.account_id, True, NOON + MINUTE, None)


# --- Keys that may not list their fleet


async def test_a_refused_fleet_is_asked_for_ever_more_seldom_but_once_an_hour(world: World) -> None:
    world.server.queue(*[NO_FLEET] * 1000, path=FLEET)
    monitor = world.monitor()
    asked_at = []
    with structlog.testing.capture_logs() as logs:
        for minute in range(300):
            await monitor.round()
            asked_at += [minute] if FLEET in world.asked() else []
            world.clock.advance(MINUTE)
    pauses = [later - earlier for earlier, later in pairwise(asked_at)]

    assert pauses == sorted(pauses)
    assert pauses[0] <= 2
    assert pauses[-1] == 60
    assert len(events(logs, "warning")) == 1


async def test_a_refused_fleet_leaves_the_watched_messages_to_be_traced(world: World) -> None:
    world.server.queue(*[NO_FLEET] * 9, path=FLEET)
    await world.watch(MESSAGE, 111)
    monitor = world.monitor()
    await monitor.round()

    assert world.asked() == [FLEET, f"/api/v1/message/trace/{MESSAGE}"]
    assert [row[1] for row in await world.rows(tokens)] == [111]
    assert await world.account() == Account(world.account_id, False, NOON, None)


async def test_a_fleet_that_may_be_listed_after_all_is_listed(world: World) -> None:
    world.server.queue(NO_FLEET, path=FLEET)
    monitor = world.monitor()
    await monitor.round()
    world.clock.advance(timedelta(hours=1))
    await monitor.round()

    assert len(await world.rows(tokens)) == 2
    assert (await world.account()).lists_fleet


async def test_a_watched_token_that_the_fleet_lists_is_not_traced_as_well(world: World) -> None:
    await world.watch(MESSAGE, 111)
    await world.watch(ANOTHER, 999)
    await world.monitor().round()

    assert world.asked() == [FLEET, f"/api/v1/message/trace/{ANOTHER}"]


async def test_what_goes_wrong_with_one_watch_says_nothing_about_the_others(world: World) -> None:
    world.server.queue(*[NO_FLEET] * 9, path=FLEET)
    await world.watch(MESSAGE, 111)
    await world.watch(ANOTHER, 222)
    monitor = world.monitor()
    await monitor.round()
    before = await world.rows(tokens)
    world.server.messages = {ANOTHER: 222}
    await monitor.round()

    assert {(row[1], row[2], row[6]) for row in await world.rows(watches)} == {
        (MESSAGE, 111, "UnknownMessage: HTTP 404 Message not found."),
        (ANOTHER, 222, None),
    }
    assert await world.rows(tokens) == before


@pytest.mark.parametrize("fault", [Refuse(HTTPStatus.UNAUTHORIZED), GATEWAY_PAGE, LOGIN_PAGE])
async def test_where_no_watch_can_be_traced_the_round_has_failed(world: World, fault: Fault) -> None:
    world.server.queue(*[NO_FLEET] * 9, path=FLEET)
    await world.watch(MESSAGE, 111)
    await world.watch(ANOTHER, 222)
    monitor = world.monitor()
    await monitor.round()
    world.server.queue(*[fault] * 4, path="/api/v1/message")
    world.clock.advance(MINUTE)
    await monitor.round()

    assert await monitor.round() == 2 * MINUTE
    account = await world.account()
    assert account.last_problem is not None
    assert account.last_good_round_at == NOON


async def test_the_last_token_of_a_fleet_may_leave_it(world: World) -> None:
    del world.server.tokens[222]
    monitor = world.monitor()
    await monitor.round()
    del world.server.tokens[111]
    for _ in range(2):
        await monitor.round()

    assert [row[2] for row in await world.rows(tokens)] == ["GONE"]


async def test_a_traced_token_is_never_gone(world: World) -> None:
    """It was never in a list, so that a list without it says nothing."""
    world.server.queue(NO_FLEET, path=FLEET)
    world.server.link(linked_token(333))
    await world.watch(MESSAGE, 333)
    monitor = world.monitor()
    await monitor.round()
    del world.server.tokens[333]
    world.clock.advance(timedelta(hours=2))
    for _ in range(4):
        world.clock.advance(MINUTE)
        await monitor.round()

    assert {row[1]: row[2] for row in await world.rows(tokens)} == {111: "FAST", 222: "FAST", 333: "FAST"}
    assert await world.rows(incidents) == []


# --- What is kept


async def test_samples_are_kept_on_change_and_once_an_hour(world: World) -> None:
    monitor = world.monitor()
    for _ in range(61):
        await monitor.round()
        world.clock.advance(MINUTE)
    assert len(await world.rows(samples)) == 4

    world.server.tokens[111].info["fastTimeRemaining"] = "14.00/15.0 hours (93.33%)"
    await monitor.round()
    assert len(await world.rows(samples)) == 5


# --- Pure functions


def reading(token_id: int, status: str = "FAST", **members: object) -> Reading:
    return replace(Reading(token_id, NOON, status=status), **members)  # type: ignore[arg-type]


def known(token_id: int, *, in_fleet: bool = True) -> KnownToken:
    return KnownToken(TokenState(token_id, Mode.FAST, NOON), reading(token_id), NOON, in_fleet)


def traced(token_id: int, status: str) -> Traced:
    return Traced(UUID(int=token_id), reading(token_id, status))


LOST = Traced(UUID(int=0), error=UnknownMessage("HTTP 404"))


@pytest.mark.parametrize(
    ("fleet", "traces", "expected"),
    [
        (None, [], {}),
        (None, [LOST], {}),
        (None, [traced(1, "RELAX"), LOST], {1: Mode.RELAX}),
        (Fleet((reading(1),), complete=True), [], {1: Mode.FAST, 2: Mode.GONE}),
        (Fleet((reading(1),), complete=False), [], {1: Mode.FAST}),
        (Fleet((reading(1),), complete=True), [traced(1, "RELAX")], {1: Mode.FAST, 2: Mode.GONE}),
        (Fleet((reading(1),), complete=True), [traced(2, "FAST")], {1: Mode.FAST, 2: Mode.GONE}),
        (Fleet((reading(1),), complete=False), [traced(2, "RELAX")], {1: Mode.FAST, 2: Mode.RELAX}),
        (Fleet((), complete=True), [traced(3, "RELAX")], {1: Mode.GONE, 2: Mode.GONE, 3: Mode.RELAX}),
    ],
)
def test_of_each_token_one_reading_is_taken_the_fleets_before_a_traces(
    fleet: Fleet | None, traces: list[Traced], expected: dict[int, Mode]
) -> None:
    of_before = {1: known(1), 2: known(2), 3: known(3, in_fleet=False)}
    taken = readings_of(Answers(fleet, tuple(traces)), of_before, NOON)

    assert {one.token_id: one.mode for one in taken} == expected
    assert len(taken) == len(expected)


@pytest.mark.parametrize(
    ("are_known", "expected"), [(0, 4), (MOST_TOKENS - 1, 3), (MOST_TOKENS, 2), (MOST_TOKENS + 5, 2)]
)
def test_new_tokens_are_watched_while_there_is_room_and_known_ones_always(are_known: int, expected: int) -> None:
    of_before = {10 + number: known(10 + number) for number in range(are_known)}
    readings = [reading(1), *(reading(token_id) for token_id in list(of_before)[:2]), reading(2)]
    if not of_before:
        readings += [reading(3), reading(4)]

    assert len(there_is_room_for(readings, of_before)) == expected


def slow_down(seconds: float) -> SlowDown:
    return SlowDown("HTTP 429", NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("error", "failures", "poll_every", "seconds"),
    [
        (Unreachable(""), 1, 60, 60),
        (Unreachable(""), 2, 60, 120),
        (Unreachable(""), 3, 60, 120),
        (Unreachable(""), 100_000, 60, 120),
        (Unreachable(""), 1, 10, 10),
        (Unreachable(""), 2, 10, 20),
        (Unreachable(""), 5, 10, 120),
        (Unreachable(""), 1, 300, 300),
        (Unreachable(""), 9, 300, 300),
        (slow_down(600), 1, 60, 600),
        (slow_down(90), 2, 60, 120),
        (slow_down(-5), 1, 60, 60),
    ],
)
def test_after_failures_the_pause_grows_and_imaginepros_wish_is_kept(
    error: ImagineProError, failures: int, poll_every: float, seconds: float
) -> None:
    now: datetime = NOON

    assert pause_after_failure(error, failures, timedelta(seconds=poll_every), now) == timedelta(seconds=seconds)
