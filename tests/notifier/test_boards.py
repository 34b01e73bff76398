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
from tests.monitor.world import MINUTE, Alerting, Team
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import Fault, Message, Permission, Request
from tests.standins.imaginepro_server import linked_token

SECOND = timedelta(seconds=1)
HALF_A_MINUTE = timedelta(seconds=30)
HOUR = timedelta(hours=1)
FOR_EVER = 1_000_000


@dataclass
class Keeping:
    """What a test of the boards does: rounds see something, time passes, and the board is kept up."""

    alerting: Alerting
    team: Team
    client: discord.Client
    boards: Boards

    def another(self, **others: object) -> Boards:
        """Make the boards of another process, or of this one after a restart."""
        world = self.alerting.world
        options = {"home_servers": {self.team.id}, "poll_interval": MINUTE} | others
        return Boards(
            world.account_id,
            world.database,
            world.clock,
            self.alerting.sender,
            **options,  # type: ignore[arg-type]
        )

    async def give(self, channel_id: int | None = None, nonce: str = "chosen by the command") -> Board:
        """Give the server a board, as the command does before it is posted."""
        world = self.alerting.world
        where = channel_id or self.team.talk
        board = Board(self.team.id, world.account_id, where, nonce, self.team.mod, world.clock.now())
        async with world.database.transaction() as connection:
            await set_board(connection, board)
        return board

    async def post(self) -> Message:
        """Give the server a board, and have it posted."""
        await self.give()
        await self.boards.update_all()
        (message,) = self.cards
        return message

    async def kept(self) -> Board:
        """Read what is known of the board."""
        async with self.alerting.world.database.reading() as connection:
            board = await get_board(connection, self.team.id)
        assert board is not None
        return board

    async def later(self, length: timedelta = MINUTE) -> None:
        """Have a round a minute and a pass each half of it for so long."""
        for half in range(1, int(length / HALF_A_MINUTE) + 1):
            self.alerting.world.clock.advance(HALF_A_MINUTE)
            if half % 2 == 0:
                await self.alerting.monitor.round()
            await self.boards.update_all()

    async def quietly(self, length: timedelta, passes: int = 1) -> None:
        """Let time pass with no round, and have a pass at its end, or several on the way there."""
        for _ in range(passes):
            self.alerting.world.clock.advance(length / passes)
            await self.boards.update_all()

    def fill(self, hours: float, token_id: int = 111) -> None:
        """Leave a token so many of its 15 hours."""
        self.alerting.world.imaginepro.tokens[token_id].info["fastTimeRemaining"] = f"{hours:.2f}/15.0 hours"

    @property
    def cards(self) -> list[Message]:
        return self.team.discord.messages(self.team.talk)

    @property
    def shown(self) -> str:
        """What the only board says."""
        (card,) = self.cards
        return str(card.embeds[0]["description"])

    def requests(self, method: str = ".+") -> list[Request]:
        """The requests that had to do with the channel of the board."""
        path = f"/channels/{self.team.talk}/"
        return [one for one in self.team.discord.requests if one.path.startswith(path) and method in (".+", one.method)]


@pytest.fixture
async def keeping(alerting: Alerting, team: Team, client: discord.Client) -> Keeping:
    keeping = Keeping(alerting, team, client, None)  # type: ignore[arg-type]
    keeping.boards = keeping.another()
    return keeping


def fail(team: Team, method: str, kind: FaultKind = "status", **others: object) -> Fault:
    path = rf"/channels/{team.talk}/messages(/\d+)?"
    return team.discord.faults.add(Fault(method, path, kind, **others))  # type: ignore[arg-type]


# --- What stands there


