"""Alerts: how moderators set them up, and what a channel gets when a token leaves FAST."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import discord
import pytest
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.monitor.monitor import Monitor
from bot.storage.alert_routes import get_route
from bot.storage.backlog import get_backlog
from tests.clocks import NOON, SetClock
from tests.cogs.driving import MINUTE, command, leave_fast, rounds, set_rules, text_of
from tests.cogs.server import HOME, Command, Server, card, commands_of, fields, filled, refused
from tests.standins.imaginepro_server import MALFORMED, ImagineProServer, Refuse, Say, linked_token
from tests.titles import title_of

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
TEST_BUTTON = "Send a test alert"
NO_FLEET = Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this.")
FLEET = "/api/v1/discord/tokens"


@pytest.fixture(autouse=True)
def tokens(imaginepro: ImagineProServer) -> None:
    imaginepro.link(linked_token(111), linked_token(222))
    imaginepro.messages[MESSAGE] = 111


async def channel_without(server: Server, **denied: bool) -> simcord.ChannelHandle:
    assert server.guild.me is not None
    overwrite = discord.PermissionOverwrite(**denied)
    return server.guild.create_text_channel("restricted", overwrites={server.guild.me: overwrite})


# --- Setting up


async def test_setup_shows_the_channel_the_role_and_the_permissions(server: Server) -> None:
    result = await command(server, "setup", channel=server.alerts, role=server.keepers)

    assert text_of(result) == (
        f"Alerts now go to {server.alerts.mention} and ping {server.keepers.mention}.\nI can post there."
    )
    assert server.alerts.history() == []


async def test_setup_without_a_role_pings_nobody(server: Server) -> None:
    result = await command(server, "setup", channel=server.alerts)

    assert "and ping nobody." in text_of(result)


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ({"send_messages": False}, "Send Messages, Embed Links"),
        ({"embed_links": False}, "Embed Links"),
        ({"read_message_history": False}, "Read Message History"),
        (
            {"view_channel": False},
            "View Channel, Send Messages, Embed Links, Read Message History",
        ),
    ],
)
async def test_setup_names_missing_permissions(server: Server, denied: dict[str, bool], named: str) -> None:
    channel = await channel_without(server, **denied)
    result = await command(server, "setup", channel=channel)

    assert f"I cannot post there yet. Give me these permissions in {channel.mention}: {named}." in text_of(result)
    assert "I can post there." not in text_of(result)


async def test_setup_says_when_the_role_cannot_be_pinged(server: Server) -> None:
    quiet = server.guild.create_role("Quiet", mentionable=False)
    channel = await channel_without(server, mention_everyone=False)
    result = await command(server, "setup", channel=channel, role=quiet)

    assert f"I cannot ping {quiet.mention}." in text_of(result)
    for in_channel, role in ((channel, server.keepers), (server.alerts, quiet)):
        result = await command(server, "setup", channel=in_channel, role=role)
        assert "cannot ping" not in text_of(result)


async def test_everyone_cannot_be_the_role(server: Server, services: Services) -> None:
    result = await command(server, "setup", channel=server.alerts, role=server.guild.default_role)

    assert refused(server, result).startswith("Alerts cannot ping @everyone.")
    async with services.database.reading() as connection:
        assert await get_route(connection, HOME) is None


async def test_setup_records_who_did_it(server: Server, services: Services) -> None:
    await server.set_up(server.keepers)
    async with services.database.reading() as connection:
        route = await get_route(connection, HOME)

    assert route is not None
    assert (route.channel_id, route.role_id, route.created_by) == (server.alerts.id, server.keepers.id, server.mod.id)


async def test_off_stops_alerts_and_a_second_off_says_so(server: Server) -> None:
    assert text_of(await command(server, "off")).startswith("Alerts are already off in this server.")
    await server.set_up()
    assert text_of(await command(server, "off")).startswith("Alerts are now off in this server.")
    assert text_of(await command(server, "off")).startswith("Alerts are already off in this server.")


async def test_disabled_alerts_post_nothing(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await command(server, "off")
    await leave_fast(imaginepro, monitor, clock)

    assert await server.deliver() == []


# --- For moderators


def for_mods(server: Server) -> list[Command]:
    """Yield the commands that Discord shows to moderators only."""
    return [one for one in commands_of(server) if (one.root_parent or one).default_permissions is not None]


@pytest.mark.slow
async def test_users_allowed_by_discord_must_still_be_moderators(
    server: Server, imaginepro: ImagineProServer, services: Services
) -> None:
    await server.set_up()
    await command(server, "watch", message_id=str(MESSAGE))
    imaginepro.log.clear()
    for synced in await server.bot.tree.fetch_commands():
        server.guild.set_command_permissions(synced, {server.member: True})
    assert {"alerts setup", "alerts off", "alerts test"} <= {one.qualified_name for one in for_mods(server)}

    for one in for_mods(server):
        options = filled(server, one, message_id=MESSAGE)
        result = await server.member.slash(server.talk, one.qualified_name, **options)
        assert refused(server, result).startswith("Only members with the Manage Server permission"), one.qualified_name
    assert await server.member.autocomplete(server.talk, "alerts unwatch", "message_id", "") == []
    assert server.alerts.history() == []
    assert imaginepro.log == []
    async with services.database.reading() as connection:
        assert await get_route(connection, HOME) is not None


async def test_members_do_not_see_moderator_commands(server: Server) -> None:
    names = {one.qualified_name for one in for_mods(server)}

    assert names.isdisjoint(server.member.available_commands(server.talk))
    assert names <= set(server.mod.available_commands(server.talk))


# --- The test alert


async def test_a_test_alert_uses_the_real_path_and_is_labelled(server: Server) -> None:
    await server.set_up(server.keepers)
    result = await command(server, "test")
    (alert,) = server.alerts.history()

    assert text_of(result) == f"The test alert is in {server.alerts.mention}."
    assert alert.content == f"{server.keepers.mention} This is a test alert from Fastwatch. Nothing is wrong."
    assert title_of(alert) == "🧪 Test alert"
    assert server.pings(alert) == [server.keepers.id]


async def test_the_setup_button_sends_a_test_even_after_a_restart(server: Server, new_bot: Fastwatch) -> None:
    result = await command(server, "setup", channel=server.alerts)
    assert result.response is not None
    await server.env.restart_bot(new_bot)
    pressed = await server.mod.click(result.response, label=TEST_BUTTON)

    assert [title_of(alert) for alert in server.alerts.history()] == ["🧪 Test alert"]
    assert text_of(pressed) == f"The test alert is in {server.alerts.mention}."


async def test_a_test_without_a_channel_says_how_to_choose_one(server: Server) -> None:
    assert refused(server, await command(server, "test")) == (
        "Alerts are not set up in this server yet. Use `/alerts setup` first."
    )


async def test_a_test_to_a_refusing_channel_says_so_and_how_to_fix_it(server: Server) -> None:
    channel = await channel_without(server, send_messages=False)
    await command(server, "setup", channel=channel)
    sentence = text_of(await command(server, "test"))

    assert sentence.startswith(f"I cannot post in {channel.mention}: Send Messages is missing there")
    assert sentence.endswith("Fix that, then use `/alerts test` again.")
    assert text_of(await command(server, "test")) == sentence


async def test_a_test_reenables_a_route_whose_channel_works_again(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock)
    server.env.inject_error("POST", f"/channels/{server.alerts.id}/messages", status=403, code=50013)
    assert text_of(await command(server, "test")).startswith(f"I cannot post in {server.alerts.mention}")
    assert "⚠️" in (await shown(server))["Channel"]

    assert text_of(await command(server, "test")) == f"The test alert is in {server.alerts.mention}."
    assert {title_of(alert) if "Token" in alert.content else alert.content for alert in server.alerts.history()} == {
        "✅ I can post alerts again.",
        "🟡 **Token 111** is in RELAX",
        "This is a test alert from Fastwatch. Nothing is wrong.",
    }
    assert "⚠️" not in (await shown(server))["Channel"]


async def test_a_test_that_failed_does_not_ping_when_the_channel_works_again(server: Server, clock: SetClock) -> None:
    await server.set_up()
    server.env.inject_error("POST", f"/channels/{server.alerts.id}/messages", status=403, code=50013)
    await command(server, "test")
    clock.advance(60 * MINUTE)
    await server.deliver()

    assert [alert.content for alert in server.alerts.history()] == ["✅ I can post alerts again."]


async def test_a_test_that_fails_temporarily_is_retried(server: Server, clock: SetClock) -> None:
    await server.set_up()
    server.env.inject_error("POST", "/channels/*/messages", status=400, code=50035)
    sentence = text_of(await command(server, "test"))
    assert "Discord has not accepted it yet: Discord answered 400, code 50035. I will retry automatically." in sentence

    clock.advance(MINUTE)
    (alert,) = await server.deliver()
    assert title_of(alert) == "🧪 Test alert"


# --- Watching by tracing


async def test_a_watched_message_is_traced_every_round_and_its_token_alerted(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    imaginepro.queue(*[NO_FLEET] * 9, path=FLEET)
    await server.set_up()
    result = await command(server, "watch", message_id=str(MESSAGE))
    assert text_of(result) == f"Token 111 is now watched: I trace message `{MESSAGE}` in every check."

    await leave_fast(imaginepro, monitor, clock)
    (alert,) = await server.deliver()
    assert title_of(alert) == "🟡 **Token 111** is in RELAX"


async def test_a_removed_watch_is_not_traced(server: Server, imaginepro: ImagineProServer, monitor: Monitor) -> None:
    imaginepro.queue(NO_FLEET, path=FLEET)
    await command(server, "watch", message_id=str(MESSAGE))
    offered = await server.mod.autocomplete(server.talk, "alerts unwatch", "message_id", "d15c")
    assert [choice["value"] for choice in offered] == [str(MESSAGE)]

    ended = await command(server, "unwatch", message_id=str(MESSAGE))
    again = await command(server, "unwatch", message_id=str(MESSAGE))
    assert text_of(ended) == f"Message `{MESSAGE}` is no longer watched."
    assert text_of(again).startswith(f"Message `{MESSAGE}` was not watched.")

    imaginepro.log.clear()
    await monitor.round()
    assert [request.path for request in imaginepro.log] == [FLEET]


async def test_a_token_listed_by_the_fleet_needs_no_watch(server: Server, monitor: Monitor) -> None:
    await monitor.round()

    assert refused(server, await command(server, "watch", message_id=str(MESSAGE))) == (
        "Token 111 is already watched: this key lists all its tokens."
    )


@pytest.mark.parametrize("name", ["watch", "unwatch"])
async def test_only_valid_ids_are_watched(server: Server, imaginepro: ImagineProServer, name: str) -> None:
    assert refused(server, await command(server, name, message_id="nonsense")).startswith("That is not a message id.")
    assert imaginepro.log == []


async def test_an_unknown_message_is_not_watched(server: Server) -> None:
    result = await command(server, "watch", message_id=str(UUID(int=1)))

    assert refused(server, result).startswith("ImaginePro does not know this message id.")
    assert "1" not in fields(card(await command(server, "show")))["Watched"]


async def watch_many(server: Server, imaginepro: ImagineProServer, number: int) -> None:
    for message in (UUID(int=one) for one in range(1, number + 1)):
        imaginepro.messages[message] = 111
        await command(server, "watch", message_id=str(message))
        await server.env.advance_time(20)


async def test_no_more_than_twenty_are_watched(server: Server, imaginepro: ImagineProServer) -> None:
    await watch_many(server, imaginepro, 20)
    full = await command(server, "watch", message_id=str(MESSAGE))

    assert refused(server, full).startswith("I can watch at most 20 messages.")


# --- Showing


async def shown(server: Server) -> dict[str, str]:
    result = await command(server, "show")
    assert result.response is not None
    assert result.response.ephemeral
    return fields(card(result))


async def test_show_before_setup(server: Server) -> None:
    assert await shown(server) == {
        "Channel": "Alerts are off. Use `/alerts setup` to turn them on.",
        "Watched": "ImaginePro has not responded yet.",
        "Last successful check": "never",
        "Open incidents": "none",
        "Waiting to be delivered": "none",
    }


async def test_show_when_all_is_healthy(server: Server, imaginepro: ImagineProServer, monitor: Monitor) -> None:
    imaginepro.link(linked_token(333, "RELAX"))
    await server.set_up(server.keepers)
    await monitor.round()

    assert await shown(server) == {
        "Channel": f"Alerts go to {server.alerts.mention} and ping {server.keepers.mention}.",
        "Watched": "All tokens: 🟢 2 FAST, 🟡 1 RELAX",
        "Last successful check": f"<t:{int(NOON.timestamp())}:R>",
        "Open incidents": "none",
        "Waiting to be delivered": "none",
    }


async def test_show_with_an_open_incident_waiting_for_a_broken_channel(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    channel = await channel_without(server, send_messages=False)
    await command(server, "setup", channel=channel)
    await leave_fast(imaginepro, monitor, clock)
    await server.deliver()
    imaginepro.outage = Refuse(HTTPStatus.UNAUTHORIZED, "No *credits*.")
    await monitor.round()
    shown_fields = await shown(server)

    assert "⚠️ I cannot post there: Send Messages is missing there (started <t:" in shown_fields["Channel"]
    assert "; problem since then: Unauthorized: HTTP 401 No \\*credits\\*." in shown_fields["Last successful check"]
    assert shown_fields["Open incidents"].startswith("🟡 token 111 · RELAX · <t:")
    assert shown_fields["Waiting to be delivered"] == "1, because: a permission is missing"


@pytest.mark.slow
async def test_show_fits_in_the_worst_case(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    """Twenty watches that all fail with long messages, and an open incident of each token and of the team."""
    await server.set_up()
    imaginepro.queue(*[NO_FLEET] * 9, path=FLEET)
    largest = 2**63 - 1
    for number in range(20):
        imaginepro.link(linked_token(largest - number))
        imaginepro.messages[UUID(int=number)] = largest - number
        await command(server, "watch", message_id=str(UUID(int=number)))
        await server.env.advance_time(20)
    await monitor.round()
    await set_rules(server, group_from=25)
    for number in range(20):
        imaginepro.tokens[largest - number].status = "VERIFYING"
    await monitor.round()
    await server.deliver()
    imaginepro.outage = Refuse(HTTPStatus.NOT_FOUND, "_" * 200)
    await monitor.round()
    shown_fields = await shown(server)

    assert all(len(value) <= 1024 for value in shown_fields.values())
    assert "⚠️ MessageNotFound: HTTP 404" in shown_fields["Watched"]
    assert "more" in shown_fields["Watched"]
    listed = shown_fields["Open incidents"].count("VERIFYING · <t:")
    assert listed >= 5
    assert f"and {21 - listed} more" in shown_fields["Open incidents"]


async def test_show_says_that_the_key_may_not_list_its_fleet(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor
) -> None:
    imaginepro.queue(NO_FLEET, path=FLEET)
    await command(server, "watch", message_id=str(MESSAGE))
    assert (await shown(server))["Watched"].startswith("ImaginePro has not responded yet.")

    await monitor.round()
    assert (await shown(server))["Watched"] == (
        "This key cannot list its tokens, so only traced messages are watched. Use "
        f"`/alerts watch` to add one.\nToken 111 by message `{MESSAGE}`"
    )


# --- An incident, as the channel sees it


async def test_leaving_fast_is_alerted_after_two_readings_that_agree(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up(server.keepers)
    await leave_fast(imaginepro, monitor, clock, readings=1)
    assert await server.deliver() == []

    await rounds(monitor, clock)
    (alert,) = await server.deliver()
    assert alert.content == (f"{server.keepers.mention} 🟡 **Token 111** is in RELAX · 1 of 2 in FAST")
    assert (alert.embeds[0].description or "").splitlines() == [
        "15 of 15 h left, hours return <t:1774000000:R>",
        "Its owner can set it to FAST.",
    ]
    assert alert.embeds[0].timestamp == NOON + MINUTE
    assert alert.embeds[0].fields == []


async def test_one_outlier_is_not_told(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock, readings=1)
    imaginepro.tokens[111].status = "FAST"
    await rounds(monitor, clock, 2)
    imaginepro.tokens[111].status = "RELAX"
    await rounds(monitor, clock)

    assert await server.deliver() == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("BANNED", "🔴 **Token 111** is banned"),
        ("VERIFYING", "🟠 **Token 111** must be verified"),
    ],
)
async def test_urgent_modes_need_one_reading(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock, status: str, words: str
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock, status, readings=1)
    (alert,) = await server.deliver()

    assert title_of(alert) == words
    assert "Its owner must " in (alert.embeds[0].description or "")


async def test_only_the_role_is_pinged_and_only_in_the_content(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up(server.keepers)
    await leave_fast(imaginepro, monitor, clock)
    (alert,) = await server.deliver()
    (sent,) = server.sent()

    assert server.pings(alert) == [server.keepers.id]
    assert sent["allowed_mentions"] == {"parse": [], "roles": [server.keepers.id]}
    assert "<@" not in str(sent["embeds"])


async def test_hostile_text_from_imaginepro_pings_nobody(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up(server.keepers)
    await leave_fast(imaginepro, monitor, clock, f"<@&{server.keepers.id}>")
    (alert,) = await server.deliver()

    assert not alert.mention_everyone
    assert alert.content.count(server.keepers.mention) == 1
    assert server.pings(alert) == [server.keepers.id]


async def test_a_delivery_carries_its_nonce_so_that_discord_drops_duplicates(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock)
    server.env.inject_error("POST", "/channels/*/messages", status=400, code=50035)
    assert await server.deliver() == []

    clock.advance(MINUTE)
    assert len(await server.deliver()) == 1
    first, second = server.sent()
    assert first["nonce"] == second["nonce"]
    assert first["enforce_nonce"] is second["enforce_nonce"] is True


async def test_recovery_edits_the_alert_and_adds_one_silent_reply(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up(server.keepers)
    await leave_fast(imaginepro, monitor, clock)
    (before,) = await server.deliver()
    imaginepro.tokens[111].status = "FAST"
    await rounds(monitor, clock)
    assert len(await server.deliver()) == 1, "one reading is not enough to be back"

    await rounds(monitor, clock)
    alert, reply = await server.deliver()
    assert alert.id == before.id
    assert alert.content == "🟢 **Token 111** was in RELAX for 2 min"
    assert title_of(alert) == "🟢 **Token 111** was in RELAX for 2 min"
    assert reply.content == "✅ **Token 111** is back in FAST after 2 min."
    assert reply.reference is not None
    assert reply.reference.message_id == alert.id
    assert reply.flags.silent
    assert (server.pings(alert), server.pings(reply), reply.mentions) == ([], [], [])


async def test_the_mode_of_a_first_reading_is_not_alerted(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    imaginepro.tokens[111].status = "RELAX"
    imaginepro.tokens[222].status = "BANNED"
    await server.set_up()
    await rounds(monitor, clock, 5)

    assert await server.deliver() == []


async def test_a_restart_is_not_a_first_reading(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, services: Services, clock: SetClock
) -> None:
    await server.set_up()
    await monitor.round()
    imaginepro.tokens[111].status = "BANNED"
    clock.advance(timedelta(hours=5))
    after_restart = Monitor(
        services.account_id,
        services.imaginepro,
        services.database,
        clock,
        poll_interval=MINUTE,
        deliveries_recorded=lambda: None,
    )
    await after_restart.round()

    assert [title_of(alert) for alert in await server.deliver()] == ["🔴 **Token 111** is banned"]


async def test_an_alert_recorded_before_a_restart_is_posted_after_it(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock, new_bot: Fastwatch
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock)
    await server.env.restart_bot(new_bot)

    assert [title_of(alert) for alert in await server.deliver()] == ["🟡 **Token 111** is in RELAX"]


async def test_a_token_missing_from_a_complete_list_is_gone(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await monitor.round()
    del imaginepro.tokens[111]
    await rounds(monitor, clock, 2)
    (alert,) = await server.deliver()

    assert title_of(alert) == "⚪ **Token 111** is no longer listed"


async def test_a_token_missing_from_an_incomplete_list_is_not_gone(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await monitor.round()
    partial = Say(b'[{"id": 222, "isActive": true, "status": "FAST", "info": {}}, {"id": "?", "status": "FAST"}]')
    imaginepro.queue(*[partial] * 5, path=FLEET)
    await rounds(monitor, clock, 5)

    assert await server.deliver() == []


async def test_unreadable_responses_cause_no_alert(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await monitor.round()
    imaginepro.queue(*[MALFORMED] * 4, path=FLEET)
    await rounds(monitor, clock, 4)

    assert await server.deliver() == []


async def test_a_deleted_alert_is_posted_again_with_the_next_change(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up(server.keepers)
    await leave_fast(imaginepro, monitor, clock)
    (alert,) = await server.deliver()
    server.env.backend.delete_message(server.alerts.id, alert.id)
    imaginepro.tokens[111].status = "BANNED"
    await rounds(monitor, clock)
    (posted_again,) = await server.deliver()

    assert posted_again.id != alert.id
    assert title_of(posted_again) == "🔴 **Token 111** is banned"
    assert server.pings(posted_again) == [server.keepers.id]


async def test_the_end_of_a_deleted_alert_is_the_silent_line_of_its_reply(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up(server.keepers)
    await leave_fast(imaginepro, monitor, clock)
    (alert,) = await server.deliver()
    server.env.backend.delete_message(server.alerts.id, alert.id)
    imaginepro.tokens[111].status = "FAST"
    await rounds(monitor, clock, 2)
    (line,) = await server.deliver()

    assert line.content == "✅ **Token 111** is back in FAST after 2 min."
    assert line.flags.silent
    assert server.pings(line) == []


async def test_every_home_server_gets_its_own_alert_and_pings_its_own_role(
    server: Server, second_server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up(server.keepers)
    await second_server.set_up(second_server.keepers)
    await leave_fast(imaginepro, monitor, clock)
    (here,), (there,) = await server.deliver(), await second_server.deliver()

    assert server.pings(here) == [server.keepers.id]
    assert second_server.pings(there) == [second_server.keepers.id]


async def test_a_refusing_server_does_not_delay_another(
    server: Server, second_server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await second_server.set_up()
    server.env.backend.delete_channel(server.alerts.id)
    await leave_fast(imaginepro, monitor, clock)
    await server.bot.notifier.deliver_due()

    assert len(second_server.alerts.history()) == 1


async def test_alerts_for_a_deleted_channel_wait_and_go_where_setup_says_next(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, services: Services, clock: SetClock
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock)
    await server.deliver()
    gone = server.alerts.id
    server.env.backend.delete_channel(gone)
    imaginepro.tokens[111].status = "BANNED"
    await rounds(monitor, clock)
    await server.bot.notifier.deliver_due()
    async with services.database.reading() as connection:
        assert (await get_backlog(connection, HOME)).last_error == "the channel no longer exists"

    result = await command(server, "setup", channel=server.talk)
    assert "Waiting alerts that are being sent now: 1." in text_of(result)
    await server.bot.notifier.deliver_due()
    restored, alert = server.talk.history()
    assert f"I could not post in <#{gone}>" in (restored.embeds[0].description or "")
    assert title_of(alert) == "🔴 **Token 111** is banned"


async def test_a_second_incident_is_a_second_alert(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    for status in ("RELAX", "FAST", "RELAX"):
        await monitor.round()
        imaginepro.tokens[111].status = status
        await rounds(monitor, clock, 2)
        await server.deliver()

    assert [title_of(alert) for alert in server.alerts.history()] == [
        "🟢 **Token 111** was in RELAX for 2 min",
        "✅ **Token 111** is back in FAST after 2 min.",
        "🟡 **Token 111** is in RELAX",
    ]
