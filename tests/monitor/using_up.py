"""Tokens that have used fast time at a steady rate for eight days, with their samples."""

from datetime import timedelta

from bot.domain.fast_time import FastTime, Unit
from bot.domain.readings import Reading
from bot.storage.database import Database
from bot.storage.tokens import add_samples
from tests.clocks import SetClock
from tests.standins.imaginepro_server import ImagineProServer

TOTAL = 15.0
_HOUR = timedelta(hours=1)
_HOURS_KEPT = 8 * 24


def set_hours_left(imaginepro: ImagineProServer, token_id: int, left: float) -> None:
    """Set the hours left at ImaginePro."""
    imaginepro.tokens[token_id].info["fastTimeRemaining"] = f"{left:.2f}/{TOTAL} hours ({left / TOTAL:.2%})"


async def used_up(
    database: Database, account_id: int, clock: SetClock, token_id: int, *, left: float, a_day: float
) -> None:
    """Save hourly samples of the last eight days with this daily usage, ending at the hours left."""
    now = clock.now()
    readings = [
        Reading(
            token_id,
            now - before * _HOUR,
            status="FAST",
            fast_time=FastTime((left + a_day * before / 24) * _HOUR, TOTAL * _HOUR, Unit.HOURS),
        )
        for before in range(_HOURS_KEPT, -1, -1)
    ]
    async with database.transaction() as connection:
        await add_samples(connection, account_id, readings)
