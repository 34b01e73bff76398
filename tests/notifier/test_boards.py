"""The boards, with a real client of discord.py, against a Discord that fails as the real one does."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus

import discord
import pytest
import structlog

from bot.domain.rules import Rules
from bot.notifier.boards import Boards
from bot.storage.boards import Board, get_board, remove_board, set_board
from bot.storage.incidents import open_posts
from bot.storage.token_names import set_name
from bot.ui import custom_ids, texts
from tests.monitor.world import MINUTE, NotifierHarness, Team
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import Fault, Message, Permission, Request
from tests.standins.imaginepro_server import linked_token

SECOND = timedelta(seconds=1)
HALF_A_MINUTE = timedelta(seconds=30)
HOUR = timedelta(hours=1)
FOR_EVER = 1_000_000


@dataclass
class BoardHarness:
    """What a test of the boards does: rounds read changes, time passes, and the board is updated."""

    harness: NotifierHarness
    team: Team
    client: discord.Client
    boards: Boards

    def another(self, **others: object) -> Boards:
        """Return the boards of another process, or of this one after a restart."""
        world = self.harness.world
        options = {"home_servers": {self.team.id}, "poll_interval": MINUTE} | others
        return Boards(
            world.account_id,
            world.database,
            world.clock,
            self.harness.sender,
            **options,  # type: ignore[arg-type]
        )

    async def give(self, channel_id: int | None = None, nonce: str = "chosen by the command") -> Board:
        """Save a board for the server, as the command does before it is posted."""
        world = self.harness.world
        where = channel_id or self.team.talk
        board = Board(self.team.id, world.account_id, where, nonce, self.team.mod, world.clock.now())
        async with world.database.transaction() as connection:
            await set_board(connection, board)
        return board

    async def post(self) -> Message:
        """Save a board for the server, and post it."""
        await self.give()
        await self.boards.update_all()
        (message,) = self.board_messages
        return message

    async def saved(self) -> Board:
        """Return the stored board."""
        async with self.harness.world.database.reading() as connection:
            board = await get_board(connection, self.team.id)
        assert board is not None
        return board

    async def later(self, length: timedelta = MINUTE) -> None:
        """Run a round a minute and a pass every half minute for this long."""
        for half in range(1, int(length / HALF_A_MINUTE) + 1):
            self.harness.world.clock.advance(HALF_A_MINUTE)
            if half % 2 == 0:
                await self.harness.monitor.round()
            await self.boards.update_all()

    async def quietly(self, length: timedelta, passes: int = 1) -> None:
        """Advance the time without a round, with a pass at its end, or several on the way."""
        for _ in range(passes):
            self.harness.world.clock.advance(length / passes)
            await self.boards.update_all()

    def fill(self, hours: float, token_id: int = 111) -> None:
        """Set how many of its 15 hours a token has left."""
        self.harness.world.imaginepro.tokens[token_id].info["fastTimeRemaining"] = f"{hours:.2f}/15.0 hours"

    @property
    def board_messages(self) -> list[Message]:
        return self.team.discord.messages(self.team.talk)

    @property
    def shown(self) -> str:
        """Return the only board's embed."""
        (board_message,) = self.board_messages
        return str(board_message.embeds[0]["description"]).replace("\u00a0", " ")

    def requests(self, method: str = ".+") -> list[Request]:
        """Return the requests to the board's channel."""
        path = f"/channels/{self.team.talk}/"
        return [one for one in self.team.discord.requests if one.path.startswith(path) and method in (".+", one.method)]


@pytest.fixture
async def keeping(harness: NotifierHarness, team: Team, client: discord.Client) -> BoardHarness:
    keeping = BoardHarness(harness, team, client, None)  # type: ignore[arg-type]
    keeping.boards = keeping.another()
    return keeping


def fail(team: Team, method: str, kind: FaultKind = "status", **others: object) -> Fault:
    path = rf"/channels/{team.talk}/messages(/\d+)?"
    return team.discord.faults.add(Fault(method, path, kind, **others))  # type: ignore[arg-type]


# --- Content


