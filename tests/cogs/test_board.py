"""`/board post` and `/board remove`: permissions, responses, and the messages in the channel."""

import discord
import pytest
import simcord
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.monitor.monitor import Monitor
from bot.storage.audit import Action, latest_entries
from bot.storage.boards import Board, get_board
from bot.ui import texts
from bot.ui.alert_setup import board_outcome
from tests.clocks import SetClock
from tests.cogs.driving import MINUTE, rounds
from tests.cogs.server import HOME, Server, card, refused, said
from tests.standins.imaginepro_server import ImagineProServer, linked_token

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")


@pytest.fixture(autouse=True)
async def tokens(imaginepro: ImagineProServer, monitor: Monitor) -> None:
    imaginepro.link(linked_token(111), linked_token(222, "BANNED"))
    await monitor.round()


async def post(server: Server, **options: object) -> str:
    return said(await server.mod.slash(server.talk, "board post", **options))


async def saved(services: Services) -> Board | None:
    async with services.database.reading() as connection:
        return await get_board(connection, HOME)


async def done(services: Services) -> list[tuple[Action, str]]:
    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=10)
    return [(entry.action, entry.target) for entry in reversed(entries)]


def boards(channel: simcord.ChannelHandle) -> list[discord.Message]:
    """The messages in the channel, without Discord's own "pinned a message"."""
    return [message for message in channel.history() if message.type is not discord.MessageType.pins_add]


def deny(server: Server, channel: simcord.ChannelHandle, **denied: bool) -> None:
    """Change the bot's permissions in a channel."""
    assert server.guild.me is not None
    allow, deny = discord.PermissionOverwrite(**denied).pair()
    overwrite = Overwrite(server.guild.me.id, OverwriteType.MEMBER, allow.value, deny.value)
    server.env.backend.edit_channel(channel.id, {}, overwrites=[overwrite])


async def test_the_board_is_posted_and_pinned_at_once_with_a_link(server: Server, services: Services) -> None:
    answer = await post(server)

    (board,) = boards(server.talk)
    assert answer == f"The board is in {server.talk.mention}: {board.jump_url}"
    assert board.embeds[0].title == texts.board.TITLE
    assert "🔴\u00a0**222** BANNED" in (board.embeds[0].description or "")
    assert board.pinned
    assert await done(services) == [(Action.BOARD_POSTED, server.talk.mention)]


async def test_a_channel_can_be_chosen(server: Server) -> None:
    await post(server, channel=server.alerts)

    assert boards(server.talk) == []
    assert len(boards(server.alerts)) == 1


async def test_posting_elsewhere_moves_the_board(server: Server, services: Services) -> None:
    await post(server)
    await post(server, channel=server.alerts)

    assert boards(server.talk) == []
    (board,) = boards(server.alerts)
    known = await saved(services)
    assert known is not None
    assert (known.channel_id, known.posted_message_id) == (server.alerts.id, board.id)


async def test_a_board_is_not_moved_to_a_channel_that_refuses(server: Server, services: Services) -> None:
    await post(server, channel=server.alerts)
    deny(server, server.talk, send_messages=False)
    answer = refused(server, await server.mod.slash(server.talk, "board post"))

    assert answer == texts.board.STAYS.format(channel=server.talk.mention, permissions="Send Messages, Embed Links")
    assert len(boards(server.alerts)) == 1
    assert [action for action, _ in await done(services)] == [Action.BOARD_POSTED]


async def test_posting_again_in_the_same_channel_keeps_one_board(server: Server) -> None:
    await post(server)
    await post(server)

    assert len(boards(server.talk)) == 1


