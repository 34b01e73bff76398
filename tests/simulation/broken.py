"""Ways to break the bot on purpose, to prove that the simulation finds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.tracking import apply_reading
from bot.monitor import round_recorder
from bot.monitor.recording import RoundResult
from bot.notifier import queue
from bot.notifier.actions import Action, Attempt, Dropped, Outcome, Post
from bot.notifier.sender import Sender
from bot.storage.deliveries import mark_delivered


@contextmanager
def drops_every_third_alert() -> Iterator[None]:
    """A delivery is recorded as sent, and was not."""
    perform, numbers = Sender.perform, count(1)

    async def broken(self: Sender, action: Action, attempt: Attempt) -> Outcome:
        if isinstance(action, Post) and next(numbers) % 3 == 0:
            return Dropped()
        return await perform(self, action, attempt)

    with patch.object(Sender, "perform", broken):
        yield


@contextmanager
def pings_twice_after_a_failure() -> Iterator[None]:
    """Each attempt has a nonce of its own, so that Discord does not know a repeat."""
    perform, numbers = Sender.perform, count(1)

    async def broken(self: Sender, action: Action, attempt: Attempt) -> Outcome:
        if isinstance(action, Post):
            action = replace(action, nonce=f"{action.nonce[:15]}-{next(numbers)}")
        return await perform(self, action, attempt)

    with patch.object(Sender, "perform", broken):
        yield


@contextmanager
def closes_after_an_hour() -> Iterator[None]:
    """A token that has been out of FAST for an hour is taken for back."""

    def broken(state: Any, reading: Any, now: datetime, rules: Any) -> Any:
        if state.incident_since is not None and now - state.incident_since > timedelta(hours=1):
            reading = replace(reading, status="FAST", is_active=True, listed=True)
        return apply_reading(state, reading, now, rules)

    with patch("bot.domain.evaluation.apply_reading", broken):
        yield


@contextmanager
def never_says_that_there_is_no_data() -> Iterator[None]:
    """Nobody is told that ImaginePro does not answer."""

    async def broken(*_: Any, **__: Any) -> RoundResult:
        return RoundResult(recorded=False, has_pending_changes=False)

    with patch.object(round_recorder, "record_no_data", broken):
        yield


@contextmanager
def forgets_what_was_muted() -> Iterator[None]:
    """What a mute holds back is recorded as told."""

    async def broken(connection: AsyncConnection, delivery_id: int, until: datetime, now: datetime) -> None:
        await mark_delivered(connection, [delivery_id], now)

    with patch.object(queue, "defer", broken):
        yield
