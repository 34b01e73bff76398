"""An alert says since when it may not be true, while its token cannot be read."""

import pytest

from tests.monitor.world import MINUTE, NotifierHarness, Team
from tests.standins.imaginepro_server import Drop


async def rounds(harness: NotifierHarness, number: int) -> None:
    for _ in range(number):
        harness.world.clock.advance(MINUTE)
        await harness.monitor.round()
        await harness.notifier.deliver_due()


def shown(team: Team) -> str:
    """Return the text of the first alert's embed."""
    return str(team.posted()[0].embeds[0].get("description") or "")


@pytest.fixture
async def alerted(harness: NotifierHarness, team: Team) -> NotifierHarness:
    """Token 111 is banned, and the alert is posted."""
    await harness.posted(111, status="BANNED")
    assert "⏳" not in shown(team)
    return harness


async def test_in_an_outage_an_open_alert_says_since_when(alerted: NotifierHarness, team: Team) -> None:
    since = int(alerted.world.clock.now().timestamp())
    alerted.world.imaginepro.outage = Drop()
    await rounds(alerted, 6)
    assert shown(team).startswith(f"⏳ Last read <t:{since}:R>; it may have changed since.\n")
    assert team.pinged() == 2

    alerted.world.imaginepro.outage = None
    await rounds(alerted, 1)
    assert "⏳" not in shown(team)
    assert team.pinged() == 2


async def test_while_only_its_token_has_no_status_it_says_so_too(alerted: NotifierHarness, team: Team) -> None:
    since = int(alerted.world.clock.now().timestamp())
    alerted.world.set_status(111, "")
    await rounds(alerted, 4)
    assert "⏳" not in shown(team)
    await rounds(alerted, 1)
    assert shown(team).startswith(f"⏳ Last read <t:{since}:R>; it may have changed since.\n")
    edits = len(team.discord.requests_to("PATCH", team.editing))
    await rounds(alerted, 5)
    assert len(team.discord.requests_to("PATCH", team.editing)) == edits

    alerted.world.set_status(111, "BANNED")
    await rounds(alerted, 1)
    assert "⏳" not in shown(team)
    assert team.pinged() == 1
