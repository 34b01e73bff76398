"""The scripts of every scenario can be read at every moment, and respond like ImaginePro."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.demo.scenario import (
    MESSAGE_WITHOUT_TOKEN,
    STANDARD,
    UNKNOWN_MESSAGE,
    Scenario,
    Service,
    Simulation,
    Stage,
    TokenScript,
    Use,
    message_of,
)
from bot.demo.scenarios import SCENARIOS
from bot.demo.world import open_world
from bot.domain.modes import Mode
from bot.imaginepro.text_fields import parse_fast_time, parse_jobs, parse_plan, parse_usage
from tests.clocks import NOON

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)


def made_of(*stages: Stage, service: tuple[Service, ...] = (Service(MINUTE),)) -> Simulation:
    """Return a scenario of one token with these stages."""
    course = TokenScript(7, STANDARD, 9 * MINUTE, stages, (Use(MINUTE, 3, 3),), "0 images", "0 images")
    return Simulation(Scenario(about="", tokens=(course,), to_try=(), service=service), NOON)


@every_scenario
@pytest.mark.parametrize("minute", [0, 3.5, 8, 13, 20, 24.5, 40, 50, 79.9, 60 * 24 * 100])
def test_every_line_can_be_parsed(scenario: Scenario, minute: float) -> None:
    for token in Simulation(scenario, BEGAN).fleet(BEGAN + minute * MINUTE):
        assert token.status in Mode.__members__
        assert parse_fast_time(token.fast_time_remaining) is not None
        assert parse_plan(token.subscription).renews_at is not None
        for usage in (token.relaxed_usage, token.lifetime_usage):
            assert parse_usage(usage) is not None
        for jobs in (token.running_jobs, token.queued_jobs_fast, token.queued_jobs_relax):
            assert isinstance(parse_jobs(jobs), int)


@every_scenario
@pytest.mark.parametrize("days", [0, 12, 29, 31, 100, 400, 1000])
def test_the_renewal_is_always_ahead(scenario: Scenario, days: int) -> None:
    now = BEGAN + timedelta(days=days)

    for token in Simulation(scenario, BEGAN).fleet(now):
        renews_at = parse_plan(token.subscription).renews_at
        assert renews_at is not None
        assert renews_at >= now


@every_scenario
def test_fast_time_is_between_zero_and_the_plans_total(scenario: Scenario) -> None:
    for course in scenario.tokens:
        for use in course.uses:
            assert 0 <= use.left_last <= use.left_first <= course.plan.fast_time


@every_scenario
def test_each_token_has_a_message_one_message_has_none_yet_and_one_id_is_unknown(scenario: Scenario) -> None:
    messages = Simulation(scenario, BEGAN).messages
    tokens = [course.token_id for course in scenario.tokens]

    assert len(set(tokens)) == len(tokens)
    assert messages == {message_of(token_id): token_id for token_id in tokens} | {MESSAGE_WITHOUT_TOKEN: None}
    assert UNKNOWN_MESSAGE not in messages


@every_scenario
def test_announcements_come_in_order(scenario: Scenario) -> None:
    assert all(earlier.after < later.after for earlier, later in pairwise(scenario.scenes))


@every_scenario
def test_initially_traced_messages_exist(scenario: Scenario) -> None:
    assert scenario.traced is None or scenario.traced in Simulation(scenario, BEGAN).messages


def test_a_token_repeats_its_stages() -> None:
    simulation = made_of(Stage(2 * MINUTE, "FAST"), Stage(MINUTE, "RELAX"))

    statuses = [simulation.fleet(NOON + minute * MINUTE)[0].status for minute in (0, 1.9, 2, 2.9, 3, 4.9, 5)]
    assert statuses == ["FAST", "FAST", "RELAX", "RELAX", "FAST", "FAST", "RELAX"]


def test_a_token_can_be_switched_off_and_unlisted() -> None:
    simulation = made_of(Stage(MINUTE, "FAST", is_active=False), Stage(MINUTE, "FAST", is_listed=False))

    assert [token.is_active for token in simulation.fleet(NOON)] == [False]
    assert simulation.fleet(NOON + MINUTE) == ()


def test_imaginepro_can_be_down_for_a_while() -> None:
    service = (Service(2 * MINUTE), Service(MINUTE, answers=False))
    simulation = made_of(Stage(MINUTE, "FAST"), service=service)

    assert [simulation.answers(NOON + minute * MINUTE) for minute in range(4)] == [True, True, False, True]


@pytest.mark.slow
async def test_a_board_can_be_a_post_of_the_forum() -> None:
    async with open_world(NOON, SCENARIOS["team"]) as world:
        await world.mod.slash(world.channel, "board post", channel=world.forum)
        await world.bot.boards.update_all()

        assert [post.name for post in world.forum.threads] == ["Fleet"]
