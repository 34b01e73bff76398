"""A database of version 0005 keeps every row, and mutes hold back what whoever set them was told."""

from pydantic import SecretStr
from sqlalchemy import select

from bot.storage.database import open_database
from bot.storage.incidents import open_incidents
from bot.storage.schema import mutes
from tests.storage.test_migration_0006 import old_url
from tests.storage.test_old_databases import BESIDE, HERE

__all__ = ["old_url"]


async def test_mutes_from_before_hold_back_urgent_alerts_too_and_nobody_is_assigned(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        include_urgent = (await connection.scalars(select(mutes.c.include_urgent))).all()
        incidents = [one for server in (HERE, BESIDE) for one in await open_incidents(connection, server)]

    assert set(include_urgent) == {True}
    assert {(one.assigned_to, one.thread_id) for one in incidents} == {(None, None)}
