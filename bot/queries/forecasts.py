"""Forecasting from what is kept: a token's samples of the last days, and how it was read last."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cachetools import TTLCache
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.forecast import Forecast, Sample, forecast
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.refills import next_refill, refills_between
from bot.storage.database import Database
from bot.storage.history import StoredSample, samples_of

# The week that is looked at; what was left when it began is known from the sample before.
_LOOKED_BACK = timedelta(days=7)
_EVERY = timedelta(hours=1)
_WITHOUT_REQUESTS = frozenset({Mode.VERIFYING, Mode.BANNED, Mode.OFF, Mode.GONE})
_REMEMBERED = 64
_REMEMBERED_SECONDS = 300.0


class ForecastCache:
    """Forecasts for answers that must not wait: of a token asked for a moment ago, its last week is not read again."""

    def __init__(self, account_id: int, database: Database) -> None:
        self._account_id = account_id
        self._database = database
        self._weeks: TTLCache[int, list[StoredSample]] = TTLCache(_REMEMBERED, ttl=_REMEMBERED_SECONDS)

    async def get(self, reading: Reading, now: datetime) -> Forecast | None:
        """Forecast as `forecast_of` does."""
        if not _may_be_used(reading):
            return None
        week = self._weeks.get(reading.token_id)
        if week is None:
            async with self._database.reading() as connection:
                week = await last_week_of(connection, self._account_id, reading.token_id, now)
            self._weeks[reading.token_id] = week
        return forecast_from(week, reading, now)


async def forecast_of(connection: AsyncConnection, account_id: int, reading: Reading, now: datetime) -> Forecast | None:
    """Forecast how long a token's fast time lasts, which is at `now` as this reading says.

    None where too little is known, where nothing is left, and of a token that gets no requests as it is.
    """
    if not _may_be_used(reading):
        return None
    return forecast_from(await last_week_of(connection, account_id, reading.token_id, now), reading, now)


async def last_week_of(
    connection: AsyncConnection, account_id: int, token_id: int, now: datetime
) -> list[StoredSample]:
    """Read what a forecast rests on: about a sample an hour."""
    return await samples_of(connection, account_id, token_id, now - _LOOKED_BACK, now, every=_EVERY)


def forecast_from(samples: Iterable[StoredSample], reading: Reading, now: datetime) -> Forecast | None:
    """Forecast from the samples of the last week, as `forecast_of` does."""
    fast_time = reading.fast_time
    if fast_time is None or not _may_be_used(reading):
        return None
    return forecast(
        known_samples(samples),
        left=fast_time.left,
        total=fast_time.total,
        refill_at=next_refill(reading.plan, now),
        refills=refills_between(reading.plan, now - _LOOKED_BACK, now),
        now=now,
    )


def known_samples(samples: Iterable[StoredSample]) -> list[Sample]:
    """Take the samples that say what was left."""
    return [Sample(sample.at, sample.left, sample.total) for sample in samples if sample.left is not None]


def _may_be_used(reading: Reading) -> bool:
    return reading.fast_time is not None and reading.mode not in _WITHOUT_REQUESTS
