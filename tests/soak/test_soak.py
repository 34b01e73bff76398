"""Everything fails at random, and in the end every alert was posted once.

A short soak for every change. `make soak` makes it a long one, by these variables:
FASTWATCH_SOAK_FAULTS, FASTWATCH_SOAK_KILLS, FASTWATCH_SOAK_LASTING (how many at least, the last one of each kind of
fault that lasts), FASTWATCH_SOAK_SEED.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.end_to_end.forks import ForkServer
from tests.soak.findings import findings
from tests.soak.run import Plan, open_soak

pytestmark = pytest.mark.slow

PLAN = Plan(
    seed=int(os.environ.get("FASTWATCH_SOAK_SEED", "1")),
    faults=int(os.environ.get("FASTWATCH_SOAK_FAULTS", "40")),
    kills=int(os.environ.get("FASTWATCH_SOAK_KILLS", "4")),
    lasting=int(os.environ.get("FASTWATCH_SOAK_LASTING", "1")),
)


@pytest.mark.smoke
async def test_everything_is_posted_once_after_a_few_faults_and_a_kill(
    fork_server: ForkServer, tmp_path: Path, sqlite_url: str
) -> None:
    async with open_soak(Plan(seed=1, faults=5, kills=1, lasting=0), sqlite_url) as soak:
        outcome, _ = await soak.run(fork_server, tmp_path, processes=1)

    assert "\n".join(findings(outcome)) == ""


@pytest.mark.parametrize(("database", "processes"), [("sqlite", 1), ("postgres", 2)])
async def test_everything_is_posted_once_whatever_breaks(
    database: str, processes: int, fork_server: ForkServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(f"{database}_url"))
    async with open_soak(PLAN, url) as soak:
        outcome, figures = await soak.run(fork_server, tmp_path, processes)

    sys.stdout.write("".join(f"| {name} | {figure} |\n" for name, figure in {database: "", **figures}.items()))
    assert "\n".join(findings(outcome)) == ""
