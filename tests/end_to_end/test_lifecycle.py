"""How the bot starts, stops and survives failures, as its operator sees it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sqlite3
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.ui import texts
from tests.end_to_end.world import World
from tests.standins.discord_server import Fault, Request
from tests.standins.imaginepro_server import Hold

pytestmark = pytest.mark.slow

WELL, FAILED, WRONG_SETTINGS, DATABASE_UNUSABLE = 0, 1, 2, 3
FOR_EVER = 1_000_000
UNKNOWN_ERROR, AUTHENTICATION_FAILED, SHARDING_REQUIRED = 4000, 4004, 4011
"""Gateway close codes; after the last two a client must not reconnect (Discord's documentation)."""
BOTH_SIGNALS = pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])


def hang(world: World, method: str, path: str) -> asyncio.Event:
    """Let Discord never respond to the next matching request; the event is set when it arrives."""
    arrived = asyncio.Event()

    async def never_answer(_: Request) -> None:
        arrived.set()
        await asyncio.Event().wait()

    world.discord.faults.add(Fault(method, path, "call_before", callback=never_answer))
    return arrived


# Shutdown


@pytest.mark.parametrize("sign", [pytest.param(signal.SIGTERM, marks=pytest.mark.smoke), signal.SIGINT])
async def test_stops_when_idle(world: World, sign: signal.Signals) -> None:
    await world.start()
    await world.rounds()

    assert await world.bot.stop(sign) == WELL
    assert world.bot.events[-1]["event"] == "Fastwatch has stopped."


async def test_stops_while_imaginepro_hangs(world: World) -> None:
    await world.start()
    await world.rounds()
    world.imaginepro.outage = Hold(asyncio.Event())
    asked = world.asked()
    waiting = await world.trace(world.message_of(111))
    await waiting.acknowledged()
    await world.imaginepro.wait_for(lambda: world.asked() > asked)

    assert await world.bot.stop() == WELL


async def test_stops_after_a_delivery_in_flight(world: World) -> None:
    await world.watching()
    on_its_way = world.discord.faults.add(Fault("POST", world.posting(), "delay", seconds=1))
    world.set_status(111, "BANNED")
    await world.discord.wait_for(lambda: on_its_way.hits)

    assert await world.bot.stop() == WELL
    await world.start()
    await world.settled()

    assert len(world.post_attempts()) == len(await world.alert_posts()) == 1


async def test_stops_in_time_when_a_delivery_hangs(world: World) -> None:
    await world.watching()
    sending = hang(world, "POST", world.posting())
    world.set_status(111, "BANNED")
    await sending.wait()

    assert await world.bot.stop() == WELL
    await world.start()

    assert len(await world.alert_posts()) == 1


async def test_stops_while_login_fails(world: World) -> None:
    await world.discord.stop()
    await world.bot.start()
    await world.bot.says("Login to Discord failed.", times=2)

    assert await world.bot.stop() == WELL


async def test_stops_while_discord_hangs_at_login(world: World) -> None:
    logging_in = hang(world, "GET", "/users/@me")
    await world.bot.start()
    await logging_in.wait()

    assert await world.bot.stop() == WELL


async def test_stops_while_the_gateway_refuses(world: World) -> None:
    world.discord.gateway.refuse(FOR_EVER)
    await world.bot.start()
    await world.discord.wait_for(lambda: world.discord.gateway.refused)

    assert await world.bot.stop() == WELL


@BOTH_SIGNALS
async def test_stops_while_a_reconnect_gets_no_response(world: World, sign: signal.Signals) -> None:
    called = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1") as silent:
        # The resume URL in READY.
        world.discord.gateway.url = f"ws://127.0.0.1:{silent.sockets[0].getsockname()[1]}/gateway"
        await world.start()
        world.discord.gateway.drop()
        await called.wait()

        assert await world.bot.stop(sign) == WELL


async def test_stops_while_the_gateway_is_down_after_a_connection(world: World) -> None:
    await world.start()
    await world.discord.stop_gateway()
    await world.rounds(2)

    assert await world.bot.stop() == WELL


async def test_stops_on_the_second_signal_as_on_the_first(world: World) -> None:
    await world.watching()
    sending = hang(world, "POST", world.posting())
    world.set_status(111, "BANNED")
    await sending.wait()

    world.bot.send(signal.SIGTERM)

    assert await world.bot.stop() == WELL


