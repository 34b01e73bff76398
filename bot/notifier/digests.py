"""Composes digests, when they are sent."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord
import structlog

from bot.charts.spec import Chart, FleetChart, FleetPoint
from bot.clock import Clock, Pause
from bot.concurrency.single_flight import SingleFlight
from bot.domain.digests import Period
from bot.queries.digest import AccountFigures, count_account, gather_digest
from bot.storage.alert_routes import Route
from bot.storage.database import Database
from bot.storage.deliveries import Delivery
from bot.storage.history import fleet_history
from bot.storage.payloads import DigestPayload
from bot.ui import texts
from bot.ui.alerts import OutgoingMessage
from bot.ui.chart_appearance import fleet_appearance
from bot.ui.digest import digest_embed, digest_words

log = structlog.get_logger(__name__)

Draw = Callable[[Chart], Awaitable[bytes]]
"""Draws a chart as a PNG."""

# Together with the queries and the sending (20 s at most), shorter than a claim (45 s).
_DRAWING_SECONDS = 5.0
_POINTS = 168  # one for each hour of a week
# The servers of an account whose digests are due at the same time share what is slow.
_SHARED_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class AccountPart:
    """The slow part of a digest, which is the same for all servers of an account."""

    figures: AccountFigures
    picture: bytes | None
    fresh: Pause
    """Lasts as long as it may be shared."""


def period_of(delivery: Delivery) -> Period:
    """Return the period that a digest covers."""
    if not isinstance(delivery.payload, DigestPayload):
        raise TypeError("the payload of a DIGEST delivery must be a DigestPayload")
    return Period(delivery.payload.since, delivery.payload.until)


class DigestComposer:
    """Composes digests: what is slow is done once for all servers of an account. `draw` is needed for pictures."""

    def __init__(self, database: Database, clock: Clock, draw: Draw | None) -> None:
        self._database = database
        self._clock = clock
        self._draw = draw
        self._in_progress = SingleFlight[AccountPart]()
        self._recent: dict[tuple[int, Period], AccountPart] = {}

    async def compose(self, route: Route, period: Period) -> OutgoingMessage:
        """Return the message of a server's digest: its text, its embed, and a picture if one can be drawn."""
        key = (route.account_id, period)
        part = await self._in_progress.call(key, lambda: self._account_part(*key))
        gathered = await gather_digest(self._database, route.server_id, period, part.figures)
        embed = digest_embed(gathered.digest, gathered.quota, gathered.names, self._clock.now())
        if part.picture is None:
            return OutgoingMessage(digest_words(period), embed)
        embed.set_image(url=f"attachment://{texts.digest.PICTURE}")
        picture = discord.File(io.BytesIO(part.picture), texts.digest.PICTURE)
        return OutgoingMessage(digest_words(period), embed, file=picture)

    async def _account_part(self, account_id: int, period: Period) -> AccountPart:
        self._recent = {key: part for key, part in self._recent.items() if part.fresh.seconds_left}
        if (recent := self._recent.get((account_id, period))) is not None:
            return recent
        figures = await count_account(self._database, account_id, period, self._clock.now())
        picture = await _picture(self._database, account_id, period, self._draw) if self._draw is not None else None
        part = AccountPart(figures, picture, Pause(self._clock))
        part.fresh.extend(_SHARED_SECONDS)
        self._recent[account_id, period] = part
        return part


async def _picture(database: Database, account_id: int, period: Period, draw: Draw) -> bytes | None:
    """Draw the fleet over time as a PNG; None if that takes too long or fails. The embed has all the facts."""
    span = period.until - period.since
    times = [period.since + span * number / _POINTS for number in range(_POINTS + 1)]
    try:
        async with database.reading() as connection:
            snapshots = await fleet_history(connection, account_id, times)
        points = tuple(FleetPoint(one.at, one.left, tuple(sorted(one.modes.items()))) for one in snapshots)
        async with asyncio.timeout(_DRAWING_SECONDS):
            return await draw(FleetChart(period.since, period.until, fleet_appearance(), points))
    except Exception:
        log.exception("The picture of a digest could not be drawn. The digest is sent without it.")
        return None
