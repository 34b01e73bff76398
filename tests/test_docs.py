"""The documentation: every test that it names exists, and its table of the rules is correct."""

import re
from pathlib import Path

from bot.domain.rules import RULES, Rules
from bot.ui.rules import range_text, value_text

ROOT = Path(__file__).parent.parent
_NAMED = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
NAMED = sorted({found for page in (ROOT / "docs").glob("*.md") for found in _NAMED.findall(page.read_text("utf-8"))})


def test_tests_are_named() -> None:
    assert NAMED


def test_every_test_that_the_documentation_names_is_there() -> None:
    def is_there(file: str, name: str) -> bool:
        path = ROOT / file
        return path.exists() and bool(re.search(rf"^(?:async )?def {name}\(", path.read_text("utf-8"), re.MULTILINE))

    assert [named for named in NAMED if not is_there(*named)] == []


def test_the_rules_are_documented_with_their_defaults_and_limits() -> None:
    page = (ROOT / "docs/alerts.md").read_text("utf-8")
    rows = [row.strip("|").split("|") for row in re.findall(r"^\| `\w+` \|.*$", page, re.MULTILINE)]
    documented = {row[0].strip(" `"): (row[2].strip(), row[3].strip()) for row in rows}

    assert documented == {
        rule.name: (value_text(rule.type, rule.value(Rules())), range_text(rule.type)) for rule in RULES.values()
    }
