"""Looking ahead: how long fast time lasts, told from history for the few tokens of which that is worth knowing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.readings import Reading
from bot.domain.run_out import RunOut, RunOutStatus, has_plenty, needs_forecast, run_out_of
from bot.queries.forecasts import forecast_of
from bot.storage.alert_routes import routes_of
from bot.storage.database import Database

log = structlog.get_logger(__name__)

# So long it is taken to be as it was. What is told of it must hold for 15 minutes at least, and so in several looks.
_FORECAST_INTERVAL = timedelta(minutes=5)
# A forecast takes a query of some 200 rows, and no round shall be long because a whole fleet runs low.
_MAX_PER_ROUND = 20


@dataclass(frozen=True, slots=True)
class CachedRunOut:
    """What was seen of a token, and when; None where too little is known."""

    at: datetime
    run_out: RunOut | None

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it is recent enough. A clock may be set back: what was seen later than now is not."""
        return self.at <= now < self.at + _FORECAST_INTERVAL


class RunOutForecasts:
    """Looks ahead for one account. What it saw is forgotten with the process, and then looked at anew."""

    def __init__(self, account_id: int, database: Database) -> None:
        self._account_id = account_id
        self._database = database
        self._cache: dict[int, CachedRunOut] = {}

    async def forecast(self, readings: Iterable[Reading], now: datetime) -> dict[int, RunOut]:
        """Tell how long fast time lasts, of those tokens of a round of which that is known.

        Raises nothing: whatever is wrong with a forecast, a token that leaves FAST is to be told.
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
        if due := self._due(needing_forecast, now):
            try:
                await self._forecast(due, now)
            except Exception:
                log.exception("A forecast could not be made; what the tokens are in is told all the same.")
        seen = {id_: look.run_out for id_, look in self._cache.items() if look.is_fresh(now)}
        return run_outs | {id_: outlook for id_, outlook in seen.items() if outlook is not None}

    def _due(self, readings: Iterable[Reading], now: datetime) -> list[Reading]:
        """Choose those that were not looked at lately: first those never looked at, then those longest ago."""
        never = CachedRunOut(datetime.min.replace(tzinfo=now.tzinfo), None)
        looks = [(self._cache.get(reading.token_id, never), reading) for reading in readings]
        due = [(look.at, reading.token_id, reading) for look, reading in looks if not look.is_fresh(now)]
        return [reading for _, _, reading in sorted(due, key=lambda one: one[:2])[:_MAX_PER_ROUND]]

    async def _forecast(self, due: Iterable[Reading], now: datetime) -> None:
        async with self._database.reading() as connection:
            if not await routes_of(connection, self._account_id):
                return
            for reading in due:
                # Noted first, so that one that fails does not keep the others from their turn.
                self._cache[reading.token_id] = CachedRunOut(now, None)
                forecast = await forecast_of(connection, self._account_id, reading, now)
                outlook = run_out_of(forecast) if forecast is not None else None
                self._cache[reading.token_id] = CachedRunOut(now, outlook)
