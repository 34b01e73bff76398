"""Alerts in threads and forums: an incident is a post with tags, closed and locked when it is over."""

from typing import Any

import discord
import pytest
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.storage.alert_routes import get_route
from bot.storage.unavailable import Cause, DatabaseUnavailable
from bot.ui import texts
from tests.cogs.driving import MINUTE, Team, text_of
from tests.cogs.server import HOME, Server, refused
from tests.cogs.test_incident_menu import choose
from tests.titles import title_of

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")

TAGS = "Open, Acknowledged, Resolved, Urgent, Warning, Notice"


async def setup(server: Server, channel: simcord.ChannelHandle) -> str:
    return text_of(await server.mod.slash(server.talk, "alerts setup", channel=channel, role=server.keepers))


async def leave_fast(team: Team) -> None:
    await team.monitor.round()
    team.set_status("RELAX")
    await team.rounds(2)


def state_of(server: Server, thread: simcord.ChannelHandle) -> tuple[bool, bool]:
    """Return whether a thread is archived, and whether it is locked."""
    state = server.env.backend.get_channel(thread.id).thread_metadata
    assert state is not None
    return state.archived, state.locked


def thread_in(server: Server, name: str = "tokens") -> simcord.ChannelHandle:
    backend = server.env.backend
    created = backend.create_thread(server.alerts.id, name, server.mod.id)
    return next(thread for thread in server.alerts.threads if thread.id == created.id)


def in_time_with_ids(team: Team) -> None:
    """Ids hold the time, and SimCord's does not go on with the rounds."""
    env = team.server.env
    env.backend.advance_clock((team.clock.now() - env.now() + 10 * MINUTE).total_seconds())


def tags_of(server: Server, forum: simcord.ChannelHandle, post: simcord.ChannelHandle) -> list[str]:
    """Return the names of a post's tags, as Discord has them."""
    backend = server.env.backend
    names = {int(tag["id"]): tag["name"] for tag in backend.get_channel(forum.id).available_tags}
    return [names[tag_id] for tag_id in backend.get_channel(post.id).applied_tags]


@pytest.mark.parametrize("command", ["alerts setup", "board post"])
@pytest.mark.parametrize("kind", ["voice", "stage"])
async def test_voice_and_stage_channels_are_refused_in_a_sentence(team: Team, command: str, kind: str) -> None:
    create = team.server.guild.create_voice_channel if kind == "voice" else team.server.guild.create_stage_channel
    answer = await team.server.mod.slash(team.server.talk, command, channel=create("talking"))

    assert refused(team.server, answer) == (
        "Alerts cannot go to a voice or stage channel, or to a category. Choose a text channel, a thread or a forum."
    )


async def test_alerts_go_to_a_thread_which_is_opened_if_discord_has_archived_it(team: Team, services: Services) -> None:
    server = team.server
    thread = thread_in(server)
    answer = await setup(server, thread)
    await leave_fast(team)
    (alert,) = [one for one in thread.history() if one.embeds]
    pinged = server.pings(alert)
    archived = server.env.backend.get_channel(thread.id).thread_metadata
    assert archived is not None
    archived.archived = True
    server.env.inject_error("PATCH", f"/channels/{thread.id}/messages/{alert.id}", status=400, code=50083)
    team.set_status("BANNED")
    await team.rounds()

    assert answer.splitlines()[:2] == [
        f"Alerts now go to {thread.mention} and ping {server.keepers.mention}.",
        "I can post there.",
    ]
    assert pinged == [server.keepers.id]
    assert state_of(server, thread) == (False, False)
    assert "BANNED" in str(thread.history()[-2].embeds[0].to_dict()) or "banned" in thread.history()[-2].content
    async with services.database.reading() as connection:
        route = await get_route(connection, HOME)
    assert route is not None
    assert route.disabled_reason is None


async def test_a_locked_thread_is_a_broken_route_with_a_sentence_of_its_own(team: Team) -> None:
    server = team.server
    thread = thread_in(server)
    await setup(server, thread)
    await leave_fast(team)
    alert = thread.history()[-1]
    server.env.inject_error("PATCH", f"/channels/{thread.id}/messages/{alert.id}", status=400, code=50083)
    server.env.inject_error("PATCH", f"/channels/{thread.id}", status=403, code=50013)
    team.set_status("BANNED")
    await team.rounds()
    shown = await team.shown()

    assert "the thread is archived or locked" in shown["Channel"]


