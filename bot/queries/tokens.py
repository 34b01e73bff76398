"""The data of `/token show` and `/token history`, for one token or the whole fleet."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.charts.spec import FleetPoint, IncidentSpan, Point
from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import Unit
from bot.domain.forecast import Sample
from bot.domain.freshness import Freshness, freshness, seen_at
from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.refills import refills_between
from bot.domain.usage import ModePeriod, UsageSummary, mode_periods, summarize_usage, usage_by_step
from bot.queries.alerts import incidents_overview
from bot.queries.forecasts import forecast_from, known_samples, last_week_of
from bot.storage.accounts import get_account
from bot.storage.history import FleetSnapshot, StoredSample, fleet_history, mode_changes, samples_of
from bot.storage.incidents import incidents_between
from bot.storage.mutes import mutes_of
from bot.storage.server_settings import rules_of
from bot.storage.token_names import names_of
from bot.storage.token_owners import owners_of
from bot.storage.tokens import known_token
from bot.ui.alerts_overview import IncidentOverview, MuteOverview
from bot.ui.history import FleetHistory, Span, TokenHistory
from bot.ui.token_card import DAYS, ChangeOverview, TokenOverview

HISTORY_DAYS = 396
"""How many days of history are kept."""

_MAX_CHANGES = 10
# Two for each day, which fit in one line on a phone.
_STEPS = 2 * DAYS
_POINTS = 360
_FLEET_POINTS = 240
# A listed token is sampled at least once an hour.
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIN_SPAN = timedelta(hours=6)
_MAX_ID = 2**63 - 1  # the largest BIGINT


class TokenNotFound(LookupError):
    """There is no data about the token with this id."""


async def token_overview(
    connection: AsyncConnection,
    account_id: int,
    server_id: int,
    token_id: int,
    now: datetime,
    *,
    poll_interval: timedelta,
) -> TokenOverview:
    """Return a token's overview, from one transaction, so that its parts are consistent. Raises TokenNotFound."""
    token = await _find(connection, account_id, token_id)
    seen, fresh = await _freshness(connection, account_id, server_id, token, now, poll_interval)
    reading, since = token.reading, now - timedelta(days=DAYS)
    week = await last_week_of(connection, account_id, token_id, now)
    samples = [*known_samples(week), *_as_sample(reading, now, fresh)]
    refills = refills_between(reading.plan, since, now)
    changes = await mode_changes(
        connection, account_id, token_id, since=now - timedelta(days=HISTORY_DAYS), until=now, most=_MAX_CHANGES
    )
    return TokenOverview(
        now=now,
        reading=reading,
        seen_at=seen,
        freshness=fresh,
        names=await names_of(connection, server_id),
        forecast=forecast_from(week, reading, now),
        uses=usage_by_step(samples, refills, since, now, _STEPS),
        used=summarize_usage(samples, (), refills, since, now).used,
        incidents=await _incidents_of(connection, server_id, reading),
        mutes=await _mutes_of(connection, server_id, token_id, now),
        changes=[ChangeOverview(change.at, change.before, change.after) for change in changes],
        owner_id=(await owners_of(connection, server_id)).get(token_id),
    )


async def token_history(
    connection: AsyncConnection,
    account_id: int,
    server_id: int,
    token_id: int,
    now: datetime,
    *,
    days: int,
    poll_interval: timedelta,
) -> TokenHistory:
    """Return a token's history. Raises TokenNotFound."""
    token = await _find(connection, account_id, token_id)
    seen, fresh = await _freshness(connection, account_id, server_id, token, now, poll_interval)
    reading, asked_for = token.reading, timedelta(days=days)
    until, every = _rounded_up(now, asked_for), asked_for / _POINTS
    kept = await samples_of(connection, account_id, token_id, until - asked_for, now, every=every)
    since = _first_known(until - asked_for, kept[0].at if kept else None, now)
    week = await last_week_of(connection, account_id, token_id, now)
    latest, unknown = [*_as_sample(reading, now, fresh)], fresh is Freshness.UNKNOWN
    return TokenHistory(
        now=now,
        span=Span(days, since, until),
        token_id=token_id,
        names=await names_of(connection, server_id),
        mode=reading.mode,
        unit=reading.fast_time.unit if reading.fast_time is not None else Unit.HOURS,
        seen_at=seen,
        freshness=fresh,
        summary=_summary(reading, kept, latest, since, now, modes_until=seen if unknown else now),
        points=list(_points(kept, [*_as_sample(reading, until, fresh)], 2 * (every + _HOUR))),
        modes=_mode_periods(kept, since, seen if unknown else until),
        incidents=await _incident_spans(connection, server_id, token_id, since, until),
        forecast=forecast_from(week, reading, now),
        chart_forecast=None if unknown else forecast_from(week, reading, until),
    )


