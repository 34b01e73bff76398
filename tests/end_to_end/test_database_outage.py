"""A database that is away, hangs, is held or is damaged, as its operator and the people in Discord see it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import URL, make_url

from bot.storage.unavailable import Cause
from bot.ui import texts
from tests.databases import damage_table, sqlite_away
from tests.end_to_end.world import MOD, World
from tests.standins.discord_server import Fault, Message, Request
from tests.standins.postgres_proxy import PostgresProxy, proxied
from tests.titles import title_of

pytestmark = pytest.mark.slow

WELL, DATABASE_UNUSABLE = 0, 3
STOPPED_IN_TIME = 25
"""Seconds: the five that are promised, and the time that a busy machine takes for anything."""
BEGINS, ENDS = "The database cannot be used.", "The database works again."
NEW, RAN_BEFORE = "A new database was created.", "The database is new, but this bot has run before."
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest_asyncio.fixture
async def proxy(world: World) -> AsyncIterator[PostgresProxy]:
    """A proxy between the bot and its PostgreSQL."""
    async with proxied(world.bot.settings["DATABASE_URL"]) as (proxy, url):
        world.bot.settings["DATABASE_URL"] = url
        yield proxy
        await world.bot.kill()


def file_of(world: World) -> Path:
    return Path(world.bot.settings["DATABASE_URL"].removeprefix("sqlite:///"))


async def told(world: World, number: int = 1) -> list[Message]:
    """Wait for the alert that nothing can be recorded."""
    await world.discord.wait_for(lambda: len(world.discord.messages(world.alerts)) >= number)
    return world.discord.messages(world.alerts)


# --- A database that is away


@on_postgres
async def test_an_outage_is_said_once_everywhere_and_its_end_too(world: World, proxy: PostgresProxy) -> None:
    await world.start()
    await world.set_up_alerts()
    await world.rounds(8)
    await proxy.stop()
    await world.bot.says(BEGINS)

    (alert,) = await told(world)
    listed = await (await world.discord.command("token list", channel_id=world.talk)).followed_up()
    status = await world.discord.command("status", channel_id=world.talk, permissions=MOD)
    shown = (await status.answered()).embeds[0]["description"]
    world.set_status(111, "BANNED")
    await proxy.start()
    await told(world, 3)
    await world.discord.wait_for(lambda: title_of(alert) == texts.database.TITLE_OVER)
    await world.settled()

    assert alert.pings.roles == {world.role}
    assert [answer.content for answer in listed] == [texts.errors.DATABASE_UNAVAILABLE]
    assert texts.database.CAUSES[Cause.UNREACHABLE] in shown
    titles = [title_of(message) if message.embeds else "" for message in world.discord.messages(world.alerts)]
    assert titles[0] == texts.database.TITLE_OVER
    assert any("banned" in title for title in titles)
    assert [len(world.bot.said(words)) for words in (BEGINS, ENDS)] == [1, 1]


@on_postgres
async def test_a_database_that_is_away_at_the_start_is_one_sentence(world: World, proxy: PostgresProxy) -> None:
    await proxy.stop()
    await world.bot.start()

    assert await world.bot.ended() == DATABASE_UNUSABLE
    assert world.bot.log[-1].startswith("The database cannot be opened (")
    assert world.bot.log[-1].endswith("check DATABASE_URL.")


@on_postgres
async def test_a_database_that_hangs_at_the_start_is_one_sentence(world: World, proxy: PostgresProxy) -> None:
    proxy.fall_silent()
    await world.bot.start()

    assert await world.bot.ended() == DATABASE_UNUSABLE
    assert world.bot.log[-1] == "The database cannot be opened (no response in time); check DATABASE_URL."


@on_postgres
async def test_an_alert_that_a_restart_left_behind_is_ended(world: World, proxy: PostgresProxy) -> None:
    await world.start()
    await world.set_up_alerts()
    await world.rounds(8)
    await proxy.stop()
    (alert,) = await told(world)
    await world.bot.kill()
    await world.bot.start()
    assert await world.bot.ended() == DATABASE_UNUSABLE

    await proxy.start()
    await world.start()
    await told(world, 2)
    await world.discord.wait_for(lambda: title_of(alert) == texts.database.TITLE_OVER)


@on_postgres
async def test_a_failover_to_a_read_only_server_is_said_and_survived(world: World) -> None:
    """Sessions stay on a server that has become read-only, and new ones lead to the new primary."""
    url = make_url(world.bot.settings["DATABASE_URL"])
    await world.start()
    await world.set_up_alerts()
    await world.rounds(8)
    await set_read_only(url, on=True)
    (alert,) = await told(world)
    # The sessions that were cut come first, and the alert follows its cause.
    await world.discord.wait_for(lambda: texts.database.CAUSES[Cause.READ_ONLY] in alert.embeds[0]["description"])

    await set_read_only(url, on=False, disconnects=False)
    await world.bot.says(ENDS)
    await world.rounds(2)

    assert [len(world.bot.said(words)) for words in (BEGINS, ENDS)] == [1, 1]


async def set_read_only(url: URL, *, on: bool, disconnects: bool = True) -> None:
    """Make new sessions read-only or not, and end those of the bot if they were opened before that."""
    connection = await asyncpg.connect(host=url.query["host"], user=url.username, database=url.database)
    await connection.execute("SET default_transaction_read_only = off")
    await connection.execute(f'ALTER DATABASE "{url.database}" SET default_transaction_read_only = {on}')
    if disconnects:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608
    await connection.close()


@on_postgres
async def test_a_locked_table_is_said_once_although_other_transactions_succeed(world: World) -> None:
    url = make_url(world.bot.settings["DATABASE_URL"])
    await world.start()
    await world.set_up_alerts()
    await world.rounds(8)
    connection = await asyncpg.connect(host=url.query["host"], user=url.username, database=url.database)
    async with connection.transaction():
        await connection.execute("LOCK TABLE accounts IN SHARE MODE")
        await world.bot.says(BEGINS)
        (alert,) = await told(world)
        # The lease is renewed meanwhile.
        status = await world.discord.command("status", channel_id=world.talk, permissions=MOD)
        shown = (await status.answered()).embeds[0]["description"]
    await world.bot.says(ENDS)
    await connection.close()

    assert texts.database.CAUSES[Cause.NO_RESPONSE] in shown
    assert alert.pings.roles == {world.role}
    assert [len(world.bot.said(words)) for words in (BEGINS, ENDS)] == [1, 1]


@on_postgres
async def test_a_database_that_goes_away_during_the_login_is_waited_for(world: World, proxy: PostgresProxy) -> None:
    async def stop_proxy(_: Request) -> None:
        await proxy.stop()

    world.discord.faults.add(Fault("GET", "/users/@me", "call_before", callback=stop_proxy))
    await world.start()
    await world.bot.says(BEGINS)
    typed = await world.discord.command("alerts show", channel_id=world.talk, permissions=MOD)
    (answer,) = await typed.followed_up()
    await proxy.start()
    await world.bot.says(ENDS)

    assert answer.content == texts.errors.DATABASE_UNAVAILABLE
    await world.rounds(2)


# --- A database that does not respond


@on_postgres
async def test_silent_connections_are_noticed_and_replaced(world: World, proxy: PostgresProxy) -> None:
    await world.start()
    await world.set_up_alerts()
    await world.rounds(8)
    proxy.fall_silent()
    # It must be read who is a moderator, and Discord waits three seconds for that.
    status = await (await world.discord.command("status", channel_id=world.talk)).answered()
    traced = await (await world.trace(world.message_of(111))).answered()
    begins = await world.bot.says(BEGINS)
    (alert,) = await told(world)
    assert texts.database.CAUSES[Cause.NO_RESPONSE] in alert.embeds[0]["description"]
    proxy.speak()
    await world.bot.says(ENDS)

    assert status.content == texts.errors.DATABASE_UNAVAILABLE
    assert title_of(traced) == "🟢 Token 111 · FAST"
    assert begins["cause"] == "no_response"
    await world.rounds(2)


@on_postgres
async def test_stops_while_the_database_hangs(world: World, proxy: PostgresProxy) -> None:
    await world.start()
    await world.rounds()
    proxy.fall_silent()
    await proxy.holds_back.wait()

    assert await world.bot.stop(within=STOPPED_IN_TIME) == WELL


async def test_stops_while_another_program_holds_the_file(world: World) -> None:
    await world.start()
    await world.rounds()
    with contextlib.closing(sqlite3.connect(file_of(world), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await world.bot.says(BEGINS)

        assert await world.bot.stop(within=STOPPED_IN_TIME) == WELL


# --- Files


async def test_a_deleted_file_is_said_and_works_again_when_it_is_back(world: World) -> None:
    await world.start()
    await world.set_up_alerts()
    await world.rounds(8)
    with sqlite_away(world.bot.settings["DATABASE_URL"]):
        await world.bot.says(BEGINS)
        (alert,) = await told(world)
        assert texts.database.CAUSES[Cause.FILE_REPLACED] in alert.embeds[0]["description"]
    await world.bot.says(ENDS)
    await world.rounds(2)


@pytest.mark.parametrize("table", ["alembic_version", "accounts", "alert_routes"])
async def test_a_damaged_file_stops_the_start_with_one_sentence(world: World, table: str) -> None:
    damage_table(file_of(world), table)

    await world.bot.start()

    assert await world.bot.ended() == DATABASE_UNUSABLE
    assert world.bot.log[-1].startswith("The database cannot be opened (database disk image is malformed)")
    assert "restore a backup" in world.bot.log[-1]


async def test_a_database_that_was_moved_away_is_said_at_the_start(world: World) -> None:
    await world.start()
    await world.set_up_alerts()
    await world.rounds(2)
    await world.bot.kill()
    file = file_of(world)
    elsewhere = file.with_name("elsewhere")
    elsewhere.mkdir()
    shutil.move(file, elsewhere)
    await world.bot.start()
    assert await world.bot.ended() == DATABASE_UNUSABLE
    assert f"{file.resolve()} is missing, but its journal {file.name}-wal is there" in world.bot.log[-1]

    for journal in (f"{file}-wal", f"{file}-shm"):
        shutil.move(journal, elsewhere)
    await world.start()
    created, warned = await world.bot.says(NEW), await world.bot.says(RAN_BEFORE)
    assert (created["database"], warned["level"]) == (str(file.resolve()), "warning")
    await world.rounds(2)
    status = await world.discord.command("status", channel_id=world.talk, permissions=MOD)
    shown = (await status.answered()).embeds[0]["description"]
    assert shown.startswith("🔴 **My database is new** (created <t:")

    await world.bot.stop()
    file.unlink()
    for old in elsewhere.iterdir():
        shutil.move(old, file.parent)
    await world.start()
    await world.rounds(2)
    assert [len(world.bot.said(words)) for words in (NEW, RAN_BEFORE)] == [1, 1]
