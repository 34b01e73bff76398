"""docs/privacy.md deletes all that it says, and nothing else: its statements run on a database full of rows."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Column, Table

from bot.storage.schema import metadata

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")
MEMBER, SERVER, OTHER = 234567890123456789, 345678901234567890, 456789012345678901
_OF_MEMBERS = re.compile(r"(?:created|acknowledged|muted|closed|named|posted|watched)_by|actor_id|member_id")
_WITH_MEMBERS_IN_JSON = ("incidents.members", "deliveries.payload")
_OF_NO_SERVER = {"accounts", "account_revisions", "tokens", "samples", "leases", "partitions", "processes", "app_state"}


def statements(heading: str) -> str:
    found = re.search(rf"^## {heading}\n.*?```sql\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def database(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Two rows in each table: of the member and the server, and of others."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        for table in metadata.sorted_tables:
            for number, member, server in ((1, MEMBER, SERVER), (2, OTHER, OTHER)):
                row = {column.name: value_of(table, column, number, member, server) for column in table.columns}
                names, places = ", ".join(row), ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table.name} ({names}) VALUES ({places})", [*row.values()])  # noqa: S608
        connection.commit()
        yield connection


def value_of(table: Table, column: Column[object], number: int, member: int, server: int) -> int | str:
    if _OF_MEMBERS.fullmatch(column.name):
        return member
    if f"{table.name}.{column.name}" in _WITH_MEMBERS_IN_JSON:
        return f'[{{"token_id":{number},"switched_off_by":{member}}}]'
    return server if column.name == "server_id" else number


def everything_in(database: sqlite3.Connection) -> str:
    tables = [table.name for table in metadata.sorted_tables]
    return repr([database.execute(f"SELECT * FROM {table}").fetchall() for table in tables])  # noqa: S608


def test_no_other_column_can_hold_a_member() -> None:
    """Columns of people are named for what they did, or for what they are."""
    columns = {column.name for table in metadata.sorted_tables for column in table.columns}

    assert {name for name in columns if re.search(r"_by$|actor|member|user", name)} == {
        *filter(_OF_MEMBERS.fullmatch, columns),
        "members",  # of an incident: its tokens
    }


def test_nothing_names_a_member_after_the_statements(database: sqlite3.Connection) -> None:
    before = everything_in(database)
    owner = database.execute("SELECT * FROM token_owners WHERE member_id = ?", [MEMBER]).fetchall()
    # An owner is deleted, and not only made nameless: nobody could be pinged.
    before = before.replace(f"{owner}".removesuffix("]") + ", ", "[")
    database.executescript(statements("Delete what is stored about a member").replace("MEMBER_ID", str(MEMBER)))

    assert everything_in(database) == before.replace(str(MEMBER), "0")


def test_nothing_of_a_server_is_left_after_the_statements(database: sqlite3.Connection) -> None:
    before = number_of_rows(database)
    database.executescript(statements("Delete what is stored about a server").replace("SERVER_ID", str(SERVER)))

    assert number_of_rows(database) == {name: rows - (name not in _OF_NO_SERVER) for name, rows in before.items()}
    assert str(SERVER) not in everything_in(database)


def number_of_rows(database: sqlite3.Connection) -> dict[str, int]:
    tables = [table.name for table in metadata.sorted_tables]
    return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608


@pytest.mark.slow
async def test_postgresql_accepts_the_statements(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        for heading in ("Delete what is stored about a member", "Delete what is stored about a server"):
            text = statements(heading).replace("MEMBER_ID", str(MEMBER)).replace("SERVER_ID", str(SERVER))
            for statement in text.splitlines():
                if "with SQLite only" not in statement:
                    await connection.execute(statement)
    finally:
        await connection.close()
