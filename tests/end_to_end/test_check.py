"""`python -m bot check` as a separate process: its report on good and bad setups, and what it never does."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.check import messages
from bot.check.facts import DatabaseFacts, DatabaseFault
from bot.check.findings import Failure
from bot.check.probe_database import look_at_database
from bot.check.probe_imaginepro import look_at_imaginepro
from bot.clock import Clock
from bot.demo.documented_api import MADE_UP_EMAIL, made_up_secret
from bot.domain.alert_routes import DisabledReason
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import Route, mark_route_broken, set_route
from bot.storage.database import open_database
from bot.storage.upgrade import unfinished_copy
from tests.end_to_end.bot_process import inherited_environment
from tests.end_to_end.conftest import as_users_start_it, on_both_databases, on_both_without_tables, where_no_database_is
from tests.end_to_end.fork_server import Start
from tests.end_to_end.forks import REPOSITORY, Starter
from tests.patience import GENEROUS
from tests.standins.discord_server import DiscordServer, Fault, Permission
from tests.standins.imaginepro_server import (
    GATEWAY_PAGE,
    LOGIN_PAGE,
    Delay,
    Drip,
    ImagineProServer,
    Refuse,
    Say,
    linked_token,
)

pytestmark = pytest.mark.slow

VERSION = max(path.name.split("_")[0] for path in (REPOSITORY / "bot/storage/migrations/versions").glob("[0-9]*.py"))
FOR_EVER = 1_000_000
FLEET, ACCOUNT = "/api/v1/discord/tokens", "/api/v1/subscription/account-info"
WELL, TROUBLE, WRONG_SETTINGS, DATABASE_UNUSABLE = range(4)
AGAIN = "Type /alerts setup in that server."
UNKNOWN = 1169758569336478123
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class CheckResult:
    """The result of a check."""

    status: int
    lines: list[str]

    def about(self, subject: str) -> str:
        """Return the one line about a subject."""
        (line,) = (line for line in self.lines if line[2:].startswith(f"{subject}:"))
        return line

    def alerts(self) -> list[str]:
        """Return the lines about alerts."""
        return [line for line in self.lines if line[2:].startswith("Alerts in ")]


@dataclass
class SetUp:
    """A directory, its settings, and the two services."""

    discord: DiscordServer
    imaginepro: ImagineProServer
    starter: Starter
    folder: Path
    settings: dict[str, str]
    home: int
    alerts: int
    role: int

    async def check(self, seconds: float = 5, *, ahead: int = 0) -> CheckResult:
        """Run the check, and verify its invariants."""
        module, clock = "tests.standins.run_against", []
        if ahead:
            # A clock twice as fast is ahead by the time since its start.
            module, clock = "tests.end_to_end.fast_bot", ["2", str(time.time() - ahead)]
        addresses = [self.discord.api_url, self.discord.gateway_url]
        arguments = [*clock, *addresses, "--", "check", "--timeout", str(seconds)]
        process = await self.starter(
            Start(module, arguments, str(self.folder), inherited_environment() | {"PYTHONUTF8": "1"} | self.settings)
        )
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(GENEROUS):
            printed, complained = await asyncio.gather(process.stdout.read(), process.stderr.read())
            status = await process.wait()
        said = CheckResult(status, printed.decode().splitlines())
        assert complained.decode() == ""
        self.check_invariants(printed.decode())
        return said

    @property
    def database_url(self) -> SecretStr:
        """The path of the database."""
        return SecretStr(self.settings["DATABASE_URL"])

    def move_settings_into_env_file(self, mode: int) -> None:
        """Move them all into `.env`, and none into the environment."""
        env_file = self.folder / ".env"
        env_file.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items()), encoding="utf-8")
        env_file.chmod(mode)
        self.settings = {}

    def check_invariants(self, printed: str) -> None:
        """Nothing was sent, the gateway was not used, and no secret leaked."""
        assert self.discord.violations == []
        assert {request.method for request in self.discord.requests} <= {"GET"}
        assert {request.method for request in self.imaginepro.log} <= {"GET"}
        assert self.discord.connections == []
        for secret in self.secrets():
            assert secret not in printed

    def secrets(self) -> Iterator[str]:
        """Return what must not appear anywhere."""
        yield from (
            self.discord.token,
            self.imaginepro.key,
            MADE_UP_EMAIL,
            *map(made_up_secret, self.imaginepro.tokens),
        )
        yield from (self.settings[name] for name in ("DISCORD_TOKEN", "IMAGINEPRO_API_KEY") if name in self.settings)

    async def route(
        self, *, server: int = 0, role: int | None = None, channel: int = 0, broken: DisabledReason | None = None
    ) -> None:
        """Create the database as the bot leaves it after /alerts setup."""
        async with open_database(self.database_url) as database, database.transaction() as it:
            account = await ensure_account(it, "primary", NOW)
            server = server or self.home
            route = Route(server, account, channel or self.alerts, role, created_by=1, created_at=NOW)
            await set_route(it, route)
            if broken is not None:
                await mark_route_broken(it, route, broken, now=NOW, retry_at=NOW)

    async def another_server(
        self,
        name: str,
        *,
        is_home: bool = True,
        role: str = "",
        role_id: int = 0,
        broken: DisabledReason | None = None,
        **channel: Any,
    ) -> int:
        """Set up alerts in one more server, and return the channel."""
        server = self.discord.add_guild(name=name, bot_permissions=0)
        if is_home:
            self.settings["HOME_SERVERS"] += f",{server}"
        place = self.discord.add_channel(server, "alerts", **channel)
        if role:
            role_id = self.discord.add_role(server, role)
        await self.route(server=server, channel=place, role=role_id or None, broken=broken)
        return place

    async def mark_version(self, version: str) -> None:
        """Set the version of the database."""
        async with open_database(self.database_url) as database, database.transaction() as it:
            await it.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


@pytest.fixture
def set_up(
    discord: DiscordServer, imaginepro: ImagineProServer, starter: Starter, database_url: str, tmp_path: Path
) -> SetUp:
    """Everything is fine, and nobody has set up alerts yet."""
    home = discord.add_guild(name="Home", bot_permissions=0)
    settings = {
        "DISCORD_TOKEN": discord.token,
        "IMAGINEPRO_API_KEY": imaginepro.key,
        "IMAGINEPRO_BASE_URL": imaginepro.base_url,
        "HOME_SERVERS": str(home),
        "DATABASE_URL": database_url,
    }
    alerts, role = discord.add_channel(home, "alerts"), discord.add_role(home, "ops", mentionable=True)
    return SetUp(discord, imaginepro, starter, tmp_path, settings, home, alerts, role)


def closed_port() -> int:
    """A port without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


