"""Channels that refuse permanently: deliveries wait, moderators are notified once, and open alerts are posted after a
fix.
"""

from http import HTTPStatus
from itertools import pairwise
from typing import Any

import discord
import pytest
import structlog

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, Urgency
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.notifier.route_health import RouteHealth
from bot.storage.alert_routes import Route, get_route, token_routes_of
from bot.storage.alerts_off import switch_off
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.payloads import BrokenRoutePayload
from bot.storage.stale_messages import has_stale_message
from bot.storage.unread import delete_unread
from bot.ui import formatting, texts
from tests.cases import first_quick
from tests.databases import sqlite_away
from tests.monitor.world import MINUTE, NotifierHarness, Team
from tests.notifier.test_dispatcher import BANNED, SECOND, titled
from tests.standins.discord_server import Fault, Message, Permission
from tests.titles import is_back, title_of


async def route_of(harness: NotifierHarness, team: Team) -> Route:
    async with harness.world.database.reading() as connection:
        route = await get_route(connection, team.id)
    assert route is not None
    return route


def to_mods(team: Team) -> list[Message]:
    """Return the notices to moderators, in the system channel and by DM."""
    return [*team.discord.messages(team.talk), *by_dm(team)]


def by_dm(team: Team) -> list[Message]:
    return team.discord.messages(team.discord.dm_channel(team.mod))


async def test_a_refusing_channel_is_disabled_and_moderators_are_notified_once(
    harness: NotifierHarness, team: Team
) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="RELAX")
    await harness.after(MINUTE / 2)
    assert len(team.discord.requests_to("POST", team.posting)) == 1
    await harness.posted(222, status="BANNED")
    await harness.after(60 * MINUTE)

    assert (await route_of(harness, team)).disabled_reason is DisabledReason.MISSING_PERMISSIONS
    assert len(team.discord.requests_to("POST", team.posting)) == 3
    (word,) = team.discord.messages(team.talk)
    assert f"<#{team.alerts}>" in word.content
    assert "(Send Messages is missing there)" in word.content
    assert "Give me Send Messages there." in word.content
    assert (word.pings.users, word.pings.roles, by_dm(team)) == (frozenset(), frozenset(), [])
    assert await harness.waiting(team) == 2


@pytest.mark.parametrize("lost", first_quick(["view", "embed", "history", "channel"]))
async def test_any_permanent_loss_disables_the_route(harness: NotifierHarness, team: Team, lost: str) -> None:
    await harness.posted(111, status="RELAX")
    match lost:
        case "view":
            team.discord.change_channel(team.alerts, bot_may_view=False)
        case "embed":
            team.discord.change_channel(team.alerts, deny=Permission.EMBED_LINKS)
        case "history":
            team.discord.change_channel(team.alerts, deny=Permission.READ_MESSAGE_HISTORY)
        case "channel":
            team.discord.remove_channel(team.alerts)
    await harness.posted(111, 222, status="BANNED")

    assert (await route_of(harness, team)).disabled_reason is not None
    assert len(to_mods(team)) == 1


@pytest.mark.parametrize("system_channel", ["refuses", "is missing", "is the very one"])
async def test_without_a_system_channel_the_user_who_set_it_up_is_notified(
    harness: NotifierHarness, team: Team, system_channel: str
) -> None:
    match system_channel:
        case "refuses":
            team.discord.change_channel(team.talk, bot_may_send=False)
        case "is missing":
            team.discord.remove_channel(team.talk)
        case "is the very one":
            await harness.set_up(team, channel_id=team.talk)
            team.discord.change_channel(team.talk, bot_may_send=False)
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="RELAX")

    assert len(by_dm(team)) == 1
    assert team.discord.messages(team.talk) == []


