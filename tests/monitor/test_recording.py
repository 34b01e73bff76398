"""What a round means to a server: by its own rules, with its own incidents, and in time when there is no data."""

from datetime import timedelta

import pytest
import structlog

from bot.domain.alert_types import AlertType, IncidentType, Urgency
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.tracking import PendingChange
from bot.monitor.monitor import Monitor
from bot.storage.audit import Action, Entry, record_entry
from bot.storage.deliveries import DeliveryKind
from bot.storage.schema import deliveries, incidents
from bot.storage.token_states import states_of
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import Drop, linked_token

SERVER, ANOTHER = 1, 2


@pytest.fixture
async def watched(world: World) -> World:
    """Four tokens in FAST, read once, with alerts in one server."""
    world.imaginepro.link(*map(linked_token, (333, 444)))
    await world.set_route(SERVER)
    return world


@pytest.fixture
async def monitor(watched: World) -> Monitor:
    monitor = watched.monitor()
    await monitor.round()
    return monitor


async def rounds(world: World, monitor: Monitor, number: int, every: timedelta = MINUTE) -> None:
    for _ in range(number):
        world.clock.advance(every)
        await monitor.round()


async def delivered(world: World, server_id: int = SERVER) -> list[tuple[DeliveryKind, Urgency]]:
    """Return the recorded deliveries in order."""
    kind, urgency, server = (deliveries.c[name] for name in ("kind", "urgency", "server_id"))
    places = [list(deliveries.c).index(column) for column in (kind, urgency, server)]
    rows = [[row[place] for place in places] for row in await world.rows(deliveries)]
    return [(DeliveryKind(kind), Urgency(urgency)) for kind, urgency, server in rows if server == server_id]


async def kinds(world: World, server_id: int = SERVER) -> list[DeliveryKind]:
    return [kind for kind, _ in await delivered(world, server_id)]


# --- Servers with their own rules


async def test_each_server_confirms_by_its_own_rules(watched: World, monitor: Monitor) -> None:
    await watched.set_route(ANOTHER)
    await watched.set_rules(ANOTHER, Rules(confirm_leaving=4))
    await monitor.round()
    watched.set_status(111, "RELAX")
    await rounds(watched, monitor, 3)

    async with watched.database.reading() as connection:
        here, there = [(await states_of(connection, server_id))[111] for server_id in (SERVER, ANOTHER)]
    assert here.mode is Mode.RELAX
    assert (there.mode, there.pending) == (Mode.FAST, PendingChange(Mode.RELAX, NOON + MINUTE, readings=3))
    await rounds(watched, monitor, 1)
    assert await kinds(watched, ANOTHER) == [DeliveryKind.STARTED]


async def test_a_server_set_up_later_has_its_first_readings_then(watched: World, monitor: Monitor) -> None:
    watched.set_status(111, "BANNED")
    await rounds(watched, monitor, 1)
    await watched.set_route(ANOTHER)
    await rounds(watched, monitor, 3)

    assert await kinds(watched) == [DeliveryKind.STARTED]
    assert await kinds(watched, ANOTHER) == []


async def test_the_servers_group_size_applies(watched: World, monitor: Monitor) -> None:
    await watched.set_route(ANOTHER)
    await watched.set_rules(ANOTHER, Rules(group_from=4))
    await monitor.round()
    for token_id in (111, 222, 333):
        watched.set_status(token_id, "RELAX")
    await rounds(watched, monitor, 2)

    assert [len(one.members) for one in await watched.open_incidents(SERVER)] == [3]
    assert [len(one.members) for one in await watched.open_incidents(ANOTHER)] == [1, 1, 1]


async def test_tokens_are_grouped_only_if_their_own_routes_match(watched: World, monitor: Monitor) -> None:
    await watched.set_rules(SERVER, Rules(group_from=2, min_fast=0))
    for token_id, channel_id, role_id in ((222, 70, 5), (333, 70, 5), (444, 70, 6)):
        await watched.set_route(SERVER, channel_id, role_id, token_id=token_id)
    for token_id in (111, 222, 333, 444):
        watched.set_status(token_id, "RELAX")
    await rounds(watched, monitor, 2)

    posted = await watched.open_incidents(SERVER)
    assert {(tuple(member.token_id for member in one.members), one.route_token_id) for one in posted} == {
        ((111,), None),
        ((222, 333), 222),
        ((444,), 444),
    }


# --- Recorded deliveries


async def test_new_information_has_its_types_urgency_and_the_rest_is_routine(watched: World, monitor: Monitor) -> None:
    for status in ("RELAX", "BANNED", "FAST"):
        watched.set_status(111, status)
        await rounds(watched, monitor, 2)

    assert await delivered(watched) == [
        # Earlier pending deliveries get the urgency of a later urgent one.
        (DeliveryKind.STARTED, Urgency.URGENT),
        (DeliveryKind.WORSENED, Urgency.URGENT),
        (DeliveryKind.RESOLVED, Urgency.ROUTINE),
    ]


async def test_a_change_has_the_first_reading_that_showed_it(watched: World, monitor: Monitor) -> None:
    watched.set_status(111, "RELAX")
    await rounds(watched, monitor, 2)

    (incident,) = await watched.open_incidents(SERVER)
    assert incident.started_at == NOON + MINUTE


async def test_the_incident_names_who_disabled_a_token_from_discord(watched: World, monitor: Monitor) -> None:
    async with watched.database.transaction() as connection:
        await record_entry(connection, Entry(SERVER, 77, Action.TOKEN_DISABLED, "111", watched.clock.now()))
    watched.imaginepro.switch(111, is_active=False)
    watched.imaginepro.switch(222, is_active=False)
    await rounds(watched, monitor, 2)

    posted = await watched.open_incidents(SERVER)
    assert {one.members[0].token_id: one.members[0].switched_off_by for one in posted} == {111: 77, 222: None}


