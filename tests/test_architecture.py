"""Who may import whom: the contracts of `pyproject.toml`, kept by `make test` as well, and what they catch."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.api import read_configuration
from importlinter.application import use_cases

ROOT = Path(__file__).parent.parent
CONFIGURATION = str(ROOT / "pyproject.toml")
PARTS = sorted(path.parent.name for path in (ROOT / "bot").glob("*/__init__.py"))


def test_the_layers_hold() -> None:
    """import-linter prints which import breaks which contract."""
    assert use_cases.lint_imports(CONFIGURATION, cache_dir=None)


def test_every_package_is_checked() -> None:
    checked = set(read_configuration(CONFIGURATION)["session_options"]["root_packages"])

    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "docs"} == checked


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the tree, to break."""
    for package in ("bot", "cogs"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CONFIGURATION, tmp_path)
    return tmp_path


def complaints(tree: Path) -> str:
    """Run import-linter in a process of its own, since this one has loaded the real packages. Return its output."""
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(cache_dir=None, no_cache=True))"
    ran = subprocess.run(  # noqa: S603 - this interpreter, on a copy of our own files
        [sys.executable, "-c", program],
        cwd=tree,
        env={**os.environ, "COLUMNS": "500", "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stdout


def test_a_module_outside_the_layers_is_detected(copy: Path) -> None:
    (copy / "bot" / "stray.py").write_text("")
    (copy / "bot" / "strays").mkdir()
    (copy / "bot" / "strays" / "__init__.py").write_text("")

    said = complaints(copy)

    assert "bot.stray\n" in said.replace("- ", "")
    assert "bot.strays\n" in said.replace("- ", "")


def test_httpx_and_the_demo_have_one_importer_each(copy: Path) -> None:
    """A module that imports both, in each part of the project."""
    for part in PARTS:
        (copy / "bot" / part / "stray.py").write_text("import httpx\n\nimport bot.demo.clock\n")
    (copy / "cogs" / "stray.py").write_text("import httpx\n\nimport bot.demo.clock\n")
    for module in ("run", "settings", "clock", "logging_setup"):
        path = copy / "bot" / f"{module}.py"
        path.write_text(path.read_text() + "\nimport httpx\n\nimport bot.demo.clock\n")

    said = complaints(copy)

    strays = {*(f"bot.{part}.stray" for part in PARTS), "cogs.stray", "bot.run", "bot.settings", "bot.clock"}
    assert {name for name in strays if f"{name} -> httpx " not in said} == {"bot.imaginepro.stray"}
    assert {name for name in strays if f"{name} -> bot.demo.clock " not in said} == {"bot.demo.stray"}
