"""The scenario "alerts" shows every alert type at its announced time: played by the real bot, without a page."""

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


class PostType(Enum):
    """The kind of a Discord message of the bot."""

    POST = auto()
    EDIT = auto()
    AGAIN = auto()
    """A reply with a ping: worsening, or a reminder."""
    END = auto()
    """A silent reply."""


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A Discord message as posted or edited, and the minute in which that happened."""

    minute: float
    id: str
    post_type: PostType
    words: str
    card: Mapping[str, Any]

    @property
    def names_role(self) -> bool:
        return "<@&" in self.words


async def play() -> list[SeenMessage]:
    """Play the scenario once, as fast as possible."""
    seen: list[SeenMessage] = []
    async with open_world(NOON, ALERTS) as world:

        def record_event(event: str, payload: Mapping[str, Any]) -> None:
            if event in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
                seen.append(_seen(world, payload, is_edit=event == "MESSAGE_UPDATE"))

        world.env.backend.subscribers.append(record_event)
        await live(world, until=_ENDS)
        world.env.backend.subscribers.remove(record_event)
    return seen


async def live(world: World, *, until: float) -> None:
    """Run rounds and deliveries until that minute."""
    while world.clock.now() < NOON + timedelta(minutes=until):
        pause = await world.monitor.round()
        await world.bot.notifier.deliver_due()
        await world.pass_time(world.clock.jitter(pause.total_seconds()))


def _seen(world: World, payload: Mapping[str, Any], *, is_edit: bool) -> SeenMessage:
    post_type = PostType.EDIT if is_edit else PostType.POST
    if payload.get("message_reference") and not is_edit:
        post_type = PostType.END if payload.get("flags", 0) & _SILENT else PostType.AGAIN
    return SeenMessage(
        minute=(world.clock.now() - NOON) / timedelta(minutes=1),
        id=payload["id"],
        post_type=post_type,
        words=payload["content"].replace("**", ""),
        card=next(iter(payload.get("embeds", ())), {}),
    )


@pytest.fixture(scope="module")
def seen() -> list[SeenMessage]:
    with stamina.set_testing(True, attempts=1):
        return asyncio.run(play())


EXPECTED = (
    # From minute, to minute, kind, and text.
    (1, 2.4, PostType.POST, "311 is in RELAX"),
    (2, 3.4, PostType.POST, "731 is in RELAX"),
    (4, 5.4, PostType.END, "311"),
    (5, 6.2, PostType.POST, "427 must be verified"),
    (6, 7.4, PostType.POST, "311 is in RELAX"),
    (8, 9.4, PostType.END, "427"),
    (8.5, 9.9, PostType.END, "311"),
    (9, 10.4, PostType.POST, "205 is in RELAX"),
    (11, 12.4, PostType.POST, "311 is in RELAX"),
    (13, 14.2, PostType.AGAIN, "banned"),
    (13.5, 14.9, PostType.END, "311"),
    (16, 17.4, PostType.POST, "311 left FAST 4 times"),
    (19, 20.4, PostType.POST, "3 tokens out of FAST"),
    (24, 25.4, PostType.END, "205"),
    (26, 27.4, PostType.END, "3 tokens"),
    (29, 30.4, PostType.POST, "640 is low"),
    (33, 34.4, PostType.AGAIN, "640 has almost no fast hours"),
    (37, 38.4, PostType.END, "640"),
    (39, 40.4, PostType.POST, "198 is no longer listed"),
    (42, 43.4, PostType.END, "198"),
    (47.9, 51.9, PostType.POST, "isn't responding"),
    (54, 56.4, PostType.END, "known again"),
    (54, 56.6, PostType.POST, "808 is switched off"),
    # Half an hour after a check saw it in FAST again (28.5 to 29.9), at the next check.
    (58.5, 61.1, PostType.END, "311 stays in FAST"),
    (59, 60.4, PostType.END, "808"),
    (62, 64.2, PostType.AGAIN, "731 has been out of FAST"),
    (65, 66.4, PostType.END, "731"),
)


@pytest.mark.slow
def test_each_alert_appears_in_time_and_nothing_else_does(seen: list[SeenMessage]) -> None:
    said = [one for one in seen if one.post_type is not PostType.EDIT]
    for since, until, post_type, words in EXPECTED:
        fitting = [
            one for one in said if since <= one.minute <= until and one.post_type is post_type and words in one.words
        ]
        assert fitting, f"missing or late: {words}; seen: {said}"
        said.remove(fitting[0])

    assert said == []


@pytest.mark.slow
def test_only_the_end_of_an_incident_has_no_ping(seen: list[SeenMessage]) -> None:
    assert {(one.post_type, one.names_role) for one in seen if one.post_type is not PostType.EDIT} == {
        (PostType.POST, True),
        (PostType.AGAIN, True),
        (PostType.END, False),
    }


@pytest.mark.slow
def test_a_flapping_token_is_alerted_once_and_kept_up_to_date_by_edits(seen: list[SeenMessage]) -> None:
    [alert] = [one for one in seen if one.post_type is PostType.POST and "311 left FAST 4 times" in one.words]
    edits = [one for one in seen if one.id == alert.id and one.post_type is PostType.EDIT]

    assert len(edits) >= 5


@pytest.mark.slow
def test_the_group_is_one_alert_that_lists_its_tokens(seen: list[SeenMessage]) -> None:
    [alert] = [one for one in seen if one.post_type is PostType.POST and "3 tokens out of FAST" in one.words]

    assert all(str(token_id) in alert.card["description"] for token_id in GROUP)


@pytest.mark.slow
async def test_an_acknowledged_incident_gets_no_reminder() -> None:
    with stamina.set_testing(True, attempts=1):
        async with open_world(NOON, ALERTS) as world:
            await live(world, until=4)
            [alert] = [one for one in world.channel.history() if f"{FORGOTTEN_TOKEN}** is in RELAX" in one.content]
            await world.mod.click(alert, label=texts.buttons.ACKNOWLEDGE)
            await live(world, until=_ENDS)
            said = [one.content for one in world.channel.history() if str(FORGOTTEN_TOKEN) in one.content]

    assert [words[:1] for words in said] == ["🟢", "✅"]


def entered(course: TokenScript, until: datetime) -> Iterator[tuple[float, str | Mode]]:
    """Yield each minute in which the token's mode differs from 15 seconds before, and the new mode."""
    simulation = Simulation(ALERTS, NOON)
    modes: list[str | Mode] = []
    for step in range(int((until - NOON) / timedelta(seconds=15))):
        fleet = {token.token_id: token for token in simulation.fleet(NOON + timedelta(seconds=15 * step))}
        token = fleet.get(course.token_id)
        modes.append(Mode.GONE if token is None else token.status if token.is_active else Mode.OFF)
        if step and modes[-1] != modes[-2]:
            yield step / 4, modes[-1]


