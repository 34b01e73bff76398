"""The command line: `python -m bot run`, `check`, `demo`, `backup`, `restore` and `migrate`."""

import argparse
import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

import structlog
from pydantic import SecretStr

from bot import __version__
from bot.check.probe_settings import env_file
from bot.logging_setup import configure_logs
from bot.maintenance import command as maintenance
from bot.maintenance.errors import NotDone
from bot.run import InvalidDiscordToken, run
from bot.settings import InvalidSettings, LogFormat, LogLevel, former_names, load_database_url, load_settings
from bot.storage.database import DatabaseUnusable

log = structlog.get_logger(__name__)

_MAX_TIMEOUT = 60


class Exit(IntEnum):
    """The exit statuses."""

    OK = 0
    FAILED = 1
    WRONG_SETTINGS = 2
    DATABASE_UNUSABLE = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status."""
    chosen = _parser().parse_args(arguments)
    handler: Callable[[argparse.Namespace], int] = chosen.handler
    return handler(chosen)


def _run(_: argparse.Namespace) -> int:
    try:
        settings = load_settings()
    except InvalidSettings as error:
        return _fail(Exit.WRONG_SETTINGS, *error.problems)
    configure_logs(settings.log_level, settings.log_format, settings.secrets)
    for former, name in former_names().items():
        log.warning("A setting has a new name. The former one still works.", former=former, name=name)
    env_file_is_open = env_file()[1]
    if env_file_is_open:
        log.warning("All users of this machine can read .env, which holds secrets. Run: chmod 600 .env")
    # Files, above all the SQLite database, are readable by this user only.
    os.umask(0o077)
    # All modules are loaded by now and stay until the end. Frozen objects are not traversed in each garbage collection.
    gc.freeze()
    try:
        # SIGTERM cancels the main task (`bot.run`), and asyncio cancels it on Ctrl-C too.
        with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(run(settings))
    except DatabaseUnusable as error:
        return _fail(Exit.DATABASE_UNUSABLE, str(error))
    except InvalidDiscordToken as error:
        return _fail(Exit.WRONG_SETTINGS, str(error))
    except Exception:
        log.exception("Unexpected error: Fastwatch stops. Start it again; recorded data is not lost.")
        return Exit.FAILED
    log.info("Fastwatch has stopped.")
    return Exit.OK


def _check(chosen: argparse.Namespace) -> int:
    from bot.check.command import check  # noqa: PLC0415 - it loads Alembic, which `run` needs for a migration only

    try:
        failure = asyncio.run(check(chosen.timeout))
    except KeyboardInterrupt:
        return Exit.FAILED
    return Exit.OK if failure is None else Exit[failure.name]


def _demo(chosen: argparse.Namespace) -> int:
    try:
        from bot.demo.command import demo  # noqa: PLC0415 - its libraries are an extra, and only the demo needs them
    except ModuleNotFoundError as error:
        return _fail(
            Exit.FAILED, f'The demo needs its libraries ({error.name} is missing): pip install "fastwatch[demo]".'
        )
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(demo(scenario=chosen.scenario, speed=chosen.speed, port=chosen.port, opens_browser=chosen.browser))
    return Exit.OK


def _backup(chosen: argparse.Namespace) -> int:
    return _work_on_data(lambda url: maintenance.back_up(url, chosen.file, overwrite=chosen.overwrite))


def _restore(chosen: argparse.Namespace) -> int:
    return _work_on_data(lambda url: maintenance.restore(url, chosen.file))


def _migrate(_: argparse.Namespace) -> int:
    return _work_on_data(maintenance.migrate)


def _work_on_data(work: Callable[[SecretStr], Coroutine[Any, Any, None]]) -> int:
    """Do work on the database of DATABASE_URL. The other settings do not matter."""
    try:
        url = load_database_url()
    except InvalidSettings as error:
        return _fail(Exit.WRONG_SETTINGS, *error.problems)
    configure_logs(LogLevel.WARNING, LogFormat.CONSOLE, [url])
    os.umask(0o077)
    try:
        asyncio.run(work(url))
    except DatabaseUnusable as error:
        return _fail(Exit.DATABASE_UNUSABLE, str(error))
    except NotDone as error:
        return _fail(Exit.FAILED, str(error))
    except KeyboardInterrupt:
        return Exit.FAILED
    return Exit.OK


def _fail(status: Exit, *lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - for a person; logging may not be configured yet
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Fastwatch watches your Midjourney tokens.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the bot with the settings of the environment and .env")
    run.set_defaults(handler=_run)
    check = commands.add_parser(
        "check", help="test everything that a start needs, and say what to fix; changes nothing"
    )
    check.add_argument("--timeout", type=_seconds, default=10, help="seconds to wait for each answer (default: 10)")
    check.set_defaults(handler=_check)
    _add_data_commands(commands)
    demo = commands.add_parser("demo", help="run the bot in a simulated Discord in the browser; no account needed")
    demo.add_argument(
        "--scenario",
        default="day",
        help="what happens there: day (default), alerts of every kind, or a fleet of two dozen tokens",
    )
    demo.add_argument("--speed", type=float, default=20, help="simulated seconds in a real one (default: 20)")
    demo.add_argument("--port", type=int, default=8765, help="the port of the page on 127.0.0.1 (default: 8765)")
    demo.add_argument("--no-browser", dest="browser", action="store_false", help="do not open a browser")
    demo.set_defaults(handler=_demo)
    return parser


def _add_data_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = commands.add_parser("backup", help="write a checked copy of an SQLite database; the bot may be running")
    backup.add_argument("file", type=Path, help="the file to write")
    backup.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    backup.set_defaults(handler=_backup)
    restore = commands.add_parser("restore", help="put a backup in the place of the SQLite database of a stopped bot")
    restore.add_argument("file", type=Path, help="the backup")
    restore.set_defaults(handler=_restore)
    migrate = commands.add_parser("migrate", help="upgrade the database to this version, as each start does")
    migrate.set_defaults(handler=_migrate)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= _MAX_TIMEOUT:
        raise argparse.ArgumentTypeError(f"write a number of seconds, at most {_MAX_TIMEOUT}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
