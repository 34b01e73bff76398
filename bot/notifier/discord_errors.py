"""What Discord's errors mean: whether to try again, and when."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple, TypeVar

import aiohttp
import discord

from bot.domain.alert_routes import DisabledReason
from bot.ui import texts

Value = TypeVar("Value")

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
# Two to the power of more would be too large a number after days of failing.
_MOST_DOUBLINGS = 10


class Backoff(NamedTuple):
    """Pauses between attempts, in seconds: each twice as long as the one before."""

    first: float = 1
    longest: float = 300

    def pause(self, attempts: int) -> float:
        """Return the pause after so many attempts."""
        return min(self.first * 2.0 ** min(attempts - 1, _MOST_DOUBLINGS), self.longest)


ALERT_BACKOFF = Backoff()


async def with_discord_timeout(client: discord.Client, work: Coroutine[Any, Any, Value], seconds: float) -> Value:
    """Await requests to Discord for so many seconds at most. Raises TimeoutError."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        # discord.py 2.x clears this event while one request waits for the end of Discord's global rate limit. Where
        # that request is cancelled, nothing sets it again, and all other requests wait for ever.
        client.http._global_over.set()
        raise


def disabled_reason(error: Exception) -> DisabledReason | None:
    """Return why a route is disabled after this error, until somebody changes something in Discord; None to retry."""
    match error:
        case discord.Forbidden():
            return _DISABLED_REASONS.get(error.code, DisabledReason.REFUSED)
        case discord.HTTPException():
            return _DISABLED_REASONS.get(error.code)
    return None


def is_message_gone(error: discord.HTTPException) -> bool:
    """Whether somebody has deleted the Discord message."""
    return error.code == _UNKNOWN_MESSAGE


def is_rate_limit(error: Exception) -> bool:
    """Whether Discord has refused a request since there were too many."""
    return isinstance(error, discord.HTTPException) and error.status == _TOO_MANY_REQUESTS


def retry_after(error: Exception) -> float:
    """Return how many seconds Discord asks to wait; 0 where it does not say."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if isinstance(error, discord.HTTPException):
        # A 429 without a `Via` header comes from Discord's edge and is not retried by discord.py.
        header = error.response.headers.get("Retry-After", "")
        return float(header) if header.isascii() and header.replace(".", "", 1).isdigit() else 0.0
    return 0.0


def seconds_before_retry(error: Exception, attempts: int, backoff: Backoff = ALERT_BACKOFF) -> float:
    """Return how long to wait: as long as Discord asks, or longer after each attempt."""
    return max(retry_after(error), backoff.pause(attempts))


def describe_error(error: Exception) -> str:
    """Describe a failure in a few words, for the log and for moderators."""
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
