"""Digests: recorded in time and once, posted once, and their content."""

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
from bot.notifier.digests import DigestComposer, period_of
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.sender import Sender
from bot.queries import digest as digest_figures
from bot.storage.accounts import save_quota
from bot.storage.alert_routes import Route
from bot.storage.alerts_off import switch_off
from bot.storage.deliveries import Delivery, DeliveryKind
from bot.storage.due_times import CLAIM_DURATION
from bot.storage.payloads import DigestPayload
from bot.storage.schema import deliveries, digests, samples
from bot.storage.token_names import set_name
from bot.ui import texts
from bot.ui.digest import digest_words
from tests.clocks import NOON
from tests.monitor.world import MINUTE, NotifierHarness, Team
from tests.patience import GENEROUS
from tests.standins.discord_server import Fault, Message, Request
from tests.standins.imaginepro_server import Drop, Refuse

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONE = NOON + HOUR  # NOON is on a Monday
DAILY = Rules(digest=DigestDay.DAILY, digest_hour=13)
TODAY = Period(ONE - DAY, ONE)
PNG = b"\x89PNG made up"


class FakeCharts:
    """Draws the requested charts, or fails on demand."""

    def __init__(self) -> None:
        self.drawn: list[Chart] = []
        self.fails = False
        self.waits: asyncio.Event | None = None
        self.began = asyncio.Event()

    async def draw(self, chart: Chart) -> bytes:
        self.drawn.append(chart)
        self.began.set()
        if self.waits is not None:
            await self.waits.wait()
        if self.fails:
            raise RuntimeError("no ink")
        return PNG


@pytest.fixture
def fake_charts() -> FakeCharts:
    return FakeCharts()


@pytest.fixture
async def daily(
    harness: NotifierHarness, team: Team, client: discord.Client, fake_charts: FakeCharts
) -> NotifierHarness:
    """A team with a daily digest at one, an hour before it is due."""
    await harness.world.set_rules(team.id, DAILY)
    notifier = Dispatcher(
        harness.world.database, harness.world.clock, Sender(client, harness.world.clock), draw=fake_charts.draw
    )
    harness = replace(harness, notifier=notifier)
    await harness.monitor.round()
    return harness


async def round_at(harness: NotifierHarness, at: datetime) -> None:
    """Run a round at this time, and deliver what is due."""
    harness.world.clock.set(at)
    await harness.monitor.round()
    await harness.notifier.deliver_due()


def words(until: datetime, length: timedelta = DAY) -> str:
    return digest_words(Period(until - length, until))


def lines(message: Message) -> list[str]:
    return str(message.embeds[0]["description"]).splitlines()


# --- Schedule


