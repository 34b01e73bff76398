"""A round: what it read, and what follows from it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import AccountQuota
from bot.domain.evaluation import TrackedToken
from bot.domain.readings import Reading
from bot.domain.run_out import RunOut
from bot.domain.time_driven import ServerSnapshot
from bot.monitor.responses import Failure
from bot.storage.digests import DigestSubscription

Claim: TypeAlias = Callable[[AsyncConnection, Collection[int]], Awaitable[None]]
"""Claims what is recorded for these servers, in the transaction that records it."""
HandOver: TypeAlias = Callable[[], AbstractAsyncContextManager[Claim]]
"""Returns the block around a transaction, at whose end what was claimed in it is sent."""


@asynccontextmanager
async def hand_over_nothing() -> AsyncIterator[Claim]:
    """Leave what is recorded to whoever looks for it."""

    async def claim(_connection: AsyncConnection, _server_ids: Collection[int]) -> None:
        pass

    yield claim


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
    server_ids: frozenset[int] = frozenset()
    """The servers for which alerts were recorded."""
    is_settled: bool = False
    """Whether nothing was saved and nothing is pending, so that the same readings would change nothing again."""
    snapshots: tuple[ServerSnapshot, ...] = ()
    """What was read of each server, as far as anything may follow from it by time alone."""
    digests: tuple[DigestSubscription, ...] = ()
