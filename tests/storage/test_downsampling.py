"""Downsampling: which of a token's samples stay, which are deleted, and the batches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.readings import Reading
from bot.storage.accounts import ensure_account
from bot.storage.database import Database, open_database
from bot.storage.downsampling import RAW_RETENTION, RETENTION, downsample, tokens_to_downsample
from bot.storage.schema import tokens
from bot.storage.tokens import add_samples, save_tokens
from tests.clocks import NOON
from tests.patience import GENEROUS
from tests.storage.sampling import DAY, FAST, GONE, HOUR, MINUTE, RELAX, VERIFYING, Sampled, left_of, minutely, sample
from tests.storage.seeds import TOKEN, known

LATER = NOON + RAW_RETENTION + 2 * DAY
"""When the first two days after noon are due for downsampling."""


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[tuple[Database, int]]:
    """Open a database with an account, for several series."""
    async with open_database(SecretStr(sqlite_url)) as database:
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
        yield database, account_id


async def downsample_all(
    connection: AsyncConnection, account_id: int, now: datetime = LATER, *, most: int = 1500
) -> int:
    """Downsample the token until nothing is left to do. Return the number of steps."""
    steps = 1
    while await downsample(connection, account_id, TOKEN, now, most=most):
        steps += 1
    return steps


async def test_each_hour_keeps_its_last_sample_and_the_series_its_first(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely(range(0, 180, 7)))
        await downsample_all(connection, account_id)
        assert await left_of(connection) == minutely([0, 56, 119, 175])


async def test_a_minute_of_verification_keeps_its_start_and_end(database: Database, account_id: int) -> None:
    mode_of = {20: VERIFYING, 21: VERIFYING, 60: RELAX, 61: RELAX}
    async with database.transaction() as connection:
        await sample(connection, account_id, *((m * MINUTE, mode_of.get(m, FAST)) for m in range(120)))
        await downsample_all(connection, account_id)
        assert (await left_of(connection))[1:] == [
            (20 * MINUTE, VERIFYING),
            (22 * MINUTE, FAST),
            (59 * MINUTE, FAST),
            (60 * MINUTE, RELAX),
            (62 * MINUTE, FAST),
            (119 * MINUTE, FAST),
        ]


async def test_the_last_two_weeks_are_unchanged(database: Database, account_id: int) -> None:
    raw = minutely(range(180))
    async with database.transaction() as connection:
        await sample(connection, account_id, *raw)
        await downsample_all(connection, account_id, NOON + RAW_RETENTION + 90 * MINUTE)
        assert await left_of(connection) == [*minutely([0, 59]), *raw[60:]]


async def test_downsampled_hours_are_not_processed_again(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely(range(180)))
        assert await tokens_to_downsample(connection, account_id, LATER) == [TOKEN]
        await downsample_all(connection, account_id)
        assert await tokens_to_downsample(connection, account_id, LATER) == []


async def test_a_token_is_downsampled_once_a_day_is_complete(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely(range(180)))
        await downsample_all(connection, account_id)
        assert await tokens_to_downsample(connection, account_id, LATER + DAY - MINUTE) == []
        assert await tokens_to_downsample(connection, account_id, LATER + DAY) == [TOKEN]


async def test_the_longest_waiting_token_is_downsampled_first(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await save_tokens(connection, another, [known()])
        await save_tokens(connection, account_id, [known(number) for number in (1, 2, 3, 4)])
        for token_id, downsampled_until in ((1, NOON), (2, NOON - DAY), (3, LATER)):
            is_it = tokens.c.token_id == token_id
            await connection.execute(update(tokens).where(is_it).values(downsampled_until=downsampled_until))
        assert await tokens_to_downsample(connection, account_id, LATER) == [4, 2, 1]


async def test_a_round_keeps_the_downsampling_progress(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely(range(180)))
        await downsample_all(connection, account_id)
        await save_tokens(connection, account_id, [replace(known(mode=RELAX), sampled_at=LATER)])
        assert await tokens_to_downsample(connection, account_id, LATER) == []


async def test_a_step_is_limited_and_handles_whole_hours(database: Database, account_id: int) -> None:
    raw = minutely(range(600))
    async with database.transaction() as connection:
        await sample(connection, account_id, *raw)
        assert await downsample(connection, account_id, TOKEN, LATER, most=150)
        assert await left_of(connection) == [*minutely([0, 59, 119]), *raw[120:]]


async def test_a_step_handles_a_whole_hour_even_beyond_the_limit(database: Database, account_id: int) -> None:
    raw = minutely(range(600))
    async with database.transaction() as connection:
        await sample(connection, account_id, *raw)
        assert await downsample(connection, account_id, TOKEN, LATER, most=5)
        assert await left_of(connection) == [*minutely([0, 59]), *raw[60:]]


async def test_a_busy_day_takes_one_step_and_a_quiet_year_few(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely(range(1440)))
        assert await downsample_all(connection, account_id) == 1
        await sample(connection, account_id, *((hours * HOUR, FAST) for hours in range(48, 300 * 24)))
        assert await downsample_all(connection, account_id, NOON + RETENTION) <= 300 * 24 / 1500 + 1


async def test_a_gap_of_months_takes_one_step(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely(range(5)), (200 * DAY, FAST), (200 * DAY + MINUTE, FAST))
        assert await downsample_all(connection, account_id, NOON + 300 * DAY) == 1
        assert await left_of(connection) == [*minutely([0, 4]), (200 * DAY + MINUTE, FAST)]


async def test_a_token_without_samples_is_done_at_once(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id)
        assert await downsample_all(connection, account_id) == 1
        assert await tokens_to_downsample(connection, account_id, LATER) == []


async def test_a_deleted_token_is_no_error(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        assert not await downsample(connection, account_id, TOKEN, LATER)


async def test_a_clock_set_back_undoes_nothing(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id)
        await downsample_all(connection, account_id)
        await downsample_all(connection, account_id, LATER - DAY)
        assert await connection.scalar(select(tokens.c.downsampled_until)) == LATER - RAW_RETENTION


async def test_samples_of_other_tokens_are_unchanged(database: Database, account_id: int) -> None:
    raw = minutely(range(120))
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await sample(connection, another, *raw, token_id=333)
        await sample(connection, account_id, *raw, token_id=222)
        await sample(connection, account_id, *raw)
        await downsample_all(connection, account_id)
        await downsample_all(connection, account_id, NOON + RETENTION + DAY)
        assert await left_of(connection, 222) == await left_of(connection, 333) == raw


async def test_samples_older_than_thirteen_months_are_deleted_in_batches(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *((hours * HOUR, GONE) for hours in range(10)))
        now = NOON + RETENTION + 7 * HOUR
        assert await downsample(connection, account_id, TOKEN, now, most=4)
        assert await left_of(connection) == [(hours * HOUR, GONE) for hours in range(4, 10)]
        await downsample_all(connection, account_id, now, most=4)
        assert await left_of(connection) == [(hours * HOUR, GONE) for hours in range(7, 10)]


# Any series, downsampled in any batches

minutes = st.integers(0, 3 * 1440)
modes = st.sampled_from([FAST, FAST, FAST, RELAX, VERIFYING])
crowded = st.integers(0, 3 * 24).flatmap(lambda hour: st.integers(hour * 60, hour * 60 + 59))
series = st.dictionaries(minutes | crowded, modes, max_size=60).map(
    lambda found: [(minute * MINUTE, mode) for minute, mode in sorted(found.items())]
)
days = st.lists(st.integers(0, 4 * 1440).map(lambda minute: LATER - 2 * DAY + minute * MINUTE), max_size=4)


def expected_samples(raw: Sequence[Sampled]) -> list[Sampled]:
    """The reference implementation."""
    hours = [after // HOUR for after, _ in raw] + [None]
    befores = [None] + [mode for _, mode in raw]
    return [one for n, one in enumerate(raw) if hours[n] != hours[n + 1] or befores[n] != one[1]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=series, moments=days, most=st.integers(1, 40))
async def test_any_series_and_batches_give_the_same_result(
    sqlite: tuple[Database, int], raw: list[Sampled], moments: list[datetime], most: int
) -> None:
    database, account_id = sqlite
    end = LATER + 3 * DAY
    async with database.transaction() as connection:
        await connection.execute(delete(tokens))
        await sample(connection, account_id, *raw)
        for moment in [*sorted(moments), end, end + DAY]:
            await downsample_all(connection, account_id, moment, most=most)
        in_steps = await left_of(connection)
        await connection.execute(update(tokens).values(downsampled_until=None))
        await downsample_all(connection, account_id, end)

        assert in_steps == expected_samples(raw)
        assert await left_of(connection) == in_steps, "downsampling again takes nothing more away"


# Several at once


@pytest.mark.slow
async def test_two_concurrent_processes_delete_no_more_than_one(url: SecretStr) -> None:
    raw = [(minute * MINUTE, VERIFYING if minute % 37 == 0 else FAST) for minute in range(1440)]

    async def downsample_slowly(database: Database, account_id: int) -> None:
        has_more = True
        while has_more:
            async with database.transaction() as connection:
                has_more = await downsample(connection, account_id, TOKEN, LATER, most=100)

    async with open_database(url) as one, open_database(url) as other:
        async with one.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
            await sample(connection, account_id, *raw)
        await asyncio.gather(downsample_slowly(one, account_id), downsample_slowly(other, account_id))
        async with one.reading() as connection:
            assert await left_of(connection) == expected_samples(raw)


async def test_a_round_does_not_wait_for_downsampling(postgres_url: str) -> None:
    url = SecretStr(postgres_url)
    async with open_database(url) as downsampling, open_database(url) as rounds:
        async with downsampling.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
            await sample(connection, account_id, *minutely(range(120)))
        async with downsampling.transaction() as connection, asyncio.timeout(GENEROUS):
            await downsample(connection, account_id, TOKEN, LATER)
            async with rounds.transaction() as meanwhile:
                await add_samples(meanwhile, account_id, [Reading(TOKEN, LATER, status=FAST)])
        async with rounds.reading() as connection:
            assert await left_of(connection) == [*minutely([0, 59, 119]), (LATER - NOON, FAST)]
