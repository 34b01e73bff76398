"""`python -m bot run`: reads the settings, runs the bot, and turns how it ends into an exit status."""

import asyncio
import contextlib
import gc
import os
import sys

import structlog

from bot.check.probe_settings import env_file
from bot.environment import former_names
from bot.exit_status import Exit
from bot.logging_setup import configure_logs
from bot.observability.error_reports import NoSentryLibrary, report_errors
from bot.observability.server import CannotListen
from bot.run import InvalidDiscordToken, run
from bot.settings import InvalidSettings, Settings, load_settings
from bot.storage.database import DatabaseUnusable

log = structlog.get_logger(__name__)

_FIRST_STEPS = (
    "Nothing is set yet. 'make demo' shows Fastwatch without an account or a key. To run it for real, fill in .env "
    "(cp .env.example .env); 'make try' then tests each setting and changes nothing."
)


def start() -> int:
    """Run the bot until it is stopped. Return the exit status."""
    try:
        settings = load_settings()
    except InvalidSettings as error:
        return _fail(Exit.WRONG_SETTINGS, *error.problems, *_first_steps(error))
    try:
        with report_errors(settings.sentry_dsn, settings.network, settings.secrets) as report:
            configure_logs(settings.log_level, settings.log_format, settings.secrets, report)
            return _run(settings)
    except NoSentryLibrary as error:
        return _fail(Exit.WRONG_SETTINGS, str(error))


def _run(settings: Settings) -> int:
    for former, name in former_names().items():
        log.warning("A setting has a new name. The former one still works.", former=former, name=name)
    _, env_file_is_open = env_file()
    if env_file_is_open:
        log.warning("All users of this machine can read .env, which holds secrets. Run: chmod 600 .env")
    # Files, above all the SQLite database, are readable by this user only.
    os.umask(0o077)
    # What is loaded by now stays. Otherwise each full garbage collection looks at all of it, for 60 ms.
    gc.freeze()
    try:
        # SIGTERM cancels the main task (`bot.run`), and asyncio cancels it on Ctrl-C too.
        with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(run(settings))
    except DatabaseUnusable as error:
        return _fail(Exit.DATABASE_UNUSABLE, str(error))
    except InvalidDiscordToken as error:
        return _fail(Exit.WRONG_SETTINGS, str(error))
    except CannotListen as error:
        # Not one of the statuses that keep a service stopped: the port may be free a moment later.
        return _fail(Exit.FAILED, str(error))
    except Exception:
        log.exception("Unexpected error: Fastwatch stops. Start it again; recorded data is not lost.")
        return Exit.FAILED
    log.info("Fastwatch has stopped.")
    return Exit.OK


def _first_steps(error: InvalidSettings) -> list[str]:
    """Return what to do where nothing is set yet; empty otherwise."""
    return [_FIRST_STEPS] if error.lacks_all_required else []


def _fail(status: Exit, *lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - for a person; logging may not be configured yet
    return status
