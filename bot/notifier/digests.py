"""Composes digests, when they are sent."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import datetime

import discord
import structlog

from bot.charts.spec import Chart, FleetChart, FleetPoint
from bot.domain.digests import Period
from bot.queries.digest import gather_digest
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

# Together with the queries and the sending (20 s at most), shorter than a claim (45 s): other deliveries to the server
# wait meanwhile.
_DRAWING_SECONDS = 5.0
_POINTS = 168  # one for each hour of a week


def period_of(delivery: Delivery) -> Period:
    """Return the period that a digest covers."""
    if not isinstance(delivery.payload, DigestPayload):
        raise TypeError("the payload of a DIGEST delivery must be a DigestPayload")
    return Period(delivery.payload.since, delivery.payload.until)


async def compose_digest(
    database: Database, route: Route, period: Period, now: datetime, draw: Draw | None
) -> OutgoingMessage:
    """Return the message of a digest: its text, its embed, and a picture if one can be drawn."""
    gathered = await gather_digest(database, route, period, now)
    embed = digest_embed(gathered.digest, gathered.quota, gathered.names, now)
    picture = await _picture(database, route.account_id, period, draw) if draw is not None else None
    if picture is None:
        return OutgoingMessage(digest_words(period), embed)
    embed.set_image(url=f"attachment://{texts.digest.PICTURE}")
    return OutgoingMessage(digest_words(period), embed, file=discord.File(io.BytesIO(picture), texts.digest.PICTURE))


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
