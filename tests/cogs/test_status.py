"""/status and /about, who is a moderator, and the audit log."""

from datetime import timedelta
from http import HTTPStatus

import discord
import pytest
import simcord

from bot.app.services import Services
from bot.monitor.account import AccountPoller
from bot.monitor.cleanup import Cleanup
from bot.monitor.monitor import Monitor
from bot.storage.audit import Action, Entry, latest_entries, record_entry
from bot.storage.unavailable import Cause
from bot.ui import texts
from tests.clocks import SetClock
from tests.cogs.driving import leave_fast
from tests.cogs.server import HOME, Server, card, fields, refused, said
from tests.databases import sqlite_away
from tests.standins.imaginepro_server import LOGIN_PAGE, ImagineProServer, Refuse, linked_token


async def test_status_reports_a_healthy_monitor(server: Server, imaginepro: ImagineProServer, monitor: Monitor) -> None:
    imaginepro.link(linked_token(111), linked_token(112, "RELAX"))
    await monitor.round()
    result = await server.mod.slash(server.talk, "status")

    assert result.ephemeral
    embed = card(result)
    assert embed.description == "🟢 Monitoring is healthy."
    assert fields(embed)["Tokens"] == "🟢 1 FAST, 🟡 1 RELAX"
    assert fields(embed)["Checks"].endswith("one every 1 min")
    assert fields(embed)["Waiting to be delivered here"] == "none"


