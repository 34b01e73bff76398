"""Boards: the one Discord message of a server that keeps itself up to date."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import boards
from bot.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class Board:
    """A server's board: where it is, what it shows, and why Discord refuses it, if it does."""

    server_id: int
    account_id: int
    channel_id: int
    nonce: str
    """What it is posted with, and so tells it from one that was posted before or elsewhere."""
    posted_by: int
    posted_at: datetime
    """When the nonce was written down: no try to post it is older."""
    posted_message_id: int | None = None
    content_hash: str | None = None
    """A fingerprint of what it shows."""
    edited_at: datetime | None = None
    last_error: str | None = None
    next_attempt_at: datetime | None = None
    """Before this it is left alone."""


async def get_board(connection: AsyncConnection, server_id: int) -> Board | None:
    """Read a server's board, if it has one."""
    row = (await connection.execute(select(boards).where(boards.c.server_id == server_id))).one_or_none()
    return Board(**row._asdict()) if row else None


async def boards_of(connection: AsyncConnection, account_id: int) -> list[Board]:
    """List the boards that show this account."""
    query = select(boards).where(boards.c.account_id == account_id).order_by(boards.c.server_id)
    return [Board(**row._asdict()) for row in await connection.execute(query)]


async def set_board(connection: AsyncConnection, board: Board) -> None:
    """Give a server a board, in the place of the one it has."""
    await upsert(connection, boards, [{column.name: getattr(board, column.name) for column in boards.c}])


async def save_board(connection: AsyncConnection, board: Board, nonce: str) -> bool:
    """Keep a board as it stands now; False where the one with this nonce was moved or removed meanwhile."""
    query = (
        update(boards)
        .where(boards.c.server_id == board.server_id, boards.c.nonce == nonce)
        .values({column.name: getattr(board, column.name) for column in boards.c if not column.primary_key})
    )
    return bool((await connection.execute(query)).rowcount)


async def remove_board(connection: AsyncConnection, server_id: int) -> bool:
    """Take a server's board away; False where there was none."""
    return bool((await connection.execute(delete(boards).where(boards.c.server_id == server_id))).rowcount)
