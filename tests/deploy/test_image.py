"""The Dockerfile, as far as it can be read: pinned, without privileges, and without secrets. `make image` builds and
tries it.
"""

import json
import re
import runpy
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

from bot.__main__ import _parser

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"^#.*\n|\\\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE).splitlines()
INSTRUCTIONS = [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in LINES if line)]
LAST_STAGE = INSTRUCTIONS[max(place for place, (name, _) in enumerate(INSTRUCTIONS) if name == "FROM") :]


def those(name: str, instructions: list[tuple[str, str]] = INSTRUCTIONS) -> list[str]:
    return [rest for found, rest in instructions if found == name]


def test_each_stage_begins_with_one_version_of_python_by_tag_and_digest() -> None:
    arguments = dict(rest.partition("=")[::2] for rest in those("ARG"))
    required = SpecifierSet(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"])

    assert {rest.removesuffix(" AS build") for rest in those("FROM")} == {"python:${PYTHON_TAG}${PYTHON_DIGEST}"}
    assert arguments["PYTHON_DIGEST"] == ""
    version, _, variant = arguments["PYTHON_TAG"].partition("-")
    assert version in required
    assert variant == "slim"


def test_libraries_are_the_locked_ones() -> None:
    [install] = [rest for rest in those("RUN") if "install.py" in rest]

    assert not [rest for rest in those("RUN") if "pip" in rest and "uninstall" not in rest]
    assert json.loads(install) == ["python", "requirements/install.py", "run", "--venv", ".venv"]
    assert "run" in runpy.run_path(str(ROOT / "requirements" / "install.py"))["SETS"]


def test_the_image_runs_without_a_shell_and_as_a_numeric_user() -> None:
    [health] = those("HEALTHCHECK", LAST_STAGE)
    commands = [health.partition(" CMD ")[2], *those("ENTRYPOINT", LAST_STAGE), *those("CMD", LAST_STAGE)]

    assert those("RUN", LAST_STAGE) == []
    assert [json.loads(command)[0] for command in commands] == ["python", "python", "run"]
    [user] = those("USER", LAST_STAGE)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert those("STOPSIGNAL", LAST_STAGE) == ["SIGTERM"]


def test_the_image_starts_commands_of_the_bot() -> None:
    [health] = those("HEALTHCHECK", LAST_STAGE)
    [entry], [command] = those("ENTRYPOINT", LAST_STAGE), those("CMD", LAST_STAGE)
    *program, check = json.loads(health.partition(" CMD ")[2])

    assert program == json.loads(entry) == ["python", "-m", "bot"]
    assert _parser().parse_args([check]).command == "health"
    assert _parser().parse_args(json.loads(command)).command == "run"


def test_the_image_sets_only_what_its_health_check_needs() -> None:
    """A variable takes precedence over a file, so one that the image sets would hide the file that a person names."""
    variables = {pair.partition("=")[0] for rest in those("ENV", LAST_STAGE) for pair in rest.split()}

    assert variables == {"PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "METRICS_LISTEN"}


def test_only_code_and_locks_are_copied() -> None:
    copied = {path for rest in those("COPY") if "--from" not in rest for path in rest.split()[:-1]}
    patterns = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]

    assert copied == {
        *("bot", "cogs", "LICENSE"),
        *("requirements/install.py", "requirements/run.txt", "requirements/uv.txt"),
    }
    assert patterns[0] == "*"
    assert {pattern[1:] for pattern in patterns if pattern.startswith("!")} == copied
    # What comes last holds.
    assert patterns[-4:] == ["**/__pycache__", "**/*.pyc", "**/.env", "**/*.db*"]


def test_the_classic_builder_accepts_it() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")

    assert not re.search(r"--mount|--link|--chmod|<<|^# syntax", text, re.MULTILINE)
