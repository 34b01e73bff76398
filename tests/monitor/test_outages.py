"""A check that learns nothing is a failed check: what is said about it, since when, and when it is over."""

import asyncio
import json
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import pytest
import structlog
from sqlalchemy import select

from bot.domain.alert_types import IncidentType
from bot.domain.freshness import Freshness
from bot.domain.incidents import CloseReason, Incident
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.monitor.fetching import Fetcher
from bot.monitor.monitor import Monitor
from bot.queries.fleet import fleet_overview
from bot.storage import database as database_module
from bot.storage.database import Database
from bot.storage.incidents import get_incidents
from bot.storage.schema import incidents
from tests.cases import first_quick
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import GATEWAY_PAGE, Drop, Fault, Hold, Refuse, Say

SERVER = 1
FLEET = "/api/v1/discord/tokens"
TRACE = "/api/v1/message"
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
EMPTY = Say(b"[]")
NO_FLEET = Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this.")
CHALLENGE = Say(b"<html><title>Just a moment...</title></html>", "text/html", HTTPStatus.FORBIDDEN)
REFUSALS: dict[str, Fault] = {
    "an HTML page": CHALLENGE,
    "403": NO_FLEET,
    "402": Refuse(HTTPStatus.PAYMENT_REQUIRED, "Pay first."),
    "404": Refuse(HTTPStatus.NOT_FOUND, "There is no such thing."),
}
NO_DATA_AFTER_ROUNDS = 5


@pytest.fixture
async def monitor(world: World) -> Monitor:
    """A monitor that has read two tokens in FAST once, with alerts in one server."""
    await world.set_route(SERVER)
    monitor = world.monitor()
    await monitor.round()
    world.asked()
    return monitor


async def rounds(world: World, monitor: Monitor, number: int) -> list[timedelta]:
    """Run rounds a minute apart; return the delay after each."""
    delays = []
    for _ in range(number):
        world.clock.advance(MINUTE)
        delays.append(await monitor.round())
    return delays


async def no_data(world: World) -> list[Incident]:
    return [one for one in await world.open_incidents(SERVER) if one.type is IncidentType.NO_DATA]


async def causes(world: World) -> list[NoDataCause | None]:
    return [one.cause for one in await no_data(world)]


async def ended(world: World) -> list[Incident]:
    """Return the resolved incidents."""
    async with world.database.reading() as connection:
        ids = (await connection.scalars(select(incidents.c.id).where(incidents.c.resolved_at.is_not(None)))).all()
        return await get_incidents(connection, ids)


async def outage_of(world: World) -> Outage:
    outage = (await world.account()).outage
    assert outage is not None
    return outage


def statuses(value: object) -> Say:
    return Say(json.dumps([{"id": id_, "isActive": True, "status": value} for id_ in (111, 222)]).encode())


# --- A fleet that was listed and is refused


@pytest.mark.parametrize("restarted", first_quick([False, True]))
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_listed_fleet_that_is_refused_is_no_data(
    world: World, monitor: Monitor, refusal: str, restarted: bool
) -> None:
    world.imaginepro.queue(*[REFUSALS[refusal]] * 99, path=FLEET)
    world.set_status(111, "BANNED")
    await rounds(world, world.monitor() if restarted else monitor, NO_DATA_AFTER_ROUNDS)

    expected = NoDataCause.UNUSABLE if refusal == "an HTML page" else NoDataCause.FLEET_REFUSED
    (incident,) = await no_data(world)
    assert (incident.cause, incident.started_at) == (expected, NOON)
    assert (await world.account()).lists_fleet


async def test_a_listed_fleet_that_is_refused_is_asked_for_on_time(world: World, monitor: Monitor) -> None:
    world.imaginepro.queue(*[NO_FLEET] * 99, path=FLEET)
    delays = await rounds(world, monitor, 30)

    assert delays == [MINUTE] * 30
    assert world.asked().count(FLEET) == 30


