"""The meaning of Discord's errors: whether to retry, and when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from bot.concurrency.backoff import Backoff
from bot.domain.alert_routes import DisabledReason
from bot.ui import texts

DISCORD_FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""What a request to Discord may raise."""
# Discord's documentation, "Opcodes and Status Codes", JSON error codes. Every 403 is permanent as well.
_UNKNOWN_MESSAGE = 10008
_DISABLED_REASONS = {
    10003: DisabledReason.UNKNOWN_CHANNEL,
    10004: DisabledReason.UNKNOWN_SERVER,
    50001: DisabledReason.MISSING_ACCESS,
    50008: DisabledReason.NOT_A_TEXT_CHANNEL,
    50013: DisabledReason.MISSING_PERMISSIONS,
    50083: DisabledReason.THREAD_ARCHIVED,
}
_TOO_MANY_REQUESTS = 429

ALERT_BACKOFF = Backoff(first=1, longest=300)


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
    match error:
        case discord.Forbidden():
            return _DISABLED_REASONS.get(error.code, DisabledReason.REFUSED)
        case discord.HTTPException():
            return _DISABLED_REASONS.get(error.code)
    return None


def is_message_gone(error: discord.HTTPException) -> bool:
    """Whether the Discord message was deleted."""
    return error.code == _UNKNOWN_MESSAGE


def is_rate_limit(error: Exception) -> bool:
    """Whether Discord refused the request because there were too many (HTTP 429)."""
    return isinstance(error, discord.HTTPException) and error.status == _TOO_MANY_REQUESTS


def retry_after(error: Exception) -> float:
    """Return how many seconds Discord asks to wait; 0 if it does not say."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if isinstance(error, discord.HTTPException):
        # discord.py itself waits and retries after a 429 of Discord's API, which has a `Via` header. One without comes
        # from Cloudflare in front of Discord, and discord.py raises it.
        header = error.response.headers.get("Retry-After", "")
        return float(header) if header.isascii() and header.replace(".", "", 1).isdigit() else 0.0
    return 0.0


def seconds_before_retry(error: Exception, attempts: int, backoff: Backoff = ALERT_BACKOFF) -> float:
    """Return how many seconds to wait: at least as long as Discord asks, and longer after each attempt."""
    return max(retry_after(error), backoff.pause(attempts))


def describe_error(error: Exception) -> str:
    """Return a failure in a few words, for the log and for moderators."""
    match error:
        case discord.HTTPException() if error.code in texts.discord_errors.REFUSALS:
            return texts.discord_errors.REFUSAL.format(
                refusal=texts.discord_errors.REFUSALS[error.code], code=error.code
            )
        case discord.HTTPException():
            return texts.discord_errors.ANSWERED.format(status=error.status, code=error.code)
        case discord.RateLimited():
            return texts.discord_errors.RATE_LIMITED
        case TimeoutError():
            return texts.discord_errors.TIMED_OUT
        case aiohttp.ClientError() | OSError():
            return texts.discord_errors.UNREACHABLE.format(error=type(error).__name__)
    return texts.discord_errors.UNEXPECTED.format(error=type(error).__name__)
