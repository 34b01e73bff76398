"""What the application is handed: opened before the bot starts, closed after it."""

from dataclasses import dataclass
from datetime import timedelta

from bot.charts.service import Charts
from bot.clock import Clock
from bot.imaginepro.client import ImaginePro
from bot.storage.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The open services of one account, and the settings that commands need."""

    account_id: int
    home_servers: frozenset[int]
    poll_interval: timedelta
    imaginepro: ImaginePro
    database: Database
    clock: Clock
    charts: Charts
    dashboard_url: str
    """ImaginePro's dashboard, linked where a person must act."""
