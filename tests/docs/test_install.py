"""The commands on the pages for those who run the bot: as it takes them, and good for more than the first time."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from bot.__main__ import _parser

ROOT = Path(__file__).parents[2]
INSTALL = (ROOT / "docs" / "install.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_COMMAND = re.compile(r"(?:-m bot|run --rm [^`\n]*?\bfastwatch) ([a-z]+(?: [^`\n|'#]*)?)")
COMMANDS = sorted({match.strip() for page in PAGES for match in _COMMAND.findall(page.read_text("utf-8"))})


@pytest.mark.parametrize("command", COMMANDS)
def test_the_bot_takes_every_command_that_a_page_shows(command: str) -> None:
    _parser().parse_args(shlex.split(command))


def test_a_backup_that_is_made_before_each_update_replaces_the_former_one() -> None:
    backups = [command for command in _COMMAND.findall(INSTALL) if command.startswith("backup")]

    assert len(backups) == 2
    assert all("--overwrite" in command for command in backups)


def test_without_compose_each_secret_is_mounted_as_a_file() -> None:
    """The container's user may not open a folder of mode 700, not even to reach a file that everybody may read."""
    [run] = re.findall(r"^docker run .*?^```", INSTALL, re.MULTILINE | re.DOTALL)
    named = re.findall(r"_FILE=(/run/secrets/\w+)", run)

    assert "mkdir -m 700 secrets" in INSTALL
    assert named
    assert re.findall(r'"\$PWD/secrets([^:]*):([^:]*):ro"', run) == [
        (path.removeprefix("/run/secrets"), path) for path in named
    ]


def test_git_ignores_what_holds_data_of_the_bot() -> None:
    held = [f"fastwatch.db{end}" for end in ("", "-wal", "-shm", ".lock", ".before-restore-20260101T000000Z")]
    held += [".env", "copy.db", "copy.dump", "secrets/discord_token"]

    done = subprocess.run(  # noqa: S603 - git, on fixed names
        ["git", "check-ignore", *held],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines() == held


def test_troubleshooting_lists_its_sections() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")

    assert re.findall(r"^- \[(.*)\]\(#", page, re.MULTILINE) == re.findall(r"^## (.*)$", page, re.MULTILINE)