@pytest.mark.parametrize(
    ("refusal", "cause"),
    [(NO_FLEET, NoDataCause.FLEET_REFUSED), (CHALLENGE, NoDataCause.UNUSABLE)],
    ids=["403", "HTML"],
)
async def test_a_token_that_is_traced_meanwhile_is_alerted(
    world: World, monitor: Monitor, refusal: Fault, cause: NoDataCause
) -> None:
    await world.watch(MESSAGE, 111)
    world.imaginepro.queue(*[refusal] * 99, path=FLEET)
    world.set_status(111, "BANNED")
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)

    opened = {one.type: one for one in await world.open_incidents(SERVER)}
    assert [member.token_id for member in opened[IncidentType.MODE].members] == [111]
    assert opened[IncidentType.NO_DATA].cause is cause
    account, known = await world.account(), await world.known_tokens()
    assert account.last_success_at == NOON
    assert [known[id_].reading.read_at for id_ in (111, 222)] == [world.clock.now(), NOON]
    assert known[222].missing_since is None


async def test_a_fleet_refused_for_a_week_counts_as_one_that_was_never_listed(world: World, monitor: Monitor) -> None:
    """Whoever changes the plan watches single messages instead, and is not alerted for good."""
    await world.watch(MESSAGE, 111)
    world.imaginepro.queue(*[NO_FLEET] * 99, path=FLEET)
    daily = world.monitor(poll_interval=timedelta(days=1))
    for _ in range(7):
        world.clock.advance(timedelta(days=1))
        await daily.round()
    assert await causes(world) == [NoDataCause.FLEET_REFUSED]

    world.clock.advance(timedelta(days=1))
    await daily.round()
    assert await causes(world) == []
    account = await world.account()
    assert (account.lists_fleet, account.outage, account.last_success_at) == (False, None, world.clock.now())
    await rounds(world, daily, 3)
    assert await causes(world) == []
    assert (await world.account()).outage is None, "a token of the lost fleet that is traced does not bring it back"


async def lose_the_fleet(world: World) -> None:
    """Let ImaginePro refuse the fleet until the key counts as one that never listed it."""
    world.imaginepro.queue(*[NO_FLEET] * 99, path=FLEET)
    daily = world.monitor(poll_interval=timedelta(days=1))
    for _ in range(8):
        world.clock.advance(timedelta(days=1))
        await daily.round()


async def test_a_fleet_that_is_lost_for_good_leaves_no_alert_open(world: World, monitor: Monitor) -> None:
    """Nothing reads these tokens any more, so nothing else would ever end their alerts."""
    world.set_status(111, "BANNED")
    world.set_status(222, "RELAX")
    await rounds(world, monitor, 5)
    types = {one.type for one in await world.open_incidents(SERVER)}
    assert types == {IncidentType.MODE, IncidentType.CAPACITY}
    await lose_the_fleet(world)

    assert [one.type for one in await world.open_incidents(SERVER)] == [IncidentType.NO_DATA]
    await rounds(world, monitor, 3)
    assert await world.open_incidents(SERVER) == []
    closed = await ended(world)
    assert {one.close_reason for one in closed} == {CloseReason.NOT_READ}
    assert {one.closed_by for one in closed} == {None}


async def test_of_a_lost_fleet_only_the_token_that_is_still_read_has_an_alert(world: World, monitor: Monitor) -> None:
    """It is no team any more, also where another watched message has no token yet."""
    await world.watch(MESSAGE, 111)
    await world.watch(UUID(int=2), None)
    for token_id in (111, 222):
        world.set_status(token_id, "RELAX")
    await rounds(world, monitor, 5)
    await lose_the_fleet(world)
    await rounds(world, monitor, 3)

    (alert,) = await world.open_incidents(SERVER)
    assert (alert.type, list(alert.by_token)) == (IncidentType.MODE, [111])


async def test_a_fleet_that_is_lost_for_good_keeps_the_alerts_of_watched_messages(
    world: World, monitor: Monitor
) -> None:
    world.set_status(111, "BANNED")
    world.set_status(222, "BANNED")
    await rounds(world, monitor, 5)
    await world.watch(MESSAGE, 222)
    await lose_the_fleet(world)

    (incident,) = await world.open_incidents(SERVER)
    assert [member.token_id for member in incident.still_affected] == [222]
    await world.watch(UUID(int=1), 111)
    await rounds(world, monitor, 3)
    opened = await world.open_incidents(SERVER)
    assert {member.token_id for one in opened for member in one.still_affected} == {111, 222}


