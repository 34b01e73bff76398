"""Changes in a server that may fix what Discord has refused: it is tried again at once."""

import asyncio
from collections.abc import Callable
from typing import Any

import discord
import pytest
from simcord.backend import serializers

from bot.app.services import Services
from bot.domain.alert_routes import PingProblem
from bot.monitor.monitor import Monitor
from bot.storage.alert_routes import get_route
from bot.ui import texts
from bot.ui.alert_setup import ping_problem_and_advice, ping_problem_words
from tests.clocks import SetClock
from tests.cogs.driving import MINUTE, command, leave_fast, text_of
from tests.cogs.server import HOME, Server, card, fields
from tests.standins.imaginepro_server import ImagineProServer, linked_token
from tests.titles import title_of

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")


@pytest.fixture(autouse=True)
def tokens(imaginepro: ImagineProServer) -> None:
    imaginepro.link(linked_token(111))


def invite_again(server: Server) -> None:
    backend = server.env.backend
    guild = backend.guilds[HOME]
    backend.emit("GUILD_DELETE", {"id": str(HOME)})
    backend.emit("GUILD_CREATE", serializers.guild_create_payload(backend, guild))


def update_own_member(server: Server) -> None:
    """Send what Discord sends without the intent for members too; SimCord does not."""
    assert server.bot.user is not None
    backend, user_id = server.env.backend, server.bot.user.id
    member = serializers.member_payload(backend, backend.guilds[HOME], backend.guilds[HOME].members[user_id])
    event: Any = {**member, "guild_id": str(HOME)}
    server.bot._connection.parse_guild_member_update(event)


async def handled(server: Server) -> None:
    """Wait until the bot has handled all events, also one that was sent past SimCord."""
    await server.env.settle()
    if handlers := [task for task in asyncio.all_tasks() if task.get_name() == "discord.py: on_member_update"]:
        await asyncio.wait(handlers)


CHANGES: dict[str, Callable[[Server], object]] = {
    "a channel": lambda server: server.env.backend.announce_channel_update(server.alerts.id),
    "another channel": lambda server: server.guild.create_text_channel("another"),
    "a role": lambda server: server.env.backend.edit_role(HOME, server.keepers.id, {}),
    "a role is gone": lambda server: server.env.backend.delete_role(HOME, server.keepers.id),
    "the bot's own member": update_own_member,
    "the server": lambda server: server.env.backend.edit_guild(HOME, {}),
    "an invitation": invite_again,
}


@pytest.mark.parametrize(
    "change",
    [pytest.param(change, marks=[pytest.mark.slow] * (name != "a channel")) for name, change in CHANGES.items()],
    ids=CHANGES,
)
async def test_a_change_in_the_server_retries_a_broken_route_at_once(
    server: Server,
    imaginepro: ImagineProServer,
    monitor: Monitor,
    clock: SetClock,
    services: Services,
    change: Callable[[Server], object],
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock, "BANNED")
    server.env.inject_error("POST", f"/channels/{server.alerts.id}/messages", status=403, code=50013)
    assert await server.deliver() == []
    assert await server.deliver() == []
    broken_at = clock.now()

    change(server)
    await handled(server)
    restored, alert = await server.deliver()
    assert restored.content == texts.alerts.ROUTE_RESTORED
    assert title_of(alert) == "🔴 **Token 111** is banned"
    assert (clock.now() - broken_at).total_seconds() < 10
    async with services.database.reading() as connection:
        route = await get_route(connection, HOME)
    assert route is not None
    assert route.disabled_reason is None


async def test_a_restart_retries_a_broken_route_at_once(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock, new_bot: discord.Client
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock, "BANNED")
    server.env.inject_error("POST", f"/channels/{server.alerts.id}/messages", status=403, code=50013)
    assert await server.deliver() == []

    await server.env.restart_bot(new_bot)
    await server.env.settle()
    assert len(await server.deliver()) == 2


async def test_changes_ask_discord_nothing_while_all_is_well(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock, "BANNED")
    await server.deliver()
    requests, now = len(server.env.http_requests), clock.now()
    for change in (CHANGES["a channel"], CHANGES["a role"], CHANGES["the server"]):
        change(server)
    await server.env.settle()
    await server.deliver()

    assert (len(server.env.http_requests), clock.now()) == (requests, now)


async def test_a_change_retries_a_board_that_discord_refused(server: Server, clock: SetClock) -> None:
    server.env.inject_error("POST", f"/channels/{server.alerts.id}/messages", status=403, code=50013)
    await server.mod.slash(server.talk, "board post", channel=server.alerts)
    assert server.alerts.history() == []

    CHANGES["a channel"](server)
    await server.env.settle()
    await server.bot.boards.update_all()
    assert len([message for message in server.alerts.history() if message.embeds]) == 1


