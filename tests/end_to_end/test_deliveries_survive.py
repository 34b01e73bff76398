"""Every alert is posted once, whatever fails on the way; and there are no false alerts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import pytest

from bot.storage.due_times import CLAIM_DURATION
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
from tests.titles import is_back, title_of

pytestmark = pytest.mark.slow

FOR_EVER = 1_000_000
LEFT_FAST = "🟡 **Token 111** is in RELAX"
IS_BACK = "🟢 **Token 111** was in RELAX for "


async def check_notified_once(world: World) -> None:
    """One alert, edited at its end, and one silent reply; each attempted with one nonce only."""
    await world.alert_posts(2)
    await world.settled()
    alert, reply = world.discord.messages(world.alerts)
    assert is_back(alert)
    assert (reply.reference_id, reply.silent) == (alert.id, True)
    assert not reply.pings.roles
    assert world.nonces() == {alert.nonce, reply.nonce}
    assert all(request.body["enforce_nonce"] for request in world.post_attempts())


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
async def test_is_posted_once_when_discord_fails(world: World, trouble: str) -> None:
    fault = TROUBLE[trouble]
    await world.watching()
    faults = [
        world.discord.faults.add(_copy(fault, method, path))
        for method, path in (("POST", world.posting()), ("PATCH", world.editing()))
    ]

    world.set_status(111, "RELAX")
    (alert,) = await world.alert_posts()
    await world.settled()
    assert title_of(alert) == LEFT_FAST
    assert alert.pings.roles == {world.role}
    replies = world.discord.faults.add(_copy(fault, "POST", world.posting()))
    world.set_status(111, "FAST")
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
async def test_honours_discords_retry_after(world: World, asked: int, via: bool) -> None:
    await world.watching()
    world.discord.faults.add(
        Fault("POST", world.posting(), status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=asked, via=via)
    )

    world.set_status(111, "RELAX")
    await world.alert_posts()

    refused, taken = world.post_attempts()
    assert taken.received - refused.received >= asked / SPEED


async def test_an_incident_missed_during_an_outage_is_one_line_afterwards(world: World) -> None:
    await world.watching()
    world.discord.faults.add(Fault("POST", world.posting(), "drop_before", times=FOR_EVER))

    world.set_status(111, "RELAX")
    await world.bot.says("A token changed.")
    world.set_status(111, "FAST")
    await world.bot.says("A token changed.", times=2)
    await world.rounds(2)
    world.discord.faults.clear()
    await world.alert_posts()
    await world.settled()

    (missed,) = world.discord.messages(world.alerts)
    assert missed.content.startswith(texts.alerts.MISSED)
    assert missed.silent
    assert not missed.pings.roles


FORGETFUL = pytest.mark.parametrize("nonce_lifetime", [0], indirect=True)


async def _lost(world: World, number: int) -> None:
    """Drop the response to the bot's next post, and let Discord fail for minutes."""
    arrived = world.discord.faults.add(Fault("POST", world.posting(), "drop_after"))
    for method in ("GET", "POST"):
        world.discord.faults.add(Fault(method, world.posting(), times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await world.alert_posts(number)
    await world.rounds(3 * 60 // POLL_SECONDS)
    assert arrived.hits == 1


@FORGETFUL
@pytest.mark.parametrize("meanwhile", ["RELAX", "BANNED", "FAST"])
async def test_an_alert_with_a_lost_response_is_found_after_its_nonce_expired(world: World, meanwhile: str) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    await _lost(world, 1)
    world.set_status(111, meanwhile)
    await world.rounds(4)
    world.discord.faults.clear()
    await world.settled()

    alert, *replies = world.discord.messages(world.alerts)
    assert alert.pings.roles == {world.role}
    assert title_of(alert).startswith(
        {
            "RELAX": "🟡 **Token 111** is in RELAX",
            "BANNED": "🔴 **Token 111** is banned",
            "FAST": IS_BACK,
        }[meanwhile]
    )
    assert [(reply.reference_id, reply.pings.roles) for reply in replies] == {
        "RELAX": [],
        "BANNED": [(alert.id, {world.role})],
        "FAST": [(alert.id, set())],
    }[meanwhile]


@FORGETFUL
async def test_a_reply_with_a_lost_response_is_found_after_its_nonce_expired(world: World) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    await world.alert_posts()
    await world.settled()
    world.set_status(111, "FAST")
    await _lost(world, 2)
    world.discord.faults.clear()

    await check_notified_once(world)


@FORGETFUL
async def test_a_line_with_a_lost_response_is_found_after_its_nonce_expired(world: World) -> None:
    await world.watching()
    world.discord.faults.add(Fault("POST", world.posting(), "drop_before", times=FOR_EVER))
    world.set_status(111, "RELAX")
    await world.bot.says("A token changed.")
    world.set_status(111, "FAST")
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
    """Kill the bot during its next matching request, or once that request has failed repeatedly."""
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
async def test_a_found_alert_is_recorded_when_the_bot_is_killed(world: World) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    await _lost(world, 1)
    world.set_status(111, "FAST")
    await world.rounds(4)
    world.discord.faults.clear()
    await _kill_at(world, "before its arrival is recorded", "POST", world.posting())

    await world.start()

    await check_notified_once(world)


# Slow enough that the bot is back while Discord still remembers the nonce, even if a busy machine starts it slowly.
@pytest.mark.parametrize("speed", [10], indirect=True)
@pytest.mark.parametrize(
    ("moment", "database_url"),
    [
        ("while it is on its way", "sqlite"),
        ("before it is sent", "sqlite"),
        ("before its arrival is recorded", "sqlite"),
        *((moment, "postgres") for moment in MOMENTS),
    ],
    indirect=["database_url"],
)
async def test_an_incident_is_posted_once_when_the_bot_is_killed(world: World, moment: str) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    await _kill_at(world, moment, "POST", world.posting())

    await world.start()
    await world.settled()

    (alert,) = await world.alert_posts()
    assert world.nonces() == {alert.nonce}
    assert len(world.post_attempts()) > 1
    assert alert.pings.roles == {world.role}

    world.set_status(111, "FAST")
    await _kill_at(world, moment, "POST", world.posting())

    await world.start()

    await check_notified_once(world)


@pytest.mark.parametrize("speed", [2], indirect=True)
async def test_a_delivery_in_flight_when_killed_is_sent_after_the_restart(world: World) -> None:
    """On SQLite no other process can have it, so there is no wait for claims to expire."""
    await world.watching()
    world.discord.faults.add(Fault("POST", world.posting(), "call_before", callback=_kills(world)))
    world.set_status(111, "BANNED")
    await world.bot.ended()

    await world.start()

    await world.discord.wait_for(lambda: len(world.post_attempts()) == 2, CLAIM_DURATION.total_seconds() / 2 / 2)


async def test_the_end_is_posted_once_when_the_bot_is_killed_during_the_edit(world: World) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    await world.alert_posts()
    await world.settled()
    world.set_status(111, "FAST")
    await _kill_at(world, "before its arrival is recorded", "PATCH", world.editing())

    await world.start()

    await check_notified_once(world)


async def test_an_incident_that_ended_while_the_bot_was_down_is_posted_once(world: World) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    await _kill_at(world, "before its arrival is recorded", "POST", world.posting())
    world.set_status(111, "FAST")

    await world.start()

    await world.alert_posts(2)
    await check_notified_once(world)


# Channels and Discord messages are deleted


@pytest.mark.parametrize("trouble", ["forbidden", "deleted"])
async def test_deliveries_wait_for_a_channel_that_takes_them(world: World, trouble: str) -> None:
    await world.watching()
    match trouble:
        case "forbidden":
            world.discord.change_channel(world.alerts, bot_may_send=False)
        case "deleted":
            world.discord.remove_channel(world.alerts)

    world.set_status(111, "RELAX")
    await world.bot.says("Discord refuses an alert channel")
    await world.rounds(3)
    shown = await world.alerts_shown()
    elsewhere = world.discord.add_channel(world.home, "elsewhere")
    answer = await world.set_up_alerts(elsewhere)
    restored, alert = await world.alert_posts(2, channel=elsewhere)

    assert sum(request.body["nonce"] == alert.nonce for request in world.post_attempts()) == 1
    assert restored.content == texts.alerts.ROUTE_RESTORED
    assert texts.alerts_overview.BROKEN.partition("{")[0] in shown[texts.alerts_overview.FIELD_CHANNEL]
    assert shown[texts.alerts_overview.FIELD_WAITING].startswith("1")
    assert texts.alert_setup.SETUP_DELIVERS.format(number=1) in answer.content
    assert alert.nonce in world.nonces()
    assert world.nonces(elsewhere) == {restored.nonce, alert.nonce}


async def test_a_deleted_alert_is_posted_again_when_it_gets_worse(world: World) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    (alert,) = await world.alert_posts()
    await world.settled()

    world.discord.delete(alert)
    world.set_status(111, "BANNED")
    (posted_again,) = await world.alert_posts()
    await world.settled()

    assert posted_again.id != alert.id
    assert title_of(posted_again) == "🔴 **Token 111** is banned"
    assert posted_again.pings.roles == {world.role}
    assert world.discord.messages(world.alerts) == [posted_again]


async def test_the_end_of_a_deleted_alert_is_one_line(world: World) -> None:
    await world.watching()
    world.set_status(111, "RELAX")
    (alert,) = await world.alert_posts()
    await world.settled()

    world.discord.delete(alert)
    world.set_status(111, "FAST")
    (line,) = await world.alert_posts()
    await world.settled()

    assert line.content.startswith("✅ **Token 111** is back in FAST after ")
    assert line.silent
    assert not line.pings.roles
    assert world.discord.messages(world.alerts) == [line]


async def test_each_server_is_alerted_without_waiting_for_another(world: World, discord: DiscordServer) -> None:
    other = discord.add_guild(name="Other")
    forbidden = discord.add_channel(other, "forbidden", deny=int(Permission.SEND_MESSAGES))
    third = discord.add_guild(name="Third")
    thirds = discord.add_channel(third, "alerts")
    world.bot.settings["HOME_SERVERS"] = f"{world.home},{other},{third}"
    await world.watching()
    for channel in (forbidden, thirds):
        typed = await discord.command("alerts setup", {"channel": channel}, channel_id=channel, permissions=MOD)
        await typed.answered()

    world.set_status(111, "RELAX")
    await world.alert_posts()
    await world.alert_posts(channel=thirds)
    await world.bot.says("Discord refuses an alert channel")
    world.set_status(111, "FAST")
    await world.alert_posts(2)
    await world.alert_posts(2, channel=thirds)

    assert [len(discord.messages(channel)) for channel in (world.alerts, forbidden, thirds)] == [2, 0, 2]


# State survives a restart


async def test_a_token_that_left_fast_during_downtime_is_alerted(world: World) -> None:
    await world.watching()
    await world.bot.kill()
    world.set_status(111, "RELAX")

    await world.start()

    (alert,) = await world.alert_posts()
    assert title_of(alert) == LEFT_FAST


async def test_a_token_first_seen_out_of_fast_is_never_alerted(world: World) -> None:
    world.set_status(111, "RELAX")
    await world.watching()
    world.imaginepro.link(linked_token(333, "BANNED"))
    await world.rounds(3)
    await world.restart()
    await world.rounds(3)
    world.set_status(111, "FAST")
    world.set_status(333, "FAST")
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


async def test_a_failed_response_changes_no_state_and_causes_no_alert(world: World) -> None:
    await world.watching()
    world.set_status(222, "RELAX")
    await world.alert_posts()
    await world.settled()

    for failures in FAILURES.values():
        # Each token has been read as changed once, and is pending: the failure must not count as a second reading.
        doubted = (linked_token(111, "RELAX").listed(), linked_token(222, "FAST").listed())
        world.imaginepro.queue(_fleet(*doubted), *failures, path=FLEET)
        await world.rounds(len(failures) + 2)

    assert len(world.discord.messages(world.alerts)) == 1
    assert len(world.bot.said("A token changed.")) == 1
    shown = await world.alerts_shown()
    assert "🟢 1 FAST, 🟡 1 RELAX" in shown[texts.alerts_overview.FIELD_WATCHED]
    assert shown[texts.alerts_overview.FIELD_OPEN].startswith("🟡 token 222 · RELAX")
