"""docs/troubleshooting.md has every warning and error of the log, and every line of `/status`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ui import texts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
_LOG = PAGE.partition("\n## The log\n")[2]
_SILENT = ("debug", "info")
_STATUS_LINES = [
    texts.status.HEALTHY,
    texts.status.NO_CHECK_YET,
    texts.status.NOTHING_WATCHED,
    texts.status.NO_TOKENS,
    texts.status.NO_CHECKS,
    texts.status.CANNOT_POST,
    texts.status.NOT_ACCEPTED,
    texts.status.OUT_OF_DATE,
    texts.status.NEW_DATABASE,
    texts.database.STATUS,
    *texts.database.CAUSES.values(),
    *texts.outages.HEADLINES.values(),
    *texts.alert_setup.PING_PROBLEMS.values(),
    texts.fleet.NEVER_READ.partition(":")[0].removeprefix("❔ "),
    *(text for name, text in vars(texts.status).items() if name.startswith("FIELD_")),
]


def logged(tree: ast.Module) -> Iterator[str]:
    """The texts of the warnings and errors of a module."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in calls_of("log", function):
                if not isinstance(call.func, ast.Attribute) or call.func.attr in _SILENT:
                    continue
                text = call.args[1] if call.func.attr == "log" else call.args[0]
                yield from constants(tree, function, text)


def calls_of(name: str, tree: ast.AST) -> Iterator[ast.Call]:
    """The calls of a function, or of the methods of an object, by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            if isinstance(called, ast.Name) and called.id == name:
                yield node


def constants(tree: ast.Module, function: ast.FunctionDef | ast.AsyncFunctionDef, text: ast.expr) -> list[str]:
    """The strings that an argument can be: itself, what its name is assigned, or what the function is called with."""
    values = [text]
    if isinstance(text, ast.Name):
        values += [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [text.id]
        ]
        names = [argument.arg for argument in function.args.args]
        if text.id in names:
            values += [call.args[names.index(text.id)] for call in calls_of(function.name, tree)]
    found = [one.value for value in values for one in ast.walk(value) if isinstance(one, ast.Constant)]
    assert found, f"{function.name}: {ast.unparse(text)}"
    return [text for text in found if isinstance(text, str)]


LOGGED = sorted(
    {
        text
        for package in ("bot", "cogs")
        for file in (ROOT / package).rglob("*.py")
        for text in logged(ast.parse(file.read_text("utf-8")))
    }
)


def test_warnings_are_found_however_they_are_written() -> None:
    assert {
        "The round failed. Token states stay as they were.",
        "Discord refuses an alert channel. Its deliveries wait.",  # log.log
        "A board could not be updated.",  # one of two
        "Login to Discord failed. Retrying.",  # an argument
    } <= set(LOGGED)


@pytest.mark.parametrize("text", LOGGED)
def test_every_warning_and_error_of_the_log_is_explained(text: str) -> None:
    assert f'"{text}"' in _LOG


def test_the_page_explains_no_line_that_is_not_logged() -> None:
    lines = re.findall(r"^\| (\".*?) \|", _LOG, re.MULTILINE)

    assert sorted(text for line in lines for text in re.findall(r'"(.*?)"', line)) == LOGGED


@pytest.mark.parametrize("text", _STATUS_LINES)
def test_every_line_of_status_is_explained(text: str) -> None:
    """A headline is what is in bold; a name or a number may stand for what is filled in."""
    bold = re.search(r"\*\*(.*?)\*\*", text)
    headline = (bold[1] if bold else text).rstrip(".")
    pattern = "[^|]+".join(re.escape(part) for part in re.split(r"\{\w+\}", headline))

    assert re.search(pattern, PAGE, re.IGNORECASE)


@pytest.mark.parametrize("reason", texts.discord_errors.DISABLED_REASONS.values())
def test_every_reason_why_a_channel_is_refused_is_explained(reason: str) -> None:
    words, _, code = reason.partition(": code ")

    assert f'"{words}"' in PAGE or f'"{reason}"' in PAGE
    assert code in PAGE
