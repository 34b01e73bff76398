"""Forecasts from the stored samples of the last week and the latest reading."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cachetools import TTLCache
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.forecast import Forecast, Sample, forecast
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.refills import next_refill, refills_between
from bot.domain.run_out import needs_forecast, run_out_of
from bot.storage.database import Database
from bot.storage.history import StoredSample, samples_of

# The longer window of the forecast. `samples_of` adds the sample before it, which has what was left at its start.
_WINDOW = timedelta(days=7)
_SAMPLE_INTERVAL = timedelta(hours=1)
# A token in these modes gets no requests, so its past says nothing about its future.
_WITHOUT_REQUESTS = frozenset({Mode.VERIFYING, Mode.BANNED, Mode.OFF, Mode.GONE})
# A forecast reads about 200 rows. The limit keeps a list quick when a whole fleet runs low.
_MOST_RUN_OUTS = 20
_CACHED_TOKENS = 64
# Samples are an hour apart, so five minutes more or less do not matter.
_CACHE_SECONDS = 300.0


class ForecastCache:
    """Forecasts for replies that must be quick: the samples of a token are cached for five minutes."""

    def __init__(self, account_id: int, database: Database) -> None:
        self._account_id = account_id
        self._database = database
        self._weeks: TTLCache[int, list[StoredSample]] = TTLCache(_CACHED_TOKENS, ttl=_CACHE_SECONDS)

    async def get(self, reading: Reading, now: datetime) -> Forecast | None:
        """Return the forecast, like `forecast_of`."""
        if self.needs_database(reading):
            async with self._database.reading() as connection:
                week = await last_week_of(connection, self._account_id, reading.token_id, now)
            self._weeks[reading.token_id] = week
        return self.cached(reading, now)

    def needs_database(self, reading: Reading) -> bool:
        """Whether the forecast needs samples that are not in memory."""
        return _can_be_forecast(reading) and reading.token_id not in self._weeks

    def cached(self, reading: Reading, now: datetime) -> Forecast | None:
        """Return the forecast from the samples in memory; None also if they are not there."""
        week = self._weeks.get(reading.token_id)
        return forecast_from(week, reading, now) if week is not None else None


async def forecast_of(connection: AsyncConnection, account_id: int, reading: Reading, now: datetime) -> Forecast | None:
    """Return the forecast for a token with this reading at `now`.

    None if too little is known, if nothing is left, or if the token gets no requests in its present mode.
    """
    if not _can_be_forecast(reading):
        return None
    return forecast_from(await last_week_of(connection, account_id, reading.token_id, now), reading, now)


async def last_week_of(
    connection: AsyncConnection, account_id: int, token_id: int, now: datetime
) -> list[StoredSample]:
    """Return the samples for a forecast: about one an hour for a week."""
    return await samples_of(connection, account_id, token_id, now - _WINDOW, now, every=_SAMPLE_INTERVAL)


async def run_outs_of(
    connection: AsyncConnection, account_id: int, readings: Iterable[Reading], now: datetime
) -> dict[int, datetime]:
    """Return when tokens will run out, by token id, for those that will before their hours return.

    Of many tokens that need a forecast, only those with the smallest share left have one.
    """
    run_outs = {}
    for reading in sorted(filter(needs_forecast, readings), key=_share)[:_MOST_RUN_OUTS]:
        forecast = await forecast_of(connection, account_id, reading, now)
        run_out = run_out_of(forecast) if forecast is not None else None
        if run_out is not None and run_out.gone_at is not None:
            run_outs[reading.token_id] = run_out.gone_at
    return run_outs


def _share(reading: Reading) -> float:
    fast_time = reading.fast_time
    return fast_time.share if fast_time is not None and fast_time.share is not None else 1.0


def forecast_from(samples: Iterable[StoredSample], reading: Reading, now: datetime) -> Forecast | None:
    """Return the forecast from the samples of the last week, like `forecast_of`."""
    fast_time = reading.fast_time
    if fast_time is None or not _can_be_forecast(reading):
        return None
    return forecast(
        known_samples(samples),
        left=fast_time.left,
        total=fast_time.total,
        refill_at=next_refill(reading.plan, now),
        refills=refills_between(reading.plan, now - _WINDOW, now),
        now=now,
    )


def known_samples(samples: Iterable[StoredSample]) -> list[Sample]:
    """Return the samples with known fast time."""
    return [Sample(sample.at, sample.left, sample.total) for sample in samples if sample.left is not None]


def _can_be_forecast(reading: Reading) -> bool:
    return reading.fast_time is not None and reading.mode not in _WITHOUT_REQUESTS
