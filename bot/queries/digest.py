"""The figures of a digest, counted from what is recorded."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import AccountQuota
from bot.domain.alert_types import IncidentType
from bot.domain.digests import Digest, Period, TokenDigest, incident_counts, sort_tokens, started_in
from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import Unit
from bot.domain.forecast import Sample
from bot.domain.modes import Mode
from bot.domain.refills import refills_between
from bot.domain.usage import mode_periods, summarize_usage
from bot.queries.forecasts import forecast_from, known_samples
from bot.storage.accounts import get_quota
from bot.storage.alert_routes import Route
from bot.storage.database import Database
from bot.storage.history import samples_of
from bot.storage.incidents import incidents_between
from bot.storage.token_names import names_of
from bot.storage.tokens import known_tokens
from bot.ui.formatting import Names

log = structlog.get_logger(__name__)

_COUNTING_SECONDS = 10.0
_SAMPLED_EVERY = timedelta(hours=1)
_LOOKED_BACK = timedelta(days=7)  # for the forecast


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """All that a digest shows."""

    digest: Digest
    figures: AccountQuota | None
    names: Names


async def gather_digest(database: Database, route: Route, period: Period, now: datetime) -> DigestFigures:
    """Count in small reads, a token at a time, those with incidents first, and no longer than there is time for."""
    async with database.reading() as connection:
        known = await known_tokens(connection, route.account_id)
        incidents = started_in(await incidents_between(connection, route.server_id, period.since, period.until), period)
        figures = await get_quota(connection, route.account_id)
        names = await names_of(connection, route.server_id)
    of_tokens = incident_counts(incidents)
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
        tokens=sort_tokens(counted),
        incidents=sum(incident.type is not IncidentType.NO_DATA for incident in incidents),
        outages=sum(incident.type is IncidentType.NO_DATA for incident in incidents),
        uncounted=len(waiting),
    )
    return DigestFigures(digest, figures, names)


def _seconds() -> float:
    return asyncio.get_running_loop().time()


async def _count(
    connection: AsyncConnection, account_id: int, token: TrackedToken, period: Period, now: datetime, incidents: int
) -> TokenDigest | None:
    """Count how one token has been; None where nothing was read of it in the period, or it was gone all the time."""
    reading = token.reading
    if token.missing_since is not None and token.missing_since <= period.since:
        return None
    # Read once for the period and the forecast both: it is what takes the time.
    since = min(period.since, now - _LOOKED_BACK)
    seen = await samples_of(connection, account_id, reading.token_id, since, now, every=_SAMPLED_EVERY)
    modes = mode_periods([(sample.at, sample.mode) for sample in seen], period.since, period.until)
    if all(stretch.mode is Mode.GONE for stretch in modes):
        return None
    refills = refills_between(reading.plan, min(sample.at for sample in seen), now)
    known = known_samples(seen)
    if reading.fast_time is not None:
        known.append(Sample(now, reading.fast_time.left, reading.fast_time.total))
    course = summarize_usage(known, modes, refills, period.since, period.until)
    return TokenDigest(
        token_id=reading.token_id,
        mode=token.mode,
        unit=reading.fast_time.unit if reading.fast_time is not None else Unit.HOURS,
        used=course.used,
        out=course.out_for,
        incidents=incidents,
        forecast=forecast_from(seen, reading, now),
    )
