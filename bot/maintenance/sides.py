"""The two databases of a copy, each with the name that a person knows it by."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import URL, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.maintenance.errors import NotDone
from bot.storage.database_url import parse_url
from bot.storage.due_times import LEASE_DURATION, is_ahead_sql
from bot.storage.engines import engine_for
from bot.storage.process_lock import hold_process_lock
from bot.storage.schema import processes
from bot.storage.unavailable import DatabaseUnusable, cause_of, unusable_because
from bot.storage.upgrade import current_revision, newest_revision


class Side:
    """A database that no bot may use now. Errors name the option of the command line that it comes from."""

    def __init__(self, option: str, engine: AsyncEngine) -> None:
        self.option = option
        self._engine = engine
        self._writing = engine.execution_options(begin_immediate=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that only reads. Raises DatabaseUnusable."""
        with _named(self.option):
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that writes. Raises DatabaseUnusable."""
        with _named(self.option):
            async with self._writing.begin() as connection:
                yield connection

    async def require_idle(self, now: datetime) -> None:
        """Raise DatabaseUnusable if a bot uses it."""
        if self._engine.dialect.name == "sqlite":
            return  # its file is locked here, so a process is one that was killed
        async with self.reading() as connection:
            if await connection.scalar(
                select(processes.c.id).where(is_ahead_sql(processes.c.expires_at, now, LEASE_DURATION)).limit(1)
            ):
                raise DatabaseUnusable("a bot uses this database; stop it, and try again half a minute later.")

    async def require_newest(self) -> None:
        """Raise NotDone unless it has the tables of this version."""
        async with self.reading() as connection:
            revision = await connection.run_sync(current_revision)
        if revision is None:
            raise NotDone(f"The database of {self.option} holds no data of Fastwatch.")
        if revision != newest_revision():
            raise NotDone(
                f"The database of {self.option} has version {revision}, and this Fastwatch copies version "
                f"{newest_revision()}. Run python -m bot migrate on it first."
            )


@asynccontextmanager
async def open_side(option: str, secret: SecretStr, *, must_exist: bool) -> AsyncIterator[Side]:
    """Open a database, an SQLite file only if no bot uses it. Raises NotDone and DatabaseUnusable."""
    async with AsyncExitStack() as stack:
        with _named(option):
            url = parse_url(secret.get_secret_value())
            if must_exist:
                _require_file(url)
            await stack.enter_async_context(hold_process_lock(secret))
            engine = engine_for(secret.get_secret_value(), command_seconds=None)
            stack.push_async_callback(engine.dispose)
        yield Side(option, engine)


def _require_file(url: URL) -> None:
    """Raise DatabaseUnusable for an SQLite file that is not there: opening it would create it."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise DatabaseUnusable(f"there is no database at {url.database}.")


@contextmanager
def _named(option: str) -> Iterator[None]:
    """Say in an error which database it is about."""
    try:
        yield
    except DatabaseUnusable as error:
        sentence = str(error)
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        # The driver raises TypeError and ValueError for options of the address that it does not accept.
        cause = error.orig if isinstance(error, DBAPIError) else error
        detail = " ".join(str(cause).split())
        sentence = str(unusable_because(cause_of(error), detail)) if cause_of(error) else f"it reports: {detail}"
    else:
        return
    raise DatabaseUnusable(f"{option}: {sentence}".replace("DATABASE_URL", option))
