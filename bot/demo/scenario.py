"""What each token of the demo is like at a given moment. Pure: when it began and what time it is come from outside.

Tables say it all: a token goes through the rows of its tables, and through them again. The texts are written as
ImaginePro's documentation prints them (`GET /api/v1/discord/tokens`, `GET /api/v1/message/trace/{messageId}`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

HEALTHY_TOKEN: Final = 111
TOKEN_IN_MINUTES: Final = 198
RELAXED_TOKEN: Final = 205
TOKEN_RUNNING_OUT: Final = 311
TOKEN_VERIFYING: Final = 427

MESSAGE_OF_HEALTHY_TOKEN: Final = UUID("d15c1541-229a-442b-9873-000000000111")
MESSAGE_OF_TOKEN_IN_MINUTES: Final = UUID("d15c1541-229a-442b-9873-000000000198")
MESSAGE_OF_RELAXED_TOKEN: Final = UUID("d15c1541-229a-442b-9873-000000000205")
MESSAGE_OF_TOKEN_RUNNING_OUT: Final = UUID("d15c1541-229a-442b-9873-000000000311")
MESSAGE_OF_TOKEN_VERIFYING: Final = UUID("d15c1541-229a-442b-9873-000000000427")
MESSAGE_WITHOUT_TOKEN: Final = UUID("d15c1541-229a-442b-9873-00000000a001")
UNKNOWN_MESSAGE: Final = UUID("d15c1541-229a-442b-9873-00000000a002")

MESSAGES: Final[Mapping[UUID, int | None]] = {
    MESSAGE_OF_HEALTHY_TOKEN: HEALTHY_TOKEN,
    MESSAGE_OF_TOKEN_IN_MINUTES: TOKEN_IN_MINUTES,
    MESSAGE_OF_RELAXED_TOKEN: RELAXED_TOKEN,
    MESSAGE_OF_TOKEN_RUNNING_OUT: TOKEN_RUNNING_OUT,
    MESSAGE_OF_TOKEN_VERIFYING: TOKEN_VERIFYING,
    MESSAGE_WITHOUT_TOKEN: None,
}
"""The messages that exist, and the token that runs each; None where none has been chosen yet."""

VERIFICATION_REMARK: Final = "Midjourney wants this account verified: answer its check in Discord."


@dataclass(frozen=True, slots=True)
class SimulatedToken:
    """One token at one moment, in the words of ImaginePro's answers."""

    token_id: int
    status: str
    job_mode: str
    fast_time_remaining: str
    subscription: str
    relaxed_usage: str
    lifetime_usage: str
    running_jobs: str
    queued_jobs_fast: str
    queued_jobs_relax: str
    visibility_mode: str
    remark: str
    concurrency: int


@dataclass(frozen=True, slots=True)
class _Stage:
    """What a token is in and does for a while."""

    lasts: timedelta
    status: str
    running_jobs: str = "None"
    queued_jobs_fast: str = "0"
    queued_jobs_relax: str = "0"
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Use:
    """How fast time falls evenly for a while, in the unit of the plan. Where it jumps, it was renewed or bought."""

    lasts: timedelta
    left_first: float
    left_last: float


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str
    fast_time: float
    unit: str
    concurrency: int


@dataclass(frozen=True, slots=True)
class _Course:
    """One token's way through the demo."""

    token_id: int
    plan: _Plan
    period: str
    first_renewal: timedelta
    stages: Sequence[_Stage]
    uses: Sequence[_Use]
    relaxed_usage: str
    lifetime_usage: str
    visibility_mode: str = "Public"


class _Lasting(Protocol):
    @property
    def lasts(self) -> timedelta: ...


_Row = TypeVar("_Row", bound=_Lasting)

_JOB_MODES = {"FAST": "Fast", "RELAX": "Relax"}
_PERIODS = {"monthly": timedelta(days=30), "yearly": timedelta(days=365)}
_A_DAY = timedelta(days=1)

_BASIC = _Plan("Basic", fast_time=200, unit="minutes", concurrency=3)
_STANDARD = _Plan("Standard", fast_time=15, unit="hours", concurrency=3)
_PRO = _Plan("Pro", fast_time=30, unit="hours", concurrency=12)
_MEGA = _Plan("Mega", fast_time=60, unit="hours", concurrency=12)

