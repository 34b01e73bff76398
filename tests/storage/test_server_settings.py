"""A server's settings: its rules, and its moderator role."""

from dataclasses import fields, replace
from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import Text, select, type_coerce

from bot.domain.rules import DigestDay, Rules
from bot.storage.database import Database
from bot.storage.schema import server_settings
from bot.storage.server_settings import moderators_role, rules_of, set_moderators_role, set_rules
from tests.storage.seeds import OTHER_SERVER, SERVER

ALL_SET = Rules(
    confirm_leaving=3,
    confirm_urgent=2,
    confirm_back=4,
    low=30,
    very_low=0,
    reminders=(timedelta(minutes=90),),
    escalate_after=timedelta(minutes=30),
    escalate_role=77,
    quiet_hours=(time(22, 30), time(7)),
    no_data_after=timedelta(minutes=7),
    flapping_after=5,
    flapping_within=timedelta(hours=2),
    group_from=4,
    run_out=False,
    min_fast=2,
    min_hours=40,
    low_credits=20,
    plan_end=False,
    digest=DigestDay.SUNDAY,
    digest_hour=17,
    time_zone="Europe/Berlin",
)


async def test_a_server_without_settings_has_the_defaults(database: Database) -> None:
    async with database.transaction() as connection:
        await set_moderators_role(connection, SERVER, 5)
        assert await rules_of(connection, SERVER) == Rules()
        assert await rules_of(connection, OTHER_SERVER) == Rules()


async def test_all_rules_round_trip_per_server(database: Database) -> None:
    assert all(getattr(ALL_SET, field.name) != getattr(Rules(), field.name) for field in fields(Rules))
    async with database.transaction() as connection:
        await set_rules(connection, SERVER, ALL_SET)
        await set_rules(connection, OTHER_SERVER, Rules(low=10))
        assert await rules_of(connection, SERVER) == ALL_SET
        assert await rules_of(connection, OTHER_SERVER) == Rules(low=10)


async def test_only_differences_from_the_defaults_are_saved(database: Database) -> None:
    """A changed default of a later version applies to all who have not set the rule."""
    async with database.transaction() as connection:
        await set_rules(connection, SERVER, Rules(low=10, reminders=()))
        saved = await connection.scalar(select(type_coerce(server_settings.c.rules, Text)))
        assert saved is not None
        assert TypeAdapter(dict[str, object]).validate_json(saved) == {"low": 10, "reminders": []}

        await set_rules(connection, SERVER, Rules())
        assert await connection.scalar(select(type_coerce(server_settings.c.rules, Text))) == "{}"


def test_settings_of_earlier_versions_are_still_read() -> None:
    saved = (
        '{"confirm_leaving":3,"confirm_urgent":2,"confirm_back":4,"low":30,"very_low":0,"reminders":["PT1H30M"],'
        '"no_data_after":"PT7M","flapping_after":5,"flapping_within":"PT2H","group_from":4,"run_out":false,'
        '"digest":"sunday","digest_hour":17,"time_zone":"Europe/Berlin"}'
    )

    expected = replace(ALL_SET, escalate_after=timedelta(), escalate_role=0, quiet_hours=())
    expected = replace(expected, min_fast=1, min_hours=0, low_credits=10, plan_end=True)
    assert TypeAdapter(Rules).validate_json(saved) == expected


async def test_rules_and_role_are_set_separately(database: Database) -> None:
    async with database.transaction() as connection:
        await set_rules(connection, SERVER, ALL_SET)
        await set_moderators_role(connection, SERVER, 5)
        assert (await rules_of(connection, SERVER), await moderators_role(connection, SERVER)) == (ALL_SET, 5)
        await set_rules(connection, SERVER, Rules())
        assert await moderators_role(connection, SERVER) == 5


async def test_a_server_has_at_most_one_role(database: Database) -> None:
    async with database.transaction() as connection:
        assert await moderators_role(connection, SERVER) is None
        await set_moderators_role(connection, SERVER, 5)
        await set_moderators_role(connection, OTHER_SERVER, 6)
        assert await moderators_role(connection, SERVER) == 5
        await set_moderators_role(connection, SERVER, None)
        assert await moderators_role(connection, SERVER) is None


counts = st.integers(0, 100)
times = st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))


@given(
    numbers=st.builds(
        Rules,
        confirm_leaving=counts,
        confirm_urgent=counts,
        confirm_back=counts,
        low=counts,
        very_low=counts,
        reminders=st.lists(times).map(tuple),
        escalate_after=times,
        escalate_role=counts,
        quiet_hours=st.just(()) | st.tuples(st.times(), st.times()),
        no_data_after=times,
        flapping_after=counts,
        flapping_within=times,
        group_from=counts,
        run_out=st.booleans(),
        min_fast=counts,
        min_hours=counts,
        low_credits=counts,
        plan_end=st.booleans(),
        digest=st.sampled_from(DigestDay),
        digest_hour=counts,
        time_zone=st.text(),
    )
)
def test_any_rules_round_trip_through_json(numbers: Rules) -> None:
    adapter = TypeAdapter(Rules)

    assert adapter.validate_json(adapter.dump_json(numbers, exclude_defaults=True)) == numbers