# Everything is fine


@pytest.mark.smoke
@as_users_start_it
async def test_reports_a_correct_setup_as_healthy(set_up: SetUp) -> None:
    await set_up.route(role=set_up.role)
    set_up.imaginepro.link(linked_token(333, "RELAX"))
    set_up.move_settings_into_env_file(0o600)
    database = set_up.folder / "fastwatch.db"
    before = database.read_bytes()

    said = await set_up.check()

    assert said.lines == [
        "✔ Settings: complete.",
        f"✔ Database: SQLite, version {VERSION}, 1 server has alerts set up.",
        f"✔ Discord token: valid; it belongs to fastwatch, application {set_up.discord.bot_id}.",
        f"✔ Home server: “Home”, {set_up.home}.",
        "✔ Alerts in “Home”: the bot can post in #alerts; they ping @ops.",
        "✔ Clock: it agrees with Discord's.",
        "✔ ImaginePro key: accepted, plan STARTER, 1,240 credits left, until 2030-01-01.",
        "✔ Fleet: 3 tokens: 2 FAST, 1 RELAX.",
        "",
        f"Invite the bot: https://discord.com/oauth2/authorize?client_id={set_up.discord.bot_id}"
        "&scope=bot+applications.commands&permissions=2251799813803008",
        "",
        "Ready. You can start the bot.",
    ]
    assert said.status == WELL
    assert database.read_bytes() == before


