"""Digests: recorded in time and once, told once, and what they say."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import discord
import pytest
import structlog
from sqlalchemy import delete

from bot.charts.spec import Chart, FleetChart
from bot.domain.account import AccountQuota
from bot.domain.digests import Period
from bot.domain.rules import DigestDay, Rules
from bot.notifier import digests as digests_module
from bot.notifier import dispatcher
from bot.notifier.digests import compose_digest, period_of
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.queue import CLAIMED_FOR
from bot.notifier.sender import Sender
from bot.queries import digest as digest_figures
from bot.storage.accounts import save_quota
from bot.storage.alert_routes import Route, remove_route
from bot.storage.deliveries import Delivery, DeliveryKind
from bot.storage.payloads import DigestPayload
from bot.storage.schema import deliveries, digests, samples
from bot.storage.token_names import set_name
from bot.ui import texts
from bot.ui.digest import digest_words
from tests.clocks import NOON
from tests.monitor.world import MINUTE, Alerting, Team
from tests.standins.discord_server import Fault, Message
from tests.standins.imaginepro_server import Drop, Refuse

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONE = NOON + HOUR  # NOON was a Monday's
DAILY = Rules(digest=DigestDay.DAILY, digest_hour=13)
TODAY = Period(ONE - DAY, ONE)
PNG = b"\x89PNG made up"


class Artist:
    """Draws what is asked for, or fails as it is told."""

    def __init__(self) -> None:
        self.drawn: list[Chart] = []
        self.fails = False
        self.waits: asyncio.Event | None = None

    async def draw(self, chart: Chart) -> bytes:
        self.drawn.append(chart)
        if self.waits is not None:
            await self.waits.wait()
        if self.fails:
            raise RuntimeError("no ink")
        return PNG


@pytest.fixture
def artist() -> Artist:
    return Artist()


@pytest.fixture
async def daily(alerting: Alerting, team: Team, client: discord.Client, artist: Artist) -> Alerting:
    """A team with a daily digest at one, an hour before it is due."""
    await alerting.world.set_rules(team.id, DAILY)
    notifier = Dispatcher(
        alerting.world.database, alerting.world.clock, Sender(client, alerting.world.clock), draw=artist.draw
    )
    alerting = replace(alerting, notifier=notifier)
    await alerting.monitor.round()
    return alerting


async def round_at(alerting: Alerting, at: datetime) -> None:
    """Have a round at this time, and told what is due then."""
    alerting.world.clock.set(at)
    await alerting.monitor.round()
    await alerting.notifier.deliver_due()


def words(until: datetime, length: timedelta = DAY) -> str:
    return digest_words(Period(until - length, until))


def lines(message: Message) -> list[str]:
    return str(message.embeds[0]["description"]).splitlines()


# --- When it comes


async def test_a_digest_comes_at_its_hour_once_and_without_a_sound(daily: Alerting, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    assert team.told() == []
    for minutes in range(3):
        await round_at(daily, ONE + minutes * MINUTE)

    (digest,) = team.told()
    assert digest.content == words(ONE)
    assert digest.silent
    assert team.pinged() == 0
    assert await daily.waiting(team) == 0


async def test_it_comes_every_day(daily: Alerting, team: Team) -> None:
    for day in range(3):
        await round_at(daily, ONE + day * DAY)

    assert [digest.content for digest in team.told()] == [words(ONE), words(ONE + DAY), words(ONE + 2 * DAY)]


async def test_it_wakes_the_notifier(daily: Alerting) -> None:
    recorded = daily.world.recorded
    daily.world.clock.set(ONE)
    await daily.monitor.round()

    assert daily.world.recorded == recorded + 1


async def test_a_weekly_one_comes_at_the_hour_of_the_servers_zone(daily: Alerting, team: Team) -> None:
    berlin = Rules(digest=DigestDay.TUESDAY, digest_hour=0, time_zone="Europe/Berlin")
    await daily.world.set_rules(team.id, berlin)
    eleven = NOON + 11 * HOUR
    for minutes in (-1, 0, 1):
        await round_at(daily, eleven + minutes * MINUTE)

    assert [digest.content for digest in team.told()] == [words(eleven, 7 * DAY)]


async def test_a_zone_that_is_not_known_any_more_is_utc(daily: Alerting, team: Team) -> None:
    await daily.world.set_rules(team.id, replace(DAILY, time_zone="Mars/Olympus"))
    await round_at(daily, ONE)

    assert len(team.told()) == 1


async def test_nobody_gets_one_who_does_not_want_it(alerting: Alerting, team: Team) -> None:
    for hours in range(30):
        await round_at(alerting, NOON + hours * HOUR)

    assert team.told() == []
    assert await alerting.world.rows(digests) == []


async def test_what_was_due_before_alerts_were_switched_on_does_not_come(daily: Alerting, team: Team) -> None:
    async with daily.world.database.transaction() as connection:
        await remove_route(connection, team.id)
    await daily.set_up(team)
    await round_at(daily, ONE + HOUR)
    assert team.told() == []

    await round_at(daily, ONE + DAY)
    assert len(team.told()) == 1


@pytest.mark.parametrize(("back_after", "told"), [(23 * HOUR, 1), (24 * HOUR, 1), (DAY + MINUTE, 0), (6 * DAY, 0)])
async def test_after_a_time_in_which_the_bot_was_down_it_comes_late_within_a_day_and_once(
    daily: Alerting, team: Team, back_after: timedelta, told: int
) -> None:
    await daily.world.set_rules(team.id, replace(DAILY, digest=DigestDay.MONDAY))
    for minutes in range(3):
        await round_at(daily, ONE + back_after + minutes * timedelta(seconds=1))

    assert [digest.content for digest in team.told()] == [words(ONE, 7 * DAY)] * told


async def test_of_several_days_that_were_missed_only_the_last_is_told(daily: Alerting, team: Team) -> None:
    await round_at(daily, ONE + 4 * DAY + HOUR)

    assert [digest.content for digest in team.told()] == [words(ONE + 4 * DAY)]


async def test_while_nothing_is_seen_it_waits(daily: Alerting, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    daily.world.imaginepro.outage = Drop()
    await round_at(daily, ONE)
    assert team.told() == []

    daily.world.imaginepro.outage = None
    await round_at(daily, ONE + MINUTE)
    assert [digest.content for digest in team.told()] == [words(ONE)]


async def test_a_round_that_may_not_list_the_fleet_is_no_time_for_it(daily: Alerting, team: Team) -> None:
    daily.world.imaginepro.queue(Refuse(HTTPStatus.FORBIDDEN))
    await round_at(daily, ONE)
    assert team.told() == []

    await round_at(daily, ONE + HOUR)
    assert [digest.content for digest in team.told()] == [words(ONE)]


async def test_alerts_go_before_it(daily: Alerting, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    daily.world.put(111, "BANNED")
    await daily.world.mute(team.id, None, 2 * MINUTE)
    await round_at(daily, ONE)
    daily.world.put(222, "RELAX")
    for seconds in (8, 16):
        await round_at(daily, ONE + timedelta(seconds=seconds))
    await daily.after(3 * MINUTE)

    assert team.titles()[-1] == texts.digest.TITLE
    assert len(team.titles()) == 3


async def test_a_round_that_is_not_recorded_records_no_digest_either(daily: Alerting, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    daily.world.clock.set(ONE)
    sent_until = await daily.world.rows(digests)
    daily.world.clock.chosen = ["the same", "the same"]
    daily.world.put(111, "BANNED")
    with structlog.testing.capture_logs():
        await daily.monitor.round()
    assert await daily.world.rows(deliveries) == []
    assert await daily.world.rows(digests) == sent_until

    await daily.monitor.round()
    assert len(await daily.world.rows(deliveries)) == 2


async def test_a_second_team_has_its_own(daily: Alerting, team: Team, other_team: Team) -> None:
    await daily.world.set_rules(other_team.id, replace(DAILY, digest_hour=14))
    await daily.monitor.round()
    await round_at(daily, ONE)
    assert (len(team.told()), len(other_team.told())) == (1, 0)

    await round_at(daily, ONE + HOUR)
    assert (len(team.told()), len(other_team.told())) == (1, 1)


# --- Whatever goes wrong, it is told once


async def test_while_all_alerts_are_muted_it_is_held_back(daily: Alerting, team: Team) -> None:
    await daily.world.mute(team.id, None, 3 * HOUR)
    await daily.world.mute(team.id, 111, 9 * HOUR)
    await round_at(daily, ONE)
    assert team.told() == []

    await daily.after(2 * HOUR)
    assert [digest.content for digest in team.told()] == [words(ONE)]


async def test_only_the_last_is_told_of_those_that_could_not_be(daily: Alerting, team: Team) -> None:
    await daily.world.mute(team.id, None, 3 * DAY)
    for day in range(4):
        await round_at(daily, ONE + day * DAY)

    assert [digest.content for digest in team.told()] == [words(ONE + 3 * DAY)]


@pytest.mark.parametrize("later", [MINUTE, HOUR])
async def test_one_that_got_through_unnoticed_stays_the_only_one(daily: Alerting, team: Team, later: timedelta) -> None:
    """After an hour Discord has long forgotten its nonce, and what is counted is not the same any more."""
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await round_at(daily, ONE)
    daily.world.put(111, "BANNED")
    async with daily.world.database.transaction() as connection:
        await connection.execute(delete(samples).where(samples.c.token_id == 222))
    await daily.after(later)

    assert [digest.content for digest in team.told()] == [words(ONE)]
    assert await daily.waiting(team) == 0


async def test_a_process_that_dies_between_sending_and_writing_it_down_tells_it_once(
    daily: Alerting, team: Team, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily.world.clock.set(ONE)
    await daily.monitor.round()

    async def die(*_: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(dispatcher, "resolve_flapping", die)
        with pytest.raises(asyncio.CancelledError):
            await daily.notifier.deliver_due()
    assert len(team.told()) == 1

    daily.world.clock.advance(CLAIMED_FOR + HOUR)
    await Dispatcher(daily.world.database, daily.world.clock, Sender(client, daily.world.clock)).deliver_due()
    assert [digest.content for digest in team.told()] == [words(ONE)]
    assert await daily.waiting(team) == 0


async def test_one_that_discord_did_not_take_is_tried_again_with_the_same_nonce(daily: Alerting, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, times=1, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await round_at(daily, ONE)
    assert team.told() == []
    await daily.after(MINUTE)

    assert len(team.told()) == 1


async def test_one_that_cannot_be_put_together_keeps_no_alert_waiting(
    daily: Alerting, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(digest_figures, "sort_tokens", fail)
    with structlog.testing.capture_logs():
        await round_at(daily, ONE)
        for _ in range(9):
            await daily.after(5 * MINUTE)
        await daily.told(111, status="BANNED")

    assert len(team.told()) == 1
    assert await daily.waiting(team) == 1


# --- The picture


async def test_it_has_a_picture_of_the_fleet_in_its_time(daily: Alerting, team: Team, artist: Artist) -> None:
    await round_at(daily, ONE)
    (digest,) = team.told()
    (chart,) = artist.drawn

    assert [(each.filename, each.data) for each in digest.attachments] == [("fleet.png", PNG)]
    assert digest.embeds[0]["image"]["url"] == "attachment://fleet.png"
    assert isinstance(chart, FleetChart)
    assert (chart.since, chart.until) == (TODAY.since, TODAY.until)
    assert (chart.points[0].at, chart.points[-1].at) == (TODAY.since, TODAY.until)
    assert chart.points[-1].left == 45 * HOUR


async def test_where_the_picture_cannot_be_drawn_it_goes_without(daily: Alerting, team: Team, artist: Artist) -> None:
    artist.fails = True
    with structlog.testing.capture_logs() as logs:
        await round_at(daily, ONE)
    (digest,) = team.told()

    assert digest.attachments == []
    assert "image" not in digest.embeds[0]
    assert [log["event"] for log in logs if log["log_level"] == "error"] == [
        "The picture of a digest could not be drawn; it goes without."
    ]


async def test_a_picture_that_takes_too_long_is_not_waited_for(
    daily: Alerting, team: Team, artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests_module, "_DRAWING_SECONDS", 0.05)
    artist.waits = asyncio.Event()
    await round_at(daily, ONE)

    assert [digest.attachments for digest in team.told()] == [[]]


async def test_where_discord_lets_no_file_be_attached_it_goes_without(daily: Alerting, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, status=HTTPStatus.FORBIDDEN, code=50013))
    await round_at(daily, ONE)
    (digest,) = team.told()

    assert digest.attachments == []
    assert "image" not in digest.embeds[0]
    assert digest.silent
    assert await daily.waiting(team) == 0


async def test_a_channel_that_takes_nothing_is_a_broken_route(daily: Alerting, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, times=9, status=HTTPStatus.FORBIDDEN, code=50013))
    await round_at(daily, ONE)
    assert team.told() == []
    assert await daily.waiting(team) == 1

    team.discord.faults.clear()
    await daily.mended(team)
    assert [digest.content for digest in team.told()] == [words(ONE)]


# --- What it says


def test_a_delivery_says_of_which_period_its_digest_tells() -> None:
    since, until = datetime(2026, 3, 1, 13, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC)

    delivery = Delivery(1, DeliveryKind.DIGEST, "one", 1, DigestPayload(since, until))

    assert period_of(delivery) == Period(since, until)


async def test_it_says_how_each_token_has_been_in_that_time_and_no_other(daily: Alerting, team: Team) -> None:
    def fill(hours: float) -> None:
        daily.world.imaginepro.tokens[111].info["fastTimeRemaining"] = f"{hours:.2f}/15.0 hours"

    async with daily.world.database.transaction() as connection:
        await set_name(connection, team.id, 222, "Anna", named_by=team.mod, now=NOON)
        await save_quota(connection, daily.world.account_id, AccountQuota(NOON, credits=1240))
    for minutes, hours, status in ((10, 12.0, "FAST"), (20, 11.0, "RELAX"), (21, 11.0, "RELAX"), (50, 11.0, "FAST")):
        fill(hours)
        daily.world.put(222, status)
        await round_at(daily, NOON + minutes * MINUTE)
    daily.world.put(333, "RELAX")
    await round_at(daily, ONE - MINUTE)
    # Told late: what was used in the next period is nothing to it.
    for late, hours in ((timedelta(), 10.5), (HOUR, 2.0)):
        daily.world.clock.set(ONE + late)
        fill(hours)
        await daily.monitor.round()
    await daily.notifier.deliver_due()
    digest = next(message for message in team.told() if message.content == words(ONE))

    assert lines(digest) == [
        "🟡 **333**: 0.0 h used · 1 min out of FAST · 1 incident",
        "🟢 **222 (Anna)**: 0.0 h used · 30 min out of FAST · 1 incident",
        "🟢 **111**: 4.5 h used",
    ]
    fields = {field["name"]: field["value"] for field in digest.embeds[0]["fields"]}
    assert fields == {
        "Total": "4.5 h of fast time used\n31 min out of FAST\n2 incidents",
        "Now": "🟢 2 FAST, 🟡 1 RELAX",
        "ImaginePro account": "1,240 credits left",
    }


async def test_a_token_that_was_gone_before_is_nothing_to_tell_of_and_one_that_went_is(
    daily: Alerting, team: Team
) -> None:
    for day, token_id in enumerate((111, 222)):
        await round_at(daily, ONE + day * DAY - 2 * HOUR)
        del daily.world.imaginepro.tokens[token_id]
        await round_at(daily, ONE + day * DAY - HOUR)
        await round_at(daily, ONE + day * DAY)
    digest = next(message for message in team.told() if message.content == words(ONE + DAY))

    assert [line.split(":")[0] for line in lines(digest)] == ["⚪ **222**", "🟢 **333**"]


async def test_a_token_that_rounds_told_nothing_of_in_that_time_is_nothing_to_tell_of(
    daily: Alerting, team: Team
) -> None:
    daily.world.put(111, "")
    for day in range(2):
        await round_at(daily, ONE + day * DAY)

    told = [[line.split(":")[0] for line in lines(digest)] for digest in team.told()]
    assert told == [["🟢 **111**", "🟢 **222**", "🟢 **333**"], ["🟢 **222**", "🟢 **333**"]]


async def test_a_digest_of_no_tokens_says_so(daily: Alerting, team: Team) -> None:
    async with daily.world.database.transaction() as connection:
        await connection.execute(delete(samples))
    daily.world.clock.set(ONE)
    route = Route(team.id, daily.world.account_id, team.alerts, None, team.mod, NOON)
    notice = await compose_digest(daily.world.database, route, TODAY, ONE, None)

    assert notice.embed is not None
    assert notice.embed.description == "No tokens."


async def test_tokens_that_there_is_no_time_for_are_told_of_and_those_with_incidents_come_first(
    daily: Alerting, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily.world.put(333, "BANNED")
    await round_at(daily, NOON + MINUTE)
    ticks = iter((0.0, 0.0, 99.0))
    monkeypatch.setattr(digest_figures, "_seconds", lambda: next(ticks))
    await round_at(daily, ONE)
    digest = next(message for message in team.told() if message.content == words(ONE))

    assert [line.split("**")[1] for line in lines(digest)[:1]] == ["333"]
    assert lines(digest)[1:] == ["Tokens left out because counting them would have taken too long: 2."]
