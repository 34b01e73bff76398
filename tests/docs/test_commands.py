"""The commands in the documentation are those that the bot registers."""

import asyncio
import re

import pytest
from discord import app_commands

from docs.commands import DETAILS, PAGE, AnyCommand, page_of, read_tree


@pytest.fixture(scope="module")
def tree() -> list[AnyCommand]:
    return asyncio.run(read_tree())


def test_the_page_is_the_one_made_from_the_commands(tree: list[AnyCommand]) -> None:
    assert PAGE.read_text("utf-8") == page_of(tree), "make the page again: python -m docs.commands"


def test_details_belong_to_a_command(tree: list[AnyCommand]) -> None:
    assert DETAILS.keys() - {command.qualified_name for command in tree} == set()


def test_the_readme_names_every_command(tree: list[AnyCommand]) -> None:
    named: list[str] = []
    for row in re.findall(r"^\|.*`/.*$", (PAGE.parents[1] / "README.md").read_text("utf-8"), re.MULTILINE):
        for code in re.findall(r"`([^`]+)`", row):
            # `/token list` · `show` is short for both.
            named.append(code if code.startswith("/") else f"{named[-1].rpartition(' ')[0]} {code}")

    slash = [f"/{command.qualified_name}" for command in tree if isinstance(command, app_commands.Command)]
    assert sorted(named) == sorted(slash)
