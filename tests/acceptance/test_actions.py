"""The rows of the table about what a moderator does from an alert, and about where alerts go."""

from collections.abc import Callable

import discord
import pytest
import simcord

from bot.domain.alert_types import AlertType
from bot.domain.modes import Mode
from bot.ui import texts
from tests.acceptance.script import Script, between, words
from tests.acceptance.test_rules import REMINDS, SAYS_BANNED, back, banned, is_, relax, says_back
from tests.cogs.server import Server
from tests.cogs.test_forums import state_of, tags_of

pytestmark = pytest.mark.slow

NOTE = "Mona asks the owner"
REPORT = "Report these now"


def looks(script: Script, when: str, look: Callable[[], object], expected: object) -> None:
    """Compare what is there at an instant, where a title says too little."""

    async def compare() -> None:
        assert look() == expected

    script.at(when, compare)


def latest(script: Script) -> discord.Message:
    return script.alert_messages()[-1]


def timeline_has(script: Script, text: str) -> bool:
    return text in str(latest(script).embeds[0].to_dict())


async def test_the_owner_is_pinged_with_the_role_when_the_token_is_banned(script: Script) -> None:
    server = script.server
    script.types("1m", "fleet owner", token="111", member=server.member)
    script.says("5m 30s", {111: "BANNED"})
    looks(script, "6m 2s", lambda: server.pinged_members(latest(script)), [server.member.id])

    await script.shows(between("6m", "6m").post(banned()), until="1h")


async def test_what_was_wrong_before_a_setup_is_alerted_when_a_moderator_wants_it(
    script: Script, second_server: Server
) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.also_watched = [second_server.alerts]
    answers: list[simcord.InteractionResult] = []

    async def set_up() -> None:
        options = {"channel": second_server.alerts, "role": second_server.keepers}
        answers.append(await second_server.mod.slash(second_server.talk, "alerts setup", **options))

    async def report() -> None:
        assert answers[0].response is not None
        await second_server.mod.click(answers[0].response, label=REPORT)

    script.at("10m", set_up)
    script.at("20m", report)

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("20m", "20m 2s", second_server.alerts.id).post(relax()),
        between("1h 6m", "1h 8m").reply(REMINDS, pings=True),
        # This server knows of it since the setup.
        between("1h 10m", "1h 12m", second_server.alerts.id).reply(REMINDS, pings=True),
        until="1h 15m",
    )


async def test_a_token_is_switched_on_from_its_alert(script: Script) -> None:
    script.switches("5m 30s", 111, on=False)
    script.presses("20m", texts.buttons.SWITCH_ON, texts.buttons.SWITCH_ON)

    await script.shows(
        between("6m", "6m 10s").post(is_(111, AlertType.SWITCHED_OFF, Mode.OFF)),
        between("20m", "21m 45s").edit(back()),
        between("20m", "21m 45s").reply(says_back()),
        until="1h",
    )


async def test_a_note_is_in_the_timeline_at_once(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})

    async def note() -> None:
        opened = await script.server.mod.select(latest(script), ["note"])
        assert opened.modal is not None
        (label,) = opened.modal["components"]
        await script.server.mod.submit_modal(opened, {label["component"]["custom_id"]: NOTE})

    looks(script, "19m 59s", lambda: timeline_has(script, NOTE), expected=False)
    script.at("20m", note)
    looks(script, "20m 2s", lambda: timeline_has(script, NOTE), expected=True)

    await script.shows(between("6m", "6m 10s").post(relax()), until="30m")


async def test_a_thread_goes_on_with_what_happens_later(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.chooses("20m", "thread")
    script.says("30m 30s", {111: "BANNED"})

    def lines() -> int:
        (thread,) = script.server.alerts.threads
        return len(thread.history())

    looks(script, "20m 2s", lines, 1)
    looks(script, "30m 29s", lines, 1)
    looks(script, "31m 32s", lines, 2)

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        # Discord's own message about the new thread.
        between("20m", "20m 1s").reply(words("Token 111")),
        between("30m 30s", "31m 30s").edit(banned()),
        between("30m 30s", "31m 30s").reply(SAYS_BANNED, pings=True),
        until="45m",
    )


async def test_an_incident_in_a_forum_is_a_post_that_is_closed_when_it_is_over(script: Script) -> None:
    server = script.server
    forum = server.guild.create_forum_channel("incidents")
    script.types("1m", "alerts setup", channel=forum, role=server.keepers)
    script.says("5m 30s", {111: "RELAX"})
    script.says("9m 30s", {111: "FAST"})

    def posts() -> list[tuple[tuple[bool, bool], bool]]:
        return [(state_of(server, post), "Resolved" in tags_of(server, forum, post)) for post in forum.threads]

    looks(script, "5m 59s", posts, [])
    looks(script, "6m 12s", posts, [((False, False), False)])
    looks(script, "9m 29s", posts, [((False, False), False)])
    looks(script, "10m 42s", posts, [((True, True), True)])

    await script.shows(until="15m")