async def test_a_board_is_posted_and_pinned_silently_with_the_tokens(keeping: BoardHarness) -> None:
    board_message = await keeping.post()

    assert board_message.embeds[0]["title"] == texts.board.TITLE
    assert [line[:7] for line in keeping.shown.split("\n")[3:]] == ["🟢 **111", "🟢 **222", "🟢 **333"]
    assert (board_message.pinned, board_message.silent) == (True, True)
    menu, history = (row["components"][0] for row in board_message.components)
    assert [option["value"] for option in menu["options"]] == ["111", "222", "333"]
    assert (menu["custom_id"], history["custom_id"]) == (
        custom_ids.BOARD_TOKENS.encode(),
        custom_ids.FLEET_HISTORY.encode(),
    )
    assert (await keeping.saved()).posted_message_id == board_message.id


async def test_a_board_never_pings(keeping: BoardHarness) -> None:
    async with keeping.harness.world.database.transaction() as connection:
        name = f"@everyone <@&{keeping.team.role}>"
        await set_name(connection, keeping.team.id, 111, name[:30], named_by=1, now=keeping.harness.world.clock.now())
    await keeping.post()
    keeping.harness.world.set_status(111, "BANNED")
    await keeping.later(2 * MINUTE)

    bodies = [request.body for request in keeping.requests() if request.method in ("POST", "PATCH")]
    assert len(bodies) == 2
    assert all(body["allowed_mentions"] == {"parse": []} for body in bodies)


