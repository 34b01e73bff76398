"""The Discord stand-in, driven by a small real discord.py bot."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.ext import commands

from tests.patience import GENEROUS

from .discord_faults import FaultKind
from .discord_server import DiscordServer, Fault, Permission, Request

ROOT = Path(__file__).parents[2]
MESSAGES = r"/channels/\d+/messages"


class Buttons(discord.ui.View):
    """A persistent view: a button that edits its message, one that responds slowly, and a menu."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Acknowledge", custom_id="acknowledge")
    async def acknowledge(self, interaction: discord.Interaction[Any], button: discord.ui.Button[Any]) -> None:
        await interaction.response.edit_message(content=f"seen by {interaction.user.display_name}")

    @discord.ui.button(label="Details", custom_id="details")
    async def details(self, interaction: discord.Interaction[Any], button: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="details")

    @discord.ui.select(cls=discord.ui.RoleSelect, custom_id="role", placeholder="Whom to ping")
    async def role(self, interaction: discord.Interaction[Any], menu: discord.ui.RoleSelect[Any]) -> None:
        await interaction.response.send_message(f"will ping {menu.values[0].name}", ephemeral=True)


class Bot(commands.AutoShardedBot):
    """A bot with one command of each kind."""

    def __init__(self) -> None:
        super().__init__("!", intents=discord.Intents.default(), guild_ready_timeout=0.05)
        self.up = asyncio.Event()

    async def setup_hook(self) -> None:
        self.add_view(Buttons())
        self.tree.add_command(trace)
        self.tree.add_command(alerts)
        self.tree.add_command(trace_this)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord's five seconds between two IDENTIFYs are not the stand-in's."""

    async def on_ready(self) -> None:
        self.up.set()


@app_commands.command(description="Which token ran an image")
async def trace(interaction: discord.Interaction[Any], message_id: str, private: bool = False) -> None:
    await interaction.response.defer(ephemeral=private)
    embed = discord.Embed(title="Token 111", description=message_id)
    await interaction.followup.send(embed=embed, view=Buttons())
    await interaction.followup.send("and this", ephemeral=True)


@trace.autocomplete("message_id")
async def complete(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=current.upper(), value=current)]


alerts = app_commands.Group(name="alerts", description="Alerts")


@alerts.command(description="Where alerts go")
async def setup(interaction: discord.Interaction[Any], channel: discord.TextChannel, role: discord.Role) -> None:
    may_send = channel.permissions_for(channel.guild.me).send_messages
    text = f"{channel.name} {role.name} {may_send} {interaction.permissions.manage_guild}"
    await interaction.response.send_message(text, ephemeral=True)


@app_commands.context_menu(name="Trace this")
async def trace_this(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    await interaction.response.send_message(message.content[::-1])


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
def channel(server: DiscordServer) -> int:
    return server.add_channel(server.add_guild(), "alerts")


@asynccontextmanager
async def running(bot: Bot, token: str) -> AsyncIterator[Bot]:
    """The bot, until the block ends."""
    task = asyncio.create_task(bot.start(token))
    try:
        yield bot
    finally:
        await bot.close()
        # A bot that waits to reconnect would stop only after that wait.
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def bot(server: DiscordServer, channel: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    async with ready(server, monkeypatch) as bot:
        yield bot


@asynccontextmanager
async def ready(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """A bot that is ready, until the block ends."""
    point(server, monkeypatch)
    async with running(Bot(), server.token) as bot:
        await asyncio.wait_for(bot.up.wait(), GENEROUS)
        yield bot


def point(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))


async def test_login_and_command_sync(server: DiscordServer, channel: int, bot: Bot) -> None:
    assert [guild.name for guild in bot.guilds] == ["Home"]
    assert {command["name"] for command in server.synced_commands()} == {"trace", "alerts", "Trace this"}
    assert (server.gateway.identifies, server.gateway.connected, server.violations) == (1, 1, [])


async def test_changes_of_servers_and_channels_reach_the_bot(server: DiscordServer, channel: int, bot: Bot) -> None:
    joined = asyncio.create_task(bot.wait_for("guild_join", timeout=GENEROUS))
    removed = asyncio.create_task(bot.wait_for("guild_channel_delete", timeout=GENEROUS))
    await asyncio.sleep(0)
    guild = server.add_guild(name="Second")
    server.remove_channel(server.add_channel(guild, "gone"))
    assert (await joined).name == "Second"
    assert (await removed).name == "gone"


async def test_a_wrong_token_is_refused(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    point(server, monkeypatch)
    bot = Bot()
    with pytest.raises(discord.LoginFailure):
        await bot.start("wrong")
    await bot.close()


# Slash commands, components, completion


async def test_the_first_follow_up_replaces_the_deferral(server: DiscordServer, channel: int, bot: Bot) -> None:
    asked = await server.command("trace", {"message_id": "abc", "private": True}, channel_id=channel)
    message = await asked.answered()
    assert (asked.deferred, asked.ephemeral, message.embeds[0]["title"]) == (True, True, "Token 111")
    assert asked.acknowledged_after is not None
    (second,) = await asked.followed_up()
    assert (second.content, second.ephemeral) == ("and this", True)
    assert server.messages(channel) == []
    assert server.violations == []


async def test_a_subcommand_gets_resolved_options_and_permissions(
    server: DiscordServer, channel: int, bot: Bot
) -> None:
    guild = bot.guilds[0].id
    mute = server.add_channel(guild, "mute", bot_may_send=False)
    role = server.add_role(guild, "mods", permissions=Permission.MANAGE_GUILD)
    moderator = server.add_member(guild, "ann", roles=[role])
    asked = await server.command("alerts setup", {"channel": mute, "role": role}, channel_id=channel, user=moderator)
    assert (await asked.answered()).content == "mute mods False True"


async def test_impossible_user_actions_are_test_errors(server: DiscordServer, channel: int, bot: Bot) -> None:
    with pytest.raises(LookupError, match="not among the synced commands"):
        await server.command("nothing", channel_id=channel)
    with pytest.raises(LookupError, match="needs a subcommand"):
        await server.command("alerts", channel_id=channel)
    with pytest.raises(ValueError, match="missing"):
        await server.command("trace", channel_id=channel)
    with pytest.raises(LookupError, match="has no component"):
        await server.press(server.say(channel, "hello"), "acknowledge")


async def test_a_message_command_sees_the_message(server: DiscordServer, channel: int, bot: Bot) -> None:
    asked = await server.message_command("Trace this", server.say(channel, "abc"), channel_id=channel)
    assert (await asked.answered()).content == "cba"


async def test_autocomplete(server: DiscordServer, channel: int, bot: Bot) -> None:
    typed = await server.autocomplete("trace", "message_id", "ab", channel_id=channel)
    assert await typed.completed() == [{"name": "AB", "value": "ab"}]


async def test_a_button_edits_its_message(server: DiscordServer, channel: int, bot: Bot) -> None:
    sent = await partial(bot, channel).send("an alert", view=Buttons())
    stored = server.messages(channel)[0]
    assert stored.custom_ids()["Acknowledge"] == "acknowledge"
    ann = server.add_member(bot.guilds[0].id, "ann")
    pressed = await server.press(sent.id, "acknowledge", user=ann)
    assert (await pressed.answered()) is stored
    assert (stored.content, stored.edits) == ("seen by ann", 1)
    pressed = await server.press(sent.id, "details")
    assert (await pressed.answered()).content == "details"
    assert (pressed.deferred, stored.edits) == (True, 2)


async def test_a_menu_of_roles(server: DiscordServer, channel: int, bot: Bot) -> None:
    sent = await partial(bot, channel).send("an alert", view=Buttons())
    role = server.add_role(bot.guilds[0].id, "mods")
    chosen = await server.select(sent.id, "role", [role])
    assert (await chosen.answered()).content == "will ping mods"
    assert chosen.ephemeral


async def test_an_interaction_without_a_response_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    async with DiscordServer(interaction_deadline=0.1) as server:
        channel = server.add_channel(server.add_guild(), "alerts")
        async with ready(server, monkeypatch):
            server.faults.add(Fault("POST", "/interactions/.*", "delay", seconds=0.2))
            asked = await server.command("trace", {"message_id": "abc"}, channel_id=channel)
            await server.wait_for(lambda: asked.late)
            await server.wait_for(
                lambda: [one.status for one in server.requests_to("POST", "/interactions/.*")] == [404]
            )
            assert asked.callback is None


async def test_a_second_callback_and_an_unknown_token(server: DiscordServer, channel: int, bot: Bot) -> None:
    asked = await server.message_command("Trace this", server.say(channel, "abc"), channel_id=channel)
    await asked.answered()
    again = {"type": 4, "data": {"content": "again"}}
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    assert await refusal(bot, "POST", path, again) == (400, 40060)
    assert await refusal(bot, "POST", f"/webhooks/{server.bot_id}/nonsense", {"content": "x"}) == (404, 10015)


# Messages


async def test_a_nonce_is_stored_once(server: DiscordServer, channel: int, bot: Bot) -> None:
    first = await partial(bot, channel).send("one", nonce="delivery-1")
    second = await partial(bot, channel).send("one", nonce="delivery-1")
    await partial(bot, channel).send("two", nonce="delivery-2")
    assert first.id == second.id
    assert server.repeats == 1
    assert [(message.content, message.nonce) for message in server.messages(channel)] == [
        ("one", "delivery-1"),
        ("two", "delivery-2"),
    ]


async def test_a_nonce_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    async with DiscordServer(nonce_lifetime=0) as server:
        channel = server.add_channel(server.add_guild(), "alerts")
        async with ready(server, monkeypatch) as bot:
            for _ in range(2):
                await partial(bot, channel).send("one", nonce="delivery-1")
            assert (len(server.messages(channel)), server.repeats) == (2, 0)


async def test_only_allowed_roles_in_the_content_are_pinged(server: DiscordServer, channel: int, bot: Bot) -> None:
    role = server.add_role(bot.guilds[0].id, "mods")
    embed = discord.Embed(description=f"<@&{role}>")
    await partial(bot, channel).send(f"<@&{role}>", allowed_mentions=discord.AllowedMentions.none())
    await partial(bot, channel).send(f"<@&{role}> @everyone", allowed_mentions=discord.AllowedMentions(everyone=False))
    await partial(bot, channel).send(embed=embed)
    pings = [message.pings for message in server.messages(channel)]
    assert [set(each.roles) for each in pings] == [set(), {role}, set()]
    assert not any(each.everyone for each in pings)


async def test_files_replies_pins_and_deletion(server: DiscordServer, channel: int, bot: Bot, tmp_path: Path) -> None:
    chart = tmp_path / "chart.png"
    chart.write_bytes(b"png")
    first = await partial(bot, channel).send("chart", file=discord.File(chart))
    reply = await first.reply("better", silent=True)
    await first.pin()
    stored, answer = server.messages(channel)
    assert [(each.filename, each.data) for each in stored.attachments] == [("chart.png", b"png")]
    assert (answer.reference_id, answer.silent, stored.pinned) == (stored.id, True, True)
    assert [each.id async for each in partial(bot, channel).pins()] == [first.id]
    assert [each.id async for each in partial(bot, channel).history()] == [reply.id, first.id]
    await first.delete()
    assert server.messages(channel) == [answer]
    with pytest.raises(discord.HTTPException) as gone:
        await partial(bot, channel).send("reply", reference=first.to_reference())
    assert gone.value.status == 400
    assert server.violations == []


async def test_discords_own_error_codes(server: DiscordServer, channel: int, bot: Bot) -> None:
    guild = bot.guilds[0].id
    silent = server.add_channel(guild, "silent", bot_may_send=False)
    hidden = server.add_channel(guild, "hidden", bot_may_view=False)
    plain = server.add_channel(guild, "plain", deny=Permission.EMBED_LINKS)
    closed = server.add_member(guild, "closed", accepts_dms=False)
    hello = {"content": "hello"}
    assert await refusal(bot, "POST", f"/channels/{silent}/messages", hello) == (403, 50013)
    assert await refusal(bot, "POST", f"/channels/{hidden}/messages", hello) == (403, 50001)
    assert await refusal(bot, "POST", f"/channels/{plain}/messages", {"embeds": [{"title": "x"}]}) == (403, 50013)
    assert await refusal(bot, "POST", f"/channels/{server.dm_channel(closed)}/messages", hello) == (403, 50007)
    assert await refusal(bot, "POST", "/channels/1/messages", hello) == (404, 10003)
    assert await refusal(bot, "GET", f"/channels/{channel}/messages/1") == (404, 10008)
    assert await refusal(bot, "POST", f"/channels/{channel}/messages", {"content": ""}) == (400, 50006)


async def test_a_direct_message(server: DiscordServer, channel: int, bot: Bot) -> None:
    ann = server.add_member(bot.guilds[0].id, "ann")
    await (await bot.fetch_user(ann)).send("hello")
    assert [message.content for message in server.messages(server.dm_channel(ann))] == ["hello"]


# Payloads


async def test_a_title_too_long_is_refused_and_recorded(server: DiscordServer, channel: int, bot: Bot) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await partial(bot, channel).send(embed=discord.Embed(title="x" * 257))
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert len(server.violations) == 1
    assert "embeds[0].title: 257 long, 0 to 256 allowed" in server.violations[0]


# Faults


async def test_429_with_via_is_waited_for_and_without_is_raised(server: DiscordServer, channel: int, bot: Bot) -> None:
    fault = server.faults.add(Fault("POST", MESSAGES, status=429, retry_after=0.05))
    await partial(bot, channel).send("waited")
    assert (fault.hits, [request.status for request in server.requests_to("POST", MESSAGES)]) == (1, [429, 200])
    server.faults.add(Fault("POST", MESSAGES, status=429, via=False))
    with pytest.raises(discord.HTTPException) as raised:
        await partial(bot, channel).send("raised")
    assert (raised.value.status, raised.value.response.headers["Retry-After"]) == (429, "1")
    assert [message.content for message in server.messages(channel)] == ["waited"]


async def test_503_and_error_codes_are_raised_and_500_is_retried(
    server: DiscordServer, channel: int, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults.add(Fault("POST", MESSAGES, status=503))
    with pytest.raises(discord.DiscordServerError):
        await partial(bot, channel).send("503")
    server.faults.add(Fault("POST", MESSAGES, status=403, code=50013, message="Missing Permissions", skip=1))
    await partial(bot, channel).send("passed over")
    with pytest.raises(discord.Forbidden) as forbidden:
        await partial(bot, channel).send("403")
    assert forbidden.value.code == 50013
    monkeypatch.setattr("discord.http.asyncio.sleep", no_sleep)
    server.faults.add(Fault("POST", MESSAGES, status=500))
    server.faults.add(Fault("POST", MESSAGES, status=502))
    await partial(bot, channel).send("retried")
    assert [message.content for message in server.messages(channel)] == ["passed over", "retried"]


async def test_a_connection_cut_before_and_after_the_effect(server: DiscordServer, channel: int, bot: Bot) -> None:
    kinds: list[FaultKind] = ["drop_before", "drop_after"]
    for kind in kinds:
        server.faults.add(Fault("POST", MESSAGES, kind))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await partial(bot, channel).send(kind, nonce=kind)
    assert [message.content for message in server.messages(channel)] == ["drop_after"]
    await partial(bot, channel).send("drop_after", nonce="drop_after")
    assert len(server.messages(channel)) == 1
    assert [request.status for request in server.requests_to("POST", MESSAGES)] == [None, None, 200]


async def test_a_callback_at_the_instant(server: DiscordServer, channel: int, bot: Bot) -> None:
    seen: list[int] = []

    async def count(request: Request) -> None:
        seen.append(len(server.messages(channel)))

    server.faults.add(Fault("POST", MESSAGES, "call_before", callback=count))
    server.faults.add(Fault("POST", MESSAGES, "call_after", callback=count))
    await partial(bot, channel).send("one")
    await partial(bot, channel).send("two")
    assert seen == [0, 2]


async def test_an_unknown_route_is_noticed(server: DiscordServer, channel: int, bot: Bot) -> None:
    assert await refusal(bot, "GET", "/nothing") == (404, 0)
    assert server.violations == ["GET /nothing: the stand-in has no such route"]


# The gateway


async def cut(server: DiscordServer) -> None:
    server.gateway.drop()


async def op_7(server: DiscordServer) -> None:
    server.gateway.ask_to_reconnect()


async def op_9(server: DiscordServer) -> None:
    server.gateway.invalidate_sessions(resumable=True)


async def close_4000(server: DiscordServer) -> None:
    await server.gateway.close(4000)


@pytest.mark.parametrize("disturb", [cut, op_7, op_9, close_4000])
async def test_missed_events_are_replayed_on_resume(
    server: DiscordServer, channel: int, bot: Bot, disturb: Callable[[DiscordServer], Awaitable[None]]
) -> None:
    await disturb(server)
    await server.wait_for(lambda: server.connections[0].closed)
    asked = await server.message_command("Trace this", server.say(channel, "abc"), channel_id=channel)
    assert (await asked.answered()).content == "cba"
    assert (server.gateway.identifies, server.gateway.resumes) == (1, 1)
    assert server.connections[-1].resumed


async def test_an_invalid_session_is_identified_again(server: DiscordServer, channel: int, bot: Bot) -> None:
    server.gateway.invalidate_sessions(resumable=False)
    await server.wait_for(lambda: server.gateway.identifies == 2)
    assert server.gateway.resumes == 0


async def test_a_refused_first_connection_is_retried(
    server: DiscordServer, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.shard.asyncio.sleep", no_sleep)
    server.gateway.refuse(times=2)
    async with ready(server, monkeypatch):
        pass
    assert (server.gateway.refused, server.gateway.identifies, len(server.connections)) == (2, 1, 1)


async def test_the_gateway_is_down_while_rest_works(
    server: DiscordServer, channel: int, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda self: 0.01)
    await server.stop_gateway()
    await server.wait_for(lambda: server.connections[0].closed)
    await partial(bot, channel).send("still here")
    await server.start_gateway()
    await server.wait_for(lambda: server.gateway.connected)
    assert [message.content for message in server.messages(channel)] == ["still here"]


async def test_the_server_restarts_at_the_same_address(server: DiscordServer, channel: int, bot: Bot) -> None:
    await partial(bot, channel).send("before")
    address = server.api_url
    await server.stop()
    with pytest.raises(aiohttp.ClientOSError):
        await partial(bot, channel).send("down")
    await server.start()
    assert server.api_url == address
    await partial(bot, channel).send("after")
    assert [message.content for message in server.messages(channel)] == ["before", "after"]


async def test_privileged_intents_are_refused(
    server: DiscordServer, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    point(server, monkeypatch)
    bot = Bot()
    bot._connection._intents.message_content = True
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await bot.start(server.token)
    await bot.close()


# The real process


PROGRAM = """
import sys, discord
client = discord.AutoShardedClient(intents=discord.Intents.default())

