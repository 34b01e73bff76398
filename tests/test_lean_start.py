"""A start loads only what it needs: the rest costs memory for as long as the bot runs, and time before it answers."""

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
# For metrics that are asked for, upgrades of the database, PostgreSQL, charts, error reports, sessions and the demo.
_NOT_NEEDED = (
    *("aiohttp.web", "bot.queries.metrics"),
    *("alembic", "bot.maintenance"),
    *("asyncpg", "sqlalchemy.dialects.postgresql"),
    *("matplotlib", "numpy", "PIL", "bot.charts.drawing"),
    "sentry_sdk",
    "sqlalchemy.orm",
    *("bot.demo", "simcord"),
)
_IMPORT_ALL = """
import importlib, sys
import bot.start
from bot.app.client import COGS
from bot.storage.database import engine_for
for name in COGS:
    importlib.import_module(name)
engine_for("sqlite://")
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


@pytest.mark.slow
def test_a_start_on_sqlite_does_not_load_what_it_does_not_need() -> None:
    command = [sys.executable, "-c", _IMPORT_ALL, *_NOT_NEEDED]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - this interpreter

    assert done.stdout.split() == []
