"""Polls the account's credits and expiry once an hour, in the background: the rounds do not depend on it."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock, Pause
from bot.concurrency.graceful import shield_until_done
from bot.domain.account import AccountQuota
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import ImagineProError, InvalidResponse
from bot.imaginepro.responses import AccountPayload
from bot.storage.accounts import get_quota, save_quota
from bot.storage.database import Database, DatabaseUnavailable

log = structlog.get_logger(__name__)

_INTERVAL = timedelta(hours=1)
_MAX_CREDITS = 10**12  # a larger number is implausible, and may have thousands of digits


class AccountPoller:
    """Fetches the quota of one account about once an hour, and stores it."""

    def __init__(self, account_id: int, imaginepro: ImaginePro, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._imaginepro = imaginepro
        self._database = database
        self._clock = clock
        self._pause = Pause(clock)
        self._is_refused = False
        self._is_wanted = False

    def poll_soon(self) -> None:
        """Fetch the quota again with the next poll, because a change of it has to be confirmed."""
        self._is_wanted = True
        self._pause.end()

    @property
    def is_due(self) -> bool:
        """Whether a poll would look whether the quota is to be fetched."""
        return not self._pause.seconds_left

    async def poll(self) -> None:
        """Fetch the quota, unless this process or another has done so within the hour and it is not wanted sooner.

        Raises nothing.
        """
        if not self.is_due:
            return
        self._pause.extend(_INTERVAL.total_seconds())
        now = self._clock.now()
        try:
            async with self._database.reading() as connection:
                stored = await get_quota(connection, self._account_id)
            if stored is not None and not self._is_wanted and _is_recent(stored.asked_at, now):
                self._pause.end()
                self._pause.extend((stored.asked_at + _INTERVAL - now).total_seconds())
                return
            self._is_wanted = False
            await self._fetch(now)
        except ImagineProError as error:
            if not self._is_refused:
                log.info("The account's credits could not be fetched.", error=f"{type(error).__name__}: {error}")
            self._is_refused = True
        except DatabaseUnavailable:
            # Its outage is logged elsewhere. Retried with the next round.
            self._pause.end()
        except Exception:
            # The rounds must survive any error.
            log.exception("The account's credits could not be updated. Retrying in an hour.")

    async def _fetch(self, now: datetime) -> None:
        quota = parse_quota(await self._imaginepro.account(), now)
        # It must not replace what is stored.
        if quota == AccountQuota(now, quota.plan):
            raise InvalidResponse("neither the credits nor the end of the plan can be read")
        if self._is_refused:
            log.info("The account's credits can be fetched again.")
        self._is_refused = False
        await shield_until_done(self._save(quota))

    async def _save(self, quota: AccountQuota) -> None:
        async with self._database.transaction(durable=False) as connection:
            await save_quota(connection, self._account_id, quota)


def _is_recent(asked_at: datetime, now: datetime) -> bool:
    # The clock may be set back: a time in the future is not recent.
    return timedelta() <= now - asked_at < _INTERVAL


def parse_quota(payload: AccountPayload, now: datetime) -> AccountQuota:
    """Return the quota in a response, without implausible numbers."""
    quota = AccountQuota(now, payload.type, expires_at=payload.expires_at)
    return replace(
        quota,
        credits=_plausible(payload.credits),
        credits_quota=_plausible(payload.credits_quota),
        credits_extra=_plausible(payload.credits_extra),
    )


def _plausible(number: int | None) -> int | None:
    return number if number is not None and abs(number) <= _MAX_CREDITS else None