async def test_a_flapping_token_of_a_lost_fleet_leaves_no_alert_open(world: World, monitor: Monitor) -> None:
    for _ in range(4):
        for status in ("RELAX", "FAST"):
            world.set_status(111, status)
            await rounds(world, monitor, 3)
    (incident,) = await world.open_incidents(SERVER)
    assert (incident.flapping, incident.still_affected) == (True, ())
    await lose_the_fleet(world)
    await rounds(world, monitor, 3)

    assert await world.open_incidents(SERVER) == []


# --- Open until a reading arrives


@pytest.mark.parametrize("answer", first_quick([GATEWAY_PAGE, CHALLENGE, NO_FLEET, EMPTY, statuses(None)]))
async def test_an_answer_without_a_reading_does_not_end_it(world: World, monitor: Monitor, answer: Fault) -> None:
    world.imaginepro.outage = Refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)
    (before,) = await no_data(world)
    world.imaginepro.outage = answer
    await rounds(world, monitor, 10)
    assert [one.id for one in await no_data(world)] == [before.id]

    world.imaginepro.outage = None
    await rounds(world, monitor, 1)
    assert await no_data(world) == []
    assert (await world.account()).outage is None


async def test_the_alert_names_the_latest_cause(world: World, monitor: Monitor) -> None:
    world.imaginepro.outage = Drop()
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)
    assert await causes(world) == [NoDataCause.NO_RESPONSE]

    world.imaginepro.outage = NO_FLEET
    await rounds(world, monitor, 2)
    assert await causes(world) == [NoDataCause.NO_RESPONSE]
    await rounds(world, monitor, 1)
    assert await causes(world) == [NoDataCause.FLEET_REFUSED]


# --- Keys without a fleet


async def new_key(world: World) -> Monitor:
    """A monitor whose key may not list the fleet, and never has."""
    world.imaginepro.queue(*[NO_FLEET] * 999, path=FLEET)
    await world.set_route(SERVER)
    return world.monitor()


async def test_a_key_without_a_fleet_is_logged_once_and_asked_for_it_more_and_more_seldom(world: World) -> None:
    monitor = await new_key(world)
    with structlog.testing.capture_logs() as logs:
        await rounds(world, monitor, 60)

    assert len([log for log in logs if "may not list its fleet" in log["event"]]) == 1
    # At once, and after pauses of 2, 4, 8 and 16 minutes.
    assert [call.path for call in world.imaginepro.log] == [FLEET] * 5


async def test_watched_messages_that_lead_nowhere_are_no_data(world: World) -> None:
    monitor = await new_key(world)
    await world.watch(MESSAGE, 111)
    await monitor.round()
    world.imaginepro.messages.clear()
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)

    assert await causes(world) == [NoDataCause.NOTHING_TRACED]
    assert (await world.account()).last_error == "MessageNotFound: HTTP 404 Message not found."


async def test_a_watched_message_without_a_token_is_no_data_from_the_start(world: World) -> None:
    monitor = await new_key(world)
    await world.watch(MESSAGE, None)
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS + 1)

    assert await causes(world) == [NoDataCause.NOTHING_TRACED]


@pytest.mark.slow
async def test_where_nothing_is_watched_nobody_is_blamed(world: World) -> None:
    monitor = await new_key(world)
    await rounds(world, monitor, 60)

    assert await world.rows(incidents) == []
    account = await world.account()
    assert (account.lists_fleet, account.last_success_at, account.last_error) == (False, None, None)
    assert (await outage_of(world)).cause is NoDataCause.NOTHING_WATCHED


async def test_no_data_of_a_key_that_watches_nothing_is_closed(world: World) -> None:
    await world.set_route(SERVER)
    monitor = world.monitor()
    world.imaginepro.outage = Drop()
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS + 1)
    world.imaginepro.outage = NO_FLEET
    await rounds(world, monitor, 2)
    assert await causes(world) == [NoDataCause.NO_RESPONSE]
    await rounds(world, monitor, 1)
    assert await causes(world) == []
    assert [one.close_reason for one in await ended(world)] == [CloseReason.NOT_READ]


