"""The boards: each shows what the database knows, and is posted again where somebody has deleted it."""

import asyncio
from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.notifier.actions import (
    Attempt,
    Check,
    Delete,
    Drop,
    Dropped,
    Edit,
    Post,
    Reason,
    Refused,
    RetryAt,
    Sent,
)
from bot.notifier.discord_errors import Backoff
from bot.notifier.previous_attempts import BoardSignature
from bot.notifier.sender import Sender
from bot.queries.fleet import board_overview
from bot.storage.accounts import get_account
from bot.storage.boards import Board, boards_of, get_board, save_board
from bot.storage.database import Database
from bot.storage.incidents import PostedMessage
from bot.storage.leases import Lease
from bot.ui.alerts import OutgoingMessage
from bot.ui.board import BoardMessage, board_message

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 10
_EDITED_AT_MOST_EVERY = timedelta(minutes=1)
# Without a round, people change what a board shows too: names, acknowledgements.
_MADE_AGAIN_EVERY = timedelta(minutes=1)
# Discord does not tell the bot that a Discord message was deleted: the bot does not ask for such events.
_CHECKED_EVERY = timedelta(minutes=15)
# First as long as between two edits: one that seems to have failed may have reached Discord.
_BACKOFF = Backoff(first=60, longest=3600)


