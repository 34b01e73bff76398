"""Make docs/commands.md from the command tree of the bot, with what the descriptions in Discord have no room for.

python -m docs.commands
"""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import discord
from discord import app_commands
from pydantic import SecretStr

from bot.app.client import COGS, Fastwatch
from bot.clock import Clock
from bot.logging_setup import configure_logs
from bot.run import open_services
from bot.settings import LogFormat, LogLevel, Settings

PAGE = Path(__file__).parent / "commands.md"

AnyCommand: TypeAlias = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu

_BEGINNING = """\
# Commands

Moderators are the members with the *Manage Server* permission and the members with the role chosen by
`/alerts moderators`. Discord hides the moderators' commands from all other members. It also hides them from that role
until an administrator allows it under *Server Settings, Integrations*. Whatever Discord shows, the bot checks at each
use. Outside the home servers, and in direct messages, every command answers that the server is not connected, and shows
nothing.

Options in brackets can be left out. "Completes" means that Discord suggests values while you type.
"""

_AFTER_EVERYONES = """\
`private` answers show only to you. Below the answer to `/trace` are *Refresh*, *History* and, for moderators, *Mute*.
The lists, the board and the charts are described in [fleet.md](fleet.md).
"""

_END = """\
Below an alert are *Acknowledge*, *I'm on it*, *Mute*, *Details* and the menu *More*, for moderators. Some alerts also
have *Close* or *Switch on*, and a muted one has *Unmute*. All buttons and menus keep working after a restart of the
bot. Alerts and their rules are described in
[alerts.md](alerts.md).

`python -m docs.commands` makes this page from the bot's commands.
"""

DETAILS = {
    "trace": (
        "The answer has the mode, fast time, forecast, plan, jobs and images made. The suggested IDs are those traced "
        "recently in this server."
    ),
    "Trace this": (
        "Finds the message IDs in a Discord message and traces one; if there are several, it offers a menu. Only you "
        "see the answer."
    ),
    "token list": (
        "Each token is one line, and a second one says what needs attention. Has pages, totals, and a menu that opens "
        "one token."
    ),
    "token show": (
        "The answer also has its recent use, open alerts and mutes. Below are *Refresh*, *History* and, for "
        "moderators, *Switch off* or *on*, which asks first, *Owner* and *Mute*."
    ),
    "token history": "The same information follows in words. Buttons below show 7, 30 or 90 days, or a year.",
    "token export": "The columns: token, time in UTC, mode, fast time left and total in hours.",
    "alerts setup": (
        "Says at once whether the bot can post there, and offers a test. Lists what is wrong already, and can send "
        "alerts for it. `channel` can be a text channel, a thread or a forum."
    ),
    "alerts test": (
        "It goes the same way as a real alert: recorded, sent, marked as delivered. Tries a refused channel again, and "
        "says why it is still refused, or that the role cannot be pinged."
    ),
    "alerts off": (
        "Open alerts are closed and say so, with the name of the moderator. Mutes, channels of single tokens and what "
        "waits to be sent are deleted. `/alerts setup` starts again: what is still wrong, and what went wrong "
        "meanwhile, is alerted with the next check."
    ),
    "alerts mute": (
        "From 1 minute to 30 days. Urgent alerts are still sent unless `include_urgent` is set. Problems that remain "
        "when the mute ends are alerted then."
    ),
    "alerts watch": "The message is traced in every check. At most 20 messages.",
    "alerts unwatch": "If nothing else reads the token, its open alerts are closed.",
    "alerts rules set": "All rules: [alerts.md](alerts.md#the-rules).",
    "alerts digest": (
        "Without options, it shows the schedule. The time zone is also that of quiet hours and of *Mute*."
    ),
    "alerts moderators": "Needs *Manage Server*, which the role itself does not give.",
    "board post": (
        "The message is pinned if the bot may pin. A server has one board. `channel` can be a text channel, a "
        "thread or a forum."
    ),
    "fleet name": "The name is shown beside the number everywhere, and accepted wherever a token is asked for.",
    "fleet owner": "Alerts ping that member, too, and say what to do ([alerts.md](alerts.md)).",
    "fleet enable": "Asks first, reads the result back, and records who did it in the audit log.",
    "fleet disable": (
        "Asks first, reads the result back, and records who did it in the audit log. The alert about it does not ping."
    ),
    "status": (
        "If not, says what is wrong, since when, and what to do ([troubleshooting](troubleshooting.md)). Then come the "
        "last successful check, the tokens, waiting deliveries, the account's credits and expiry, and recent "
        "changes by moderators."
    ),
}
"""What the description in Discord has no room for, by the command's name."""


async def read_tree() -> list[AnyCommand]:
    """Return all commands as the bot registers them, by name. Nothing is sent to Discord or ImaginePro."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            discord_token=SecretStr("made.up.token"),
            imaginepro_api_key=SecretStr("made-up-key"),
            home_servers=frozenset({1}),
            database_url=SecretStr(f"sqlite:///{folder}/empty.db"),
        )
        async with open_services(settings, Clock()) as services, Fastwatch(services) as bot:
            for cog in COGS:
                await bot.load_extension(cog)
            slash = [one for one in bot.tree.walk_commands() if isinstance(one, app_commands.Command)]
            menus = bot.tree.get_commands(type=discord.AppCommandType.message)
            return sorted([*slash, *menus], key=lambda command: command.qualified_name)


def page_of(commands: Iterable[AnyCommand]) -> str:
    """Return docs/commands.md."""
    everyones = [command for command in commands if not _is_for_moderators(command)]
    moderators = [command for command in commands if _is_for_moderators(command)]
    return "\n".join(
        [_BEGINNING, _table("For everyone", everyones), _AFTER_EVERYONES, _table("For moderators", moderators), _END]
    )


def signature(command: AnyCommand) -> str:
    """Return the name and options of a command, as the documentation writes them."""
    if isinstance(command, app_commands.ContextMenu):
        return f"*Apps → {command.name}* on a Discord message"
    options = [one.display_name if one.required else f"[{one.display_name}]" for one in command.parameters]
    return f"`{' '.join([f'/{command.qualified_name}', *options])}`"


def _is_for_moderators(command: AnyCommand) -> bool:
    top = command if isinstance(command, app_commands.ContextMenu) else command.root_parent or command
    return top.default_permissions is not None


def _table(heading: str, commands: Iterable[AnyCommand]) -> str:
    rows = [f"## {heading}\n", "| command | what it does | options |", "| --- | --- | --- |"]
    return "\n".join([*rows, *map(_row, commands), ""])


def _row(command: AnyCommand) -> str:
    details = DETAILS.get(command.qualified_name, "")
    if isinstance(command, app_commands.ContextMenu):
        return f"| {signature(command)} | {details} | |"
    options = "<br>".join(map(_option, command.parameters))
    return (
        f"| {signature(command)} | {f'{command.description}. {details}'.strip()} |{f' {options} ' if options else ' '}|"
    )


def _option(option: app_commands.Parameter) -> str:
    words = f"`{option.display_name}`: {option.description}"
    return f"{words}. Completes" if option.autocomplete else words


if __name__ == "__main__":
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    PAGE.write_text(page_of(asyncio.run(read_tree())), encoding="utf-8")
