"""The sentences of the check: what is in order, and what to do where something is not. Pure: no I/O, no clock."""

from collections import Counter
from datetime import datetime, timedelta

import discord

from bot.check.facts import (
    DatabaseFacts,
    DatabaseFault,
    Login,
    NoAnswer,
    NotMember,
    RouteFacts,
    ServerFacts,
    SettingsFacts,
    UnknownToken,
)
from bot.check.findings import Failure, Finding, name, reason, skipped, warning, well, wrong
from bot.domain.alert_routes import DisabledReason
from bot.domain.modes import parse_mode
from bot.imaginepro.errors import ImagineProError, NotInPlan, RateLimited, Unauthorized, Unreachable
from bot.imaginepro.responses import AccountPayload, FleetListing
from bot.ui import texts

_MOST_SECONDS_APART = 30
_SET_UP_AGAIN = "Type /alerts setup in that server."
SERVERS_NOT_ASKED = skipped("Servers and alerts", "not checked without Discord.")
ALERTS_NOT_ASKED = skipped("Alerts", "not checked without a database of this version.")


def not_asked(subject: str) -> Finding:
    """Return the finding for a check that was skipped because its settings are wrong."""
    return skipped(subject, "not checked, see Settings above.")


def on_unexpected(subject: str, error: Exception) -> Finding:
    """Return the finding for a fault in the check itself, or an unexpected response."""
    return wrong(subject, f"unexpected error ({type(error).__name__}: {reason(error)}).")


# Settings and database


def on_settings(facts: SettingsFacts) -> list[Finding]:
    """Return what is wrong with the settings, one finding each."""
    findings = [wrong("Settings", problem, Failure.WRONG_SETTINGS) for problem in facts.problems]
    if not findings:
        findings.append(well("Settings", "complete."))
    elif not facts.has_env_file and facts.has_none_required:
        findings.append(warning("Settings", "there is no .env file in this folder. Create one: cp .env.example .env"))
    if facts.env_file_is_open:
        text = ".env holds secrets, and every user of this machine can read it. Run: chmod 600 .env"
        findings.append(warning("Settings", text))
    return findings


def on_database(found: DatabaseFacts | DatabaseFault | None) -> list[Finding]:
    """Return whether a start can use the database, and what it would do to it."""
    match found:
        case DatabaseFacts():
            return [_on_usable_database(found)]
        case DatabaseFault():
            return [wrong("Database", found.sentence, Failure.DATABASE_UNUSABLE)]
        case None:
            return [not_asked("Database")]


def _on_usable_database(found: DatabaseFacts) -> Finding:
    if not found.exists:
        return well(
            "Database", f"{found.engine}, does not exist yet; the first start creates it, version {found.newest}."
        )
    if found.version is None:
        return well("Database", f"{found.engine}, no tables yet; the first start creates them, version {found.newest}.")
    if found.version != found.newest:
        text = (
            f"{found.engine}, version {found.version}; the next start upgrades it to {found.newest}. Back it up first."
        )
        return warning("Database", text)
    return well("Database", f"{found.engine}, version {found.version}, {_alerts(len(found.routes or ()))}.")


def _alerts(servers: int) -> str:
    if servers == 0:
        return "no server has alerts set up yet"
    return "1 server has alerts set up" if servers == 1 else f"{servers} servers have alerts set up"


# Discord


def on_login(found: Login | UnknownToken | NoAnswer) -> Finding:
    """Return the account that the token belongs to."""
    match found:
        case Login():
            return well(
                "Discord token", f"valid; it belongs to {name(found.name)}, application {found.application_id}."
            )
        case UnknownToken():
            where = "discord.com/developers/applications, your application, Bot, Reset Token"
            text = f"Discord rejects it. Get a new one: {where}."
            return wrong("Discord token", text, Failure.WRONG_SETTINGS)
        case NoAnswer():
            return wrong("Discord", f"{_no_answer(found)} Check this machine's network and try again.")