async def test_a_board_stays_up_to_date(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await post(server)
    imaginepro.tokens[111].status = "RELAX"
    await rounds(monitor, clock)
    await server.bot.boards.update_all()

    assert "🟡\u00a0**111** RELAX" in (boards(server.talk)[0].embeds[0].description or "")


async def test_a_token_opens_from_the_board_for_its_user_alone_even_after_a_restart(
    server: Server, new_bot: Fastwatch
) -> None:
    await post(server)
    await server.env.restart_bot(new_bot)
    opened = await server.member.select(boards(server.talk)[0], ["222"], custom_id="fastwatch:board-tokens")

    assert opened.ephemeral
    assert "222" in (card(opened).title or "")


async def test_a_removed_board_is_deleted_and_not_posted_again(
    server: Server, services: Services, clock: SetClock
) -> None:
    await post(server)
    answer = said(await server.mod.slash(server.talk, "board remove"))
    clock.advance(60 * MINUTE)
    await server.bot.boards.update_all()

    assert answer == f"Board removed from {server.talk.mention}. Use `/board post` to post a new one."
    assert boards(server.talk) == []
    assert await saved(services) is None
    assert (await done(services))[-1] == (Action.BOARD_REMOVED, server.talk.mention)


async def test_remove_without_a_board_says_so(server: Server) -> None:
    result = await server.mod.slash(server.talk, "board remove")

    assert refused(server, result) == "This server has no board. Use `/board post` to post one."


async def test_missing_permissions_are_named_and_the_board_follows_once_granted(
    server: Server, clock: SetClock
) -> None:
    deny(server, server.alerts, send_messages=False, embed_links=False)
    answer = await post(server, channel=server.alerts)
    assert answer == (
        f"⚠️ For the board I need these permissions in {server.alerts.mention}: Send "
        "Messages, Embed Links. Once I have them, it appears by itself, or at once with "
        "`/board post`."
    )

    deny(server, server.alerts, send_messages=True, embed_links=True)
    clock.advance(2 * MINUTE)
    await server.bot.boards.update_all()
    assert len(boards(server.alerts)) == 1


async def test_an_unpinned_board_works_and_says_so(server: Server) -> None:
    # The simulated Discord asks for Manage Messages, as the real one did before pinning had a permission of its own.
    deny(server, server.talk, pin_messages=False, manage_messages=False)
    answer = await post(server)

    (board,) = boards(server.talk)
    assert not board.pinned
    assert answer.split("\n")[1].startswith("I could not pin it; it works anyway.")


async def test_a_board_in_a_channel_full_of_pins_says_that_it_is_not_pinned(server: Server) -> None:
    server.env.inject_error("PUT", "/channels/*/messages/pins/*", status=400, code=30003)
    server.env.inject_error("PUT", "/channels/*/pins/*", status=400, code=30003)
    answer = await post(server)

    (board,) = boards(server.talk)
    assert not board.pinned
    assert answer.split("\n")[1] == (
        "I could not pin it: the channel has no room for another pinned message, so unpin one first. "
        "It works anyway. To have it pinned, use `/board post` again."
    )


async def test_an_old_board_that_cannot_be_deleted_is_named(server: Server) -> None:
    await post(server)
    deny(server, server.talk, view_channel=False)
    result = await server.mod.slash(server.alerts, "board post")

    assert said(result).split("\n")[1] == (
        f"I could not delete the old board in {server.talk.mention} (I cannot see the "
        "channel). Delete it yourself; it is no longer updated."
    )
    assert len(boards(server.alerts)) == 1


async def test_a_board_that_cannot_be_deleted_is_not_reported_as_gone(server: Server) -> None:
    await post(server)
    deny(server, server.talk, view_channel=False)
    result = await server.mod.slash(server.alerts, "board remove")

    assert said(result) == (
        f"I could not delete the old board in {server.talk.mention} (I cannot see the "
        "channel). Delete it yourself; it is no longer updated."
    )


async def test_other_outcomes_are_reported_too(server: Server) -> None:
    channel = server.bot.get_channel(server.talk.id)
    assert isinstance(channel, discord.TextChannel)

    assert board_outcome(channel, None, None, []) == [f"The board will appear in {server.talk.mention} in a moment."]
    assert board_outcome(channel, None, "Discord did not respond *in time*", []) == [
        rf"⚠️ The board is not in {server.talk.mention} yet: Discord did not respond \*in time\*. "
        "I will retry automatically, within the hour."
    ]


async def test_only_a_text_channel_or_a_thread_can_hold_it(server: Server, services: Services) -> None:
    voice = server.guild.create_voice_channel("voice")
    result = await server.mod.slash(voice, "board post")

    assert said(result) == "A board needs a text channel, a thread or a forum. Choose one with the option `channel`."
    assert server.env.errors
    assert await saved(services) is None
