"""The data of a digest, counted from samples and incidents."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import AccountQuota
from bot.domain.alert_types import IncidentType
from bot.domain.digests import Digest, Period, TokenDigest, incident_counts, sort_tokens, started_in
from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import Unit
from bot.domain.forecast import Sample
from bot.domain.modes import Mode, severity
from bot.domain.refills import hours_return_at, refills_between
from bot.domain.usage import mode_periods, summarize_usage
from bot.queries.forecasts import forecast_from, known_samples
from bot.storage.accounts import get_quota
from bot.storage.database import Database
from bot.storage.history import samples_of
from bot.storage.incidents import incidents_between
from bot.storage.token_names import names_of
from bot.storage.tokens import known_tokens
from bot.ui.formatting import Names

log = structlog.get_logger(__name__)

# A digest of a very large fleet is sent incomplete rather than late.
_COUNTING_SECONDS = 10.0
_SAMPLE_INTERVAL = timedelta(hours=1)
_FORECAST_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """The part of a digest that is the same for all servers of an account. The tokens have no incidents yet."""

    tokens: tuple[TokenDigest, ...]
    uncounted: int
    quota: AccountQuota | None


@dataclass(frozen=True, slots=True)
class DigestData:
    """The data of a digest."""

    digest: Digest
    quota: AccountQuota | None
    names: Names


async def count_account(database: Database, account_id: int, period: Period, now: datetime) -> AccountFigures:
    """Count token by token within a time limit, the most severe first.

    Each token is a transaction of its own, so that a large fleet does not hold one open for long.
    """
    async with database.reading() as connection:
        known = await known_tokens(connection, account_id)
        quota = await get_quota(connection, account_id)
    remaining = sorted(known.values(), key=lambda token: (-severity(token.mode), token.reading.token_id))
    counted: list[TokenDigest] = []
    deadline = _seconds() + _COUNTING_SECONDS
    while remaining and _seconds() < deadline:
        token = remaining.pop(0)
        async with database.reading() as connection:
            one = await _count(connection, account_id, token, period, now)
        counted += [one] if one is not None else []
    if remaining:
        log.warning("There was no time to count all tokens for a digest.", account=account_id, left=len(remaining))
    return AccountFigures(tuple(counted), len(remaining), quota)


async def gather_digest(database: Database, server_id: int, period: Period, figures: AccountFigures) -> DigestData:
    """Return a server's digest: the figures of its account, with its own incidents and names."""
    async with database.reading() as connection:
        overlapping = await incidents_between(connection, server_id, period.since, period.until)
        names = await names_of(connection, server_id)
    incidents = started_in(overlapping, period)
    counts = incident_counts(incidents)
    digest = Digest(
        period=period,
        tokens=sort_tokens(replace(token, incidents=counts[token.token_id]) for token in figures.tokens),
        incidents=sum(incident.type is not IncidentType.NO_DATA for incident in incidents),
        outages=sum(incident.type is IncidentType.NO_DATA for incident in incidents),
        from_before=sum(
            incident.type is not IncidentType.NO_DATA and incident.started_at < period.since for incident in overlapping
        ),
        uncounted=figures.uncounted,
    )
    return DigestData(digest, figures.quota, names)


def _seconds() -> float:
    return asyncio.get_running_loop().time()


async def _count(
    connection: AsyncConnection, account_id: int, token: TrackedToken, period: Period, now: datetime
) -> TokenDigest | None:
    """Return one token's part; None if it was not read in the period, or was gone all the time."""
    reading = token.reading
    if token.missing_since is not None and token.missing_since <= period.since:
        return None
    # Read once for both the period and the forecast, since this takes most of the time.
    since = min(period.since, now - _FORECAST_WINDOW)
    stored = await samples_of(connection, account_id, reading.token_id, since, now, every=_SAMPLE_INTERVAL)
    modes = mode_periods([(sample.at, sample.mode) for sample in stored], period.since, period.until)
    if all(in_mode.mode is Mode.GONE for in_mode in modes):
        return None
    refills = refills_between(reading.plan, min(sample.at for sample in stored), now)
    known = known_samples(stored)
    if reading.fast_time is not None:
        known.append(Sample(now, reading.fast_time.left, reading.fast_time.total))
    usage = summarize_usage(known, modes, refills, period.since, period.until)
    return TokenDigest(
        token_id=reading.token_id,
        mode=token.mode,
        unit=reading.fast_time.unit if reading.fast_time is not None else Unit.HOURS,
        used=usage.used,
        out=usage.out_for,
        incidents=0,
        forecast=forecast_from(stored, reading, now),
        returns_at=hours_return_at(reading.plan, now),
    )
