"""When a digest is due, and what it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.digests import (
    Digest,
    Period,
    TokenDigest,
    due_period,
    incident_counts,
    last_due,
    next_due,
    sort_tokens,
    started_in,
)
from bot.domain.fast_time import Unit
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.rules import DigestDay
from tests.profiles import fewer_examples

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY, DAILY, OFF = DigestDay.MONDAY, DigestDay.DAILY, DigestDay.OFF
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def at(text: str, zone: tzinfo = UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


# --- The schedule


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-03-02 08:59:59", "2026-02-23 09:00", "2026-03-02 09:00"),
        ("2026-03-02 09:00:00", "2026-03-02 09:00", "2026-03-09 09:00"),
        ("2026-03-08 23:59:59", "2026-03-02 09:00", "2026-03-09 09:00"),
    ],
)
def test_a_weekly_digest_comes_on_its_day_at_its_hour(now: str, last: str, following: str) -> None:
    assert last_due(MONDAY, 9, UTC, at(now)) == at(last)
    assert next_due(MONDAY, 9, UTC, at(now)) == at(following)


@pytest.mark.parametrize(("date", "day"), [*enumerate(list(DigestDay)[2:], start=2)])
def test_each_weekday_is_the_named_one(date: int, day: DigestDay) -> None:
    found = last_due(day, 9, UTC, at("2026-03-08 12:00"))

    assert found == at(f"2026-03-0{date} 09:00")
    assert f"{found:%A}".lower() == day


def test_the_hour_is_in_the_time_zone() -> None:
    assert last_due(DAILY, 9, NEW_YORK, at("2026-01-05 13:59")) == at("2026-01-04 14:00")
    assert last_due(DAILY, 9, NEW_YORK, at("2026-01-05 14:00")) == at("2026-01-05 14:00")
    assert last_due(MONDAY, 0, BERLIN, at("2026-01-04 23:00")) == at("2026-01-04 23:00")


def test_an_hour_skipped_by_daylight_saving_comes_an_hour_later() -> None:
    # There was no 02:00 in Berlin on 29 March 2026.
    assert last_due(DAILY, 2, BERLIN, at("2026-03-29 12:00")) == at("2026-03-29 03:00", BERLIN)


def test_a_repeated_hour_counts_the_first_time() -> None:
    # In Berlin it was 02:00 twice on 25 October 2026: at 00:00 and at 01:00 UTC.
    assert last_due(DAILY, 2, BERLIN, at("2026-10-25 12:00")) == at("2026-10-25 00:00")


def test_a_skipped_day_has_no_digest_of_its_own() -> None:
    # Samoa skipped 30 December 2011 when it moved west of the date line.
    apia = ZoneInfo("Pacific/Apia")
    alerted = {last_due(DAILY, 9, apia, at("2011-12-28 12:00") + hours * HOUR) for hours in range(5 * 24)}

    assert [time.astimezone(apia).day for time in sorted(filter(None, alerted))] == [27, 28, 29, 31, 1, 2]


def test_a_disabled_digest_is_never_due() -> None:
    assert last_due(OFF, 9, UTC, at("2026-03-02 09:00")) is None
    assert next_due(OFF, 9, UTC, at("2026-03-02 09:00")) is None
    assert due_period(OFF, 9, UTC, sent_until=at("2020-01-01"), now=at("2026-03-02 09:00")) is None


# --- Due deliveries


def test_it_is_due_from_its_hour_until_it_was_sent() -> None:
    period = Period(at("2026-02-23 09:00"), at("2026-03-02 09:00"))
    before, after = at("2026-02-25"), at("2026-03-02 09:00")

    assert due_period(MONDAY, 9, UTC, sent_until=before, now=at("2026-03-02 08:59")) is None
    assert due_period(MONDAY, 9, UTC, sent_until=before, now=at("2026-03-02 09:00")) == period
    assert due_period(MONDAY, 9, UTC, sent_until=after, now=at("2026-03-02 09:01")) is None


@pytest.mark.parametrize(("day", "late"), [(MONDAY, DAY), (DAILY, 23 * HOUR)])
def test_a_late_digest_is_sent_within_a_day(day: DigestDay, late: timedelta) -> None:
    monday = at("2026-03-02 09:00")
    found = due_period(day, 9, UTC, sent_until=at("2026-02-01"), now=monday + late)

    assert found is not None
    assert found.until == monday


def test_a_digest_more_than_a_day_late_is_skipped() -> None:
    sent_until = at("2026-02-01")
    late = at("2026-03-03 09:00") + timedelta.resolution

    assert due_period(MONDAY, 9, UTC, sent_until=sent_until, now=late) is None
    assert due_period(MONDAY, 9, UTC, sent_until=sent_until, now=at("2026-03-09 09:00")) == Period(
        at("2026-03-02 09:00"), at("2026-03-09 09:00")
    )


def test_a_periods_length_follows_daylight_saving() -> None:
    found = due_period(DAILY, 9, BERLIN, sent_until=at("2026-03-01"), now=at("2026-03-29 12:00"))

    assert found is not None
    assert found.until - found.since == 23 * HOUR


def test_a_clock_that_is_set_back_repeats_nothing() -> None:
    assert due_period(DAILY, 9, UTC, sent_until=at("2026-03-02 09:00"), now=at("2026-03-01 10:00")) is None


zones = st.sampled_from(sorted(available_timezones() - {"localtime"})).map(ZoneInfo)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone follows
pauses = st.integers(60, 9 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(zone=zones, hour=st.integers(0, 23), start=moments, pause=pauses)
def test_there_is_exactly_one_digest_a_day_across_clock_changes(
    zone: ZoneInfo, hour: int, start: datetime, pause: timedelta
) -> None:
    now = sent_until = start
    alerted: list[Period] = []
    while now < start + 9 * DAY:
        found = due_period(DAILY, hour, zone, sent_until=sent_until, now=now)
        if found is not None:
            alerted.append(found)
            sent_until = found.until
        now += pause

    assert len(alerted) in (8, 9, 10)
    assert all(earlier.until == later.since for earlier, later in pairwise(alerted))
    assert all(22 * HOUR <= period.until - period.since <= 26 * HOUR or _skipped(period, zone) for period in alerted)
    assert all(_hour_is_right(period.until, hour, zone) for period in alerted)


def _skipped(period: Period, zone: ZoneInfo) -> bool:
    """Whether the zone skipped or repeated a whole day, as islands do that cross the date line."""
    first, last = (time.astimezone(zone).utcoffset() for time in (period.since, period.until))
    return first is not None and last is not None and abs(first - last) >= 20 * HOUR


def _hour_is_right(time: datetime, hour: int, zone: ZoneInfo) -> bool:
    """Whether it is that hour there, or would be if the clock change had not skipped it."""
    local = time.astimezone(zone)
    if (local.hour, local.minute) == (hour, 0):
        return True
    offset = (time - DAY).astimezone(zone).utcoffset()
    return offset is not None and (time + offset).hour == hour


@given(zone=zones, day=st.sampled_from(list(DigestDay)[1:]), hour=st.integers(0, 23), now=moments)
def test_the_previous_and_next_times_enclose_now(zone: ZoneInfo, day: DigestDay, hour: int, now: datetime) -> None:
    last, following = last_due(day, hour, zone, now), next_due(day, hour, zone, now)

    assert last is not None
    assert following is not None
    assert last <= now < following
    assert last_due(day, hour, zone, following - timedelta.resolution) == last
    assert last_due(day, hour, zone, following) == following
    assert next_due(day, hour, zone, last) == following


@settings(max_examples=fewer_examples(3))
@given(zone=zones, day=st.sampled_from(list(DigestDay)[2:]), hour=st.integers(0, 23), start=moments)
def test_a_weekly_digest_comes_once_a_week(zone: ZoneInfo, day: DigestDay, hour: int, start: datetime) -> None:
    sent_until = start
    alerted = 0
    for hours in range(0, 28 * 24, 7):
        found = due_period(day, hour, zone, sent_until=sent_until, now=start + hours * HOUR)
        if found is not None:
            alerted, sent_until = alerted + 1, found.until

    assert alerted in (3, 4, 5)


# --- Counts


def incident(started_at: datetime, *token_ids: int) -> Incident:
    kind = AlertType.LEFT_FAST
    members = tuple(AffectedToken(id_, kind, kind, Mode.FAST, Mode.RELAX, started_at) for id_ in token_ids)
    return Incident(None, 1, IncidentType.MODE, started_at, members)


def test_an_incident_counts_in_the_period_in_which_it_started() -> None:
    week = Period(at("2026-02-23 09:00"), at("2026-03-02 09:00"))
    started = [week.since - MINUTE, week.since, week.until - MINUTE, week.until]

    assert [one.started_at for one in started_in([incident(one) for one in started], week)] == started[1:3]


def test_a_group_counts_for_each_of_its_tokens() -> None:
    counted = incident_counts(
        [incident(at("2026-03-01"), 111, 222), incident(at("2026-03-01"), 111), incident(at("2026-03-01"))]
    )

    assert counted == {111: 2, 222: 1}


WELL = TokenDigest(111, Mode.FAST, Unit.HOURS, 2 * HOUR, timedelta(), 0, None)


def test_the_most_severe_come_first_and_then_the_most_used() -> None:
    tokens = [
        replace(WELL, token_id=1),
        replace(WELL, token_id=2, used=3 * HOUR),
        replace(WELL, token_id=3, mode=Mode.RELAX, used=None),
        replace(WELL, token_id=4, mode=Mode.BANNED, used=None),
        replace(WELL, token_id=5, mode=Mode.RELAX, used=HOUR),
        replace(WELL, token_id=6, out=HOUR),
        replace(WELL, token_id=7, used=None),
        replace(WELL, token_id=0),
    ]

    assert [token.token_id for token in sort_tokens(tokens)] == [4, 5, 3, 2, 6, 0, 1, 7]


def test_among_equal_tokens_those_with_incidents_come_first() -> None:
    tokens = [replace(WELL, token_id=1, used=9 * HOUR), replace(WELL, token_id=2, incidents=1)]

    assert [token.token_id for token in sort_tokens(tokens)] == [2, 1]


def test_the_total_sums_what_is_known() -> None:
    tokens = (replace(WELL, out=HOUR), replace(WELL, used=None, out=2 * HOUR), WELL)
    digest = Digest(Period(at("2026-02-23"), at("2026-03-02")), tokens, incidents=0, outages=0)

    assert (digest.used, digest.out) == (4 * HOUR, 3 * HOUR)
