"""The audit log: who changed what, and the result."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.audit import (
    Action,
    Entry,
    Outcome,
    delete_entries,
    disabling_members,
    latest_entries,
    record_entry,
    set_outcome,
)
from bot.storage.database import Database
from tests.clocks import NOON
from tests.storage.seeds import OTHER_SERVER, SERVER, TOKEN

MINUTE = timedelta(minutes=1)
SWITCHED = Entry(SERVER, 7, Action.TOKEN_DISABLED, str(TOKEN), NOON)


async def test_entries_are_of_one_server_latest_first(database: Database) -> None:
    entries = [replace(SWITCHED, at=NOON + number * MINUTE, member_id=number) for number in range(5)]
    async with database.transaction() as connection:
        for entry in (*entries, replace(SWITCHED, server_id=OTHER_SERVER)):
            await record_entry(connection, entry)
        assert await latest_entries(connection, SERVER, most=3) == entries[:1:-1]


async def test_a_result_replaces_an_uncertain_one(database: Database) -> None:
    async with database.transaction() as connection:
        entry_id = await record_entry(connection, replace(SWITCHED, outcome=Outcome.UNCERTAIN))
        await set_outcome(connection, entry_id, Outcome.DONE)
        assert await latest_entries(connection, SERVER, most=1) == [SWITCHED]


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (SWITCHED, 7),
        (replace(SWITCHED, outcome=Outcome.UNCERTAIN), 7),
        (replace(SWITCHED, outcome=Outcome.REFUSED), None),
        (replace(SWITCHED, target="112"), None),
        (replace(SWITCHED, action=Action.TOKEN_ENABLED), None),
        (replace(SWITCHED, at=NOON - MINUTE), None),
    ],
)
async def test_the_user_who_recently_disabled_a_token_is_named(
    database: Database, entry: Entry, named: int | None
) -> None:
    async with database.transaction() as connection:
        await record_entry(connection, entry)
        found = {one.token_id: one.member_id for one in await disabling_members(connection, since=NOON)}
    assert found.get(TOKEN) == named


async def test_old_entries_are_deleted(database: Database) -> None:
    async with database.transaction() as connection:
        await record_entry(connection, replace(SWITCHED, at=NOON - MINUTE))
        await record_entry(connection, SWITCHED)
        await delete_entries(connection, NOON)
        assert await latest_entries(connection, SERVER, most=9) == [SWITCHED]


async def test_every_action_fits_in_the_log(database: Database) -> None:
    async with database.transaction() as connection:
        for action in Action:
            await record_entry(connection, replace(SWITCHED, action=action))
        entries = await latest_entries(connection, SERVER, most=len(Action))

    assert {entry.action for entry in entries} == set(Action)
