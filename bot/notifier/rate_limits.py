"""Discord's rate limits, as its responses state them. discord.py tells neither their scope nor how long it waits."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
import discord

from bot.clock import Clock, Pause

LONGEST_WAIT = 6.0
"""For how many seconds discord.py waits by itself after a 429. Most limits are for 5 s, and the time-out of a send is
20 s. discord.py takes no less than 30 s as `max_ratelimit_timeout`, so `client.http` is changed.
"""
_TOO_MANY_REQUESTS = 429
_LONGEST_PAUSE = 86_400.0


def is_for_all_requests(headers: Mapping[str, str]) -> bool:
    """Whether a 429 limits all requests: Discord's global limit, or its edge, which has no `Via` header."""
    is_global = headers.get("X-RateLimit-Global") is not None or headers.get("X-RateLimit-Scope") == "global"
    return is_global or headers.get("Via") is None


def seconds_asked(headers: Mapping[str, str]) -> float:
    """Return `Retry-After`, at most a day; 0 if it is missing or no number of seconds."""
    header = headers.get("Retry-After", "")
    is_number = header.isascii() and header.replace(".", "", 1).isdigit()
    return min(float(header), _LONGEST_PAUSE) if is_number else 0.0


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the time at Discord (RFC 9110, section 6.6.1); None if it is missing, or no time with a zone."""
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo is not None else None


class ResponseWatch:
    """What the last response to an action has said: the rate limit that it has hit, if any, and Discord's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause = Pause(clock)
        self.is_for_all = False
        """Whether it limits all requests of the bot."""
        self.clock_ahead = timedelta()
        """By how much this machine's clock is ahead of Discord's."""

    def note(self, response: aiohttp.ClientResponse) -> None:
        """Note a response."""
        is_limit = response.status == _TOO_MANY_REQUESTS
        self.is_for_all = is_limit and is_for_all_requests(response.headers)
        self._pause.end()
        if is_limit:
            self._pause.extend(seconds_asked(response.headers))
        date = date_of(response.headers)
        self.clock_ahead = max(self._clock.now() - date, timedelta()) if date is not None else timedelta()

    def explain(self, error: Exception) -> Exception:
        """Return the rate limit that discord.py was waiting for when a request timed out; otherwise the same error."""
        left = self._pause.seconds_left
        return discord.RateLimited(left) if isinstance(error, TimeoutError) and left else error


_watch: ContextVar[ResponseWatch | None] = ContextVar("response_watch", default=None)


@contextmanager
def watch_responses(clock: Clock) -> Iterator[ResponseWatch]:
    """Watch the responses to the current task, if the client has the trace below."""
    watch = ResponseWatch(clock)
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def is_limit_for_all() -> bool:
    """Whether the last request of the watched action has hit a limit for all requests. RateLimited does not say."""
    watch = _watch.get()
    return watch is not None and watch.is_for_all


def clock_ahead() -> timedelta:
    """By how much the clock was ahead of Discord's at the last response to the watched action; 0 if it was not."""
    watch = _watch.get()
    return watch.clock_ahead if watch is not None else timedelta()


def response_trace() -> aiohttp.TraceConfig:
    """Return the `http_trace` of a client whose responses can be watched."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_on_request_end)
    return trace


async def _on_request_end(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
) -> None:
    watch = _watch.get()
    if watch is not None:
        watch.note(ended.response)


class Limits:
    """Which kinds of requests Discord limits in which channel. A limit of one kind holds back no other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pauses: dict[tuple[str, int], Pause] = {}

    @contextmanager
    def respected(self, kind: str, channel_id: int) -> Iterator[None]:
        """Raise RateLimited, without a request, while requests of this kind are limited in this channel."""
        pause = self._pauses.pop((kind, channel_id), None) or Pause(self._clock)
        if left := pause.seconds_left:
            self._pauses[kind, channel_id] = pause
            raise discord.RateLimited(left)
        try:
            yield
        except discord.RateLimited as error:
            pause.extend(min(error.retry_after, _LONGEST_PAUSE))
            self._pauses[kind, channel_id] = pause
            raise