async def test_if_nobody_can_be_notified_that_is_logged_and_retried_every_hour(
    harness: NotifierHarness, team: Team
) -> None:
    shy = team.discord.add_member(team.id, "shy", accepts_dms=False)
    await harness.set_up(team, created_by=shy)
    for channel in (team.talk, team.alerts):
        team.discord.change_channel(channel, bot_may_send=False)
    with structlog.testing.capture_logs() as logs:
        await harness.posted(111, status="RELAX")
        await harness.after(60 * MINUTE)
    assert [log["event"] for log in logs].count("No moderator could be notified. Retrying.") == 1
    assert await harness.waiting(team) == 1

    team.discord.change_channel(team.talk)
    await harness.after(60 * MINUTE)
    assert len(team.discord.messages(team.talk)) == 1


async def test_nobody_reads_of_a_broken_route_that_works_again(harness: NotifierHarness, team: Team) -> None:
    shy = team.discord.add_member(team.id, "shy", accepts_dms=False)
    await harness.set_up(team, created_by=shy)
    for channel in (team.talk, team.alerts):
        team.discord.change_channel(channel, bot_may_send=False)
    await harness.posted(111, status="RELAX")
    team.discord.change_channel(team.alerts)
    await harness.after(30 * MINUTE)
    team.discord.change_channel(team.talk)
    await harness.after(60 * MINUTE)

    assert len(team.posted()) == 2
    assert team.discord.messages(team.talk) == []


async def test_nobody_reads_of_a_broken_route_after_alerts_go_elsewhere(harness: NotifierHarness, team: Team) -> None:
    shy = team.discord.add_member(team.id, "shy", accepts_dms=False)
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    await harness.set_up(team, created_by=shy)
    for channel in (team.talk, team.alerts):
        team.discord.change_channel(channel, bot_may_send=False)
    await harness.posted(111, status="RELAX")
    await harness.fix_route(team, channel_id=elsewhere)
    team.discord.change_channel(team.talk)
    await harness.after(60 * MINUTE)

    assert to_mods(team) == []


async def test_moderators_who_could_not_be_reached_read_of_a_route_that_breaks_again_once(
    harness: NotifierHarness, team: Team
) -> None:
    shy = team.discord.add_member(team.id, "shy", accepts_dms=False)
    await harness.set_up(team, created_by=shy)
    team.discord.change_channel(team.talk, bot_may_send=False)
    for token_id in (111, 222):
        team.discord.change_channel(team.alerts, bot_may_send=False)
        await harness.posted(token_id, status="BANNED")
        if token_id == 111:
            team.discord.change_channel(team.alerts)
            await harness.after(5 * MINUTE)
    team.discord.change_channel(team.talk)
    await harness.after(60 * MINUTE)

    assert len(to_mods(team)) == 1


async def test_a_403_of_discords_edge_loses_no_notice(harness: NotifierHarness, team: Team) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    edge: dict[str, Any] = {"status": HTTPStatus.FORBIDDEN, "code": 40333, "times": 2}
    team.discord.faults.add(Fault("POST", f"/channels/{team.talk}/messages", **edge))
    await harness.posted(111, status="RELAX")
    for _ in range(5):
        await harness.after(2 * SECOND)

    assert len(team.discord.messages(team.talk)) == 1
    assert by_dm(team) == []


async def test_after_a_fix_ongoing_alerts_are_posted_and_past_ones_summarized(
    harness: NotifierHarness, team: Team
) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="RELAX")
    await harness.seen(222, status="BANNED")
    await harness.seen(222, 111, status="FAST")
    await harness.seen(333, status="BANNED")
    team.discord.change_channel(team.alerts)
    await harness.fix_route(team)

    # It is unknown whether the first one arrived, so it has its own line.
    restored, *alerts = team.posted()
    assert restored.content == texts.alerts.ROUTE_RESTORED
    assert title_of(alerts[0]) == titled(AlertType.BANNED, Mode.BANNED, 333)
    assert [message.content.count("•") for message in alerts[1:]] == [1, 1]
    assert all(message.content.startswith(texts.alerts.MISSED) for message in alerts[1:])
    assert team.pinged() == 1
    assert await harness.waiting(team) == 0


