"""Deliveries: recorded once, attempted in order, and kept until delivered."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import Urgency
from bot.domain.incident_updates import UpdateType
from bot.storage.alert_routes import (
    Route,
    mark_route_broken,
    remove_token_route,
)
from bot.storage.alerts_off import enforce_home_servers, switch_off
from bot.storage.backlog import Backlog, delivery_state, get_backlog
from bot.storage.claims import PendingDelivery, claim, claimable_deliveries, is_claimed, next_due, servers_due
from bot.storage.database import Database
from bot.storage.deliveries import (
    Delivery,
    DeliveryKind,
    defer,
    drop_tests,
    mark_delivered,
    mark_superseded,
    postpone,
    raise_urgency,
    record_delivery,
    retry_now,
)
from bot.storage.incidents import PostedMessage, save_incident, set_post
from bot.storage.payloads import SummaryPayload
from tests.clocks import NOON, SetClock
from tests.storage.seeds import (
    OTHER_SERVER,
    SERVER,
    TOKEN,
    add_route,
    deliver,
    incident,
    route,
    start_incident,
)

# Its statements differ between SQLite and PostgreSQL.

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTED, CHANGED, RESOLVED = DeliveryKind.STARTED, DeliveryKind.CHANGED, DeliveryKind.RESOLVED
TEST, ROUTE_BROKEN = DeliveryKind.TEST, DeliveryKind.ROUTE_BROKEN
ROUTINE, NOTICE, WARNING, URGENT, _FIRST = Urgency
PROBLEM = "Discord answered 500, code 0"


@pytest.fixture
async def incident_id(database: Database, account_id: int) -> int:
    """Save an open incident, and a server with alerts."""
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        return await start_incident(connection)


async def disable(connection: AsyncConnection, broken: Route) -> None:
    """Mark a route as broken for an hour."""
    reason = DisabledReason.MISSING_PERMISSIONS
    assert await mark_route_broken(connection, broken, reason, now=NOON, retry_at=NOON + HOUR)


async def free(database: Database, now: datetime = NOON, server_id: int = SERVER) -> list[PendingDelivery]:
    async with database.transaction() as connection:
        return await claimable_deliveries(connection, server_id, now)


async def nonces(database: Database, now: datetime = NOON, server_id: int = SERVER) -> list[str]:
    return [head.delivery.nonce for head in await free(database, now, server_id)]


async def due(database: Database, now: datetime = NOON) -> tuple[list[int], datetime | None]:
    """Return the servers with claimable deliveries, and when the next delivery is due."""
    async with database.reading() as connection:
        return await servers_due(connection, now), await next_due(connection, now)


async def claim_first(database: Database, now: datetime = NOON, server_id: int = SERVER) -> list[Delivery]:
    """Claim the first due deliveries for a minute."""
    async with database.transaction() as connection:
        head, *_ = await claimable_deliveries(connection, server_id, now)
        return await claim(connection, head, now + MINUTE)


async def arrive(database: Database, *delivery_ids: int) -> bool:
    async with database.transaction() as connection:
        return await mark_delivered(connection, delivery_ids, NOON)


def test_every_update_of_an_incident_has_its_delivery() -> None:
    assert {DeliveryKind(step) for step in UpdateType} < set(DeliveryKind)


async def test_a_delivery_is_read_with_everything_needed_to_send_it(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        its_route = await add_route(connection, account_id, role_id=5)
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await set_post(connection, incident_id, PostedMessage(1, 10))

    head = PendingDelivery(
        Delivery(id_, STARTED, "one", attempts=0, created_at=NOON, next_attempt_at=NOON),
        its_route,
        incident(id=incident_id),
        PostedMessage(1, 10),
    )
    assert await free(database) == [head]
    assert head.incident_id == incident_id


async def test_a_test_is_a_delivery_without_an_incident(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        its_route = await add_route(connection, account_id)
        id_ = await deliver(connection, "test", kind=TEST)

    head = PendingDelivery(
        Delivery(id_, TEST, "test", attempts=0, created_at=NOON, next_attempt_at=NOON),
        its_route,
        incident=None,
        post=None,
    )
    assert await free(database) == [head]
    assert head.incident_id is None


async def test_a_delivery_has_a_payload(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await record_delivery(
            connection,
            DeliveryKind.SUMMARY,
            server_id=SERVER,
            incident_id=incident_id,
            urgency=ROUTINE,
            nonce="one",
            now=NOON,
            payload=SummaryPayload((3, 2**53)),
        )
    (head,) = await free(database)

    assert head.delivery.payload == SummaryPayload((3, 2**53))


async def test_a_nonce_is_used_once(database: Database, incident_id: int) -> None:
    async def twice() -> None:
        async with database.transaction() as connection:
            await deliver(connection, "one", incident_id=incident_id)
            await deliver(connection, "one", incident_id=incident_id)

    with pytest.raises(IntegrityError):
        await twice()
    assert await free(database) == []


async def test_a_delivery_to_a_server_without_a_route_cannot_be_recorded(database: Database) -> None:
    async def record() -> None:
        async with database.transaction() as connection:
            await deliver(connection, "one", kind=TEST)

    with pytest.raises(IntegrityError):
        await record()


async def test_a_delivery_has_the_current_incident_when_sent(database: Database, incident_id: int) -> None:
    over = incident(id=incident_id, resolved_at=NOON + MINUTE)
    async with database.transaction() as connection:
        await deliver(connection, "one", incident_id=incident_id)
        await save_incident(connection, over)
    (head,) = await free(database)

    assert head.incident == over


# --- Order


async def test_the_updates_of_an_incident_are_sent_in_order(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        first = await deliver(connection, "began", incident_id=incident_id)
        second = await deliver(connection, "went on", kind=CHANGED, incident_id=incident_id)
        await deliver(connection, "ended", kind=RESOLVED, incident_id=incident_id)
    order = [await nonces(database)]
    for delivered in (first, second):
        await arrive(database, delivered)
        order.append(await nonces(database))

    assert order == [["began"], ["went on"], ["ended"]]


async def test_a_deferred_update_holds_back_later_ones(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        first = await deliver(connection, "began", incident_id=incident_id)
        await deliver(connection, "ended", kind=RESOLVED, incident_id=incident_id)
        await postpone(connection, first, NOON + MINUTE, PROBLEM)

    assert await nonces(database) == []
    assert await due(database) == ([], NOON + MINUTE)
    assert await nonces(database, NOON + MINUTE) == ["began"]


async def test_one_server_does_not_delay_another(database: Database, account_id: int, incident_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        theirs = await start_incident(connection, server_id=OTHER_SERVER)
        first = await deliver(connection, "here", incident_id=incident_id)
        await deliver(connection, "there", server_id=OTHER_SERVER, incident_id=theirs)
        await postpone(connection, first, NOON + MINUTE, PROBLEM)

    assert (await nonces(database), await nonces(database, server_id=OTHER_SERVER)) == ([], ["there"])
    assert await due(database) == ([OTHER_SERVER], NOON)


async def test_one_incident_delays_neither_another_nor_a_test(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        another = await start_incident(connection, 222)
        first = await deliver(connection, "one", incident_id=incident_id)
        await deliver(connection, "two", incident_id=another)
        await deliver(connection, "test", kind=TEST)
        await postpone(connection, first, NOON + MINUTE, PROBLEM)

    assert await nonces(database) == ["two", "test"]


async def test_the_most_urgent_goes_first_and_of_equals_the_oldest(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        for nonce, urgency in (("1", WARNING), ("2", ROUTINE), ("3", URGENT), ("4", WARNING), ("5", NOTICE)):
            await deliver(connection, nonce, kind=TEST, urgency=urgency)

    assert await nonces(database) == ["3", "1", "4", "5", "2"]


async def test_the_server_with_the_most_urgent_delivery_comes_first_and_of_equals_the_oldest(
    database: Database, account_id: int
) -> None:
    waiting = [(WARNING, 2), (ROUTINE, 0), (URGENT, 3), (WARNING, 1)]
    async with database.transaction() as connection:
        for server_id, (urgency, minute) in enumerate(waiting, 1):
            await add_route(connection, account_id, server_id)
            for its_urgency in {ROUTINE, urgency}:
                nonce, next_attempt_at = f"{server_id}, {its_urgency}", NOON + minute * MINUTE
                await deliver(
                    connection, nonce, kind=TEST, server_id=server_id, urgency=its_urgency, now=next_attempt_at
                )

    assert await due(database, NOON + 3 * MINUTE) == ([3, 4, 1, 2], NOON)


async def test_urgent_deliveries_are_found_among_many(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        for number in range(120):
            await deliver(connection, f"{number}", kind=TEST)
        await deliver(connection, "urgent", kind=TEST, urgency=URGENT)

    assert (await nonces(database))[0] == "urgent"


async def test_a_server_with_much_to_deliver_hides_no_other_server(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        for number in range(120):
            await deliver(connection, f"{number}", kind=TEST, urgency=URGENT)
        await deliver(connection, "elsewhere", kind=TEST, server_id=OTHER_SERVER)

    async with database.reading() as connection:
        assert await servers_due(connection, NOON) == [SERVER]
        assert await servers_due(connection, NOON, without=[SERVER]) == [OTHER_SERVER]
        assert await servers_due(connection, NOON, without=[SERVER, OTHER_SERVER]) == []


async def test_a_delivery_with_a_later_attempt_time_is_not_due(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        later = await deliver(connection, "later", incident_id=incident_id)
        await postpone(connection, later, NOON + MINUTE, PROBLEM)

    assert await nonces(database) == []
    assert await due(database) == ([], NOON + MINUTE)
    assert await nonces(database, NOON + MINUTE) == ["later"]
    assert await due(database, NOON + MINUTE) == ([SERVER], NOON + MINUTE)


async def test_a_pending_delivery_gets_the_urgency_of_a_later_one(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        another = await start_incident(connection, 222)
        arrived = await deliver(connection, "arrived", incident_id=incident_id)
        await mark_delivered(connection, [arrived], NOON)
        await deliver(connection, "test", kind=TEST, urgency=WARNING)
        await deliver(connection, "other", incident_id=another, urgency=NOTICE)
        await deliver(connection, "began", incident_id=incident_id)
        assert [head.delivery.nonce for head in await claimable_deliveries(connection, SERVER, NOON)] == [
            "test",
            "other",
            "began",
        ]
        await deliver(connection, "worse", incident_id=incident_id, urgency=URGENT)

    assert await nonces(database) == ["began", "test", "other"]


async def test_raising_urgency_affects_one_incidents_pending_deliveries(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        another = await start_incident(connection, 222)
        await deliver(connection, "other", incident_id=another, urgency=WARNING)
        await deliver(connection, "began", incident_id=incident_id)
        await raise_urgency(connection, incident_id, NOTICE)
        assert [head.delivery.nonce for head in await claimable_deliveries(connection, SERVER, NOON)] == [
            "other",
            "began",
        ]
        await raise_urgency(connection, incident_id, URGENT)
        await raise_urgency(connection, incident_id, ROUTINE)

    assert await nonces(database) == ["began", "other"]


async def test_a_later_delivery_never_lowers_urgency(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "test", kind=TEST, urgency=WARNING)
        await deliver(connection, "began", incident_id=incident_id, urgency=URGENT)
        for urgency in (ROUTINE, NOTICE):
            await deliver(connection, f"{urgency}", incident_id=incident_id, urgency=urgency)

    assert await nonces(database) == ["began", "test"]


# --- Claims: one process at a time


async def test_a_claimed_delivery_is_not_claimable_until_its_claim_expires(
    database: Database, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "one", incident_id=incident_id)
    await claim_first(database)

    assert await nonces(database, NOON + MINUTE - SECOND) == []
    assert await due(database) == ([], NOON + MINUTE)
    assert await nonces(database, NOON + MINUTE) == ["one"]
    assert (await due(database, NOON + MINUTE))[0] == [SERVER]


async def test_a_claim_includes_an_incidents_pending_deliveries_in_order(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        another = await start_incident(connection, 222)
        arrived = await deliver(connection, "arrived", incident_id=incident_id)
        await mark_delivered(connection, [arrived], NOON)
        for nonce in ("began", "worse"):
            await deliver(connection, nonce, incident_id=incident_id, urgency=URGENT)
        await deliver(connection, "other", incident_id=another)
        # Due later, as it was recorded later; what is posted at once shows the current state.
        await deliver(connection, "ended", incident_id=incident_id, now=NOON + MINUTE)

    claimed = await claim_first(database)
    assert [(delivery.nonce, delivery.attempts) for delivery in claimed] == [("began", 1), ("worse", 0), ("ended", 0)]
    assert await nonces(database) == ["other"]


async def test_a_claim_without_an_incident_has_one_delivery(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "one", kind=TEST)
        await deliver(connection, "two", kind=TEST)

    assert [delivery.nonce for delivery in await claim_first(database)] == ["one"]
    assert await nonces(database) == ["two"]


async def test_deliveries_for_a_claimed_incident_wait_for_it(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "began", incident_id=incident_id)
    (claimed,) = await claim_first(database)
    async with database.transaction() as connection:
        await deliver(connection, "worse", incident_id=incident_id, urgency=URGENT)
    assert await nonces(database) == []

    await arrive(database, claimed.id)
    assert await nonces(database) == ["worse"]


async def test_an_expired_claim_is_taken_over_with_the_same_nonce_and_counted_attempts(
    database: Database, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "one", incident_id=incident_id)
    tries = [await claim_first(database, NOON + number * MINUTE) for number in range(3)]

    assert [(one.nonce, one.attempts) for (one,) in tries] == [("one", 1), ("one", 2), ("one", 3)]


async def test_a_failed_attempt_releases_the_claim_and_keeps_the_nonce(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "one", incident_id=incident_id)
    (claimed,) = await claim_first(database)
    async with database.transaction() as connection:
        await postpone(connection, claimed.id, NOON + 2 * SECOND, PROBLEM)
        assert await delivery_state(connection, claimed.id) == (False, PROBLEM)
    assert await nonces(database, NOON + SECOND) == []

    (head,) = await free(database, NOON + 2 * SECOND)
    assert (head.delivery.attempts, head.delivery.nonce) == (1, "one")


async def test_a_claim_is_identified_by_its_expiry_and_lost_when_taken_over_or_dropped(
    database: Database, incident_id: int
) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        assert not await is_claimed(connection, id_, NOON + MINUTE)
    await claim_first(database)
    async with database.transaction() as connection:
        assert await is_claimed(connection, id_, NOON + MINUTE)
    await claim_first(database, NOON + MINUTE)
    async with database.transaction() as connection:
        assert not await is_claimed(connection, id_, NOON + MINUTE)
        assert await is_claimed(connection, id_, NOON + 2 * MINUTE)
        await mark_delivered(connection, [id_], NOON)
        assert not await is_claimed(connection, id_, NOON + 2 * MINUTE)


async def test_a_deleted_delivery_is_not_claimed(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", kind=TEST)
    await claim_first(database)
    async with database.transaction() as connection:
        await drop_tests(connection, SERVER)
        assert not await is_claimed(connection, id_, NOON + MINUTE)


# --- Attempts


async def test_a_delivered_message_is_not_sent_again(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        assert await delivery_state(connection, id_) == (False, None)
    await claim_first(database)
    assert await arrive(database, id_)

    assert await free(database, NOON + DAY) == []
    assert await due(database, NOON + DAY) == ([], None)
    async with database.reading() as connection:
        assert await delivery_state(connection, id_) == (True, None)


async def test_several_deliveries_may_be_one_message(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        ids = [await deliver(connection, nonce, incident_id=incident_id) for nonce in ("began", "ended")]
        await deliver(connection, "other", kind=TEST)
    await arrive(database, *ids)

    assert await nonces(database) == ["other"]


async def test_success_clears_the_error(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await postpone(connection, id_, NOON, PROBLEM)
        await mark_delivered(connection, [id_], NOON)
        assert await delivery_state(connection, id_) == (True, None)


async def test_a_cancelled_delivery_cannot_be_delivered(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await switch_off(connection, SERVER, 8, SetClock())

    assert not await arrive(database, id_)


async def test_a_superseded_delivery_need_not_be_sent(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        another = await start_incident(connection, 222)
        for nonce in ("began", "ended"):
            last = await deliver(connection, nonce, incident_id=incident_id)
        await deliver(connection, "other", incident_id=another)
        await postpone(connection, last, NOON, PROBLEM)
        await mark_superseded(connection, incident_id, NOON)
        assert await delivery_state(connection, last) == (True, None)

    assert await nonces(database) == ["other"]


async def test_a_deferred_delivery_waits_unattempted_until_its_time_or_a_retry(
    database: Database, incident_id: int
) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await defer(connection, id_, NOON + HOUR, NOON)
        assert await delivery_state(connection, id_) == (False, None)
    assert await nonces(database, NOON + HOUR - SECOND) == []
    assert await due(database) == ([], NOON + HOUR)
    assert [head.delivery.attempts for head in await free(database, NOON + HOUR)] == [0]

    async with database.transaction() as connection:
        await retry_now(connection, SERVER, NOON + MINUTE)
    assert await nonces(database, NOON + MINUTE) == ["one"]


async def test_a_delivery_that_a_mute_holds_back_waits_for_no_error(database: Database, incident_id: int) -> None:
    """It was refused before alerts were muted. `/status` said for hours that Discord had not accepted it yet."""
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await postpone(connection, id_, NOON, PROBLEM)
        await defer(connection, id_, NOON + HOUR, NOON)
        assert await get_backlog(connection, SERVER) == Backlog(1, None)


async def test_retry_now_affects_only_that_servers_pending_deliveries(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        arrived = await deliver(connection, "arrived", kind=TEST)
        await mark_delivered(connection, [arrived], NOON)
        for nonce, server_id in (("here", SERVER), ("there", OTHER_SERVER)):
            id_ = await deliver(connection, nonce, kind=TEST, server_id=server_id)
            await postpone(connection, id_, NOON + MINUTE, PROBLEM)
        await retry_now(connection, SERVER, NOON)

    assert await nonces(database) == ["here"]
    assert await nonces(database, server_id=OTHER_SERVER) == []


async def test_only_undelivered_tests_are_deleted(database: Database, account_id: int, incident_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        arrived = await deliver(connection, "arrived", kind=TEST)
        await mark_delivered(connection, [arrived], NOON)
        await deliver(connection, "test", kind=TEST)
        await deliver(connection, "there", kind=TEST, server_id=OTHER_SERVER)
        await deliver(connection, "began", incident_id=incident_id)
        await drop_tests(connection, SERVER)
        assert await delivery_state(connection, arrived) == (True, None)

    assert await nonces(database) == ["began"]
    assert await nonces(database, server_id=OTHER_SERVER) == ["there"]


async def test_pending_deliveries_are_counted_with_the_oldest_ones_error(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        assert await get_backlog(connection, SERVER) == Backlog(0, None)
        first = await deliver(connection, "one", incident_id=incident_id)
        second = await deliver(connection, "two", incident_id=incident_id)
        await deliver(connection, "there", kind=TEST, server_id=OTHER_SERVER)
        assert await get_backlog(connection, SERVER) == Backlog(2, None)
        await postpone(connection, second, NOON, "the second")
        assert await get_backlog(connection, SERVER) == Backlog(2, "the second")
        await postpone(connection, first, NOON, "the first")
        assert await get_backlog(connection, SERVER) == Backlog(2, "the first")
        await mark_delivered(connection, [first], NOON)
        assert await get_backlog(connection, SERVER) == Backlog(1, "the second")


# --- Broken routes


async def test_a_broken_routes_deliveries_wait_until_it_is_set_up_again(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", incident_id=incident_id)
        await postpone(connection, id_, NOON + 5 * MINUTE, "Discord answered 403, code 50013")
        await disable(connection, route(account_id))
    assert await free(database, NOON + HOUR - SECOND) == []
    assert await due(database, NOON + HOUR - SECOND) == ([], NOON + HOUR)
    assert await nonces(database, NOON + HOUR) == ["one"]

    async with database.transaction() as connection:
        await add_route(connection, account_id)
        await retry_now(connection, SERVER, NOON + MINUTE)
    assert await nonces(database, NOON + MINUTE) == ["one"]


async def test_a_token_is_alerted_by_its_own_route_while_it_has_one(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        own = await add_route(connection, account_id, token_id=222, channel_id=9, role_id=5, created_by=8)
        theirs = await start_incident(connection, 222, route_token_id=222)
        await deliver(connection, "by the server's", incident_id=incident_id)
        await deliver(connection, "by its own", incident_id=theirs)
    assert [head.route for head in await free(database)] == [route(account_id), own]

    async with database.transaction() as connection:
        await remove_token_route(connection, SERVER, 222)
    assert [head.route for head in await free(database)] == [route(account_id)] * 2


async def test_a_tokens_route_belongs_to_one_server(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await add_route(connection, account_id, server_id)
            theirs = await start_incident(connection, server_id=server_id, route_token_id=TOKEN)
            await deliver(connection, f"{server_id}", server_id=server_id, incident_id=theirs)
        await add_route(connection, account_id, OTHER_SERVER, token_id=TOKEN, channel_id=9)

    (head,) = await free(database)
    assert head.route == route(account_id)


@pytest.mark.parametrize(
    ("broken", "works"),
    [
        ([None], ["by its own"]),
        ([222], ["by the server's"]),
        ([None, 222], []),
    ],
)
async def test_only_deliveries_of_a_broken_route_wait(
    database: Database, account_id: int, incident_id: int, broken: list[int | None], works: list[str]
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, token_id=222, channel_id=9)
        theirs = await start_incident(connection, 222, route_token_id=222)
        await deliver(connection, "by the server's", incident_id=incident_id)
        await deliver(connection, "by its own", incident_id=theirs)
        for token_id in broken:
            channel = {"channel_id": 9} if token_id is not None else {}
            await disable(connection, route(account_id, token_id=token_id, **channel))

    assert await nonces(database) == works
    assert await due(database) == (([SERVER], NOON) if works else ([], NOON + HOUR))


async def test_a_broken_route_notice_is_sent_despite_the_broken_route(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        broken = await add_route(connection, account_id)
        await disable(connection, broken)
        await deliver(connection, "broken", kind=ROUTE_BROKEN)
        await deliver(connection, "test", kind=TEST)

    assert await nonces(database) == ["broken"]
    assert await due(database) == ([SERVER], NOON)


async def test_nothing_is_sent_to_a_server_that_is_no_home(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, token_id=222, channel_id=9)
        theirs = await start_incident(connection, 222, route_token_id=222)
        await deliver(connection, "by the server's", incident_id=incident_id)
        await deliver(connection, "by its own", incident_id=theirs)
        await deliver(connection, "broken", kind=ROUTE_BROKEN)
        await enforce_home_servers(connection, {OTHER_SERVER}, SetClock())
    # That the incidents were closed: nobody has seen them, so this sends nothing.
    assert [one.delivery.kind for one in await free(database)] == [DeliveryKind.REFRESH] * 2

    async with database.transaction() as connection:
        await enforce_home_servers(connection, {SERVER}, SetClock())
        await deliver(connection, "home again")
    assert (await nonces(database))[-1] == "home again"


async def test_switching_alerts_off_deletes_what_was_to_be_sent(
    database: Database, account_id: int, incident_id: int
) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, OTHER_SERVER)
        theirs = await start_incident(connection, server_id=OTHER_SERVER)
        await deliver(connection, "here", incident_id=incident_id)
        await deliver(connection, "there", server_id=OTHER_SERVER, incident_id=theirs)
        assert await switch_off(connection, SERVER, 8, SetClock())

    assert "here" not in await nonces(database)
    assert await nonces(database, server_id=OTHER_SERVER) == ["there"]
