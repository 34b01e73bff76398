"""What tokens and people do: tokens change, moderators press, mute, set rules and delete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

from bot.ui import texts
from tests.simulation.faults import sort, team_of
from tests.simulation.quiet_truth import NONE
from tests.simulation.world import TOKENS, World

_OFF = (texts.alert_setup.OFF_DONE, texts.alert_setup.OFF_ALREADY)
_SET_UP = (texts.alert_setup.SETUP_DONE.partition("{")[0],)
_SET = (texts.rules.CHANGED, texts.rules.UNCHANGED.partition("{")[0])
_STATUSES = ("FAST", "FAST", "FAST", "RELAX", "RELAX", "VERIFYING", "BANNED", "UPGRADING")
_FAST_TIMES = ("15.00/15.0 hours (100.00%)", "2.00/15.0 hours (13.33%)", "0.30/15.0 hours (2.00%)")
_CREDITS = (1240, 700, 200, 100, 0)
_PLAN_HOURS = (2, 30, 100, 30 * 24, 365 * 24)
_MUTES = ("30m", "2h", "8h")
BUTTONS = (
    texts.buttons.ACKNOWLEDGE,
    texts.buttons.ASSIGN,
    texts.buttons.TAKE_OVER,
    texts.buttons.UNMUTE,
    texts.buttons.CLOSE,
    texts.buttons.DETAILS,
)
_MUTE_CHOICES = (texts.buttons.MUTE_FOR[1], texts.buttons.MUTE_UNTIL_BACK)


def _a_token(random: Random) -> int:
    return random.choice(TOKENS)


@sort("a token changes", 18, lambda random: {"token": _a_token(random), "to": random.choice(_STATUSES)})
async def token_changes(world: World, values: Mapping[str, Any]) -> None:
    """ImaginePro has another status for a token."""
    world.truth.change(values["token"], status=values["to"])


@sort(
    "several tokens change",
    2,
    lambda random: {"number": random.randint(2, 6), "to": random.choice(_STATUSES), "first": random.randrange(6)},
)
async def several_change(world: World, values: Mapping[str, Any]) -> None:
    """Several change at once."""
    for place in range(values["number"]):
        world.truth.change(TOKENS[(values["first"] + place) % len(TOKENS)], status=values["to"])


@sort("a token is switched", 2, lambda random: {"token": _a_token(random), "on": random.randrange(2)})
async def token_switched(world: World, values: Mapping[str, Any]) -> None:
    """Its owner switches it on or off at ImaginePro."""
    world.truth.change(values["token"], is_active=bool(values["on"]))


@sort("a token is unlinked or linked", 2, lambda random: {"token": _a_token(random), "linked": random.randrange(2)})
async def token_linked(world: World, values: Mapping[str, Any]) -> None:
    """It leaves the list, or is back in it."""
    world.truth.change(values["token"], is_listed=bool(values["linked"]))


@sort("a token uses its hours", 4, lambda random: {"token": _a_token(random), "left": random.choice(_FAST_TIMES)})
async def token_uses_hours(world: World, values: Mapping[str, Any]) -> None:
    """It has less fast time, or all of it again."""
    world.truth.fast_time(values["token"], values["left"])


@sort("credits change", 1, lambda random: {"left": random.choice(_CREDITS)})
async def credits_change(world: World, values: Mapping[str, Any]) -> None:
    """The account uses credits, or buys some."""
    world.truth.change_credits(values["left"])


@sort("the plan changes", 0.7, lambda random: {"hours": random.choice(_PLAN_HOURS)})
async def plan_changes(world: World, values: Mapping[str, Any]) -> None:
    """The plan is cancelled, or renewed."""
    world.truth.change_plan(values["hours"] * 3600)


@sort(
    "somebody presses a button",
    6,
    lambda random: {"team": random.randrange(2), "button": random.choice(BUTTONS), "which": random.randrange(100)},
)
async def press(world: World, values: Mapping[str, Any]) -> None:
    """A moderator presses a button of any alert that has it."""
    team, button = team_of(world, values), values["button"]
    having = [message for message in team.posted() if button in message.custom_ids()]
    if having:
        message = having[values["which"] % len(having)]
        world.truth.pressed(message, button)
        await world.presses(team, message.id, message.custom_ids()[button])


@sort(
    "somebody uses the menu of an alert",
    1,
    lambda random: {
        "team": random.randrange(2),
        "chosen": random.choice(("note", "unacknowledge")),
        "which": random.randrange(100),
    },
)
async def use_menu(world: World, values: Mapping[str, Any]) -> None:
    """A moderator adds a note to an alert, or takes back its acknowledgement."""
    team = team_of(world, values)
    having = [message for message in team.posted() if texts.buttons.MORE_MENU in message.custom_ids()]
    if having:
        message = having[values["which"] % len(having)]
        custom_id = message.custom_ids()[texts.buttons.MORE_MENU]
        if values["chosen"] == "unacknowledge":
            world.truth.unacknowledged(message)
        opened = await world.selects(team, message.id, custom_id, values["chosen"])
        if opened is not None and opened.modal is not None:
            await world.submits(opened, "its owner knows")


@sort(
    "somebody mutes an alert",
    1.5,
    lambda random: {
        "team": random.randrange(2),
        "lasts": random.choice(_MUTE_CHOICES),
        "which": random.randrange(100),
    },
)
async def mute_alert(world: World, values: Mapping[str, Any]) -> None:
    """A moderator presses Mute under an alert, and chooses how long."""
    team = team_of(world, values)
    having = [message for message in team.posted() if texts.buttons.MUTE in message.custom_ids()]
    if not having:
        return
    message = having[values["which"] % len(having)]
    asked = await world.presses(team, message.id, message.custom_ids()[texts.buttons.MUTE])
    if asked is not None and await world.chooses(asked, values["lasts"]) is not None:
        world.truth.muted_alert(message, values["lasts"])


@sort(
    "somebody mutes",
    3,
    lambda random: {
        "team": random.randrange(2),
        "token": random.choice((0, _a_token(random))),
        "lasts": random.choice(_MUTES),
    },
)
async def mute(world: World, values: Mapping[str, Any]) -> None:
    """A moderator mutes all alerts, or those of one token."""
    team = team_of(world, values)
    only = {"token": str(values["token"])} if values["token"] else {}
    answer = await world.types(team, "alerts mute", duration=values["lasts"], **only)
    if answer is not None:
        world.truth.muted(team, values["token"], values["lasts"])


@sort(
    "somebody unmutes",
    1,
    lambda random: {"team": random.randrange(2), "token": random.choice((0, _a_token(random)))},
)
async def unmute(world: World, values: Mapping[str, Any]) -> None:
    """A moderator ends a mute."""
    team = team_of(world, values)
    only = {"token": str(values["token"])} if values["token"] else {}
    await world.types(team, "alerts unmute", **only)


_RULES = (("confirm_leaving", "1"), ("confirm_leaving", "3"), ("group_from", "2"), ("group_from", "5"))


@sort("somebody sets a rule", 0.5, lambda random: {"team": random.randrange(2), "which": random.randrange(len(_RULES))})
async def set_rule(world: World, values: Mapping[str, Any]) -> None:
    """A moderator changes when alerts are sent."""
    name, value = _RULES[values["which"]]
    await world.types(team_of(world, values), "alerts rules set", rule=name, value=value)


@sort(
    "somebody sets quiet hours",
    0.7,
    lambda random: {
        "team": random.randrange(2),
        "hours": random.choice(("22:00-07:00", "06:30-12:00", "13:00-20:45", NONE)),
    },
)
async def set_quiet_hours(world: World, values: Mapping[str, Any]) -> None:
    """A moderator sets the hours in which only urgent alerts ping, or has none any more."""
    team = team_of(world, values)
    quiet_hours = world.truth.quiet_hours[team.id]
    if quiet_hours.is_changing:
        return
    quiet_hours.is_changing = True
    async with world.troubled(f"rules of {team.id}"):
        await world.insists(team, "alerts rules set", _SET, rule="quiet_hours", value=values["hours"])
        quiet_hours.is_changing = False
        quiet_hours.change(values["hours"], world.loop.time())


@sort("somebody deletes an alert", 0.5, lambda random: {"team": random.randrange(2), "which": random.randrange(100)})
async def delete(world: World, values: Mapping[str, Any]) -> None:
    """A moderator deletes an alert by hand."""
    posted = team_of(world, values).posted()
    if posted:
        message = posted[values["which"] % len(posted)]
        world.truth.deleted_by_hand(message)
        world.discord.delete(message)


@sort(
    "somebody asks",
    3,
    lambda random: {
        "team": random.randrange(2),
        "command": random.choice(("token list", "alerts show", "status", "about", "alerts test")),
    },
)
async def ask(world: World, values: Mapping[str, Any]) -> None:
    """A moderator types a command that changes nothing."""
    await world.types(team_of(world, values), values["command"])


@sort(
    "alerts are switched off and on",
    0.5,
    lambda random: {"team": random.randrange(2), "seconds": random.choice((60, 3600, 4 * 3600))},
)
async def switch_alerts_off(world: World, values: Mapping[str, Any]) -> None:
    """A moderator switches alerts off, and sets them up again later."""
    team = team_of(world, values)
    if team.id in world.truth.off:
        return
    async with world.troubled(f"alerts off of {team.id}"):
        await world.insists(team, "alerts off", _OFF)
        world.truth.switched_off(team)
        await asyncio.sleep(values["seconds"])
        await world.insists(team, "alerts setup", _SET_UP, channel=team.alerts, role=team.role)
        del world.truth.off[team.id]