def _no_answer(found: NoAnswer) -> str:
    return f"no usable response from Discord ({reason(found.reason)})."


def on_server(server_id: int, found: ServerFacts | NotMember | NoAnswer, *, is_home: bool) -> list[Finding]:
    """Return whether the bot is in a server, and whether it can post alerts there."""
    subject = f"{'Home server' if is_home else 'Alerts in server'} {server_id}"
    match found:
        case NoAnswer():
            return [wrong(subject, _no_answer(found))]
        case NotMember() if is_home:
            text = "the bot is not in it. Invite it with the link below, or correct HOME_SERVERS."
            return [wrong(subject, text)]
        case NotMember():
            return [warning(subject, "the bot is no longer in it. Waiting alerts are not delivered.")]
        case ServerFacts():
            place = f"“{name(found.name)}”"
            if not is_home:
                return [_not_home(place, server_id)]
            alerts = [finding for route in found.routes for finding in _on_route(f"Alerts in {place}", route)]
            return [well("Home server", f"{place}, {server_id}."), *alerts]


def _not_home(place: str, server_id: int) -> Finding:
    text = f"they wait, and commands there are refused, because HOME_SERVERS lacks {server_id}. Add it."
    return warning(f"Alerts in {place}", text)


def _on_route(subject: str, facts: RouteFacts) -> list[Finding]:
    if facts.channel is None:
        return [wrong(subject, f"their channel, {facts.route.channel_id}, no longer exists. {_SET_UP_AGAIN}")]
    channel = f"#{name(facts.channel)}"
    return [_on_channel(subject, channel, facts), *_on_role(subject, channel, facts)]


def _on_channel(subject: str, channel: str, facts: RouteFacts) -> Finding:
    broken = facts.route.disabled_reason
    if broken is DisabledReason.SERVER_NOT_ALLOWED:  # it is one again, so the next start fixes it
        broken = None
    if facts.lacking:
        again = f" Then: {_SET_UP_AGAIN}" if broken is not None else ""
        return wrong(
            subject,
            f"the bot cannot post in {channel}. Give it these permissions there: {', '.join(facts.lacking)}.{again}",
        )
    if broken is not None:
        why = texts.discord_errors.DISABLED_REASONS[broken]
        return wrong(subject, f"they wait because Discord refused {channel} ({why}). {_SET_UP_AGAIN}")
    if facts.route.role_id is None:
        return well(subject, f"the bot can post in {channel}; they ping nobody.")
    return well(subject, f"the bot can post in {channel}" + (f"; they ping @{_role(facts)}." if facts.pings else "."))


def _on_role(subject: str, channel: str, facts: RouteFacts) -> list[Finding]:
    if facts.route.role_id is None or facts.pings:
        return []
    if facts.role is None:
        return [warning(subject, f"the role they ping, {facts.route.role_id}, no longer exists. {_SET_UP_AGAIN}")]
    ways = f"Allow anyone to mention that role, or give the bot Mention Everyone in {channel}."
    return [warning(subject, f"they cannot ping @{_role(facts)}. {ways}")]


def _role(facts: RouteFacts) -> str:
    return name(facts.role or "")


def on_clock(ahead: timedelta | None) -> Finding:
    """Return how far this machine's clock is from Discord's."""
    if ahead is None:
        return skipped("Clock", "not compared, because Discord did not respond.")
    seconds = round(abs(ahead.total_seconds()))
    # The Date header has whole seconds, and the response took a while to arrive.
    if seconds <= _MOST_SECONDS_APART:
        return well("Clock", "it agrees with Discord's." if seconds <= 1 else f"{seconds} s from Discord's.")
    side = "ahead of" if ahead > timedelta() else "behind"
    text = f"{seconds:,} s {side} Discord's. Checks and deliveries depend on it; synchronise it with NTP."
    return warning("Clock", text)


