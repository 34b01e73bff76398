"""Forecasts of when fast time runs out, from the history of the few tokens for which that matters."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.readings import Reading
from bot.domain.run_out import RunOut, RunOutStatus, has_plenty, needs_forecast, run_out_of
from bot.queries.forecasts import forecast_of
from bot.storage.alert_routes import routes_of
from bot.storage.database import Database, DatabaseUnavailable

log = structlog.get_logger(__name__)

# An alert needs a forecast that holds for 15 minutes at least, so it is confirmed by several forecasts.
_FORECAST_SECONDS = 300
# A forecast reads about 200 rows. The limit keeps a round short when a whole fleet runs low.
_MAX_PER_ROUND = 20


@dataclass(frozen=True, slots=True)
class CachedRunOut:
    """A token's forecast, and when it was made by the monotonic clock; `run_out` is None if too little is known."""

    made_at: float
    run_out: RunOut | None

    def is_fresh(self, at: float) -> bool:
        """Whether it is recent enough."""
        return at - self.made_at < _FORECAST_SECONDS


class RunOutForecasts:
    """Makes the forecasts of one account, and caches them in memory."""

    def __init__(self, account_id: int, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._cache: dict[int, CachedRunOut] = {}

    async def forecast(self, readings: Iterable[Reading], now: datetime) -> dict[int, RunOut]:
        """Return when fast time runs out, by token id, for the tokens of a round for which that is known.

        Raises nothing: an error in a forecast must not delay the alert for a token that leaves FAST.
        """
        run_outs: dict[int, RunOut] = {}
        needing_forecast = []
        for reading in readings:
            if has_plenty(reading):
                run_outs[reading.token_id] = RunOut(RunOutStatus.PLENTY)
            elif needs_forecast(reading):
                needing_forecast.append(reading)
        self._cache = {
            one.token_id: self._cache[one.token_id] for one in needing_forecast if one.token_id in self._cache
        }
        if due := self._due(needing_forecast):
            try:
                await self._forecast(due, now)
            except DatabaseUnavailable:
                # The transaction of the round reports it, if it lasts.
                pass
            except Exception:
                log.exception("A forecast failed. Alerts for the tokens' modes are not affected.")
        at = self._clock.monotonic()
        fresh = {id_: cached.run_out for id_, cached in self._cache.items() if cached.is_fresh(at)}
        return run_outs | {id_: run_out for id_, run_out in fresh.items() if run_out is not None}

    def _due(self, readings: Iterable[Reading]) -> list[Reading]:
        """Return the readings without a fresh forecast, oldest forecast first, at most the limit per round."""
        never, at = CachedRunOut(-math.inf, None), self._clock.monotonic()
        cached = [(self._cache.get(reading.token_id, never), reading) for reading in readings]
        due = [(one.made_at, reading.token_id, reading) for one, reading in cached if not one.is_fresh(at)]
        return [reading for _, _, reading in sorted(due, key=lambda one: one[:2])[:_MAX_PER_ROUND]]

    async def _forecast(self, due: Iterable[Reading], now: datetime) -> None:
        made_at = self._clock.monotonic()
        async with self._database.reading() as connection:
            if not await routes_of(connection, self._account_id):
                return
            for reading in due:
                # Cached first, so that a token whose forecast fails does not block the others.
                self._cache[reading.token_id] = CachedRunOut(made_at, None)
                forecast = await forecast_of(connection, self._account_id, reading, now)
                run_out = run_out_of(forecast) if forecast is not None else None
                self._cache[reading.token_id] = CachedRunOut(made_at, run_out)
