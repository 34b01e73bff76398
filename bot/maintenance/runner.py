"""Runs the commands on the data, and turns how they end into an exit status."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.exit_status import Exit
from bot.logging_setup import configure_logs
from bot.maintenance import command
from bot.maintenance.errors import NotDone
from bot.setting_values import check_database_url
from bot.settings import InvalidSettings, LogFormat, LogLevel, load_database_url
from bot.storage.database import DatabaseUnusable


def backup(file: Path, *, overwrite: bool) -> Exit:
    """Run `python -m bot backup`."""
    return _work_on_data(lambda url: command.back_up(url, file, overwrite=overwrite))


def restore(file: Path) -> Exit:
    """Run `python -m bot restore`."""
    return _work_on_data(lambda url: command.restore(url, file))


def migrate() -> Exit:
    """Run `python -m bot migrate`."""
    return _work_on_data(command.migrate)


def copy(source: str | None, target: str | None) -> Exit:
    """Run `python -m bot copy`. An address that is missing is DATABASE_URL."""
    given = {option: SecretStr(url) for option, url in (("--from", source), ("--to", target)) if url is not None}
    if not given:
        return _fail(Exit.WRONG_SETTINGS, "Name the other database with --from or --to.")
    for option, url in given.items():
        try:
            check_database_url(url)
        except ValueError as error:
            return _fail(Exit.WRONG_SETTINGS, f"{option}: {error}.")
    return _work_on_data(
        lambda url: command.copy(given.get("--from", url), given.get("--to", url)), secrets=given.values()
    )


def _work_on_data(work: Callable[[SecretStr], Coroutine[Any, Any, None]], *, secrets: Iterable[SecretStr] = ()) -> Exit:
    """Do work on the database of DATABASE_URL. The other settings do not matter."""
    try:
        url = load_database_url()
    except InvalidSettings as error:
        return _fail(Exit.WRONG_SETTINGS, *error.problems)
    configure_logs(LogLevel.WARNING, LogFormat.CONSOLE, [url, *secrets])
    os.umask(0o077)
    try:
        asyncio.run(work(url))
    except DatabaseUnusable as error:
        return _fail(Exit.DATABASE_UNUSABLE, str(error))
    except NotDone as error:
        return _fail(Exit.FAILED, str(error))
    except KeyboardInterrupt:
        return _fail(Exit.FAILED, "Interrupted. Run the same command again.")
    return Exit.OK


def _fail(status: Exit, *lines: str) -> Exit:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - for a person
    return status
