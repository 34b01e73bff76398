"""The documentation: every test that it names is there."""

import re
from pathlib import Path

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
