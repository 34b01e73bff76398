"""The boards: each shows the current state of the database, and is posted again if somebody has deleted it."""

import asyncio
from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock, Pause
from bot.concurrency.backoff import Backoff
from bot.concurrency.graceful import shield_until_done
from bot.domain.alert_routes import DisabledReason
from bot.notifier.actions import (
    Attempt,
    Check,
    Delete,
    Drop,
    Dropped,
    Edit,
    ForumPost,
    Outcome,
    Post,
    Reason,
    Refused,
    RetryAt,
    Sent,
)
from bot.notifier.discord_errors import FailureScope
from bot.notifier.previous_attempts import BoardSignature
from bot.notifier.sender import Sender
from bot.queries.fleet import board_overview
from bot.storage.accounts import get_account
from bot.storage.boards import Board, boards_of, get_board, save_board
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.due_times import MAX_POSTPONEMENT, is_ahead
from bot.storage.incidents import PostedMessage
from bot.storage.leases import Lease
from bot.ui import texts
from bot.ui.alerts import OutgoingMessage
from bot.ui.board import BoardMessage, board_message

log = structlog.get_logger(__name__)

_LOOP_SECONDS = 10
_MIN_EDIT_INTERVAL = timedelta(minutes=1)
# Between two rounds, people change what a board shows: names, acknowledgements.
_RENDER_SECONDS = 60
# The bot has no intent for message events, so Discord does not report that a message was deleted.
_CHECK_INTERVAL = timedelta(minutes=15)
# The first pause equals the edit interval: an edit that seems to have failed may have reached Discord.
# With 20 % of jitter, the longest is an hour, as `/board post` says.
_BACKOFF = Backoff(first=60, longest=3000)


@dataclass(slots=True)
class _Progress:
    """What this process keeps in memory about a server's board."""

    backoff: Pause
    """After an unexpected error, which could not be recorded with the board."""
    rendered: Pause
    """After the board was rendered, until people may have changed what it shows."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    rendered_round: datetime | None = None
    """The round that was rendered last, by the account's last success."""
    checked_at: datetime | None = None
    pin_error: str | None = None


def plan_board(
    board: Board, message: BoardMessage, now: datetime, checked_at: datetime | None
) -> Post | Edit | Check | Drop:
    """Return what to do so that a board shows this message. Pure."""
    outgoing = OutgoingMessage("", message.embed, message.view)
    target = board.post
    if target is None:
        # The nonce and the time of the first attempt (`posted_at`) are already in the database.
        return Post(
            Reason.NOT_POSTED,
            board.place_id,
            board.server_id,
            outgoing,
            nonce=board.nonce,
            signature=BoardSignature(),
            is_pinned=True,
            forum_post=ForumPost(board.forum_id, texts.board.POST_TITLE) if board.forum_id is not None else None,
        )
    if board.content_hash != message.fingerprint or board.last_error is not None:
        return Edit(Reason.UPDATE, target, outgoing, if_gone=Drop(Reason.UP_TO_DATE))
    # The clock may be set back: a time in the future says nothing.
    seen_at = [at for at in (board.edited_at or board.posted_at, checked_at) if at is not None and at <= now]
    if not seen_at or now - max(seen_at) >= _CHECK_INTERVAL:
        return Check(Reason.PERIODIC_CHECK, target, outgoing)
    return Drop(Reason.UP_TO_DATE)


