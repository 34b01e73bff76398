"""Putting facts into words: what is well, and what to do where it is not. Pure: no input or output, no clock."""

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
SERVERS_NOT_ASKED = skipped("Servers and alerts", "not looked at without Discord.")
ALERTS_NOT_ASKED = skipped("Alerts", "not looked at without a database of this version.")


def not_asked(subject: str) -> Finding:
    """Tell that a side was not asked, because what it takes is not set right."""
    return skipped(subject, "not looked at, see Settings above.")


def on_unexpected(subject: str, error: Exception) -> Finding:
    """Tell of a fault in the check itself, or an answer like none before."""
    return wrong(subject, f"it fails for a reason nobody expected ({type(error).__name__}: {reason(error)}).")


# Settings and database


def on_settings(facts: SettingsFacts) -> list[Finding]:
    """Tell what is wrong with the settings, a line each."""
    findings = [wrong("Settings", problem, Failure.WRONG_SETTINGS) for problem in facts.problems]
    if not findings:
        findings.append(well("Settings", "complete."))
    elif not facts.has_env_file:
        findings.append(warning("Settings", "there is no .env in this folder. To make one: cp .env.example .env"))
    if facts.env_file_is_open:
        text = ".env holds secrets, and every user of this machine can read it. Run: chmod 600 .env"
        findings.append(warning("Settings", text))
    return findings


def on_database(found: DatabaseFacts | DatabaseFault | None) -> list[Finding]:
    """Tell whether a start can use the database, and what it would do to it."""
    match found:
        case DatabaseFacts():
            return [_on_usable_database(found)]
        case DatabaseFault():
            return [wrong("Database", found.sentence, Failure.DATABASE_UNUSABLE)]
        case None:
            return [not_asked("Database")]


def _on_usable_database(found: DatabaseFacts) -> Finding:
    if not found.exists:
        return well("Database", f"{found.sort}, not there yet; the first start makes it, at version {found.newest}.")
    if found.version is None:
        return well("Database", f"{found.sort}, no tables yet; the first start makes them, at version {found.newest}.")
    if found.version != found.newest:
        text = f"{found.sort}, version {found.version}; the next start brings it to {found.newest}. Make a copy before."
        return warning("Database", text)
    return well("Database", f"{found.sort}, version {found.version}, {_alerts(len(found.routes or ()))}.")


def _alerts(servers: int) -> str:
    if servers == 0:
        return "no server has alerts yet"
    return "1 server has alerts" if servers == 1 else f"{servers} servers have alerts"


# Discord


def on_login(found: Login | UnknownToken | NoAnswer) -> Finding:
    """Tell whom the token belongs to."""
    match found:
        case Login():
            return well("Discord token", f"it belongs to {name(found.name)}, application {found.application_id}.")
        case UnknownToken():
            where = "discord.com/developers/applications, your application, Bot, Reset Token"
            text = f"Discord does not know it. Get a new one: {where}."
            return wrong("Discord token", text, Failure.WRONG_SETTINGS)
        case NoAnswer():
            return wrong("Discord", f"{_no_answer(found)} Check this machine's network, and try again.")


def _no_answer(found: NoAnswer) -> str:
    return f"Discord gives no answer that can be used ({reason(found.reason)})."


def on_server(server_id: int, found: ServerFacts | NotMember | NoAnswer, *, is_home: bool) -> list[Finding]:
    """Tell whether the bot is in a server, and whether the alerts there can be posted."""
    subject = f"{'Home server' if is_home else 'Alerts in server'} {server_id}"
    match found:
        case NoAnswer():
            return [wrong(subject, _no_answer(found))]
        case NotMember() if is_home:
            text = "the bot is not in it. Invite it with the address below, or correct HOME_SERVERS."
            return [wrong(subject, text)]
        case NotMember():
            return [warning(subject, "the bot is not in it any more. What waits for it is not delivered.")]
        case ServerFacts():
            place = f"“{name(found.name)}”"
            if not is_home:
                return [_not_home(place, server_id)]
            alerts = [finding for route in found.routes for finding in _on_route(f"Alerts in {place}", route)]
            return [well("Home server", f"{place}, {server_id}."), *alerts]


def _not_home(place: str, server_id: int) -> Finding:
    text = f"they wait, and every command there is refused, since HOME_SERVERS lacks {server_id}. Add it."
    return warning(f"Alerts in {place}", text)


