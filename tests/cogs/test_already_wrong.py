"""What was wrong before alerts were set up: the answer lists it, and its button has it alerted."""

import pytest

from bot.app.client import Fastwatch
from bot.monitor.monitor import Monitor
from tests.clocks import SetClock
from tests.cogs.driving import command, rounds, text_of
from tests.cogs.server import Server, card, fields
from tests.standins.imaginepro_server import Drop, ImagineProServer, linked_token

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
BUTTON = "Report these now"


@pytest.fixture(autouse=True)
async def tokens(imaginepro: ImagineProServer, monitor: Monitor) -> None:
    """Two tokens, none of them in FAST."""
    imaginepro.link(linked_token(111), linked_token(222))
    imaginepro.tokens[111].status, imaginepro.tokens[222].status = "BANNED", "RELAX"
    await monitor.round()


async def test_what_is_wrong_already_is_listed_and_alerted_when_a_moderator_wants_it(
    server: Server, new_bot: Fastwatch, monitor: Monitor, clock: SetClock, imaginepro: ImagineProServer
) -> None:
    setup = await command(server, "setup", channel=server.alerts, role=server.keepers)
    assert text_of(setup).splitlines()[2:] == [
        "Already wrong before this setup, so not alerted:",
        "• No token is in FAST: every image is slow now",
        "• 🔴 token 111 · BANNED",
        "• 🟡 token 222 · RELAX",
    ]
    await rounds(monitor, clock, 3)
    assert await server.deliver() == []
    await server.env.restart_bot(new_bot)
    assert setup.response is not None
    pressed = await server.mod.click(setup.response, label=BUTTON)
    posted = await server.deliver()

    assert text_of(pressed) == "Alerts that are being sent now: 3."
    assert [server.pings(alert) for alert in posted if "No token is in FAST" in alert.content] == [[server.keepers.id]]
    assert [server.pings(alert) for alert in posted if "Token" in alert.content] == [[], []]
    capacity = next(alert for alert in posted if "No token is in FAST" in alert.content)
    await server.mod.click(capacity, label="Acknowledge")
    await server.deliver()
    status = await server.mod.slash(server.talk, "status")
    changes = fields(card(status))["Latest changes here"].splitlines()
    assert changes[0].endswith(": acknowledged the alert of the team's capacity")
    assert changes[1].rstrip().endswith(": had alerts sent for what was wrong already")
    again = await server.mod.click(setup.response, label=BUTTON)
    assert text_of(again).startswith("Nothing to report")
    await rounds(monitor, clock, 3)
    assert len(await server.deliver()) == 3
    for token in imaginepro.tokens.values():
        token.status = "FAST"
    await rounds(monitor, clock, 3)
    assert all(alert.content.startswith("🟢") for alert in (await server.deliver())[:3])


async def test_nothing_is_offered_while_nothing_is_wrong_or_known(
    server: Server, monitor: Monitor, clock: SetClock, imaginepro: ImagineProServer
) -> None:
    imaginepro.outage = Drop()
    await rounds(monitor, clock, 2)
    assert "Already wrong" not in text_of(await command(server, "setup", channel=server.alerts))

    imaginepro.outage = None
    for token in imaginepro.tokens.values():
        token.status = "FAST"
    await rounds(monitor, clock, 2)
    assert "Already wrong" not in text_of(await command(server, "setup", channel=server.alerts))
