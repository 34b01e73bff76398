"""What must be told is told once, whatever breaks on the way; what nobody said is not told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import pytest

from bot.domain.alert_types import AlertType
from bot.notifier.queue import CLAIMED_FOR
from bot.ui import texts
from tests.end_to_end.bot_process import POLL_SECONDS, SPEED
from tests.end_to_end.world import FLEET, MOD, World
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import DiscordServer, Fault, Permission, Request
from tests.standins.imaginepro_server import (
    GATEWAY_PAGE,
    LOGIN_PAGE,
    MALFORMED,
    Drop,
    Flood,
    Redirect,
    Refuse,
    Say,
    linked_token,
)
from tests.standins.imaginepro_server import Fault as ImagineProFault

pytestmark = pytest.mark.slow

FOR_EVER = 1_000_000
LEFT_FAST = texts.alerts.PUSH[AlertType.LEFT_FAST].format(token=111, status="RELAX")
IS_BACK = texts.incidents.TITLE_BACK.format(token=111)


async def watching(world: World) -> None:
    """The bot runs, alerts are set up, and the tokens have been seen in FAST."""
    await world.start()
    await world.set_up_alerts()
    await world.rounds()


async def check_notified_once(world: World) -> None:
    """One alert, edited at its end, and one silent reply; each has been tried with one nonce only."""
    await world.told(2)
    await world.settled()
    alert, reply = world.discord.messages(world.alerts)
    assert alert.embeds[0]["title"] == IS_BACK
    assert (reply.reference_id, reply.silent) == (alert.id, True)
    assert not reply.pings.roles
    assert world.nonces() == {alert.nonce, reply.nonce}
    assert all(request.body["enforce_nonce"] for request in world.sendings())


# Discord fails


TROUBLE = {
    "429 for a moment": Fault("", "", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=0.05),
    "429 of all routes": Fault("", "", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=0.05, for_all_routes=True),
    "429 for long": Fault("", "", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=40),
    "429 of the edge": Fault("", "", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=20, via=False),
    "500": Fault("", "", status=HTTPStatus.INTERNAL_SERVER_ERROR),
    "502": Fault("", "", status=HTTPStatus.BAD_GATEWAY),
    "503": Fault("", "", times=3, status=HTTPStatus.SERVICE_UNAVAILABLE),
    "cut off before the effect": Fault("", "", "drop_before", times=3),
    "cut off after the effect": Fault("", "", "drop_after", times=3),
    "slow": Fault("", "", "delay", seconds=0.5),
}


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_is_told_once_when_discord_fails(world: World, trouble: str) -> None:
    fault = TROUBLE[trouble]
    await watching(world)
    faults = [
        world.discord.faults.add(_copy(fault, method, path))
        for method, path in (("POST", world.posting()), ("PATCH", world.editing()))
    ]

    world.put(111, "RELAX")
    (alert,) = await world.told()
    await world.settled()
    assert alert.content == f"<@&{world.role}> {LEFT_FAST}"
    assert alert.pings.roles == {world.role}
    replies = world.discord.faults.add(_copy(fault, "POST", world.posting()))
    world.put(111, "FAST")
    await check_notified_once(world)

    assert [each.hits for each in (*faults, replies)] == [fault.times] * 3


def _copy(fault: Fault, method: str, path: str) -> Fault:
    return Fault(
        method,
        path,
        fault.kind,
        times=fault.times,
        status=fault.status,
        retry_after=fault.retry_after,
        via=fault.via,
        for_all_routes=fault.for_all_routes,
        seconds=fault.seconds,
    )


@pytest.mark.parametrize(
    ("asked", "via"),
    [(20, True), (40, True), (40, False)],
    ids=["a while", "longer than discord.py waits", "at the edge"],
)
async def test_waits_as_long_as_discord_asks(world: World, asked: int, via: bool) -> None:
    await watching(world)
    world.discord.faults.add(
        Fault("POST", world.posting(), status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=asked, via=via)
    )

    world.put(111, "RELAX")
    await world.told()

    refused, taken = world.sendings()
    assert taken.received - refused.received >= asked / SPEED


async def test_a_whole_incident_that_discord_did_not_take_is_told_in_a_line_once_it_does(world: World) -> None:
    await watching(world)
    world.discord.faults.add(Fault("POST", world.posting(), "drop_before", times=FOR_EVER))

    world.put(111, "RELAX")
    await world.bot.says("A token changed.")
    world.put(111, "FAST")
    await world.bot.says("A token changed.", times=2)
    await world.rounds(2)
    world.discord.faults.clear()
    await world.told()
    await world.settled()

    (missed,) = world.discord.messages(world.alerts)
    assert missed.content.startswith(texts.alerts.MISSED)
    assert missed.silent
    assert not missed.pings.roles


FORGETFUL = pytest.mark.parametrize("nonce_lifetime", [0], indirect=True)


async def _lost(world: World, number: int) -> None:
    """Let the bot never learn that its next posting got through, and Discord be of no use for minutes."""
    arrived = world.discord.faults.add(Fault("POST", world.posting(), "drop_after"))
    for method in ("GET", "POST"):
        world.discord.faults.add(Fault(method, world.posting(), times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await world.told(number)
    await world.rounds(3 * 60 // POLL_SECONDS)
    assert arrived.hits == 1


@FORGETFUL
@pytest.mark.parametrize("meanwhile", ["RELAX", "BANNED", "FAST"])
async def test_an_alert_that_got_through_unnoticed_is_found_when_its_nonce_is_forgotten(
    world: World, meanwhile: str
) -> None:
    await watching(world)
    world.put(111, "RELAX")
    await _lost(world, 1)
    world.put(111, meanwhile)
    await world.rounds(4)
    world.discord.faults.clear()
    await world.settled()

    alert, *replies = world.discord.messages(world.alerts)
    assert alert.pings.roles == {world.role}
    assert (
        alert.embeds[0]["title"]
        == {
            "RELAX": texts.incidents.TITLES[AlertType.LEFT_FAST].format(sign="🟡", token=111, status="RELAX"),
            "BANNED": texts.incidents.TITLES[AlertType.BANNED].format(sign="🔴", token=111, status="BANNED"),
            "FAST": IS_BACK,
        }[meanwhile]
    )
    assert [(reply.reference_id, reply.pings.roles) for reply in replies] == {
        "RELAX": [],
        "BANNED": [(alert.id, {world.role})],
        "FAST": [(alert.id, set())],
    }[meanwhile]


@FORGETFUL
async def test_a_reply_that_got_through_unnoticed_is_found_when_its_nonce_is_forgotten(world: World) -> None:
    await watching(world)
    world.put(111, "RELAX")
    await world.told()
    await world.settled()
    world.put(111, "FAST")
    await _lost(world, 2)
    world.discord.faults.clear()

    await check_notified_once(world)


@FORGETFUL
async def test_a_line_that_got_through_unnoticed_is_found_when_its_nonce_is_forgotten(world: World) -> None:
    await watching(world)
    world.discord.faults.add(Fault("POST", world.posting(), "drop_before", times=FOR_EVER))
    world.put(111, "RELAX")
    await world.bot.says("A token changed.")
    world.put(111, "FAST")
    await world.bot.says("A token changed.", times=2)
    world.discord.faults.clear()
    await _lost(world, 1)
    world.discord.faults.clear()
    await world.settled()

    (line,) = world.discord.messages(world.alerts)
    assert line.content.startswith(texts.alerts.MISSED)


# The bot is killed


def _kills(world: World) -> Callable[[Request], Awaitable[None]]:
    async def kill(_: Request) -> None:
        await world.bot.kill()

    return kill


async def _kill_at(world: World, moment: str, method: str, path: str) -> None:
    """Kill the bot at such a moment of its next such request, or once that request has failed again and again."""
    if moment == "before it is sent":
        fails = world.discord.faults.add(Fault(method, path, "drop_before", times=FOR_EVER))
        await world.discord.wait_for(lambda: fails.hits > 1)
        await world.bot.kill()
        world.discord.faults.clear()
        return
    kind: FaultKind = "call_before" if moment == "while it is on its way" else "call_after"
    world.discord.faults.add(Fault(method, path, kind, callback=_kills(world)))
    await world.bot.ended()


MOMENTS = ["before it is sent", "while it is on its way", "before its arrival is recorded"]


@FORGETFUL
async def test_an_alert_that_was_found_again_is_remembered_when_the_bot_is_killed(world: World) -> None:
    await watching(world)
    world.put(111, "RELAX")
    await _lost(world, 1)
    world.put(111, "FAST")
    await world.rounds(4)
    world.discord.faults.clear()
    await _kill_at(world, "before its arrival is recorded", "POST", world.posting())

    await world.start()

    await check_notified_once(world)


# So slow that the bot is back while Discord still remembers the nonce, as long as a busy machine may take to start it.
@pytest.mark.parametrize("speed", [10], indirect=True)
@pytest.mark.parametrize(
    ("moment", "database_url"),
    [
        pytest.param("while it is on its way", "sqlite", marks=pytest.mark.smoke),
        ("before it is sent", "sqlite"),
        ("before its arrival is recorded", "sqlite"),
        *((moment, "postgres") for moment in MOMENTS),
    ],
    indirect=["database_url"],
)
async def test_an_incident_is_told_once_when_the_bot_is_killed(world: World, moment: str) -> None:
    await watching(world)
    world.put(111, "RELAX")
    await _kill_at(world, moment, "POST", world.posting())

    await world.start()
    await world.settled()

    (alert,) = await world.told()
    assert world.nonces() == {alert.nonce}
    assert len(world.sendings()) > 1
    assert alert.pings.roles == {world.role}

    world.put(111, "FAST")
    await _kill_at(world, moment, "POST", world.posting())

    await world.start()

    await check_notified_once(world)


@pytest.mark.parametrize("speed", [2], indirect=True)
async def test_what_was_on_its_way_when_the_bot_was_killed_is_sent_as_soon_as_it_is_back(world: World) -> None:
    """On SQLite nobody else can have it, so nobody waits until what was claimed has run out."""
    await watching(world)
    world.discord.faults.add(Fault("POST", world.posting(), "call_before", callback=_kills(world)))
    world.put(111, "BANNED")
    await world.bot.ended()

    await world.start()

    await world.discord.wait_for(lambda: len(world.sendings()) == 2, CLAIMED_FOR.total_seconds() / 2 / 2)


async def test_the_end_is_told_once_when_the_bot_is_killed_over_the_edit(world: World) -> None:
    await watching(world)
    world.put(111, "RELAX")
    await world.told()
    await world.settled()
    world.put(111, "FAST")
    await _kill_at(world, "before its arrival is recorded", "PATCH", world.editing())

    await world.start()

    await check_notified_once(world)


async def test_an_incident_that_ended_while_the_bot_was_dead_is_told_once(world: World) -> None:
    await watching(world)
    world.put(111, "RELAX")
    await _kill_at(world, "before its arrival is recorded", "POST", world.posting())
    world.put(111, "FAST")

    await world.start()

    await world.told(2)
    await check_notified_once(world)


# Channels and Discord messages go away


@pytest.mark.parametrize("trouble", ["forbidden", "deleted"])
async def test_deliveries_wait_for_a_channel_that_takes_them(world: World, trouble: str) -> None:
    await watching(world)
    match trouble:
        case "forbidden":
            world.discord.change_channel(world.alerts, bot_may_send=False)
        case "deleted":
            world.discord.remove_channel(world.alerts)

    world.put(111, "RELAX")
    await world.bot.says("Discord refuses an alert channel")
    await world.rounds(3)
    tries = len(world.sendings())
    shown = await world.alerts_shown()
    elsewhere = world.discord.add_channel(world.home, "elsewhere")
    answer = await world.set_up_alerts(elsewhere)
    (alert,) = await world.told(channel=elsewhere)

    assert tries == 1
    assert texts.alerts_overview.BROKEN.partition("{")[0] in shown[texts.alerts_overview.FIELD_CHANNEL]
    assert shown[texts.alerts_overview.FIELD_WAITING].startswith("1")
    assert texts.alert_setup.SETUP_DELIVERS.format(number=1) in answer.content
    assert alert.nonce in world.nonces()
    assert world.nonces(elsewhere) == world.nonces()


async def test_a_deleted_alert_is_posted_anew_when_it_gets_worse(world: World) -> None:
    await watching(world)
    world.put(111, "RELAX")
    (alert,) = await world.told()
    await world.settled()

    world.discord.delete(alert)
    world.put(111, "BANNED")
    (anew,) = await world.told()
    await world.settled()

    assert anew.id != alert.id
    assert anew.content == f"<@&{world.role}> {texts.alerts.PUSH[AlertType.BANNED].format(token=111)}"
    assert anew.pings.roles == {world.role}
    assert world.discord.messages(world.alerts) == [anew]


async def test_the_end_of_an_incident_whose_alert_was_deleted_is_told_in_a_line(world: World) -> None:
    await watching(world)
    world.put(111, "RELAX")
    (alert,) = await world.told()
    await world.settled()

    world.discord.delete(alert)
    world.put(111, "FAST")
    (line,) = await world.told()
    await world.settled()

    assert line.content.startswith(texts.alerts.MISSED)
    assert line.silent
    assert not line.pings.roles
    assert world.discord.messages(world.alerts) == [line]


async def test_each_server_is_told_and_none_waits_for_another(world: World, discord: DiscordServer) -> None:
    other = discord.add_guild(name="Other")
    forbidden = discord.add_channel(other, "forbidden", deny=int(Permission.SEND_MESSAGES))
    third = discord.add_guild(name="Third")
    thirds = discord.add_channel(third, "alerts")
    world.bot.settings["HOME_SERVERS"] = f"{world.home},{other},{third}"
    await watching(world)
    for channel in (forbidden, thirds):
        typed = await discord.command("alerts setup", {"channel": channel}, channel_id=channel, permissions=MOD)
        await typed.answered()

    world.put(111, "RELAX")
    await world.told()
    await world.told(channel=thirds)
    await world.bot.says("Discord refuses an alert channel")
    world.put(111, "FAST")
    await world.told(2)
    await world.told(2, channel=thirds)

    assert [len(discord.messages(channel)) for channel in (world.alerts, forbidden, thirds)] == [2, 0, 2]


# What is known outlives a restart


async def test_a_token_that_left_fast_while_the_bot_was_down_is_told(world: World) -> None:
    await watching(world)
    await world.bot.kill()
    world.put(111, "RELAX")

    await world.start()

    (alert,) = await world.told()
    assert alert.content.endswith(LEFT_FAST)


async def test_a_token_first_seen_out_of_fast_is_never_told(world: World) -> None:
    world.put(111, "RELAX")
    await watching(world)
    world.imaginepro.link(linked_token(333, "BANNED"))
    await world.rounds(3)
    await world.restart()
    await world.rounds(3)
    world.put(111, "FAST")
    world.put(333, "FAST")
    await world.rounds(3)

    assert (await world.alerts_shown())[texts.alerts_overview.FIELD_OPEN] == texts.common.NONE
    assert world.discord.messages(world.alerts) == []


# ImaginePro fails


def _fleet(*tokens: dict[str, object]) -> Say:
    return Say(json.dumps(tokens).encode())


FAILURES: dict[str, list[ImagineProFault]] = {
    "malformed": [MALFORMED],
    "a page of a gateway": [GATEWAY_PAGE] * 3,
    "a page to log in": [LOGIN_PAGE],
    "503": [Refuse(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "20"})],
    "429": [Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "20"})],
    "401": [Refuse(HTTPStatus.UNAUTHORIZED)],
    "cut off": [Drop()] * 3,
    "much too long": [Flood(size=9 * 1024 * 1024)],
    "elsewhere": [Redirect("http://127.0.0.1:1/")],
    "no list": [Say(b'{"tokens": []}')],
    "null": [Say(b"null")],
    "a list without ids": [_fleet({"status": "BANNED"}, {"id": None, "status": "RELAX"})],
    "a token twice": [_fleet(linked_token(111, "BANNED").listed(), linked_token(111, "RELAX").listed())],
    "tokens without a status": [_fleet({"id": 111}, {"id": 222, "status": None})],
    "tokens of odd statuses": [_fleet({"id": 111, "status": ["RELAX"]}, {"id": 222, "status": {"FAST": True}})],
}


async def test_an_answer_that_fails_changes_no_state_and_tells_nothing(world: World) -> None:
    await watching(world)
    world.put(222, "RELAX")
    await world.told()
    await world.settled()

    for failures in FAILURES.values():
        # Each token has been read as changed once, and is in doubt: the failure must not pass for a second time.
        doubted = (linked_token(111, "RELAX").listed(), linked_token(222, "FAST").listed())
        world.imaginepro.queue(_fleet(*doubted), *failures, path=FLEET)
        await world.rounds(len(failures) + 2)

    assert len(world.discord.messages(world.alerts)) == 1
    assert len(world.bot.said("A token changed.")) == 1
    shown = await world.alerts_shown()
    assert "🟢 1 FAST, 🟡 1 RELAX" in shown[texts.alerts_overview.FIELD_WATCHED]
    assert shown[texts.alerts_overview.FIELD_OPEN].startswith("🟡 token 222 · RELAX")