@on_both_without_tables
async def test_does_not_create_a_missing_database(set_up: SetUp) -> None:
    said = await set_up.check()

    assert said.status == WELL
    assert said.about("Database") in {
        f"✔ Database: SQLite, does not exist yet; the first start creates it, version {VERSION}.",
        f"✔ Database: PostgreSQL, no tables yet; the first start creates them, version {VERSION}.",
    }
    assert await look_at_database(set_up.database_url, 5) == DatabaseFacts(
        said.about("Database").split()[2].rstrip(","), "Postgre" in said.about("Database"), None, VERSION
    ), "it is as it was"
    assert list(set_up.folder.iterdir()) == []


@on_both_databases
async def test_does_not_migrate_an_older_database(set_up: SetUp) -> None:
    await set_up.route()
    await set_up.mark_version("0001")
    said = await set_up.check()

    assert said.status == WELL
    assert said.about("Database").startswith("⚠ ")
    advice = f", version 0001; the next start upgrades it to {VERSION}. Back it up first."
    assert said.about("Database").endswith(advice)
    assert said.about("Alerts") == "– Alerts: not checked without a database of this version."
    assert said.lines[-1] == "Ready, with warnings marked ⚠ above. You can start the bot."
    facts = await look_at_database(set_up.database_url, 5)
    assert isinstance(facts, DatabaseFacts)
    assert facts.version == "0001", "it is as it was"


# Settings


@where_no_database_is
async def test_reports_all_missing_settings(set_up: SetUp) -> None:
    for name in ("DISCORD_TOKEN", "IMAGINEPRO_API_KEY", "HOME_SERVERS"):
        del set_up.settings[name]
    said = await set_up.check()

    assert said.status == WRONG_SETTINGS
    for name in ("DISCORD_TOKEN", "IMAGINEPRO_API_KEY", "HOME_SERVERS"):
        assert any(line.startswith(f"✘ Settings: {name}: is missing. Get it here: ") for line in said.lines)
    assert "⚠ Settings: there is no .env file in this folder. Create one: cp .env.example .env" in said.lines
    assert said.about("Discord") == "– Discord: not checked, see Settings above."
    assert said.about("ImaginePro") == "– ImaginePro: not checked, see Settings above."
    assert said.about("Database").startswith("✔ Database: SQLite, does not exist yet")
    assert said.lines[-1] == "To fix before you start it: 3, marked ✘ above."


async def test_no_env_file_is_missed_where_settings_come_from_elsewhere(set_up: SetUp) -> None:
    set_up.settings["ALL_PROXY"] = "socks5://proxy:1"
    said = await set_up.check()

    assert said.status == WRONG_SETTINGS
    assert [line for line in said.lines if ".env" in line] == []


async def test_a_reader_that_has_gone_causes_no_traceback(set_up: SetUp) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = inherited_environment() | {"PYTHONPATH": str(REPOSITORY)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "check", "--timeout", "1"),
        cwd=set_up.folder,
        env=environment,
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writing)
    async with asyncio.timeout(GENEROUS):
        _, complained = await process.communicate()

    assert (complained.decode(), process.returncode) == ("", 1)


async def test_a_wrong_setting_does_not_hide_other_failures(set_up: SetUp) -> None:
    del set_up.settings["DISCORD_TOKEN"]
    set_up.settings |= {
        "DISCORD_TOKEN_FILE": "not/there",
        "POLL_INTERVAL": "1s",
        "IMAGINEPRO_API_KEY": "made-up-key-of-another-account",
    }
    said = await set_up.check()

    assert said.status == WRONG_SETTINGS
    assert any("DISCORD_TOKEN: the file that DISCORD_TOKEN_FILE names cannot be read." in line for line in said.lines)
    assert "✘ Settings: POLL_INTERVAL: is too short; 10s is the shortest." in said.lines
    assert said.about("ImaginePro key") == (
        "✘ ImaginePro key: ImaginePro rejects it (HTTP 401 The API key is invalid). It is wrong, or the account has "
        "no credits left; compare it with your ImaginePro dashboard."
    )