def _on_route(subject: str, facts: RouteFacts) -> list[Finding]:
    if facts.channel is None:
        return [wrong(subject, f"their channel, {facts.route.channel_id}, is gone. {_SET_UP_AGAIN}")]
    channel = f"#{name(facts.channel)}"
    return [_on_channel(subject, channel, facts), *_on_role(subject, channel, facts)]


def _on_channel(subject: str, channel: str, facts: RouteFacts) -> Finding:
    broken = facts.route.disabled_reason
    if broken is DisabledReason.SERVER_NOT_ALLOWED:  # it is one again, so the next start mends it
        broken = None
    if facts.lacking:
        again = f" Then: {_SET_UP_AGAIN}" if broken is not None else ""
        return wrong(subject, f"the bot cannot post in {channel}. Give it there: {', '.join(facts.lacking)}.{again}")
    if broken is not None:
        why = texts.discord_errors.DISABLED_REASONS[broken]
        return wrong(subject, f"they wait since Discord refused {channel} ({why}). {_SET_UP_AGAIN}")
    if facts.route.role_id is None:
        return well(subject, f"they can be posted in {channel}, and ping nobody.")
    return well(subject, f"they can be posted in {channel}" + (f", and ping @{_role(facts)}." if facts.pings else "."))


def _on_role(subject: str, channel: str, facts: RouteFacts) -> list[Finding]:
    if facts.route.role_id is None or facts.pings:
        return []
    if facts.role is None:
        return [warning(subject, f"the role that they ping, {facts.route.role_id}, is gone. {_SET_UP_AGAIN}")]
    ways = f"Allow anyone to mention that role, or give the bot Mention Everyone in {channel}."
    return [warning(subject, f"they cannot ping @{_role(facts)}. {ways}")]


def _role(facts: RouteFacts) -> str:
    return name(facts.role or "")


def on_clock(ahead: timedelta | None) -> Finding:
    """Compare this machine's clock with Discord's."""
    if ahead is None:
        return skipped("Clock", "not compared, since Discord did not answer.")
    seconds = round(abs(ahead.total_seconds()))
    # Discord tells the time in whole seconds, and its answer took a while.
    if seconds <= _MOST_SECONDS_APART:
        return well("Clock", "it agrees with Discord's." if seconds <= 1 else f"{seconds} s from Discord's.")
    side = "ahead of" if ahead > timedelta() else "behind"
    text = f"{seconds:,} s {side} Discord's. Rounds, pauses and deliveries go by it; let the network set it (NTP)."
    return warning("Clock", text)


def invitation(application_id: int) -> str:
    """Write the address that invites the bot with what it needs, and no more."""
    needed = discord.Permissions(**dict.fromkeys(texts.common.PERMISSIONS, True))
    return discord.utils.oauth_url(application_id, permissions=needed, scopes=("bot", "applications.commands"))


# ImaginePro


def on_imaginepro(
    account: AccountPayload | ImagineProError, fleet: FleetListing | ImagineProError, now: datetime
) -> list[Finding]:
    """Tell whether the key works, and whether it lists its fleet."""
    if isinstance(account, AccountPayload):
        return [_on_account(account, now), _on_fleet(fleet)]
    if isinstance(fleet, FleetListing):
        text = f"its own figures cannot be had ({reason(account.detail)}); the bot does not need them."
        return [warning("ImaginePro account", text), _on_fleet(fleet)]
    return [_on_error("ImaginePro", account), skipped("Fleet", "not listed, for want of an answer about the account.")]


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
        text = f"this key may not list it ({reason(fleet.detail)}). What is left is to watch tokens by /alerts watch."
        return warning("Fleet", text)
    if isinstance(fleet, ImagineProError):
        return _on_error("Fleet", fleet)
    if not fleet.complete:
        return warning("Fleet", f"{_tokens(fleet)}; the list holds some that cannot be told apart.")
    if not fleet.readings:
        return warning("Fleet", "it has no tokens. Link a Midjourney account at ImaginePro.")
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
            return wrong("ImaginePro key", f"ImaginePro refuses it ({detail}). {why}", Failure.WRONG_SETTINGS)
        case RateLimited():
            return wrong(subject, f"ImaginePro wants to be left alone until {error.retry_at:%H:%M:%S} UTC ({detail}).")
        case Unreachable():
            return wrong(
                subject, f"ImaginePro gives no answer ({detail}). Check this machine's network, and try again."
            )
        case _:
            text = f"ImaginePro's answer cannot be used ({detail}). Check IMAGINEPRO_BASE_URL, and try again."
            return wrong(subject, text)