async def test_one_failed_check_where_nothing_was_watched_is_no_outage_of_hours(world: World) -> None:
    await world.set_route(SERVER)
    monitor = world.monitor()
    world.imaginepro.outage = NO_FLEET
    await rounds(world, monitor, 30)
    world.imaginepro.outage = Drop()
    await rounds(world, monitor, 2)

    assert await world.rows(incidents) == []


async def test_an_account_without_tokens_is_well(world: World) -> None:
    world.imaginepro.tokens.clear()
    await world.set_route(SERVER)
    monitor = world.monitor()
    await rounds(world, monitor, 10)

    assert await world.rows(incidents) == []
    account = await world.account()
    assert (account.lists_fleet, account.last_success_at, account.outage) == (True, world.clock.now(), None)


# --- Tokens without a status


@pytest.mark.parametrize("value", first_quick([None, 7, ["FAST"], {"is": "FAST"}, "", True], 2))
async def test_a_fleet_without_any_status_is_no_data(world: World, monitor: Monitor, value: object) -> None:
    world.imaginepro.outage = statuses(value)
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)

    assert await causes(world) == [NoDataCause.NO_STATUS]
    assert (await world.account()).last_success_at == NOON


async def test_a_watched_message_does_not_stand_for_a_fleet_without_a_status(world: World, monitor: Monitor) -> None:
    await world.watch(MESSAGE, 999)
    world.imaginepro.queue(*[statuses(None)] * 99, path=FLEET)
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)

    assert await causes(world) == [NoDataCause.NO_STATUS]
    assert (await world.modes())[111] is Mode.FAST


async def test_one_token_without_a_status_is_stale_and_the_others_are_read(world: World, monitor: Monitor) -> None:
    world.imaginepro.tokens[111].status = ""
    world.set_status(222, "BANNED")
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)

    known = await world.known_tokens()
    assert (known[111].mode, known[111].missing_since) == (Mode.FAST, NOON)
    assert (await world.account()).last_success_at == world.clock.now()
    assert [one.type for one in await world.open_incidents(SERVER)] == [IncidentType.MODE]


async def test_a_token_that_never_had_a_status_is_named(world: World) -> None:
    world.imaginepro.tokens[111].status = ""
    monitor = world.monitor()
    await monitor.round()
    assert ((await world.account()).never_read, set(await world.known_tokens())) == ((111,), {222})

    world.set_status(111, "FAST")
    await monitor.round()
    assert ((await world.account()).never_read, set(await world.known_tokens())) == (None, {111, 222})
    world.imaginepro.tokens[111].status = ""
    await monitor.round()
    assert (await world.account()).never_read is None


# --- An empty fleet


@pytest.mark.parametrize("tokens", [1, 2])
async def test_an_empty_list_changes_no_token_and_is_named_after_three(world: World, tokens: int) -> None:
    if tokens == 1:
        del world.imaginepro.tokens[222]
    await world.set_route(SERVER)
    monitor = world.monitor()
    await monitor.round()
    before = await world.known_tokens()
    world.imaginepro.queue(*[EMPTY] * 99, path=FLEET)
    named = []
    for _ in range(4):
        await rounds(world, monitor, 1)
        named.append((await outage_of(world)).cause)
    await rounds(world, monitor, 1)

    assert named == [NoDataCause.UNUSABLE] * 2 + [NoDataCause.FLEET_EMPTY] * 2
    assert await causes(world) == [NoDataCause.FLEET_EMPTY]
    assert await world.known_tokens() == before


