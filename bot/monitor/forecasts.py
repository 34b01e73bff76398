"""Looking ahead: how long fast time lasts, told from history for the few tokens of which that is worth knowing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.readings import Reading
from bot.domain.run_out import Outlook, Prospect, has_plenty, needs_forecast, outlook_of
from bot.queries.forecasts import forecast_of
from bot.storage.alert_routes import routes_of
from bot.storage.database import Database

log = structlog.get_logger(__name__)

# So long it is taken to be as it was. What is told of it must hold for 15 minutes at least, and so in several looks.
_LOOKED_EVERY = timedelta(minutes=5)
# A forecast takes a query of some 200 rows, and no round shall be long because a whole fleet runs low.
_MOST_A_ROUND = 20


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a token, and when; None where too little is known."""

    at: datetime
    outlook: Outlook | None

    def holds(self, now: datetime) -> bool:
        """Tell whether it is recent enough. A clock may be set back: what was seen later than now is not."""
        return self.at <= now < self.at + _LOOKED_EVERY


class LookingAhead:
    """Looks ahead for one account. What it saw is forgotten with the process, and then looked at anew."""

    def __init__(self, account_id: int, database: Database) -> None:
        self._account_id = account_id
        self._database = database
        self._looks: dict[int, Look] = {}

    async def look(self, readings: Iterable[Reading], now: datetime) -> dict[int, Outlook]:
        """Tell how long fast time lasts, of those tokens of a round of which that is known.

        Raises nothing: whatever is wrong with a forecast, a token that leaves FAST is to be told.
        """
        outlooks: dict[int, Outlook] = {}
        worth_it = []
        for reading in readings:
            if has_plenty(reading):
                outlooks[reading.token_id] = Outlook(Prospect.PLENTY)
            elif needs_forecast(reading):
                worth_it.append(reading)
        self._looks = {one.token_id: self._looks[one.token_id] for one in worth_it if one.token_id in self._looks}
        if due := self._due(worth_it, now):
            try:
                await self._forecast(due, now)
            except Exception:
                log.exception("A forecast could not be made; what the tokens are in is told all the same.")
        seen = {id_: look.outlook for id_, look in self._looks.items() if look.holds(now)}
        return outlooks | {id_: outlook for id_, outlook in seen.items() if outlook is not None}

    def _due(self, readings: Iterable[Reading], now: datetime) -> list[Reading]:
        """Choose those that were not looked at lately: first those never looked at, then those longest ago."""
        never = Look(datetime.min.replace(tzinfo=now.tzinfo), None)
        looks = [(self._looks.get(reading.token_id, never), reading) for reading in readings]
        due = [(look.at, reading.token_id, reading) for look, reading in looks if not look.holds(now)]
        return [reading for _, _, reading in sorted(due, key=lambda one: one[:2])[:_MOST_A_ROUND]]

    async def _forecast(self, due: Iterable[Reading], now: datetime) -> None:
        async with self._database.reading() as connection:
            if not await routes_of(connection, self._account_id):
                return
            for reading in due:
                # Noted first, so that one that fails does not keep the others from their turn.
                self._looks[reading.token_id] = Look(now, None)
                forecast = await forecast_of(connection, self._account_id, reading, now)
                outlook = outlook_of(forecast) if forecast is not None else None
                self._looks[reading.token_id] = Look(now, outlook)
