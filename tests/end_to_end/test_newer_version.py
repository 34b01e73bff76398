"""A rolling start: a newer version upgrades the database while a process of this version runs on it."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.storage.database import open_database
from bot.storage.upgrade import newest_revision
from tests.end_to_end.world import World
from tests.standins.imaginepro_server import linked_token
from tests.storage.test_compatible_versions import NEWER, SENTENCE, set_versions

pytestmark = [pytest.mark.parametrize("database_url", ["postgres"], indirect=True), pytest.mark.slow]

# What an expanding migration may do.
EXPAND = (
    "ALTER TABLE incidents ADD COLUMN later TEXT",
    "ALTER TABLE deliveries ADD COLUMN later INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE tokens ADD COLUMN later TIMESTAMPTZ",
    "CREATE TABLE later (id BIGSERIAL PRIMARY KEY)",
    "CREATE INDEX ix_later ON incidents (later)",
)
CONTRACT = ("ALTER TABLE tokens RENAME COLUMN reading TO later", "DROP TABLE digests")


async def upgrade(url: str, statements: tuple[str, ...], oldest_compatible: str) -> None:
    """Upgrade as a newer version does: all in one transaction."""
    async with open_database(SecretStr(url)) as database, database.transaction() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        await connection.run_sync(set_versions, NEWER, oldest_compatible)


async def test_after_an_expanding_upgrade_the_older_process_goes_on(world: World, database_url: str) -> None:
    # A third token stays in FAST, so that no alert is about the team's capacity.
    world.imaginepro.link(linked_token(333))
    await world.start()
    await world.set_up_alerts()
    world.set_status(111, "RELAX")
    (alert,) = await world.alert_posts()
    await world.settled()

    await upgrade(database_url, EXPAND, newest_revision())
    said = await world.bot.says("A newer version of Fastwatch has upgraded the database.")
    world.set_status(222, "BANNED")
    await world.alert_posts(2)
    world.set_status(111, "FAST")
    await world.alert_posts(3)
    await world.settled()
    await world.restart()
    world.set_status(222, "FAST")
    posts = await world.alert_posts(4)

    assert (said["from_version"], said["to_version"], said["level"]) == (newest_revision(), NEWER, "warning")
    assert {post.reference_id for post in posts[2:]} == {alert.id, posts[1].id}
    assert len(world.post_attempts()) == 4


async def test_after_any_other_upgrade_the_older_process_stops_with_one_sentence(
    world: World, database_url: str
) -> None:
    # Queries of the seconds until it notices.
    world.tracebacks_of = ("does not exist", "UndefinedTable", "UndefinedColumn", "nexpected error", "Traceback")
    await world.watching()

    await upgrade(database_url, CONTRACT, NEWER)

    assert await world.bot.ended() == 3
    assert world.bot.log[-1] == SENTENCE
    await world.bot.start()
    assert await world.bot.ended() == 3
    assert world.bot.log[-1] == SENTENCE
