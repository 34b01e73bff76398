"""The data of the metrics that are read from the database."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.concurrency.offload import offload
from bot.domain.evaluation import TrackedToken
from bot.domain.fleet import is_long_gone
from bot.domain.modes import Mode
from bot.storage.accounts import get_account
from bot.storage.backlog import Waiting, count_broken_routes, count_waiting
from bot.storage.database import Database
from bot.storage.tokens import known_tokens


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is recorded, for all processes on this database."""

    at: datetime
    last_success_at: datetime | None
    modes: Mapping[Mode, int]
    waiting: Waiting
    broken_routes: int


class Snapshots:
    """Reads snapshots. Of a large fleet, reading all tokens takes long, so they are counted once after each check."""

    def __init__(self, account_id: int, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._counted_at: datetime | None = None
        self._modes: Mapping[Mode, int] = {}

    async def take(self) -> Snapshot:
        """Return what is recorded now. Raises DatabaseUnavailable."""
        now = self._clock.now()
        async with self._database.reading() as connection:
            account = await get_account(connection, self._account_id, now)
            if account.checked_at is None or account.checked_at != self._counted_at:
                known = await known_tokens(connection, self._account_id)
                self._modes = await offload(len(known), _count, known, account.last_success_at or now)
                self._counted_at = account.checked_at
            waiting, broken = await count_waiting(connection, now), await count_broken_routes(connection)
        return Snapshot(now, account.last_success_at, self._modes, waiting, broken)


def _count(known: Mapping[int, TrackedToken], as_of: datetime) -> Counter[Mode]:
    return Counter(token.mode for token in known.values() if not is_long_gone(token, as_of))
