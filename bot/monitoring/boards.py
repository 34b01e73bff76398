"""Keeps the boards up to date: what the database knows is shown, and a board that was deleted is posted anew."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta

import aiohttp
import discord
import structlog

from bot.clock import Clock
from bot.fleet_overview import board_overview
from bot.monitoring.last_moments import finished
from bot.monitoring.lease import Lease
from bot.monitoring.notifier import Notifier, describe, in_time, is_for_good, seconds_before_retry
from bot.storage.accounts import get_account
from bot.storage.boards import Board, boards_of, get_board, keep_board
from bot.storage.database import Database
from bot.ui.board import Card, board_card, is_board

log = structlog.get_logger(__name__)

_LOOKED_AT_EVERY_SECONDS = 10
_EDITED_AT_MOST_EVERY = timedelta(minutes=1)
# Without a round, people change what a board shows too: names, acknowledgements.
_MADE_ANEW_EVERY = timedelta(minutes=1)
# Nobody tells the bot that a Discord message was deleted: it does not ask for such events.
_LOOKED_AFTER_EVERY = timedelta(minutes=15)
# Less than a lease lasts.
_SEND_SECONDS = 20
# As long as between two edits: one that seems to have failed may have got through.
_FIRST_PAUSE_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 3600
# For so long at least Discord drops a repeat by its nonce.
_NONCE_REMEMBERED = timedelta(minutes=2)
_CLOCKS_DIFFER = timedelta(minutes=1)
_MOST_LOOKED_THROUGH = 200
_UNKNOWN_DISCORD_MESSAGE = 10008
_TOO_MANY_REQUESTS = 429


class Boards:
    """Keeps up the boards of the home servers. What became of each is in the database, so a restart ends nothing."""

    def __init__(
        self,
        account_id: int,
        database: Database,
        clock: Clock,
        client: discord.Client,
        notifier: Notifier,
        *,
        home_servers: Set[int],
        poll_every: timedelta,
    ) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._client = client
        self._notifier = notifier
        self._home_servers = home_servers
        self._poll_every = poll_every
        self._lease = Lease("boards", database, clock, does="keeps the boards up")
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._quiet_until: datetime | None = None
        self._failures: defaultdict[int, int] = defaultdict(int)
        # After what nobody expected, and could not be written down.
        self._resting: dict[int, datetime] = {}
        # When each board was made last, of which round; and when it was last looked after.
        self._made: dict[int, tuple[datetime, datetime | None]] = {}
        self._looked_after: dict[int, datetime] = {}

    async def run(self) -> None:
        """Keep the boards up for ever. The client must be logged in; its gateway need not be connected."""
        async with self._lease.released_at_the_end():
            while True:
                await finished(self.keep_up())
                await self._clock.sleep(_LOOKED_AT_EVERY_SECONDS)

    async def keep_up(self) -> None:
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
            if board.server_id in self._home_servers and self._is_due(board, account.last_good_round_at):
                await self._keep_up(board.server_id, account.last_good_round_at)

    async def post_soon(self, server_id: int, seconds: float) -> None:
        """Post the board of a server that was just given one, and wait so long for that.

        Without a lease: where two processes post it, Discord drops the repeat by its nonce.
        """
        self._failures.pop(server_id, None)
        if self._is_quiet():
            return
        posting = asyncio.create_task(self._keep_up(server_id, None, with_lease=False))
        await asyncio.wait({posting}, timeout=seconds)

    async def delete(self, board: Board) -> str | None:
        """Delete a board's Discord message; why that failed, if it did. One that is gone already is no failure."""
        if board.posted_message_id is None:
            return None
        try:
            await in_time(self._client, self._message(board, board.posted_message_id).delete(), _SEND_SECONDS)
        except discord.NotFound:
            return None
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            return describe(error)
        return None

    def _is_due(self, board: Board, last_good_round_at: datetime | None) -> bool:
        """Tell whether it is worth the trouble to make the board: the fleet of a large account takes its time."""
        now = self._clock.now()
        rests = (board.tried_again_at, self._resting.get(board.server_id))
        if self._is_quiet() or any(until is not None and now < until for until in rests):
            return False
        if board.posted_message_id is None or board.problem is not None:
            return True
        # A clock may be set back: what was shown later than now was not shown just now.
        if board.shown_at is not None and board.shown_at <= now < board.shown_at + _EDITED_AT_MOST_EVERY:
            return False
        made_at, of_round = self._made.get(board.server_id, (None, None))
        return made_at is None or of_round != last_good_round_at or now - made_at >= _MADE_ANEW_EVERY

    def _is_quiet(self) -> bool:
        """Tell whether Discord has asked for quiet, here or where alerts are sent."""
        now = self._clock.now()
        return any(until is not None and now < until for until in (self._quiet_until, self._notifier.quiet_until))

    async def _keep_up(self, server_id: int, last_good_round_at: datetime | None, *, with_lease: bool = True) -> None:
        async with self._turns[server_id]:
            try:
                made = await self._make(server_id)
                if made is None:
                    return
                board, card = made
                self._made[server_id] = (self._clock.now(), last_good_round_at)
                if self._is_as_it_should_be(board, card) or (with_lease and not await self._lease.take()):
                    return
                await self._show_or_note(server_id, card)
            except Exception:
                log.exception("A board could not be kept up for a reason nobody expected.", server=server_id)
                self._resting[server_id] = self._clock.now() + timedelta(seconds=_FIRST_PAUSE_SECONDS)

    async def _make(self, server_id: int) -> tuple[Board, Card] | None:
        async with self._database.reading() as connection:
            board = await get_board(connection, server_id)
            if board is None:
                return None
            overview = await board_overview(
                connection, self._account_id, server_id, self._clock.now(), poll_every=self._poll_every
            )
        return board, board_card(overview)

    def _is_as_it_should_be(self, board: Board, card: Card) -> bool:
        if board.posted_message_id is None or board.problem is not None or board.shown != card.fingerprint:
            return False
        return self._clock.now() - self._last_seen(board) < _LOOKED_AFTER_EVERY

    def _last_seen(self, board: Board) -> datetime:
        shown_at = board.shown_at or board.posted_at
        return max(shown_at, self._looked_after.get(board.server_id, shown_at))

    async def _show_or_note(self, server_id: int, card: Card) -> None:
        """Show the card, and write down what became of it."""
        async with self._database.reading() as connection:
            # Another process may have done it before the lease was ours.
            board = await get_board(connection, server_id)
        if board is None or self._is_as_it_should_be(board, card):
            return
        try:
            await in_time(self._client, self._show(board, card), _SEND_SECONDS)
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            await self._after_failure(server_id, error)
        else:
            self._failures.pop(server_id, None)

    async def _show(self, board: Board, card: Card) -> None:
        if board.posted_message_id is not None and await self._is_still_there(board, board.posted_message_id, card):
            return
        if board.posted_message_id is not None:
            log.info("A board was deleted in Discord; it is posted anew.", server=board.server_id)
            anew = replace(
                board, nonce=self._clock.nonce(), posted_at=self._clock.now(), posted_message_id=None, shown=None
            )
            if not await self._keep(anew, board.nonce):
                return
            board = anew
        await self._post(board, card)

    async def _is_still_there(self, board: Board, message_id: int, card: Card) -> bool:
        """Edit the Discord message, or only look after it where nothing has changed; False where it was deleted."""
        message = self._message(board, message_id)
        try:
            if board.shown == card.fingerprint and board.problem is None:
                await self._look_after(board, message)
                return True
            await message.edit(embed=card.embed, view=card.view, allowed_mentions=discord.AllowedMentions.none())
        except discord.NotFound as error:
            if error.code == _UNKNOWN_DISCORD_MESSAGE:
                return False
            raise
        await self._keep(self._as_shown(board, card, message_id), board.nonce)
        return True

    async def _look_after(self, board: Board, message: discord.PartialMessage) -> None:
        # Without Read Message History a board can be edited, but not be looked at.
        with contextlib.suppress(discord.Forbidden):
            await message.fetch()
        self._looked_after[board.server_id] = self._clock.now()

    async def _post(self, board: Board, card: Card) -> None:
        """Post the board and pin it. The nonce is in the database by now, and so is the time of the first try."""
        channel = self._client.get_partial_messageable(board.channel_id, guild_id=board.server_id)
        message = await self._find_earlier(channel, board)
        if message is None:
            message = await channel.send(
                embed=card.embed,
                view=card.view,
                nonce=board.nonce,
                silent=True,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        await self._pin(message)
        shown = self._as_shown(board, card, message.id)
        if not _shows(message, card):
            # An earlier try had got through, with what was true then: it is edited when its minute is over.
            shown = replace(shown, shown=None)
        if not await self._keep(shown, board.nonce):
            # It was moved or removed meanwhile: this one is nobody's.
            await self.delete(shown)

    async def _find_earlier(self, channel: discord.PartialMessageable, board: Board) -> discord.Message | None:
        """Find what an earlier try has left, where Discord may have forgotten its nonce."""
        if self._clock.now() - board.posted_at < _NONCE_REMEMBERED:
            return None
        after = board.posted_at - _CLOCKS_DIFFER
        async for message in channel.history(limit=_MOST_LOOKED_THROUGH, after=after, oldest_first=False):
            if message.author == self._client.user and message.interaction_metadata is None and is_board(message):
                return message
        return None

    async def _pin(self, message: discord.Message) -> None:
        """Pin it. Where that may not be, it works unpinned."""
        if message.pinned:
            return
        try:
            await message.pin()
        except discord.HTTPException as error:
            log.warning("A board could not be pinned; it works all the same.", reason=describe(error))

    def _message(self, board: Board, message_id: int) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(board.channel_id, guild_id=board.server_id)
        return channel.get_partial_message(message_id)

    def _as_shown(self, board: Board, card: Card, message_id: int) -> Board:
        return replace(
            board,
            posted_message_id=message_id,
            shown=card.fingerprint,
            shown_at=self._clock.now(),
            problem=None,
            tried_again_at=None,
        )

    async def _keep(self, board: Board, nonce: str) -> bool:
        async with self._database.transaction() as connection:
            return await keep_board(connection, board, nonce)

    async def _after_failure(self, server_id: int, error: Exception) -> None:
        """Put it off: as long as Discord asks, and longer after each try, up to an hour."""
        self._failures[server_id] += 1
        tries = self._failures[server_id]
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 10), _LONGEST_PAUSE_SECONDS)
        # Never less than Discord asks for.
        pause = max(pause, seconds_before_retry(error, tries))
        until = self._clock.now() + timedelta(seconds=pause + self._clock.jitter(pause / 10, spread=1))
        problem = describe(error)
        async with self._database.transaction() as connection:
            board = await get_board(connection, server_id)
            if board is not None:
                await keep_board(connection, replace(board, problem=problem, tried_again_at=until), board.nonce)
        is_asked_for_quiet = isinstance(error, discord.RateLimited) or (
            isinstance(error, discord.HTTPException) and error.status == _TOO_MANY_REQUESTS
        )
        if is_asked_for_quiet:
            self._quiet_until = max(until, self._quiet_until or until)
        words = "Discord refuses a board; it is tried again." if is_for_good(error) else "A board is put off."
        log.warning(words, server=server_id, tries=tries, problem=problem, again_at=until.isoformat())


def _shows(message: discord.Message, card: Card) -> bool:
    """Tell whether a Discord message says what the card does."""

    def said(embed: discord.Embed) -> list[str | None]:
        return [embed.description, *(line for field in embed.fields for line in (field.name, field.value))]

    return [said(embed) for embed in message.embeds] == [said(card.embed)]
