"""Incidents: a token has one that is open, at most."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError, NoResultFound

from bot.health.changes import Kind
from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.storage.accounts import ensure_account
from bot.storage.database import Database
from bot.storage.incidents import open_incidents, record_change
from tests.clocks import NOON
from tests.storage.seeds import TOKEN, add_token, begin_incident, change

MINUTE = timedelta(minutes=1)


async def open_of(database: Database, account_id: int) -> list[Incident]:
    async with database.reading() as connection:
        return await open_incidents(connection, account_id)


async def test_an_incident_begins_goes_on_and_ends_as_one(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        begun = await begin_incident(connection, account_id)
    assert await open_of(database, account_id) == [Incident(begun, TOKEN, Mode.FAST, Mode.RELAX, NOON, None)]

    async with database.transaction() as connection:
        went_on = await record_change(connection, account_id, change(Kind.WENT_ON, Mode.BANNED, NOON + MINUTE))
    assert await open_of(database, account_id) == [Incident(begun, TOKEN, Mode.FAST, Mode.BANNED, NOON, None)]

    async with database.transaction() as connection:
        ended = await record_change(connection, account_id, change(Kind.ENDED, Mode.FAST, NOON + 2 * MINUTE))
    assert await open_of(database, account_id) == []
    assert begun == went_on == ended


async def test_a_token_cannot_have_two_open_incidents(database: Database, account_id: int) -> None:
    async def twice() -> None:
        async with database.transaction() as connection:
            await begin_incident(connection, account_id)
            await record_change(connection, account_id, change())

    with pytest.raises(IntegrityError):
        await twice()


async def test_a_token_may_have_another_incident_after_one_has_ended(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        first = await begin_incident(connection, account_id)
        await record_change(connection, account_id, change(Kind.ENDED, Mode.FAST, NOON + MINUTE))
        second = await record_change(connection, account_id, change(at=NOON + 2 * MINUTE))

    assert first != second
    assert [incident.id for incident in await open_of(database, account_id)] == [second]


@pytest.mark.parametrize("kind", [Kind.WENT_ON, Kind.ENDED])
async def test_what_has_not_begun_cannot_go_on_or_end(database: Database, account_id: int, kind: Kind) -> None:
    async with database.transaction() as connection:
        await add_token(connection, account_id)
        with pytest.raises(NoResultFound):
            await record_change(connection, account_id, change(kind, Mode.FAST))


async def test_open_incidents_come_oldest_first_and_of_one_account_only(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await begin_incident(connection, another)
        for token_id, minute in ((1, 3), (2, 1), (3, 2)):
            await add_token(connection, account_id, token_id)
            begun = change(at=NOON + minute * MINUTE, token_id=token_id)
            await record_change(connection, account_id, begun)

    assert [incident.token_id for incident in await open_of(database, account_id)] == [2, 3, 1]