async def whole_fleet_history(
    connection: AsyncConnection, account_id: int, server_id: int, now: datetime, *, days: int, poll_interval: timedelta
) -> FleetHistory:
    """Return the history of all tokens together."""
    account = await get_account(connection, account_id, now)
    rules = await rules_of(connection, server_id)
    seen = account.last_success_at
    fresh = Freshness.FRESH
    if seen is not None:
        fresh = freshness(seen, now, poll_interval=poll_interval, unknown_after=rules.no_data_after)
    asked_for = timedelta(days=days)
    until = seen if seen is not None and fresh is Freshness.UNKNOWN else _rounded_up(now, asked_for)
    times = [until - asked_for * (number / _FLEET_POINTS) for number in reversed(range(_FLEET_POINTS + 1))]
    # A clock that was ahead may have recorded samples of the future.
    snapshots = await fleet_history(connection, account_id, [min(time, now) for time in times])
    points = [_fleet_point(replace(one, at=time)) for one, time in zip(snapshots, times, strict=True)]
    first = next((point.at for point in points if point.left is not None), None)
    since = _first_known(times[0], first, now)
    return FleetHistory(now, Span(days, since, until), seen, fresh, [point for point in points if point.at >= since])


async def _find(connection: AsyncConnection, account_id: int, token_id: int) -> TrackedToken:
    # The custom id of a forged button can have a larger number, which the driver would reject.
    token = await known_token(connection, account_id, token_id) if token_id <= _MAX_ID else None
    if token is None:
        raise TokenNotFound(token_id)
    return token


async def _freshness(
    connection: AsyncConnection,
    account_id: int,
    server_id: int,
    token: TrackedToken,
    now: datetime,
    poll_interval: timedelta,
) -> tuple[datetime, Freshness]:
    """Return when a token was last read, and how fresh that is by this server's rules."""
    account = await get_account(connection, account_id, now)
    rules = await rules_of(connection, server_id)
    seen = seen_at(token, account.last_success_at, now)
    return seen, freshness(seen, now, poll_interval=poll_interval, unknown_after=rules.no_data_after)


async def _incidents_of(connection: AsyncConnection, server_id: int, reading: Reading) -> list[IncidentOverview]:
    """Return the open incidents that still affect this token."""
    incidents = await incidents_overview(connection, server_id, {reading.token_id: reading})
    return [
        one for one in incidents if (member := one.incident.find_token(reading.token_id)) and member.resolved_at is None
    ]


async def _mutes_of(connection: AsyncConnection, server_id: int, token_id: int, now: datetime) -> list[MuteOverview]:
    """Return the mutes of this token or of all, without their reasons, which are for moderators only."""
    return [
        MuteOverview(mute.token_id, mute.expires_at, "", mute.muted_by, mute.include_urgent)
        for mute in await mutes_of(connection, server_id, now)
        if mute.token_id in (None, token_id)
    ]


def _as_sample(reading: Reading, at: datetime, fresh: Freshness) -> Iterator[Sample]:
    """Yield the latest reading as a sample of the present, unless the present is unknown."""
    if reading.fast_time is not None and reading.listed and fresh is not Freshness.UNKNOWN:
        yield Sample(at, reading.fast_time.left, reading.fast_time.total)


def _rounded_up(now: datetime, asked_for: timedelta) -> datetime:
    """Round up by an invisible amount, so that repeated requests get the same chart from the cache."""
    step = min(max(asked_for / 500 // _MINUTE, 1) * _MINUTE, _HOUR)
    return now + (_EPOCH - now) % step


def _first_known(since: datetime, first: datetime | None, now: datetime) -> datetime:
    """Return the start of the span to show: not before the first data, but at least `_MIN_SPAN` ago."""
    return since if first is None else max(since, min(first, now - _MIN_SPAN))


def _points(kept: Sequence[StoredSample], latest: Sequence[Sample], max_gap: timedelta) -> Iterator[Point]:
    """Yield the points of a line. A longer gap than `max_gap` between two samples is unknown time."""
    points = [
        Point(sample.at, *((None, None) if sample.mode is Mode.GONE else (sample.left, sample.total)))
        for sample in kept
    ]
    points += [Point(sample.at, sample.left, sample.total) for sample in latest]
    for point, after in zip(points, [*points[1:], None], strict=True):
        yield point
        if after is not None and after.at - point.at > max_gap:
            yield Point(point.at + _HOUR, None, None)


def _summary(
    reading: Reading,
    kept: Sequence[StoredSample],
    latest: Sequence[Sample],
    since: datetime,
    now: datetime,
    *,
    modes_until: datetime,
) -> UsageSummary:
    modes = _mode_periods(kept, since, modes_until)
    return summarize_usage(
        [*known_samples(kept), *latest], modes, refills_between(reading.plan, since, now), since, now
    )


def _mode_periods(kept: Sequence[StoredSample], since: datetime, until: datetime) -> list[ModePeriod]:
    return mode_periods([(sample.at, sample.mode) for sample in kept], since, until)


async def _incident_spans(
    connection: AsyncConnection, server_id: int, token_id: int, since: datetime, until: datetime
) -> list[IncidentSpan]:
    """Return when this token was part of an incident."""
    return [
        _incident_span(incident, token_id)
        for incident in await incidents_between(connection, server_id, since, until)
        if incident.find_token(token_id) is not None
    ]


def _incident_span(incident: Incident, token_id: int) -> IncidentSpan:
    """Return the span of an incident for one of its tokens; the whole incident if the token had it several times."""
    member = incident.find_token(token_id)
    if member is None or member.times > 1:
        return IncidentSpan(incident.started_at, incident.resolved_at)
    return IncidentSpan(member.started_at, member.resolved_at)


def _fleet_point(snapshot: FleetSnapshot) -> FleetPoint:
    modes = tuple(sorted(snapshot.modes.items()))
    return FleetPoint(snapshot.at, snapshot.left if modes else None, modes)
