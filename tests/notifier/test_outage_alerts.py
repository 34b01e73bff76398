"""The alert that nothing can be recorded: once in each channel, without the database, and its end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import discord
import pytest
import structlog
from discord.http import Route

from bot.domain.alert_routes import DisabledReason
from bot.domain.rules import Rules
from bot.notifier.outage_alerts import OutageAlerts
from bot.storage.database import Database, engine_for
from bot.storage.unavailable import Cause, DatabaseUnavailable
from bot.ui import texts
from tests.clocks import NOON
from tests.databases import sqlite_away
from tests.monitor.world import MINUTE, NotifierHarness, Team, World
from tests.standins.discord_server import Fault, Permission, Pings
from tests.titles import title_of

OVER = [texts.database.TITLE_OVER, texts.database.REPLY_OVER.format(duration="6 min")]


@pytest.fixture
async def alerts(harness: NotifierHarness, team: Team) -> OutageAlerts:
    """A process that knows the route of the team."""
    await harness.set_up(team)
    alerts = another_process(harness)
    await alerts.step()
    return alerts


def another_process(harness: NotifierHarness) -> OutageAlerts:
    world = harness.world
    return OutageAlerts(world.account_id, world.database, world.clock, harness.sender, harness.sender._client)


async def minutes(harness: NotifierHarness, number: int, *processes: OutageAlerts) -> None:
    """Let time pass, with a round a minute."""
    for _ in range(number):
        await harness.monitor.round()
        harness.world.clock.advance(MINUTE)
        for process in processes:
            await process.step()


async def test_it_is_alerted_once_with_a_ping_and_its_end_without(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    with sqlite_away(sqlite_url):
        await minutes(harness, 4, alerts)
        assert team.posted() == []

        await minutes(harness, 2, alerts)
        assert team.titles() == [texts.database.TITLE]
        (alert,) = team.posted()
        assert alert.pings == Pings(roles=frozenset({team.role}))
        assert texts.database.CAUSES[Cause.FILE_REPLACED] in alert.embeds[0]["description"]
        assert alert.embeds[0]["fields"][0]["value"] == texts.database.WHAT_TO_DO[Cause.FILE_REPLACED]
    await harness.monitor.round()
    await alerts.step()
    await alerts.step()

    assert team.titles() == OVER
    assert team.pinged() == 1
    assert alert.content == texts.database.OVER, "the edited alert mentions nobody any more"
    assert (team.posted()[1].silent, team.posted()[1].reference_id) == (True, alert.id)


async def test_the_alert_names_another_cause_once_a_minute_at_most(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team
) -> None:
    outage, clock = harness.world.database.outage, harness.world.clock
    outage.failed(DatabaseUnavailable(Cause.UNREACHABLE, "made up"))
    clock.advance(6 * MINUTE)
    await alerts.step()
    for cause in (Cause.FULL, Cause.READ_ONLY, Cause.FULL):
        outage.failed(DatabaseUnavailable(cause, "made up"))
        clock.advance(MINUTE / 3)
        await alerts.step()

    (alert,) = team.posted()
    assert texts.database.CAUSES[Cause.FULL] in alert.embeds[0]["description"]
    assert alert.embeds[0]["fields"][0]["value"] == texts.database.WHAT_TO_DO[Cause.FULL]
    assert (alert.edits, team.pinged()) == (1, 1)


async def test_the_end_is_said_in_a_channel_without_read_message_history(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team
) -> None:
    outage = harness.world.database.outage
    outage.failed(DatabaseUnavailable(Cause.FULL, "made up"))
    harness.world.clock.advance(6 * MINUTE)
    await alerts.step()
    team.discord.change_channel(team.alerts, deny=Permission.READ_MESSAGE_HISTORY)
    outage.check_succeeded()
    await alerts.step()

    assert team.titles()[0] == texts.database.TITLE_OVER


async def test_the_end_is_said_however_much_is_said_in_the_channel_meanwhile(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team
) -> None:
    outage = harness.world.database.outage
    outage.failed(DatabaseUnavailable(Cause.FULL, "made up"))
    harness.world.clock.advance(6 * MINUTE)
    await alerts.step()
    for _ in range(250):
        team.discord.say(team.alerts, "What is wrong?", user=team.mod)
    outage.check_succeeded()
    await alerts.step()

    assert team.titles()[0] == texts.database.TITLE_OVER
    assert team.posted()[-1].reference_id == team.posted()[0].id


async def test_an_alert_that_somebody_deleted_is_neither_posted_nor_ended(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    with sqlite_away(sqlite_url):
        await minutes(harness, 6, alerts)
        team.discord.delete(team.posted()[0])
        harness.world.database.outage.failed(DatabaseUnavailable(Cause.FULL, "made up"))
        await minutes(harness, 6, alerts)
    await minutes(harness, 2, alerts)

    assert team.posted() == []


async def test_an_outage_that_begins_before_the_end_of_the_last_could_be_said_has_its_own_alert(
    harness: NotifierHarness, world: World, team: Team
) -> None:
    await harness.set_up(team)
    await world.set_rules(team.id, Rules(no_data_after=timedelta(minutes=1)))
    alerts, outage = another_process(harness), world.database.outage
    await alerts.step()
    refused = team.discord.faults.add(Fault("PATCH", team.editing, times=9, status=HTTPStatus.SERVICE_UNAVAILABLE))
    for _ in range(2):
        outage.failed(DatabaseUnavailable(Cause.FULL, "made up"))
        world.clock.advance(2 * MINUTE)
        await alerts.step()
        await alerts.step()
        outage.check_succeeded()
        await alerts.step()
    refused.times = 0
    world.clock.advance(6 * MINUTE)
    await alerts.step()

    first, second = (message for message in team.posted() if message.reference_id is None)
    ends = [message for message in team.posted() if message.reference_id is not None]
    assert [title_of(first), title_of(second)] == [texts.database.TITLE_OVER] * 2
    assert {end.reference_id for end in ends} == {first.id, second.id}
    assert len(ends) == 2


async def test_each_server_decides_after_how_long(
    harness: NotifierHarness, world: World, team: Team, sqlite_url: str
) -> None:
    await harness.set_up(team)
    await world.set_rules(team.id, Rules(no_data_after=timedelta(minutes=2)))
    alerts = another_process(harness)
    await alerts.step()
    with sqlite_away(sqlite_url):
        await minutes(harness, 2, alerts)

    assert team.titles() == [texts.database.TITLE]


async def test_a_short_outage_is_not_alerted(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    with sqlite_away(sqlite_url):
        await minutes(harness, 4, alerts)
    await minutes(harness, 10, alerts)

    assert team.posted() == []


async def test_an_outage_that_comes_again_does_not_ping_again(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    for _ in range(2):
        with sqlite_away(sqlite_url):
            await minutes(harness, 11, alerts)
        await minutes(harness, 1, alerts)

    posts = [request for request in team.discord.requests_to("POST", team.posting) if "embeds" in request.body]
    assert [bool(request.body["allowed_mentions"].get("roles")) for request in posts] == [True, False]


async def test_the_alert_is_repeated_until_discord_accepts_it(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, times=2, status=HTTPStatus.SERVICE_UNAVAILABLE))
    with sqlite_away(sqlite_url):
        await minutes(harness, 8, alerts)

    assert team.titles() == [texts.database.TITLE]
    assert len({request.body["nonce"] for request in team.discord.requests_to("POST", team.posting)}) == 1


async def test_an_alert_whose_response_is_lost_is_posted_once(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    with sqlite_away(sqlite_url):
        await minutes(harness, 8, alerts)

    assert team.titles() == [texts.database.TITLE]


async def test_two_processes_alert_once(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    other = another_process(harness)
    await other.step()
    with sqlite_away(sqlite_url):
        await minutes(harness, 6, alerts, other)
        assert team.titles() == [texts.database.TITLE]
    await harness.monitor.round()
    await alerts.step()
    await other.step()

    assert team.titles() == OVER


async def test_a_process_ends_what_another_one_has_left_behind(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    """The one that posted the alert was restarted before the database worked again."""
    with sqlite_away(sqlite_url):
        await minutes(harness, 6, alerts)
    await harness.monitor.round()
    restarted = another_process(harness)
    for _ in range(3):
        await restarted.step()

    assert team.titles() == OVER
    assert texts.database.CAUSES[Cause.FILE_REPLACED] in team.posted()[0].embeds[0]["description"]


@pytest.mark.slow
@pytest.mark.parametrize("down", [timedelta(), timedelta(minutes=40), timedelta(hours=5)])
@pytest.mark.parametrize("accepted", [0, 1, 2])
async def test_a_process_that_is_killed_while_it_says_that_it_is_over_loses_nothing(
    harness: NotifierHarness,
    alerts: OutageAlerts,
    team: Team,
    client: discord.Client,
    monkeypatch: pytest.MonkeyPatch,
    sqlite_url: str,
    accepted: int,
    down: timedelta,
) -> None:
    with sqlite_away(sqlite_url):
        await minutes(harness, 6, alerts)
    await harness.monitor.round()
    with monkeypatch.context() as patched:
        patched.setattr(client.http, "request", killed_after(client, accepted))
        with contextlib.suppress(asyncio.CancelledError):
            await alerts.step()
    harness.world.clock.advance(down)
    restarted = another_process(harness)
    for _ in range(3):
        await restarted.step()

    alert, *replies = team.posted()
    assert title_of(alert) == OVER[0]
    assert [reply.reference_id for reply in replies] == [alert.id]


def killed_after(client: discord.Client, accepted: int) -> Callable[..., Awaitable[Any]]:
    """Return how the client makes requests of which Discord still gets so many that write something."""
    writing, request = iter(range(accepted)), client.http.request

    async def until_killed(route: Route, **options: Any) -> Any:
        if route.method != "GET" and next(writing, None) is None:
            raise asyncio.CancelledError
        return await request(route, **options)

    return until_killed


@pytest.mark.slow
async def test_a_reply_that_fails_is_repeated_although_the_alert_says_that_it_is_over(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    with sqlite_away(sqlite_url):
        await minutes(harness, 6, alerts)
    team.discord.faults.add(Fault("POST", team.posting, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await harness.monitor.round()
    await alerts.step()
    assert team.titles() == OVER[:1]
    await minutes(harness, 1, alerts)

    assert team.titles() == OVER
    assert len(team.discord.requests_to("PATCH", team.editing)) == 1


async def test_an_alert_is_looked_for_until_discord_answers(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team, sqlite_url: str
) -> None:
    with sqlite_away(sqlite_url):
        await minutes(harness, 6, alerts)
    team.discord.faults.add(Fault("GET", team.posting, status=HTTPStatus.SERVICE_UNAVAILABLE))
    restarted = another_process(harness)
    await minutes(harness, 4, restarted)

    assert team.titles()[0] == texts.database.TITLE_OVER


async def test_a_channel_that_the_bot_may_not_see_is_logged_once(
    harness: NotifierHarness, alerts: OutageAlerts, team: Team
) -> None:
    team.discord.change_channel(team.alerts, bot_may_view=False)
    with structlog.testing.capture_logs() as logs:
        await minutes(harness, 5, another_process(harness))

    assert [one["event"] for one in logs if one["log_level"] == "info"] == [
        "An alert about an earlier outage was not looked for. Retrying."
    ]


async def test_a_process_that_has_seen_no_check_recorded_ends_no_alert(
    harness: NotifierHarness, alerts: OutageAlerts, world: World, team: Team, client: discord.Client, sqlite_url: str
) -> None:
    """Only checks cannot be recorded, and the first process waits for that."""
    world.database.outage.check_failed(DatabaseUnavailable(Cause.BUSY, "made up"))
    world.clock.advance(6 * MINUTE)
    await alerts.step()
    others = Database(engine_for(sqlite_url), world.clock)
    other = OutageAlerts(world.account_id, others, world.clock, harness.sender, client)
    for _ in range(3):
        await other.step()
    assert team.titles() == [texts.database.TITLE]

    others.outage.check_succeeded()
    await other.step()
    world.database.outage.check_succeeded()
    await alerts.step()
    await others.close()
    assert team.titles() == OVER


async def test_two_processes_that_notice_it_at_different_times_alert_once(
    alerts: OutageAlerts, harness: NotifierHarness, world: World, team: Team, client: discord.Client, sqlite_url: str
) -> None:
    others = Database(engine_for(sqlite_url), world.clock)
    other = OutageAlerts(world.account_id, others, world.clock, harness.sender, client)
    await other.step()
    # Their nonces are of different periods.
    for database, seconds in ((world.database, 595), (others, 605)):
        world.clock.set(NOON + timedelta(seconds=seconds))
        database.outage.check_failed(DatabaseUnavailable(Cause.FULL, "made up"))
    world.clock.advance(6 * MINUTE)
    for process in (alerts, other):
        await process.step()
    await others.close()

    assert team.titles() == [texts.database.TITLE]


async def test_a_route_that_is_disabled_gets_none(
    harness: NotifierHarness, world: World, team: Team, sqlite_url: str
) -> None:
    await world.set_route(team.id, team.alerts, team.role, disabled_reason=DisabledReason.SERVER_NOT_ALLOWED)
    alerts = another_process(harness)
    await alerts.step()
    with sqlite_away(sqlite_url):
        await minutes(harness, 8, alerts)

    assert team.posted() == []


@pytest.mark.parametrize("cause", Cause)
def test_each_cause_has_words_and_what_to_do(cause: Cause) -> None:
    assert texts.database.CAUSES[cause].startswith(("My", "An", "The"))
    assert texts.database.WHAT_TO_DO[cause].startswith("Ask the person who runs the bot")
    assert str(DatabaseUnavailable(cause, "made up"))
