"""Measure a year of samples on both databases, how it is downsampled and how it is read, and print a table. PostgreSQL
is a fresh server with fsync off and default settings.
"""

import argparse
import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.believable_samples import ENDS, YEAR, Row, fleet_rows
from bot.domain.evaluation import TrackedToken
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.storage.accounts import ensure_account
from bot.storage.database import Database, open_database
from bot.storage.downsampling import RAW_RETENTION, downsample, tokens_to_downsample
from bot.storage.history import fleet_history, mode_changes, samples_of
from bot.storage.schema import samples, tokens
from bot.storage.tokens import save_tokens
from tests.databases import running_postgres

_FIRST_TOKEN = 1000
_MONTHS = 13
_TIMES_OF_THE_FLEET = 120
# Two of them are used at all hours.
_TOKENS_LOOKED_AT = range(_FIRST_TOKEN + 91, _FIRST_TOKEN + 111)

_PRAGMAS = ("page_count", "page_size")

Measurement = dict[str, str]


class Store:
    """A database with a year of samples, and how to measure its size."""

    def __init__(self, database: Database, number: int) -> None:
        self.database = database
        self.until = ENDS
        self.token_ids = range(_FIRST_TOKEN, _FIRST_TOKEN + number)
        self.account_id = 0

    async def begin(self) -> None:
        """Create the account and its tokens, downsampled up to two weeks ago."""
        async with self.database.transaction() as connection:
            self.account_id = await ensure_account(connection, "primary", self.until)
            readings = [Reading(token_id, self.until, status=Mode.FAST) for token_id in self.token_ids]
            known = [TrackedToken(reading, self.until, in_fleet=True) for reading in readings]
            await save_tokens(connection, self.account_id, known)
            await connection.execute(
                update(tokens).values(downsampled_until=self.until - RAW_RETENTION - timedelta(days=1))
            )

    def rows(self) -> Iterator[Row]:
        """Yield all rows of the year."""
        return fleet_rows(self.account_id, self.token_ids)

    async def samples(self) -> int:
        """Count the samples."""
        async with self.database.reading() as connection:
            return int((await connection.execute(select(func.count()).select_from(samples))).scalar_one())

    async def fill(self) -> None:
        """Insert the rows in the fastest way."""
        raise NotImplementedError

    async def size(self) -> int:
        """Return the size of the samples and their index in bytes."""
        raise NotImplementedError


class SqliteStore(Store):
    """A file."""

    def __init__(self, database: Database, number: int, path: Path) -> None:
        super().__init__(database, number)
        self._path = path

    async def fill(self) -> None:
        """Insert them in one transaction with a cache that holds them all: each token's rows go to a different place in
        the file.
        """
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("PRAGMA cache_size = -2000000")
            connection.executemany("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)", self.rows())

    async def size(self) -> int:
        """Count the pages of the file; the other tables are tiny."""
        async with self.database.reading() as connection:
            pages, page = [int(await connection.scalar(text(f"PRAGMA {name}")) or 0) for name in _PRAGMAS]
        return pages * page


class PostgresStore(Store):
    """A table of a server."""

    async def fill(self) -> None:
        """Copy them."""
        async with self._driver() as driver:
            await driver.copy_records_to_table("samples", records=self.rows(), timeout=None)

    async def size(self) -> int:
        """Vacuum, as autovacuum would, and return the table's size with its index and free space."""
        async with self._driver() as driver:
            await driver.execute("VACUUM ANALYZE samples")
            return int(await driver.fetchval("SELECT pg_total_relation_size('samples')"))

    @asynccontextmanager
    async def _driver(self) -> AsyncIterator[Any]:
        async with self.database.reading() as connection:
            yield (await connection.get_raw_connection()).driver_connection


