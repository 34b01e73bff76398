"""What the bot remembers from before a simulation: without a week of history there is no forecast."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from bot.domain.modes import Mode
from tests.simulation.loop import true_time

_DAYS = 8
"""One more than a forecast needs, so that hours of failures cost none."""
_FULL = timedelta(hours=15)


def add_past(file: Path) -> None:
    """Add samples of each token for the days before the simulation, in which it used nothing."""
    left = _FULL // timedelta(milliseconds=1)
    hours = [true_time(-3600 * hour).timestamp() for hour in range(1, _DAYS * 24)]
    with closing(sqlite3.connect(file)) as connection, connection:
        tokens = connection.execute("SELECT account_id, token_id FROM tokens").fetchall()
        rows = [(*token, round(at * 1000), Mode.FAST.value, left, left) for token in tokens for at in hours]
        columns = "account_id, token_id, read_at, mode, fast_left, fast_total"
        connection.executemany(f"INSERT INTO samples ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608