async def test_after_a_day_of_empty_lists_the_tokens_are_gone(world: World, monitor: Monitor) -> None:
    world.imaginepro.tokens.clear()
    slow = world.monitor(poll_interval=timedelta(hours=6))
    for _ in range(4):
        world.clock.advance(timedelta(hours=6))
        await slow.round()
    assert await causes(world) == [NoDataCause.FLEET_EMPTY]
    assert set((await world.modes()).values()) == {Mode.FAST}

    for _ in range(3):
        world.clock.advance(timedelta(hours=6))
        await slow.round()
    opened = await world.open_incidents(SERVER)
    assert {(one.type, member.mode) for one in opened for member in one.members} == {(IncidentType.MODE, Mode.GONE)}
    assert all(one.can_be_closed for one in opened)
    account = await world.account()
    assert (account.outage, account.last_success_at) == (None, world.clock.now())


# --- The bot's own trouble


async def test_a_pause_of_the_machine_is_not_blamed_on_imaginepro(world: World, monitor: Monitor) -> None:
    world.clock.advance(timedelta(seconds=340))
    world.imaginepro.queue(Drop(), path=FLEET)
    await monitor.round()

    assert await world.rows(incidents) == []
    await rounds(world, monitor, 1)
    assert await world.rows(incidents) == []


@pytest.mark.parametrize("hours", [6, -6])
async def test_a_clock_that_was_set_is_not_blamed_on_imaginepro(world: World, monitor: Monitor, hours: int) -> None:
    world.clock.jump(timedelta(hours=hours))
    world.imaginepro.outage = Drop()
    await rounds(world, monitor, 3)

    assert await world.rows(incidents) == []


async def test_what_was_read_while_the_clock_was_ahead_is_old_after_failed_rounds(
    world: World, monitor: Monitor
) -> None:
    world.clock.jump(timedelta(hours=6))
    world.set_status(111, "RELAX")
    await rounds(world, monitor, 1)
    world.clock.jump(timedelta(hours=-6))
    world.imaginepro.outage = Drop()
    await rounds(world, monitor, NO_DATA_AFTER_ROUNDS + 1)

    async with world.database.reading() as connection:
        overview = await fleet_overview(connection, world.account_id, SERVER, world.clock.now(), poll_interval=MINUTE)
    assert overview.fleet.freshness is Freshness.UNKNOWN
    assert {token.seen_at for token in overview.fleet.tokens} == {NOON + 2 * MINUTE}


async def test_rounds_that_could_not_be_recorded_are_not_blamed_on_imaginepro(
    world: World, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Database) -> object:
        raise OSError("the database is away")

    with monkeypatch.context() as patch, structlog.testing.capture_logs():
        patch.setattr(Database, "transaction", away)
        await rounds(world, monitor, 8)
    world.imaginepro.queue(Drop(), path=FLEET)
    await rounds(world, monitor, 1)

    assert await world.rows(incidents) == []
    assert (await outage_of(world)).duration < 3 * MINUTE


async def test_own_errors_are_alerted_in_their_own_words(
    world: World, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fetcher, "fetch", _broken)
    with structlog.testing.capture_logs():
        await rounds(world, monitor, NO_DATA_AFTER_ROUNDS)

    assert await causes(world) == [NoDataCause.INTERNAL]
    assert (await world.account()).last_error == "ZeroDivisionError"


async def _broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError


# --- A round has an end


async def test_a_database_that_never_answers_does_not_hold_a_round_for_good(
    world: World, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.database.transaction():
        with monkeypatch.context() as patch, structlog.testing.capture_logs() as logs:
            patch.setattr(database_module, "_TRANSACTION_SECONDS", 0.05)
            assert await monitor.round() == MINUTE

    assert [log["event"] for log in logs if log["log_level"] == "error"] == [
        "The database cannot be used. Retrying.",
    ]
    await rounds(world, monitor, 1)
    assert (await world.account()).last_success_at == world.clock.now()


@pytest.mark.slow
async def test_traces_that_never_end_delay_the_fleets_readings_by_a_limited_time(
    world: World, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.monitor.fetching.DEADLINE", timedelta(seconds=1))
    await world.watch(MESSAGE, 999)
    world.imaginepro.queue(Hold(asyncio.Event()), path=TRACE)
    world.set_status(111, "BANNED")
    await rounds(world, monitor, 1)

    assert [one.type for one in await world.open_incidents(SERVER)] == [IncidentType.MODE]