_COURSES = (
    _Course(
        HEALTHY_TOKEN,
        _STANDARD,
        period="monthly",
        first_renewal=timedelta(days=23.5),
        stages=(_Stage(_A_DAY, "FAST", running_jobs="1"),),
        uses=(_Use(timedelta(days=23.5), 12.40, 3.00), _Use(timedelta(days=6.5), 15.00, 12.40)),
        relaxed_usage="0 images",
        lifetime_usage="2000 images (31.46 hours)",
    ),
    _Course(
        TOKEN_IN_MINUTES,
        _BASIC,
        period="monthly",
        first_renewal=timedelta(days=29.8),
        stages=(_Stage(_A_DAY, "FAST"),),
        uses=(_Use(timedelta(days=29.8), 199.00, 50.00), _Use(timedelta(days=0.2), 200.00, 199.00)),
        relaxed_usage="0 images",
        lifetime_usage="674 images",
    ),
    _Course(
        RELAXED_TOKEN,
        _STANDARD,
        period="monthly",
        first_renewal=timedelta(days=9),
        stages=(_Stage(_A_DAY, "RELAX", running_jobs="1", queued_jobs_relax="3"),),
        uses=(_Use(_A_DAY, 0.00, 0.00),),
        relaxed_usage="102 images (1.77 hours)",
        lifetime_usage="5218 images (83.02 hours)",
    ),
    _Course(
        TOKEN_RUNNING_OUT,
        _PRO,
        period="yearly",
        first_renewal=timedelta(days=121),
        stages=(
            _Stage(timedelta(minutes=4), "FAST", running_jobs="9", queued_jobs_fast="4"),
            _Stage(timedelta(minutes=8), "RELAX", running_jobs="3", queued_jobs_relax="10"),
            _Stage(timedelta(minutes=13), "FAST", running_jobs="9", queued_jobs_fast="4"),
        ),
        uses=(
            _Use(timedelta(minutes=3), 0.05, 0.00),
            _Use(timedelta(minutes=9), 0.00, 0.00),
            _Use(timedelta(minutes=13), 1.00, 0.05),
        ),
        relaxed_usage="391 images (6.53 hours)",
        lifetime_usage="14806 images (236.90 hours)",
        visibility_mode="Stealth",
    ),
    _Course(
        TOKEN_VERIFYING,
        _MEGA,
        period="monthly",
        first_renewal=timedelta(days=12),
        stages=(
            _Stage(timedelta(minutes=18), "FAST", running_jobs="2"),
            _Stage(timedelta(minutes=6), "VERIFYING", remark=VERIFICATION_REMARK),
            _Stage(timedelta(minutes=1), "FAST", running_jobs="2"),
        ),
        uses=(_Use(timedelta(days=12), 42.00, 30.00), _Use(timedelta(days=18), 60.00, 42.00)),
        relaxed_usage="28 images (0.49 hours)",
        lifetime_usage="9340 images (149.27 hours)",
    ),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The demo from the moment it began."""

    began: datetime

    @property
    def expires_at(self) -> datetime:
        """Tell when the simulated account ends."""
        return self.began + _PERIODS["yearly"]

    def fleet(self, now: datetime) -> tuple[SimulatedToken, ...]:
        """Tell what the five tokens are like at this moment."""
        return tuple(self._token(course, now) for course in _COURSES)

    def _token(self, course: _Course, now: datetime) -> SimulatedToken:
        stage, _ = _row_at(course.stages, now - self.began)
        return SimulatedToken(
            token_id=course.token_id,
            status=stage.status,
            job_mode=_JOB_MODES.get(stage.status, ""),
            fast_time_remaining=_fast_time(course, now - self.began),
            subscription=self._subscription(course, now),
            relaxed_usage=course.relaxed_usage,
            lifetime_usage=course.lifetime_usage,
            running_jobs=stage.running_jobs,
            queued_jobs_fast=stage.queued_jobs_fast,
            queued_jobs_relax=stage.queued_jobs_relax,
            visibility_mode=course.visibility_mode,
            remark=stage.remark,
            concurrency=course.plan.concurrency,
        )

    def _subscription(self, course: _Course, now: datetime) -> str:
        first = self.began + course.first_renewal
        period = _PERIODS[course.period]
        renewal = first + max(math.ceil((now - first) / period), 0) * period
        return f"{course.plan.name} (Active {course.period}, renews next on <t:{int(renewal.timestamp())}>)"


def _fast_time(course: _Course, elapsed: timedelta) -> str:
    use, share = _row_at(course.uses, elapsed)
    left = use.left_first + (use.left_last - use.left_first) * share
    total = course.plan.fast_time
    return f"{left:.2f}/{total:.1f} {course.plan.unit} ({left / total:.2%})"


def _row_at(rows: Sequence[_Row], elapsed: timedelta) -> tuple[_Row, float]:
    """Find the row of a table that repeats, and how much of this row has passed, 0 to 1."""
    into = elapsed % sum((row.lasts for row in rows), timedelta())
    for row in rows[:-1]:
        if into < row.lasts:
            return row, into / row.lasts
        into -= row.lasts
    return rows[-1], into / rows[-1].lasts
