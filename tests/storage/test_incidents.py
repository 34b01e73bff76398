"""Incidents: saved with their timelines and their current Discord messages."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.domain.account import AccountQuota
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.capacity import Capacity
from bot.domain.conditions import Condition
from bot.domain.fast_time import Unit
from bot.domain.incident_updates import IncidentUpdate, UpdateType
from bot.domain.incidents import CloseReason, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.storage.alerts_off import switch_off
from bot.storage.backlog import get_backlog
from bot.storage.database import Database
from bot.storage.incident_updates import record_update
from bot.storage.incidents import (
    PostedMessage,
    get_incident,
    get_incidents,
    incident_id_from,
    incidents_between,
    merge_incidents,
    open_incidents,
    open_posts,
    save_incident,
    set_post,
    take_quiet_incidents,
    timeline_of,
)
from bot.storage.schema import incidents
from tests.clocks import NOON
from tests.storage.seeds import OTHER_SERVER, SERVER, add_route, deliver, incident, member, start_incident

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PLAIN = incident()
FULL_MEMBER = member(
    2**63 - 1,
    kind=AlertType.SWITCHED_OFF,
    worst=AlertType.BANNED,
    mode_before=Mode.RELAX,
    mode=Mode.OFF,
    started_at=NOON + timedelta(microseconds=1),
    resolved_at=NOON + MINUTE,
    times=5,
    earlier=timedelta(hours=3, milliseconds=1),
    switched_off_by=7,
    gone_at=NOON + timedelta(days=3),
    earlier_starts=3,
    first_start_at=NOON - MINUTE,
    notified=None,
)
FULL = incident(
    server_id=OTHER_SERVER,
    type=IncidentType.LOW_FAST_TIME,
    started_at=NOON - MINUTE,
    members=(FULL_MEMBER, member(222)),
    resolved_at=NOON + MINUTE,
    route_token_id=222,
    flapping=True,
    condition=Condition(
        AlertType.LOW_CREDITS,
        notified=AlertType.LOW_CREDITS,
        capacity=Capacity(5, 2, timedelta(hours=3), MINUTE, Unit.MINUTES, unread=1, unknown_left=2),
        quota=AccountQuota(NOON, "STARTER", 1, 2, 3, NOON + MINUTE),
    ),
    inhibited=True,
    acknowledged_by=7,
    acknowledged_at=NOON,
    assigned_to=10,
    muted_by=8,
    muted_at=NOON,
    muted_until=NOON + MINUTE,
    reminders_sent=2,
    closed_by=9,
    cause=NoDataCause.FLEET_EMPTY,
    close_reason=CloseReason.NOT_WATCHED,
    unacknowledged_since=NOON,
    escalated_at=NOON,
    quiet_at=NOON,
    thread_id=11,
)


@pytest.fixture(autouse=True)
async def _routes(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await add_route(connection, account_id, server_id)


async def open_of(database: Database, server_id: int = SERVER) -> list[Incident]:
    async with database.reading() as connection:
        return await open_incidents(connection, server_id)


def id_of(incident: Incident) -> int:
    assert incident.id is not None
    return incident.id


async def test_an_incident_round_trips_with_an_id(database: Database) -> None:
    assert all(getattr(FULL, field.name) != getattr(PLAIN, field.name) for field in fields(Incident)[1:])
    assert all(getattr(FULL_MEMBER, field.name) != getattr(member(), field.name) for field in fields(FULL_MEMBER))
    async with database.transaction() as connection:
        for made in (FULL, PLAIN):
            saved = await save_incident(connection, made)
            assert saved == replace(made, id=saved.id)
            assert await get_incident(connection, id_of(saved)) == saved


async def test_a_no_data_incident_has_no_tokens(database: Database) -> None:
    async with database.transaction() as connection:
        saved = await save_incident(connection, incident(type=IncidentType.NO_DATA, members=()))
    (no_data,) = await open_of(database)

    assert (no_data, no_data.members) == (saved, ())


async def test_saving_an_incident_again_replaces_it_and_no_other(database: Database) -> None:
    async with database.transaction() as connection:
        first, second = [await save_incident(connection, PLAIN) for _ in range(2)]
        replaced = replace(FULL, id=first.id, server_id=SERVER)
        assert await save_incident(connection, replaced) == replaced
        assert await get_incidents(connection, [id_of(first)]) == [replaced]
        assert await get_incidents(connection, [id_of(second)]) == [second]


async def test_open_incidents_are_of_one_server_oldest_first(database: Database) -> None:
    async with database.transaction() as connection:
        for number, minute in ((1, 3), (2, 1), (3, 2)):
            await start_incident(connection, number, started_at=NOON + minute * MINUTE)
        await start_incident(connection, 4, resolved_at=NOON)
        await start_incident(connection, 5, server_id=OTHER_SERVER)

    assert [one.members[0].token_id for one in await open_of(database)] == [2, 3, 1]
    assert [one.members[0].token_id for one in await open_of(database, OTHER_SERVER)] == [5]


async def test_several_are_read_at_once_oldest_first_open_or_resolved(database: Database) -> None:
    async with database.transaction() as connection:
        later = await start_incident(connection, 1, started_at=NOON + MINUTE)
        earlier = await start_incident(connection, 2, resolved_at=NOON)
        await start_incident(connection, 3)
        found = await get_incidents(connection, [later, earlier, 999])

    assert [one.id for one in found] == [earlier, later]


async def test_an_incident_needs_a_server_that_has_alerts(database: Database) -> None:
    async def keep() -> None:
        async with database.transaction() as connection:
            await save_incident(connection, incident(server_id=6))

    with pytest.raises(IntegrityError):
        await keep()


# --- The timeline

EVENTS = (
    TimelineEvent(NOON, TimelineEventType.STARTED, 111, AlertType.LEFT_FAST, Mode.RELAX),
    TimelineEvent(NOON + MINUTE, TimelineEventType.MUTED, None, None, None, 7, NOON + 2 * MINUTE, 8, "a *note*"),
    TimelineEvent(NOON + 2 * MINUTE, TimelineEventType.RECOVERED, 111),
)


async def test_the_timeline_grows_with_each_update_and_is_read_oldest_first(database: Database) -> None:
    async with database.transaction() as connection:
        other = await save_incident(connection, PLAIN, EVENTS[:1])
        saved = await save_incident(connection, PLAIN, EVENTS[2:])
        await save_incident(connection, saved)
        await save_incident(connection, saved, EVENTS[:2])
        assert await timeline_of(connection, id_of(saved), most=9) == EVENTS
        assert await timeline_of(connection, id_of(saved), most=2) == EVENTS[1:]
        assert await timeline_of(connection, id_of(other), most=9) == EVENTS[:1]


async def test_events_at_the_same_time_keep_their_order(database: Database) -> None:
    lines = tuple(TimelineEvent(NOON, TimelineEventType.STARTED, token_id) for token_id in (3, 1, 2))
    async with database.transaction() as connection:
        saved = await save_incident(connection, PLAIN, lines)
        assert await timeline_of(connection, id_of(saved), most=9) == lines


async def test_every_timeline_event_type_can_be_saved(database: Database) -> None:
    lines = [TimelineEvent(NOON, event_type) for event_type in TimelineEventType]
    async with database.transaction() as connection:
        saved = await save_incident(connection, PLAIN, lines)
        assert await timeline_of(connection, id_of(saved), most=len(lines)) == tuple(lines)


# --- The current Discord message


async def test_an_incident_has_at_most_one_current_discord_message(database: Database) -> None:
    async with database.transaction() as connection:
        first, second, ended = [await start_incident(connection, number) for number in (1, 2, 3)]
        assert await open_posts(connection, SERVER) == {}
        for id_, post in (
            (first, PostedMessage(1, 10)),
            (second, PostedMessage(2, 20)),
            (first, PostedMessage(3, 30)),
            (ended, PostedMessage(4, 40)),
        ):
            await set_post(connection, id_, post)
        await save_incident(connection, incident(3, id=ended, resolved_at=NOON))
        assert await open_posts(connection, SERVER) == {first: PostedMessage(3, 30), second: PostedMessage(2, 20)}
        assert await open_posts(connection, OTHER_SERVER) == {}

        await set_post(connection, first, None)
        assert await open_posts(connection, SERVER) == {second: PostedMessage(2, 20)}


async def test_saving_an_incident_again_keeps_its_discord_message(database: Database) -> None:
    async with database.transaction() as connection:
        id_ = await start_incident(connection)
        await set_post(connection, id_, PostedMessage(1, 10))
        await save_incident(connection, incident(id=id_, flapping=True))
        assert await open_posts(connection, SERVER) == {id_: PostedMessage(1, 10)}


# --- Quiet hours


async def test_what_was_alerted_in_quiet_hours_is_listed_once_and_not_after_alerts_were_off(
    database: Database, account_id: int
) -> None:
    quiet = [incident(started_at=NOON + at, quiet_at=NOON + HOUR) for at in (MINUTE, timedelta())]
    quiet[0] = quiet[0].resolve(NOON + HOUR)
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        last, first = [(await save_incident(connection, one)).id for one in quiet]
        await save_incident(connection, PLAIN)

        assert await take_quiet_incidents(connection, SERVER) == (first, last)
        assert await take_quiet_incidents(connection, SERVER) == ()

        for one in quiet:
            await save_incident(connection, one)
        assert await switch_off(connection, SERVER, 7, Clock())
        assert await take_quiet_incidents(connection, SERVER) == ()


# --- Merging


async def test_a_merged_incident_hands_over_its_timeline_and_is_deleted(database: Database) -> None:
    async with database.transaction() as connection:
        into, merged, bystander = [await save_incident(connection, PLAIN, [event]) for event in EVENTS]
        for one in (into, merged, bystander):
            await deliver(connection, f"{one.id}", incident_id=one.id)
        await merge_incidents(connection, id_of(merged), into=id_of(into))
        assert await timeline_of(connection, id_of(into), most=9) == EVENTS[:2]
        assert await timeline_of(connection, id_of(bystander), most=9) == EVENTS[2:]
        assert (await get_backlog(connection, SERVER)).number == 2

    assert [one.id for one in await open_of(database)] == [into.id, bystander.id]


async def test_those_of_a_period_are_the_incidents_overlapping_it(database: Database, account_id: int) -> None:
    since, until = NOON, NOON + 10 * MINUTE
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        await add_route(connection, account_id, OTHER_SERVER)
        ids = [
            await start_incident(
                connection,
                started_at=NOON + started * MINUTE,
                resolved_at=NOON + ended * MINUTE if ended is not None else None,
            )
            for started, ended in ((9, 30), (-9, 0), (-9, 1), (3, 4), (-9, None), (10, None))
        ]
        await start_incident(connection, server_id=OTHER_SERVER)
    async with database.reading() as connection:
        found = await incidents_between(connection, SERVER, since, until)

    assert [one.id for one in found] == [ids[2], ids[4], ids[3], ids[0]]


# --- Ids


def test_the_id_of_an_incident_is_random_and_fits_into_a_custom_id() -> None:
    clock = Clock()
    ids = {incident_id_from(clock.nonce()) for _ in range(10_000)}

    assert len(ids) == 10_000
    assert all(0 <= incident_id < 10**18 for incident_id in ids)
    assert max(ids) > 10**17


async def test_ids_do_not_come_again_after_the_loss_of_the_latest_incidents(
    database: Database, account_id: int
) -> None:
    clock, ids = Clock(), set()
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        for _ in range(3):
            began = await record_update(
                connection, IncidentUpdate(PLAIN, UpdateType.STARTED), nonce=clock.nonce(), now=NOON
            )
            ids.add(began.id)
            await connection.execute(delete(incidents))

    assert len(ids) == 3
