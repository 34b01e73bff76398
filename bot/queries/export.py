"""The data of `/token export`: a CSV file of the samples of a period."""

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.export import stream_samples

HEADER = ("token", "time_utc", "mode", "left_hours", "total_hours")
_MILLISECONDS_PER_HOUR = 3_600_000


class ExportTooLarge(Exception):
    """The file would be larger than it may be."""


async def export_samples(
    connection: AsyncConnection,
    account_id: int,
    token_id: int | None,
    since: datetime,
    until: datetime,
    *,
    max_bytes: int,
) -> bytes:
    """Return the samples of a token, or of all, as a CSV file; empty where there are none. Raises ExportTooLarge.

    The rows come in a stream, and threads format them, so that the event loop goes on with everything else.
    """
    file = io.BytesIO()
    async for rows in stream_samples(connection, account_id, token_id, since, until):
        lines = [HEADER] if not file.tell() else []
        file.write(await asyncio.to_thread(_csv, lines, rows))
        if file.tell() > max_bytes:
            raise ExportTooLarge
    return file.getvalue()


def _csv(lines: Iterable[Sequence[str]], rows: Iterable[Row[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerows(lines)
    writer.writerows(map(_fields, rows))
    return text.getvalue().encode()


def _fields(row: Row[Any]) -> tuple[str, ...]:
    token_id, read_at, mode, left, total = tuple(row)
    return str(token_id), _time(read_at), mode, _hours(left), _hours(total)


def _time(milliseconds: int) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _hours(milliseconds: int | None) -> str:
    return f"{milliseconds / _MILLISECONDS_PER_HOUR:.4f}" if milliseconds is not None else ""