class Boards:
    """Keeps the boards of the home servers up to date. Outcomes are stored, so a restart continues where it was."""

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
        self._progress: defaultdict[int, _Progress] = defaultdict(lambda: _Progress(Pause(clock), Pause(clock)))
        self._pause = Pause(clock)

    async def run(self) -> None:
        """Keep the boards up to date forever. The client must be logged in; its gateway need not be connected."""
        async with self._lease.released_at_the_end():
            while True:
                await shield_until_done(self.update_all())
                await self._clock.sleep(_LOOP_SECONDS)

    async def update_all(self) -> None:
        """Update every board that is due. Raises nothing."""
        try:
            async with self._database.reading() as connection:
                boards = await boards_of(connection, self._account_id)
                account = await get_account(connection, self._account_id, self._clock.now())
        except DatabaseUnavailable:
            return
        except Exception:
            # The loop must survive any error.
            log.exception("The boards could not be read. Retrying.")
            return
        for board in boards:
            if board.server_id in self._home_servers and self._is_due(board, account.last_success_at):
                await self._update(board.server_id, account.last_success_at)

    async def post_soon(self, server_id: int, seconds: float) -> str | None:
        """Post a server's new board now, and wait at most this many seconds for it. Return why it is not pinned, if so.

        No lease is needed: if two processes post it, Discord drops the repeat by its nonce.
        """
        self._progress[server_id].failures = 0
        if self._is_paused:
            return None
        self._progress[server_id].pin_error = None
        posting = asyncio.create_task(self._update(server_id, None, with_lease=False))
        await asyncio.wait({posting}, timeout=seconds)
        return self._progress[server_id].pin_error

    async def delete(self, board: Board) -> str | None:
        """Delete a board's Discord message; return the error if that failed. One that is gone already is no error."""
        if board.post is None:
            return None
        outcome = await self._perform(
            Delete(Reason.REMOVED, board.post, is_forum_post=board.forum_id is not None), Attempt()
        )
        return outcome.error if isinstance(outcome, Refused | RetryAt) else None

    @property
    def _is_paused(self) -> bool:
        """Whether a rate limit that boards or alerts have hit pauses the boards."""
        return self._pause.seconds_left > 0 or self._sender.is_paused

    async def _perform(self, action: Post | Edit | Check | Delete, attempt: Attempt) -> Outcome:
        """Perform an action. A limit on all requests pauses all boards, and never the alerts: they matter more."""
        outcome = await self._sender.perform(action, attempt)
        if isinstance(outcome, RetryAt) and outcome.scope is FailureScope.EVERYTHING:
            self._pause.extend((outcome.retry_at - self._clock.now()).total_seconds())
        return outcome

    def _is_due(self, board: Board, last_success_at: datetime | None) -> bool:
        """Whether to render the board now. It takes time for the fleet of a large account."""
        now, progress = self._clock.now(), self._progress[board.server_id]
        is_postponed = is_ahead(board.next_attempt_at, now, MAX_POSTPONEMENT)
        if self._is_paused or is_postponed or progress.backoff.seconds_left:
            return False
        if board.posted_message_id is None or board.last_error is not None:
            return True
        # The clock may be set back: a time in the future counts as long ago.
        if board.edited_at is not None and board.edited_at <= now < board.edited_at + _MIN_EDIT_INTERVAL:
            return False
        return progress.rendered_round != last_success_at or not progress.rendered.seconds_left

    async def _update(self, server_id: int, last_success_at: datetime | None, *, with_lease: bool = True) -> None:
        progress = self._progress[server_id]
        async with progress.lock:
            try:
                rendered = await self._render(server_id)
                if rendered is None:
                    return
                board, message = rendered
                progress.rendered.extend(_RENDER_SECONDS)
                progress.rendered_round = last_success_at
                needs_update = not isinstance(self._plan(board, message), Drop)
                while needs_update and (not with_lease or await self._lease.take()):
                    needs_update = await self._show(server_id, message)
            except DatabaseUnavailable:
                progress.backoff.extend(_LOOP_SECONDS)
            except Exception:
                log.exception("Unexpected error while updating a board.", server=server_id)
                progress.backoff.extend(_BACKOFF.first)

    async def _render(self, server_id: int) -> tuple[Board, BoardMessage] | None:
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
        """Make the board show this message. Return whether more is to do: somebody has deleted it, or the database was
        restored from a backup, and the Discord message shows a later state.
        """
        async with self._database.reading() as connection:
            # Another process may have done it before this one had the lease.
            board = await get_board(connection, server_id)
        if board is None or isinstance(action := self._plan(board, message), Drop):
            return False
        progress = self._progress[server_id]
        attempt = Attempt(progress.failures + 1, since=board.posted_at, backoff=_BACKOFF)
        match await self._perform(action, attempt):
            case Sent(posted, is_current, pin_error):
                progress.failures, progress.pin_error = 0, pin_error
                if isinstance(action, Check):
                    progress.checked_at = self._clock.now()
                    if not is_current:
                        await self._record_shown(board, posted, None)
                        return True
                else:
                    # Without a fingerprint, a board that an earlier attempt has posted is edited a minute later.
                    await self._record_shown(board, posted, message.fingerprint if is_current else None)
            case Dropped():
                return await self._renew(board)
            # Somebody has deleted the post in which the message was.
            case Refused(reason=DisabledReason.UNKNOWN_CHANNEL) if board.channel_id != board.place_id:
                return await self._renew(board)
            case Refused() | RetryAt() as failure:
                progress.failures += 1
                await self._record_failure(server_id, failure)
        return False

    async def _record_shown(self, board: Board, posted: PostedMessage | None, fingerprint: str | None) -> None:
        shown = replace(
            board,
            channel_id=posted.channel_id if posted is not None else board.place_id,
            posted_message_id=posted.discord_message_id if posted is not None else None,
            content_hash=fingerprint,
            edited_at=self._clock.now(),
            last_error=None,
            next_attempt_at=None,
        )
        async with self._database.transaction() as connection:
            is_wanted = await save_board(connection, shown, board.nonce)
        if not is_wanted and board.posted_message_id is None:
            # The board was moved or removed while this message was sent.
            await self.delete(shown)

    async def _renew(self, board: Board) -> bool:
        """Prepare a deleted board to be posted again, with a new nonce. Return whether the board still exists."""
        log.info("A board was deleted in Discord. Posting it again.", server=board.server_id)
        nonce, now = self._clock.nonce(), self._clock.now()
        renewed = replace(
            board, nonce=nonce, posted_at=now, channel_id=board.place_id, posted_message_id=None, content_hash=None
        )
        async with self._database.transaction() as connection:
            return await save_board(connection, renewed, board.nonce)

    async def _record_failure(self, server_id: int, failure: Refused | RetryAt) -> None:
        async with self._database.transaction() as connection:
            board = await get_board(connection, server_id)
            if board is not None:
                failed = replace(board, last_error=failure.error, next_attempt_at=failure.retry_at)
                await save_board(connection, failed, board.nonce)
        event = "Discord refuses a board." if isinstance(failure, Refused) else "A board could not be updated."
        log.warning(event, server=server_id, error=failure.error, retry_at=failure.retry_at.isoformat())