async def test_a_board_is_posted_pinned_without_a_sound_and_shows_the_tokens(keeping: Keeping) -> None:
    card = await keeping.post()

    assert card.embeds[0]["title"] == texts.board.TITLE
    assert [line[:7] for line in keeping.shown.split("\n")[3:]] == ["🟢 **111", "🟢 **222", "🟢 **333"]
    assert (card.pinned, card.silent) == (True, True)
    menu, history = (row["components"][0] for row in card.components)
    assert [option["value"] for option in menu["options"]] == ["111", "222", "333"]
    assert (menu["custom_id"], history["custom_id"]) == (
        custom_ids.BOARD_TOKENS.encode(),
        custom_ids.FLEET_HISTORY.encode(),
    )
    assert (await keeping.kept()).posted_message_id == card.id


async def test_nothing_on_it_ever_pings(keeping: Keeping) -> None:
    async with keeping.alerting.world.database.transaction() as connection:
        name = f"@everyone <@&{keeping.team.role}>"
        await set_name(connection, keeping.team.id, 111, name[:30], named_by=1, now=keeping.alerting.world.clock.now())
    await keeping.post()
    keeping.alerting.world.put(111, "BANNED")
    await keeping.later(2 * MINUTE)

    bodies = [request.body for request in keeping.requests() if request.method in ("POST", "PATCH")]
    assert len(bodies) == 2
    assert all(body["allowed_mentions"] == {"parse": []} for body in bodies)


