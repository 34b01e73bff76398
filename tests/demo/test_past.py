"""The history of a scenario's tokens is consistent, and ends where the scenario starts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from bot.demo.history import PastReading, absences, build_history
from bot.demo.scenario import TokenScript
from bot.demo.scenarios import SCENARIOS
from bot.demo.scenarios.fleet import FLEET
from bot.demo.world import World, open_world
from bot.domain.modes import Mode
from bot.storage.schema import incidents, samples
from tests.clocks import NOON

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)
A_FEW = replace(FLEET, tokens=FLEET.tokens[:6])


@pytest.fixture(scope="module")
def pasts() -> list[tuple[TokenScript, list[PastReading]]]:
    """Return the history of every token of every scenario that has one."""
    courses = [course for scenario in SCENARIOS.values() if scenario.past for course in scenario.tokens]
    return [(course, build_history(course, BEGAN, YEAR)) for course in courses]


def test_the_history_covers_the_year_hour_by_hour(pasts: list[tuple[TokenScript, list[PastReading]]]) -> None:
    for course, moments in pasts:
        assert moments[0].at - (BEGAN - YEAR) < HOUR, course
        assert timedelta() < BEGAN - moments[-1].at <= HOUR, course
        assert all(later.at - earlier.at <= HOUR for earlier, later in pairwise(moments)), course


def test_fast_time_only_decreases_until_a_refill(pasts: list[tuple[TokenScript, list[PastReading]]]) -> None:
    for course, moments in pasts:
        for earlier, later in pairwise(moments):
            assert 0 <= later.left <= earlier.left or later.left == course.plan.fast_time, course


def test_it_ends_at_what_the_token_has_left_when_the_scenario_starts(
    pasts: list[tuple[TokenScript, list[PastReading]]],
) -> None:
    for course, moments in pasts:
        begins_with = course.uses[0].left_first
        # The usage of one hour.
        assert begins_with - 1e-9 <= moments[-1].left <= begins_with + course.plan.fast_time / 10, course


def test_a_token_without_fast_time_is_in_relax_unless_it_is_worse(
    pasts: list[tuple[TokenScript, list[PastReading]]],
) -> None:
    for course, moments in pasts:
        for moment in moments:
            assert moment.mode is not Mode.FAST or moment.left > 0, course
            assert moment.mode is not Mode.RELAX or moment.left == 0, course


def test_a_token_that_gets_no_requests_uses_no_fast_time(pasts: list[tuple[TokenScript, list[PastReading]]]) -> None:
    for course, moments in pasts:
        for earlier, later in pairwise(moments):
            if earlier.mode in {Mode.BANNED, Mode.VERIFYING, Mode.OFF}:
                assert later.left in {earlier.left, course.plan.fast_time}, course


def test_outages_are_where_they_were_scripted() -> None:
    (course,) = (course for course in FLEET.tokens if course.token_id == 111)

    found = absences(build_history(course, BEGAN, YEAR))

    for trouble in course.outages:
        (absence,) = [one for one in found if abs(one.started_at - (BEGAN - trouble.before)) <= HOUR]
        assert absence.mode is Mode(trouble.status)
        assert absence.resolved_at - absence.started_at >= trouble.lasts


def test_an_absence_ends_when_the_token_is_back() -> None:
    modes = [Mode.FAST, Mode.RELAX, Mode.BANNED, Mode.FAST, Mode.RELAX]
    found = absences([PastReading(NOON + hour * HOUR, mode, 1) for hour, mode in enumerate(modes)])

    assert [(one.mode, one.started_at, one.resolved_at) for one in found] == [
        (Mode.BANNED, NOON + HOUR, NOON + 3 * HOUR)
    ]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world(NOON, A_FEW) as world:
        yield world


@pytest.mark.slow
async def test_the_bot_has_the_seeded_history_as_if_it_had_watched(world: World) -> None:
    async with world.bot.services.database.reading() as connection:
        number, first, last = (
            await connection.execute(
                select(func.count(), func.min(samples.c.read_at), func.max(samples.c.read_at)).select_from(samples)
            )
        ).one()
        ended = (await connection.execute(select(incidents.c.started_at, incidents.c.resolved_at))).all()

    assert number > len(A_FEW.tokens) * 365 * 23
    assert (first - (NOON - YEAR), NOON - last) < (HOUR, HOUR)
    assert len(ended) > len(A_FEW.tokens)
    assert all(started < back < NOON for started, back in ended)


@pytest.mark.slow
async def test_the_seeded_history_raises_no_alert(world: World) -> None:
    posts = len(world.channel.history())

    await world.monitor.round()
    await world.bot.notifier.deliver_due()

    assert len(world.channel.history()) == posts
