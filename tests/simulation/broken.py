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

from bot.domain import conditions, evaluation
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.conditions import find_problem
from bot.domain.escalation import escalate
from bot.domain.incident_updates import IncidentUpdate
from bot.domain.incidents import Incident
from bot.domain.rules import Rules
from bot.domain.tracking import TokenState, apply_reading
from bot.monitor import recording, round_recorder
from bot.monitor.rounds import RoundResult
from bot.notifier import outcomes, queue
from bot.notifier.actions import Action, Attempt, Dropped, Outcome, Post
from bot.notifier.boards import Boards
from bot.notifier.sender import Sender
from bot.storage import alerts_off
from bot.storage.deliveries import DeliveryKind, mark_delivered, record_delivery


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

    with patch.object(evaluation, "apply_reading", broken):
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


@contextmanager
def never_updates_its_boards() -> Iterator[None]:
    """A board stays as it was posted."""

    async def broken(self: Boards) -> None:
        """Update nothing."""

    with patch.object(Boards, "update_all", broken):
        yield


@contextmanager
def never_says_that_hours_are_low() -> Iterator[None]:
    """Nobody is told that a token has few fast hours."""

    def broken(state: TokenState, *_: Any) -> tuple[TokenState, None]:
        return state, None

    with patch.object(evaluation, "apply_fast_time", broken):
        yield


@contextmanager
def never_forecasts() -> Iterator[None]:
    """Nobody is told that a token will run out of fast hours."""

    def broken(state: TokenState, *_: Any) -> tuple[TokenState, None]:
        return state, None

    with patch.object(evaluation, "apply_run_out", broken):
        yield


@contextmanager
def leaves_alerts_open_when_switched_off() -> Iterator[None]:
    """`/alerts off` closes no alert."""

    async def broken(*_: Any) -> None:
        """Close nothing."""

    with patch.object(alerts_off, "_close_incidents", broken):
        yield


@contextmanager
def never_tells_moderators_of_a_broken_channel() -> Iterator[None]:
    """Moderators do not learn that the bot may not post in the channel of the alerts."""

    async def broken(connection: AsyncConnection, kind: DeliveryKind, **values: Any) -> None:
        if kind is not DeliveryKind.ROUTE_BROKEN:
            await record_delivery(connection, kind, **values)

    with patch.object(outcomes, "record_delivery", broken):
        yield


@contextmanager
def never_escalates() -> Iterator[None]:
    """A second role is never pinged."""

    def broken(*_: Any) -> None:
        """Find nothing due."""

    with patch.object(recording, "escalate", broken):
        yield


@contextmanager
def escalates_after_five_minutes() -> Iterator[None]:
    """A second role is pinged long before the rule says so."""

    def broken(incident: Incident, now: datetime, rules: Rules) -> IncidentUpdate | None:
        return escalate(incident, now, replace(rules, escalate_after=timedelta(minutes=5)))

    def never_held(*_: Any) -> None:
        """Hold nothing back."""

    # The queue looks at the rule again before it sends one.
    with patch.object(recording, "escalate", broken), patch.object(queue, "find_escalation_hold", never_held):
        yield


@contextmanager
def pings_in_quiet_hours() -> Iterator[None]:
    """Everything pings at any time."""

    def broken(*_: Any) -> bool:
        return False

    with patch.object(queue, "is_ping_suppressed", broken):
        yield


@contextmanager
def never_sums_up_quiet_hours() -> Iterator[None]:
    """Nothing is said after quiet hours."""

    async def broken(*_: Any) -> bool:
        return False

    with patch.object(recording, "record_quiet_summary", broken):
        yield


@contextmanager
def never_judges(type_: IncidentType) -> Iterator[None]:
    """Nobody is told of one condition of the fleet or the account."""

    def broken(judged: IncidentType, *values: Any) -> AlertType | None:
        return None if judged is type_ else find_problem(judged, *values)

    with patch.object(conditions, "find_problem", broken):
        yield


@contextmanager
def never_reminds() -> Iterator[None]:
    """Nobody is reminded of an alert."""

    def broken(*_: Any) -> None:
        """Find nothing due."""

    with patch.object(recording, "remind", broken):
        yield
