"""The audit log, and the role that makes mods."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.health.changes import Kind
from bot.health.modes import Mode
from bot.storage.audit import (
    Action,
    Entry,
    Outcome,
    forget_entries,
    latest_entries,
    record_entry,
    set_outcome,
    who_disabled,
)
from bot.storage.database import Database
from bot.storage.incidents import open_incidents, record_change
from bot.storage.rules import moderators_role, set_moderators_role
from bot.storage.tokens import keep_tokens
from tests.clocks import NOON
from tests.storage.seeds import OTHER_SERVER, SERVER, TOKEN, change, known

MINUTE = timedelta(minutes=1)
SWITCHED = Entry(SERVER, 7, Action.TOKEN_DISABLED, str(TOKEN), NOON)


async def test_entries_come_latest_first_and_of_one_server(database: Database) -> None:
    entries = [replace(SWITCHED, at=NOON + number * MINUTE, member_id=number) for number in range(5)]
    async with database.transaction() as connection:
        for entry in (*entries, replace(SWITCHED, server_id=OTHER_SERVER)):
            await record_entry(connection, entry)
        assert await latest_entries(connection, SERVER, most=3) == entries[:1:-1]


async def test_an_outcome_is_written_over_what_was_uncertain(database: Database) -> None:
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
async def test_whoever_switched_a_token_off_lately_is_named(
    database: Database, entry: Entry, named: int | None
) -> None:
    async with database.transaction() as connection:
        await record_entry(connection, entry)
        assert await who_disabled(connection, TOKEN, since=NOON) == named


async def test_old_entries_are_forgotten(database: Database) -> None:
    async with database.transaction() as connection:
        await record_entry(connection, replace(SWITCHED, at=NOON - MINUTE))
        await record_entry(connection, SWITCHED)
        await forget_entries(connection, NOON)
        assert await latest_entries(connection, SERVER, most=9) == [SWITCHED]


async def test_an_incident_knows_who_switched_its_token_off(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await keep_tokens(connection, account_id, [known()])
        await record_change(connection, account_id, change(after=Mode.OFF), switched_off_by=7)
        (incident,) = await open_incidents(connection, account_id)
        assert incident.is_a_switch

        await record_change(connection, account_id, change(Kind.WENT_ON, after=Mode.BANNED))
        (incident,) = await open_incidents(connection, account_id)
        assert not incident.is_a_switch


async def test_a_server_names_one_role_or_none(database: Database) -> None:
    async with database.transaction() as connection:
        assert await moderators_role(connection, SERVER) is None
        await set_moderators_role(connection, SERVER, 5)
        await set_moderators_role(connection, OTHER_SERVER, 6)
        assert await moderators_role(connection, SERVER) == 5
        await set_moderators_role(connection, SERVER, None)
        assert await moderators_role(connection, SERVER) is None