# Waiting for Discord at startup


async def test_logs_in_once_discord_is_reachable(world: World) -> None:
    await world.discord.stop()
    await world.bot.start()
    await world.bot.says("Login to Discord failed.", times=2)

    await world.discord.start()

    await world.connected(after=0)
    assert (await (await world.trace(world.message_of(111))).answered()).embeds


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/users/@me", HTTPStatus.TOO_MANY_REQUESTS),
        ("/oauth2/applications/@me", HTTPStatus.SERVICE_UNAVAILABLE),
        ("/gateway/bot", HTTPStatus.SERVICE_UNAVAILABLE),
    ],
)
async def test_retries_when_discord_returns_an_error_at_startup(world: World, path: str, status: HTTPStatus) -> None:
    fault = world.discord.faults.add(Fault("GET", path, times=2, status=status, via=False))

    await world.start()

    assert fault.hits == 2
    assert (await (await world.trace(world.message_of(111))).answered()).embeds


async def test_the_first_alert_needs_no_gateway(world: World) -> None:
    await world.watching()
    await world.bot.kill()
    world.discord.gateway.refuse(FOR_EVER)
    connections = len(world.discord.connections)
    world.set_status(111, "RELAX")

    await world.bot.start()

    assert len(await world.alert_posts()) == 1
    assert len(world.discord.connections) == connections
    world.discord.gateway.accept()
    await world.connected(after=connections)
    assert (await (await world.trace(world.message_of(111))).answered()).embeds


# Staying connected


@pytest.mark.parametrize("trouble", ["dropped", "op 7", "op 9", "closed with 4000"])
async def test_reconnects_after_the_gateway_closed_the_connection(world: World, trouble: str) -> None:
    await world.start()
    gateway, connections = world.discord.gateway, len(world.discord.connections)

    match trouble:
        case "dropped":
            gateway.drop()
        case "op 7":
            gateway.ask_to_reconnect()
        case "op 9":
            gateway.invalidate_sessions(resumable=False)
        case "closed with 4000":
            await gateway.close(UNKNOWN_ERROR)

    await world.connected(after=connections)
    assert (await (await world.trace(world.message_of(111))).answered()).embeds


async def test_alerts_work_without_the_gateway_and_commands_after_it(world: World) -> None:
    await world.watching()
    connections = len(world.discord.connections)
    await world.discord.stop_gateway()

    world.set_status(111, "RELAX")
    await world.alert_posts()
    world.set_status(111, "FAST")
    await world.alert_posts(2)
    await world.discord.start_gateway()

    await world.connected(after=connections)
    assert (await (await world.trace(world.message_of(111))).answered()).embeds


async def test_creates_a_new_client_when_discord_closes_permanently(world: World) -> None:
    await world.start()
    connections = len(world.discord.connections)
    world.tracebacks_of = ("Opening a new connection",)

    await world.discord.gateway.close(SHARDING_REQUIRED)

    await world.connected(after=connections)
    assert (await (await world.trace(world.message_of(111))).answered()).embeds


async def test_stops_while_waiting_to_create_a_new_client(world: World) -> None:
    await world.start()
    world.tracebacks_of = ("Opening a new connection",)
    world.discord.gateway.refuse(FOR_EVER)
    await world.discord.gateway.close(SHARDING_REQUIRED)
    await world.bot.says("Opening a new connection")

    assert await world.bot.stop() == WELL


# Fatal errors


async def test_a_wrong_discord_token_is_one_sentence(world: World) -> None:
    world.bot.settings["DISCORD_TOKEN"] = "made-up.token.of-nobody"

    await world.bot.start()

    assert await world.bot.ended() == WRONG_SETTINGS
    assert world.bot.log[-1].startswith("DISCORD_TOKEN: Discord rejects this token. Get a new one: ")


async def test_a_revoked_discord_token_is_one_sentence(world: World) -> None:
    await world.start()

    await world.discord.gateway.close(AUTHENTICATION_FAILED)

    assert await world.bot.ended() == WRONG_SETTINGS
    assert world.bot.log[-1].startswith("DISCORD_TOKEN: Discord rejects this token. Get a new one: ")


