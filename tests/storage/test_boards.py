"""Boards: one per server, and results of one that was moved in the meantime."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.boards import Board, boards_of, get_board, remove_board, save_board, set_board
from bot.storage.database import Database
from tests.clocks import NOON
from tests.storage.seeds import CHANNEL, OTHER_SERVER, SERVER

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def board(database: Database, account_id: int) -> Board:
    board = Board(SERVER, account_id, CHANNEL, "a nonce", posted_by=7, posted_at=NOON)
    async with database.transaction() as connection:
        await set_board(connection, board)
    return board


def posted(board: Board) -> Board:
    return replace(
        board,
        posted_message_id=9,
        content_hash="f" * 64,
        edited_at=NOON,
        last_error="made up",
        next_attempt_at=NOON + MINUTE,
    )


async def test_a_server_has_one_board_and_a_new_one_replaces_it(
    database: Database, account_id: int, board: Board
) -> None:
    other = replace(board, server_id=OTHER_SERVER)
    moved = replace(board, channel_id=CHANNEL + 1, nonce="another")
    async with database.transaction() as connection:
        await save_board(connection, posted(board), board.nonce)
        for one in (other, moved):
            await set_board(connection, one)
        assert await boards_of(connection, account_id) == [moved, other]
        assert await boards_of(connection, account_id + 1) == []


async def test_the_result_is_saved(database: Database, board: Board) -> None:
    async with database.transaction() as connection:
        assert await save_board(connection, posted(board), board.nonce)
        assert await get_board(connection, SERVER) == posted(board)


async def test_a_new_nonce_replaces_the_old_one(database: Database, board: Board) -> None:
    async with database.transaction() as connection:
        assert await save_board(connection, replace(board, nonce="fresh"), board.nonce)
        assert not await save_board(connection, posted(board), board.nonce)
        assert await get_board(connection, SERVER) == replace(board, nonce="fresh")


async def test_a_removed_board_is_not_saved(database: Database, board: Board) -> None:
    async with database.transaction() as connection:
        assert await remove_board(connection, SERVER)
        assert not await remove_board(connection, SERVER)
        assert not await save_board(connection, posted(board), board.nonce)
        assert await get_board(connection, SERVER) is None
