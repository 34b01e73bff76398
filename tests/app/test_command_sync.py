"""Registering the commands: whether the bot has run before with another database."""

from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.app.command_sync import EARLIER_DATABASE, sync_commands
from bot.storage.app_state import get_value, set_value
from bot.storage.database import Database, open_database
from tests.clocks import SetClock


class Tree:
    """The part of discord.py's command tree that is used; `registered` is what Discord has."""

    def __init__(self, registered: list[str], database: Database, *, other: str | None = None) -> None:
        self.registered = registered
        self.client: Any = type("Client", (), {"application_id": 1})()
        self._database = database
        self._other = other

    def get_commands(self) -> list[Any]:
        return []

    async def fetch_commands(self) -> list[str]:
        if self._other is not None:
            async with self._database.transaction() as connection:
                await set_value(connection, "commands", self._other)
        return self.registered

    async def sync(self) -> None:
        self.registered = ["trace"]


async def has_run_before(database: Database, tree: Tree) -> bool:
    assert await sync_commands(cast("Any", tree), database, SetClock())
    async with database.reading() as connection:
        return await get_value(connection, EARLIER_DATABASE) is not None


@pytest.mark.parametrize(
    ("registered", "other", "before"),
    [
        ([], None, False),
        (["trace"], None, True),
        # Another process of the same first start has just registered them.
        (["trace"], "", False),
    ],
)
async def test_a_new_database_is_noticed_by_the_commands_that_discord_has(
    sqlite_url: str, registered: list[str], other: str | None, before: bool
) -> None:
    async with open_database(SecretStr(sqlite_url)) as database:
        assert await has_run_before(database, Tree(registered, database, other=other)) is before
        assert await has_run_before(database, Tree(["trace"], database)) is before, "it is asked once"