async def test_after_a_fix_many_waiting_alerts_become_one(harness: NotifierHarness, team: Team) -> None:
    await harness.world.set_rules(team.id, Rules(min_fast=0))
    later = harness.world.clock.now() + 60 * MINUTE
    broken = {"disabled_reason": DisabledReason.REFUSED, "retry_at": later}
    await harness.world.set_route(team.id, team.alerts, team.role, **broken)
    for token_id in (111, 222, 333):
        await harness.posted(token_id, status="RELAX")
    await harness.fix_route(team)

    assert len(team.posted()) == 1
    assert team.pinged() == 1


async def test_after_a_fix_an_existing_alert_continues(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    team.discord.change_channel(team.alerts, bot_may_view=False)
    await harness.posted(111, status="FAST")
    team.discord.change_channel(team.alerts)
    await harness.fix_route(team)

    alert, _restored, over = team.posted()
    assert is_back(alert)
    assert (over.reference_id, over.silent) == (alert.id, True)


async def test_one_tokens_route_is_disabled_alone(harness: NotifierHarness, team: Team) -> None:
    own = team.discord.add_channel(team.id, "own", bot_may_send=False)
    await harness.set_up(team, channel_id=own, token_id=222)
    await harness.posted(111, 222, status="BANNED")

    assert team.titles() == [BANNED]
    route = await route_of(harness, team)
    async with harness.world.database.reading() as connection:
        (own_route,) = await token_routes_of(connection, route)
    assert (route.disabled_reason is None, own_route.disabled_reason is None) == (True, False)
    assert [f"<#{own}>" in word.content for word in to_mods(team)] == [True]


async def test_a_servers_route_is_disabled_without_its_tokens_routes(harness: NotifierHarness, team: Team) -> None:
    own = team.discord.add_channel(team.id, "own")
    await harness.set_up(team, channel_id=own, token_id=222)
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, 222, status="BANNED")

    assert [title_of(message) for message in team.discord.messages(own)] == [titled(AlertType.BANNED, Mode.BANNED, 222)]


async def test_only_the_sender_of_a_test_is_notified_of_its_result(harness: NotifierHarness, team: Team) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    async with harness.world.database.transaction() as connection:
        await record_delivery(
            connection,
            DeliveryKind.TEST,
            server_id=team.id,
            incident_id=None,
            urgency=Urgency.WARNING,
            nonce="made up",
            now=harness.world.clock.now(),
        )
    await harness.notifier.deliver_due()

    assert (await route_of(harness, team)).disabled_reason is not None
    assert to_mods(team) == []


# --- Routes that work again


async def test_a_broken_route_is_retried_within_the_hour_and_says_what_was_held_back(
    harness: NotifierHarness, team: Team
) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    team.discord.change_channel(team.talk, bot_may_send=False)
    await harness.world.set_rules(team.id, Rules(group_from=9))
    await harness.posted(111, 222, status="BANNED")
    broken_at = (await route_of(harness, team)).disabled_at
    assert broken_at is not None
    for _ in range(12):
        await harness.after(60 * MINUTE)
    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)

    restored, *alerts = team.posted()
    assert restored.content == texts.alerts.ROUTE_RESTORED
    assert restored.embeds[0]["description"] == texts.alerts.ROUTE_RESTORED_WAITED.format(
        channel=team.alerts,
        since=formatting.at(broken_at, "f"),
        now=formatting.at(harness.world.clock.now(), "t"),
        number=2,
    )
    assert restored.silent
    assert [title_of(alert) for alert in alerts] == [BANNED, titled(AlertType.BANNED, Mode.BANNED, 222)]
    assert team.pinged() == 2
    assert (await route_of(harness, team)).disabled_reason is None
    assert await harness.waiting(team) == 0


