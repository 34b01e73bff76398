"""The view models of a token, and of all tokens, from stored data."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.app.errors import user_message
from bot.charts.spec import IncidentSpan, Point, encode
from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import FastTime, Unit
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.subscription import Plan
from bot.domain.usage import ModePeriod
from bot.queries.tokens import HISTORY_DAYS, TokenNotFound, token_history, token_overview, whole_fleet_history
from bot.storage.accounts import ensure_account, record_success
from bot.storage.database import Database, open_database
from bot.storage.mutes import Mute, set_mute
from bot.storage.token_names import set_name
from bot.storage.tokens import add_samples, save_tokens
from bot.ui.history import FleetHistory, TokenHistory, token_chart
from bot.ui.token_card import TokenOverview
from tests.clocks import NOON
from tests.storage.seeds import OTHER_SERVER, SERVER, add_route, member, start_incident

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
PLAN = Plan("Standard", "Active", "monthly", NOON + 20 * DAY)


def reading(
    at: datetime, left: float | None, status: str = "FAST", token_id: int = 111, *, plan: Plan = PLAN
) -> Reading:
    fast_time = FastTime(left * HOUR, 15 * HOUR, Unit.HOURS) if left is not None else None
    return Reading(token_id, at, status=status, fast_time=fast_time, plan=plan)


@dataclass
class Stored:
    """What a test has stored, and its view models."""

    database: Database
    account_id: int
    now: datetime = NOON

    async def keep(self, readings: Iterable[Reading], good_round_at: datetime | None = None) -> None:
        """Save these samples, with the last of each token as its last reading."""
        sampled = list(readings)
        async with self.database.transaction() as connection:
            last = {one.token_id: TrackedToken(one, one.read_at, in_fleet=True) for one in sampled}
            await save_tokens(connection, self.account_id, last.values())
            await add_samples(connection, self.account_id, sampled)
            await record_success(connection, self.account_id, good_round_at or self.now, lists_fleet=True)

    async def shown(self, token_id: int = 111, server_id: int = SERVER) -> TokenOverview:
        async with self.database.reading() as connection:
            return await token_overview(
                connection, self.account_id, server_id, token_id, self.now, poll_interval=MINUTE
            )

    async def history(self, days: int = 30, token_id: int = 111) -> TokenHistory:
        async with self.database.reading() as connection:
            return await token_history(
                connection, self.account_id, SERVER, token_id, self.now, days=days, poll_interval=MINUTE
            )

    async def fleet(self, days: int = 30) -> FleetHistory:
        async with self.database.reading() as connection:
            return await whole_fleet_history(
                connection, self.account_id, SERVER, self.now, days=days, poll_interval=MINUTE
            )


@pytest.fixture
async def stored(sqlite_url: str) -> AsyncIterator[Stored]:
    async with open_database(SecretStr(sqlite_url)) as database:
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
            await add_route(connection, account_id)
            await add_route(connection, account_id, OTHER_SERVER)
        yield Stored(database, account_id)


def steady(days: int, *, last: float = 5, a_day: float = 1) -> list[Reading]:
    """Return hourly samples for a number of days, used evenly, with this much left at the end."""
    hours = range(24 * days, -1, -1)
    return [reading(NOON - number * HOUR, last + number * a_day / 24) for number in hours]


# --- One token


async def test_an_unknown_token_is_none(stored: Stored) -> None:
    for gather in (stored.shown(999), stored.history(token_id=999)):
        with pytest.raises(TokenNotFound) as missing:
            await gather
        assert "This token is not watched" in (user_message(missing.value, to_mod=False, now=NOON) or "")


async def test_a_card_has_the_last_week_and_the_forecast(stored: Stored) -> None:
    await stored.keep(steady(8))
    shown = await stored.shown()

    assert shown.freshness is Freshness.FRESH
    assert shown.used is not None
    assert shown.used / HOUR == pytest.approx(7)
    assert shown.uses == pytest.approx([1.0] * 14)
    assert shown.forecast is not None
    assert shown.forecast.week.runs_out_at == NOON + 5 * DAY


async def test_a_card_has_the_last_ten_changes_latest_first(stored: Stored) -> None:
    words = ["FAST", "RELAX"] * 7
    await stored.keep(reading(NOON - (20 - number) * HOUR, 5, status) for number, status in enumerate(words))
    changes = (await stored.shown()).changes

    assert len(changes) == 10
    assert (changes[0].before, changes[0].after, changes[0].at) == (Mode.FAST, Mode.RELAX, NOON - 7 * HOUR)
    assert [change.at for change in changes] == sorted((change.at for change in changes), reverse=True)


async def test_a_card_has_its_own_servers_data_only(stored: Stored) -> None:
    await stored.keep([reading(NOON, 5, "RELAX"), reading(NOON, 5, token_id=222)])
    async with stored.database.transaction() as connection:
        await start_incident(connection, 111)
        await start_incident(connection, 222)
        await set_name(connection, SERVER, 111, "Ours", named_by=7, now=NOON)
        for token_id in (None, 111, 222):
            await set_mute(connection, Mute(SERVER, token_id, NOON + HOUR, "a reason for mods", 7, NOON))
    ours, theirs = await stored.shown(), await stored.shown(server_id=OTHER_SERVER)

    assert [one.incident.members[0].token_id for one in ours.incidents] == [111]
    assert sorted(mute.token_id or 0 for mute in ours.mutes) == [0, 111]
    assert {mute.reason for mute in ours.mutes} == {""}
    assert ours.names == {111: "Ours"}
    assert (theirs.incidents, theirs.mutes, theirs.names) == ([], [], {})


async def test_an_open_incident_that_the_token_left_is_not_its_own(stored: Stored) -> None:
    await stored.keep([reading(NOON, 5)])
    back = replace(member(111), resolved_at=NOON)
    async with stored.database.transaction() as connection:
        await start_incident(connection, members=(back, member(222)))

    assert (await stored.shown()).incidents == []


async def test_a_reading_becomes_stale_and_then_unknown(stored: Stored) -> None:
    await stored.keep([reading(NOON - DAY, 5)], good_round_at=NOON - 4 * MINUTE)
    old = await stored.shown()
    stored.now = NOON + 10 * MINUTE
    unknown = await stored.shown()

    assert (old.freshness, old.seen_at) == (Freshness.OLD, NOON - 4 * MINUTE)
    assert (unknown.freshness, unknown.seen_at) == (Freshness.UNKNOWN, NOON - 4 * MINUTE)


# --- History


async def test_a_history_has_the_events_of_its_period(stored: Stored) -> None:
    bad = {3, 4, 5}
    await stored.keep(
        reading(NOON - number * HOUR, 5 + number / 24, "RELAX" if number in bad else "FAST")
        for number in range(24 * 10, -1, -1)
    )
    history = await stored.history(7)

    assert (history.unit, history.mode, history.freshness) == (Unit.HOURS, Mode.FAST, Freshness.FRESH)
    assert history.summary.used is not None
    assert history.summary.used / HOUR == pytest.approx(7, abs=0.1)
    assert (history.summary.times_out, history.summary.out_for) == (1, 3 * HOUR)
    assert [stretch.mode for stretch in history.modes] == [Mode.FAST, Mode.RELAX, Mode.FAST]
    assert history.modes[1] == ModePeriod(Mode.RELAX, NOON - 5 * HOUR, NOON - 2 * HOUR)
    assert history.points[-1] == Point(history.span.until, 5 * HOUR, 15 * HOUR)
    assert history.forecast is not None


async def test_a_history_starts_where_data_starts(stored: Stored) -> None:
    await stored.keep(steady(3))

    assert (await stored.history(30)).span.since == NOON - 3 * DAY
    assert (await stored.history(2)).span.since == NOON - 2 * DAY


async def test_a_history_of_an_hour_is_wide_enough_to_see(stored: Stored) -> None:
    await stored.keep([reading(NOON - HOUR, 6), reading(NOON, 5)])

    assert (await stored.history(30)).span.since == NOON - 6 * HOUR


async def test_hours_without_samples_are_a_gap(stored: Stored) -> None:
    gone, back = NOON - 5 * DAY, NOON - 3 * DAY
    await stored.keep([one for one in steady(10) if not gone < one.read_at < back])
    points = (await stored.history(10)).points

    unknown = [point for point in points if point.left is None]
    assert unknown == [Point(gone + HOUR, None, None)]


async def test_a_gone_token_has_no_remaining_line(stored: Stored) -> None:
    gone = replace(reading(NOON - HOUR, 5), listed=False)
    await stored.keep([*steady(2)[:-2], gone])
    history = await stored.history(2)

    assert history.points[-1] == Point(NOON - HOUR, None, None)
    assert history.modes[-1] == ModePeriod(Mode.GONE, NOON - HOUR, history.span.until)
    assert history.forecast is None


async def test_a_history_ends_where_data_ends(stored: Stored) -> None:
    seen = NOON - 2 * HOUR
    await stored.keep([reading(NOON - 9 * HOUR, 5), reading(NOON - 8 * HOUR, 4, "RELAX")], good_round_at=seen)
    history = await stored.history(1)

    assert history.freshness is Freshness.UNKNOWN
    assert history.modes[-1] == ModePeriod(Mode.RELAX, NOON - 8 * HOUR, seen)
    assert history.summary.out_for == 6 * HOUR
    assert history.points[-1] == Point(NOON - 8 * HOUR, 4 * HOUR, 15 * HOUR)


async def test_a_stale_history_has_no_forecast(stored: Stored) -> None:
    await stored.keep(steady(8))
    known = await stored.history()
    stored.now = NOON + HOUR
    unknown = await stored.history()

    assert known.chart_forecast is not None
    assert known.chart_forecast.now == known.span.until
    assert unknown.chart_forecast is None


async def test_the_tokens_incidents_in_the_period_are_marked(stored: Stored) -> None:
    await stored.keep(steady(10))
    ended = NOON - 4 * DAY
    async with stored.database.transaction() as connection:
        for started, others in ((-20, {}), (-5, {}), (-1, {"resolved_at": None}), (-2, {"token_id": 222})):
            at = NOON + started * DAY
            one = replace(member(), started_at=at, resolved_at=at + DAY if started != -1 else None)
            one = replace(one, **others)
            await start_incident(connection, members=(one,), started_at=at, resolved_at=one.resolved_at)

    assert (await stored.history(10)).incidents == [IncidentSpan(NOON - 5 * DAY, ended), IncidentSpan(NOON - DAY, None)]


async def test_flapping_is_marked_from_first_to_last(stored: Stored) -> None:
    await stored.keep(steady(2))
    flapped = replace(member(), started_at=NOON - HOUR, resolved_at=NOON, times=4)
    async with stored.database.transaction() as connection:
        await start_incident(connection, members=(flapped,), started_at=NOON - 9 * HOUR, resolved_at=NOON)

    assert (await stored.history(1)).incidents == [IncidentSpan(NOON - 9 * HOUR, NOON)]


async def test_an_unchanged_history_has_an_equal_chart(stored: Stored) -> None:
    await stored.keep(steady(20))
    stored.now = NOON + MINUTE
    one = await stored.history(30)
    stored.now = NOON + 50 * MINUTE
    async with stored.database.transaction() as connection:
        await record_success(connection, stored.account_id, stored.now, lists_fleet=True)
    later = await stored.history(30)

    assert later.now != one.now
    assert encode(token_chart(later)) == encode(token_chart(one))


@pytest.mark.parametrize("days", [1, 7, 30, HISTORY_DAYS])
@pytest.mark.slow
async def test_any_period_has_at_most_a_few_hundred_points(stored: Stored, days: int) -> None:
    quarters = range(4 * 24 * 40, -1, -1)
    await stored.keep(reading(NOON - number * 15 * MINUTE, 5 + number / 2000) for number in quarters)
    history = await stored.history(days)

    assert 30 <= len(history.points) <= 400
    assert history.summary.first is not None
    assert history.summary.last == 5 * HOUR


# --- All of them


async def test_the_fleet_history_sums_the_tokens(stored: Stored) -> None:
    other = [replace(one, token_id=222, status="RELAX") for one in steady(3)]
    await stored.keep([*steady(3), *other])
    history = await stored.fleet(2)

    last = history.points[-1]
    assert last.left == 10 * HOUR
    assert dict(last.modes) == {Mode.FAST: 1, Mode.RELAX: 1}
    assert history.points[0].left is not None
    assert history.points[0].left / HOUR == pytest.approx(14, abs=0.2)
    assert history.span.since == NOON - 2 * DAY
    assert 200 <= len(history.points) <= 300


async def test_the_fleet_history_starts_where_data_starts(stored: Stored) -> None:
    await stored.keep(steady(3))
    history = await stored.fleet(30)

    assert NOON - 3 * DAY <= history.span.since <= NOON - 2.8 * DAY
    assert all(point.left is not None for point in history.points)


async def test_a_stale_fleet_history_ends_where_data_ends(stored: Stored) -> None:
    await stored.keep(steady(3), good_round_at=NOON - DAY)
    history = await stored.fleet(30)

    assert (history.freshness, history.seen_at, history.span.until) == (Freshness.UNKNOWN, NOON - DAY, NOON - DAY)


async def test_before_the_first_round_there_is_an_empty_history(stored: Stored) -> None:
    history = await stored.fleet(30)

    assert history.seen_at is None
    assert all(point.left is None for point in history.points)


async def test_samples_of_the_future_are_left_out(stored: Stored) -> None:
    """A clock that was ahead has recorded them, or the present one is behind."""
    await stored.keep([*steady(3), reading(NOON + 20 * MINUTE, 1, "RELAX")])
    stored.now = NOON + 10 * MINUTE
    shown, history, fleet = await stored.shown(), await stored.history(), await stored.fleet()

    assert shown.changes == []
    assert {one.mode for one in history.modes} == {Mode.FAST}
    assert dict(fleet.points[-1].modes) == {Mode.FAST: 1}
    assert fleet.points[-1].left == 5 * HOUR
