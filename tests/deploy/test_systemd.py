"""The units of systemd, verified by systemd itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.exit_status import Exit
from tests.deploy.settings_named import setting_of

FOLDER = Path(__file__).parents[2] / "deploy" / "systemd"
UNIT = (FOLDER / "fastwatch.service").read_text("utf-8")
DROP_IN = (FOLDER / "postgresql.conf").read_text("utf-8")
_MOST_EXPOSED = 20
"""In tenths, as `--threshold` takes it. The worst is 100."""


def values(key: str, text: str = UNIT) -> list[str]:
    """The values of a key, in their order."""
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


@pytest.fixture
def analyze() -> str:
    """The path of systemd-analyze."""
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("FASTWATCH_SYSTEMD_TEST") == "required":
            pytest.fail("install systemd: apt-get install systemd")
        pytest.skip("systemd-analyze is not installed")
    return program


@pytest.fixture(params=[[], ["postgresql.conf"]], ids=["SQLite", "PostgreSQL"])
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The unit with its drop-ins, with a program that exists here."""
    path = tmp_path / "fastwatch.service"
    path.write_text(UNIT.replace("/opt/fastwatch/.venv/bin/python", sys.executable), "utf-8")
    (tmp_path / "fastwatch.service.d").mkdir()
    for name in request.param:
        shutil.copy(FOLDER / name, tmp_path / "fastwatch.service.d")
    return path


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - systemd's own program


def test_systemd_knows_every_line(analyze: str, unit: Path) -> None:
    # Units of this machine that it depends on, such as network-online.target, may have problems of their own.
    done = run(analyze, "verify", "--man=no", "--recursive-errors=no", str(unit))

    # Without the option, the status is 0 for unknown keys, too.
    assert ([line for line in done.stderr.splitlines() if unit.name in line], done.returncode) == ([], 0)


def test_systemd_finds_an_unknown_key(analyze: str, unit: Path) -> None:
    unit.write_text(f"{unit.read_text('utf-8')}\n[Service]\nNonsense=yes\n", "utf-8")
    done = run(analyze, "verify", "--man=no", "--recursive-errors=no", str(unit))

    assert unit.name in done.stderr
    assert done.returncode != 0


def test_the_service_is_hardened(analyze: str, unit: Path) -> None:
    done = run(analyze, "security", "--offline=yes", f"--threshold={_MOST_EXPOSED}", "--no-pager", str(unit))

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", [UNIT, DROP_IN], ids=["SQLite", "PostgreSQL"])
def test_secrets_are_credentials_and_each_variable_is_a_setting(text: str) -> None:
    variables = dict(pair.partition("=")[::2] for pair in values("Environment", text))
    code = variables.pop("PYTHONPATH", None)
    credentials = [credential.partition(":")[0] for credential in values("LoadCredential", text)]

    assert code in {None, "/opt/fastwatch"}
    assert [name for name in variables if setting_of(name) is None] == []
    assert list(variables.values()) == [f"%d/{name}" for name in credentials]


def test_what_a_person_must_fix_is_not_restarted() -> None:
    assert values("RestartPreventExitStatus") == [f"{Exit.WRONG_SETTINGS} {Exit.DATABASE_UNUSABLE}"]
    # A server comes back by itself.
    assert values("RestartPreventExitStatus", DROP_IN) == ["", f"{Exit.WRONG_SETTINGS}"]