# For alerts in threads and forums only. Who wants those gives them in that channel.
_NOT_FOR_ALL = frozenset({"send_messages_in_threads", "manage_threads", "manage_channels"})


def invitation(application_id: int) -> str:
    """Return the link that invites the bot with the permissions it needs, and no more."""
    needed = discord.Permissions(**dict.fromkeys(texts.common.PERMISSIONS.keys() - _NOT_FOR_ALL, True))
    return discord.utils.oauth_url(application_id, permissions=needed, scopes=("bot", "applications.commands"))


# ImaginePro


def on_imaginepro(
    account: AccountPayload | ImagineProError, fleet: FleetListing | ImagineProError, now: datetime
) -> list[Finding]:
    """Return whether the key works, and whether it can list its tokens."""
    if isinstance(account, AccountPayload):
        return [_on_account(account, now), _on_fleet(fleet)]
    if isinstance(fleet, FleetListing):
        text = f"its details are not available ({reason(account.detail)}); the bot does not need them."
        return [warning("ImaginePro account", text), _on_fleet(fleet)]
    return [_on_error("ImaginePro", account), skipped("Fleet", "not listed, because the account could not be read.")]


def _on_account(account: AccountPayload, now: datetime) -> Finding:
    ended = account.expires_at is not None and account.expires_at < now
    parts = ["accepted"]
    if account.type:
        parts.append(f"plan {name(account.type)}")
    if account.credits is not None:
        parts.append(f"{account.credits:,} credits left")
    if account.expires_at is not None:
        parts.append(f"{'ended on' if ended else 'until'} {account.expires_at:%Y-%m-%d}")
    text = ", ".join(parts) + "."
    return warning("ImaginePro key", f"{text} Renew the plan.") if ended else well("ImaginePro key", text)


def _on_fleet(fleet: FleetListing | ImagineProError) -> Finding:
    if isinstance(fleet, NotInPlan):
        text = f"this key cannot list its tokens ({reason(fleet.detail)}). Watch tokens with /alerts watch instead."
        return warning("Fleet", text)
    if isinstance(fleet, ImagineProError):
        return _on_error("Fleet", fleet)
    if fleet.readings and not any(reading.mode for reading in fleet.readings):
        return wrong("Fleet", f"{_tokens(fleet)}. ImaginePro gives no status of any, so nothing can be monitored.")
    if not fleet.complete:
        return warning("Fleet", f"{_tokens(fleet)}; some entries in the list cannot be told apart.")
    if not fleet.readings:
        return warning("Fleet", "no tokens. Link a Midjourney account at ImaginePro.")
    return well("Fleet", f"{_tokens(fleet)}.")


def _tokens(fleet: FleetListing) -> str:
    modes = Counter(parse_mode(reading.status, is_active=reading.is_active) for reading in fleet.readings)
    counted = ", ".join(f"{number} {mode or texts.common.STATUS_UNKNOWN}" for mode, number in modes.most_common())
    tokens = "1 token" if len(fleet.readings) == 1 else f"{len(fleet.readings)} tokens"
    return f"{tokens}: {counted}" if counted else tokens


def _on_error(subject: str, error: ImagineProError) -> Finding:
    detail = reason(error.detail)
    match error:
        case Unauthorized():
            why = "It is wrong, or the account has no credits left; compare it with your ImaginePro dashboard."
            return wrong("ImaginePro key", f"ImaginePro rejects it ({detail}). {why}", Failure.WRONG_SETTINGS)
        case RateLimited():
            return wrong(
                subject,
                f"ImaginePro's rate limit was reached until {error.retry_at:%H:%M:%S} UTC ({detail}). Try again then.",
            )
        case Unreachable():
            return wrong(
                subject, f"ImaginePro does not respond ({detail}). Check this machine's network and try again."
            )
        case _:
            text = f"ImaginePro's response is not usable ({detail}). Check IMAGINEPRO_BASE_URL and try again."
            return wrong(subject, text)
