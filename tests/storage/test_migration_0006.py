"""A database of version 0005 keeps every row, and new columns start empty."""

import json

import pytest
from pydantic import SecretStr

from bot.storage.accounts import get_account
from bot.storage.database import open_database
from bot.storage.incidents import open_incidents
from bot.storage.upgrade import COMPATIBLE
from tests.storage.test_old_databases import ACCOUNT, BESIDE, HERE, LATER, load, read_all


@pytest.fixture
async def old_url(empty_url: SecretStr) -> SecretStr:
    await load(empty_url, "0005")
    return empty_url


async def test_every_row_keeps_its_values(old_url: SecretStr) -> None:
    before = await read_all(old_url)
    async with open_database(old_url):
        pass
    after = await read_all(old_url)

    # Each upgrade records which programs can use the tables.
    after["app_state"] = [row for row in after["app_state"] if row["name"] != COMPATIBLE]
    # What people were notified of was not recorded (`test_migration_0018`).
    for incident in (*before["incidents"], *after["incidents"]):
        incident["members"] = [member | {"notified": None} for member in json.loads(incident["members"])]
    # Partitions have taken the place of an account's lease.
    assert [lease["name"] for lease in before.pop("leases")] == ["rounds of account 1"]
    for table, rows in before.items():
        kept = [{column: new[column] for column in old} for old, new in zip(rows, after[table], strict=True)]
        assert rows, table
        assert kept == rows, table


async def test_accounts_and_incidents_have_no_cause_yet(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        account = await get_account(connection, ACCOUNT, LATER)
        incidents = [one for server in (HERE, BESIDE) for one in await open_incidents(connection, server)]

    assert account.outage is None
    assert {one.cause for one in incidents} == {None}
