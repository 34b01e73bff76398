"""One version, wherever it stands, and nothing that would be built into a package."""

import re
import tomllib
from pathlib import Path

from bot import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_project_has_the_version_of_the_code() -> None:
    assert PROJECT["project"]["version"] == __version__


def test_the_changelog_describes_this_version() -> None:
    released = re.findall(r"^## (\d\S*) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert released[0] == __version__


def test_the_steps_to_install_name_this_version() -> None:
    page = (ROOT / "docs" / "install.md").read_text("utf-8")

    assert set(re.findall(r"fastwatch:(\d+\.\d+\.\d+)", page)) == {__version__}


def test_an_image_that_is_built_without_make_has_the_version_in_its_label() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")

    assert re.findall(r"^ARG VERSION=(.*)$", dockerfile, re.MULTILINE) == [__version__]


def test_no_package_is_built_that_would_take_the_names_of_its_modules() -> None:
    assert "build-system" not in PROJECT
    assert PROJECT["tool"]["uv"]["package"] is False
    assert PROJECT["project"]["classifiers"] == ["Private :: Do Not Upload"]
