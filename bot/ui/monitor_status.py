"""The state of the monitor in plain values, and what is wrong with it: since when, and what to do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from bot.domain.account import AccountQuota
from bot.domain.alert_routes import DisabledReason, PingProblem
from bot.domain.freshness import fresh_for
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.storage.stale_messages import StaleMessages
from bot.ui import formatting, texts
from bot.ui.alert_setup import ping_problem_and_advice, refusal_words
from bot.ui.database_outage import OutageView
from bot.ui.route_overview import RouteOverview

_ERROR_LENGTH = 200
_BEHIND_AFTER_ROUNDS = 3
_BEHIND_AT_LEAST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One entry of the audit log, in plain values."""

    at: datetime
    member_id: int
    action: str
    target: str
    outcome: str


@dataclass(frozen=True, slots=True)
class MonitorStatus:
    """The state of the monitor. `gateway_seconds` is None before the first heartbeat acknowledgement."""

    version: str
    started_at: datetime
    poll_interval: timedelta
    last_success_at: datetime | None
    last_error: str | None
    modes: Counter[Mode]
    gateway_seconds: float | None
    waiting: int
    waiting_problem: str | None
    latest: Sequence[ChangeLine]
    quota: AccountQuota | None = None
    outage: Outage | None = None
    routes: Sequence[RouteOverview] = ()
    never_read: Sequence[int] = ()
    """The tokens that ImaginePro names without ever a status."""
    stale: Sequence[StaleMessages] = ()
    database_created_at: datetime | None = None
    has_earlier_database: bool = False
    """Whether the bot has run before with another database."""

    @property
    def last_check_at(self) -> datetime | None:
        """When the last check was recorded, successful or not; None if there was none."""
        times = [self.last_success_at, self.outage.checked_at if self.outage is not None else None]
        return max((time for time in times if time is not None), default=None)


class Severity(IntEnum):
    """How much of what people rely on is missing."""

    NONE = 0
    NOTE = 1
    """Nothing has failed, but there is nothing to watch."""
    WARNING = 2
    ERROR = 3
    """Changes of tokens are not alerted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, with since when where that is known, and what to do."""

    severity: Severity
    words: str
    what_to_do: str = ""


def problems_of(health: MonitorStatus, database: OutageView | None, now: datetime) -> list[Problem]:
    """Return what is wrong, the most severe first; empty if monitoring is healthy."""
    found = [database_problem(database)] if database is not None else _problems_with_checks(health, now)
    refused = [_refused(route, route.disabled_reason) for route in health.routes if route.disabled_reason is not None]
    found += refused or _problem_with_delivery(health)
    found += _problem_with_new_database(health)
    found += [_out_of_date(one) for one in health.stale]
    found += [_pings_nobody(route, route.ping_problem) for route in health.routes if route.ping_problem is not None]
    return sorted(found, key=lambda problem: -problem.severity)


def database_problem(outage: OutageView) -> Problem:
    """Return that nothing can be recorded, which checks need."""
    since = formatting.at(outage.since, "R")
    words = texts.database.STATUS.format(since=since, cause=texts.database.CAUSES[outage.cause])
    return Problem(Severity.ERROR, words, texts.database.WHAT_TO_DO[outage.cause])


def _problem_with_new_database(health: MonitorStatus) -> list[Problem]:
    """Return that what was set up is in another database, until somebody sets up something in this server again."""
    if not health.has_earlier_database or health.latest or health.database_created_at is None:
        return []
    words = texts.status.NEW_DATABASE.format(since=formatting.at(health.database_created_at, "R"))
    return [Problem(Severity.ERROR, words, texts.status.NEW_DATABASE_ADVICE)]


def _problems_with_checks(health: MonitorStatus, now: datetime) -> list[Problem]:
    outage, last_check_at = health.outage, health.last_check_at
    if last_check_at is None or (health.started_at > last_check_at and now - health.started_at < _late_after(health)):
        return [Problem(Severity.WARNING, texts.status.NO_CHECK_YET, texts.status.NO_CHECK_YET_ADVICE)]
    if now - last_check_at > _late_after(health):
        words = texts.status.NO_CHECKS.format(age=formatting.duration(now - last_check_at))
        return [Problem(_severity(health, now), words, texts.status.NO_CHECKS_ADVICE)]
    if outage is not None:
        return [_no_data(outage, health, now)]
    if not health.modes.total() and not health.never_read:
        return [Problem(Severity.NOTE, texts.status.NO_TOKENS, texts.status.NO_TOKENS_ADVICE)]
    return []


def _no_data(outage: Outage, health: MonitorStatus, now: datetime) -> Problem:
    advice = texts.outages.ADVICE[outage.cause]
    if outage.cause is NoDataCause.NOTHING_WATCHED:
        return Problem(Severity.NOTE, texts.status.NOTHING_WATCHED, advice)
    words = texts.status.FAILING if health.last_success_at is not None else texts.status.FAILING_FROM_THE_START
    cause = formatting.capitalized(texts.outages.HEADLINES[outage.cause])
    return Problem(_severity(health, now), words.format(cause=cause, since=formatting.at(outage.since, "R")), advice)


def _late_after(health: MonitorStatus) -> timedelta:
    """Return how long ago the last check may have been. After failed ones, the pause between them grows."""
    return fresh_for(health.poll_interval) if health.outage is None else _behind_after(health)


def _behind_after(health: MonitorStatus) -> timedelta:
    return max(_BEHIND_AFTER_ROUNDS * health.poll_interval, _BEHIND_AT_LEAST)


def _severity(health: MonitorStatus, now: datetime) -> Severity:
    """Return the severity of data of this age."""
    is_behind = health.last_success_at is None or now - health.last_success_at > _behind_after(health)
    return Severity.ERROR if is_behind else Severity.WARNING


def _refused(route: RouteOverview, reason: DisabledReason) -> Problem:
    at = route.disabled_at
    words = (texts.status.CANNOT_POST if at is None else texts.status.CANNOT_POST_SINCE).format(
        channel=f"<#{route.channel_id}>",
        problem=refusal_words(reason, route.lacking),
        since=formatting.at(at, "R") if at is not None else "",
    )
    advice = texts.status.CANNOT_POST_ADVICE[reason]
    if route.lacking:
        advice = texts.status.GIVE.format(permissions=", ".join(route.lacking), channel=f"<#{route.channel_id}>")
    return Problem(Severity.ERROR, words, advice)


def _out_of_date(stale: StaleMessages) -> Problem:
    """Return that alerts in a channel that is no longer used still look open."""
    channel = f"<#{stale.channel_id}>"
    words = texts.status.OUT_OF_DATE.format(
        channel=channel,
        number=stale.number,
        since=formatting.at(stale.since, "R"),
        problem=formatting.escape_untrusted(stale.last_error or texts.status.REFUSED, most=_ERROR_LENGTH),
    )
    return Problem(Severity.WARNING, words, texts.status.OUT_OF_DATE_ADVICE.format(channel=channel))


def _pings_nobody(route: RouteOverview, problem: PingProblem) -> Problem:
    return Problem(Severity.WARNING, *ping_problem_and_advice(route.channel_id, route.role_id, problem))


def _problem_with_delivery(health: MonitorStatus) -> list[Problem]:
    """Return that Discord did not accept what waits. That is so for a moment after each rate limit."""
    if health.waiting_problem is None:
        return []
    problem = formatting.escape_untrusted(health.waiting_problem, most=_ERROR_LENGTH)
    words = texts.status.NOT_ACCEPTED.format(problem=problem)
    return [Problem(Severity.WARNING, words, texts.status.NOT_ACCEPTED_ADVICE)]