async def test_a_route_that_stays_broken_is_tried_more_and_more_seldom(harness: NotifierHarness, team: Team) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, 222, status="BANNED")
    times: list[int] = []
    for minute in range(4 * 60):
        before = len(team.discord.requests_to("POST", team.posting))
        await harness.after(MINUTE)
        times += [minute] * (len(team.discord.requests_to("POST", team.posting)) - before)

    assert 5 <= len(times) <= 12
    assert max(later - earlier for earlier, later in pairwise(times)) <= 60
    assert len(to_mods(team)) == 1


async def test_a_route_without_embed_links_does_not_work_again(harness: NotifierHarness, team: Team) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="BANNED")
    team.discord.change_channel(team.alerts, deny=Permission.EMBED_LINKS)
    await harness.after(60 * MINUTE)

    assert team.posted() == []
    assert len(to_mods(team)) == 1


async def test_what_waited_is_still_true_when_it_arrives(harness: NotifierHarness, team: Team) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="RELAX")
    await harness.posted(222, status="BANNED")
    await harness.seen(111, status="BANNED")
    await harness.seen(222, status="FAST")
    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)

    _, banned, over = team.posted()
    assert title_of(banned) == BANNED
    assert over.content.startswith(texts.alerts.MISSED)


async def test_a_token_route_that_works_again_says_so_in_its_own_channel(harness: NotifierHarness, team: Team) -> None:
    own = team.discord.add_channel(team.id, "own", bot_may_send=False)
    await harness.set_up(team, channel_id=own, token_id=222)
    await harness.posted(222, status="BANNED")
    team.discord.change_channel(own)
    await harness.after(60 * MINUTE)

    restored, alert = team.discord.messages(own)
    assert restored.content == texts.alerts.ROUTE_RESTORED
    assert title_of(alert) == titled(AlertType.BANNED, Mode.BANNED, 222)
    assert team.posted() == []


async def test_a_route_that_breaks_anew_is_reported_anew(harness: NotifierHarness, team: Team) -> None:
    for token_id in (111, 222):
        team.discord.change_channel(team.alerts, bot_may_send=False)
        await harness.posted(token_id, status="BANNED")
        team.discord.change_channel(team.alerts)
        await harness.after(60 * MINUTE)

    assert len(to_mods(team)) == 2
    assert [message.content for message in team.posted()].count(texts.alerts.ROUTE_RESTORED) == 2


async def test_the_first_message_is_posted_once_if_its_response_is_lost(harness: NotifierHarness, team: Team) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="BANNED")
    team.discord.change_channel(team.alerts)
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.after(60 * MINUTE)
    await harness.after(60 * MINUTE)

    assert [title_of(message) for message in team.posted()][1:] == [BANNED]
    assert (team.pinged(), await harness.waiting(team)) == (1, 0)


async def test_a_change_in_a_server_while_the_database_is_away_logs_no_error(
    harness: NotifierHarness, team: Team, client: discord.Client, sqlite_url: str
) -> None:
    health = RouteHealth(harness.world.database, harness.world.clock, lambda: None)
    guild = client.get_guild(team.id)
    assert guild is not None
    with sqlite_away(sqlite_url):
        await harness.monitor.round()
        with structlog.testing.capture_logs() as logs:
            await health.on_change(guild)

    assert logs == []


# --- Alerts that have moved to another channel


async def test_alerts_in_a_former_channel_continue_there(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    await harness.set_up(team, channel_id=elsewhere)
    await harness.posted(111, status="BANNED")

    alert, worse = team.posted()
    assert (title_of(alert), worse.reference_id) == (BANNED, alert.id)
    assert team.discord.messages(elsewhere) == []


async def test_a_route_that_an_older_version_disabled_is_tried_more_and_more_seldom(
    harness: NotifierHarness, team: Team
) -> None:
    """It has recorded neither since when, nor a message for the end."""
    await harness.set_up(team, disabled_reason=DisabledReason.MISSING_PERMISSIONS)
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="BANNED")
    for _ in range(180):
        await harness.after(MINUTE)
    assert len(team.discord.requests_to("POST", team.posting)) < 12

    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)
    assert team.titles() == [texts.alerts.ROUTE_RESTORED, BANNED]