async def test_tokens_gone_for_a_week_are_not_counted(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    imaginepro.link(linked_token(111), linked_token(112))
    await monitor.round()
    del imaginepro.tokens[112]
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        await monitor.round()
    counted = [fields(card(await server.mod.slash(server.talk, "status")))["Tokens"]]
    watched = [fields(card(await server.mod.slash(server.talk, "alerts show")))["Watched"]]
    clock.advance(timedelta(days=7))
    await monitor.round()
    counted.append(fields(card(await server.mod.slash(server.talk, "status")))["Tokens"])
    watched.append(fields(card(await server.mod.slash(server.talk, "alerts show")))["Watched"])

    assert counted == ["🟢 1 FAST, ⚪ 1 GONE", "🟢 1 FAST"]
    assert watched == ["All tokens: 🟢 1 FAST, ⚪ 1 GONE", "All tokens: 🟢 1 FAST"]


async def test_status_says_that_nothing_was_received_yet(server: Server) -> None:
    embed = card(await server.mod.slash(server.talk, "status"))

    assert embed.description == "🟠 **No check has ended since I started.**"
    assert fields(embed)["What to do"] == "Look again in a minute."
    assert fields(embed)["Checks"] == "no successful check yet, one every 1 min"


async def test_status_is_healthy_although_the_clock_was_ahead_at_the_start(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    clock.jump(timedelta(hours=-6))
    imaginepro.link(linked_token(111))
    clock.advance(timedelta(minutes=1))
    await monitor.round()
    embed = card(await server.mod.slash(server.talk, "status"))

    assert embed.description == "🟢 Monitoring is healthy."
    assert fields(embed)["Started"] == f"<t:{(clock.now() - timedelta(minutes=1)).timestamp():.0f}:R>"


async def test_status_is_unhealthy_when_the_list_is_old(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    imaginepro.link(linked_token(111))
    await monitor.round()
    clock.advance(timedelta(seconds=150))
    assert card(await server.mod.slash(server.talk, "status")).description == "🟢 Monitoring is healthy."
    clock.advance(timedelta(seconds=30))

    said = card(await server.mod.slash(server.talk, "status")).description or ""
    assert said.startswith("🟠 **No check for 3 min.** Changes of tokens are not alerted meanwhile. This is not")


async def test_status_says_since_when_there_is_no_data_and_why(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await monitor.round()
    since = int(clock.now().timestamp())
    imaginepro.outage = LOGIN_PAGE
    said = []
    for _ in range(6):
        clock.advance(timedelta(minutes=1))
        await monitor.round()
        said.append(card(await server.mod.slash(server.talk, "status")))

    wrong = (
        f"**ImaginePro gives no usable answer** (started <t:{since}:R>). Changes of tokens are not alerted meanwhile."
    )
    assert [(embed.description or "")[0] for embed in said] == ["🟠"] * 5 + ["🔴"]
    assert [(embed.description or "")[2:] for embed in said] == [wrong] * 6
    assert [list(fields(embed))[:2] for embed in said] == [["What to do", "Last problem"]] * 6
    assert all(fields(embed)["What to do"].startswith("Wait a few minutes.") for embed in said)
    assert "InvalidResponse" in fields(said[-1])["Last problem"]
    assert ["Tokens" in fields(embed) for embed in said] == [True] * 2 + [False] * 4
    assert "Tokens, as last read" in fields(said[-1])


async def test_status_names_its_own_trouble_after_a_failed_check(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await monitor.round()
    imaginepro.outage = LOGIN_PAGE
    clock.advance(timedelta(minutes=1))
    await monitor.round()
    clock.advance(timedelta(minutes=42))

    said = card(await server.mod.slash(server.talk, "status")).description or ""
    assert said.startswith("🔴 **No check for 42 min.** Changes of tokens are not alerted meanwhile. This is not")


async def test_status_is_unhealthy_while_alerts_cannot_be_posted(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    imaginepro.link(linked_token(111))
    await server.set_up()
    await monitor.round()
    server.env.inject_error("POST", f"/channels/{server.alerts.id}/messages", status=403, code=50013, times=1)
    await leave_fast(imaginepro, monitor, clock, "BANNED")
    since = int(clock.now().timestamp())
    await server.deliver()

    embed = card(await server.mod.slash(server.talk, "status"))
    assert embed.description == (
        f"🔴 **I cannot post alerts in {server.alerts.mention}**: a permission is missing (started <t:{since}:R>). "
        "I keep them, and try again by myself."
    )
    assert embed.colour == discord.Colour.red()
    assert fields(embed)["What to do"].startswith("Give me View Channel, Send Messages, ")


async def test_status_names_the_missing_permission_and_the_channel(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    imaginepro.link(linked_token(111))
    me = server.guild.me
    assert me is not None
    quiet = server.guild.create_text_channel("quiet", overwrites={me: discord.PermissionOverwrite(send_messages=False)})
    await server.mod.slash(server.talk, "alerts setup", channel=quiet)
    await monitor.round()
    await leave_fast(imaginepro, monitor, clock, "BANNED")
    await server.deliver()

    embed = card(await server.mod.slash(server.talk, "status"))
    assert (embed.description or "").startswith(
        f"🔴 **I cannot post alerts in {quiet.mention}**: Send Messages is missing there (started <t:"
    )
    assert fields(embed)["What to do"].startswith(f"Give me Send Messages in {quiet.mention}, or choose another")


async def test_status_says_that_an_account_has_no_tokens(server: Server, monitor: Monitor) -> None:
    await monitor.round()

    embed = card(await server.mod.slash(server.talk, "status"))
    assert embed.description == "⚪ **No tokens are linked to this account**, so nothing is watched."
    assert fields(embed)["What to do"] == "Link one at ImaginePro."


async def test_status_and_show_say_that_nothing_is_watched(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor
) -> None:
    imaginepro.queue(Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this."))
    await monitor.round()

    status = card(await server.mod.slash(server.talk, "status"))
    assert status.description == "⚪ **Nothing is watched**, so nothing can be alerted."
    assert fields(status)["What to do"] == "This key cannot list tokens. Watch a message with `/alerts watch`."
    assert "Last problem" not in fields(status)
    watched = fields(card(await server.mod.slash(server.talk, "alerts show")))["Watched"]
    assert watched == "Nothing is watched: this key cannot list tokens. Use `/alerts watch` to watch a message."


async def account_shown(server: Server) -> str | None:
    return fields(card(await server.mod.slash(server.talk, "status"))).get("ImaginePro account")


async def test_status_shows_the_credits_the_expiry_and_their_age(
    server: Server, services: Services, clock: SetClock, imaginepro: ImagineProServer
) -> None:
    assert await account_shown(server) is None
    imaginepro.expires_at = clock.now() + timedelta(days=3)
    ends, asked = int(imaginepro.expires_at.timestamp()), int(clock.now().timestamp())
    await AccountPoller(services.account_id, services.imaginepro, services.database, clock).poll()

    said = f"1,240 of 1,600 credits left, 1,000 extra\n⚠️ ends <t:{ends}:D>, <t:{ends}:R>"
    assert await account_shown(server) == said
    clock.advance(timedelta(hours=3))
    assert await account_shown(server) == f"{said}\nas of <t:{asked}:R>"


async def test_status_shows_who_changed_what_on_this_server_alone(server: Server, second_server: Server) -> None:
    await server.set_up(server.keepers)
    await second_server.set_up()

    latest = fields(card(await server.mod.slash(server.talk, "status")))["Latest changes here"]
    assert latest.endswith(f"{server.mod.mention}: set up alerts for {server.alerts.mention}")
    assert latest.count("\n") == 0


async def test_setup_changes_are_audited_with_their_values(server: Server, services: Services) -> None:
    await server.set_up()
    await server.mod.slash(server.talk, "alerts test")
    await server.mod.slash(server.talk, "alerts moderators", role=server.keepers)
    await server.mod.slash(server.talk, "alerts off")
    await server.mod.slash(server.talk, "alerts off")

    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=10)
    assert [(entry.action, entry.member_id) for entry in reversed(entries)] == [
        (Action.ALERTS_SET_UP, server.mod.id),
        (Action.ALERTS_TEST, server.mod.id),
        (Action.MODERATORS_SET, server.mod.id),
        (Action.ALERTS_OFF, server.mod.id),
    ]


async def test_audit_entries_are_deleted_after_thirteen_months(services: Services, clock: SetClock) -> None:
    async with services.database.transaction() as connection:
        for days in (400, 390):
            at = clock.now() - timedelta(days=days)
            await record_entry(connection, Entry(HOME, 1, Action.ALERTS_OFF, str(days), at))
    cleanup = Cleanup(services.account_id, services.database, clock)
    while await cleanup.step():
        pass

    async with services.database.reading() as connection:
        assert [entry.target for entry in await latest_entries(connection, HOME, most=10)] == ["390"]


async def test_about_is_for_everyone(server: Server) -> None:
    result = await server.member.slash(server.talk, "about")

    assert result.ephemeral
    assert list(fields(card(result))) == ["What I store", "Help"]


async def poller(server: Server) -> simcord.MemberActor:
    """Return a member with the future moderator role, to whom Discord shows the commands."""
    member = server.guild.add_member(server.env.create_user("kim"), roles=[server.keepers])
    for synced in await server.bot.tree.fetch_commands():
        server.guild.set_command_permissions(synced, {member: True})
    return member


def mods_shown(result: simcord.InteractionResult) -> str:
    """Return from the rules who is a moderator."""
    assert result.ephemeral
    return fields(card(result))["Moderators"]


async def test_a_chosen_role_grants_moderator_rights(server: Server) -> None:
    kim = await poller(server)
    assert refused(server, await kim.slash(server.talk, "alerts show")).startswith("Only members with")

    named = await server.mod.slash(server.talk, "alerts moderators", role=server.keepers)
    assert said(named).startswith(
        f"Moderators are the members with Manage Server and those with {server.keepers.mention}."
    )
    assert card(await kim.slash(server.talk, "alerts show")).title == "Alerts in this server"

    named = await server.mod.slash(server.talk, "alerts moderators")
    assert said(named) == "Moderators are the members with Manage Server."
    assert refused(server, await kim.slash(server.talk, "alerts show")).startswith("Only members with")


async def test_moderators_by_role_cannot_appoint_others(server: Server) -> None:
    kim = await poller(server)
    await server.mod.slash(server.talk, "alerts moderators", role=server.keepers)
    other = server.guild.create_role("Others")

    result = await kim.slash(server.talk, "alerts moderators", role=other)

    assert refused(server, result) == "Only members with the Manage Server permission can choose that role."
    assert server.keepers.mention in mods_shown(await server.mod.slash(server.talk, "alerts rules show"))


async def test_everyone_cannot_be_the_moderator_role(server: Server) -> None:
    result = await server.mod.slash(server.talk, "alerts moderators", role=server.guild.default_role)

    assert refused(server, result).startswith("@everyone cannot be the moderator role.")


@pytest.mark.parametrize("name", ["status", "alerts rules show"])
async def test_replies_to_moderators_ping_nobody(server: Server, name: str) -> None:
    await server.set_up(server.keepers)
    await server.mod.slash(server.talk, "alerts moderators", role=server.keepers)
    await server.mod.slash(server.talk, name)

    bodies = [request.json for request in server.env.http_requests if request.json]
    mentions = [body["allowed_mentions"] for body in bodies if isinstance(body, dict) and "allowed_mentions" in body]
    assert all(allowed == discord.AllowedMentions.none().to_dict() for allowed in mentions)


async def test_status_says_that_nothing_can_be_recorded_even_without_the_database(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock, sqlite_url: str
) -> None:
    imaginepro.link(linked_token(111))
    await monitor.round()
    with sqlite_away(sqlite_url):
        await monitor.round()
        clock.advance(timedelta(minutes=3))
        embed = card(await server.mod.slash(server.talk, "status"))
    await monitor.round()
    healthy = card(await server.mod.slash(server.talk, "status"))

    assert embed.description == "🔴 " + texts.database.STATUS.format(
        since=f"<t:{int((clock.now() - timedelta(minutes=3)).timestamp())}:R>",
        cause=texts.database.CAUSES[Cause.FILE_REPLACED],
    )
    assert fields(embed)["What to do"] == texts.database.WHAT_TO_DO[Cause.FILE_REPLACED]
    assert "Started" in fields(embed)
    assert healthy.description == texts.status.HEALTHY


async def test_people_read_that_the_database_is_away(server: Server, monitor: Monitor, sqlite_url: str) -> None:
    await monitor.round()
    await server.show_commands_to(server.member)
    with sqlite_away(sqlite_url):
        answers = [
            refused(server, await server.mod.slash(server.talk, "token list")),
            refused(server, await server.mod.slash(server.talk, "alerts show")),
            # Who is a moderator must be read before anything is answered.
            refused(server, await server.member.slash(server.talk, "status")),
        ]

    assert answers == [texts.errors.DATABASE_UNAVAILABLE] * 3
