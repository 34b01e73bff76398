"""The notifier's judgement: what is for good, how long to wait, and what to say of it."""

from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import discord
import pytest

from bot.monitoring.notifier import describe, is_for_good, pause_before_retry


@dataclass
class Answer:
    """As much of an answer of Discord as its errors look at."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def refusal(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    sorts = {403: discord.Forbidden, 404: discord.NotFound}
    sort = sorts.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    answer = Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})
    return sort(answer, {"code": code, "message": "made up"})


@pytest.mark.parametrize(
    ("error", "for_good"),
    [
        (refusal(403, 50001), True),  # Missing Access
        (refusal(403, 50013), True),  # Missing Permissions
        (refusal(403), True),
        (refusal(404, 10003), True),  # Unknown Channel
        (refusal(404, 10004), True),  # Unknown Guild
        (refusal(400, 50008), True),  # a channel for other things than text
        (refusal(400, 50083), True),  # an archived thread
        (refusal(404, 10008), False),  # Unknown Message: it is posted anew
        (refusal(404), False),
        (refusal(400, 50035), False),
        (refusal(401), False),
        (refusal(429), False),
        (refusal(500), False),
        (refusal(503), False),
        (discord.RateLimited(40.0), False),
        (aiohttp.ClientConnectionError(), False),
        (TimeoutError(), False),
        (OSError(), False),
        (ValueError(), False),
    ],
)
def test_only_what_somebody_must_change_in_discord_is_for_good(error: Exception, for_good: bool) -> None:
    assert is_for_good(error) is for_good


@pytest.mark.parametrize(
    ("error", "tries", "seconds"),
    [
        (TimeoutError(), 0, 1),
        (TimeoutError(), 1, 2),
        (TimeoutError(), 5, 32),
        (TimeoutError(), 8, 256),
        (TimeoutError(), 9, 300),
        (TimeoutError(), 1_023, 300),
        (TimeoutError(), 100_000, 300),
        (refusal(500), 3, 8),
        (refusal(429), 0, 1),
        (refusal(429, Retry_After="37"), 0, 37),
        (refusal(429, Retry_After="0.65"), 0, 1),
        (refusal(429, Retry_After="1337.57"), 4, 1337.57),
        (refusal(429, Retry_After="2"), 6, 64),
        (refusal(429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), 2, 4),
        (refusal(429, Retry_After=""), 2, 4),
        (refusal(429, Retry_After="."), 2, 4),
        (refusal(429, Retry_After="-5"), 2, 4),
        (refusal(429, Retry_After="\u00b2"), 2, 4),
        (discord.RateLimited(45.5), 0, 45.5),
        (discord.RateLimited(2.0), 9, 300),
    ],
)
def test_the_pause_is_what_discord_asks_for_or_grows(error: Exception, tries: int, seconds: float) -> None:
    assert pause_before_retry(error, tries) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refusal(403, 50013), "Discord answered 403, code 50013"),
        (refusal(502), "Discord answered 502, code 0"),
        (TimeoutError(), "Discord did not answer in time"),
        (discord.RateLimited(45.5), "Discord asked to slow down"),
        (aiohttp.ClientConnectionError("made-up detail"), "Discord could not be reached (ClientConnectionError)"),
        (OSError("made-up detail"), "Discord could not be reached (OSError)"),
        (ValueError("made-up detail"), "something nobody expected went wrong (ValueError)"),
    ],
)
def test_a_failure_is_described_in_a_few_words_without_what_others_wrote(error: Exception, words: str) -> None:
    assert describe(error) == words