@client.event
async def on_connect():
    await client.get_partial_messageable(int(sys.argv[2])).send("alert", nonce="delivery-1")

client.run(sys.argv[1], log_handler=None)
"""


async def test_a_process_killed_after_the_effect_sends_once(
    server: DiscordServer, channel: int, tmp_path: Path
) -> None:
    (tmp_path / "bot.py").write_text(PROGRAM)
    async with program(server, channel, tmp_path) as first:

        async def kill(request: Request) -> None:
            first.kill()
            await first.wait()

        server.faults.add(Fault("POST", MESSAGES, "call_after", callback=kill))
        await asyncio.wait_for(first.wait(), GENEROUS)
    async with program(server, channel, tmp_path):
        await server.wait_for(lambda: len(server.requests_to("POST", MESSAGES)) == 2)
    assert [message.content for message in server.messages(channel)] == ["alert"]
    assert server.gateway.identifies == 2


@asynccontextmanager
async def program(server: DiscordServer, channel: int, directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program in a separate process, killed at the end of the block if it still runs."""
    arguments = [
        "-m",
        "tests.standins.run_against",
        server.api_url,
        server.gateway_url,
        "--",
        server.token,
        str(channel),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=directory, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def partial(bot: Bot, channel: int) -> discord.PartialMessageable:
    return bot.get_partial_messageable(channel)


async def refusal(bot: Bot, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, int]:
    """Return the status and Discord's code of a request that must fail."""
    route = discord.http.Route(method, path)
    with pytest.raises(discord.HTTPException) as refused:
        await (bot.http.request(route) if body is None else bot.http.request(route, json=body))
    return refused.value.status, refused.value.code


async def no_sleep(delay: float) -> None:
    """Replaces asyncio.sleep where discord.py waits for seconds."""
