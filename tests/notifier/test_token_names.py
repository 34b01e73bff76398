"""A team's token names in its messages, even if a name changes between two attempts."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.storage.token_names import set_name
from tests.monitor.world import NotifierHarness, Team
from tests.standins.discord_server import DiscordServer, Fault
from tests.titles import title_of

LATER = timedelta(minutes=10)
NAME = "Studio (A) [x](https://evil.invalid) @"
SHOWN = "Studio \\(A\\) \\[x\\]\\(https:\\//evil.i… (111)"


@pytest.fixture
async def discord_server() -> AsyncIterator[DiscordServer]:
    """A Discord that forgets nonces at once, so the bot must find messages of earlier attempts itself."""
    async with DiscordServer(nonce_lifetime=0) as server:
        yield server


async def name(harness: NotifierHarness, team: Team, name: str) -> None:
    async with harness.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, name, named_by=team.mod, now=harness.world.clock.now())


async def test_alert_push_text_and_replies_include_the_name(harness: NotifierHarness, team: Team) -> None:
    await name(harness, team, NAME)
    await harness.posted(111, status="RELAX")
    await harness.posted(111, status="BANNED")
    alert, worse = team.posted()
    assert SHOWN in title_of(alert)
    assert SHOWN in alert.content
    assert SHOWN in worse.content

    await harness.posted(111, status="FAST")
    alert, _, back = team.posted()
    assert SHOWN in title_of(alert)
    assert SHOWN in back.content
    assert team.pinged() == 2


async def test_a_lost_response_reply_is_found_although_the_token_was_named_since(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.posted(111, status="RELAX")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.posted(111, status="BANNED")
    await name(harness, team, NAME)
    await harness.after(LATER)

    alert, worse = team.posted()
    assert worse.reference_id == alert.id
    assert SHOWN in title_of(alert)
    assert await harness.waiting(team) == 0


async def test_a_lost_response_reminder_is_found_although_the_token_was_renamed_since(
    harness: NotifierHarness, team: Team
) -> None:
    await name(harness, team, "7 of 9")
    await harness.posted(111, status="BANNED")
    harness.world.clock.advance(timedelta(hours=1))
    await harness.monitor.round()
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.notifier.deliver_due()
    await name(harness, team, NAME)
    await harness.after(LATER)

    alert, reminder = team.posted()
    assert reminder.reference_id == alert.id
    assert await harness.waiting(team) == 0


async def test_a_summary_line_is_found_although_the_token_was_named_since(harness: NotifierHarness, team: Team) -> None:
    await harness.seen(111, status="RELAX")
    await harness.seen(111, status="FAST")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.notifier.deliver_due()
    await name(harness, team, NAME)
    await harness.after(LATER)

    (line,) = team.posted()
    assert line.content.startswith("Already over:")
    assert await harness.waiting(team) == 0


async def test_a_summary_line_is_unchanged_although_the_token_was_named_since(
    harness: NotifierHarness, team: Team
) -> None:
    """A single one is posted by its own delivery, which would be edited into an alert if its text had changed."""
    team.discord.faults.add(Fault("POST", team.posting, "drop_before"))
    await harness.posted(111, status="RELAX")
    await harness.seen(111, status="FAST")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.after(LATER)
    await name(harness, team, NAME)
    await harness.after(LATER)

    (line,) = team.posted()
    assert line.content.startswith("Already over:")
    assert line.embeds == []


async def test_a_reminder_and_a_summary_line_include_the_name(harness: NotifierHarness, team: Team) -> None:
    await name(harness, team, NAME)
    await harness.posted(111, status="BANNED")
    harness.world.clock.advance(timedelta(hours=1))
    await harness.monitor.round()
    await harness.notifier.deliver_due()
    assert SHOWN in team.posted()[-1].content

    await harness.posted(111, status="FAST")
    await harness.seen(111, status="RELAX")
    await harness.seen(111, status="FAST")
    await harness.notifier.deliver_due()
    assert team.posted()[-1].content.startswith("Already over:")
    assert SHOWN in team.posted()[-1].content
