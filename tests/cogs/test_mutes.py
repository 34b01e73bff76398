"""The buttons under the card of a trace, and Mute among them: the same as `/alerts mute`, with two presses."""

from uuid import UUID

import pytest
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.storage.audit import Action, latest_entries
from bot.storage.mutes import mutes_of
from tests.cogs.driving import MINUTE, Team, command, labels, text_of
from tests.cogs.server import HOME, Server, said
from tests.standins.imaginepro_server import ImagineProServer, linked_token

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
MODS_ONLY = "Only members with the Manage Server permission can do this."
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
        "For 1 h",
        "For 8 h",
        "For 24 h",
    ]


@pytest.mark.parametrize("hours", [1, 8, 24])
async def test_the_chosen_duration_mutes_like_the_command(team: Team, services: Services, hours: int) -> None:
    question = await asked(team.server)
    await press(team.server.mod, question, f"For {hours} h")
    by_command = text_of(await command(team.server, "mute", token="111", duration=f"{hours}h"))

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
    team.set_status("BANNED", 111, 222)

    assert [alert.embeds[0].title for alert in await team.rounds(2)] == ["🔴 Token 222 is banned"]


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
