"""The documentation: every test that it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_NAMED = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
NAMED = sorted({found for page in (ROOT / "docs").glob("*.md") for found in _NAMED.findall(page.read_text("utf-8"))})


def test_tests_are_named() -> None:
    assert NAMED


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_the_documentation_names_is_there(file: str, name: str) -> None:
    assert re.search(rf"^(?:async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