async def test_warns_of_an_env_file_readable_by_everyone(set_up: SetUp) -> None:
    set_up.move_settings_into_env_file(0o644)
    said = await set_up.check()

    assert said.lines[:2] == [
        "✔ Settings: complete.",
        "⚠ Settings: .env holds secrets, and every user of this machine can read it. Run: chmod 600 .env",
    ]
    assert said.status == WELL


async def test_reports_an_env_file_that_is_not_text(set_up: SetUp) -> None:
    (set_up.folder / ".env").write_bytes(b"LOG_LEVEL=\xff\xfe")
    said = await set_up.check()

    assert said.status == WRONG_SETTINGS
    assert "✘ Settings: .env: cannot be read; it must be a text file in UTF-8." in said.lines


# Database


async def test_reports_a_database_of_a_newer_version(set_up: SetUp) -> None:
    await set_up.route()
    await set_up.mark_version("9999")
    said = await set_up.check()

    assert said.status == DATABASE_UNUSABLE
    assert said.about("Database") == (
        "✘ Database: A newer version of Fastwatch wrote this database; start that version, or a newer one."
    )


async def test_reports_a_copy_that_has_not_finished(set_up: SetUp) -> None:
    await set_up.route()
    await set_up.mark_version(unfinished_copy())
    said = await set_up.check()

    assert said.status == DATABASE_UNUSABLE
    assert said.about("Database") == (
        "✘ Database: A copy into this database has not finished; run python -m bot copy again."
    )


async def database_fault(url: str) -> str:
    found = await look_at_database(SecretStr(url), 0.5)
    assert isinstance(found, DatabaseFault)
    (finding,) = messages.on_database(found)
    assert finding.failure is Failure.DATABASE_UNUSABLE
    return found.sentence


