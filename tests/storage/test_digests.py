"""Digests: which servers have them, their last sent period, and what is dropped."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.domain.rules import DigestDay, Rules
from bot.storage.accounts import ensure_account
from bot.storage.alerts_off import switch_off
from bot.storage.database import Database
from bot.storage.deliveries import DeliveryKind, mark_delivered
from bot.storage.digests import DigestSubscription, digests_of, drop_digests, set_sent_until
from bot.storage.schema import deliveries
from bot.storage.server_settings import set_moderators_role, set_rules
from tests.clocks import NOON, SetClock
from tests.storage.seeds import OTHER_SERVER, SERVER, add_route, deliver

DAILY = Rules(digest=DigestDay.DAILY, time_zone="Mars/Olympus")


async def test_only_servers_with_alerts_and_a_digest_have_a_subscription(database: Database, account_id: int) -> None:
    without_alerts, off, elsewhere, nothing_set = 1, 2, 3, 4
    async with database.transaction() as connection:
        other_account = await ensure_account(connection, "another", NOON)
        for server_id in (SERVER, OTHER_SERVER, off, nothing_set):
            await add_route(connection, account_id, server_id)
        await add_route(connection, other_account, elsewhere)
        for server_id in (SERVER, OTHER_SERVER, without_alerts, elsewhere):
            await set_rules(connection, server_id, DAILY)
        await set_rules(connection, off, replace(DAILY, digest=DigestDay.OFF))
        await set_moderators_role(connection, nothing_set, 5)
        await set_sent_until(connection, OTHER_SERVER, NOON)

        assert await digests_of(connection, account_id) == [
            DigestSubscription(SERVER, DAILY, None),
            DigestSubscription(OTHER_SERVER, DAILY, NOON),
        ]


async def test_the_last_sent_period_is_saved(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        await set_rules(connection, SERVER, DAILY)
        await set_sent_until(connection, SERVER, NOON)
        await set_sent_until(connection, SERVER, NOON + timedelta(days=1))

        assert [one.sent_until for one in await digests_of(connection, account_id)] == [NOON + timedelta(days=1)]


async def test_reenabling_alerts_resets_the_last_sent_period(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id)
        await set_rules(connection, SERVER, DAILY)
        await set_sent_until(connection, SERVER, NOON)
        await switch_off(connection, SERVER, 8, SetClock())
        await add_route(connection, account_id)

        assert await digests_of(connection, account_id) == [DigestSubscription(SERVER, DAILY, None)]


async def test_only_that_servers_undelivered_digests_are_dropped(database: Database, account_id: int) -> None:
    digest = DeliveryKind.DIGEST
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await add_route(connection, account_id, server_id)
        arrived = await deliver(connection, "arrived", kind=digest)
        await mark_delivered(connection, [arrived], NOON)
        await deliver(connection, "waits", kind=digest)
        await deliver(connection, "a test", kind=DeliveryKind.TEST)
        await deliver(connection, "of another", kind=digest, server_id=OTHER_SERVER)
        await drop_digests(connection, SERVER)

        saved = (await connection.scalars(select(deliveries.c.nonce).order_by(deliveries.c.id))).all()
        assert saved == ["arrived", "a test", "of another"]
