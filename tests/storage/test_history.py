"""History: few rows that describe a token, and the whole fleet, over time."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.modes import Mode
from bot.storage.accounts import ensure_account
from bot.storage.database import Database
from bot.storage.history import (
    MAX_CHANGES,
    FleetSnapshot,
    ModeChange,
    StoredSample,
    fleet_history,
    mode_changes,
    samples_of,
)
from tests.clocks import NOON
from tests.storage.sampling import DAY, FAST, GONE, HOUR, MINUTE, RELAX, VERIFYING, Sampled, minutely, sample
from tests.storage.seeds import TOKEN

OTHER = Mode.OTHER


async def history(
    connection: AsyncConnection,
    account_id: int,
    since: timedelta = -DAY,
    until: timedelta = DAY,
    every: timedelta = HOUR,
) -> list[Sampled]:
    found = await samples_of(connection, account_id, TOKEN, NOON + since, NOON + until, every=every)
    return [(one.at - NOON, one.mode) for one in found]


# A token's samples


async def test_a_sample_round_trips(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (HOUR, RELAX), left=1.5 * MINUTE)
        assert await samples_of(connection, account_id, TOKEN, NOON, NOON + DAY, every=HOUR) == [
            StoredSample(NOON + HOUR, RELAX, 1.5 * MINUTE, 15 * HOUR)
        ]


async def test_unknown_fast_time_stays_unknown(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (HOUR, FAST), left=None)
        (one,) = await samples_of(connection, account_id, TOKEN, NOON, NOON + DAY, every=HOUR)

    assert one.left is None


async def test_each_hour_has_its_last_sample(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (-DAY, FAST), *minutely(range(0, 180, 7)))
        found = await history(connection, account_id)

    assert found == [(-DAY, FAST), *minutely([56, 119, 175])]


async def test_buckets_of_any_length_are_aligned_to_1970(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (-DAY, FAST), *minutely([0, 359, 360, 719, 720]))
        found = await history(connection, account_id, every=6 * HOUR)

    assert found == [(-DAY, FAST), *minutely([359, 719, 720])]


async def test_a_one_minute_mode_has_its_start_and_end(database: Database, account_id: int) -> None:
    mode_of = {20: VERIFYING, 21: VERIFYING, 40: RELAX}
    async with database.transaction() as connection:
        await sample(connection, account_id, (-DAY, FAST), *((m * MINUTE, mode_of.get(m, FAST)) for m in range(60)))
        found = await history(connection, account_id)

    assert found[1:] == [
        (20 * MINUTE, VERIFYING),
        (22 * MINUTE, FAST),
        (40 * MINUTE, RELAX),
        (41 * MINUTE, FAST),
        (59 * MINUTE, FAST),
    ]


async def test_the_last_sample_before_the_period_comes_first(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (-90 * DAY, FAST), (-40 * DAY, RELAX), *minutely([0, 5, 59], RELAX))
        found = await history(connection, account_id, since=timedelta())

    assert found == [(-40 * DAY, RELAX), (59 * MINUTE, RELAX)]


async def test_the_sample_before_the_period_comes_even_in_the_same_hour(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely([1, 10, 50]))
        found = await history(connection, account_id, since=20 * MINUTE)

    assert found == minutely([10, 50])


async def test_later_samples_are_left_out(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, *minutely([0, 10, 20]))
        found = await history(connection, account_id, since=timedelta(), until=10 * MINUTE)

    assert found == minutely([0, 10])


async def test_a_token_without_samples_has_no_history(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id)
        assert await history(connection, account_id) == []


async def test_samples_of_other_tokens_and_accounts_are_left_out(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await sample(connection, another, (-2 * DAY, FAST), (MINUTE, VERIFYING))
        await sample(connection, account_id, (-2 * DAY, FAST), (MINUTE, VERIFYING), token_id=222)
        await sample(connection, account_id, (-3 * DAY, FAST), (2 * MINUTE, FAST))
        found = await history(connection, account_id, since=timedelta())
        changes = await mode_changes(connection, account_id, TOKEN, since=NOON - DAY, until=NOON + DAY, most=9)

    assert found == [(-3 * DAY, FAST), (2 * MINUTE, FAST)]
    assert changes == []


async def test_a_flapping_token_has_its_latest_changes_and_each_hour(database: Database, account_id: int) -> None:
    flapping = [(minute * MINUTE, (FAST, RELAX)[minute % 2]) for minute in range(1440)]
    async with database.transaction() as connection:
        await sample(connection, account_id, (-DAY, RELAX), (MINUTE - DAY, RELAX), *flapping)
        found = await history(connection, account_id)

    hours = {(MINUTE - DAY, RELAX), *(sampled for sampled in flapping if sampled[0] % HOUR == 59 * MINUTE)}
    assert [one for one in found if one in hours] == sorted(hours)
    others = [one for one in found if one not in hours]
    assert others[0] == (-DAY, RELAX)
    assert others[1:] == [one for one in flapping if one not in hours][-MAX_CHANGES:]


@pytest.mark.parametrize("every", [HOUR, DAY])
async def test_a_mode_of_a_later_version_is_other(database: Database, account_id: int, every: timedelta) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (0 * DAY, FAST), (DAY, "TURBO"), (2 * DAY, "WARP"))
        found = await history(connection, account_id, until=9 * DAY, every=every)
        changes = await mode_changes(connection, account_id, TOKEN, since=NOON, until=NOON + 9 * DAY, most=9)
        (moment,) = await fleet_history(connection, account_id, [NOON + 2 * DAY])

    assert [mode for _, mode in found] == [FAST, OTHER, OTHER]
    assert changes == [ModeChange(NOON + DAY, FAST, OTHER)]
    assert moment.modes == {OTHER: 1}


# Changes of mode


async def test_changes_of_mode_are_limited_and_latest_first(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (-DAY, FAST), *minutely([0, 1]), (2 * MINUTE, RELAX))
        await sample(connection, account_id, (3 * MINUTE, RELAX), (4 * MINUTE, VERIFYING), (5 * MINUTE, FAST))
        changes = await mode_changes(connection, account_id, TOKEN, since=NOON - 9 * DAY, until=NOON + HOUR, most=9)
        latest = await mode_changes(connection, account_id, TOKEN, since=NOON, until=NOON + HOUR, most=2)

    assert changes == [
        ModeChange(NOON + 5 * MINUTE, VERIFYING, FAST),
        ModeChange(NOON + 4 * MINUTE, RELAX, VERIFYING),
        ModeChange(NOON + 2 * MINUTE, FAST, RELAX),
    ]
    assert latest == changes[:2]


async def test_a_change_since_the_last_earlier_sample_counts(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (-3 * DAY, FAST), (-2 * DAY, RELAX), (0 * DAY, FAST))
        changes = await mode_changes(connection, account_id, TOKEN, since=NOON - HOUR, until=NOON, most=9)

    assert changes == [ModeChange(NOON, RELAX, FAST)]


async def test_a_change_after_the_period_does_not_count(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (-HOUR, FAST), (0 * DAY, RELAX), (MINUTE, FAST))
        changes = await mode_changes(connection, account_id, TOKEN, since=NOON - DAY, until=NOON, most=9)

    assert changes == [ModeChange(NOON, FAST, RELAX)]


# The fleet


async def test_each_fleet_snapshot_is_summed_in_the_requested_order(database: Database, account_id: int) -> None:
    times = [NOON + 3 * HOUR, NOON + HOUR, NOON + HOUR, NOON - HOUR]
    async with database.transaction() as connection:
        await sample(connection, account_id, (0 * HOUR, FAST), (2 * HOUR, RELAX))
        await sample(connection, account_id, (0 * HOUR, FAST), (3 * HOUR, FAST), token_id=222, left=30 * MINUTE)
        await sample(connection, account_id, (HOUR, VERIFYING), token_id=333, left=None)
        moments = await fleet_history(connection, account_id, times)

    at_one = FleetSnapshot(NOON + HOUR, 90 * MINUTE, Counter({FAST: 2, VERIFYING: 1}))
    assert moments == [
        FleetSnapshot(NOON + 3 * HOUR, 90 * MINUTE, Counter({FAST: 1, RELAX: 1, VERIFYING: 1})),
        at_one,
        at_one,
        FleetSnapshot(NOON - HOUR, timedelta(), Counter()),
    ]


async def test_a_gone_tokens_remainder_does_not_count(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, account_id, (0 * HOUR, GONE))
        await sample(connection, account_id, (0 * HOUR, FAST), token_id=222, left=30 * MINUTE)
        moments = await fleet_history(connection, account_id, [NOON + DAY])

    assert moments == [FleetSnapshot(NOON + DAY, 30 * MINUTE, Counter({FAST: 1, GONE: 1}))]


async def test_a_token_not_sampled_for_two_days_is_unknown(database: Database, account_id: int) -> None:
    almost = 2 * DAY - MINUTE
    async with database.transaction() as connection:
        await sample(connection, account_id, (0 * DAY, FAST))
        moments = await fleet_history(connection, account_id, [NOON + almost, NOON + 2 * DAY])

    assert [moment.modes for moment in moments] == [{FAST: 1}, {}]
    assert [moment.left for moment in moments] == [HOUR, timedelta()]


async def test_every_mode_is_counted_as_itself(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for number, mode in enumerate(Mode):
            await sample(connection, account_id, (0 * HOUR, mode), token_id=number, left=(number + 1) * MINUTE)
        (moment,) = await fleet_history(connection, account_id, [NOON])

    gone = list(Mode).index(GONE) + 1
    assert moment.modes == dict.fromkeys(Mode, 1)
    assert moment.left == (sum(range(len(Mode) + 1)) - gone) * MINUTE


async def test_a_fleet_above_its_total_is_still_summed(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for token_id in range(40):
            await sample(connection, account_id, (0 * HOUR, FAST), token_id=token_id, left=10**9 * HOUR)
        (moment,) = await fleet_history(connection, account_id, [NOON])

    assert moment.left == 40 * 10**6 * HOUR


async def test_tokens_of_another_account_are_left_out(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await sample(connection, await ensure_account(connection, "another", NOON), (0 * HOUR, FAST))
        assert await fleet_history(connection, account_id, [NOON]) == [FleetSnapshot(NOON)]


async def test_an_empty_period_has_no_snapshots(database: Database, account_id: int) -> None:
    async with database.reading() as connection:
        assert await fleet_history(connection, account_id, []) == []