async def test_an_incident_is_a_post_of_a_forum_with_tags_and_is_closed_when_it_is_over(team: Team) -> None:
    server = team.server
    forum = server.guild.create_forum_channel("incidents")
    answer = await setup(server, forum)
    await leave_fast(team)
    (post,) = forum.threads
    (alert,) = post.history()
    pinged, tags = server.pings(alert), [tags_of(server, forum, post)]
    await team.press(alert, "Acknowledge")
    tags.append(tags_of(server, forum, post))
    team.set_status("BANNED")
    await team.rounds()
    tags.append(tags_of(server, forum, post))
    texts_said = [one.content for one in post.history()[1:]]
    team.set_status("FAST")
    await team.rounds(2)
    tags.append(tags_of(server, forum, post))

    assert answer.splitlines()[1:] == ["I can post there.", f"I added the tags that were missing there: {TAGS}."]
    assert post.name == "Token 111 · status"
    assert pinged == [server.keepers.id]
    assert not alert.flags.silent
    assert tags == [["Open", "Warning"], ["Acknowledged", "Warning"], ["Open", "Urgent"], ["Resolved", "Urgent"]]
    assert len(texts_said) == 1
    assert len(post.history()) == 3
    assert state_of(server, post) == (True, True)
    assert len(forum.threads) <= 1


@pytest.mark.slow
async def test_missing_permissions_are_named_and_alerts_come_all_the_same(team: Team) -> None:
    server = team.server
    forum = server.guild.create_forum_channel("incidents")
    lacking = discord.Permissions(administrator=True, manage_channels=True, manage_threads=True)
    backend = server.env.backend
    for role in list(backend.get_guild(HOME).roles.values()):
        backend.edit_role(HOME, role.id, {"permissions": role.permissions & ~lacking.value})
    await server.env.settle()
    answer = await setup(server, forum)
    await leave_fast(team)
    (post,) = forum.threads
    team.set_status("FAST")
    await team.rounds(2)

    assert answer.splitlines()[2:] == [
        f"⚠️ I cannot add tags to {forum.mention} ({TAGS}): Manage Channels is missing there. Posts get the tags "
        "that exist.",
        f"⚠️ I can close the posts of resolved alerts, but not lock them: Manage Threads is missing in {forum.mention}.",
    ]
    assert len(post.history()) == 2


