"""Writes the made-up history of a scenario into the bot's database, as if it had watched all the time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.services import Services
from bot.demo.history import Absence, PastReading, absences, build_history
from bot.demo.scenario import Scenario, TokenScript
from bot.domain.alert_types import IncidentType, alert_type_of
from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import FastTime, Unit
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.storage.incidents import save_incident
from bot.storage.token_names import set_name
from bot.storage.tokens import add_samples, save_tokens

# Shorter ones get no incident.
_MIN_ABSENCE: Final = timedelta(hours=1)
_ALL_REMINDERS: Final = 9


async def seed_tokens(
    services: Services, scenario: Scenario, began: datetime, *, server_id: int, named_by: int
) -> None:
    """Write the tokens as they are when the scenario begins, their names, and their samples."""
    fleet = await services.imaginepro.fleet()
    known = [TrackedToken(reading, sampled_at=began, in_fleet=True) for reading in fleet.readings]
    async with services.database.transaction() as connection:
        await save_tokens(connection, services.account_id, known)
        for script in scenario.tokens:
            history = build_history(script, began, scenario.past)
            await add_samples(connection, services.account_id, _samples(script, history))
            if script.name:
                await set_name(connection, server_id, script.token_id, script.name, named_by=named_by, now=began)
        await add_samples(connection, services.account_id, fleet.readings)


async def seed_incidents(services: Services, scenario: Scenario, began: datetime, server_id: int) -> None:
    """Write the past incidents, for a server that has alerts."""
    async with services.database.transaction() as connection:
        for script in scenario.tokens:
            for absence in absences(build_history(script, began, scenario.past)):
                await _seed_incident(connection, server_id, script.token_id, absence)


def _samples(script: TokenScript, history: Sequence[PastReading]) -> Iterator[Reading]:
    """Return the readings of the samples: one per hour, as after downsampling."""
    unit = Unit(script.plan.unit)
    for past in history:
        left = FastTime(past.left * unit.length, script.plan.fast_time * unit.length, unit)
        is_on = past.mode is not Mode.OFF
        yield Reading(script.token_id, past.at, status=past.mode, is_active=is_on, fast_time=left)


async def _seed_incident(connection: AsyncConnection, server_id: int, token_id: int, absence: Absence) -> None:
    if absence.resolved_at - absence.started_at < _MIN_ABSENCE:
        return
    alert_type = alert_type_of(absence.mode)
    token = AffectedToken(
        token_id, alert_type, alert_type, Mode.FAST, absence.mode, absence.started_at, absence.resolved_at
    )
    incident = Incident(
        None,
        server_id,
        IncidentType.MODE,
        absence.started_at,
        (token,),
        absence.resolved_at,
        reminders_sent=_ALL_REMINDERS,
    )
    await save_incident(connection, incident, _timeline(token, absence))


def _timeline(token: AffectedToken, absence: Absence) -> Iterable[TimelineEvent]:
    started = TimelineEvent(absence.started_at, TimelineEventType.STARTED, token.token_id, token.kind, token.mode)
    return started, replace(started, at=absence.resolved_at, type=TimelineEventType.RECOVERED, kind=None, mode=None)
