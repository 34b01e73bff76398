"""The command line: `python -m bot run`, `check`, `health`, `demo`, `backup`, `restore`, `migrate` and
`copy`.

Each command loads only what it needs: some run often, and the whole bot takes a second.
"""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bot import __version__
from bot.exit_status import Exit

_MAX_TIMEOUT = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status."""
    chosen = _parser().parse_args(arguments)
    handler: Callable[[argparse.Namespace], int] = chosen.handler
    try:
        status = handler(chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output, such as `head`, has gone. Python would report that again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    return status


def _run(_: argparse.Namespace) -> int:
    from bot.start import start  # noqa: PLC0415 - see above

    return start()


def _check(chosen: argparse.Namespace) -> int:
    from bot.check.command import check  # noqa: PLC0415 - see above

    try:
        failure = asyncio.run(check(chosen.timeout))
    except KeyboardInterrupt:
        return Exit.FAILED
    return Exit.OK if failure is None else Exit[failure.name]


def _health(_: argparse.Namespace) -> int:
    from bot.observability.health_command import health  # noqa: PLC0415 - see above

    is_well, sentence = health()
    print(sentence, file=sys.stdout if is_well else sys.stderr)
    return Exit.OK if is_well else Exit.FAILED


def _demo(chosen: argparse.Namespace) -> int:
    try:
        from bot.demo.command import demo  # noqa: PLC0415 - its libraries are an extra, and only the demo needs them
    except ModuleNotFoundError as error:
        missing = f"The demo needs its libraries ({error.name} is missing). Run: make demo."
        print(missing, file=sys.stderr)  # noqa: T201 - for a person
        return Exit.FAILED
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(demo(scenario=chosen.scenario, speed=chosen.speed, port=chosen.port, opens_browser=chosen.browser))
    return Exit.OK


def _backup(chosen: argparse.Namespace) -> int:
    from bot.maintenance.runner import backup  # noqa: PLC0415 - see above

    return backup(chosen.file, overwrite=chosen.overwrite)


def _restore(chosen: argparse.Namespace) -> int:
    from bot.maintenance.runner import restore  # noqa: PLC0415 - see above

    return restore(chosen.file)


def _migrate(_: argparse.Namespace) -> int:
    from bot.maintenance.runner import migrate  # noqa: PLC0415 - see above

    return migrate()


def _copy(chosen: argparse.Namespace) -> int:
    from bot.maintenance.runner import copy  # noqa: PLC0415 - see above

    return copy(chosen.source, chosen.target)


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
    health = commands.add_parser("health", help="ask the running bot, at METRICS_LISTEN, whether it is alive")
    health.set_defaults(handler=_health)
    _add_data_commands(commands)
    demo = commands.add_parser("demo", help="run the bot in a simulated Discord in the browser; no account needed")
    demo.add_argument(
        "--scenario",
        default="day",
        help="what happens there: day (default), alerts of every kind, a fleet of two dozen tokens, or a small team",
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
    copy = commands.add_parser("copy", help="copy everything from one database to another, empty one")
    copy.add_argument("--from", dest="source", metavar="URL", help="default: DATABASE_URL")
    copy.add_argument("--to", dest="target", metavar="URL", help="default: DATABASE_URL")
    copy.set_defaults(handler=_copy)


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