async def test_it_lists_open_incidents_with_links_to_their_alerts(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    await keeping.harness.posted(111, status="BANNED")
    await keeping.later()

    async with keeping.harness.world.database.reading() as connection:
        (post,) = (await open_posts(connection, team.id)).values()
    (field,) = keeping.board_messages[0].embeds[0]["fields"]
    assert field["name"] == texts.alerts_overview.FIELD_OPEN
    assert f"/{team.id}/{team.alerts}/{post.discord_message_id}" in field["value"]
    assert keeping.shown.split("\n")[3].startswith("🔴 **111**")


async def test_it_is_grey_and_says_so_without_data(keeping: BoardHarness) -> None:
    await keeping.post()
    await keeping.quietly(6 * MINUTE)

    assert keeping.shown.startswith("🙈 **Token status is unknown: Fastwatch has made no check.** Last read <t:")
    assert keeping.board_messages[0].embeds[0]["color"] == 0x95A5A6


async def test_each_server_reports_no_data_by_its_own_rules(keeping: BoardHarness, team: Team) -> None:
    await keeping.harness.world.set_rules(team.id, Rules(no_data_after=HOUR))
    await keeping.post()
    await keeping.quietly(6 * MINUTE)

    assert keeping.shown.startswith("⏳ Last read <t:")


async def test_it_shows_the_most_severe_tokens_and_counts_the_others(keeping: BoardHarness) -> None:
    for token_id in range(1000, 1030):
        keeping.harness.world.imaginepro.link(linked_token(token_id, "RELAX" if token_id < 1020 else "FAST"))
    await keeping.harness.monitor.round()
    await keeping.post()

    lines = [line for line in keeping.shown.split("\n")[3:] if not line.startswith("↳ hours return")]
    assert len(lines) == 16
    assert lines[-1] == "and 18 more: 🟢 13 FAST · 🟡 5 RELAX"


# --- Edits


async def test_nothing_is_sent_without_a_change(keeping: BoardHarness) -> None:
    await keeping.post()
    before = len(keeping.requests())
    await keeping.later(14 * MINUTE)

    assert len(keeping.requests()) == before


async def test_changes_are_shown_by_the_first_pass_after_the_round(keeping: BoardHarness) -> None:
    board_message = await keeping.post()
    await keeping.quietly(MINUTE)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.harness.monitor.round()
    await keeping.boards.update_all()

    assert [message.id for message in keeping.board_messages] == [board_message.id]
    assert "🟡 **111** RELAX" in keeping.shown
    assert (
        keeping.board_messages[0].embeds[0]["timestamp"].startswith(keeping.harness.world.clock.now().isoformat()[:16])
    )


async def test_changes_by_people_are_shown_within_a_minute(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    await keeping.later()
    async with keeping.harness.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, "Studio A", named_by=1, now=keeping.harness.world.clock.now())
    await keeping.later()

    assert "**Studio A (111)**" in keeping.shown


@pytest.mark.slow
async def test_it_is_edited_at_most_once_a_minute_however_much_changes(keeping: BoardHarness) -> None:
    await keeping.post()
    for turn in range(100):
        keeping.harness.world.set_status(111, "RELAX" if turn % 2 else "FAST")
        keeping.harness.world.clock.advance(3 * SECOND)
        await keeping.harness.monitor.round()
        await keeping.boards.update_all()

    assert len(keeping.requests("PATCH")) in (4, 5)


async def test_a_clock_set_back_stops_no_board(keeping: BoardHarness) -> None:
    await keeping.post()
    keeping.harness.world.clock.advance(-5 * HOUR)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(2 * MINUTE)

    assert "RELAX" in keeping.shown


async def test_a_board_posted_by_a_clock_ahead_is_posted_again_when_deleted(keeping: BoardHarness, team: Team) -> None:
    keeping.harness.world.clock.jump(6 * HOUR)
    deleted = await keeping.post()
    keeping.harness.world.clock.jump(-6 * HOUR)
    team.discord.delete(deleted)
    await keeping.quietly(16 * MINUTE, passes=16)

    assert len(keeping.board_messages) == 1


async def test_boards_pause_no_longer_than_asked_when_the_wall_clock_is_put_right(
    keeping: BoardHarness, team: Team
) -> None:
    await keeping.post()
    keeping.harness.world.clock.jump(6 * HOUR)
    edge = fail(team, "PATCH", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=60, via=False)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(MINUTE)
    keeping.harness.world.clock.jump(-6 * HOUR)
    await keeping.later(3 * MINUTE)

    assert edge.hits == 1
    assert "RELAX" in keeping.shown


async def test_a_few_minutes_of_fast_time_are_no_visible_change(keeping: BoardHarness) -> None:
    keeping.fill(12.9)
    await keeping.harness.monitor.round()
    await keeping.post()
    keeping.fill(12.4)
    await keeping.later(3 * MINUTE)
    assert keeping.requests("PATCH") == []

    keeping.fill(11.9)
    await keeping.later(3 * MINUTE)
    assert len(keeping.requests("PATCH")) == 1


async def test_a_restart_continues_with_the_same_board(keeping: BoardHarness) -> None:
    board_message = await keeping.post()
    before = len(keeping.requests())
    keeping.boards = keeping.another()
    await keeping.later(5 * MINUTE)
    assert len(keeping.requests()) == before

    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert [message.id for message in keeping.board_messages] == [board_message.id]
    assert "RELAX" in keeping.shown


@pytest.mark.slow
async def test_after_a_restored_backup_it_shows_the_present_state(keeping: BoardHarness) -> None:
    """The database knows what the board showed at the backup, which is true again, and nothing of the time since."""
    board_message = await keeping.post()
    present, backup = keeping.shown, await keeping.saved()
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert keeping.shown != present

    keeping.harness.world.set_status(111, "FAST")
    await keeping.harness.monitor.round()
    await keeping.harness.monitor.round()
    async with keeping.harness.world.database.transaction() as connection:
        await set_board(connection, backup)
    keeping.boards = keeping.another()
    edits = len(keeping.requests("PATCH"))
    await keeping.later(16 * MINUTE)

    assert keeping.shown == present
    assert [message.id for message in keeping.board_messages] == [board_message.id]
    await keeping.later(16 * MINUTE)
    assert len(keeping.requests("PATCH")) == edits + 1


async def test_the_expensive_check_runs_once_a_round(keeping: BoardHarness) -> None:
    await keeping.post()
    await keeping.later()
    made = []
    make = keeping.boards._render

    async def count(server_id: int) -> object:
        made.append(server_id)
        return await make(server_id)

    keeping.boards._render = count  # type: ignore[method-assign, assignment]
    await keeping.later(5 * MINUTE)

    assert len(made) == 5


async def test_a_former_home_servers_board_pauses_and_resumes(keeping: BoardHarness) -> None:
    await keeping.post()
    keeping.boards = keeping.another(home_servers=frozenset())
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(3 * MINUTE)
    assert "RELAX" not in keeping.shown

    keeping.boards = keeping.another()
    await keeping.later()
    assert "RELAX" in keeping.shown


# --- Discord failures


async def test_while_rate_limited_nothing_is_sent(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    fault = fail(team, "PATCH", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert (fault.hits, len(keeping.requests("PATCH"))) == (1, 1)

    await keeping.later(3 * MINUTE)
    assert len(keeping.requests("PATCH")) == 1
    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown


async def test_a_moved_board_also_waits_while_rate_limited(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    fail(team, "PATCH", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert await keeping.boards.delete(await keeping.saved()) is None
    await keeping.give(nonce="of the new one")
    await keeping.boards.post_soon(team.id, 10)
    assert len(keeping.requests("POST")) == 1

    await keeping.later(5 * MINUTE)
    assert len(keeping.requests("POST")) == 2


async def test_rate_limited_alerts_pause_the_board_too(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    slow_down = Fault(
        "POST", team.posting, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False, times=FOR_EVER
    )
    team.discord.faults.add(slow_down)
    await keeping.harness.posted(111, status="RELAX")
    await keeping.later(4 * MINUTE)
    assert keeping.requests("PATCH") == []

    await keeping.later(3 * MINUTE)
    assert "RELAX" in keeping.shown


async def test_a_rate_limit_of_the_board_never_holds_back_alerts(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    fault = fail(team, "PATCH", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False)
    keeping.harness.world.set_status(222, "RELAX")
    await keeping.later()
    assert fault.hits == 1
    slept = len(keeping.harness.world.clock.slept)
    await keeping.harness.posted(111, status="BANNED")

    assert len(team.posted()) > 0
    assert keeping.harness.world.clock.slept[slept:] == []
    await keeping.later(2 * MINUTE)
    assert len(keeping.requests("PATCH")) == 1


@pytest.mark.parametrize("kind", ["status", "drop_before", "drop_after"])
async def test_a_transient_error_is_retried_a_minute_later(keeping: BoardHarness, team: Team, kind: FaultKind) -> None:
    await keeping.post()
    fault = fail(team, "PATCH", kind, status=HTTPStatus.SERVICE_UNAVAILABLE)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later()
    assert fault.hits == 1
    assert (await keeping.saved()).last_error is not None

    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown
    assert (await keeping.saved()).last_error is None
    assert len(keeping.requests("PATCH")) == 2


async def test_a_board_that_keeps_failing_is_retried_within_the_hour(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    fail(team, "PATCH", status=HTTPStatus.SERVICE_UNAVAILABLE, times=FOR_EVER)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later()
    pauses = []
    for _ in range(12):
        due = (await keeping.saved()).next_attempt_at
        assert due is not None
        pauses.append(due - keeping.harness.world.clock.now())
        await keeping.quietly(pauses[-1])

    assert timedelta(minutes=50) <= max(pauses) <= HOUR


async def test_a_deleted_board_is_posted_again_and_pinned(keeping: BoardHarness, team: Team) -> None:
    board_message = await keeping.post()
    nonce = (await keeping.saved()).nonce
    team.discord.delete(board_message)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later()

    (posted_again,) = keeping.board_messages
    assert posted_again.id != board_message.id
    assert posted_again.pinned
    assert "RELAX" in keeping.shown
    assert (await keeping.saved()).nonce != nonce


async def test_a_deletion_is_noticed_without_a_change(keeping: BoardHarness, team: Team) -> None:
    team.discord.delete(await keeping.post())
    await keeping.later(16 * MINUTE)

    assert len(keeping.board_messages) == 1
    before = len(keeping.requests())
    await keeping.later(12 * MINUTE)
    assert len(keeping.requests()) == before


@pytest.mark.slow
async def test_an_unchanged_board_is_checked_four_times_an_hour(keeping: BoardHarness) -> None:
    await keeping.post()
    await keeping.later(HOUR)

    assert len(keeping.requests("GET")) in (3, 4)
    assert keeping.requests("PATCH") == []


@pytest.mark.parametrize("lost", ["view", "channel"])
@pytest.mark.slow
async def test_permanent_refusals_are_recorded_and_retried_less_often(
    keeping: BoardHarness, team: Team, lost: str
) -> None:
    await keeping.post()
    if lost == "channel":
        team.discord.remove_channel(team.talk)
    else:
        team.discord.change_channel(team.talk, bot_may_view=False)
    keeping.harness.world.set_status(111, "RELAX")
    with structlog.testing.capture_logs() as logs:
        await keeping.quietly(24 * HOUR, passes=24 * 20)

    board = await keeping.saved()
    assert board.last_error in ("I cannot see the channel", "the channel no longer exists")
    assert board.next_attempt_at is not None
    assert 24 <= len(keeping.requests("PATCH")) <= 32
    assert [log["event"] for log in logs].count("Discord refuses a board.") <= 32


@pytest.mark.slow
async def test_a_refused_board_recovers_within_the_hour(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    team.discord.change_channel(team.talk, bot_may_view=False)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later()
    await keeping.quietly(5 * HOUR, passes=100)
    team.discord.change_channel(team.talk)
    await keeping.later(70 * MINUTE)

    assert "RELAX" in keeping.shown
    assert (await keeping.saved()).last_error is None


async def test_after_a_success_the_delays_are_short_again(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    for status in ("RELAX", "BANNED"):
        fault = fail(team, "PATCH", status=HTTPStatus.SERVICE_UNAVAILABLE)
        keeping.harness.world.set_status(111, status)
        await keeping.later(4 * MINUTE)
        assert fault.hits == 1
        assert status in keeping.shown

    fail(team, "PATCH", status=HTTPStatus.SERVICE_UNAVAILABLE)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later()
    next_attempt_at = (await keeping.saved()).next_attempt_at
    assert next_attempt_at is not None
    assert next_attempt_at - keeping.harness.world.clock.now() <= 70 * SECOND


async def test_a_wait_survives_a_restart(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    team.discord.change_channel(team.talk, bot_may_view=False)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later()
    assert len(keeping.requests("PATCH")) == 1
    keeping.boards = keeping.another()
    await keeping.quietly(30 * SECOND)

    assert len(keeping.requests("PATCH")) == 1


async def test_without_permission_to_pin_it_works_unpinned(keeping: BoardHarness, team: Team) -> None:
    team.discord.change_channel(team.talk, deny=Permission.PIN_MESSAGES)
    board_message = await keeping.post()
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(2 * MINUTE)

    assert not board_message.pinned
    assert "RELAX" in keeping.shown
    assert len(keeping.requests("PUT")) == 1


async def test_without_permission_to_read_it_is_still_edited(keeping: BoardHarness, team: Team) -> None:
    await keeping.post()
    team.discord.change_channel(team.talk, deny=Permission.READ_MESSAGE_HISTORY)
    await keeping.later(16 * MINUTE)
    assert (await keeping.saved()).last_error is None

    keeping.harness.world.set_status(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown


# --- Lost between sending and saving


async def test_a_lost_response_to_posting_leaves_one_board(keeping: BoardHarness, team: Team) -> None:
    fail(team, "POST", "drop_after")
    await keeping.give()
    await keeping.boards.update_all()
    assert (await keeping.saved()).posted_message_id is None

    await keeping.later(2 * MINUTE)
    (board_message,) = keeping.board_messages
    assert (await keeping.saved()).posted_message_id == board_message.id
    assert board_message.pinned
    assert team.discord.repeats == 1


async def test_a_previous_attempts_message_is_updated(keeping: BoardHarness, team: Team) -> None:
    fail(team, "POST", "drop_after")
    await keeping.give()
    await keeping.boards.update_all()
    async with keeping.harness.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, "Studio A", named_by=1, now=keeping.harness.world.clock.now())
    await keeping.later(4 * MINUTE)

    assert len(keeping.board_messages) == 1
    assert "**Studio A (111)**" in keeping.shown


async def test_after_the_nonce_expired_the_previous_attempt_is_found(keeping: BoardHarness, team: Team) -> None:
    fail(team, "POST", "drop_after")
    await keeping.give()
    await keeping.boards.update_all()
    keeping.boards = keeping.another()
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.quietly(3 * HOUR)

    (board_message,) = keeping.board_messages
    assert (await keeping.saved()).posted_message_id == board_message.id
    assert len(keeping.requests("POST")) == 1
    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown


async def test_messages_of_others_are_not_mistaken_for_it(keeping: BoardHarness, team: Team) -> None:
    fail(team, "POST", "drop_before")
    await keeping.give()
    await keeping.boards.update_all()
    await keeping.client.get_partial_messageable(team.talk).send("hello")
    await keeping.quietly(3 * HOUR)

    assert [bool(message.embeds) for message in keeping.board_messages] == [False, True]


async def test_a_board_moved_while_being_posted_leaves_nothing_behind(keeping: BoardHarness, team: Team) -> None:
    async def move(_: Request) -> None:
        await keeping.give(team.alerts, "of the other place")

    fail(team, "POST", "call_before", callback=move)
    await keeping.give()
    await keeping.boards.update_all()
    assert keeping.board_messages == []

    await keeping.later()
    assert [message.embeds[0]["title"] for message in team.posted()] == [texts.board.TITLE]


async def test_a_board_removed_while_being_posted_leaves_nothing_behind(keeping: BoardHarness, team: Team) -> None:
    async def remove(_: Request) -> None:
        async with keeping.harness.world.database.transaction() as connection:
            await remove_board(connection, team.id)

    fail(team, "POST", "call_before", callback=remove)
    await keeping.give()
    await keeping.boards.update_all()
    await keeping.later(2 * MINUTE)

    assert keeping.board_messages == []


# --- Two processes


async def test_of_two_processes_one_edits(keeping: BoardHarness) -> None:
    await keeping.post()
    other = keeping.another()
    for minute in range(4):
        keeping.harness.world.set_status(111, "FAST" if minute % 2 else "RELAX")
        keeping.harness.world.clock.advance(MINUTE)
        await keeping.harness.monitor.round()
        await asyncio.gather(other.update_all(), keeping.boards.update_all())

    assert len(keeping.requests("PATCH")) == 4
    assert len(keeping.requests("POST")) == 1


async def test_when_one_process_stops_the_other_takes_over(keeping: BoardHarness) -> None:
    await keeping.post()
    keeping.harness.world.set_status(111, "RELAX")
    keeping.boards = keeping.another()
    await keeping.later(2 * MINUTE)

    assert "RELAX" in keeping.shown


async def test_an_edit_by_the_stopped_process_is_not_repeated(
    keeping: BoardHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeping.post()
    other, take = keeping.another(), keeping.boards._lease.take

    async def take_after_the_other() -> bool:
        async with other._lease.released_at_the_end():
            await other.update_all()
        return await take()

    keeping.harness.world.clock.advance(MINUTE)
    keeping.harness.world.set_status(111, "RELAX")
    await keeping.harness.monitor.round()
    monkeypatch.setattr(keeping.boards._lease, "take", take_after_the_other)
    await keeping.boards.update_all()

    assert "RELAX" in keeping.shown
    assert (len(keeping.requests("PATCH")), keeping.requests("GET")) == (1, [])


async def test_two_concurrent_posts_show_one_board(keeping: BoardHarness, team: Team) -> None:
    await keeping.give()
    other = keeping.another()
    await asyncio.gather(*(boards.post_soon(team.id, 10) for boards in (keeping.boards, other)))

    assert len(keeping.board_messages) == 1


# --- Long-running


async def test_an_unexpected_error_of_one_board_does_not_affect_the_others(
    keeping: BoardHarness, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.boards = keeping.another(home_servers={team.id, other_team.id})
    make = keeping.boards._render

    async def make_others(server_id: int) -> object:
        if server_id == team.id:
            raise ValueError("made up")
        return await make(server_id)

    monkeypatch.setattr(keeping.boards, "_render", make_others)
    first = await keeping.give()
    async with keeping.harness.world.database.transaction() as connection:
        await set_board(
            connection, replace(first, server_id=other_team.id, channel_id=other_team.talk, nonce="another")
        )
    with structlog.testing.capture_logs() as logs:
        await keeping.quietly(2 * MINUTE, passes=12)

    assert len(team.discord.messages(other_team.talk)) == 1
    assert [log["log_level"] for log in logs].count("error") == 2
    monkeypatch.undo()
    await keeping.quietly(MINUTE)
    assert len(keeping.board_messages) == 1


async def test_it_keeps_running_whatever_happens(
    keeping: BoardHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = keeping.harness.world.clock

    async def full_disk(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as context, structlog.testing.capture_logs() as logs:
        context.setattr(keeping.boards, "_render", full_disk)
        context.setattr(keeping.boards, "_database", None)
        await keeping.boards.update_all()
        context.undo()
        context.setattr(keeping.boards, "_render", full_disk)
        await keeping.give()
        await keeping.boards.update_all()
    assert [log["log_level"] for log in logs] == ["error", "error"]

    clock.advance(HOUR)
    running = asyncio.create_task(keeping.boards.run())
    await team.discord.wait_for(lambda: bool(keeping.board_messages))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