async def test_a_notice_that_needs_the_gateway_holds_back_no_alert(
    harness: NotifierHarness, team: Team, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client._connection._guilds.pop(team.id)
    monkeypatch.setattr(client, "is_ready", lambda: False)
    await harness.set_up(team, channel_id=team.talk, token_id=222, disabled_reason=DisabledReason.MISSING_ACCESS)
    async with harness.world.database.transaction() as connection:
        await record_delivery(
            connection,
            DeliveryKind.ROUTE_BROKEN,
            server_id=team.id,
            urgency=Urgency.URGENT,
            nonce="made up",
            now=harness.world.clock.now(),
            payload=BrokenRoutePayload(team.talk, team.mod),
        )
    await harness.posted(111, status="RELAX")

    assert len(team.posted()) == 1
    assert to_mods(team) == []


@pytest.mark.parametrize("lost", first_quick(["view", "send", "channel"]))
async def test_an_unreachable_alert_in_a_former_channel_is_posted_in_the_new_one(
    harness: NotifierHarness, team: Team, lost: str
) -> None:
    await harness.posted(111, status="RELAX")
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    if lost == "channel":
        team.discord.remove_channel(team.alerts)
    else:
        team.discord.change_channel(team.alerts, bot_may_send=False, bot_may_view=lost != "view")
    await harness.set_up(team, channel_id=elsewhere)
    await harness.posted(111, status="BANNED")

    (alert,) = team.discord.messages(elsewhere)
    assert (title_of(alert), set(alert.pings.roles)) == (BANNED, {team.role})
    assert (await route_of(harness, team)).disabled_reason is None
    await harness.posted(111, status="FAST")
    assert is_back(team.discord.messages(elsewhere)[0])


# --- Messages that could not be edited when they should have been


async def closed_while_denied(harness: NotifierHarness, team: Team, *token_ids: int) -> None:
    """Let alerts be open, the channel denied, and alerts switched off."""
    await harness.world.set_rules(team.id, Rules(group_from=9))
    await harness.posted(*token_ids, status="RELAX")
    team.discord.change_channel(team.alerts, bot_may_view=False)
    async with harness.world.database.transaction() as connection:
        await switch_off(connection, team.id, team.mod, harness.world.clock)
    await harness.notifier.deliver_due()


@pytest.mark.slow
async def test_an_alert_that_was_closed_while_its_channel_was_denied_is_corrected_within_the_hour(
    harness: NotifierHarness, team: Team
) -> None:
    await closed_while_denied(harness, team, 111, 222)
    for _ in range(4):
        await harness.after(60 * MINUTE)
    assert not any(title.startswith("⚪ Closed") for title in team.titles())
    refused = len(team.discord.requests_to("PATCH", team.editing))
    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)
    await harness.after(60 * MINUTE)

    assert team.titles() == ["⚪ Closed: **Token 111** was in RELAX", "⚪ Closed: **Token 222** was in RELAX"]
    assert [message.components for message in team.posted()] == [[], []]
    # One refusal is enough for all messages of a channel.
    assert refused <= 2 + 2 + 4
    assert len(team.discord.requests_to("PATCH", team.editing)) == refused + 2
    assert await harness.waiting(team) == 0


@pytest.mark.slow
async def test_an_alert_that_was_closed_while_its_channel_was_denied_is_corrected_when_the_server_changes(
    harness: NotifierHarness, team: Team, client: discord.Client
) -> None:
    await closed_while_denied(harness, team, 111)
    for _ in range(4):
        await harness.after(60 * MINUTE)
    team.discord.change_channel(team.alerts)
    guild = client.get_guild(team.id)
    assert guild is not None
    await RouteHealth(harness.world.database, harness.world.clock, lambda: None).on_change(guild)
    await harness.notifier.deliver_due()

    assert team.titles() == ["⚪ Closed: **Token 111** was in RELAX"]


