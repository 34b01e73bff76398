"""Run Fastwatch against the Discord stand-in without its cool-downs: `python -m benchmarks.run_fastwatch API GATEWAY`.

Hundreds of traces in a minute are what the cool-downs refuse, and what the benchmark needs.
"""

import runpy
import sys

from bot.app.cooldowns import Cooldowns
from tests.standins.run_against import point_at


class NoCooldowns(Cooldowns):
    """Patience that does not end; counting goes on, so that it is measured as well."""

    def __init__(self) -> None:
        super().__init__(member=(10**9, 60.0), server=(10**9, 60.0), everyone=(10**9, 60.0))


if __name__ == "__main__":
    point_at(sys.argv[1], sys.argv[2])
    sys.modules["bot.app.cooldowns"].Patience = NoCooldowns  # type: ignore[attr-defined]
    sys.argv = ["bot", "run"]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