@pytest.mark.slow
async def test_a_post_is_made_once_although_discord_knows_no_nonce_for_it(team: Team) -> None:
    server = team.server
    forum = server.guild.create_forum_channel("incidents")
    in_time_with_ids(team)
    await setup(server, forum)
    await team.monitor.round()
    team.set_status("RELAX")
    client: Any = server.bot.http
    create, calls = client.start_thread_in_forum, 0

    async def create_and_lose_the_answer(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        result = await create(*args, **options)
        if calls == 1:
            raise ConnectionResetError
        return result

    client.start_thread_in_forum = create_and_lose_the_answer
    await team.rounds(2)
    for _ in range(3):
        await team.rounds()

    assert [post.name for post in forum.threads] == ["Token 111 · status"]
    assert calls == 1
    assert isinstance(server.bot.get_channel(forum.threads[0].id), discord.Thread)


async def post_board(team: Team, forum: simcord.ChannelHandle) -> str:
    await team.monitor.round()
    return text_of(await team.server.mod.slash(team.server.talk, "board post", channel=forum))


def board_in(post: simcord.ChannelHandle) -> str:
    (board,) = post.history()
    return f"{board.embeds[0].title} {board.embeds[0].description}"


@pytest.fixture
def pinned(team: Team, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the ids of pinned posts, for which SimCord has no field."""
    ids: list[int] = []
    http = team.server.bot.http
    edit_channel = http.edit_channel

    async def edit(channel_id: int, *, flags: int | None = None, **fields: Any) -> Any:
        if flags is None:
            return await edit_channel(channel_id, **fields)
        ids.append(channel_id)
        assert flags == discord.ChannelFlags(pinned=True).value
        return await http.get_channel(channel_id)

    monkeypatch.setattr(http, "edit_channel", edit)
    return ids


@pytest.mark.slow
async def test_a_board_is_a_pinned_post_of_a_forum_and_stays_up_to_date(team: Team, pinned: list[int]) -> None:
    forum = team.server.guild.create_forum_channel("fleet")
    answer = await post_board(team, forum)
    (post,) = forum.threads
    team.set_status("BANNED")
    await team.rounds(2)
    team.clock.advance(MINUTE)
    await team.server.bot.boards.update_all()
    (board,) = post.history()

    assert answer == f"The board is in {forum.mention}: https://discord.com/channels/{HOME}/{post.id}/{board.id}"
    assert post.name == "Fleet"
    assert pinned == [post.id]
    assert board.flags.silent
    assert "1\xa0BANNED" in board_in(post)


@pytest.mark.slow
@pytest.mark.usefixtures("pinned")
async def test_a_post_of_the_board_that_somebody_deleted_comes_back(team: Team) -> None:
    forum = team.server.guild.create_forum_channel("fleet")
    await post_board(team, forum)
    (post,) = forum.threads
    team.server.env.backend.delete_channel(post.id)
    team.clock.advance(16 * MINUTE)
    await team.server.bot.boards.update_all()

    (again,) = forum.threads
    assert again.id != post.id
    assert "Token board" in board_in(again)


@pytest.mark.slow
@pytest.mark.usefixtures("pinned")
async def test_a_board_is_removed_with_its_post(team: Team) -> None:
    forum = team.server.guild.create_forum_channel("fleet")
    await post_board(team, forum)
    answer = await team.server.mod.slash(team.server.talk, "board remove")

    assert text_of(answer).startswith(f"Board removed from {forum.mention}.")
    assert list(forum.threads) == []


@pytest.mark.slow
@pytest.mark.usefixtures("pinned")
async def test_a_board_in_a_forum_names_the_permission_to_pin(team: Team) -> None:
    server = team.server
    backend = server.env.backend
    lacking = discord.Permissions(administrator=True, manage_threads=True).value
    for role in list(backend.get_guild(HOME).roles.values()):
        backend.edit_role(HOME, role.id, {"permissions": role.permissions & ~lacking})
    await server.env.settle()
    forum = server.guild.create_forum_channel("fleet")
    answer = await post_board(team, forum)
    (post,) = forum.threads
    server.env.inject_error("DELETE", f"/channels/{post.id}", status=403, code=50013)
    await server.mod.slash(server.talk, "board remove")

    assert f"give me the Manage Threads permission in {forum.mention}" in answer
    assert post.history() == []
    assert state_of(server, post)[0]


@pytest.mark.slow
@pytest.mark.parametrize("is_archived", [False, True])
async def test_an_alert_about_the_database_is_found_again_in_a_forum_after_a_restart(
    team: Team, services: Services, new_bot: Fastwatch, is_archived: bool
) -> None:
    server, outage = team.server, services.database.outage
    forum = server.guild.create_forum_channel("incidents")
    in_time_with_ids(team)
    await setup(server, forum)
    await team.monitor.round()
    await server.bot.outage_alerts.step()
    outage.check_failed(DatabaseUnavailable(Cause.FULL, "made up"))
    team.clock.advance(6 * MINUTE)
    await server.bot.outage_alerts.step()
    (post,) = forum.threads
    assert title_of(post.history()[0]) == texts.database.TITLE
    if is_archived:
        server.env.backend.edit_channel(post.id, {}, thread_metadata={"archived": True})

    await server.env.restart_bot(new_bot)
    outage.check_succeeded()
    for _ in range(2):
        await new_bot.outage_alerts.step()

    alert, reply = post.history()[:2]
    assert title_of(alert) == texts.database.TITLE_OVER
    assert reply.content.startswith("My database works again after")
    assert state_of(server, post) == (True, True)


@pytest.mark.slow
async def test_the_thread_of_an_alert_in_a_forum_is_its_post(team: Team) -> None:
    server = team.server
    forum = server.guild.create_forum_channel("incidents")
    await setup(server, forum)
    await leave_fast(team)
    (post,) = forum.threads
    answer = await choose(team, "thread", message=post.history()[0])
    team.set_status("BANNED")
    await team.rounds()
    team.set_status("FAST")
    await team.rounds(2)

    assert answer.followups[0].content == texts.incident_buttons.THREAD_IS_POST
    lines = [one.content for one in post.history()[1:]]
    ends = ("thread opened by " + server.mod.mention, "banned", "back in FAST")
    assert [end for end in ends for line in lines if line.endswith(end)] == [*ends]
    assert state_of(server, post) == (True, True)


@pytest.mark.slow
async def test_an_alert_in_a_thread_opens_no_thread_and_says_why(team: Team) -> None:
    thread = thread_in(team.server)
    await setup(team.server, thread)
    await leave_fast(team)
    alert = next(one for one in thread.history() if one.embeds)
    answer = await choose(team, "thread", message=alert)

    assert answer.followups[0].content == texts.incident_buttons.THREAD_IN_THREAD
