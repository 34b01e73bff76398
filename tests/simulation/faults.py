"""What goes wrong: at ImaginePro, at Discord, with the disk, the clock and the process."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from random import Random
from typing import Any

from tests.monitor.world import Team
from tests.simulation.history import Sort
from tests.simulation.transports import database_error
from tests.simulation.world import TOKENS, World
from tests.standins.discord_faults import Fault
from tests.standins.discord_state import GUILDS
from tests.standins.imaginepro_server import GATEWAY_PAGE, LOGIN_PAGE, MALFORMED, Delay, Drop, Refuse, Say
from tests.standins.imaginepro_server import Fault as ImagineProFault

Values = dict[str, int | float | str]
Act = Callable[[World, Mapping[str, Any]], Awaitable[None]]

SORTS: dict[str, Sort] = {}
ACTS: dict[str, Act] = {}


def sort(name: str, a_day: float, draw: Callable[[Random], Values]) -> Callable[[Act], Act]:
    """Register a function as what happens in a sort of event."""

    def register(act: Act) -> Act:
        SORTS[name], ACTS[name] = Sort(a_day, draw), act
        return act

    return register


def lasting(random: Random) -> int:
    """Draw how many seconds a fault lasts: mostly minutes, sometimes hours."""
    return int(random.choice((random.uniform(5, 90), random.uniform(60, 900), random.uniform(600, 9000))))


# --- ImaginePro

_HTML_403 = Say(b"<html><title>Just a moment...</title></html>", "text/html", HTTPStatus.FORBIDDEN)
_HTML_404 = Say(b"<html><title>404 Not Found</title></html>", "text/html", HTTPStatus.NOT_FOUND)


def _null_statuses(word: Any) -> Say:
    listed = [{"id": token, "status": word, "isActive": True, "info": {}} for token in TOKENS]
    return Say(json.dumps(listed).encode())


IMAGINEPRO_FAULTS: dict[str, ImagineProFault] = {
    "500": Refuse(HTTPStatus.INTERNAL_SERVER_ERROR),
    "503": Refuse(HTTPStatus.SERVICE_UNAVAILABLE),
    "503, Retry-After": Refuse(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "240"}),
    "429": Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "120"}),
    "401": Refuse(HTTPStatus.UNAUTHORIZED),
    "a gateway's page": GATEWAY_PAGE,
    "a page to log in": LOGIN_PAGE,
    "half an answer": MALFORMED,
    "cut off": Drop(),
    "slow": Delay(4),
    "hangs": Delay(60),
    "403, HTML": _HTML_403,
    "403, JSON": Refuse(HTTPStatus.FORBIDDEN),
    "402": Refuse(HTTPStatus.PAYMENT_REQUIRED),
    "404, HTML": _HTML_404,
    "404, JSON": Refuse(HTTPStatus.NOT_FOUND),
    "blank fleet": Say(b"[]"),
    "null statuses": _null_statuses(None),
    "statuses of a wrong type": _null_statuses({"mode": "FAST"}),
}
_STILL_READ = {"slow"}


@sort(
    "ImaginePro fails",
    5,
    lambda random: {"how": random.choice(list(IMAGINEPRO_FAULTS)), "seconds": lasting(random)},
)
async def imaginepro_fails(world: World, values: Mapping[str, Any]) -> None:
    """Every request to ImaginePro fails in one way."""
    fault = IMAGINEPRO_FAULTS[values["how"]]
    world.imaginepro.outage = fault
    # After a request to slow down, the bot waits longer than the fault lasts.
    waits = float(fault.headers.get("Retry-After", 0)) if isinstance(fault, Refuse) else 0
    async with world.troubled("imaginepro", after=waits, is_harmless=values["how"] in _STILL_READ):
        await asyncio.sleep(values["seconds"])
        if world.imaginepro.outage is fault:
            world.imaginepro.outage = None


# --- Discord


_ALL = ".*"
_MESSAGES = r"/channels/\d+/messages.*"
_ALWAYS = -1
_LOOK_SECONDS = 30
_LONGEST_WAIT = 3 * 60 * 60


def _status(status: int, code: int = 0, path: str = _MESSAGES) -> Callable[[str], list[Fault]]:
    return lambda _: [
        Fault(method, path, times=_ALWAYS, status=status, code=code) for method in ("GET", "POST", "PATCH", "PUT")
    ]


def _both(kind: Any, seconds: float = 0) -> Callable[[str], list[Fault]]:
    return lambda _: [Fault(method, _MESSAGES, kind, times=_ALWAYS, seconds=seconds) for method in ("POST", "PATCH")]


def _too_many(methods: tuple[str, ...], seconds: float, code: int = 0, *, via: bool = True) -> Any:
    def faults(_: str) -> list[Fault]:
        return [
            Fault(method, _MESSAGES, times=_ALWAYS, status=429, code=code, retry_after=seconds, via=via)
            for method in methods
        ]

    return faults


def _of_one_token(status: int, code: int) -> Callable[[str], list[Fault]]:
    return lambda token: [
        Fault(method, _MESSAGES, times=_ALWAYS, status=status, code=code, body=token) for method in ("POST", "PATCH")
    ]


DISCORD_FAULTS: dict[str, Callable[[str], list[Fault]]] = {
    "500": _status(500),
    "502": _status(502),
    "503": _status(503, path=_ALL),
    "cut off before": _both("drop_before"),
    "cut off after": _both("drop_after"),
    "slow": _both("delay", 8),
    "hangs": _both("delay", 60),
    "429": _too_many(("POST", "PATCH"), 7),
    "429, long": _too_many(("POST", "PATCH"), 200),
    "429 of the edge": _too_many(("POST", "PATCH"), 30, via=False),
    "403 of the edge, HTML": lambda _: [
        Fault(method, _MESSAGES, times=_ALWAYS, status=403, is_page=True) for method in ("GET", "POST", "PATCH")
    ],
    "403, code 40333": _status(403, 40333),
    "403, code 0": _status(403),
    "400 on one token, 50035": _of_one_token(400, 50035),
    "400 on one token, 200000": _of_one_token(400, 200000),
    "429 on edits, 30046": _too_many(("PATCH",), 600, 30046),
}
_WAITS_AFTER = {"429, long": 200, "429 of the edge": 30, "429 on edits, 30046": 600}


@sort(
    "Discord fails",
    8,
    lambda random: {
        # The oldest danger of all: it has arrived, and nobody knows.
        "how": random.choice([*DISCORD_FAULTS, *4 * ["cut off after"]]),
        "token": str(random.choice(TOKENS)),
        "seconds": lasting(random),
        # Few messages are sent on a day, so most faults wait for one: for so many requests. 0 stands for all.
        "times": random.choice((1, 1, 2, 4, 0)),
    },
)
async def discord_fails(world: World, values: Mapping[str, Any]) -> None:
    """Requests to Discord fail in one way: all of them for a while, or the next few."""
    times, faults = values["times"], DISCORD_FAULTS[values["how"]](values["token"])
    for fault in faults:
        fault.times = times or _ALWAYS
        world.discord.faults.add(fault)
    async with world.troubled("discord", after=_WAITS_AFTER.get(values["how"], 0)):
        await (_until_hit(faults, times) if times else asyncio.sleep(values["seconds"]))
        world.faults.remove(faults)


async def _until_hit(faults: list[Fault], times: int) -> None:
    for _ in range(_LONGEST_WAIT // _LOOK_SECONDS):
        await asyncio.sleep(_LOOK_SECONDS)
        if sum(fault.hits for fault in faults) >= times:
            return


@sort("the gateway is away", 2, lambda random: {"seconds": lasting(random)})
async def gateway_away(world: World, values: Mapping[str, Any]) -> None:
    """No events from Discord; they come when it is back."""
    with world.without_gateway():
        async with world.troubled("gateway"):
            await asyncio.sleep(values["seconds"])


def team_of(world: World, values: Mapping[str, Any]) -> Team:
    """Return the team that an event is about."""
    return world.teams[int(values["team"])]


def _a_team(random: Random) -> Values:
    return {"team": random.randrange(2), "seconds": lasting(random)}


@sort("a channel is denied", 1, _a_team)
async def channel_denied(world: World, values: Mapping[str, Any]) -> None:
    """The bot may not send in the alert channel for a while."""
    team = team_of(world, values)
    if (channel := world.discord._state.channels.get(team.alerts)) is None:
        return
    async with world.troubled(f"route of {team.id}"):
        world.discord.change_channel(team.alerts, bot_may_send=False)
        world.truth.denied[team.id] = world.loop.time()
        await asyncio.sleep(values["seconds"])
        world.truth.denied.pop(team.id, None)
        channel.overwrites.clear()
        # Without the bot in the server, it learns this when it is invited again.
        if team.alerts in world.discord._state.channels:
            world.discord.change_channel(team.alerts)


@sort("the bot is kicked and invited again", 0.3, _a_team)
async def kicked(world: World, values: Mapping[str, Any]) -> None:
    """The bot is away from a server, in which everything stays as it was."""
    team, state = team_of(world, values), world.discord._state
    if team.id not in state.guilds:
        return
    guild = state.guilds[team.id]
    async with world.troubled(f"route of {team.id}"):
        world.discord.remove_guild(team.id)
        await asyncio.sleep(values["seconds"])
        state.guilds[team.id] = guild
        state.channels |= guild.channels
        joined = state.guild_create_json(guild)
        del joined["unavailable"]
        state.dispatch("GUILD_CREATE", joined, GUILDS)


# --- The disk, the clock, the process


def _fails_on(words: str, code: int, *starts: str, after: float = 0) -> Callable[[str], Any]:
    async def fail() -> None:
        await asyncio.sleep(after)
        raise database_error(words, code)

    return lambda statement: fail() if statement.startswith(starts) else None


_DATABASE_SECONDS = 40
"""How long a transaction that began during a fault may take to fail."""
DISK_FAULTS: dict[str, Callable[[str], Any]] = {
    "locked by another program": _fails_on("database is locked", sqlite3.SQLITE_BUSY, "BEGIN IMMEDIATE", after=1),
    "full": _fails_on("database or disk is full", sqlite3.SQLITE_FULL, "COMMIT", "INSERT", "UPDATE", "DELETE"),
    "unreadable": _fails_on("disk I/O error", sqlite3.SQLITE_IOERR, ""),
}


@sort("the disk fails", 1.5, lambda random: {"how": random.choice(list(DISK_FAULTS)), "seconds": lasting(random)})
async def disk_fails(world: World, values: Mapping[str, Any]) -> None:
    """The database cannot be written, or not even be read."""
    fault = DISK_FAULTS[values["how"]]
    async with world.troubled("disk", after=_DATABASE_SECONDS):
        world.disk.fault = fault
        await asyncio.sleep(values["seconds"])
        if world.disk.fault is fault:
            world.disk.fault = None


@sort(
    "the clock jumps",
    0.7,
    lambda random: {"hours": random.choice((-30, -6, -1, -0.02, 0.02, 1, 6, 30)), "seconds": lasting(random)},
)
async def clock_jumps(world: World, values: Mapping[str, Any]) -> None:
    """The wall clock is wrong for a while."""
    error = timedelta(hours=values["hours"])
    async with world.troubled("clock"):
        world.clock.error += error
        await asyncio.sleep(values["seconds"])
        world.clock.error -= error
    world.truth.clock_was_set()


@sort("a restart", 1, lambda random: {"seconds": random.choice((1, 20, 300, 5000)), "killed": random.randrange(2)})
async def restart(world: World, values: Mapping[str, Any]) -> None:
    """The bot is stopped or killed, and started again after a while."""
    if not world.is_running:
        return
    async with world.troubled("process"):
        await (world.kill() if values["killed"] else world.stop())
        await asyncio.sleep(values["seconds"])
        world.start()


@sort("a backup is made", 1, lambda random: {})
async def backup(world: World, values: Mapping[str, Any]) -> None:
    """The database is copied while the bot runs."""
    world.back_up()


@sort("the backup is restored", 0.2, lambda random: {})
async def restore(world: World, values: Mapping[str, Any]) -> None:
    """The bot is killed, and starts again on the copy."""
    if not world.is_running or not world.has_backup:
        return
    if world.truth.is_unsure or world.truth.was_unsure_at_backup:
        # What the settings are then is clear to nobody.
        return
    async with world.troubled("process"):
        await world.kill()
        world.restore()
        await asyncio.sleep(60)
        world.start()
