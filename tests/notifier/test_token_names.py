"""What a team calls its tokens, in what it is told: also where a name is given between two tries."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.storage.token_names import set_name
from tests.monitor.world import Team, Telling, title_of
from tests.standins.discord_server import DiscordServer, Fault

LATER = timedelta(minutes=10)
NAME = "Studio (A) [x](https://evil.invalid) @"
SHOWN = "111 (Studio \\(A\\) \\[x\\]\\(https:\\//evil.i…)"


@pytest.fixture
async def discord_server() -> AsyncIterator[DiscordServer]:
    """A Discord that forgets nonces at once, so that the bot must find by itself what an earlier try has left."""
    async with DiscordServer(nonce_lifetime=0) as server:
        yield server


async def name(telling: Telling, team: Team, name: str) -> None:
    async with telling.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, name, named_by=team.mod, now=telling.world.clock.now())


async def test_the_card_the_push_and_the_replies_say_the_name(telling: Telling, team: Team) -> None:
    await name(telling, team, NAME)
    await telling.told(111, status="RELAX")
    await telling.told(111, status="BANNED")
    card, worse = team.told()
    assert SHOWN in title_of(card)
    assert SHOWN in card.content
    assert SHOWN in worse.content

    await telling.told(111, status="FAST")
    card, _, back = team.told()
    assert SHOWN in title_of(card)
    assert SHOWN in back.content
    assert team.pinged() == 2


async def test_a_reply_that_got_through_unnoticed_is_found_though_the_token_was_named_since(
    telling: Telling, team: Team
) -> None:
    await telling.told(111, status="RELAX")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await telling.told(111, status="BANNED")
    await name(telling, team, NAME)
    await telling.after(LATER)

    card, worse = team.told()
    assert worse.reference_id == card.id
    assert SHOWN in title_of(card)
    assert await telling.waiting(team) == 0


async def test_a_reminder_that_got_through_unnoticed_is_found_though_the_token_was_renamed_since(
    telling: Telling, team: Team
) -> None:
    await name(telling, team, "7 of 9")
    await telling.told(111, status="BANNED")
    telling.world.clock.advance(timedelta(hours=1))
    await telling.monitor.round()
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await telling.notifier.deliver_due()
    await name(telling, team, NAME)
    await telling.after(LATER)

    card, reminder = team.told()
    assert reminder.reference_id == card.id
    assert await telling.waiting(team) == 0


async def test_a_line_of_what_was_over_is_found_though_the_token_was_named_since(telling: Telling, team: Team) -> None:
    await telling.seen(111, status="RELAX")
    await telling.seen(111, status="FAST")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await telling.notifier.deliver_due()
    await name(telling, team, NAME)
    await telling.after(LATER)

    (line,) = team.told()
    assert line.content.startswith("Over by now:")
    assert await telling.waiting(team) == 0


async def test_a_line_of_what_was_over_stays_that_line_though_the_token_was_named_since(
    telling: Telling, team: Team
) -> None:
    """One alone is told by its own delivery, which would be edited into a card where its words had changed."""
    team.discord.faults.add(Fault("POST", team.posting, "drop_before"))
    await telling.told(111, status="RELAX")
    await telling.seen(111, status="FAST")
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await telling.after(LATER)
    await name(telling, team, NAME)
    await telling.after(LATER)

    (line,) = team.told()
    assert line.content.startswith("Over by now:")
    assert line.embeds == []


async def test_a_reminder_and_a_line_of_what_was_over_say_the_name(telling: Telling, team: Team) -> None:
    await name(telling, team, NAME)
    await telling.told(111, status="BANNED")
    telling.world.clock.advance(timedelta(hours=1))
    await telling.monitor.round()
    await telling.notifier.deliver_due()
    assert SHOWN in team.told()[-1].content

    await telling.told(111, status="FAST")
    await telling.seen(111, status="RELAX")
    await telling.seen(111, status="FAST")
    await telling.notifier.deliver_due()
    assert team.told()[-1].content.startswith("Over by now:")
    assert SHOWN in team.told()[-1].content