async def test_a_metrics_address_in_use_is_one_sentence_and_may_be_retried(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        world.bot.settings["METRICS_LISTEN"] = f"127.0.0.1:{taken.getsockname()[1]}"
        await world.bot.start()
        assert await world.bot.ended() == FAILED

    assert world.bot.log[-1].startswith("METRICS_LISTEN: cannot listen on 127.0.0.1:")


async def test_each_missing_setting_is_a_line(world: World) -> None:
    world.bot.settings.clear()

    await world.bot.start()

    assert await world.bot.ended() == WRONG_SETTINGS
    *problems, first_steps = world.bot.log
    assert [line.partition(":")[0] for line in problems] == ["DISCORD_TOKEN", "IMAGINEPRO_API_KEY", "HOME_SERVERS"]
    assert first_steps.startswith("Nothing is set yet. 'make demo' shows")
    assert "'make try'" in first_steps


@pytest.mark.parametrize("trouble", ["a directory", "a text", "no place for a file", "no server"])
async def test_an_unusable_database_is_one_sentence(world: World, tmp_path: Path, trouble: str) -> None:
    path = tmp_path / "unusable.db"
    url = f"sqlite:///{path}"
    match trouble:
        case "a directory":
            path.mkdir()
        case "a text":
            path.write_text("This was never a database, and it must still be here afterwards.\n" * 100)
        case "no place for a file":
            url = "sqlite:////dev/null/fastwatch.db"
        case "no server":
            url = "postgresql://fastwatch:made-up-password@127.0.0.1:1/fastwatch"
    world.bot.settings["DATABASE_URL"] = url
    before = path.read_bytes() if path.is_file() else None

    await world.bot.start()

    assert await world.bot.ended() == DATABASE_UNUSABLE
    assert world.bot.log[-1].startswith("The database cannot be opened (")
    assert "made-up-password" not in "\n".join(world.bot.log)
    assert (path.read_bytes() if path.is_file() else None) == before


async def test_a_database_of_a_newer_version_is_left_unchanged(world: World, tmp_path: Path) -> None:
    path = tmp_path / "fastwatch.db"
    await world.start()
    assert await world.bot.stop() == WELL
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    before = path.read_bytes()

    await world.bot.start()

    assert await world.bot.ended() == DATABASE_UNUSABLE
    assert world.bot.log[-1] == "A newer version of Fastwatch wrote this database; start that version, or a newer one."
    assert path.read_bytes() == before


async def test_expired_data_is_deleted(world: World, tmp_path: Path) -> None:
    await world.start()
    assert await world.bot.stop() == WELL
    with contextlib.closing(sqlite3.connect(tmp_path / "fastwatch.db")) as database:
        database.execute(
            "INSERT INTO audit (server_id, member_id, action, target, at, outcome)"
            " VALUES (1, 7, 'alerts_off', '1', '2020-01-01 00:00:00.000000', 'done')"
        )
        database.commit()
        await world.start()
        while database.execute("SELECT count(*) FROM audit").fetchone() != (0,):
            await world.rounds()


async def test_a_second_process_on_a_sqlite_file_fails_with_one_sentence(world: World) -> None:
    await world.start()
    second = world.bot.twin()

    await second.start()

    assert await second.ended() == DATABASE_UNUSABLE
    assert second.log[-1] == (
        "Another Fastwatch is running on this SQLite file; stop it first, or use PostgreSQL for several."
    )
    await world.rounds()
    assert (await (await world.trace(world.message_of(111))).answered()).embeds


async def test_starts_on_the_sqlite_file_of_a_killed_process(world: World, tmp_path: Path) -> None:
    await world.start()
    assert (tmp_path / "fastwatch.db.lock").exists()

    await world.restart()

    await world.rounds()


# Survived failures


async def test_keeps_running_while_imaginepro_refuses_the_key_and_logs_it_once(world: World) -> None:
    await world.watching()
    good_key = world.imaginepro.key

    world.imaginepro.key = "made-up-key-of-somebody-else"
    await world.rounds(3)
    (refused,) = await (await world.trace(world.message_of(111))).followed_up()
    world.imaginepro.key = good_key
    world.set_status(111, "RELAX")
    await world.alert_posts()

    (warning,) = world.bot.said("The round failed.")
    assert warning["error"] == "Unauthorized: HTTP 401 The API key is invalid."
    assert refused.ephemeral
    assert refused.content == texts.errors.KEY_REFUSED
    assert world.bot.said("ImaginePro responds again.")