@asynccontextmanager
async def sqlite(number: int) -> AsyncIterator[Store]:
    """Open an empty SQLite."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fastwatch.db"
        async with open_database(SecretStr(f"sqlite:///{path}")) as database:
            yield SqliteStore(database, number, path)


@asynccontextmanager
async def postgres(number: int) -> AsyncIterator[Store]:
    """Start an empty PostgreSQL."""
    with running_postgres() as server:
        async with open_database(SecretStr(server.get_uri())) as database:
            yield PostgresStore(database, number)


async def measure(store: Store) -> Measurement:
    """Fill one database, and measure it."""
    figures: Measurement = {}
    await store.begin()
    with _timed() as took:
        await store.fill()
    figures["filling it, for this benchmark"] = f"{took[0]:.0f} s"
    before = await store.samples()
    figures["samples, one day not thinned yet"] = f"{before:,}"
    figures["size, one day not thinned yet"] = _megabytes(await store.size())
    figures |= await _time_downsampling(store)
    after, size = await store.samples(), await store.size()
    figures["samples, downsampled"] = f"{after:,}"
    figures["size, downsampled"] = _megabytes(size)
    figures["bytes a sample"] = f"{size / after:.0f}"
    figures["bytes a token and month"] = f"{size / len(store.token_ids) / _MONTHS / 1000:.0f} kB"
    return figures | await _reading(store)


async def _time_downsampling(store: Store) -> Measurement:
    """Downsample the due day of all tokens; then process the whole year of some again, as after an upgrade."""
    with _timed() as took:
        steps = await _downsample_all(store)
    figures = {
        "downsampling a day of all tokens": f"{took[0]:.1f} s",
        "a step of it": _p50_and_max(steps),
    }
    async with store.database.transaction() as connection:
        some = tokens.c.token_id.in_(list(_TOKENS_LOOKED_AT))
        await connection.execute(update(tokens).where(some).values(downsampled_until=None))
    figures["a step over a year that is thinned already"] = _p50_and_max(await _downsample_all(store))
    return figures


async def _downsample_all(store: Store) -> list[float]:
    async with store.database.reading() as connection:
        due = await tokens_to_downsample(connection, store.account_id, store.until)
    steps = []
    for token_id in due:
        has_more = True
        while has_more:
            with _timed() as took:
                async with store.database.transaction() as connection:
                    has_more = await downsample(connection, store.account_id, token_id, store.until)
            steps.append(took[0])
    return steps


async def _reading(store: Store) -> Measurement:
    """Read what the charts, the cards and the digest read."""
    until, hour = store.until, timedelta(hours=1)

    def a_chart(days: int, every: timedelta) -> Callable[[AsyncConnection, int], Awaitable[object]]:
        since = until - timedelta(days=days)
        return lambda connection, token_id: samples_of(
            connection, store.account_id, token_id, since, until, every=every
        )

    def changes(connection: AsyncConnection, token_id: int) -> Awaitable[object]:
        return mode_changes(connection, store.account_id, token_id, since=until - YEAR, until=until, most=10)

    def the_fleet(period: timedelta) -> Callable[[AsyncConnection, int], Awaitable[object]]:
        times = [until - period * number / _TIMES_OF_THE_FLEET for number in range(_TIMES_OF_THE_FLEET)]
        return lambda connection, _: fleet_history(connection, store.account_id, times)

    return {
        "`samples_of`, 30 days, every hour": await _each(store, a_chart(30, hour)),
        "`samples_of`, 7 days, every hour": await _each(store, a_chart(7, hour)),
        "`samples_of`, 13 months, every day": await _each(store, a_chart(YEAR.days, 24 * hour)),
        "`mode_changes`, the last 10 of 13 months": await _each(store, changes),
        "`fleet_history`, 120 times in 30 days": await _each(store, the_fleet(timedelta(days=30)), times=5),
        "`fleet_history`, 120 times in 13 months": await _each(store, the_fleet(YEAR), times=5),
    }


async def _each(
    store: Store, query: Callable[[AsyncConnection, int], Awaitable[object]], *, times: int | None = None
) -> str:
    """Time a query of several tokens, once each, after an untimed warm-up."""
    taken = []
    async with store.database.reading() as connection:
        await query(connection, _TOKENS_LOOKED_AT[-1])
        for token_id in _TOKENS_LOOKED_AT[:times]:
            with _timed() as took:
                await query(connection, token_id)
            taken.append(took[0])
    return _p50_and_max(taken)


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Time the block; the seconds are available afterwards."""
    took: list[float] = []
    began = time.perf_counter()
    yield took
    took.append(time.perf_counter() - began)


def _p50_and_max(seconds: list[float]) -> str:
    return f"{median(seconds) * 1000:.1f} ms, at most {max(seconds) * 1000:.1f} ms"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB"


async def _main(number: int) -> None:
    async with sqlite(number) as store:
        in_sqlite = await measure(store)
    async with postgres(number) as store:
        in_postgres = await measure(store)
    print(f"| a year of {number:,} tokens | SQLite | PostgreSQL |")
    print("| --- | ---: | ---: |")
    for name, figure in in_sqlite.items():
        print(f"| {name} | {figure} | {in_postgres[name]} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--tokens", type=int, default=1000, help="how many; at least 111")
    asyncio.run(_main(parser.parse_args().tokens))
