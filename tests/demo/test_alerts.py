"""The scenario "alerts" shows every kind of alert, each when it is announced: played by the real bot, with no page."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import pairwise
from typing import Any

import pytest
import stamina

from bot.demo.scenario import Simulation, TokenScript
from bot.demo.scenarios.alerts import ALERTS, FLAPPING_TOKEN, FORGOTTEN_TOKEN, GROUP
from bot.demo.world import World, open_world
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.ui import texts
from tests.clocks import NOON

_SILENT = 1 << 12  # Discord's documentation, message flags, SUPPRESS_NOTIFICATIONS
_ENDS = 67


class Told(Enum):
    """What a Discord message of the bot is."""

    POST = auto()
    EDIT = auto()
    AGAIN = auto()
    """A reply that is heard: it got worse, or is called to mind."""
    END = auto()
    """A reply that makes no sound."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A Discord message as it was posted or edited, and the minute in which that was."""

    minute: float
    id: str
    told: Told
    words: str
    card: Mapping[str, Any]

    @property
    def names_role(self) -> bool:
        return "<@&" in self.words


async def play() -> list[Seen]:
    """Live through the scenario once, as fast as it goes."""
    seen: list[Seen] = []
    async with open_world(NOON, ALERTS) as world:

        def notice(event: str, payload: Mapping[str, Any]) -> None:
            if event in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
                seen.append(_seen(world, payload, is_edit=event == "MESSAGE_UPDATE"))

        world.env.backend.subscribers.append(notice)
        await live(world, until=_ENDS)
        world.env.backend.subscribers.remove(notice)
    return seen


async def live(world: World, *, until: float) -> None:
    """Let rounds and deliveries go on until that minute."""
    while world.clock.now() < NOON + timedelta(minutes=until):
        pause = await world.monitor.round()
        await world.bot.notifier.deliver_due()
        await world.pass_time(world.clock.jitter(pause.total_seconds()))


def _seen(world: World, payload: Mapping[str, Any], *, is_edit: bool) -> Seen:
    told = Told.EDIT if is_edit else Told.POST
    if payload.get("message_reference") and not is_edit:
        told = Told.END if payload.get("flags", 0) & _SILENT else Told.AGAIN
    return Seen(
        minute=(world.clock.now() - NOON) / timedelta(minutes=1),
        id=payload["id"],
        told=told,
        words=payload["content"],
        card=next(iter(payload.get("embeds", ())), {}),
    )


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    with stamina.set_testing(True, attempts=1):
        return asyncio.run(play())


EXPECTED = (
    # From which minute, to which minute, what it is, and what stands in it.
    (1, 2.4, Told.POST, "311 left FAST"),
    (2, 3.4, Told.POST, "731 left FAST"),
    (4, 5.4, Told.END, "311"),
    (5, 6.2, Told.POST, "427 must be verified"),
    (6, 7.4, Told.POST, "311 left FAST"),
    (8, 9.4, Told.END, "427"),
    (8.5, 9.9, Told.END, "311"),
    (9, 10.4, Told.POST, "205 left FAST"),
    (11, 12.4, Told.POST, "311 left FAST"),
    (13, 14.2, Told.AGAIN, "banned"),
    (13.5, 14.9, Told.END, "311"),
    (16, 17.4, Told.POST, "311 keeps leaving FAST"),
    (19, 20.4, Told.POST, "3 tokens left FAST"),
    (24, 25.4, Told.END, "205"),
    (26, 27.4, Told.END, "3 tokens"),
    (29, 30.4, Told.POST, "640 is low"),
    (33, 34.4, Told.AGAIN, "640 has almost no fast hours"),
    (37, 38.4, Told.END, "640"),
    (39, 40.4, Told.POST, "198 is no longer listed"),
    (42, 43.4, Told.END, "198"),
    (47.9, 51.9, Told.POST, "isn't responding"),
    (54, 56.4, Told.END, "responding again"),
    (54, 56.6, Told.POST, "808 was switched off"),
    (58.5, 60.2, Told.END, "311 stays in FAST"),
    (59, 60.4, Told.END, "808"),
    (62, 64.2, Told.AGAIN, "731 is still out of FAST"),
    (65, 66.4, Told.END, "731"),
)