async def test_a_reminder_waits_for_the_end_of_a_mute_and_comes_once(watched: World, monitor: Monitor) -> None:
    watched.set_status(111, "RELAX")
    await rounds(watched, monitor, 2)
    await watched.mute(SERVER, None, timedelta(hours=8))
    await rounds(watched, monitor, 14, every=timedelta(minutes=30))
    assert await kinds(watched) == [DeliveryKind.STARTED]

    await rounds(watched, monitor, 4, every=timedelta(minutes=30))
    assert await kinds(watched) == [DeliveryKind.STARTED, DeliveryKind.REMINDER]


# --- No data


async def lose_data(world: World, monitor: Monitor, minutes: int) -> None:
    world.imaginepro.outage = Drop()
    await rounds(world, monitor, minutes)


async def test_no_data_is_alerted_after_exactly_five_minutes(watched: World, monitor: Monitor) -> None:
    await lose_data(watched, monitor, 4)
    assert await kinds(watched) == []

    await rounds(watched, monitor, 1)
    assert await delivered(watched) == [(DeliveryKind.STARTED, Urgency.WARNING)]
    (incident,) = await watched.open_incidents(SERVER)
    assert (incident.type, incident.kind, incident.started_at) == (IncidentType.NO_DATA, AlertType.NO_DATA, NOON)


async def test_no_data_is_alerted_once(watched: World, monitor: Monitor) -> None:
    await lose_data(watched, monitor, 50)

    assert await kinds(watched) == [DeliveryKind.STARTED]


async def test_one_failed_round_is_not_an_outage_however_long_the_interval(watched: World) -> None:
    monitor = watched.monitor(poll_interval=timedelta(minutes=10))
    await monitor.round()
    watched.imaginepro.outage = Drop()
    await rounds(watched, monitor, 1, every=timedelta(minutes=10))
    assert await kinds(watched) == []

    await rounds(watched, monitor, 1, every=timedelta(minutes=10))
    assert await kinds(watched) == [DeliveryKind.STARTED]


async def test_each_server_sets_its_no_data_delay(watched: World, monitor: Monitor) -> None:
    await watched.set_route(ANOTHER)
    await watched.set_rules(ANOTHER, Rules(no_data_after=timedelta(minutes=20)))
    await lose_data(watched, monitor, 19)
    assert (await kinds(watched), await kinds(watched, ANOTHER)) == ([DeliveryKind.STARTED], [])

    await rounds(watched, monitor, 1)
    assert await kinds(watched, ANOTHER) == [DeliveryKind.STARTED]


async def test_the_first_successful_round_ends_it_and_records_changes_in_between(
    watched: World, monitor: Monitor
) -> None:
    watched.set_status(111, "RELAX")
    await rounds(watched, monitor, 2)
    await lose_data(watched, monitor, 6)
    watched.set_status(111, "FAST")
    watched.set_status(222, "BANNED")
    before = await kinds(watched)
    watched.imaginepro.outage = None
    await rounds(watched, monitor, 1)

    assert (await kinds(watched))[len(before) :] == [DeliveryKind.STARTED, DeliveryKind.RESOLVED]
    assert {one.type for one in await watched.open_incidents(SERVER)} == {IncidentType.MODE}
    await rounds(watched, monitor, 1)
    assert [one.members[0].token_id for one in await watched.open_incidents(SERVER)] == [222]


@pytest.mark.slow
async def test_during_an_outage_only_no_data_gets_reminders(watched: World, monitor: Monitor) -> None:
    watched.set_status(111, "RELAX")
    await rounds(watched, monitor, 2)
    await lose_data(watched, monitor, 90)

    token, no_data = sorted(await watched.open_incidents(SERVER), key=lambda one: one.type)
    assert (no_data.reminders_sent, token.reminders_sent) == (1, 0)
    watched.imaginepro.outage = None
    await rounds(watched, monitor, 2)
    (token,) = await watched.open_incidents(SERVER)
    assert token.reminders_sent == 1


async def test_downtime_of_the_bot_is_not_a_data_outage(watched: World, monitor: Monitor) -> None:
    watched.clock.advance(timedelta(hours=8))
    watched.imaginepro.outage = Drop()
    restarted = watched.monitor()
    await restarted.round()
    await rounds(watched, restarted, 4)
    assert await kinds(watched) == []

    await rounds(watched, restarted, 1)
    (incident,) = await watched.open_incidents(SERVER)
    assert incident.started_at == NOON + timedelta(hours=8)


async def test_no_data_survives_a_restart_and_is_not_alerted_again(watched: World, monitor: Monitor) -> None:
    await lose_data(watched, monitor, 6)
    watched.clock.advance(timedelta(minutes=1))
    await rounds(watched, watched.monitor(), 20)

    assert await kinds(watched) == [DeliveryKind.STARTED]


async def test_unexpected_errors_count_as_no_data_too(watched: World, monitor: Monitor) -> None:
    watched.clock.chosen = ["taken"]
    watched.set_status(111, "BANNED")
    await rounds(watched, monitor, 1)
    watched.set_status(222, "BANNED")
    with structlog.testing.capture_logs():
        for _ in range(5):
            watched.clock.chosen = ["taken"]
            await rounds(watched, monitor, 1)

    assert [row[2] for row in await watched.rows(incidents)] == [IncidentType.MODE, IncidentType.NO_DATA]
