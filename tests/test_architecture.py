"""Who may import whom: the contracts of `pyproject.toml`, kept by `make test` as well."""

from pathlib import Path

from importlinter.api import read_configuration
from importlinter.application import use_cases

ROOT = Path(__file__).parent.parent
CONFIGURATION = str(ROOT / "pyproject.toml")


def test_nobody_imports_whom_they_may_not() -> None:
    """What import-linter prints says which import breaks which contract."""
    assert use_cases.lint_imports(CONFIGURATION, cache_dir=None)


def test_every_package_of_the_house_is_checked() -> None:
    checked = set(read_configuration(CONFIGURATION)["session_options"]["root_packages"])

    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "docs"} == checked
