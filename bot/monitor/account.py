"""Keeping the account's credits and expiry: asked for now and then, beside the rounds and with no say in them."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.domain.account import AccountFigures
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import ImagineProError
from bot.imaginepro.responses import AccountAnswer
from bot.storage.accounts import figures_of, keep_figures
from bot.storage.database import Database

log = structlog.get_logger(__name__)

_EVERY = timedelta(hours=1)
_LARGEST = 10**12  # what is larger is no number of credits, and may have thousands of digits


class FigureKeeper:
    """Asks for the figures of one account about once an hour, and keeps them."""

    def __init__(self, account_id: int, imaginepro: ImaginePro, database: Database, clock: Clock) -> None:
        self._account_id = account_id
        self._imaginepro = imaginepro
        self._database = database
        self._clock = clock
        self._asked_at: datetime | None = None
        self._is_refused = False

    async def keep_up(self) -> None:
        """Ask, if that was not done within the hour by this process or another. Raises nothing."""
        now = self._clock.now()
        if self._asked_at is not None and _is_within_the_hour(self._asked_at, now):
            return
        self._asked_at = now
        try:
            async with self._database.reading() as connection:
                kept = await figures_of(connection, self._account_id)
            if kept is not None and _is_within_the_hour(kept.asked_at, now):
                self._asked_at = kept.asked_at
                return
            await self._ask(now)
        except ImagineProError as error:
            if not self._is_refused:
                log.info("ImaginePro does not give the account's credits.", problem=f"{type(error).__name__}: {error}")
            self._is_refused = True
        except Exception:
            # Whatever this was, the rounds go on.
            log.exception("The account's credits could not be kept; they are asked for again in an hour.")

    async def _ask(self, now: datetime) -> None:
        figures = figures_in(await self._imaginepro.account(), now)
        self._is_refused = False
        # An answer that says nothing takes nothing away.
        if figures != AccountFigures(now, figures.plan):
            await shield_until_done(self._keep(figures))

    async def _keep(self, figures: AccountFigures) -> None:
        async with self._database.transaction() as connection:
            await keep_figures(connection, self._account_id, figures)


def _is_within_the_hour(asked_at: datetime, now: datetime) -> bool:
    # A clock may be set back: what was asked later than now was not asked lately.
    return timedelta() <= now - asked_at < _EVERY


def figures_in(answer: AccountAnswer, now: datetime) -> AccountFigures:
    """Take the figures out of an answer."""
    figures = AccountFigures(now, answer.type, expires_at=answer.expires_at)
    return replace(
        figures,
        credits=_believable(answer.credits),
        credits_quota=_believable(answer.credits_quota),
        credits_extra=_believable(answer.credits_extra),
    )


def _believable(number: int | None) -> int | None:
    return number if number is not None and abs(number) <= _LARGEST else None
