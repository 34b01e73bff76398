"""Many rows, in parts: converting thousands of them in one call would block the event loop."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.concurrency.offload import let_others_run

Item = TypeVar("Item")
_PART = 300


def parts_of(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield the items in order, a few hundred at a time."""
    for start in range(0, len(items), _PART):
        yield items[start : start + _PART]


async def rows_of(
    connection: AsyncConnection, query: Select[Any], values: Mapping[str, Any] | None = None
) -> AsyncIterator[Row[Any]]:
    """Yield the rows of a query. Other tasks run in between."""
    for part in (await connection.execute(query, values)).partitions(_PART):
        for row in part:
            yield row
        await let_others_run()
