"""Mutes: the button under a trace, which does the same as `/alerts mute`, and what happens while alerts are muted."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import discord
import pytest
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.storage.audit import Action, latest_entries
from bot.storage.mutes import mutes_of
from bot.ui import texts
from tests.cogs.driving import MINUTE, Team, command, labels, text_of
from tests.cogs.server import HOME, Server, said
from tests.standins.imaginepro_server import ImagineProServer, linked_token
from tests.titles import title_of

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
MODS_ONLY = (
    "Only members with the Manage Server permission can do this. They can let a role do it with `/alerts moderators`."
)
HOUR = timedelta(hours=1)
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")


async def traced(server: Server) -> simcord.InteractionResult:
    """Let a member publicly trace a message of token 111."""
    return await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))


async def press(
    member: simcord.MemberActor, answer: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    """Press a button of the bot's response."""
    assert answer.response is not None
    return await member.click(answer.response, label=label)


async def asked(server: Server) -> simcord.InteractionResult:
    """Press Mute under a trace card, as a moderator."""
    return await press(server.mod, await traced(server), "Mute")


@pytest.fixture(autouse=True)
def a_message_of_token_111(team: Team) -> None:
    team.imaginepro.messages[MESSAGE] = 111


async def test_the_trace_card_has_stateless_buttons(team: Team) -> None:
    await traced(team.server)
    (shown,) = team.server.talk.history()
    await asked(team.server)

    assert labels(shown) == ["Refresh", "History", "Mute"]
    assert team.server.bot.persistent_views == []
    # discord.py has no public list of views that wait for an interaction.
    assert team.server.bot._connection._view_store._views == {}


async def test_mute_asks_only_its_user_for_how_long(team: Team) -> None:
    await command(team.server, "show")
    question = await asked(team.server)

    assert text_of(question) == "How long should all alerts of token 111 be muted in this server?"
    assert question.response is not None
    assert [button["label"] for row in question.response.components for button in row["components"]] == [
        "For 30 min",
        "For 1 h",
        "For 4 h",
        "For 8 h",
        "For 1 day",
    ]


@pytest.mark.parametrize("hours", [0.5, 1, 24])
async def test_the_chosen_duration_mutes_like_the_command(team: Team, services: Services, hours: float) -> None:
    question = await asked(team.server)
    await press(team.server.mod, question, texts.buttons.MUTE_FOR[hours])
    by_command = text_of(await command(team.server, "mute", token="111", duration=f"{hours * 60:.0f}m"))

    assert question.response is not None
    assert question.response.components == []
    assert text_of(question) == by_command
    async with services.database.reading() as connection:
        by_typing, by_button = await latest_entries(connection, HOME, most=2)
        mutes = await mutes_of(connection, HOME, services.clock.now())
    assert (by_button.action, by_button.target, by_button.member_id) == (Action.MUTED, "token 111", team.server.mod.id)
    assert by_button == by_typing
    assert [(mute.token_id, mute.expires_at, mute.reason) for mute in mutes] == [
        (111, services.clock.now() + hours * 60 * MINUTE, "")
    ]


async def test_a_token_muted_by_the_button_is_quiet(team: Team) -> None:
    question = await asked(team.server)
    await press(team.server.mod, question, "For 1 h")
    team.set_status("RELAX", 111, 222)

    assert [title_of(alert) for alert in await team.rounds(2)] == ["🟡 **Token 222** is in RELAX"]


async def test_both_presses_work_after_a_restart(team: Team, new_bot: Fastwatch, services: Services) -> None:
    card = await traced(team.server)
    await team.server.env.restart_bot(new_bot)
    question = await press(team.server.mod, card, "Mute")
    await team.server.env.restart_bot(Fastwatch(services, shard_count=1))
    await press(team.server.mod, question, "For 8 h")

    assert text_of(question).startswith("🔕 Muted until")


