"""Scenarios: tables of what happens, and the state of ImaginePro at a given time. Pure.

A token goes through the rows of its tables again and again, and so does ImaginePro itself. Texts have the form that
ImaginePro documents for `GET /api/v1/discord/tokens` and `GET /api/v1/message/trace/{messageId}`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final, Protocol, TypeVar
from uuid import UUID


def message_of(token_id: int) -> UUID:
    """Return the id of the message that a token of a scenario runs."""
    return UUID(f"d15c1541-229a-442b-9873-{token_id:012d}")


MESSAGE_WITHOUT_TOKEN: Final = UUID("d15c1541-229a-442b-9873-00000000a001")
UNKNOWN_MESSAGE: Final = UUID("d15c1541-229a-442b-9873-00000000a002")

_JOB_MODES: Final = {"FAST": "Fast", "RELAX": "Relax"}
_PERIODS: Final = {"monthly": timedelta(days=30), "yearly": timedelta(days=365)}


@dataclass(frozen=True, slots=True)
class Stage:
    """A token's status and jobs for a while."""

    lasts: timedelta
    status: str
    running_jobs: str = "None"
    queued_jobs_fast: str = "0"
    queued_jobs_relax: str = "0"
    remark: str = ""
    is_active: bool = True
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """A linear change of fast time for a while, in the unit of the plan. A jump after it is a refill or a purchase."""

    lasts: timedelta
    left_first: float
    left_last: float


@dataclass(frozen=True, slots=True)
class Service:
    """Whether ImaginePro responds for a while."""

    lasts: timedelta
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A subscription plan of Midjourney."""

    name: str
    fast_time: float
    unit: str
    concurrency: int


BASIC: Final = Plan("Basic", fast_time=200, unit="minutes", concurrency=3)
STANDARD: Final = Plan("Standard", fast_time=15, unit="hours", concurrency=3)
PRO: Final = Plan("Pro", fast_time=30, unit="hours", concurrency=12)
MEGA: Final = Plan("Mega", fast_time=60, unit="hours", concurrency=12)


class Habit(Enum):
    """When a token was used before the scenario began."""

    OFFICE = auto()
    EVENING = auto()
    ROUND_THE_CLOCK = auto()


@dataclass(frozen=True, slots=True)
class Outage:
    """A status that a token had for a while, at a time before the scenario began."""

    before: timedelta
    status: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class TokenScript:
    """What happens to one token in a scenario."""

    token_id: int
    plan: Plan
    first_renewal: timedelta
    stages: Sequence[Stage]
    uses: Sequence[Use]
    relaxed_usage: str
    lifetime_usage: str
    period: str = "monthly"
    visibility_mode: str = "Public"
    name: str = ""
    """The name that the server gives it."""
    habit: Habit = Habit.OFFICE
    outages: Sequence[Outage] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to watch, and how long after the beginning it happens."""

    after: timedelta
    shows: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that happens, and its description for the person who watches."""

    about: str
    tokens: Sequence[TokenScript]
    to_try: Sequence[str]
    service: Sequence[Service] = (Service(timedelta(days=1)),)
    scenes: Sequence[Scene] = ()
    question: str = ""
    """What a member asks in the channel at the beginning."""
    traced: UUID | None = None
    """The message that the member then traces."""
    past: timedelta = timedelta()
    """For how long the bot has already watched the tokens."""
    credits: int = 1240
    """The credits left of the plan's 1,600."""
    credits_extra: int = 1000
    """The credits left that were bought."""
    account_lasts: timedelta = timedelta(days=365)
    """How long after the beginning the account expires."""
    has_board: bool = False
    has_digest: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedToken:
    """One token at one moment, with the values of ImaginePro's responses."""

    token_id: int
    status: str
    is_active: bool
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
class Simulation:
    """A scenario that began at a given time."""

    scenario: Scenario
    began: datetime

    @property
    def expires_at(self) -> datetime:
        """When the simulated account expires."""
        return self.began + self.scenario.account_lasts

    @property
    def messages(self) -> Mapping[UUID, int | None]:
        """The messages that exist, with the token that runs each; None if none is assigned yet."""
        of_tokens = {message_of(script.token_id): script.token_id for script in self.scenario.tokens}
        return {**of_tokens, MESSAGE_WITHOUT_TOKEN: None}

    def answers(self, now: datetime) -> bool:
        """Whether ImaginePro responds at this time."""
        row, _ = _row_at(self.scenario.service, now - self.began)
        return row.answers

    def fleet(self, now: datetime) -> tuple[SimulatedToken, ...]:
        """Return the tokens that ImaginePro lists at this time."""
        stages = [(script, _row_at(script.stages, now - self.began)[0]) for script in self.scenario.tokens]
        return tuple(self._token(script, stage, now) for script, stage in stages if stage.is_listed)

    def _token(self, script: TokenScript, stage: Stage, now: datetime) -> SimulatedToken:
        return SimulatedToken(
            token_id=script.token_id,
            status=stage.status,
            is_active=stage.is_active,
            job_mode=_JOB_MODES.get(stage.status, ""),
            fast_time_remaining=_fast_time(script, now - self.began),
            subscription=self._subscription(script, now),
            relaxed_usage=script.relaxed_usage,
            lifetime_usage=script.lifetime_usage,
            running_jobs=stage.running_jobs,
            queued_jobs_fast=stage.queued_jobs_fast,
            queued_jobs_relax=stage.queued_jobs_relax,
            visibility_mode=script.visibility_mode,
            remark=stage.remark,
            concurrency=script.plan.concurrency,
        )

    def _subscription(self, script: TokenScript, now: datetime) -> str:
        first = self.began + script.first_renewal
        period = _PERIODS[script.period]
        renewal = first + max(math.ceil((now - first) / period), 0) * period
        return f"{script.plan.name} (Active {script.period}, renews next on <t:{int(renewal.timestamp())}>)"


def _fast_time(script: TokenScript, elapsed: timedelta) -> str:
    use, share = _row_at(script.uses, elapsed)
    left = use.left_first + (use.left_last - use.left_first) * share
    total = script.plan.fast_time
    return f"{left:.2f}/{total:.1f} {script.plan.unit} ({left / total:.2%})"


class _Lasting(Protocol):
    @property
    def lasts(self) -> timedelta: ...


_Row = TypeVar("_Row", bound=_Lasting)


def _row_at(rows: Sequence[_Row], elapsed: timedelta) -> tuple[_Row, float]:
    """Return the current row of a repeating table, and the elapsed share of it, from 0 to 1."""
    into = elapsed % sum((row.lasts for row in rows), timedelta())
    for row in rows[:-1]:
        if into < row.lasts:
            return row, into / row.lasts
        into -= row.lasts
    return rows[-1], into / rows[-1].lasts
