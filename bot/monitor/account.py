"""Keeping the account's credits and expiry: asked for now and then, beside the rounds and with no say in them."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.domain.account import AccountQuota
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import ImagineProError
from bot.imaginepro.responses import AccountPayload
from bot.storage.accounts import get_quota, save_quota
from bot.storage.database import Database

log = structlog.get_logger(__name__)

_EVERY = timedelta(hours=1)
_MAX_CREDITS = 10**12  # what is larger is no number of credits, and may have thousands of digits


class AccountPoller:
    """Asks for the figures of one account about once an hour, and keeps them."""

    def __init__(self, account_id: int, imaginepro: ImaginePro, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._imaginepro = imaginepro
        self._database = database
        self._clock = clock
        self._asked_at: datetime | None = None
        self._is_refused = False

    async def poll(self) -> None:
        """Ask, if that was not done within the hour by this process or another. Raises nothing."""
        now = self._clock.now()
        if self._asked_at is not None and _is_within_the_hour(self._asked_at, now):
            return
        self._asked_at = now
        try:
            async with self._database.reading() as connection:
                kept = await get_quota(connection, self._account_id)
            if kept is not None and _is_within_the_hour(kept.asked_at, now):
                self._asked_at = kept.asked_at
                return
            await self._fetch(now)
        except ImagineProError as error:
            if not self._is_refused:
                log.info("ImaginePro does not give the account's credits.", problem=f"{type(error).__name__}: {error}")
            self._is_refused = True
        except Exception:
            # Whatever this was, the rounds go on.
            log.exception("The account's credits could not be kept; they are asked for again in an hour.")

    async def _fetch(self, now: datetime) -> None:
        quota = parse_quota(await self._imaginepro.account(), now)
        self._is_refused = False
        # An answer that says nothing takes nothing away.
        if quota != AccountQuota(now, quota.plan):
            await shield_until_done(self._save(quota))

    async def _save(self, quota: AccountQuota) -> None:
        async with self._database.transaction() as connection:
            await save_quota(connection, self._account_id, quota)


def _is_within_the_hour(asked_at: datetime, now: datetime) -> bool:
    # A clock may be set back: what was asked later than now was not asked lately.
    return timedelta() <= now - asked_at < _EVERY


def parse_quota(answer: AccountPayload, now: datetime) -> AccountQuota:
    """Take the figures out of an answer."""
    quota = AccountQuota(now, answer.type, expires_at=answer.expires_at)
    return replace(
        quota,
        credits=_plausible(answer.credits),
        credits_quota=_plausible(answer.credits_quota),
        credits_extra=_plausible(answer.credits_extra),
    )


def _plausible(number: int | None) -> int | None:
    return number if number is not None and abs(number) <= _MAX_CREDITS else None
