"""Leases, claims, due times and mutes that a wall clock set while it was ahead, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.storage.alert_routes import lock_server
from bot.storage.claims import claim, claimable_deliveries, next_due, servers_due
from bot.storage.database import Database
from bot.storage.deliveries import DeliveryKind, defer, postpone
from bot.storage.due_times import CLAIM_DURATION, LEASE_DURATION, MAX_POSTPONEMENT, is_ahead
from bot.storage.leases import take_lease
from bot.storage.mutes import Mute, correct_mutes, mutes_of, set_mute
from tests.clocks import NOON
from tests.storage.seeds import SERVER, TOKEN, add_route, deliver

# Its statements differ between SQLite and PostgreSQL.
pytestmark = pytest.mark.smoke

AHEAD = NOON + timedelta(hours=6)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _route(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id)


async def claimable(database: Database, now: datetime = NOON) -> list[str]:
    """Return the nonces of what can be claimed. The list of servers and the next time must agree with it."""
    async with database.transaction() as connection:
        await lock_server(connection, SERVER)
        found = [one.delivery.nonce for one in await claimable_deliveries(connection, SERVER, now)]
        due_at = await next_due(connection, now)
        assert await servers_due(connection, now) == ([SERVER] if found else [])
        assert (due_at is not None and due_at <= now) is bool(found)
    return found


@pytest.mark.parametrize(
    ("until", "waits"),
    [
        (None, False),
        (NOON, False),
        (NOON + SECOND, True),
        (NOON + MAX_POSTPONEMENT, True),
        (NOON + MAX_POSTPONEMENT + timedelta(minutes=1), False),
        (AHEAD, False),
    ],
)
def test_a_time_further_ahead_than_it_can_be_set_is_not_waited_for(until: datetime | None, waits: bool) -> None:
    assert is_ahead(until, NOON, MAX_POSTPONEMENT) is waits


async def test_a_lease_from_a_clock_that_was_ahead_is_free(database: Database) -> None:
    async with database.transaction() as connection:
        assert await take_lease(connection, "rounds", "before the restart", AHEAD, AHEAD + LEASE_DURATION)
        assert await take_lease(connection, "rounds", "after it", NOON, NOON + LEASE_DURATION)
        assert not await take_lease(connection, "rounds", "another", NOON, NOON + LEASE_DURATION)


async def test_a_delivery_recorded_by_a_clock_that_was_ahead_is_due_at_once(database: Database) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "half an hour ahead", kind=DeliveryKind.TEST, now=NOON + timedelta(minutes=30))
        await deliver(connection, "hours ahead", kind=DeliveryKind.TEST, now=AHEAD)

    assert await claimable(database) == ["half an hour ahead", "hours ahead"]


async def test_a_delivery_postponed_by_a_clock_that_was_ahead_is_due_at_once(database: Database) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", kind=DeliveryKind.TEST)
        await postpone(connection, id_, AHEAD + 5 * SECOND, "made up")

    assert await claimable(database) == ["one"]
    assert await claimable(database, AHEAD) == []
    assert await claimable(database, AHEAD + 5 * SECOND) == ["one"]


async def test_a_claim_from_a_clock_that_was_ahead_is_void(database: Database) -> None:
    async with database.transaction() as connection:
        await deliver(connection, "one", kind=DeliveryKind.TEST)
        (pending,) = await claimable_deliveries(connection, SERVER, NOON)
        await claim(connection, pending, AHEAD + CLAIM_DURATION)
    assert await claimable(database) == ["one"]

    async with database.transaction() as connection:
        await claim(connection, pending, NOON + CLAIM_DURATION)
    assert await claimable(database, NOON + CLAIM_DURATION - SECOND) == []
    assert await claimable(database, NOON + CLAIM_DURATION) == ["one"]


async def test_an_attempt_from_the_future_may_have_arrived_at_any_time(database: Database) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", kind=DeliveryKind.TEST, now=AHEAD)
        (pending,) = await claimable_deliveries(connection, SERVER, NOON)
        (claimed,) = await claim(connection, pending, NOON + CLAIM_DURATION)
        assert claimed.created_at == NOON - MAX_POSTPONEMENT

        # The claim and a postponement now count as usual.
        assert await claimable_deliveries(connection, SERVER, NOON) == []
        await postpone(connection, id_, NOON + 5 * SECOND, "made up")
        assert await claimable_deliveries(connection, SERVER, NOON) == []


async def test_a_deferred_delivery_from_the_future_waits_for_the_end_of_its_mute(database: Database) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", kind=DeliveryKind.TEST, now=AHEAD)
        await defer(connection, id_, NOON + timedelta(minutes=10), NOON)

    assert await claimable(database) == []
    assert await claimable(database, NOON + timedelta(minutes=10)) == ["one"]


async def test_a_long_mute_is_looked_at_again_meanwhile(database: Database) -> None:
    async with database.transaction() as connection:
        id_ = await deliver(connection, "one", kind=DeliveryKind.TEST)
        await defer(connection, id_, NOON + 30 * DAY, NOON)

    assert await claimable(database, NOON + MAX_POSTPONEMENT - SECOND) == []
    assert await claimable(database, NOON + MAX_POSTPONEMENT) == ["one"]


async def test_a_mute_from_a_clock_that_was_ahead_lasts_as_long_as_it_was_meant_to(database: Database) -> None:
    hour = timedelta(hours=1)
    mute = Mute(SERVER, None, AHEAD + hour, reason="", muted_by=7, muted_at=AHEAD)
    corrected = replace(mute, muted_at=NOON, expires_at=NOON + hour)
    async with database.transaction() as connection:
        await set_mute(connection, mute)
        await set_mute(connection, replace(mute, token_id=TOKEN, muted_at=NOON, expires_at=NOON + 2 * hour))
        assert mute in await mutes_of(connection, SERVER, AHEAD - SECOND)
        assert (await mutes_of(connection, SERVER, NOON))[0] == corrected

        await correct_mutes(connection, SERVER, NOON)
        assert (await mutes_of(connection, SERVER, NOON + hour - SECOND))[0] == corrected
        assert [one.token_id for one in await mutes_of(connection, SERVER, NOON + hour)] == [TOKEN]
        assert await mutes_of(connection, SERVER, AHEAD) == []
