"""What the import contracts of `pyproject.toml` catch. `make imports` checks the tree itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.api import read_configuration

ROOT = Path(__file__).parent.parent
CONFIGURATION = str(ROOT / "pyproject.toml")


def test_every_package_is_checked() -> None:
    checked = set(read_configuration(CONFIGURATION)["session_options"]["root_packages"])

    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "docs"} == checked


def unseen(tree: Path) -> set[str]:
    """The modules in folders without an `__init__.py`: they can be imported, but import-linter does not see them."""
    files = [path.relative_to(tree) for package in ("bot", "cogs") for path in (tree / package).rglob("*.py")]
    return {str(file) for file in files if not all((tree / one / "__init__.py").exists() for one in file.parents[:-1])}


def test_import_linter_sees_every_module() -> None:
    assert unseen(ROOT) == set()


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


def test_a_module_in_a_folder_that_is_no_package_is_detected(copy: Path) -> None:
    for folder in ("strays", "storage/strays"):
        (copy / "bot" / folder).mkdir()
        (copy / "bot" / folder / "stray.py").write_text("")

    assert unseen(copy) == {"bot/strays/stray.py", "bot/storage/strays/stray.py"}


def test_httpx_and_the_demo_have_one_importer_each(copy: Path) -> None:
    """Every module imports both."""
    modules = set()
    for path in (*copy.glob("bot/**/*.py"), *copy.glob("cogs/**/*.py")):
        path.write_text(path.read_text() + "\nimport httpx\n\nimport bot.demo.clock\n")
        modules.add(".".join(path.relative_to(copy).with_suffix("").parts).removesuffix(".__init__"))

    said = complaints(copy)

    def importers(imported: str) -> set[str]:
        return {name for name in modules if f"- {name} -> {imported} " in said}

    assert {name for name in modules if name.startswith("bot.imaginepro")} == modules - importers("httpx")
    assert {name for name in modules if name.startswith(("bot.demo", "bot.__main__"))} == (
        modules - importers("bot.demo.clock")
    )
