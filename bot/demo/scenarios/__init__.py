"""The scenarios of the demo, by the name for `--scenario`."""

from collections.abc import Mapping
from typing import Final

from bot.demo.scenario import Scenario
from bot.demo.scenarios.alerts import ALERTS
from bot.demo.scenarios.day import DAY
from bot.demo.scenarios.fleet import FLEET
from bot.demo.scenarios.team import TEAM

SCENARIOS: Final[Mapping[str, Scenario]] = {"day": DAY, "alerts": ALERTS, "fleet": FLEET, "team": TEAM}
