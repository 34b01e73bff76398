"""What an earlier attempt has posted is found, although the database does not know of any."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.notifier.previous_attempts import ReplySignature
from bot.storage.schema import deliveries, incidents
from bot.ui import formatting
from tests.monitor.world import NotifierHarness, Team
from tests.standins.discord_server import DiscordServer, Fault
from tests.titles import is_back


@pytest.fixture
async def discord_server() -> AsyncIterator[DiscordServer]:
    """A Discord that forgets nonces at once."""
    async with DiscordServer(nonce_lifetime=0) as server:
        yield server


async def restore_backup(harness: NotifierHarness) -> None:
    """Restore what was recorded before anything was sent."""
    async with harness.world.database.transaction() as connection:
        await connection.execute(update(deliveries).values(attempts=0, delivered_at=None, claimed_until=None))
        await connection.execute(update(incidents).values(posted_channel_id=None, posted_message_id=None))


async def test_an_alert_of_a_restored_backup_is_not_posted_again(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="BANNED")
    await restore_backup(harness)
    await harness.after(timedelta(minutes=30))
    assert len(team.posted()) == 1
    assert await harness.waiting(team) == 0

    await harness.posted(111, status="FAST")
    alert, back = team.posted()
    assert is_back(alert)
    assert back.reference_id == alert.id


async def test_an_alert_that_was_just_recorded_is_not_searched_for(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="BANNED")

    assert team.discord.requests_to("GET", team.posting) == []


async def test_an_alert_is_found_by_a_clock_that_is_ahead_of_discords(harness: NotifierHarness, team: Team) -> None:
    clock = harness.world.clock
    clock.jump(datetime.now(UTC) + timedelta(hours=1) - clock.now())
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.posted(111, status="BANNED")
    await harness.after(timedelta(minutes=4))

    assert len(team.posted()) == 1
    assert await harness.waiting(team) == 0


@pytest.mark.parametrize("lasted", [timedelta(seconds=30), timedelta(minutes=59), timedelta(hours=26), timedelta(1)])
def test_a_reply_is_known_again_however_long_it_has_lasted(lasted: timedelta) -> None:
    words = "⏰ **Token 111** is still low on fast hours after {}. Nobody has acknowledged it."
    earlier = words.format(formatting.duration(timedelta(minutes=70)))
    signature = ReplySignature(words.format(formatting.duration(lasted)), 1, ignores_numbers=True)

    assert signature._comparable(earlier) == signature._comparable(signature.text)
