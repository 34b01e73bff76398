"""Puts the made-up past of a scenario into the bot's database, as if it had watched all the time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.client import Services
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

# Shorter ones are not worth a line.
_SHORTEST_ABSENCE: Final = timedelta(hours=1)
_ALL_REMINDERS: Final = 9


async def seed_tokens(
    services: Services, scenario: Scenario, began: datetime, *, server_id: int, named_by: int
) -> None:
    """Keep the tokens as they are when the scenario begins, their names, and the samples of their past."""
    fleet = await services.imaginepro.fleet()
    known = [TrackedToken(reading, sampled_at=began, in_fleet=True) for reading in fleet.readings]
    async with services.database.transaction() as connection:
        await save_tokens(connection, services.account_id, known)
        for course in scenario.tokens:
            moments = build_history(course, began, scenario.past)
            await add_samples(connection, services.account_id, _samples(course, moments))
            if course.name:
                await set_name(connection, server_id, course.token_id, course.name, named_by=named_by, now=began)
        await add_samples(connection, services.account_id, fleet.readings)


async def seed_incidents(services: Services, scenario: Scenario, began: datetime, server_id: int) -> None:
    """Keep the incidents of the past, for a server that has alerts."""
    async with services.database.transaction() as connection:
        for course in scenario.tokens:
            for absence in absences(build_history(course, began, scenario.past)):
                await _seed_incident(connection, server_id, course.token_id, absence)


def _samples(course: TokenScript, moments: Sequence[PastReading]) -> Iterator[Reading]:
    """Make the readings that were worth a sample: one an hour, as long ago as they are."""
    unit = Unit(course.plan.unit)
    for moment in moments:
        left = FastTime(moment.left * unit.length, course.plan.fast_time * unit.length, unit)
        is_on = moment.mode is not Mode.OFF
        yield Reading(course.token_id, moment.at, status=moment.mode, is_active=is_on, fast_time=left)


async def _seed_incident(connection: AsyncConnection, server_id: int, token_id: int, absence: Absence) -> None:
    if absence.resolved_at - absence.started_at < _SHORTEST_ABSENCE:
        return
    kind = alert_type_of(absence.mode)
    member = AffectedToken(token_id, kind, kind, Mode.FAST, absence.mode, absence.started_at, absence.resolved_at)
    incident = Incident(
        None,
        server_id,
        IncidentType.MODE,
        absence.started_at,
        (member,),
        absence.resolved_at,
        reminders_sent=_ALL_REMINDERS,
    )
    await save_incident(connection, incident, _timeline(member, absence))


def _timeline(member: AffectedToken, absence: Absence) -> Iterable[TimelineEvent]:
    began = TimelineEvent(absence.started_at, TimelineEventType.STARTED, member.token_id, member.kind, member.mode)
    return began, replace(began, at=absence.resolved_at, type=TimelineEventType.RECOVERED, kind=None, mode=None)