@dataclass(slots=True)
class _Progress:
    """What this process remembers of a server's board."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    rests_until: datetime | None = None
    """After what nobody expected, and could not be recorded."""
    made_at: datetime | None = None
    made_of_round: datetime | None = None
    checked_at: datetime | None = None


def plan_board(
    board: Board, message: BoardMessage, now: datetime, checked_at: datetime | None
) -> Post | Edit | Check | Drop:
    """Decide what to do about a board, so that it shows this message."""
    outgoing = OutgoingMessage("", message.embed, message.view)
    if board.posted_message_id is None:
        # By now the nonce is in the database, and so is the time of the first attempt.
        return Post(
            Reason.NOT_POSTED,
            board.channel_id,
            board.server_id,
            outgoing,
            nonce=board.nonce,
            signature=BoardSignature(),
            is_pinned=True,
        )
    target = PostedMessage(board.channel_id, board.posted_message_id)
    if board.content_hash != message.fingerprint or board.last_error is not None:
        return Edit(Reason.UPDATE, target, outgoing, if_gone=Drop(Reason.NOTHING_NEW))
    edited_at = board.edited_at or board.posted_at
    if now - max(edited_at, checked_at or edited_at) >= _CHECKED_EVERY:
        return Check(Reason.STILL_THERE, target)
    return Drop(Reason.NOTHING_NEW)


class Boards:
    """Keeps the boards of the home servers up to date. The outcome is in the database, so a restart ends nothing."""

    def __init__(
        self,
        account_id: int,
        database: Database,
        clock: Clock,
        sender: Sender,
        *,
        home_servers: Set[int],
        poll_interval: timedelta,
    ) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._sender = sender
        self._home_servers = home_servers
        self._poll_interval = poll_interval
        self._lease = Lease("boards", database, clock, does="keeps the boards up")
        self._progress: defaultdict[int, _Progress] = defaultdict(_Progress)

    async def run(self) -> None:
        """Keep the boards up to date for ever. The client must be logged in; its gateway need not be connected."""
        async with self._lease.released_at_the_end():
            while True:
                await shield_until_done(self.update_all())
                await self._clock.sleep(_LOOK_SECONDS)

    async def update_all(self) -> None:
        """Show what has changed. Raises nothing."""
        try:
            async with self._database.reading() as connection:
                boards = await boards_of(connection, self._account_id)
                account = await get_account(connection, self._account_id)
        except Exception:
            # The loop must outlive whatever this was.
            log.exception("The boards could not be looked up; it is tried again.")
            return
        for board in boards:
            if board.server_id in self._home_servers and self._is_due(board, account.last_success_at):
                await self._update(board.server_id, account.last_success_at)

    async def post_soon(self, server_id: int, seconds: float) -> None:
        """Post the board of a server that was just given one, and wait so long for that.

        Without a lease: where two processes post it, Discord drops the repeat by its nonce.
        """
        self._progress[server_id].failures = 0
        if self._sender.is_quiet:
            return
        posting = asyncio.create_task(self._update(server_id, None, with_lease=False))
        await asyncio.wait({posting}, timeout=seconds)

    async def delete(self, board: Board) -> str | None:
        """Delete a board's Discord message; why that failed, if it did. One that is gone already is no failure."""
        if board.posted_message_id is None:
            return None
        target = PostedMessage(board.channel_id, board.posted_message_id)
        outcome = await self._sender.perform(Delete(Reason.REMOVED, target), Attempt())
        return outcome.problem if isinstance(outcome, Refused | RetryAt) else None

    def _is_due(self, board: Board, last_success_at: datetime | None) -> bool:
        """Whether it is worth the trouble to make the board: the fleet of a large account takes its time."""
        now, progress = self._clock.now(), self._progress[board.server_id]
        rests = (board.next_attempt_at, progress.rests_until)
        if self._sender.is_quiet or any(until is not None and now < until for until in rests):
            return False
        if board.posted_message_id is None or board.last_error is not None:
            return True
        # A clock may be set back: what was shown later than now was not shown just now.
        if board.edited_at is not None and board.edited_at <= now < board.edited_at + _EDITED_AT_MOST_EVERY:
            return False
        if progress.made_at is None or progress.made_of_round != last_success_at:
            return True
        return now - progress.made_at >= _MADE_AGAIN_EVERY

    async def _update(self, server_id: int, last_success_at: datetime | None, *, with_lease: bool = True) -> None:
        progress = self._progress[server_id]
        async with progress.turn:
            try:
                made = await self._make(server_id)
                if made is None:
                    return
                board, message = made
                progress.made_at, progress.made_of_round = self._clock.now(), last_success_at
                is_to_show = not isinstance(self._plan(board, message), Drop)
                while is_to_show and (not with_lease or await self._lease.take()):
                    is_to_show = await self._show(server_id, message)
            except Exception:
                log.exception("A board could not be kept up for a reason nobody expected.", server=server_id)
                progress.rests_until = self._clock.now() + timedelta(seconds=_BACKOFF.first)

    async def _make(self, server_id: int) -> tuple[Board, BoardMessage] | None:
        async with self._database.reading() as connection:
            board = await get_board(connection, server_id)
            if board is None:
                return None
            overview = await board_overview(
                connection, self._account_id, server_id, self._clock.now(), poll_interval=self._poll_interval
            )
        return board, board_message(overview)

    def _plan(self, board: Board, message: BoardMessage) -> Post | Edit | Check | Drop:
        return plan_board(board, message, self._clock.now(), self._progress[board.server_id].checked_at)

    async def _show(self, server_id: int, message: BoardMessage) -> bool:
        """Have the board show this message; whether somebody has deleted it, so that it is to be posted again."""
        async with self._database.reading() as connection:
            # Another process may have done it before the lease was ours.
            board = await get_board(connection, server_id)
        if board is None or isinstance(action := self._plan(board, message), Drop):
            return False
        progress = self._progress[server_id]
        attempt = Attempt(progress.failures + 1, since=board.posted_at, backoff=_BACKOFF)
        match await self._sender.perform(action, attempt):
            case Sent(posted, is_current):
                progress.failures = 0
                if isinstance(action, Check):
                    progress.checked_at = self._clock.now()
                else:
                    # What an earlier attempt has posted is edited when its minute is over.
                    await self._record_shown(board, posted, message.fingerprint if is_current else None)
            case Dropped():
                return await self._renew(board)
            case Refused() | RetryAt() as failure:
                progress.failures += 1
                await self._record_failure(server_id, failure)
        return False

    async def _record_shown(self, board: Board, posted: PostedMessage | None, fingerprint: str | None) -> None:
        shown = replace(
            board,
            posted_message_id=posted.discord_message_id if posted is not None else None,
            content_hash=fingerprint,
            edited_at=self._clock.now(),
            last_error=None,
            next_attempt_at=None,
        )
        async with self._database.transaction() as connection:
            is_wanted = await save_board(connection, shown, board.nonce)
        if not is_wanted and board.posted_message_id is None:
            # It was moved or removed while it was posted: this one is nobody's.
            await self.delete(shown)

    async def _renew(self, board: Board) -> bool:
        """Have a board that somebody has deleted posted again, with another nonce; False where it is not wanted."""
        log.info("A board was deleted in Discord; it is posted again.", server=board.server_id)
        nonce, now = self._clock.nonce(), self._clock.now()
        renewed = replace(board, nonce=nonce, posted_at=now, posted_message_id=None, content_hash=None)
        async with self._database.transaction() as connection:
            return await save_board(connection, renewed, board.nonce)

    async def _record_failure(self, server_id: int, failure: Refused | RetryAt) -> None:
        async with self._database.transaction() as connection:
            board = await get_board(connection, server_id)
            if board is not None:
                put_off = replace(board, last_error=failure.problem, next_attempt_at=failure.retry_at)
                await save_board(connection, put_off, board.nonce)
        is_refused = isinstance(failure, Refused)
        words = "Discord refuses a board; it is tried again." if is_refused else "A board is put off."
        log.warning(words, server=server_id, problem=failure.problem, again_at=failure.retry_at.isoformat())
