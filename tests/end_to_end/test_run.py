"""What the bot does from its start, seen from outside."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.ui import texts
from tests.end_to_end.conftest import as_users_start_it, where_no_database_is
from tests.end_to_end.world import ACCOUNT, FLEET, MOD, World
from tests.standins.discord_server import DiscordServer, Fault, Interaction, Pings
from tests.standins.imaginepro_server import MALFORMED, Drop, Hold, Redirect, Refuse, Say
from tests.titles import is_back, title_of

pytestmark = pytest.mark.slow

GUILDS_ONLY = 1
SYNC = ("PUT", r"/applications/\d+/commands")


@as_users_start_it
@where_no_database_is
@pytest.mark.parametrize("speed", [1], indirect=True)
async def test_the_real_program_alerts_that_a_token_left_fast(world: World) -> None:
    """The unmodified program, with the real clock and its default log: twenty seconds, mostly waiting."""
    del world.bot.settings["LOG_FORMAT"]
    await world.start()
    card = await (await world.trace(world.message_of(111))).answered()
    await world.set_up_alerts()
    await world.bot.wait_for(lambda: any("Watching tokens." in line for line in world.bot.log))

    world.set_status(111, "RELAX")
    (alert,) = await world.alert_posts()

    assert title_of(card) == "🟢 Token 111 · FAST"
    assert title_of(alert) == "🟡 **Token 111** is in RELAX"
    assert await world.bot.stop() == 0
    assert "Fastwatch has stopped." in world.bot.log[-1]
    assert not any("\x1b" in line for line in world.bot.log), "a log that goes into a file has no colours"


async def test_the_log_names_the_tokens_and_the_channels(world: World) -> None:
    elsewhere = 4_000_000_000_000_000_001
    world.bot.settings["HOME_SERVERS"] = f"{world.home},{elsewhere}"
    world.set_status(222, "RELAX")

    await world.start()

    starts = await world.bot.says("Fastwatch starts.")
    assert starts["imaginepro"] == world.imaginepro.base_url
    assert starts["poll_interval"] == "0:00:10"
    assert str(world.home) in starts["home_servers"]
    watching = await world.bot.says("Watching tokens.")
    assert (watching["whole_fleet"], watching["tokens"]) == (True, 2)
    connected = await world.bot.says("Connected to Discord.")
    assert (connected["bot"], connected["servers"]) == ("fastwatch", 1)
    lacking = await world.bot.says("The bot is not in one of its home servers")
    assert lacking["server"] == elsewhere


async def test_requests_only_the_guilds_intent(world: World) -> None:
    await world.start()

    assert [connection.intents for connection in world.discord.connections] == [GUILDS_ONLY]


async def test_registers_commands_only_when_they_changed(world: World, tmp_path: Path) -> None:
    await world.start()
    assert len(world.discord.requests_to(*SYNC)) == 1

    await world.restart()
    assert len(world.discord.requests_to(*SYNC)) == 1

    await world.bot.kill()
    with sqlite3.connect(tmp_path / "fastwatch.db") as database:
        changed = database.execute("UPDATE app_state SET value = 'of other commands' WHERE name = 'commands'")
        assert changed.rowcount == 1
    database.close()
    await world.start()
    assert len(world.discord.requests_to(*SYNC)) == 2


async def test_registers_commands_later_when_startup_registration_failed(world: World) -> None:
    world.discord.faults.add(Fault(*SYNC, status=HTTPStatus.SERVICE_UNAVAILABLE))

    await world.start()
    assert world.discord.synced_commands() == []
    await world.discord.wait_for(world.discord.synced_commands)

    assert (await (await world.trace(world.message_of(111))).answered()).embeds


# People


async def test_responds_in_time_however_long_imaginepro_takes(world: World) -> None:
    await world.start()
    released = asyncio.Event()
    world.imaginepro.queue(Hold(released), path="/api/v1/message/trace/")

    typed = await world.trace(world.message_of(111))
    await typed.acknowledged()
    await world.rounds(3)
    waiting = typed.message
    released.set()
    answer = await typed.answered()

    assert waiting is None
    assert typed.deferred
    assert typed.acknowledged_after is not None
    assert title_of(answer) == "🟢 Token 111 · FAST"


async def test_suggests_recent_traces_even_after_a_restart(world: World) -> None:
    await world.start()
    message, private = world.message_of(111), world.message_of(222)
    await (await world.trace(message)).answered()
    await (await world.trace(private, private=True)).answered()
    typed = await world.discord.autocomplete("trace", "message_id", str(message)[:4], channel_id=world.talk)
    assert [choice["value"] for choice in await typed.completed()] == [str(message)]

    assert await world.bot.stop() == 0
    await world.start()

    typed = await world.discord.autocomplete("trace", "message_id", "", channel_id=world.talk)
    assert [choice["value"] for choice in await typed.completed()] == [str(message)]


async def test_traces_the_id_in_a_discord_message(world: World) -> None:
    await world.start()
    said = world.discord.say(world.talk, f"This one is slow: `{world.message_of(222)}`")

    chosen = await world.discord.message_command(texts.commands.TRACE_MENU, said, channel_id=world.talk)
    answer = await chosen.answered()

    assert answer.ephemeral
    assert title_of(answer) == "🟢 Token 222 · FAST"


async def test_buttons_work_after_a_restart(world: World) -> None:
    await world.start()
    card = await (await world.trace(world.message_of(111))).answered()
    set_up = await world.set_up_alerts()
    await world.restart()
    world.set_status(111, "BANNED")

    refreshed = await (await world.discord.press(card.id, card.custom_ids()[texts.buttons.REFRESH])).answered()
    test = await world.discord.press(set_up.id, set_up.custom_ids()[texts.buttons.TEST], permissions=MOD)
    sent = await test.answered()

    assert refreshed.id == card.id
    assert title_of(refreshed) == "🔴 Token 111 · BANNED"
    assert sent.content == texts.alert_setup.TEST_SENT.format(channel=f"<#{world.alerts}>")
    assert any(title_of(message) == texts.alerts.TEST_TITLE for message in await world.alert_posts())


async def test_does_nothing_for_a_server_that_is_not_a_home(world: World, discord: DiscordServer) -> None:
    await world.start()
    talk = discord.add_channel(discord.add_guild(name="Strangers"), "talk")
    message = world.message_of(111)
    asked = len(world.imaginepro.log)

    traced = await discord.command("trace", {"message_id": str(message)}, channel_id=talk)
    answer = await traced.answered()
    shown = await discord.command("alerts show", channel_id=talk, permissions=MOD)

    assert (answer.ephemeral, answer.content, answer.embeds) == (True, texts.errors.NOT_CONNECTED, [])
    assert (await shown.answered()).content == texts.errors.NOT_CONNECTED
    # What the rounds ask for, and nothing else.
    assert {request.path for request in world.imaginepro.log[asked:]} <= {FLEET, ACCOUNT}


# Alerts


@pytest.mark.smoke
async def test_an_alert_is_updated_until_its_incident_ends(world: World) -> None:
    await world.watching()

    world.set_status(111, "RELAX")
    (alert,) = await world.alert_posts()
    assert alert.pings.roles == {world.role}
    assert title_of(alert) == "🟡 **Token 111** is in RELAX"

    world.set_status(111, "BANNED")
    await world.discord.wait_for(lambda: "banned" in title_of(alert))
    await world.settled()
    world.set_status(111, "FAST")
    *_, reply = await world.alert_posts(len(world.discord.messages(world.alerts)) + 1)
    await world.settled()

    assert is_back(alert)
    assert not alert.pings.everyone
    assert (reply.reference_id, reply.silent) == (alert.id, True)
    assert reply.pings == Pings()
    assert (await world.alerts_shown())[texts.alerts_overview.FIELD_OPEN] == texts.common.NONE


# Secrets


def _answered(typed: Interaction) -> bool:
    return typed.message is not None or bool(typed.followups)


async def test_no_secret_leaks_when_everything_is_logged(world: World) -> None:
    """ImaginePro's and Discord's responses contain secrets of all kinds; `World` searches for each of them at the
    end.
    """
    world.bot.settings["LOG_LEVEL"] = "debug"
    key, listed = world.imaginepro.key, world.imaginepro.tokens[111].listed()
    quoting = f"{key} and {listed['token']} and made-up-owner@example.invalid"
    await world.watching()

    for fault in (
        MALFORMED,
        Say(f'[{{"id": 111, "token": "{listed["token"]}", "status": "FA'.encode()),
        Say(f'{{"token": "{listed["token"]}", "email": "made-up-owner@example.invalid"}}'.encode()),
        Say(f"<html>{quoting}</html>".encode(), "text/html", HTTPStatus.BAD_REQUEST),
        Refuse(HTTPStatus.UNAUTHORIZED, f"The key {key} is not known."),
        Refuse(HTTPStatus.NOT_FOUND, f"No token for {key}."),
        Redirect(f"http://127.0.0.1:1/?key={key}"),
        Drop(),
    ):
        world.imaginepro.queue(fault, path=FLEET)
        world.imaginepro.queue(fault, path="/api/v1/message/trace/")
        user = world.discord.add_member(world.home, "somebody")
        message = world.message_of(111)
        typed = await world.discord.command(
            "trace", {"message_id": str(message)}, channel_id=world.talk, user=user, permissions=MOD
        )
        await world.discord.wait_for(partial(_answered, typed))
        world.check_no_secret_leaked()
        await world.rounds(2)

    world.discord.faults.add(Fault("POST", world.posting(), status=HTTPStatus.INTERNAL_SERVER_ERROR))
    world.set_status(111, "RELAX")
    (alert,) = await world.alert_posts()
    world.discord.delete(alert)
    world.set_status(111, "FAST")
    await world.alert_posts()
    await world.settled()
    await world.restart()
    await world.alerts_shown()
    assert await world.bot.stop() == 0

    log = "\n".join(world.bot.log)
    assert "[redacted]" in log
    assert "INTERACTION_CREATE" in log
