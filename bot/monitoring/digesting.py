"""Digests: recorded in a round when they are due, put together when they are sent."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.health.account_figures import AccountFigures
from bot.health.alert_kinds import Sort, Urgency
from bot.health.course import course_of, stretches
from bot.health.digests import Digest, Period, TokenDigest, begun_in, by_token, due, in_order
from bot.health.fast_time import Unit
from bot.health.forecast import Sample
from bot.health.modes import Mode
from bot.health.renewals import refills_between
from bot.health.rounds import KnownToken
from bot.monitoring.forecasting import forecast_from, known_samples
from bot.storage.accounts import figures_of
from bot.storage.database import Database
from bot.storage.deliveries import Delivery, DeliveryKind, record_delivery
from bot.storage.digests import digests_of, drop_digests, set_told_until
from bot.storage.history import fleet_history, samples_of
from bot.storage.incidents import incidents_between
from bot.storage.names import names_of
from bot.storage.payloads import DigestPayload
from bot.storage.servers import Route
from bot.storage.tokens import known_tokens
from bot.time_zones import zone_of
from bot.ui import texts
from bot.ui.alerts import Notice
from bot.ui.charts.chart import Chart, FleetChart, FleetPoint
from bot.ui.digest import digest_embed, digest_words
from bot.ui.wording import Names

log = structlog.get_logger(__name__)

Draw = Callable[[Chart], Awaitable[bytes]]
"""Draws a chart as a PNG."""

# With the time that sending may take, less than a delivery is claimed for. What else there is to tell the server waits.
_COUNTING_SECONDS = 10.0
_DRAWING_SECONDS = 5.0
_SAMPLED_EVERY = timedelta(hours=1)
_LOOKED_BACK = timedelta(days=7)  # for the forecast
_POINTS = 168


async def record_digests(connection: AsyncConnection, account_id: int, now: datetime, clock: Clock) -> bool:
    """Record the digests that are due, within a good round that has locked the servers; whether there were any."""
    recorded = False
    for one in await digests_of(connection, account_id):
        if one.told_until is None:
            # Alerts were switched on after the digest: what was before is not told.
            await set_told_until(connection, one.server_id, now)
            continue
        rules = one.rules
        zone = zone_of(rules.time_zone)
        period = due(rules.digest, rules.digest_hour, zone, told_until=one.told_until, now=now)
        if period is not None:
            await _record(connection, one.server_id, period, now, clock)
            recorded = True
    return recorded


async def _record(connection: AsyncConnection, server_id: int, period: Period, now: datetime, clock: Clock) -> None:
    # One that could not be sent until now is old news.
    await drop_digests(connection, server_id)
    await record_delivery(
        connection,
        DeliveryKind.DIGEST,
        server_id=server_id,
        incident_id=None,
        urgency=Urgency.ROUTINE,
        nonce=clock.nonce(),
        now=now,
        payload=DigestPayload(period.since, period.until),
    )
    await set_told_until(connection, server_id, period.until)


def period_of(delivery: Delivery) -> Period:
    """Return the period that a digest covers."""
    if not isinstance(delivery.payload, DigestPayload):
        raise TypeError("a digest comes with its period")
    return Period(delivery.payload.since, delivery.payload.until)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a digest tells."""

    digest: Digest
    figures: AccountFigures | None
    names: Names


async def digest_notice(database: Database, route: Route, period: Period, now: datetime, draw: Draw | None) -> Notice:
    """Put a digest together: its words, its card, and a picture if one can be drawn."""
    gathered = await _gather(database, route, period, now)
    embed = digest_embed(gathered.digest, gathered.figures, gathered.names, now)
    picture = await _picture(database, route.account_id, period, draw) if draw is not None else None
    if picture is None:
        return Notice(digest_words(period), embed)
    embed.set_image(url=f"attachment://{texts.DIGEST_PICTURE}")
    return Notice(digest_words(period), embed, file=discord.File(io.BytesIO(picture), texts.DIGEST_PICTURE))


def without_picture(notice: Notice) -> Notice:
    """Leave the picture out, where Discord lets none be attached."""
    embed = notice.embed.copy().set_image(url=None) if notice.embed is not None else None
    return Notice(notice.content, embed)


async def _gather(database: Database, route: Route, period: Period, now: datetime) -> Gathered:
    """Count in small reads, a token at a time, those with incidents first, and no longer than there is time for."""
    async with database.reading() as connection:
        known = await known_tokens(connection, route.account_id)
        incidents = begun_in(await incidents_between(connection, route.server_id, period.since, period.until), period)
        figures = await figures_of(connection, route.account_id)
        names = await names_of(connection, route.server_id)
    of_tokens = by_token(incidents)
    waiting = sorted(known.values(), key=lambda token: (-of_tokens[token.reading.token_id], token.reading.token_id))
    counted: list[TokenDigest] = []
    give_up_at = _seconds() + _COUNTING_SECONDS
    while waiting and _seconds() < give_up_at:
        token = waiting.pop(0)
        async with database.reading() as connection:
            one = await _count(connection, route.account_id, token, period, now, of_tokens[token.reading.token_id])
        counted += [one] if one is not None else []
    if waiting:
        log.warning("There was no time to count all tokens for a digest.", server=route.server_id, left=len(waiting))
    digest = Digest(
        period=period,
        tokens=in_order(counted),
        incidents=sum(incident.sort is not Sort.BLIND for incident in incidents),
        blind=sum(incident.sort is Sort.BLIND for incident in incidents),
        uncounted=len(waiting),
    )
    return Gathered(digest, figures, names)


def _seconds() -> float:
    return asyncio.get_running_loop().time()


async def _count(
    connection: AsyncConnection, account_id: int, token: KnownToken, period: Period, now: datetime, incidents: int
) -> TokenDigest | None:
    """Count how one token has been; None where nothing was read of it in the period, or it was gone all the time."""
    reading = token.reading
    if token.unread_since is not None and token.unread_since <= period.since:
        return None
    # Read once for the period and the forecast both: it is what takes the time.
    since = min(period.since, now - _LOOKED_BACK)
    seen = await samples_of(connection, account_id, reading.token_id, since, now, every=_SAMPLED_EVERY)
    modes = stretches([(sample.at, sample.mode) for sample in seen], period.since, period.until)
    if all(stretch.mode is Mode.GONE for stretch in modes):
        return None
    refills = refills_between(reading.plan, min(sample.at for sample in seen), now)
    known = known_samples(seen)
    if reading.fast_time is not None:
        known.append(Sample(now, reading.fast_time.left, reading.fast_time.total))
    course = course_of(known, modes, refills, period.since, period.until)
    return TokenDigest(
        token_id=reading.token_id,
        mode=token.mode,
        unit=reading.fast_time.unit if reading.fast_time is not None else Unit.HOURS,
        used=course.used,
        out=course.out_for,
        incidents=incidents,
        forecast=forecast_from(seen, reading, now),
    )


async def _picture(database: Database, account_id: int, period: Period, draw: Draw) -> bytes | None:
    """Draw how the fleet stood; None where that takes too long or goes wrong, since the words say it all."""
    span = period.until - period.since
    times = [period.since + span * number / _POINTS for number in range(_POINTS + 1)]
    try:
        async with database.reading() as connection:
            moments = await fleet_history(connection, account_id, times)
        points = tuple(FleetPoint(one.at, one.left, tuple(sorted(one.modes.items()))) for one in moments)
        async with asyncio.timeout(_DRAWING_SECONDS):
            return await draw(FleetChart(period.since, period.until, points))
    except Exception:
        log.exception("The picture of a digest could not be drawn; it goes without.")
        return None