async def test_both_presses_are_for_moderators(team: Team) -> None:
    server, card = team.server, await traced(team.server)
    assert said(await press(server.member, card, "Mute")) == MODS_ONLY

    former = server.guild.add_member(server.env.create_user("moe"), roles=[server.keepers])
    await command(server, "moderators", role=server.keepers)
    question = await press(former, card, "Mute")
    await command(server, "moderators")
    pressed = await press(former, question, "For 8 h")
    assert said(pressed) == MODS_ONLY
    assert "Muted" not in await team.shown()


async def test_both_presses_say_that_alerts_are_off(team: Team, second_server: Server) -> None:
    card = await traced(second_server)
    not_on = "Alerts are not set up in this server yet. Use `/alerts setup` first."
    assert said(await press(second_server.mod, card, "Mute")) == not_on

    question = await asked(team.server)
    await command(team.server, "off")
    pressed = await press(team.server.mod, question, "For 8 h")
    assert [followup.content for followup in pressed.followups] == [not_on]


async def test_a_token_that_is_not_of_this_account_is_not_muted(team: Team, imaginepro: ImagineProServer) -> None:
    imaginepro.link(linked_token(777))
    imaginepro.messages[MESSAGE] = 777

    assert said(await asked(team.server)).startswith("No token of this account has that name or number.")


# --- What happens while alerts are muted

STILL = (
    "You are still notified of a ban, a verification, too few tokens in FAST, hours running out "
    "or too few usable hours."
)


async def test_urgent_alerts_come_despite_a_mute_also_of_what_it_held_back(team: Team) -> None:
    answer = text_of(await command(team.server, "mute", duration="8h"))
    assert answer.startswith("🔕 Muted until")
    assert STILL in answer
    team.set_status("RELAX")
    assert await team.rounds(2) == []
    team.set_status("BANNED")
    team.set_status("VERIFYING", 222)
    alerts = await team.rounds()

    assert [title_of(alert) for alert in alerts] == ["🔴 **Token 111** is banned", "🟠 **Token 222** must be verified"]
    assert [team.server.pings(alert) for alert in alerts] == [[team.server.keepers.id]] * 2
    assert len(await team.later(2 * HOUR)) == 4, "so do their reminders"


async def test_a_mute_of_urgent_alerts_too_says_so_and_holds_them_back(team: Team) -> None:
    answer = text_of(await command(team.server, "mute", duration="1h", include_urgent=True))
    assert STILL not in answer
    assert "Urgent alerts are muted too." in answer
    assert (await team.shown())["Muted"].endswith(f"by {team.server.mod.mention} · urgent alerts too")
    team.set_status("BANNED")

    assert await team.rounds(2) == []
    assert [title_of(alert) for alert in await team.later(HOUR)] == ["🔴 **Token 111** is banned"]


async def test_urgent_alerts_of_muted_tokens_share_a_message_with_others(team: Team) -> None:
    await command(team.server, "mute", duration="8h", token="111")
    team.set_status("BANNED", 111, 222, 333)

    (alert,) = await team.rounds()
    assert title_of(alert) == "🔴 **3 tokens** out of FAST: 3 BANNED"


def replies(messages: list[discord.Message]) -> list[discord.Message]:
    return [message for message in messages if message.reference is not None]


@pytest.mark.parametrize("token", [None, "111"])
async def test_an_alert_that_gets_worse_while_muted_pings_when_the_mute_ends(team: Team, token: str | None) -> None:
    await team.out()
    options: dict[str, Any] = {"token": token} if token is not None else {}
    await command(team.server, "mute", duration="1h", include_urgent=True, **options)
    team.set_status("BANNED")
    (alert,) = await team.rounds()
    assert title_of(alert) == "🔴 **Token 111** is banned"

    team.clock.advance(HOUR)
    _, worse = await team.server.deliver()
    assert worse.content == f"{team.server.keepers.mention} 🔺 **Token 111** is banned: its owner must act."
    assert team.server.pings(worse) == [team.server.keepers.id]
    assert replies(await team.rounds(3)) == [worse]


async def test_unmute_pings_for_what_got_worse_meanwhile(team: Team) -> None:
    await team.out()
    await command(team.server, "mute", duration="8h", include_urgent=True)
    team.set_status("BANNED")
    await team.rounds()
    await command(team.server, "unmute")

    (worse,) = replies(await team.server.deliver())
    assert team.server.pings(worse) == [team.server.keepers.id]