async def test_a_digest_is_posted_at_its_hour_once_and_silently(daily: NotifierHarness, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    assert team.posted() == []
    for minutes in range(3):
        await round_at(daily, ONE + minutes * MINUTE)

    (digest,) = team.posted()
    assert digest.content == words(ONE)
    assert digest.silent
    assert team.pinged() == 0
    assert await daily.waiting(team) == 0


async def test_it_is_posted_every_day(daily: NotifierHarness, team: Team) -> None:
    for day in range(3):
        await round_at(daily, ONE + day * DAY)

    assert [digest.content for digest in team.posted()] == [words(ONE), words(ONE + DAY), words(ONE + 2 * DAY)]


async def test_a_due_digest_wakes_the_notifier(daily: NotifierHarness) -> None:
    recorded = daily.world.recorded
    daily.world.clock.set(ONE)
    await daily.monitor.round()

    assert daily.world.recorded == recorded + 1


async def test_a_weekly_digest_is_posted_at_the_hour_of_the_servers_zone(daily: NotifierHarness, team: Team) -> None:
    berlin = Rules(digest=DigestDay.TUESDAY, digest_hour=0, time_zone="Europe/Berlin")
    await daily.world.set_rules(team.id, berlin)
    eleven = NOON + 11 * HOUR
    for minutes in (-1, 0, 1):
        await round_at(daily, eleven + minutes * MINUTE)

    assert [digest.content for digest in team.posted()] == [words(eleven, 7 * DAY)]


async def test_an_unknown_time_zone_is_utc(daily: NotifierHarness, team: Team) -> None:
    await daily.world.set_rules(team.id, replace(DAILY, time_zone="Mars/Olympus"))
    await round_at(daily, ONE)

    assert len(team.posted()) == 1


async def test_no_digest_is_posted_to_servers_that_disabled_it(harness: NotifierHarness, team: Team) -> None:
    for hours in range(30):
        await round_at(harness, NOON + hours * HOUR)

    assert team.posted() == []
    assert await harness.world.rows(digests) == []


async def test_a_digest_due_before_alerts_were_enabled_is_not_posted(daily: NotifierHarness, team: Team) -> None:
    async with daily.world.database.transaction() as connection:
        await switch_off(connection, team.id, team.mod, daily.world.clock)
    await daily.set_up(team)
    await round_at(daily, ONE + HOUR)
    assert team.posted() == []

    await round_at(daily, ONE + DAY)
    assert len(team.posted()) == 1


@pytest.mark.parametrize(("back_after", "posted"), [(23 * HOUR, 1), (24 * HOUR, 1), (DAY + MINUTE, 0), (6 * DAY, 0)])
async def test_after_downtime_it_is_posted_once_within_a_day(
    daily: NotifierHarness, team: Team, back_after: timedelta, posted: int
) -> None:
    await daily.world.set_rules(team.id, replace(DAILY, digest=DigestDay.MONDAY))
    for minutes in range(3):
        await round_at(daily, ONE + back_after + minutes * timedelta(seconds=1))

    assert [digest.content for digest in team.posted()] == [words(ONE, 7 * DAY)] * posted


async def test_only_the_last_of_several_missed_days_is_posted(daily: NotifierHarness, team: Team) -> None:
    await round_at(daily, ONE + 4 * DAY + HOUR)

    assert [digest.content for digest in team.posted()] == [words(ONE + 4 * DAY)]


async def test_during_an_outage_it_waits(daily: NotifierHarness, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    daily.world.imaginepro.outage = Drop()
    await round_at(daily, ONE)
    assert team.posted() == []

    daily.world.imaginepro.outage = None
    await round_at(daily, ONE + MINUTE)
    assert [digest.content for digest in team.posted()] == [words(ONE)]


async def test_a_round_without_the_fleet_listing_posts_no_digest(daily: NotifierHarness, team: Team) -> None:
    daily.world.imaginepro.queue(Refuse(HTTPStatus.FORBIDDEN))
    await round_at(daily, ONE)
    assert team.posted() == []

    await round_at(daily, ONE + HOUR)
    assert [digest.content for digest in team.posted()] == [words(ONE)]


async def test_alerts_are_sent_before_it(daily: NotifierHarness, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    daily.world.set_status(111, "BANNED")
    await daily.world.mute(team.id, None, 2 * MINUTE)
    await round_at(daily, ONE)
    daily.world.set_status(222, "RELAX")
    for seconds in (8, 16):
        await round_at(daily, ONE + timedelta(seconds=seconds))
    await daily.after(3 * MINUTE)

    assert team.titles()[-1] == texts.digest.TITLE
    assert len(team.titles()) == 3


async def test_a_round_that_is_not_recorded_records_no_digest(daily: NotifierHarness, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    daily.world.clock.set(ONE)
    sent_until = await daily.world.rows(digests)
    daily.world.clock.chosen = ["the same", "the same"]
    daily.world.set_status(111, "BANNED")
    with structlog.testing.capture_logs():
        await daily.monitor.round()
    assert await daily.world.rows(deliveries) == []
    assert await daily.world.rows(digests) == sent_until

    await daily.monitor.round()
    assert len(await daily.world.rows(deliveries)) == 2


async def test_a_second_team_has_its_own(daily: NotifierHarness, team: Team, other_team: Team) -> None:
    await daily.world.set_rules(other_team.id, replace(DAILY, digest_hour=14))
    await daily.monitor.round()
    await round_at(daily, ONE)
    assert (len(team.posted()), len(other_team.posted())) == (1, 0)

    await round_at(daily, ONE + HOUR)
    assert (len(team.posted()), len(other_team.posted())) == (1, 1)


# --- Failures: posted exactly once


async def test_it_is_deferred_while_all_alerts_are_muted(daily: NotifierHarness, team: Team) -> None:
    await daily.world.mute(team.id, None, 3 * HOUR)
    await daily.world.mute(team.id, 111, 9 * HOUR)
    await round_at(daily, ONE)
    assert team.posted() == []

    await daily.after(2 * HOUR)
    assert [digest.content for digest in team.posted()] == [words(ONE)]


async def test_only_the_last_of_several_undelivered_ones_is_posted(daily: NotifierHarness, team: Team) -> None:
    await daily.world.mute(team.id, None, 3 * DAY)
    for day in range(4):
        await round_at(daily, ONE + day * DAY)

    assert [digest.content for digest in team.posted()] == [words(ONE + 3 * DAY)]


@pytest.mark.parametrize("later", [MINUTE, HOUR])
async def test_a_digest_with_a_lost_response_is_not_posted_twice(
    daily: NotifierHarness, team: Team, later: timedelta
) -> None:
    """After an hour Discord has forgotten its nonce, and the counts have changed."""
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await round_at(daily, ONE)
    daily.world.set_status(111, "BANNED")
    async with daily.world.database.transaction() as connection:
        await connection.execute(delete(samples).where(samples.c.token_id == 222))
    await daily.after(later)

    assert [digest.content for digest in team.posted()] == [words(ONE)]
    assert await daily.waiting(team) == 0


async def test_a_process_killed_before_saving_posts_it_once(
    daily: NotifierHarness, team: Team, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily.world.clock.set(ONE)
    await daily.monitor.round()

    async def die(*_: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(dispatcher, "record_outcome", die)
        with pytest.raises(asyncio.CancelledError):
            await daily.notifier.deliver_due()
    assert len(team.posted()) == 1

    daily.world.clock.advance(CLAIM_DURATION + HOUR)
    await Dispatcher(daily.world.database, daily.world.clock, Sender(client, daily.world.clock)).deliver_due()
    assert [digest.content for digest in team.posted()] == [words(ONE)]
    assert await daily.waiting(team) == 0


async def test_a_failed_digest_is_retried_with_the_same_nonce(daily: NotifierHarness, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, times=1, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await round_at(daily, ONE)
    assert team.posted() == []
    await daily.after(MINUTE)

    assert len(team.posted()) == 1


async def test_a_ban_does_not_wait_for_a_digest_that_is_being_composed(
    daily: NotifierHarness, team: Team, fake_charts: FakeCharts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests_module, "_DRAWING_SECONDS", GENEROUS)
    fake_charts.waits = asyncio.Event()
    daily.world.clock.set(ONE)
    await daily.monitor.round()
    digest = asyncio.create_task(daily.notifier.deliver_due())
    await asyncio.wait_for(fake_charts.began.wait(), GENEROUS)
    daily.world.set_status(111, "BANNED")
    await daily.monitor.round()
    await daily.notifier.deliver_due()
    assert [title for title in team.titles() if title != texts.digest.TITLE] == team.titles()
    assert team.pinged() == 1

    fake_charts.waits.set()
    await digest
    assert team.titles()[1:] == [texts.digest.TITLE]


async def test_a_ban_does_not_wait_for_a_digest_that_is_being_sent(daily: NotifierHarness, team: Team) -> None:
    # In another channel, since discord.py sends one request at a time until it has read the limit of a channel.
    await daily.world.set_route(team.id, team.talk, team.role, created_by=team.mod, token_id=111)
    sending, release = asyncio.Event(), asyncio.Event()

    async def held(_: Request) -> None:
        sending.set()
        await release.wait()

    team.discord.faults.add(Fault("POST", team.posting, "call_before", callback=held))
    daily.world.clock.set(ONE)
    await daily.monitor.round()
    digest = asyncio.create_task(daily.notifier.deliver_due())
    await asyncio.wait_for(sending.wait(), GENEROUS)
    daily.world.set_status(111, "BANNED")
    await daily.monitor.round()
    await daily.notifier.deliver_due()
    assert len(team.discord.messages(team.talk)) == 1
    assert team.titles() == []

    release.set()
    await digest
    assert team.titles() == [texts.digest.TITLE]


async def test_servers_of_an_account_share_what_is_slow(
    daily: NotifierHarness, team: Team, other_team: Team, fake_charts: FakeCharts
) -> None:
    await daily.world.set_rules(other_team.id, DAILY)
    await daily.monitor.round()
    daily.world.set_status(111, "BANNED")
    await round_at(daily, ONE)

    assert len(fake_charts.drawn) == 1
    assert [message.attachments[0].data for each in (team, other_team) for message in each.posted()[-1:]] == [PNG, PNG]


async def test_a_digest_that_cannot_be_built_does_not_delay_alerts(
    daily: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(digest_figures, "sort_tokens", fail)
    with structlog.testing.capture_logs():
        await round_at(daily, ONE)
        for _ in range(9):
            await daily.after(5 * MINUTE)
        await daily.posted(111, status="BANNED")

    assert len(team.posted()) == 1
    assert await daily.waiting(team) == 1


# --- The picture


async def test_it_has_a_chart_of_the_fleet_in_its_period(
    daily: NotifierHarness, team: Team, fake_charts: FakeCharts
) -> None:
    await round_at(daily, ONE)
    (digest,) = team.posted()
    (chart,) = fake_charts.drawn

    assert [(each.filename, each.data) for each in digest.attachments] == [("fleet.png", PNG)]
    assert digest.embeds[0]["image"]["url"] == "attachment://fleet.png"
    assert isinstance(chart, FleetChart)
    assert (chart.since, chart.until) == (TODAY.since, TODAY.until)
    assert (chart.points[0].at, chart.points[-1].at) == (TODAY.since, TODAY.until)
    assert chart.points[-1].left == 45 * HOUR


async def test_without_a_chart_it_is_still_posted(daily: NotifierHarness, team: Team, fake_charts: FakeCharts) -> None:
    fake_charts.fails = True
    with structlog.testing.capture_logs() as logs:
        await round_at(daily, ONE)
    (digest,) = team.posted()

    assert digest.attachments == []
    assert "image" not in digest.embeds[0]
    assert [log["event"] for log in logs if log["log_level"] == "error"] == [
        "The picture of a digest could not be drawn. The digest is sent without it."
    ]


async def test_a_slow_chart_is_not_waited_for(
    daily: NotifierHarness, team: Team, fake_charts: FakeCharts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests_module, "_DRAWING_SECONDS", 0.05)
    fake_charts.waits = asyncio.Event()
    await round_at(daily, ONE)

    assert [digest.attachments for digest in team.posted()] == [[]]


async def test_without_permission_to_attach_it_has_no_chart(daily: NotifierHarness, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, status=HTTPStatus.FORBIDDEN, code=50013))
    await round_at(daily, ONE)
    (digest,) = team.posted()

    assert digest.attachments == []
    assert "image" not in digest.embeds[0]
    assert digest.silent
    assert await daily.waiting(team) == 0


async def test_a_refusing_channel_disables_the_route(daily: NotifierHarness, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, times=9, status=HTTPStatus.FORBIDDEN, code=50013))
    await round_at(daily, ONE)
    assert team.posted() == []
    assert await daily.waiting(team) == 1

    team.discord.faults.clear()
    await daily.fix_route(team)
    restored, digest = [message.content for message in team.posted()]
    assert restored.startswith("✅ I can post alerts again.")
    assert digest == words(ONE)


# --- Content


def test_a_delivery_has_its_digests_period() -> None:
    since, until = datetime(2026, 3, 1, 13, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC)

    payload = DigestPayload(since, until)
    delivery = Delivery(1, DeliveryKind.DIGEST, "one", 1, payload, created_at=until, next_attempt_at=until)

    assert period_of(delivery) == Period(since, until)


async def test_a_digest_sent_by_a_clock_that_was_ahead_stops_no_later_one(daily: NotifierHarness, team: Team) -> None:
    await round_at(daily, ONE - MINUTE)
    daily.world.clock.jump(7 * DAY)
    await daily.monitor.round()
    daily.world.clock.jump(-7 * DAY)
    await daily.monitor.round()
    await round_at(daily, ONE)
    await daily.notifier.deliver_due()

    assert words(ONE) in [message.content for message in team.posted()]


async def test_it_covers_each_token_in_exactly_its_period(daily: NotifierHarness, team: Team) -> None:
    def fill(hours: float) -> None:
        daily.world.imaginepro.tokens[111].info["fastTimeRemaining"] = f"{hours:.2f}/15.0 hours"

    async with daily.world.database.transaction() as connection:
        await set_name(connection, team.id, 222, "Anna", named_by=team.mod, now=NOON)
        await save_quota(connection, daily.world.account_id, AccountQuota(NOON, credits=1240))
    for minutes, hours, status in ((10, 12.0, "FAST"), (20, 11.0, "RELAX"), (21, 11.0, "RELAX"), (50, 11.0, "FAST")):
        fill(hours)
        daily.world.set_status(222, status)
        await round_at(daily, NOON + minutes * MINUTE)
    daily.world.set_status(333, "RELAX")
    await round_at(daily, ONE - MINUTE)
    # Posted late: usage of the next period does not count.
    for late, hours in ((timedelta(), 10.5), (HOUR, 2.0)):
        daily.world.clock.set(ONE + late)
        fill(hours)
        await daily.monitor.round()
    await daily.notifier.deliver_due()
    digest = next(message for message in team.posted() if message.content == words(ONE))

    assert lines(digest) == [
        "🟡 **333**: 0 h used · 1 min out of FAST · 1 incident · hours return <t:1774000000:D>",
        "🟢 **Anna (222)**: 0 h used · 30 min out of FAST · 1 incident",
        "🟢 **111**: 4.5 h used",
    ]
    fields = {field["name"]: field["value"] for field in digest.embeds[0]["fields"]}
    assert fields == {
        "Total": "4.5 h of fast time used\n2 tokens out of FAST, for 31 min in total\n2 new incidents",
        "Now": "🟢 2 FAST, 🟡 1 RELAX",
        "ImaginePro account": "1,240 credits left",
    }
    await round_at(daily, ONE + DAY)
    await daily.notifier.deliver_due()
    following = next(message for message in team.posted() if message.content == words(ONE + DAY))
    totals = next(field["value"] for field in following.embeds[0]["fields"] if field["name"] == "Total")
    assert totals.split("\n")[1:] == ["1 token out of FAST, for 1 d", "no new incidents, 1 from before"]


async def test_a_token_gone_before_is_left_out_and_one_that_left_is_included(
    daily: NotifierHarness, team: Team
) -> None:
    for day, token_id in enumerate((111, 222)):
        await round_at(daily, ONE + day * DAY - 2 * HOUR)
        del daily.world.imaginepro.tokens[token_id]
        await round_at(daily, ONE + day * DAY - HOUR)
        await round_at(daily, ONE + day * DAY)
    digest = next(message for message in team.posted() if message.content == words(ONE + DAY))

    assert [line.split(":")[0] for line in lines(digest)] == ["⚪ **222**", "🟢 **333**"]


async def test_a_token_without_readings_in_the_period_is_left_out(daily: NotifierHarness, team: Team) -> None:
    daily.world.set_status(111, "")
    for day in range(2):
        await round_at(daily, ONE + day * DAY)

    posted = [[line.split(":")[0] for line in lines(digest)] for digest in team.posted()]
    assert posted == [["🟢 **111**", "🟢 **222**", "🟢 **333**"], ["🟢 **222**", "🟢 **333**"]]


async def test_a_digest_of_no_tokens_says_so(daily: NotifierHarness, team: Team) -> None:
    async with daily.world.database.transaction() as connection:
        await connection.execute(delete(samples))
    daily.world.clock.set(ONE)
    route = Route(team.id, daily.world.account_id, team.alerts, None, team.mod, NOON)
    outgoing = await DigestComposer(daily.world.database, daily.world.clock, None).compose(route, TODAY)

    assert outgoing.embed is not None
    assert outgoing.embed.description == "No tokens."


async def test_a_deadline_shortens_it_and_the_most_severe_tokens_come_first(
    daily: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily.world.set_status(333, "BANNED")
    await round_at(daily, NOON + MINUTE)
    ticks = iter((0.0, 0.0, 99.0))
    monkeypatch.setattr(digest_figures, "_seconds", lambda: next(ticks))
    await round_at(daily, ONE)
    digest = next(message for message in team.posted() if message.content == words(ONE))

    assert [line.split("**")[1] for line in lines(digest)[:1]] == ["333"]
    assert lines(digest)[1:] == ["Tokens left out because counting them would have taken too long: 2."]