async def test_reports_why_a_database_cannot_be_opened(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("made up\n" * 200, encoding="utf-8")
    sentence = "It cannot be used ({cause}); check DATABASE_URL."

    assert await database_fault(f"sqlite:///{notes}") == sentence.format(cause="file is not a database")
    nowhere = "Its folder cannot be written to (No such file or directory); check DATABASE_URL."
    assert await database_fault(f"sqlite:///{tmp_path}/nowhere/fastwatch.db") == nowhere
    assert "cannot be read" in await database_fault("postgresql://user:password@host:made-up-password/database")


async def test_reports_a_damaged_page_that_a_start_would_refuse(set_up: SetUp) -> None:
    file = set_up.folder / "fastwatch.db"
    with closing(sqlite3.connect(file)) as plain:
        (page,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = 'incidents'").fetchone()
        (size,) = plain.execute("PRAGMA page_size").fetchone()
    whole = file.read_bytes()
    file.write_bytes(whole[: (page - 1) * size] + b"\xff" * size + whole[page * size :])

    assert "restore a backup" in await database_fault(set_up.settings["DATABASE_URL"])


async def test_reports_that_the_database_is_locked(set_up: SetUp) -> None:
    await set_up.route()
    other = sqlite3.connect(set_up.folder / "fastwatch.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    fault = await database_fault(set_up.settings["DATABASE_URL"])
    other.close()

    assert fault == "It cannot be used (database is locked); check DATABASE_URL."


async def test_reports_an_unreachable_postgresql_without_its_password(set_up: SetUp) -> None:
    set_up.settings["DATABASE_URL"] = f"postgresql://me:made-up-password@127.0.0.1:{closed_port()}/made-up-password"
    said = await set_up.check()

    assert said.status == DATABASE_UNUSABLE
    assert said.about("Database").startswith("✘ Database: It cannot be used (")
    assert not any("made-up-password" in line for line in said.lines)


# Several failures at once


async def test_a_wrong_token_does_not_hide_a_wrong_key(set_up: SetUp) -> None:
    set_up.settings |= {"DISCORD_TOKEN": "made-up.wrong.token", "IMAGINEPRO_API_KEY": "made-up-wrong-key"}
    said = await set_up.check()

    assert said.status == WRONG_SETTINGS
    assert said.about("Discord token") == (
        "✘ Discord token: Discord rejects it. Get a new one: discord.com/developers/applications, "
        "your application, Bot, Reset Token."
    )
    assert said.about("Servers and alerts") == "– Servers and alerts: not checked without Discord."
    assert said.about("Clock") == "✔ Clock: it agrees with Discord's."
    assert said.about("ImaginePro key").startswith("✘")
    assert not any("Invite" in line for line in said.lines)


async def test_reports_that_neither_service_is_reachable(set_up: SetUp) -> None:
    await set_up.discord.stop()
    set_up.settings["IMAGINEPRO_BASE_URL"] = f"http://127.0.0.1:{closed_port()}"
    said = await set_up.check()

    assert said.status == TROUBLE
    assert said.about("Discord").startswith("✘ Discord: no usable response from Discord (Cannot connect to ")
    assert said.about("Clock") == "– Clock: not compared, because Discord did not respond."
    assert said.about("ImaginePro").startswith("✘ ImaginePro: ImaginePro does not respond (ConnectError: ")


async def test_reports_that_both_services_are_too_slow(set_up: SetUp) -> None:
    set_up.discord.faults.add(Fault("GET", ".*", "delay", times=FOR_EVER, seconds=2 * GENEROUS))
    set_up.imaginepro.outage = Delay(30)
    said = await set_up.check(1)

    assert said.status == TROUBLE
    assert "(no usable response within 1 s)" in said.about("Discord")
    assert said.about("ImaginePro") == (
        "✘ ImaginePro: ImaginePro does not respond (no answer within 1 s). Check this machine's network and try again."
    )
    assert said.about("Fleet") == "– Fleet: not listed, because the account could not be read."


async def test_a_directory_as_database_outranks_a_page_instead_of_imaginepro(
    set_up: SetUp,
) -> None:
    set_up.settings["DATABASE_URL"] = f"sqlite:///{set_up.folder}"
    set_up.imaginepro.outage = LOGIN_PAGE
    said = await set_up.check()

    assert said.status == DATABASE_UNUSABLE
    assert said.about("Database") == (
        "✘ Database: It cannot be used (unable to open database file); check DATABASE_URL."
    )
    assert said.about("Home server").startswith("✔")
    assert said.about("ImaginePro") == (
        "✘ ImaginePro: ImaginePro's response is not usable (the answer is a page and not JSON). "
        "Check IMAGINEPRO_BASE_URL and try again."
    )
    assert said.lines[-1] == "To fix before you start it: 2, marked ✘ above."


# Discord


TROUBLES = {
    "fails": (
        Fault("GET", ".*", times=FOR_EVER, status=HTTPStatus.BAD_GATEWAY),
        "no usable response within 1 s, but HTTP 502)",
    ),
    "limits": (
        Fault("GET", ".*", times=FOR_EVER, status=HTTPStatus.TOO_MANY_REQUESTS, via=False, message="<html>\x1b[31m"),
        "429 Too Many Requests (error code: 0): <html> [31m)",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_reports_unusable_responses_from_discord(set_up: SetUp, trouble: str) -> None:
    fault, reason = TROUBLES[trouble]
    set_up.discord.faults.add(fault)
    said = await set_up.check(1)

    assert said.status == TROUBLE
    assert reason in said.about("Discord")


async def test_one_server_does_not_hide_another(set_up: SetUp) -> None:
    third = set_up.discord.add_guild(name="Third")
    set_up.settings["HOME_SERVERS"] = f"{set_up.home},{UNKNOWN},{third}"
    fault = Fault("GET", f"/guilds/{third}", "delay", times=FOR_EVER, seconds=2 * GENEROUS)
    set_up.discord.faults.add(fault)
    said = await set_up.check(1.5)

    assert said.status == TROUBLE
    assert said.about("Home server") == f"✔ Home server: “Home”, {set_up.home}."
    assert said.about(f"Home server {UNKNOWN}") == (
        f"✘ Home server {UNKNOWN}: the bot is not in it. Invite it with the link below, or correct HOME_SERVERS."
    )
    assert "(no usable response within 1.5 s)." in said.about(f"Home server {third}")


# Alerts


async def test_reports_what_blocks_alerts_in_their_channels(set_up: SetUp) -> None:
    discord = set_up.discord
    gone = await set_up.another_server("Gone")
    discord.remove_channel(gone)
    await set_up.another_server("Deny", deny=Permission.EMBED_LINKS | Permission.READ_MESSAGE_HISTORY)
    await set_up.another_server("Hide", bot_may_view=False)
    await set_up.another_server("Broken", broken=DisabledReason.MISSING_ACCESS)
    async with open_database(set_up.database_url) as database, database.reading():
        said = await set_up.check()

    lacks = "the bot cannot post in #alerts. Give it these permissions there:"
    every = "View Channel, Send Messages, Embed Links, Read Message History"
    why = "I cannot see the channel"
    assert said.alerts() == [
        f"✘ Alerts in “Gone”: their channel, {gone}, no longer exists. {AGAIN}",
        f"✘ Alerts in “Deny”: {lacks} Embed Links, Read Message History.",
        f"✘ Alerts in “Hide”: {lacks} {every}.",
        f"✘ Alerts in “Broken”: they wait because Discord refused #alerts ({why}). {AGAIN}",
    ]
    assert said.about("Database") == f"✔ Database: SQLite, version {VERSION}, 4 servers have alerts set up."
    assert said.status == TROUBLE


@on_both_databases
async def test_warns_of_missing_optional_permissions(set_up: SetUp) -> None:
    await set_up.another_server("Nobody")
    await set_up.another_server("Quiet", role="quiet\n\x1b[2J\u202e" + "x" * 100)
    await set_up.another_server("No role", role_id=7)
    await set_up.another_server("Else\x1b[31m\u202ewhere", is_home=False)
    await set_up.route(server=UNKNOWN)
    said = await set_up.check()

    ways = "Allow anyone to mention that role, or give the bot Mention Everyone in #alerts."
    assert said.status == WELL
    assert [re.sub(r"lacks \d+", "lacks it", line) for line in said.alerts()] == [
        "✔ Alerts in “Nobody”: the bot can post in #alerts; they ping nobody.",
        "✔ Alerts in “Quiet”: the bot can post in #alerts.",
        f"⚠ Alerts in “Quiet”: they cannot ping @quiet [2J {'x' * 29}…. {ways}",
        "✔ Alerts in “No role”: the bot can post in #alerts.",
        f"⚠ Alerts in “No role”: the role they ping, 7, no longer exists. {AGAIN}",
        f"⚠ Alerts in server {UNKNOWN}: the bot is no longer in it. Waiting alerts are not delivered.",
        "⚠ Alerts in “Else [31m where”: they wait, and commands there are refused, "
        "because HOME_SERVERS lacks it. Add it.",
    ]


# The clock


async def test_warns_of_a_clock_that_is_wrong(set_up: SetUp) -> None:
    said = await set_up.check(ahead=90)

    assert said.about("Clock").startswith("⚠ Clock: ")
    assert " s ahead of Discord's. " in said.about("Clock")
    assert said.status == WELL


def test_reports_the_clock_offset() -> None:
    texts = [messages.on_clock(timedelta(seconds=seconds)).text for seconds in (-31, -30, -1.4, 0, 1.4, 30.4, 86400)]

    off = "Discord's. Checks and deliveries depend on it; synchronise it with NTP."
    agrees = "it agrees with Discord's."
    assert texts == [
        *(f"31 s behind {off}", "30 s from Discord's.", agrees, agrees, agrees),
        *("30 s from Discord's.", f"86,400 s ahead of {off}"),
    ]


# ImaginePro


async def test_warns_that_the_fleet_may_not_be_listed(set_up: SetUp) -> None:
    set_up.imaginepro.queue(Refuse(HTTPStatus.FORBIDDEN, "Upgrade your plan.\x07"), path=FLEET)
    said = await set_up.check()

    assert said.status == WELL
    assert said.about("ImaginePro key").startswith("✔")
    assert said.about("Fleet") == (
        "⚠ Fleet: this key cannot list its tokens (HTTP 403 Upgrade your plan). Watch tokens with "
        "/alerts watch instead."
    )


async def findings_on(server: ImagineProServer) -> list[str]:
    """Run the check within this process."""
    answers = await look_at_imaginepro(server.base_url, SecretStr(server.key), Clock(), 2)
    return list(map(str, messages.on_imaginepro(*answers, NOW)))


@pytest.mark.parametrize(
    ("outage", "said"),
    [
        (GATEWAY_PAGE, "ImaginePro does not respond (HTTP 502)."),
        (Drip(), "ImaginePro does not respond (no answer within 2 s)."),
        (Refuse(HTTPStatus.NOT_FOUND, "Cannot GET"), "(HTTP 404 Cannot GET). Check IMAGINEPRO_BASE_URL"),
        (Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "90"}), "rate limit was reached until "),
    ],
)
async def test_reports_imaginepros_unexpected_response(
    imaginepro: ImagineProServer, outage: Refuse | Say | Drip, said: str
) -> None:
    imaginepro.outage = outage
    line, _ = await findings_on(imaginepro)

    assert line.startswith("✘ ImaginePro: ")
    assert said in line


async def test_works_without_the_account_quota(imaginepro: ImagineProServer) -> None:
    imaginepro.queue(Refuse(HTTPStatus.NOT_FOUND, "No such thing."), path=ACCOUNT)

    assert await findings_on(imaginepro) == [
        "⚠ ImaginePro account: its details are not available (HTTP 404 No such thing); the bot does not need them.",
        "✔ Fleet: 2 tokens: 2 FAST.",
    ]


async def test_warns_of_an_empty_fleet_and_an_expired_plan(imaginepro: ImagineProServer) -> None:
    imaginepro.tokens.clear()
    imaginepro.expires_at = datetime(2022, 10, 7, tzinfo=UTC)

    assert await findings_on(imaginepro) == [
        "⚠ ImaginePro key: accepted, plan STARTER, 1,240 credits left, ended on 2022-10-07. Renew the plan.",
        "⚠ Fleet: no tokens. Link a Midjourney account at ImaginePro.",
    ]


async def test_a_fleet_without_any_status_is_nothing_to_monitor(imaginepro: ImagineProServer) -> None:
    imaginepro.queue(Say(b'[{"id": 1, "status": null}, {"id": 2, "status": 7}]'), path=FLEET)
    _, fleet = await findings_on(imaginepro)

    assert fleet.startswith("✘ Fleet: 2 tokens: 2 ")
    assert fleet.endswith(". ImaginePro gives no status of any, so nothing can be monitored.")


async def test_warns_of_a_token_listed_twice(imaginepro: ImagineProServer) -> None:
    imaginepro.queue(Say(b'[{"id": 1, "status": "FAST"}, {"id": 2}, {"id": 2}]'), path=FLEET)
    _, fleet = await findings_on(imaginepro)

    assert fleet == "⚠ Fleet: 1 token: 1 FAST; some entries in the list cannot be told apart."


# Unexpected errors


async def test_an_unexpected_error_is_a_line_of_the_report(set_up: SetUp) -> None:
    set_up.discord.faults.add(Fault("GET", "/oauth2/applications/@me", status=HTTPStatus.OK))
    said = await set_up.check()

    assert said.status == TROUBLE
    assert said.about("Discord") == "✘ Discord: unexpected error (KeyError: 'id')."
    assert said.about("Fleet").startswith("✔")


async def test_exit_does_not_wait_for_a_hanging_thread() -> None:
    script = """
import asyncio, time
from bot.check.threads import AbandonedThreads

async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(AbandonedThreads())
    print(await asyncio.to_thread(len, "four"))
    try:
        await asyncio.to_thread(int, "x")
    except ValueError:
        print("raised")
    try:
        await asyncio.wait_for(asyncio.to_thread(time.sleep, 60), 0.01)
    except TimeoutError:
        print("slow")

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script), cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    printed, complained = await asyncio.wait_for(process.communicate(), GENEROUS)

    assert (printed.split(), complained) == ([b"4", b"raised", b"slow"], b"")