async def test_what_got_worse_and_milder_again_while_muted_pings_once_it_is_as_bad_again(team: Team) -> None:
    await team.out()
    await command(team.server, "mute", duration="10m", include_urgent=True)
    team.set_status("BANNED")
    await team.rounds()
    team.set_status("RELAX")
    await team.rounds(2)
    assert replies(await team.later(20 * MINUTE)) == []

    team.set_status("BANNED")
    (worse,) = replies(await team.rounds())
    assert team.server.pings(worse) == [team.server.keepers.id]


async def test_what_got_worse_while_muted_and_was_acknowledged_does_not_ping(team: Team) -> None:
    await team.out()
    await command(team.server, "mute", duration="1h", include_urgent=True)
    team.set_status("BANNED")
    (alert,) = await team.rounds()
    await team.press(alert, "Acknowledge")

    assert replies(await team.later(2 * HOUR)) == []


async def test_what_got_worse_while_muted_has_no_reminder_besides(team: Team) -> None:
    await team.out()
    await command(team.server, "mute", duration="7h", include_urgent=True)
    team.set_status("BANNED")
    await team.rounds()

    assert len(replies(await team.later(8 * HOUR))) == 1
    assert len(replies(await team.rounds(3))) == 1


async def test_the_mute_button_holds_back_what_got_worse_too(team: Team) -> None:
    alert = await team.out()
    await team.mute(alert, "For 1 h")
    team.imaginepro.switch(111, is_active=False)
    assert replies(await team.rounds(2)) == []

    team.clock.advance(HOUR)
    (worse,) = replies(await team.server.deliver())
    assert worse.content.endswith("🔺 **Token 111** was switched off at ImaginePro.")


async def test_the_unmute_button_pings_for_what_got_worse(team: Team) -> None:
    alert = await team.out()
    await team.mute(alert, "Until it is resolved")
    team.imaginepro.switch(111, is_active=False)
    (muted,) = await team.rounds(2)
    await team.press(muted, "Unmute")

    (worse,) = replies(await team.server.deliver())
    assert team.server.pings(worse) == [team.server.keepers.id]


async def test_a_muted_token_makes_no_group_and_is_alerted_alone_when_unmuted(team: Team) -> None:
    team.imaginepro.link(linked_token(333))
    await team.monitor.round()
    await command(team.server, "mute", duration="8h", token="111")
    team.set_status("RELAX", 111, 222, 333)
    alerts = await team.rounds(2)
    titles = ["🟡 **Token 222** is in RELAX", "🟡 **Token 333** is in RELAX"]
    assert [title_of(alert) for alert in alerts] == titles

    await command(team.server, "unmute", token="111")
    alerts = await team.server.deliver()
    assert [title_of(alert) for alert in alerts] == [*titles, "🟡 **Token 111** is in RELAX"]


async def test_unmuting_one_of_three_alerts_one(team: Team) -> None:
    team.imaginepro.link(linked_token(333))
    await team.monitor.round()
    for token in ("111", "222", "333"):
        await command(team.server, "mute", duration="8h", token=token, include_urgent=True)
    team.set_status("BANNED", 111, 222, 333)
    assert await team.rounds() == []

    await command(team.server, "unmute", token="222")
    (alert,) = await team.server.deliver()
    assert title_of(alert) == "🔴 **Token 222** is banned"
    assert team.server.pings(alert) == [team.server.keepers.id]


async def test_a_muted_token_of_a_group_pings_nobody_when_it_gets_worse(team: Team) -> None:
    team.imaginepro.link(linked_token(333))
    await team.out("RELAX", 111, 222, 333)
    await command(team.server, "mute", duration="1h", token="111", include_urgent=True)
    team.set_status("BANNED", 111)
    (group,) = await team.rounds()
    assert "**111** · BANNED" in (group.embeds[0].description or "")

    team.clock.advance(HOUR)
    (worse,) = replies(await team.server.deliver())
    assert worse.content.endswith("🔺 It got worse: 3 tokens are out of FAST now: 1 BANNED, 2 RELAX.")
