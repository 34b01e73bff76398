"""Deliveries: recorded once, tried in their order, and kept until they have arrived."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.health.changes import Kind
from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.health.readings import Reading
from bot.storage.accounts import ensure_account
from bot.storage.database import Database
from bot.storage.deliveries import (
    Delivery,
    DeliveryKind,
    Post,
    Waiting,
    delivery_state,
    due_deliveries,
    make_due,
    mark_delivered,
    next_due,
    postpone,
    record_delivery,
    set_post,
    waiting_deliveries,
)
from bot.storage.incidents import record_change
from bot.storage.servers import mark_route_broken, remove_route
from tests.clocks import NOON
from tests.storage.seeds import OTHER_SERVER, SERVER, TOKEN, add_route, begin_incident, change, deliver

MINUTE = timedelta(minutes=1)
BEGAN, WENT_ON, ENDED, TEST = DeliveryKind.BEGAN, DeliveryKind.WENT_ON, DeliveryKind.ENDED, DeliveryKind.TEST


@pytest.fixture
async def incident_id(database: Database, account_id: int) -> int:
    """Have an open incident, and a server that is told of it."""
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        return await begin_incident(connection, account_id)


async def due(database: Database, now: datetime = NOON, most: int = 50) -> list[Delivery]:
    async with database.reading() as connection:
        return await due_deliveries(connection, now, most=most)


async def nonces_due(database: Database, now: datetime = NOON, most: int = 50) -> list[str]:
    return [delivery.nonce for delivery in await due(database, now, most)]


async def next_due_of(database: Database) -> datetime | None:
    async with database.reading() as connection:
        return await next_due(connection)


def test_every_step_of_an_incident_has_its_delivery() -> None:
    assert {DeliveryKind(kind) for kind in Kind} == set(DeliveryKind) - {TEST}


async def test_a_delivery_comes_with_all_that_is_needed_to_deliver_it(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        route = await add_route(connection, account_id, role_id=5)
        id_ = await deliver(connection, "one", incident_id=incident_id)
    incident = Incident(incident_id, TOKEN, Mode.FAST, Mode.RELAX, began_at=NOON, ended_at=None)

    assert await due(database) == [
        Delivery(id_, BEGAN, "one", 0, route, incident, Reading(TOKEN, NOON, status="FAST"), post=None)
    ]


async def test_a_test_is_a_delivery_without_an_incident(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        route = await add_route(connection, account_id)
        id_ = await deliver(connection, "test", kind=TEST)

    assert await due(database) == [Delivery(id_, TEST, "test", 0, route, None, None, None)]


async def test_a_nonce_is_used_once(database: Database, incident_id: int) -> None:
    async def twice() -> None:
        async with database.transaction() as connection:
            await deliver(connection, "one", incident_id=incident_id)
            await deliver(connection, "one", incident_id=incident_id)

    with pytest.raises(IntegrityError):
        await twice()
    assert await due(database) == []


async def test_a_delivery_to_a_server_without_a_route_cannot_be_recorded(database: Database) -> None:
    async def record() -> None:
        async with database.transaction() as connection:
            await record_delivery(connection, TEST, server_id=SERVER, incident_id=None, nonce="one", now=NOON)

    with pytest.raises(IntegrityError):
        await record()


# --- In which order


async def test_the_steps_of_an_incident_go_out_one_after_the_other(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        first = await deliver(connection, "began", incident_id=incident_id)
        second = await deliver(connection, "went on", kind=WENT_ON, incident_id=incident_id)
        await deliver(connection, "ended", kind=ENDED, incident_id=incident_id)
    order = []
    for delivered in (first, second):
        order.append(await nonces_due(database))
        async with database.transaction() as connection:
            await mark_delivered(connection, delivered, NOON)
    order.append(await nonces_due(database))

    assert order == [["began"], ["went on"], ["ended"]]


async def test_a_step_that_was_put_off_holds_back_the_later_ones(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        first = await deliver(connection, "began", incident_id=incident_id)
        await deliver(connection, "ended", kind=ENDED, incident_id=incident_id)
        await postpone(connection, first, NOON + MINUTE, "Discord answered 500, code 0")

    assert await nonces_due(database) == []
    assert await next_due_of(database) == NOON + MINUTE
    assert await nonces_due(database, NOON + MINUTE) == ["began"]


async def test_one_server_does_not_hold_back_another(database: Database, account_id: int, incident_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        first = await deliver(connection, "here", incident_id=incident_id)
        await deliver(connection, "there", server_id=OTHER_SERVER, incident_id=incident_id)
        await postpone(connection, first, NOON + MINUTE, "Discord answered 500, code 0")

    assert await nonces_due(database) == ["there"]


async def test_one_incident_does_not_hold_back_another_nor_a_test(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        another = await begin_incident(connection, account_id, 222)
        first = await deliver(connection, "one", incident_id=incident_id)
        await deliver(connection, "two", incident_id=another)
        await deliver(connection, "test", kind=TEST)
        await postpone(connection, first, NOON + MINUTE, "Discord answered 500, code 0")

    assert await nonces_due(database) == ["two", "test"]


async def test_the_longest_due_comes_first_and_no_more_than_asked_for(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        for minute in (3, 1, 2):
            await deliver(connection, f"{minute}", kind=TEST, now=NOON + minute * MINUTE)

    assert await nonces_due(database, NOON + 3 * MINUTE, most=2) == ["1", "2"]


async def test_what_is_due_later_is_not_due_yet(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "later", incident_id=incident_id, now=NOON + MINUTE)

    assert await nonces_due(database) == []
    assert await nonces_due(database, NOON + MINUTE) == ["later"]
    assert await next_due_of(database) == NOON + MINUTE


# --- Until it has arrived


async def test_what_has_arrived_is_not_sent_again(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        assert await delivery_state(connection, id_) == (False, None)
        await mark_delivered(connection, id_, NOON)

    assert await due(database, NOON + timedelta(days=9)) == []
    assert await next_due_of(database) is None
    async with database.reading() as connection:
        assert await delivery_state(connection, id_) == (True, None)


async def test_each_failed_try_is_counted_and_the_nonce_stays(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await postpone(connection, id_, NOON + MINUTE, "Discord answered 500, code 0")
        await postpone(connection, id_, NOON + MINUTE, "Discord did not answer in time")
        assert await delivery_state(connection, id_) == (False, "Discord did not answer in time")
    (delivery,) = await due(database, NOON + MINUTE)

    assert (delivery.tries, delivery.nonce) == (2, "one")


async def test_arriving_ends_the_problem(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await postpone(connection, id_, NOON, "Discord answered 500, code 0")
        await mark_delivered(connection, id_, NOON)
        assert await delivery_state(connection, id_) == (True, None)


async def test_deliveries_of_a_broken_route_wait_until_it_is_set_up_anew(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await postpone(connection, id_, NOON + 5 * MINUTE, "Discord answered 403, code 50013")
        await mark_route_broken(connection, SERVER, "Discord answered 403, code 50013")
    assert await due(database, NOON + timedelta(days=9)) == []
    assert await next_due_of(database) is None

    async with database.transaction() as connection:
        await add_route(connection, account_id)
        await make_due(connection, SERVER, NOON + MINUTE)
    assert await nonces_due(database, NOON + MINUTE) == ["one"]


async def test_making_due_hurries_only_what_waits_and_only_for_that_server(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        arrived = await deliver(connection, "arrived", kind=TEST)
        await mark_delivered(connection, arrived, NOON)
        for nonce, server_id in (("here", SERVER), ("there", OTHER_SERVER)):
            await deliver(connection, nonce, kind=TEST, server_id=server_id, now=NOON + timedelta(hours=1))
        await make_due(connection, SERVER, NOON)

    assert await nonces_due(database) == ["here"]


async def test_what_waits_is_counted_with_the_problem_of_the_longest_waiting(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        assert await waiting_deliveries(connection, SERVER) == Waiting(0, None)
        first = await deliver(connection, "one", incident_id=incident_id)
        second = await deliver(connection, "two", incident_id=incident_id)
        await deliver(connection, "there", kind=TEST, server_id=OTHER_SERVER)
        assert await waiting_deliveries(connection, SERVER) == Waiting(2, None)
        await postpone(connection, first, NOON, "the first")
        await postpone(connection, second, NOON, "the second")
        assert await waiting_deliveries(connection, SERVER) == Waiting(2, "the first")
        await mark_delivered(connection, first, NOON)
        assert await waiting_deliveries(connection, SERVER) == Waiting(1, "the second")


# --- The living Discord message


async def test_the_living_discord_message_is_one_for_an_incident_and_a_server(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        for server_id in (SERVER, OTHER_SERVER):
            await deliver(connection, f"{server_id}", server_id=server_id, incident_id=incident_id)
    here, there = await due(database)
    assert (here.post, there.post) == (None, None)

    async with database.transaction() as connection:
        await set_post(connection, here, Post(1, 10))
        await set_post(connection, here, Post(2, 20))
        await set_post(connection, there, Post(3, 30))
    assert [delivery.post for delivery in await due(database)] == [Post(2, 20), Post(3, 30)]


async def test_a_delivery_shows_the_incident_as_it_is_when_it_goes_out(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "one", incident_id=incident_id)
        await record_change(connection, 1, change(Kind.ENDED, Mode.FAST, NOON + MINUTE))
    (delivery,) = await due(database, NOON + MINUTE)

    assert delivery.incident is not None
    assert (delivery.incident.mode, delivery.incident.ended_at) == (Mode.RELAX, NOON + MINUTE)


async def test_a_test_has_no_living_discord_message(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        await deliver(connection, "test", kind=TEST)
    (delivery,) = await due(database)
    async with database.transaction() as connection:
        await set_post(connection, delivery, Post(1, 10))

    assert (await due(database))[0].post is None


async def test_removing_a_route_takes_its_deliveries_along(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        for server_id in (SERVER, OTHER_SERVER):
            await deliver(connection, f"{server_id}", server_id=server_id, incident_id=incident_id)
        await set_post(connection, (await due_deliveries(connection, NOON, most=1))[0], Post(1, 10))
        assert await remove_route(connection, SERVER)

    assert await nonces_due(database) == [str(OTHER_SERVER)]


async def test_accounts_are_told_apart(database: Database, account_id: int, incident_id: int) -> None:
    """Two accounts may watch the same token; each one's incident shows its own reading."""
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await add_route(connection, another, OTHER_SERVER)
        theirs = await begin_incident(connection, another)
        await deliver(connection, "theirs", server_id=OTHER_SERVER, incident_id=theirs)
        await deliver(connection, "ours", incident_id=incident_id)

    assert [(one.nonce, one.incident and one.incident.id) for one in await due(database)] == [
        ("theirs", theirs),
        ("ours", incident_id),
    ]