def test_each_alert_is_seen_in_time_and_nothing_else_is(seen: list[Seen]) -> None:
    said = [one for one in seen if one.told is not Told.EDIT]
    for since, until, told, words in EXPECTED:
        fitting = [one for one in said if since <= one.minute <= until and one.told is told and words in one.words]
        assert fitting, f"missing or late: {words}; seen: {said}"
        said.remove(fitting[0])

    assert said == []


def test_only_the_end_of_an_incident_pings_nobody(seen: list[Seen]) -> None:
    assert {(one.told, one.names_role) for one in seen if one.told is not Told.EDIT} == {
        (Told.POST, True),
        (Told.AGAIN, True),
        (Told.END, False),
    }


def test_a_flapping_token_is_told_once_and_kept_up_to_date_by_edits(seen: list[Seen]) -> None:
    [alert] = [one for one in seen if one.told is Told.POST and "311 keeps leaving FAST" in one.words]
    edits = [one for one in seen if one.id == alert.id and one.told is Told.EDIT]

    assert len(edits) >= 5


def test_the_group_is_one_card_that_lists_its_tokens(seen: list[Seen]) -> None:
    [alert] = [one for one in seen if one.told is Told.POST and "3 tokens left FAST" in one.words]

    assert all(str(token_id) in alert.card["description"] for token_id in GROUP)


@pytest.mark.slow
async def test_what_somebody_has_acknowledged_is_not_called_to_mind() -> None:
    with stamina.set_testing(True, attempts=1):
        async with open_world(NOON, ALERTS) as world:
            await live(world, until=4)
            [alert] = [one for one in world.channel.history() if f"{FORGOTTEN_TOKEN} left FAST" in one.content]
            await world.mod.click(alert, label=texts.buttons.ACKNOWLEDGE)
            await live(world, until=_ENDS)
            said = [one.content for one in world.channel.history() if str(FORGOTTEN_TOKEN) in one.content]

    assert [words[:1] for words in said] == ["T", "✅"]


def entered(course: TokenScript, until: datetime) -> Iterator[tuple[float, str | Mode]]:
    """Yield each minute in which the token's mode is another than 15 seconds before, and the new mode."""
    simulation = Simulation(ALERTS, NOON)
    modes: list[str | Mode] = []
    for step in range(int((until - NOON) / timedelta(seconds=15))):
        fleet = {token.token_id: token for token in simulation.fleet(NOON + timedelta(seconds=15 * step))}
        token = fleet.get(course.token_id)
        modes.append(Mode.GONE if token is None else token.status if token.is_active else Mode.OFF)
        if step and modes[-1] != modes[-2]:
            yield step / 4, modes[-1]


@pytest.mark.parametrize("course", ALERTS.tokens, ids=lambda course: str(course.token_id))
def test_every_token_is_in_fast_when_watching_begins_and_stays_in_each_mode_long_enough_to_be_believed(
    course: TokenScript,
) -> None:
    minutes = [0, *(minute for minute, _ in entered(course, NOON + timedelta(minutes=80))), 80]

    assert (course.stages[0].status, course.stages[0].is_active, course.stages[0].is_listed) == ("FAST", True, True)
    assert all(later - earlier >= 1 for earlier, later in pairwise(minutes[:2]))
    assert all(later - earlier >= 2 for earlier, later in pairwise(minutes[1:]))


def test_all_tables_begin_anew_together() -> None:
    lengths = {sum((stage.lasts for stage in course.stages), timedelta()) for course in ALERTS.tokens}

    assert lengths == {sum((row.lasts for row in ALERTS.service), timedelta())} == {timedelta(minutes=80)}


def test_no_token_flaps_at_once_when_all_begins_anew() -> None:
    [course] = [course for course in ALERTS.tokens if course.token_id == FLAPPING_TOKEN]
    rules, late = Rules(), 2
    left = [minute for minute, mode in entered(course, NOON + timedelta(hours=3)) if mode != "FAST"]
    again = [minute for minute in left if minute >= 80]

    for first_three in again[:3]:
        lately = [minute for minute in left if 0 <= first_three - minute < rules.flapping_within.seconds / 60 + late]
        assert len(lately) <= rules.flapping_after
