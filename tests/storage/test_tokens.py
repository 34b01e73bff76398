"""Tokens: their known values round-trip."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine.default import DefaultDialect

from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.subscription import Jobs, Plan, Usage
from bot.storage.accounts import ensure_account
from bot.storage.columns import PydanticJson
from bot.storage.database import Database
from bot.storage.schema import samples
from bot.storage.tokens import add_samples, delete_samples_between, known_tokens, readings_of, save_tokens
from tests.clocks import NOON
from tests.storage.seeds import TOKEN, known

# Its statements differ between SQLite and PostgreSQL.

FULL = Reading(
    token_id=TOKEN,
    read_at=NOON,
    status="TURBO",
    is_active=True,
    fast_time=FastTime(timedelta(minutes=12.34), timedelta(minutes=200), Unit.MINUTES),
    fast_time_text="12.34/200.0 minutes (6.17%)",
    plan=Plan("Basic", "Active", "monthly", NOON + timedelta(days=9), NOON + timedelta(days=99)),
    plan_text="Basic (Active monthly, renews next on <t:1774000000>)",
    running_jobs=Jobs.SOME,
    queued_fast=0,
    queued_relax=3,
    relaxed_usage=Usage(12, 0.5),
    lifetime_usage=Usage(674),
    visibility="Public",
    remark="Hélas \u2068“quoted”\u2069 \\ \U0001f642",
)


async def saved(database: Database, account_id: int, *tokens: TrackedToken) -> dict[int, TrackedToken]:
    async with database.transaction() as connection:
        await save_tokens(connection, account_id, tokens)
    async with database.reading() as connection:
        return await known_tokens(connection, account_id)


async def test_all_known_fields_round_trip(database: Database, account_id: int) -> None:
    token = TrackedToken(FULL, sampled_at=NOON - timedelta(minutes=1), in_fleet=False)

    assert await saved(database, account_id, token) == {TOKEN: token}


async def test_unknown_fields_round_trip_as_unknown(database: Database, account_id: int) -> None:
    token = known()

    assert await saved(database, account_id, token) == {TOKEN: token}


async def test_the_largest_id_fits(database: Database, account_id: int) -> None:
    token = known(2**63 - 1)

    assert await saved(database, account_id, token) == {2**63 - 1: token}


async def test_saving_again_replaces_the_old_value(database: Database, account_id: int) -> None:
    await saved(database, account_id, TrackedToken(FULL, NOON, in_fleet=False), known(222))

    assert await saved(database, account_id, known()) == {TOKEN: known(), 222: known(222)}


async def test_each_account_has_its_own_tokens(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
    await saved(database, another, known(mode=Mode.BANNED))

    assert await saved(database, account_id) == {}


async def test_last_readings_are_found_by_token_id(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await save_tokens(connection, account_id, [TrackedToken(FULL, NOON, in_fleet=True), known(222), known(333)])
        await save_tokens(connection, another, [known(mode=Mode.BANNED), known(444)])
        found = await readings_of(connection, account_id, [TOKEN, 333, 444])

    assert found == {TOKEN: FULL, 333: known(333).reading}


async def test_samples_are_added_once_per_time(database: Database, account_id: int) -> None:
    later = replace(FULL, read_at=NOON + timedelta(hours=1), fast_time=None)
    async with database.transaction() as connection:
        await save_tokens(connection, account_id, [known()])
        await add_samples(connection, account_id, [FULL])
        await add_samples(connection, account_id, [FULL, later])
        await add_samples(connection, account_id, [])
        rows = await connection.execute(select(samples).order_by(samples.c.read_at))

        assert [tuple(row) for row in rows] == [
            (account_id, TOKEN, NOON, "OTHER", timedelta(minutes=12.34), timedelta(minutes=200)),
            (account_id, TOKEN, NOON + timedelta(hours=1), "OTHER", None, None),
        ]


async def test_samples_of_a_time_are_deleted_without_those_of_other_accounts(
    database: Database, account_id: int
) -> None:
    minutes = [replace(FULL, read_at=NOON + timedelta(minutes=number)) for number in range(4)]
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        for account in (account_id, another):
            await save_tokens(connection, account, [known(), known(TOKEN + 1)])
            await add_samples(connection, account, [*minutes, replace(minutes[2], token_id=TOKEN + 1)])
        next_at = await delete_samples_between(connection, account_id, minutes[1].read_at, minutes[1].read_at)
        assert next_at == minutes[2].read_at
        await delete_samples_between(connection, account_id, minutes[1].read_at, minutes[2].read_at)
        rows = await connection.execute(select(samples.c.account_id, samples.c.token_id, samples.c.read_at))

        assert {tuple(row) for row in rows} == {
            *((account_id, TOKEN, minutes[number].read_at) for number in (0, 1, 3)),
            *((another, TOKEN, one.read_at) for one in minutes),
            (another, TOKEN + 1, minutes[2].read_at),
        }


# Control characters and lone surrogates never get past `bot.imaginepro.responses`.
words = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.none() | st.integers(0, 10**9) | st.just(Jobs.SOME)
lengths = st.integers(0, 10**12).map(lambda cents: timedelta(minutes=cents / 100))
usages = st.none() | st.builds(Usage, st.integers(0, 10**15), st.none() | st.floats(0, 10**9))
times = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
readings = st.builds(
    Reading,
    token_id=st.just(TOKEN),
    read_at=times,
    status=words,
    is_active=st.none() | st.booleans(),
    listed=st.booleans(),
    fast_time=st.none() | st.builds(FastTime, lengths, st.none() | lengths, st.sampled_from(Unit)),
    fast_time_text=words,
    plan=st.builds(Plan, st.none() | words, st.none() | words, st.none() | words, st.none() | times),
    plan_text=words,
    running_jobs=numbers,
    queued_fast=numbers,
    queued_relax=numbers,
    relaxed_usage=usages,
    lifetime_usage=usages,
    visibility=words,
    remark=words,
)


@given(reading=readings)
def test_any_reading_round_trips_through_json(reading: Reading) -> None:
    column, dialect = PydanticJson(Reading), DefaultDialect()
    written = column.process_bind_param(reading, dialect)

    assert column.process_result_value(written, dialect) == reading
    assert "\x00" not in (written or ""), "PostgreSQL takes no NUL in a text"