# --- Tests


async def test_a_failing_test_of_a_broken_route_tells_only_its_sender(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await server.set_up()
    await leave_fast(imaginepro, monitor, clock, "BANNED")
    server.env.inject_error("POST", f"/channels/{server.alerts.id}/messages", status=403, code=50013, times=None)

    for _ in range(2):
        sentence = text_of(await command(server, "test"))
        assert sentence.startswith(f"I cannot post in {server.alerts.mention}: a permission is missing")
        clock.advance(2 * MINUTE)
        # The ban was refused, so moderators are notified, once.
        assert len(server.mod.user.dm_channel.history()) == 1


# --- Pings


GONE, NOT_MENTIONABLE = PingProblem.ROLE_DELETED, PingProblem.ROLE_NOT_MENTIONABLE


def warning(server: Server, problem: PingProblem) -> str:
    return ping_problem_words(server.alerts.id, server.keepers.id, problem)


def break_ping(server: Server, problem: PingProblem) -> None:
    backend = server.env.backend
    backend.edit_role(HOME, own_role(server).id, {"permissions": ORDINARY})
    if problem is GONE:
        backend.delete_role(HOME, server.keepers.id)
    else:
        backend.edit_role(HOME, server.keepers.id, {"mentionable": False})


def own_role(server: Server) -> discord.Role:
    """Return the role of the bot, which has all permissions in SimCord."""
    assert server.guild.me is not None
    return server.guild.me.roles[-1]


ORDINARY = discord.Permissions(
    view_channel=True, send_messages=True, embed_links=True, read_message_history=True, attach_files=True
).value


@pytest.mark.parametrize("problem", PingProblem)
async def test_moderators_are_told_once_that_alerts_ping_nobody(server: Server, problem: PingProblem) -> None:
    await server.set_up(server.keepers)
    break_ping(server, problem)
    await server.env.settle()
    for _ in range(2):
        CHANGES["a channel"](server)
        await server.env.settle()
        await server.bot.notifier.deliver_due()

    assert [notice.content for notice in server.mod.user.dm_channel.history()] == [warning(server, problem)]


@pytest.mark.parametrize("problem", PingProblem)
async def test_show_test_and_status_say_that_alerts_ping_nobody(server: Server, problem: PingProblem) -> None:
    await server.set_up(server.keepers)
    break_ping(server, problem)
    await server.env.settle()

    show = await command(server, "show")
    assert warning(server, problem) in fields(card(show))["Channel"]
    status = card(await server.mod.slash(server.talk, "status"))
    words, advice = ping_problem_and_advice(server.alerts.id, server.keepers.id, problem)
    assert f"🟠 {words}" in (status.description or "").splitlines()
    assert advice in fields(status)["What to do"].splitlines()
    sentences = text_of(await command(server, "test"))
    assert sentences == f"The test alert is in {server.alerts.mention}.\n{warning(server, problem)}"


async def test_a_ping_that_breaks_anew_is_told_anew(server: Server) -> None:
    await server.set_up(server.keepers)
    for mentionable in (False, True, False):
        server.env.backend.edit_role(HOME, own_role(server).id, {"permissions": ORDINARY})
        server.env.backend.edit_role(HOME, server.keepers.id, {"mentionable": mentionable})
        await server.env.settle()
    await server.bot.notifier.deliver_due()

    assert len(server.mod.user.dm_channel.history()) == 2
    server.env.backend.edit_role(HOME, server.keepers.id, {"mentionable": True})
    await server.env.settle()
    assert "ping nobody" not in fields(card(await command(server, "show")))["Channel"]


async def test_mention_everyone_lets_the_bot_ping_any_role(server: Server) -> None:
    await server.set_up(server.keepers)
    everyone = ORDINARY | discord.Permissions(mention_everyone=True).value
    server.env.backend.edit_role(HOME, own_role(server).id, {"permissions": everyone})
    server.env.backend.edit_role(HOME, server.keepers.id, {"mentionable": False})
    await server.env.settle()
    await server.bot.notifier.deliver_due()

    assert server.mod.user.dm_channel.history() == []


async def test_who_sets_up_a_role_that_cannot_be_pinged_reads_it_once(server: Server) -> None:
    server.env.backend.edit_role(HOME, own_role(server).id, {"permissions": ORDINARY})
    server.env.backend.edit_role(HOME, server.keepers.id, {"mentionable": False})
    await server.env.settle()
    assert "I cannot ping" in text_of(await command(server, "setup", channel=server.alerts, role=server.keepers))
    CHANGES["a channel"](server)
    await server.env.settle()
    await server.bot.notifier.deliver_due()

    assert server.mod.user.dm_channel.history() == []
