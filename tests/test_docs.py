"""The documentation: the tests, files, commands, settings and rules that it names are there, with their defaults."""

import re
from datetime import timedelta
from enum import Enum
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.domain.rules import RULES, Rules
from bot.settings import Settings
from bot.ui.rules import range_text, value_text

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_NAMED = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")
NAMED = sorted({found for page in PAGES for found in _NAMED.findall(page.read_text("utf-8"))})
_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)")
_CODE_PATH = re.compile(r"`((?:bot|cogs|docs|benchmarks|requirements)/[\w./]*\w)/?`")
_MOST_WORDS_IN_README = 1200


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def rows_of(page: str) -> list[list[str]]:
    """The rows of all tables whose first cell is code, a list of cells each."""
    rows = re.findall(r"^\| (`.*) \|$", text_of(page), re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows]


# --- What the pages name


def test_tests_are_named() -> None:
    assert NAMED


def test_every_test_that_the_documentation_names_is_there() -> None:
    def is_there(file: str, name: str) -> bool:
        path = ROOT / file
        return path.exists() and bool(re.search(rf"^(?:async )?def {name or 'test_'}", path.read_text("utf-8"), re.M))

    assert [named for named in NAMED if not is_there(*named)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_heading_that_a_page_links_to_is_there(page: Path) -> None:
    def is_there(file: str, heading: str) -> bool:
        path = page.parent / file if file else page
        return path.exists() and (not heading or heading in headings_of(path))

    assert [link for link in _LINK.findall(page.read_text("utf-8")) if not is_there(*link)] == []


def headings_of(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    named = _CODE_PATH.findall(page.read_text("utf-8"))

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_index_leads_to_every_page() -> None:
    linked = {file for file, _ in _LINK.findall(text_of("docs/README.md"))}

    assert {page.name for page in (ROOT / "docs").glob("*.md")} - linked == {"README.md"}


def test_the_readme_stays_short() -> None:
    assert len(text_of("README.md").split()) < _MOST_WORDS_IN_README


# --- Settings and rules


def test_the_settings_are_documented_with_their_defaults() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows_of("docs/configuration.md")}

    assert documented == {name.upper(): default_of(field) for name, field in Settings.model_fields.items()}


def test_the_page_says_which_settings_are_secrets_and_may_come_from_a_file() -> None:
    documented = {row[0].strip("`") for row in rows_of("docs/configuration.md") if row[2].endswith(" A secret")}

    secrets = {name.upper() for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    assert documented == secrets


def default_of(field: FieldInfo) -> str:
    """The default as people write it."""
    if field.is_required():
        return "required"
    match field.default:
        case SecretStr() as secret:
            return f"`{secret.get_secret_value()}`" if secret.get_secret_value() else "none"
        case "" | None:
            return "none"
        case timedelta() as length:
            return f"`{length.total_seconds():.0f}s`"
        case Enum() as choice:
            return f"`{choice.value}`"
    return f"`{field.default}`"


def test_the_rules_are_documented_with_their_defaults_and_limits() -> None:
    documented = {row[0].strip("`"): (row[2], row[3]) for row in rows_of("docs/alerts.md")}

    assert documented == {
        rule.name: (value_text(rule.type, rule.value(Rules())), range_text(rule.type)) for rule in RULES.values()
    }
