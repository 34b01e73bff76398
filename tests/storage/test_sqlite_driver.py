"""SQLite's driver reads rows in as few steps as it can, and loses none of them."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engines import engine_for

NUMBERS = text(
    "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :last) "
    "SELECT number FROM numbers"
)
# None, fewer than the first step reads, exactly as many, and more.
SIZES = [0, 1, 499, 500, 501, 1200]


async def streamed(connection: AsyncConnection, last: int, part: int) -> list[int]:
    async with connection.stream(NUMBERS.bindparams(last=last)) as rows:
        return [number async for numbers in rows.scalars().partitions(part) for number in numbers]


@pytest.mark.parametrize("last", SIZES)
async def test_all_rows_are_read_at_once_in_parts_and_one_by_one(tmp_path: Path, last: int) -> None:
    expected = list(range(1, last + 1)) or [1]
    engine = engine_for(f"sqlite:///{tmp_path}/numbers.db")
    async with engine.connect() as connection:
        assert list(await connection.scalars(NUMBERS, {"last": last})) == expected
        for part in (1, 7, 500, 2000):
            assert await streamed(connection, last, part) == expected
        async with connection.stream(NUMBERS.bindparams(last=last)) as rows:
            assert [number async for (number,) in rows] == expected
    await engine.dispose()