async def test_it_shows_what_is_open_with_a_link_to_the_alert(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    await keeping.alerting.told(111, status="BANNED")
    await keeping.later()

    async with keeping.alerting.world.database.reading() as connection:
        (post,) = (await open_posts(connection, team.id)).values()
    (field,) = keeping.cards[0].embeds[0]["fields"]
    assert field["name"] == texts.alerts_overview.FIELD_OPEN
    assert f"/{team.id}/{team.alerts}/{post.discord_message_id}" in field["value"]
    assert keeping.shown.split("\n")[3].startswith("🔴 **111**")


async def test_when_nothing_is_known_of_the_tokens_it_says_so_and_is_grey(keeping: Keeping) -> None:
    await keeping.post()
    await keeping.quietly(6 * MINUTE)

    assert keeping.shown.startswith("🙈 **ImaginePro has not responded since")
    assert keeping.cards[0].embeds[0]["color"] == 0x95A5A6


async def test_each_server_says_so_by_its_own_rules(keeping: Keeping, team: Team) -> None:
    await keeping.alerting.world.set_rules(team.id, Rules(no_data_after=HOUR))
    await keeping.post()
    await keeping.quietly(6 * MINUTE)

    assert keeping.shown.startswith("⏳ ImaginePro has not responded since")


async def test_of_many_tokens_it_shows_the_worst_and_counts_the_others(keeping: Keeping) -> None:
    for token_id in range(1000, 1030):
        keeping.alerting.world.imaginepro.link(linked_token(token_id, "RELAX" if token_id < 1020 else "FAST"))
    await keeping.alerting.monitor.round()
    await keeping.post()

    lines = keeping.shown.split("\n")[3:]
    assert len(lines) == 16
    assert lines[-1] == "and 18 more: 🟢 13 FAST · 🟡 5 RELAX"


# --- When it is edited


async def test_where_nothing_has_changed_nothing_is_sent(keeping: Keeping) -> None:
    await keeping.post()
    before = len(keeping.requests())
    await keeping.later(14 * MINUTE)

    assert len(keeping.requests()) == before


async def test_what_has_changed_is_shown_by_the_first_pass_after_the_round(keeping: Keeping) -> None:
    card = await keeping.post()
    await keeping.quietly(MINUTE)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.alerting.monitor.round()
    await keeping.boards.update_all()

    assert [message.id for message in keeping.cards] == [card.id]
    assert "🟡 **111** · RELAX" in keeping.shown
    assert keeping.cards[0].embeds[0]["timestamp"].startswith(keeping.alerting.world.clock.now().isoformat()[:16])


async def test_what_people_change_is_shown_within_a_minute(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    await keeping.later()
    async with keeping.alerting.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, "Studio A", named_by=1, now=keeping.alerting.world.clock.now())
    await keeping.later()

    assert "**111 (Studio A)**" in keeping.shown


@pytest.mark.slow
async def test_it_is_edited_at_most_once_a_minute_however_much_changes(keeping: Keeping) -> None:
    await keeping.post()
    for turn in range(100):
        keeping.alerting.world.put(111, "RELAX" if turn % 2 else "FAST")
        keeping.alerting.world.clock.advance(3 * SECOND)
        await keeping.alerting.monitor.round()
        await keeping.boards.update_all()

    assert len(keeping.requests("PATCH")) in (4, 5)


async def test_a_clock_that_was_set_back_stops_no_board(keeping: Keeping) -> None:
    await keeping.post()
    keeping.alerting.world.clock.advance(-5 * HOUR)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later(2 * MINUTE)

    assert "RELAX" in keeping.shown


async def test_a_few_minutes_of_fast_time_are_no_visible_change(keeping: Keeping) -> None:
    keeping.fill(12.9)
    await keeping.alerting.monitor.round()
    await keeping.post()
    keeping.fill(12.4)
    await keeping.later(3 * MINUTE)
    assert keeping.requests("PATCH") == []

    keeping.fill(11.9)
    await keeping.later(3 * MINUTE)
    assert len(keeping.requests("PATCH")) == 1


async def test_a_restart_goes_on_with_the_same_board(keeping: Keeping) -> None:
    card = await keeping.post()
    before = len(keeping.requests())
    keeping.boards = keeping.another()
    await keeping.later(5 * MINUTE)
    assert len(keeping.requests()) == before

    keeping.alerting.world.put(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert [message.id for message in keeping.cards] == [card.id]
    assert "RELAX" in keeping.shown


async def test_what_it_costs_to_look_is_paid_once_a_round(keeping: Keeping) -> None:
    await keeping.post()
    await keeping.later()
    made = []
    make = keeping.boards._make

    async def count(server_id: int) -> object:
        made.append(server_id)
        return await make(server_id)

    keeping.boards._make = count  # type: ignore[method-assign, assignment]
    await keeping.later(5 * MINUTE)

    assert len(made) == 5


async def test_a_server_that_is_no_home_any_more_is_left_alone_and_goes_on_when_it_is_again(keeping: Keeping) -> None:
    await keeping.post()
    keeping.boards = keeping.another(home_servers=frozenset())
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later(3 * MINUTE)
    assert "RELAX" not in keeping.shown

    keeping.boards = keeping.another()
    await keeping.later()
    assert "RELAX" in keeping.shown


# --- What Discord does to it


async def test_while_discord_asks_to_slow_down_nothing_is_sent(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    fault = fail(team, "PATCH", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert (fault.hits, len(keeping.requests("PATCH"))) == (1, 1)

    await keeping.later(3 * MINUTE)
    assert len(keeping.requests("PATCH")) == 1
    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown


async def test_a_board_that_is_moved_waits_as_well_while_discord_asks_to_slow_down(
    keeping: Keeping, team: Team
) -> None:
    await keeping.post()
    fail(team, "PATCH", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert await keeping.boards.delete(await keeping.kept()) is None
    await keeping.give(nonce="of the new one")
    await keeping.boards.post_soon(team.id, 10)
    assert len(keeping.requests("POST")) == 1

    await keeping.later(5 * MINUTE)
    assert len(keeping.requests("POST")) == 2


async def test_where_alerts_were_asked_to_slow_down_the_board_keeps_still_too(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    slow_down = Fault(
        "POST", team.posting, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False, times=FOR_EVER
    )
    team.discord.faults.add(slow_down)
    await keeping.alerting.told(111, status="RELAX")
    await keeping.later(4 * MINUTE)
    assert keeping.requests("PATCH") == []

    await keeping.later(3 * MINUTE)
    assert "RELAX" in keeping.shown


async def test_where_the_board_was_asked_to_slow_down_alerts_keep_still_as_long_as_discord_asks(
    keeping: Keeping, team: Team
) -> None:
    await keeping.post()
    fail(team, "PATCH", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=300, via=False)
    keeping.alerting.world.put(222, "RELAX")
    await keeping.later()
    refused_at = keeping.alerting.world.clock.now()
    await keeping.alerting.told(111, status="BANNED")

    assert len(team.told()) > 0
    assert 300 * SECOND <= keeping.alerting.world.clock.now() - refused_at <= 361 * SECOND


@pytest.mark.parametrize("kind", ["status", "drop_before", "drop_after"])
async def test_what_passes_by_itself_is_tried_again_a_minute_later(
    keeping: Keeping, team: Team, kind: FaultKind
) -> None:
    await keeping.post()
    fault = fail(team, "PATCH", kind, status=HTTPStatus.SERVICE_UNAVAILABLE)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later()
    assert fault.hits == 1
    assert (await keeping.kept()).last_error is not None

    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown
    assert (await keeping.kept()).last_error is None
    assert len(keeping.requests("PATCH")) == 2


async def test_a_board_that_was_deleted_is_posted_anew_and_pinned(keeping: Keeping, team: Team) -> None:
    card = await keeping.post()
    nonce = (await keeping.kept()).nonce
    team.discord.delete(card)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later()

    (anew,) = keeping.cards
    assert anew.id != card.id
    assert anew.pinned
    assert "RELAX" in keeping.shown
    assert (await keeping.kept()).nonce != nonce


async def test_that_it_was_deleted_is_noticed_though_nothing_changes(keeping: Keeping, team: Team) -> None:
    team.discord.delete(await keeping.post())
    await keeping.later(16 * MINUTE)

    assert len(keeping.cards) == 1
    before = len(keeping.requests())
    await keeping.later(12 * MINUTE)
    assert len(keeping.requests()) == before


@pytest.mark.slow
async def test_a_board_that_is_still_there_is_looked_at_four_times_an_hour_and_left_alone(keeping: Keeping) -> None:
    await keeping.post()
    await keeping.later(HOUR)

    assert len(keeping.requests("GET")) in (3, 4)
    assert keeping.requests("PATCH") == []


@pytest.mark.parametrize("lost", ["view", "channel"])
@pytest.mark.slow
async def test_what_is_refused_for_good_is_written_down_and_tried_ever_more_seldom(
    keeping: Keeping, team: Team, lost: str
) -> None:
    await keeping.post()
    if lost == "channel":
        team.discord.remove_channel(team.talk)
    else:
        team.discord.change_channel(team.talk, bot_may_view=False)
    keeping.alerting.world.put(111, "RELAX")
    with structlog.testing.capture_logs() as logs:
        await keeping.quietly(24 * HOUR, passes=24 * 20)

    board = await keeping.kept()
    assert board.last_error in ("I cannot see the channel: code 50001", "the channel no longer exists: code 10003")
    assert board.next_attempt_at is not None
    assert 24 <= len(keeping.requests("PATCH")) <= 32
    assert [log["event"] for log in logs].count("Discord refuses a board; it is tried again.") <= 32


@pytest.mark.slow
async def test_what_was_refused_heals_by_itself_within_the_hour(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    team.discord.change_channel(team.talk, bot_may_view=False)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later()
    await keeping.quietly(5 * HOUR, passes=100)
    team.discord.change_channel(team.talk)
    await keeping.later(70 * MINUTE)

    assert "RELAX" in keeping.shown
    assert (await keeping.kept()).last_error is None


async def test_after_a_success_the_pauses_are_short_again(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    for status in ("RELAX", "BANNED"):
        fault = fail(team, "PATCH", status=HTTPStatus.SERVICE_UNAVAILABLE)
        keeping.alerting.world.put(111, status)
        await keeping.later(4 * MINUTE)
        assert fault.hits == 1
        assert status in keeping.shown

    fail(team, "PATCH", status=HTTPStatus.SERVICE_UNAVAILABLE)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later()
    next_attempt_at = (await keeping.kept()).next_attempt_at
    assert next_attempt_at is not None
    assert next_attempt_at - keeping.alerting.world.clock.now() <= 70 * SECOND


async def test_a_wait_outlives_a_restart(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    team.discord.change_channel(team.talk, bot_may_view=False)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later()
    assert len(keeping.requests("PATCH")) == 1
    keeping.boards = keeping.another()
    await keeping.quietly(30 * SECOND)

    assert len(keeping.requests("PATCH")) == 1


async def test_where_it_may_not_be_pinned_it_works_unpinned(keeping: Keeping, team: Team) -> None:
    team.discord.change_channel(team.talk, deny=Permission.PIN_MESSAGES)
    card = await keeping.post()
    keeping.alerting.world.put(111, "RELAX")
    await keeping.later(2 * MINUTE)

    assert not card.pinned
    assert "RELAX" in keeping.shown
    assert len(keeping.requests("PUT")) == 1


async def test_where_it_may_not_be_looked_at_it_is_edited_all_the_same(keeping: Keeping, team: Team) -> None:
    await keeping.post()
    team.discord.change_channel(team.talk, deny=Permission.READ_MESSAGE_HISTORY)
    await keeping.later(16 * MINUTE)
    assert (await keeping.kept()).last_error is None

    keeping.alerting.world.put(111, "RELAX")
    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown


# --- What is lost between sending and writing down


async def test_a_lost_answer_to_posting_leaves_one_board(keeping: Keeping, team: Team) -> None:
    fail(team, "POST", "drop_after")
    await keeping.give()
    await keeping.boards.update_all()
    assert (await keeping.kept()).posted_message_id is None

    await keeping.later(2 * MINUTE)
    (card,) = keeping.cards
    assert (await keeping.kept()).posted_message_id == card.id
    assert card.pinned
    assert team.discord.repeats == 1


async def test_what_an_earlier_try_has_left_is_brought_up_to_date(keeping: Keeping, team: Team) -> None:
    fail(team, "POST", "drop_after")
    await keeping.give()
    await keeping.boards.update_all()
    async with keeping.alerting.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, "Studio A", named_by=1, now=keeping.alerting.world.clock.now())
    await keeping.later(4 * MINUTE)

    assert len(keeping.cards) == 1
    assert "**111 (Studio A)**" in keeping.shown


async def test_after_discord_has_forgotten_the_nonce_the_earlier_try_is_found(keeping: Keeping, team: Team) -> None:
    fail(team, "POST", "drop_after")
    await keeping.give()
    await keeping.boards.update_all()
    keeping.boards = keeping.another()
    keeping.alerting.world.put(111, "RELAX")
    await keeping.quietly(3 * HOUR)

    (card,) = keeping.cards
    assert (await keeping.kept()).posted_message_id == card.id
    assert len(keeping.requests("POST")) == 1
    await keeping.later(2 * MINUTE)
    assert "RELAX" in keeping.shown


async def test_what_others_have_posted_there_is_not_taken_for_it(keeping: Keeping, team: Team) -> None:
    fail(team, "POST", "drop_before")
    await keeping.give()
    await keeping.boards.update_all()
    await keeping.client.get_partial_messageable(team.talk).send("hello")
    await keeping.quietly(3 * HOUR)

    assert [bool(message.embeds) for message in keeping.cards] == [False, True]


async def test_a_board_that_is_moved_while_it_is_posted_leaves_nothing_behind(keeping: Keeping, team: Team) -> None:
    async def move(_: Request) -> None:
        await keeping.give(team.alerts, "of the other place")

    fail(team, "POST", "call_before", callback=move)
    await keeping.give()
    await keeping.boards.update_all()
    assert keeping.cards == []

    await keeping.later()
    assert [message.embeds[0]["title"] for message in team.told()] == [texts.board.TITLE]


async def test_a_board_that_is_removed_while_it_is_posted_leaves_nothing_behind(keeping: Keeping, team: Team) -> None:
    async def remove(_: Request) -> None:
        async with keeping.alerting.world.database.transaction() as connection:
            await remove_board(connection, team.id)

    fail(team, "POST", "call_before", callback=remove)
    await keeping.give()
    await keeping.boards.update_all()
    await keeping.later(2 * MINUTE)

    assert keeping.cards == []


# --- Two processes


async def test_of_two_processes_one_edits(keeping: Keeping) -> None:
    await keeping.post()
    other = keeping.another()
    for minute in range(4):
        keeping.alerting.world.put(111, "FAST" if minute % 2 else "RELAX")
        keeping.alerting.world.clock.advance(MINUTE)
        await keeping.alerting.monitor.round()
        await asyncio.gather(other.update_all(), keeping.boards.update_all())

    assert len(keeping.requests("PATCH")) == 4
    assert len(keeping.requests("POST")) == 1


async def test_when_the_one_is_no_more_the_other_takes_over(keeping: Keeping) -> None:
    await keeping.post()
    keeping.alerting.world.put(111, "RELAX")
    keeping.boards = keeping.another()
    await keeping.later(2 * MINUTE)

    assert "RELAX" in keeping.shown


async def test_what_the_other_has_shown_just_before_it_ended_is_not_shown_again(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeping.post()
    other, take = keeping.another(), keeping.boards._lease.take

    async def take_after_the_other() -> bool:
        async with other._lease.released_at_the_end():
            await other.update_all()
        return await take()

    keeping.alerting.world.clock.advance(MINUTE)
    keeping.alerting.world.put(111, "RELAX")
    await keeping.alerting.monitor.round()
    monkeypatch.setattr(keeping.boards._lease, "take", take_after_the_other)
    await keeping.boards.update_all()

    assert "RELAX" in keeping.shown
    assert (len(keeping.requests("PATCH")), keeping.requests("GET")) == (1, [])


async def test_where_two_processes_post_it_at_once_people_see_one(keeping: Keeping, team: Team) -> None:
    await keeping.give()
    other = keeping.another()
    await asyncio.gather(*(boards.post_soon(team.id, 10) for boards in (keeping.boards, other)))

    assert len(keeping.cards) == 1


# --- For ever


async def test_what_nobody_expected_of_one_board_does_no_harm_to_the_others(
    keeping: Keeping, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.boards = keeping.another(home_servers={team.id, other_team.id})
    make = keeping.boards._make

    async def make_others(server_id: int) -> object:
        if server_id == team.id:
            raise ValueError("made up")
        return await make(server_id)

    monkeypatch.setattr(keeping.boards, "_make", make_others)
    first = await keeping.give()
    async with keeping.alerting.world.database.transaction() as connection:
        await set_board(
            connection, replace(first, server_id=other_team.id, channel_id=other_team.talk, nonce="another")
        )
    with structlog.testing.capture_logs() as logs:
        await keeping.quietly(2 * MINUTE, passes=12)

    assert len(team.discord.messages(other_team.talk)) == 1
    assert [log["log_level"] for log in logs].count("error") == 2
    monkeypatch.undo()
    await keeping.quietly(MINUTE)
    assert len(keeping.cards) == 1


async def test_it_runs_for_ever_whatever_happens(keeping: Keeping, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = keeping.alerting.world.clock

    async def full_disk(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as context, structlog.testing.capture_logs() as logs:
        context.setattr(keeping.boards, "_make", full_disk)
        context.setattr(keeping.boards, "_database", None)
        await keeping.boards.update_all()
        context.undo()
        context.setattr(keeping.boards, "_make", full_disk)
        await keeping.give()
        await keeping.boards.update_all()
    assert [log["log_level"] for log in logs] == ["error", "error"]

    clock.advance(HOUR)
    running = asyncio.create_task(keeping.boards.run())
    await team.discord.wait_for(lambda: bool(keeping.cards))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
