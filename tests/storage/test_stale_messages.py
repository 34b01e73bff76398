"""Stale messages: when they are corrected, and that they stay while alerts are off."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.alerts_off import switch_off
from bot.storage.claims import claimable_deliveries, next_due
from bot.storage.database import Database
from bot.storage.deliveries import DeliveryKind, mark_delivered, postpone, record_delivery
from bot.storage.payloads import StaleMessagePayload
from bot.storage.stale_messages import (
    StaleMessages,
    has_stale_message,
    retry_at,
    retry_stale_messages,
    stale_in,
    stale_messages_of,
)
from bot.storage.unread import delete_unread
from tests.clocks import NOON, SetClock
from tests.storage.seeds import SERVER, add_route, start_incident

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HERE, THERE = 71, 72


@pytest.fixture
async def incident_id(database: Database, account_id: int) -> int:
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        return await start_incident(connection)


async def stale(connection: AsyncConnection, incident_id: int, channel_id: int, message_id: int) -> int:
    payload = StaleMessagePayload(incident_id, channel_id, message_id)
    kind, nonce = DeliveryKind.STALE_MESSAGE, f"stale {message_id}"
    return await record_delivery(connection, kind, server_id=SERVER, nonce=nonce, now=NOON, payload=payload)


async def test_they_are_sent_although_alerts_are_off(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        id_ = await stale(connection, incident_id, HERE, 1)
        await switch_off(connection, SERVER, 8, SetClock())
        sent = await claimable_deliveries(connection, SERVER, NOON)

    assert id_ in [one.delivery.id for one in sent]


async def test_those_of_a_channel_wait_together_and_the_server_retries_all(
    database: Database, incident_id: int
) -> None:
    async with database.transaction() as connection:
        first, second = [await stale(connection, incident_id, HERE, message_id) for message_id in (1, 2)]
        other = await stale(connection, incident_id, THERE, 3)
        assert await stale_in(connection, SERVER, HERE) == [first, second]
        await postpone(connection, first, NOON + MINUTE, "a permission is missing")
        await retry_at(connection, [second], NOON + MINUTE)
        assert [one.delivery.id for one in await claimable_deliveries(connection, SERVER, NOON)] == [other]
        assert await stale_messages_of(connection, SERVER) == [
            StaleMessages(HERE, 2, NOON, "a permission is missing"),
            StaleMessages(THERE, 1, NOON, None),
        ]

        await mark_delivered(connection, [other], NOON)
        assert await next_due(connection, NOON) == NOON + MINUTE
        await retry_stale_messages(connection, SERVER, NOON)
        assert await next_due(connection, NOON) == NOON


async def test_they_are_given_up_after_the_retention(database: Database, incident_id: int) -> None:
    async with database.transaction() as connection:
        await stale(connection, incident_id, HERE, 1)
        await delete_unread(connection, NOON)
        assert await has_stale_message(connection, SERVER)
        await delete_unread(connection, NOON + DAY)
        assert not await has_stale_message(connection, SERVER)