@pytest.mark.slow
async def test_a_message_that_stays_out_of_reach_delays_no_alert_and_is_given_up_in_time(
    harness: NotifierHarness, team: Team
) -> None:
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    await closed_while_denied(harness, team, 111)
    await harness.set_up(team, channel_id=elsewhere)
    await harness.posted(222, status="BANNED")
    assert titled(AlertType.BANNED, Mode.BANNED, 222) in [title_of(one) for one in team.discord.messages(elsewhere)]
    assert (await route_of(harness, team)).disabled_reason is None
    assert to_mods(team) == []

    async with harness.world.database.transaction() as connection:
        assert await has_stale_message(connection, team.id)
        while await delete_unread(connection, harness.world.clock.now() + MINUTE):
            pass
        assert not await has_stale_message(connection, team.id)


@pytest.mark.slow
async def test_a_former_message_says_where_its_alert_goes_on_and_later_nothing_else(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.posted(111, status="RELAX")
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    team.discord.change_channel(team.alerts, bot_may_view=False)
    await harness.set_up(team, channel_id=elsewhere)
    await harness.posted(111, status="BANNED")
    (new,) = team.discord.messages(elsewhere)
    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)

    (former,) = team.posted()
    url = formatting.message_url(team.id, elsewhere, new.id)
    assert former.content == texts.alerts.CONTINUED_AT.format(url=url)
    assert (former.embeds, former.components, len(team.discord.messages(elsewhere))) == ([], [], 1)


@pytest.mark.slow
async def test_a_former_message_of_an_alert_that_is_over_shows_how_it_ended(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.posted(111, status="RELAX")
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    team.discord.change_channel(team.alerts, bot_may_view=False)
    await harness.set_up(team, channel_id=elsewhere)
    await harness.posted(111, status="FAST")
    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)

    (former,) = team.posted()
    assert is_back(former)


@pytest.mark.slow
async def test_nothing_is_corrected_in_a_channel_that_was_deleted(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    team.discord.remove_channel(team.alerts)
    await harness.set_up(team, channel_id=team.discord.add_channel(team.id, "elsewhere"))
    await harness.posted(111, status="BANNED")

    async with harness.world.database.reading() as connection:
        assert not await has_stale_message(connection, team.id)


@pytest.mark.slow
async def test_an_edit_that_posts_nothing_waits_for_a_former_channel(harness: NotifierHarness, team: Team) -> None:
    """Otherwise the alert would be forgotten there, and the next change would be posted as a new one."""
    await harness.posted(111, status="RELAX")
    await harness.set_up(team, channel_id=team.discord.add_channel(team.id, "elsewhere"))
    team.discord.change_channel(team.alerts, bot_may_view=False)
    await harness.acknowledge(team)
    for _ in range(3):
        await harness.after(60 * MINUTE)
    assert (await route_of(harness, team)).disabled_reason is None
    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)
    await harness.posted(111, status="FAST")

    alert, over = team.posted()
    assert (is_back(alert), over.reference_id) == (True, alert.id)
    assert await harness.waiting(team) == 0


async def test_what_got_worse_while_its_channel_was_denied_pings_although_it_was_worse_still_meanwhile(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.posted(111, status="RELAX")
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="BANNED")
    await harness.posted(111, status="VERIFYING")
    team.discord.change_channel(team.alerts)
    await harness.after(60 * MINUTE)
    await harness.posted(111, status="BANNED")

    replies = [message for message in team.posted() if message.reference_id is not None]
    assert [message.content for message in replies if team.role in message.pings.roles] == [
        f"<@&{team.role}> 🔺 **Token 111** must be verified: its owner must act now.",
        f"<@&{team.role}> 🔺 **Token 111** is banned: its owner must act.",
    ]
