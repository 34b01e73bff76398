"""The monitor: how responses change the state, what they must never change, and when it makes requests."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import structlog
from pydantic import SecretStr

from bot.domain.evaluation import TrackedToken
from bot.domain.freshness import seen_at
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.domain.readings import Reading
from bot.imaginepro.client import open_imaginepro
from bot.imaginepro.errors import MessageNotFound
from bot.imaginepro.responses import MAX_TOKENS, FleetListing
from bot.imaginepro.transport import Limits
from bot.monitor.monitor import delay_after_failure
from bot.monitor.responses import RoundResponses, TraceResult, limit_new_tokens, readings_of
from bot.storage.accounts import Account
from bot.storage.leases import RENEWAL_INTERVAL
from bot.storage.schema import deliveries, incidents, samples, token_states, tokens, watches
from tests.cases import first_quick
from tests.clocks import NOON, SetClock
from tests.monitor.world import MINUTE, World
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
    Refuse,
    Say,
    linked_token,
)

FLEET = "/api/v1/discord/tokens"
NO_FLEET = Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this.")
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
ANOTHER = UUID("e26d2652-33ab-4535-8984-e45a5ef0f23b")
IMPATIENT = Limits(connect_seconds=1, read_seconds=0.2, call_seconds=0.3, response_bytes=64 * 1024)


def events(logs: list[Any], level: str = "") -> list[str]:
    return [log["event"] for log in logs if level in ("", log["log_level"])]


# --- Promise 5: an empty response changes nothing


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


@pytest.mark.parametrize("fault", first_quick(NOTHING_SAID, 3))
async def test_a_response_without_a_token_changes_nothing_about_it(world: World, fault: str) -> None:
    await world.set_route(1)
    await world.monitor().round()
    before = [await world.known_tokens(), await world.rows(token_states)]
    world.imaginepro.outage = NOTHING_SAID[fault]
    async with open_imaginepro(
        world.imaginepro.base_url, SecretStr(DEFAULT_KEY), world.clock, limits=IMPATIENT
    ) as impatient:
        monitor = replace(world, client=impatient).monitor()
        for _ in range(3):
            world.clock.advance(MINUTE)
            await monitor.round()

    assert [len(rows) for rows in before] == [2, 2]
    now_known = {id_: replace(token, missing_since=None) for id_, token in (await world.known_tokens()).items()}
    assert [now_known, await world.rows(token_states)] == before
    assert await world.rows(incidents) == await world.rows(deliveries) == []


async def test_after_an_outage_it_continues_with_the_same_state(world: World) -> None:
    monitor = world.monitor()
    await world.set_route(1)
    await monitor.round()
    world.imaginepro.outage = Drop()
    await monitor.round()
    world.imaginepro.outage = None
    world.set_status(111, "BANNED")
    await monitor.round()

    assert len(await world.rows(incidents)) == 1
    assert world.recorded == 1


# --- Promise 1: a change, its incident and its deliveries are saved together or not at all


async def test_a_round_is_recorded_whole_or_retried_by_the_next_one(
    world: World,
) -> None:
    monitor = world.monitor()
    for server_id in (1, 2):
        await world.set_route(server_id)
    await monitor.round()
    kept = (tokens, samples, token_states, incidents, deliveries)
    before = [await world.rows(table) for table in kept]
    world.set_status(111, "BANNED")
    world.clock.advance(MINUTE)
    world.clock.chosen = ["the same", "the same"]
    with structlog.testing.capture_logs() as logs:
        await monitor.round()

    assert events(logs, "error") == ["Unexpected error in a round. The next round starts on time."]
    assert logs[-1]["exc_info"] is True
    assert [await world.rows(table) for table in kept] == before
    assert world.recorded == 0

    await monitor.round()
    assert len(await world.rows(incidents)) == 2
    assert len(await world.rows(deliveries)) == 2
    assert world.recorded == 1


async def test_a_change_is_an_incident_in_every_server_and_alerted_once(world: World) -> None:
    monitor = world.monitor()
    for server_id in (1, 2, 3):
        await world.set_route(server_id)
    await monitor.round()
    world.set_status(111, "BANNED")
    for _ in range(5):
        world.clock.advance(MINUTE)
        await monitor.round()

    assert sorted(row[1] for row in await world.rows(incidents)) == [1, 2, 3]
    assert sorted(row[1] for row in await world.rows(deliveries)) == [1, 2, 3]
    assert world.recorded == 1


async def test_tokens_are_read_even_if_no_server_wants_alerts(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.set_status(111, "BANNED")
    await monitor.round()

    assert await world.modes() == {111: Mode.BANNED, 222: Mode.FAST}
    assert await world.rows(incidents) == []
    assert world.recorded == 0


# --- Rechecks


async def test_a_pending_token_is_rechecked_within_ten_seconds(world: World) -> None:
    monitor = world.monitor()
    await world.set_route(1)
    assert await monitor.round() == MINUTE
    world.set_status(111, "RELAX")
    assert await monitor.round() == timedelta(seconds=8)
    assert await monitor.round() == MINUTE


@pytest.mark.slow
async def test_rounds_have_jitter(world: World) -> None:
    running = asyncio.create_task(world.scheduler().run())
    slept: list[float] = []
    while len(slept) < 12:
        await asyncio.sleep(0)
        # In between, partitions are renewed every ten seconds, and checks that found nothing new are recorded.
        slept = [seconds for seconds in world.clock.slept if seconds > RENEWAL_INTERVAL.total_seconds()]
    running.cancel()
    await asyncio.wait({running})

    assert all(54 <= seconds <= 66 for seconds in slept)
    assert len(set(slept)) > 8


async def test_a_recheck_comes_within_ten_seconds_whatever_the_jitter(world: World) -> None:
    clock = SetClock()

    assert max(clock.jitter(8) for _ in range(1000)) < 10


async def test_a_failed_round_is_logged_once_and_so_is_the_recovery(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.imaginepro.outage = Refuse(HTTPStatus.UNAUTHORIZED, "No credits.")
    with structlog.testing.capture_logs() as failing:
        for _ in range(3):
            await monitor.round()
    world.imaginepro.outage = None
    with structlog.testing.capture_logs() as recovered:
        await monitor.round()
        await monitor.round()
    world.imaginepro.outage = Drop()
    with structlog.testing.capture_logs() as failing_again:
        await monitor.round()

    assert events(failing, "warning") == ["The round failed. Token states stay as they were."]
    assert failing[0]["error"] == "Unauthorized: HTTP 401 No credits."
    assert [(log["event"], log.get("failed_rounds")) for log in recovered] == [("ImaginePro responds again.", 3)]
    assert len(events(failing_again, "warning")) == 1


async def test_the_retry_after_of_imaginepro_is_honoured(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.imaginepro.outage = Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "600"})
    world.asked()
    asked_at = []
    while world.clock.now() < NOON + timedelta(hours=1):
        pause = await monitor.round()
        asked_at += [world.clock.now()] if FLEET in world.asked() else []
        world.clock.advance(timedelta(seconds=world.clock.jitter(pause.total_seconds())))

    assert all(10 * MINUTE <= later - earlier <= 12 * MINUTE for earlier, later in pairwise(asked_at))
    assert len(asked_at) > 3


async def test_a_clock_set_back_does_not_prolong_a_wait(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.imaginepro.queue(Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "600"}))
    await monitor.round()
    world.clock.jump(timedelta(days=-1))
    world.asked()
    await monitor.round()
    assert world.asked() == []

    world.clock.advance(timedelta(seconds=600))
    await monitor.round()
    assert world.asked() == [FLEET]


async def test_a_failure_is_recorded_until_a_successful_round(world: World) -> None:
    monitor = world.monitor()
    await monitor.round()
    world.imaginepro.outage = Refuse(HTTPStatus.UNAUTHORIZED, "No credits.")
    world.clock.advance(MINUTE)
    await monitor.round()
    outage = Outage(NoDataCause.UNAUTHORIZED, NOON, NOON + MINUTE)
    assert await world.account() == Account(world.account_id, True, NOON, "Unauthorized: HTTP 401 No credits.", outage)

    world.imaginepro.outage = None
    await monitor.round()
    assert await world.account() == Account(world.account_id, True, NOON + MINUTE, None)


# --- Keys that may not list their fleet


@pytest.mark.slow
async def test_a_refused_fleet_is_retried_less_often_but_hourly(world: World) -> None:
    world.imaginepro.queue(*[NO_FLEET] * 1000, path=FLEET)
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


async def test_a_refused_fleet_does_not_stop_watched_traces(world: World) -> None:
    world.imaginepro.queue(*[NO_FLEET] * 9, path=FLEET)
    await world.watch(MESSAGE, 111)
    monitor = world.monitor()
    await monitor.round()

    assert world.asked() == [FLEET, f"/api/v1/message/trace/{MESSAGE}"]
    assert [row[1] for row in await world.rows(tokens)] == [111]
    assert await world.account() == Account(world.account_id, False, NOON, None)


async def test_a_fleet_is_listed_again_once_permitted(world: World) -> None:
    world.imaginepro.queue(NO_FLEET, path=FLEET)
    monitor = world.monitor()
    await monitor.round()
    world.clock.advance(timedelta(hours=1))
    await monitor.round()

    assert len(await world.rows(tokens)) == 2
    assert (await world.account()).lists_fleet


async def test_a_watched_token_listed_by_the_fleet_is_not_traced(world: World) -> None:
    await world.watch(MESSAGE, 111)
    await world.watch(ANOTHER, 999)
    await world.monitor().round()

    assert world.asked() == [FLEET, f"/api/v1/message/trace/{ANOTHER}"]


async def test_one_failing_watch_does_not_affect_the_others(world: World) -> None:
    world.imaginepro.queue(*[NO_FLEET] * 9, path=FLEET)
    await world.watch(MESSAGE, 111)
    await world.watch(ANOTHER, 222)
    monitor = world.monitor()
    await monitor.round()
    before = await world.known_tokens()
    world.imaginepro.messages = {ANOTHER: 222}
    await monitor.round()

    assert {(row[1], row[2], row[6]) for row in await world.rows(watches)} == {
        (MESSAGE, 111, "MessageNotFound: HTTP 404 Message not found."),
        (ANOTHER, 222, None),
    }
    assert await world.known_tokens() == before | {111: replace(before[111], missing_since=world.clock.now())}


@pytest.mark.parametrize("restarted", [False, True])
async def test_after_an_outage_an_absent_token_counts_as_last_read_before_it(world: World, restarted: bool) -> None:
    world.imaginepro.queue(*[NO_FLEET] * 9, path=FLEET)
    await world.watch(MESSAGE, 111)
    await world.watch(ANOTHER, 222)
    monitor = world.monitor()
    await monitor.round()
    world.imaginepro.outage = Refuse(HTTPStatus.BAD_GATEWAY)
    world.clock.advance(5 * MINUTE)
    await monitor.round()
    world.imaginepro.outage = None
    world.imaginepro.messages = {ANOTHER: 222}
    world.clock.advance(timedelta(hours=5))
    await (world.monitor() if restarted else monitor).round()

    known = await world.known_tokens()
    last_success_at = (await world.account()).last_success_at
    assert last_success_at == world.clock.now()
    now = world.clock.now()
    assert [seen_at(known[id_], last_success_at, now) for id_ in (111, 222)] == [NOON, now]


@pytest.mark.parametrize("fault", [Refuse(HTTPStatus.UNAUTHORIZED), GATEWAY_PAGE, LOGIN_PAGE])
async def test_a_round_without_any_traceable_watch_has_failed(world: World, fault: Fault) -> None:
    world.imaginepro.queue(*[NO_FLEET] * 9, path=FLEET)
    await world.watch(MESSAGE, 111)
    await world.watch(ANOTHER, 222)
    monitor = world.monitor()
    await monitor.round()
    world.imaginepro.queue(*[fault] * 4, path="/api/v1/message")
    world.clock.advance(MINUTE)
    await monitor.round()

    assert await monitor.round() == 2 * MINUTE
    account = await world.account()
    assert account.last_error is not None
    assert account.last_success_at == NOON


async def test_a_traced_token_is_never_reported_gone(world: World) -> None:
    """It was never listed, so a list without it means nothing."""
    world.imaginepro.queue(NO_FLEET, path=FLEET)
    world.imaginepro.link(linked_token(333))
    await world.watch(MESSAGE, 333)
    monitor = world.monitor()
    await monitor.round()
    del world.imaginepro.tokens[333]
    world.clock.advance(timedelta(hours=2))
    for _ in range(4):
        world.clock.advance(MINUTE)
        await monitor.round()

    assert await world.modes() == {111: Mode.FAST, 222: Mode.FAST, 333: Mode.FAST}
    assert await world.rows(incidents) == []


# --- Saved state


async def test_samples_are_saved_on_change_and_once_an_hour(world: World) -> None:
    monitor = world.monitor()
    for _ in range(61):
        await monitor.round()
        world.clock.advance(MINUTE)
    assert len(await world.rows(samples)) == 4

    world.imaginepro.tokens[111].info["fastTimeRemaining"] = "14.00/15.0 hours (93.33%)"
    await monitor.round()
    assert len(await world.rows(samples)) == 5


# --- Pure functions


def reading(token_id: int, status: str = "FAST", **members: object) -> Reading:
    return replace(Reading(token_id, NOON, status=status), **members)  # type: ignore[arg-type]


def known(token_id: int, *, in_fleet: bool = True) -> TrackedToken:
    return TrackedToken(reading(token_id), NOON, in_fleet)


def traced(token_id: int, status: str) -> TraceResult:
    return TraceResult(UUID(int=token_id), reading(token_id, status))


LOST = TraceResult(UUID(int=0), error=MessageNotFound("HTTP 404"))


@pytest.mark.parametrize(
    ("fleet", "traces", "expected"),
    [
        (None, [], {}),
        (None, [LOST], {}),
        (None, [traced(1, "RELAX"), LOST], {1: Mode.RELAX}),
        (FleetListing((reading(1),), complete=True), [], {1: Mode.FAST, 2: Mode.GONE}),
        (FleetListing((reading(1),), complete=False), [], {1: Mode.FAST}),
        (FleetListing((reading(1),), complete=True), [traced(1, "RELAX")], {1: Mode.FAST, 2: Mode.GONE}),
        (FleetListing((reading(1),), complete=True), [traced(2, "FAST")], {1: Mode.FAST, 2: Mode.GONE}),
        (FleetListing((reading(1),), complete=False), [traced(2, "RELAX")], {1: Mode.FAST, 2: Mode.RELAX}),
        (FleetListing((), complete=True), [traced(3, "RELAX")], {1: Mode.GONE, 2: Mode.GONE, 3: Mode.RELAX}),
    ],
)
def test_one_reading_per_token_preferring_the_fleet_to_a_trace(
    fleet: FleetListing | None, traces: list[TraceResult], expected: dict[int, Mode]
) -> None:
    of_before = {1: known(1), 2: known(2), 3: known(3, in_fleet=False)}
    taken = readings_of(RoundResponses(fleet, tuple(traces)), of_before, NOON)

    assert {one.token_id: one.mode for one in taken} == expected
    assert len(taken) == len(expected)


@pytest.mark.parametrize(("are_known", "expected"), [(0, 4), (MAX_TOKENS - 1, 3), (MAX_TOKENS, 2), (MAX_TOKENS + 5, 2)])
def test_new_tokens_are_added_within_the_limit_and_known_ones_always(are_known: int, expected: int) -> None:
    of_before = {10 + number: known(10 + number) for number in range(are_known)}
    readings = [reading(1), *(reading(token_id) for token_id in list(of_before)[:2]), reading(2)]
    if not of_before:
        readings += [reading(3), reading(4)]

    assert len(limit_new_tokens(readings, of_before)) == expected


@pytest.mark.parametrize(
    ("cause", "failures", "poll_interval", "seconds"),
    [
        (NoDataCause.NO_RESPONSE, 1, 60, 60),
        (NoDataCause.NO_RESPONSE, 2, 60, 120),
        (NoDataCause.NO_RESPONSE, 3, 60, 120),
        (NoDataCause.NO_RESPONSE, 100_000, 60, 120),
        (NoDataCause.NO_RESPONSE, 1, 10, 10),
        (NoDataCause.NO_RESPONSE, 2, 10, 20),
        (NoDataCause.NO_RESPONSE, 5, 10, 120),
        (NoDataCause.NO_RESPONSE, 1, 300, 300),
        (NoDataCause.NO_RESPONSE, 9, 300, 300),
        (NoDataCause.RATE_LIMITED, 9, 60, 60),
        (NoDataCause.FLEET_REFUSED, 9, 60, 60),
        (NoDataCause.FLEET_EMPTY, 9, 60, 60),
    ],
)
def test_the_delay_grows_after_failures_unless_imaginepro_answers(
    cause: NoDataCause, failures: int, poll_interval: float, seconds: float
) -> None:
    assert delay_after_failure(cause, failures, timedelta(seconds=poll_interval)) == timedelta(seconds=seconds)
