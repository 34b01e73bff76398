"""The CI workflows: pinned actions with minimal permissions."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_and_may_only_read(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    used = re.findall(r"^ *(?:- )?uses: (.+)$", text, re.MULTILINE)

    assert used
    assert [action for action in used if not _PINNED.fullmatch(action)] == []
    assert re.findall(r"^ *permissions:((?:\n +.+)+)", text, re.MULTILINE) == ["\n  contents: read"]
    assert text.count("persist-credentials: false") == sum("actions/checkout@" in action for action in used)


def test_each_command_of_a_workflow_is_a_target_of_make() -> None:
    targets = set(re.findall(r"^([a-z%-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    run = {name for path in WORKFLOWS for name in re.findall(r"\bmake ([a-z-]+)", path.read_text("utf-8"))}

    assert {re.sub("^libraries-.*", "libraries-%", name) for name in run} <= targets


def test_each_check_is_run_by_the_workflow_and_by_the_script() -> None:
    [checks] = re.findall(r"^check: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    for name in checks.split():
        assert f"run: make {name}\n" in (ROOT / ".github" / "workflows" / "checks.yml").read_text("utf-8")
        assert re.search(rf"^for check in .*\b{name}\b", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
