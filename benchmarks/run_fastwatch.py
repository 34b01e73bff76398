"""Run Fastwatch against the Discord stand-in without its cooldowns: `python -m benchmarks.run_fastwatch API GATEWAY`.

The benchmark needs hundreds of traces a minute, which the cooldowns refuse.
"""

import runpy
import sys

from bot.app.cooldowns import Cooldowns
from tests.standins.run_against import point_at


class NoCooldowns(Cooldowns):
    """Cooldowns without limits; counting still happens, so that it is measured too."""

    def __init__(self) -> None:
        super().__init__(member=(10**9, 60.0), server=(10**9, 60.0), everyone=(10**9, 60.0))


if __name__ == "__main__":
    point_at(sys.argv[1], sys.argv[2])
    sys.modules["bot.app.cooldowns"].Cooldowns = NoCooldowns  # type: ignore[attr-defined]
    sys.argv = ["bot", "run"]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
