"""The meaning of Discord's errors: whether to retry, and when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum, auto

import aiohttp
import discord

from bot.concurrency.backoff import Backoff
from bot.domain.alert_routes import DisabledReason
from bot.notifier.rate_limits import is_for_all_requests, seconds_asked
from bot.ui import texts

DISCORD_FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""What a request to Discord may raise."""
# Discord's documentation, "Opcodes and Status Codes", JSON error codes.
_UNKNOWN_CHANNEL = 10003
_UNKNOWN_MESSAGE = 10008
# Codes about a channel, a server, or what the bot may do there. Any other 403 may pass by itself: Discord's edge
# answers with code 40333, with code 0 or with a page of HTML.
_DISABLED_REASONS = {
    _UNKNOWN_CHANNEL: DisabledReason.UNKNOWN_CHANNEL,
    10004: DisabledReason.UNKNOWN_SERVER,
    50001: DisabledReason.MISSING_ACCESS,
    50008: DisabledReason.NOT_A_TEXT_CHANNEL,
    50009: DisabledReason.REFUSED,  # the verification level of the server is too high for the bot
    50013: DisabledReason.MISSING_PERMISSIONS,
    50024: DisabledReason.NOT_A_TEXT_CHANNEL,
    50083: DisabledReason.THREAD_ARCHIVED,
    160002: DisabledReason.MISSING_PERMISSIONS,  # a reply without Read Message History
    160005: DisabledReason.THREAD_ARCHIVED,  # the thread is locked
}
_ARCHIVED = 50083
# An unknown user; one who accepts no direct messages, or who shares no server with the bot any more.
_UNREACHABLE_MEMBER = frozenset({10013, 50007, 50278})
# The message itself: blocked by AutoMod, or as a harmful link.
_REJECTED_CODES = frozenset({200000, 200001, 240000})
_REJECTED_STATUSES = frozenset({400, 413})
_TOO_MANY_REQUESTS = 429

ALERT_BACKOFF = Backoff(first=1, longest=300)


class FailureScope(StrEnum):
    """What has to wait after a failure that may pass by itself."""

    MESSAGE = auto()
    """This message. Discord rejects its content, or it could not be composed."""
    BUCKET = auto()
    """Requests of this kind in this channel. Discord's name for what one rate limit counts."""
    SERVER = auto()
    """All messages to the server: Discord or the network fails."""
    EVERYTHING = auto()
    """All requests to Discord: a global rate limit, or one of Discord's edge."""


@asynccontextmanager
async def discord_timeout(client: discord.Client, seconds: float) -> AsyncIterator[None]:
    """Allow the requests to Discord inside at most this many seconds. Raises TimeoutError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        # discord.py 2.7 clears this event (`HTTPClient.request`) while one request waits out Discord's global rate
        # limit. If that request is cancelled, nothing sets the event again, and every other request waits forever.
        client.http._global_over.set()
        raise


def disabled_reason(error: Exception) -> DisabledReason | None:
    """Return why a route is disabled after this error, until somebody changes something in Discord.

    None if the error may pass by itself.
    """
    return _DISABLED_REASONS.get(error.code) if isinstance(error, discord.HTTPException) else None


def is_archived(error: discord.HTTPException) -> bool:
    """Whether a thread is archived, so that nothing in it can be edited until it is open again."""
    return error.code == _ARCHIVED


def is_refused(error: discord.HTTPException) -> bool:
    """Whether Discord refuses a channel, or a direct message to a member."""
    return disabled_reason(error) is not None or error.code in _UNREACHABLE_MEMBER


def is_message_gone(error: discord.HTTPException) -> bool:
    """Whether the Discord message was deleted."""
    return error.code == _UNKNOWN_MESSAGE


def is_channel_gone(error: discord.HTTPException) -> bool:
    """Whether the channel was deleted, with all its messages."""
    return error.code == _UNKNOWN_CHANNEL


def scope_of(error: Exception) -> FailureScope:
    """Return what has to wait after this error."""
    match error:
        case discord.RateLimited():
            return FailureScope.BUCKET
        case discord.HTTPException(status=status) if status == _TOO_MANY_REQUESTS:
            is_for_all = is_for_all_requests(error.response.headers)
            return FailureScope.EVERYTHING if is_for_all else FailureScope.BUCKET
        case discord.HTTPException() if error.status in _REJECTED_STATUSES or error.code in _REJECTED_CODES:
            return FailureScope.MESSAGE
    return FailureScope.SERVER if isinstance(error, DISCORD_FAILURES) else FailureScope.MESSAGE


def retry_after(error: Exception) -> float:
    """Return how many seconds Discord asks to wait; 0 if it does not say."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    return seconds_asked(error.response.headers) if isinstance(error, discord.HTTPException) else 0.0


def seconds_before_retry(error: Exception, attempts: int, backoff: Backoff = ALERT_BACKOFF) -> float:
    """Return how many seconds to wait: at least as long as Discord asks, and longer after each attempt."""
    return max(retry_after(error), backoff.pause(attempts))


def describe_error(error: Exception) -> str:
    """Return a failure in a few words, for the log and for moderators."""
    match error:
        case discord.HTTPException() if error.code in texts.discord_errors.REFUSALS:
            return texts.discord_errors.REFUSALS[error.code]
        case discord.HTTPException():
            # Code 0 is discord.py's for an answer without one, such as a page of a gateway.
            words = texts.discord_errors.ANSWERED_WITH_CODE if error.code else texts.discord_errors.ANSWERED
            return words.format(status=error.status, code=error.code)
        case discord.RateLimited():
            return texts.discord_errors.RATE_LIMITED
        case TimeoutError():
            return texts.discord_errors.TIMED_OUT
        case aiohttp.ClientError() | OSError():
            return texts.discord_errors.UNREACHABLE.format(error=type(error).__name__)
    return texts.discord_errors.UNEXPECTED.format(error=type(error).__name__)
