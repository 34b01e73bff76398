"""A round: what it read, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.account import AccountQuota
from bot.domain.evaluation import TrackedToken
from bot.domain.readings import Reading
from bot.domain.run_out import RunOut
from bot.monitor.responses import Failure


@dataclass(frozen=True, slots=True)
class Round:
    """What a round recorded for every server starts from: its readings, the tokens before it, and the forecasts."""

    readings: Sequence[Reading]
    known: Mapping[int, TrackedToken]
    run_outs: Mapping[int, RunOut]
    now: datetime
    last_success_at: datetime
    """The time of the successful round before; `now` if there was none."""
    is_first: bool = False
    """Whether it is the first one of this process that succeeds. The database may be a restored backup since."""
    quota: AccountQuota | None = None
    """The latest credits and expiry of the account."""
    watched: frozenset[int] = frozenset()
    """The tokens to which watched messages lead."""


@dataclass(frozen=True, slots=True)
class RoundResult:
    """Whether any delivery was recorded, whether any change awaits a recheck soon, and why the round failed."""

    recorded: bool
    has_pending_changes: bool
    failure: Failure | None = None
    needs_quota: bool = False
    """Whether the account must be asked again soon, to confirm a change of its credits or its expiry."""
