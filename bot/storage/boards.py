"""Boards: one Discord message per server that is kept up to date."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.incidents import PostedMessage
from bot.storage.schema import boards
from bot.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class Board:
    """A server's board: where it is, what it shows, and the last error."""

    server_id: int
    account_id: int
    channel_id: int
    nonce: str
    """The nonce of its message, which also tells this board from earlier ones of the server."""
    posted_by: int
    posted_at: datetime
    """When the nonce was recorded, which is before the first attempt to post it."""
    posted_message_id: int | None = None
    content_hash: str | None = None
    edited_at: datetime | None = None
    last_error: str | None = None
    next_attempt_at: datetime | None = None
    """There is no attempt before this time."""
    forum_id: int | None = None
    """The forum, if it is the first message of a post there. The channel is that post; the forum until it is posted."""

    @property
    def post(self) -> PostedMessage | None:
        """Its Discord message; None until it is posted."""
        if self.posted_message_id is None:
            return None
        return PostedMessage(self.channel_id, self.posted_message_id)

    @property
    def place_id(self) -> int:
        """The channel that somebody chose for it: its forum, if it is in one."""
        return self.forum_id or self.channel_id


async def get_board(connection: AsyncConnection, server_id: int) -> Board | None:
    """Return a server's board, if it has one."""
    row = (await connection.execute(select(boards).where(boards.c.server_id == server_id))).one_or_none()
    return Board(**row._asdict()) if row else None


async def boards_of(connection: AsyncConnection, account_id: int) -> list[Board]:
    """Return the boards that show this account."""
    query = select(boards).where(boards.c.account_id == account_id).order_by(boards.c.server_id)
    return [Board(**row._asdict()) for row in await connection.execute(query)]


async def set_board(connection: AsyncConnection, board: Board) -> None:
    """Set a server's board, replacing the one it has."""
    await upsert(connection, boards, [{column.name: getattr(board, column.name) for column in boards.c}])


async def save_board(connection: AsyncConnection, board: Board, nonce: str) -> bool:
    """Save a board; False if the board with this nonce was moved or removed meanwhile."""
    query = (
        update(boards)
        .where(boards.c.server_id == board.server_id, boards.c.nonce == nonce)
        .values({column.name: getattr(board, column.name) for column in boards.c if not column.primary_key})
    )
    return bool((await connection.execute(query)).rowcount)


async def has_failing_board(connection: AsyncConnection, server_id: int) -> bool:
    """Whether the last attempt to update a server's board has failed."""
    board = await get_board(connection, server_id)
    return board is not None and board.last_error is not None


async def retry_board(connection: AsyncConnection, server_id: int, now: datetime) -> None:
    """Update a server's board now, if the last attempt has failed."""
    failing = update(boards).where(boards.c.server_id == server_id, boards.c.last_error.is_not(None))
    await connection.execute(failing.values(next_attempt_at=now))


async def remove_board(connection: AsyncConnection, server_id: int) -> bool:
    """Remove a server's board; False if there was none."""
    return bool((await connection.execute(delete(boards).where(boards.c.server_id == server_id))).rowcount)