@pytest.mark.parametrize("course", ALERTS.tokens, ids=lambda course: str(course.token_id))
def test_every_token_starts_in_fast_and_stays_in_each_mode_until_confirmed(
    course: TokenScript,
) -> None:
    minutes = [0, *(minute for minute, _ in entered(course, NOON + timedelta(minutes=80))), 80]

    assert (course.stages[0].status, course.stages[0].is_active, course.stages[0].is_listed) == ("FAST", True, True)
    assert all(later - earlier >= 1 for earlier, later in pairwise(minutes[:2]))
    assert all(later - earlier >= 2 for earlier, later in pairwise(minutes[1:]))


def test_all_scripts_restart_together() -> None:
    lengths = {sum((stage.lasts for stage in course.stages), timedelta()) for course in ALERTS.tokens}

    assert lengths == {sum((row.lasts for row in ALERTS.service), timedelta())} == {timedelta(minutes=80)}


def test_no_token_flaps_right_after_a_restart() -> None:
    [course] = [course for course in ALERTS.tokens if course.token_id == FLAPPING_TOKEN]
    rules, late = Rules(), 2
    left = [minute for minute, mode in entered(course, NOON + timedelta(hours=3)) if mode != "FAST"]
    again = [minute for minute in left if minute >= 80]

    for first_three in again[:3]:
        lately = [minute for minute in left if 0 <= first_three - minute < rules.flapping_within.seconds / 60 + late]
        assert len(lately) <= rules.flapping_after
