"""What Discord's responses say besides their content: here, the time at Discord."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.notifier.rate_limits import date_of

AT_DISCORD = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)


def test_the_time_at_discord_is_that_of_the_response() -> None:
    assert date_of({"Date": "Mon, 02 Mar 2026 12:00:05 GMT"}) == AT_DISCORD
    assert date_of({"Date": "Mon, 02 Mar 2026 14:00:05 +0200"}) == AT_DISCORD.astimezone(timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    "date", ["", "soon", "Mon, 02 Mar 2026 12:00:05 -0000", "Mon, 99 Mar 99999 12:00:05 GMT", "\0"]
)
def test_a_time_that_cannot_be_read_is_unknown(date: str) -> None:
    assert date_of({"Date": date}) is None
    assert date_of({}) is None
