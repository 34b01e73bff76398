"""`python -m bot check`: tests the set-up before the first start, and prints a line for each part and what to do."""

import asyncio
import io
import sys
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field

from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.check import messages
from bot.check.facts import AlertRoute, DatabaseFacts, DatabaseFault, Login, SettingsFacts
from bot.check.findings import Failure, Finding, Mark
from bot.check.probe_database import look_at_database
from bot.check.probe_discord import Discord
from bot.check.probe_imaginepro import look_at_imaginepro
from bot.check.probe_settings import look_at_settings
from bot.check.threads import AbandonedThreads
from bot.clock import Clock
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel, Settings

_SHORTEST_SECRET = 4
_IMAGINEPRO = frozenset({"imaginepro_api_key", "imaginepro_base_url"})


async def check(seconds: float) -> Failure | None:
    """Check with so many seconds for each service, and print the report. Return the most important failure, if any."""
    asyncio.get_running_loop().set_default_executor(AbandonedThreads())
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that knows no check mark shows a question mark.
        sys.stdout.reconfigure(errors="replace")
    facts = look_at_settings()
    report = _Report(_secrets(facts.settings) if facts.settings else [])
    report.add(messages.on_settings(facts))
    if facts.settings is not None:
        # The report already has what libraries log about a service that does not respond.
        configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, map(SecretStr, report.secrets))
        await _ask_all(facts, facts.settings, seconds, report)
    report.end()
    return report.failure


@dataclass
class _Report:
    """Prints findings as they come, with secrets redacted, and keeps the result."""

    secrets: list[str]
    findings: list[Finding] = field(default_factory=list)

    def add(self, findings: Iterable[Finding]) -> None:
        """Print findings, a line each."""
        for finding in findings:
            self.findings.append(finding)
            self.say(str(finding))

    def say(self, line: str) -> None:
        """Print a line."""
        for secret in self.secrets:
            line = line.replace(secret, "[redacted]")
        print(line, flush=True)  # noqa: T201 - the report is for a person

    def end(self) -> None:
        """Print the result."""
        marks = [finding.mark for finding in self.findings]
        if Mark.WRONG in marks:
            self.say(f"\nTo fix before you start it: {marks.count(Mark.WRONG)}, marked {Mark.WRONG} above.")
        elif Mark.WARNING in marks:
            self.say(f"\nReady, with warnings marked {Mark.WARNING} above. You can start the bot.")
        else:
            self.say("\nReady. You can start the bot.")

    @property
    def failure(self) -> Failure | None:
        """The failure to fix first."""
        return min((each.failure for each in self.findings if each.failure is not None), default=None)


def _secrets(settings: Settings) -> list[str]:
    values = settings.secrets
    secrets = {value.get_secret_value() for value in values} | {_password(settings.database_url)}
    # The longest first: one may be a part of another.
    return sorted((secret for secret in secrets if len(secret) >= _SHORTEST_SECRET), key=len, reverse=True)


def _password(database_url: SecretStr) -> str:
    try:
        return make_url(database_url.get_secret_value()).password or ""
    except (ArgumentError, ValueError):
        return ""


async def _ask_all(facts: SettingsFacts, settings: Settings, seconds: float, report: _Report) -> None:
    """Ask all services at once, and report in a fixed order. A service whose settings are wrong is not asked."""
    clock = Clock()
    async with asyncio.TaskGroup() as group:
        database = group.create_task(_database(facts, settings, seconds))
        discord = _DiscordSide(facts, settings, Discord(clock, seconds, settings.network))
        of_discord = group.create_task(_guarded("Discord", discord.findings(database)))
        of_imaginepro = group.create_task(_guarded("ImaginePro", _imaginepro(facts, settings, clock, seconds)))
        report.add(messages.on_database(await database))
        report.add(await of_discord)
        report.add(await of_imaginepro)
    if discord.application_id is not None:
        report.say(f"\nInvite the bot: {messages.invitation(discord.application_id)}")


async def _guarded(subject: str, asking: Awaitable[list[Finding]]) -> list[Finding]:
    """Return the findings; an unexpected error becomes one, so that it does not hide those of other services."""
    try:
        return await asking
    except Exception as error:  # noqa: BLE001 - whatever it was, it is a line of the report
        return [messages.on_unexpected(subject, error)]


async def _database(facts: SettingsFacts, settings: Settings, seconds: float) -> DatabaseFacts | DatabaseFault | None:
    if "database_url" in facts.wrong:
        return None
    try:
        return await look_at_database(settings.database_url, seconds)
    except Exception as error:  # noqa: BLE001 - as above
        return DatabaseFault(messages.on_unexpected("Database", error).text)


async def _imaginepro(facts: SettingsFacts, settings: Settings, clock: Clock, seconds: float) -> list[Finding]:
    if facts.wrong & _IMAGINEPRO:
        return [messages.not_asked("ImaginePro")]
    url, key = settings.imaginepro_base_url, settings.imaginepro_api_key
    return messages.on_imaginepro(*await look_at_imaginepro(url, key, clock, seconds, settings.network), clock.now())


class _DiscordSide:
    """The checks of Discord, in sequence where one needs the result of another."""

    def __init__(self, facts: SettingsFacts, settings: Settings, discord: Discord) -> None:
        self.application_id: int | None = None
        self._wrong = facts.wrong
        self._settings = settings
        self._home = settings.home_servers if "home_servers" not in facts.wrong else frozenset()
        self._discord = discord

    async def findings(self, database: Awaitable[DatabaseFacts | DatabaseFault | None]) -> list[Finding]:
        """Log in, look at each server, and compare the clocks."""
        if "discord_token" in self._wrong:
            return [messages.not_asked("Discord")]
        async with self._discord.opened():
            login = await self._discord.log_in(self._settings.discord_token)
            servers = await self._servers(login.bot_id, await database) if isinstance(login, Login) else []
        if isinstance(login, Login):
            self.application_id = login.application_id
        else:
            servers.append(messages.SERVERS_NOT_ASKED)
        return [messages.on_login(login), *servers, messages.on_clock(self._discord.ahead)]

    async def _servers(self, bot_id: int, database: DatabaseFacts | DatabaseFault | None) -> list[Finding]:
        routes = database.routes if isinstance(database, DatabaseFacts) else None
        by_server: dict[int, list[AlertRoute]] = {server_id: [] for server_id in sorted(self._home)}
        for route in routes or ():
            by_server.setdefault(route.server_id, []).append(route)
        found = await asyncio.gather(
            *(self._discord.look_at_server(server_id, bot_id, routes) for server_id, routes in by_server.items())
        )
        findings = [
            finding
            for server_id, facts in zip(by_server, found, strict=True)
            for finding in messages.on_server(server_id, facts, is_home=server_id in self._home)
        ]
        return findings if routes is not None else [*findings, messages.ALERTS_NOT_ASKED]
