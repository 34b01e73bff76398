"""A database of the previous version: all its data stays, and new columns start empty."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pydantic import SecretStr, TypeAdapter
from sqlalchemy import Connection, MetaData, insert, select

import bot.storage
from bot.domain.evaluation import TrackedToken
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import DigestDay, Rules
from bot.storage.accounts import get_quota
from bot.storage.boards import Board, boards_of, set_board
from bot.storage.database import Database, engine_for, open_database
from bot.storage.digests import DigestSubscription, digests_of, set_sent_until
from bot.storage.downsampling import RAW_RETENTION, downsample, tokens_to_downsample
from bot.storage.schema import metadata
from bot.storage.server_settings import rules_of, set_rules
from bot.storage.token_names import names_of, set_name
from bot.storage.tokens import known_tokens
from tests.clocks import NOON

# The oldest of the old databases takes this step too, in every run.
pytestmark = pytest.mark.slow

READING = TypeAdapter(Reading)
MIGRATIONS = Path(bot.storage.__file__).parent / "migrations"
HERE, ACCOUNT, MINUTE = 4_000_000_000_000_000, 1, timedelta(minutes=1)
KNOWN = TrackedToken(Reading(111, NOON, status=Mode.RELAX), NOON, in_fleet=True)

Rows = Mapping[str, Sequence[dict[str, object]]]

# By table, in the order in which their foreign keys let them be filled.
OLD: Rows = {
    "accounts": [{"id": ACCOUNT, "name": "primary", "created_at": NOON, "last_good_round_at": NOON}],
    "servers": [{"server_id": HERE, "account_id": ACCOUNT, "channel_id": 5, "set_up_by": 7, "set_up_at": NOON}],
    "tokens": [
        {
            "account_id": ACCOUNT,
            "token_id": 111,
            "reading": READING.dump_json(KNOWN.reading, exclude_defaults=True).decode(),
            "in_fleet": True,
            "sampled_at": NOON,
        }
    ],
    "samples": [
        {"account_id": ACCOUNT, "token_id": 111, "read_at": minute * 60_000, "mode": "FAST", "fast_left": 1_000}
        for minute in range(3)
    ],
    "token_states": [{"server_id": HERE, "token_id": 111, "state": '{"token_id": 111}'}],
    "incidents": [{"id": 9, "server_id": HERE, "sort": "mode", "members": "[]", "began_at": NOON}],
    "incident_events": [{"incident_id": 9, "at": NOON, "happening": "began"}],
    "deliveries": [
        {
            "server_id": HERE,
            "incident_id": 9,
            "kind": "began",
            "urgency": 2,
            "nonce": "a nonce",
            "recorded_at": NOON,
            "due_at": NOON,
        }
    ],
    "rules": [{"server_id": HERE, "numbers": '{"low": 15, "will_not_last": false}', "moderators_role_id": 6}],
    "mutes": [{"server_id": HERE, "until": NOON, "reason": "", "muted_by": 7, "muted_at": NOON}],
    "notes": [{"name": "commands", "value": "abc"}],
}


def make_old(connection: Connection) -> None:
    """Create the tables of the previous version, and fill them."""
    upgrade(connection, "0003")
    old = MetaData()
    old.reflect(connection)
    for name, rows in OLD.items():
        for row in rows:
            connection.execute(insert(old.tables[name]).values(row))


def upgrade(connection: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def rows_of(connection: Connection) -> dict[str, list[dict[str, object]]]:
    """Return everything as it is stored; times in UTC."""
    tables = MetaData()
    tables.reflect(connection)

    def plain(value: object) -> object:
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value

    return {
        name: [
            {column: plain(value) for column, value in row.items()}
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
        ]
        for name, table in tables.tables.items()
    }


@pytest.fixture
async def old_url(empty_url: SecretStr) -> SecretStr:
    """Create a database of the previous version with some data."""
    engine = engine_for(empty_url.get_secret_value())
    async with Database(engine).transaction() as connection:
        await connection.run_sync(make_old)
    await engine.dispose()
    return empty_url


async def test_nothing_is_lost(old_url: SecretStr) -> None:
    engine = engine_for(old_url.get_secret_value())
    async with Database(engine).transaction() as connection:
        await connection.run_sync(upgrade, "0004")
        saved = await connection.run_sync(rows_of)
    await engine.dispose()

    assert {name: [{column: row[column] for column in OLD[name][0]} for row in saved[name]] for name in OLD} == OLD


async def test_the_current_version_reads_it(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        assert await known_tokens(connection, ACCOUNT) == {111: KNOWN}
        assert await rules_of(connection, HERE) == Rules(low=15, run_out=False)


async def test_new_columns_start_empty_and_can_be_saved(old_url: SecretStr) -> None:
    board = Board(HERE, ACCOUNT, 5, "a nonce", posted_by=7, posted_at=NOON)
    daily = Rules(digest=DigestDay.DAILY)
    async with open_database(old_url) as database, database.transaction() as connection:
        assert await get_quota(connection, ACCOUNT) is None
        assert await digests_of(connection, ACCOUNT) == []
        assert (await names_of(connection, HERE), await boards_of(connection, ACCOUNT)) == ({}, [])

        await set_name(connection, HERE, 111, "Anna", named_by=7, now=NOON)
        await set_board(connection, board)
        await set_rules(connection, HERE, daily)
        await set_sent_until(connection, HERE, NOON)
        assert (await names_of(connection, HERE), await boards_of(connection, ACCOUNT)) == ({111: "Anna"}, [board])
        assert await digests_of(connection, ACCOUNT) == [DigestSubscription(HERE, daily, NOON)]


async def test_old_samples_are_downsampled(old_url: SecretStr) -> None:
    # The three samples are of the first minutes of 1970.
    now = NOON.replace(year=1970, month=1, day=1) + RAW_RETENTION + timedelta(days=2)
    async with open_database(old_url) as database, database.transaction() as connection:
        assert await tokens_to_downsample(connection, ACCOUNT, now) == [111]
        assert not await downsample(connection, ACCOUNT, 111, now)
        rows = await connection.execute(select(metadata.tables["samples"].c.read_at))
        # The first of all samples stays, and the last of each hour.
        assert [row.read_at.minute for row in rows] == [0, 2]


async def test_several_processes_may_open_an_old_database_at_once(old_url: SecretStr) -> None:
    async with AsyncExitStack() as stack:
        first, *_ = await asyncio.gather(*(stack.enter_async_context(open_database(old_url)) for _ in range(3)))

        async with first.reading() as connection:
            assert await known_tokens(connection, ACCOUNT) == {111: KNOWN}
