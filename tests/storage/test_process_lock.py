"""SQLite is for one process at a time: real processes, one killed for real."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.storage.database import DatabaseUnusable, open_database
from bot.storage.process_lock import hold_process_lock
from tests.patience import GENEROUS

ROOT = Path(__file__).parent.parent.parent
# Prints the result, and holds the file until its input ends.
_PROGRAM = """
import asyncio, sys
from pydantic import SecretStr
from bot.storage.database import DatabaseUnusable
from bot.storage.process_lock import hold_process_lock

async def keep():
    async with hold_process_lock(SecretStr(sys.argv[1])) as is_alone:
        print("alone" if is_alone else "not alone", flush=True)
        sys.stdin.read()

try:
    asyncio.run(keep())
except DatabaseUnusable as error:
    print(error, flush=True)
"""


@asynccontextmanager
async def another_process(url: str) -> AsyncIterator[Process]:
    """Start another process on this URL; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, url, stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(GENEROUS):
        return (await process.stdout.readline()).decode().strip()


async def is_alone(url: str) -> bool:
    async with hold_process_lock(SecretStr(url)) as is_alone:
        return is_alone


REFUSED = "Another Fastwatch is running on this SQLite file; stop it first, or use PostgreSQL for several."


async def test_a_second_process_on_the_same_file_is_refused_with_one_sentence(sqlite_url: str) -> None:
    async with hold_process_lock(SecretStr(sqlite_url)) as is_alone:
        assert is_alone
        async with another_process(sqlite_url) as second:
            assert await said(second) == REFUSED


async def test_a_killed_process_releases_the_file_at_once(sqlite_url: str) -> None:
    async with another_process(sqlite_url) as first:
        assert await said(first) == "alone"
        with pytest.raises(DatabaseUnusable, match="Another Fastwatch is running"):
            await is_alone(sqlite_url)
        first.kill()
        await first.wait()

        assert await is_alone(sqlite_url)


async def test_the_file_is_released_at_the_end_even_after_an_error(sqlite_url: str) -> None:
    async def fail() -> None:
        async with hold_process_lock(SecretStr(sqlite_url)):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await is_alone(sqlite_url)


async def test_processes_on_different_files_do_not_conflict(tmp_path: Path) -> None:
    async with hold_process_lock(SecretStr(f"sqlite:///{tmp_path}/one.db")):
        assert await is_alone(f"sqlite:///{tmp_path}/another.db")


async def test_a_file_is_the_same_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "linked.db").symlink_to(tmp_path / "real" / "fastwatch.db")
    async with hold_process_lock(SecretStr(f"sqlite:///{tmp_path}/real/fastwatch.db")):
        for name in ("linked/fastwatch.db", "linked.db", "real/../real/fastwatch.db"):
            with pytest.raises(DatabaseUnusable, match="Another Fastwatch is running"):
                await is_alone(f"sqlite:///{tmp_path}/{name}")


@pytest.mark.slow
async def test_several_processes_may_share_postgres(postgres_url: str) -> None:
    async with hold_process_lock(SecretStr(postgres_url)) as is_alone, another_process(postgres_url) as second:
        assert not is_alone
        assert await said(second) == "not alone"


async def test_the_database_works_while_the_file_is_locked(sqlite_url: str) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(hold_process_lock(SecretStr(sqlite_url)))
        database = await stack.enter_async_context(open_database(SecretStr(sqlite_url)))
        async with database.transaction():
            pass


@pytest.mark.parametrize("address", ["postgresql://[", "sqlite://", "sqlite:///{folder}/missing/fastwatch.db"])
async def test_an_unopenable_file_is_left_to_the_database_to_report(tmp_path: Path, address: str) -> None:
    """A mistyped directory must not be created, or the bot would start with an empty database."""
    assert not await is_alone(address.format(folder=tmp_path))
    assert names_in(tmp_path) == []


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_file_that_cannot_be_locked_is_reported(tmp_path: Path) -> None:
    (tmp_path / "fastwatch.db.lock").mkdir()
    with pytest.raises(DatabaseUnusable, match=r"cannot be opened .*; check DATABASE_URL"):
        await is_alone(f"sqlite:///{tmp_path}/fastwatch.db")
