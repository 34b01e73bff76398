"""What a team calls its tokens, in what it is told: also where a name is given between two tries."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.storage.token_names import set_name
from tests.monitor.world import Alerting, Team, title_of
from tests.standins.discord_server import DiscordServer, Fault

LATER = timedelta(minutes=10)
NAME = "Studio (A) [x](https://evil.invalid) @"
SHOWN = "111 (Studio \\(A\\) \\[x\\]\\(https:\\//evil.i…)"


@pytest.fixture
async def discord_server() -> AsyncIterator[DiscordServer]:
    """A Discord that forgets nonces at once, so that the bot must find by itself what an earlier try has left."""
    async with DiscordServer(nonce_lifetime=0) as server:
        yield server


async def name(alerting: Alerting, team: Team, name: str) -> None:
    async with alerting.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, name, named_by=team.mod, now=alerting.world.clock.now())


async def test_the_card_the_push_and_the_replies_say_the_name(alerting: Alerting, team: Team) -> None:
    await name(alerting, team, NAME)
    await alerting.told(111, status="RELAX")
    await alerting.told(111, status="BANNED")
    card, worse = team.told()
    assert SHOWN in title_of(card)
    assert SHOWN in card.content
    assert SHOWN in worse.content

    await alerting.told(111, status="FAST")
    card, _, back = team.told()
    assert SHOWN in title_of(card)
    assert SHOWN in back.content
    assert team.pinged() == 2


async def test_a_reply_that_got_through_unnoticed_is_found_though_the_token_was_named_since(
    alerting: Alerting, team: Team
) -> None:
    await alerting.told(111, status="RELAX")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.told(111, status="BANNED")
    await name(alerting, team, NAME)
    await alerting.after(LATER)

    card, worse = team.told()
    assert worse.reference_id == card.id
    assert SHOWN in title_of(card)
    assert await alerting.waiting(team) == 0


async def test_a_reminder_that_got_through_unnoticed_is_found_though_the_token_was_renamed_since(
    alerting: Alerting, team: Team
) -> None:
    await name(alerting, team, "7 of 9")
    await alerting.told(111, status="BANNED")
    alerting.world.clock.advance(timedelta(hours=1))
    await alerting.monitor.round()
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.notifier.deliver_due()
    await name(alerting, team, NAME)
    await alerting.after(LATER)

    card, reminder = team.told()
    assert reminder.reference_id == card.id
    assert await alerting.waiting(team) == 0


async def test_a_line_of_what_was_over_is_found_though_the_token_was_named_since(
    alerting: Alerting, team: Team
) -> None:
    await alerting.seen(111, status="RELAX")
    await alerting.seen(111, status="FAST")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.notifier.deliver_due()
    await name(alerting, team, NAME)
    await alerting.after(LATER)

    (line,) = team.told()
    assert line.content.startswith("Already over:")
    assert await alerting.waiting(team) == 0


async def test_a_line_of_what_was_over_stays_that_line_though_the_token_was_named_since(
    alerting: Alerting, team: Team
) -> None:
    """One alone is told by its own delivery, which would be edited into a card where its words had changed."""
    team.discord.faults.add(Fault("POST", team.posting, "drop_before"))
    await alerting.told(111, status="RELAX")
    await alerting.seen(111, status="FAST")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.after(LATER)
    await name(alerting, team, NAME)
    await alerting.after(LATER)

    (line,) = team.told()
    assert line.content.startswith("Already over:")
    assert line.embeds == []


async def test_a_reminder_and_a_line_of_what_was_over_say_the_name(alerting: Alerting, team: Team) -> None:
    await name(alerting, team, NAME)
    await alerting.told(111, status="BANNED")
    alerting.world.clock.advance(timedelta(hours=1))
    await alerting.monitor.round()
    await alerting.notifier.deliver_due()
    assert SHOWN in team.told()[-1].content

    await alerting.told(111, status="FAST")
    await alerting.seen(111, status="RELAX")
    await alerting.seen(111, status="FAST")
    await alerting.notifier.deliver_due()
    assert team.told()[-1].content.startswith("Already over:")
    assert SHOWN in team.told()[-1].content
