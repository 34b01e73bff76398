"""`/alerts off` closes the open alerts, and `/alerts setup` after it alerts what is still so."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import pytest

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.monitor.monitor import Monitor
from bot.storage.alerts_off import enforce_home_servers
from tests.clocks import SetClock
from tests.cogs.driving import Team, command, labels, text_of
from tests.cogs.server import HOME, SECOND_HOME, Server
from tests.standins.imaginepro_server import ImagineProServer, Refuse, linked_token
from tests.titles import title_of

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
HOUR = timedelta(hours=1)
MESSAGE, OTHER_MESSAGE = UUID(int=1), UUID(int=2)


async def test_off_closes_the_open_alerts_and_names_who_did_it(team: Team) -> None:
    await team.out()
    team.fill(2, 222)
    await team.rounds(2)
    await command(team.server, "off")
    before = team.server.alerts.history()
    alerts = await team.server.deliver()

    assert [alert.id for alert in alerts] == [alert.id for alert in before]
    assert [title_of(alert) for alert in alerts] == [
        "⚪ Closed: **Token 111** was in RELAX",
        "⚪ Closed: **Token 222** was low on fast hours",
    ]
    for alert in alerts:
        assert (alert.embeds[0].description or "").startswith(
            f"Alerts were switched off by {team.server.mod.mention}. This message is not updated any more."
        )
        assert labels(alert) == []
    edits = team.server.sent("PATCH")[-2:]
    assert [edit["allowed_mentions"] for edit in edits] == [{"parse": []}] * 2


async def test_an_old_button_says_that_it_is_over_after_off(team: Team) -> None:
    alert = await team.out()
    await command(team.server, "off")

    assert (await team.refused_press(alert, "Acknowledge")).startswith("This incident is already over")


async def test_off_is_shown_even_if_discord_fails_meanwhile(team: Team, new_bot: Fastwatch, clock: SetClock) -> None:
    await team.out()
    await command(team.server, "off")
    await team.server.env.restart_bot(new_bot)
    clock.advance(HOUR)
    (alert,) = await team.server.deliver()

    assert title_of(alert) == "⚪ Closed: **Token 111** was in RELAX"


async def test_setup_after_off_alerts_what_is_still_so_and_what_went_wrong_meanwhile(team: Team) -> None:
    await team.out("RELAX", 111)
    await command(team.server, "off")
    await team.server.deliver()
    team.set_status("BANNED", 222)
    await team.rounds(3)
    said = text_of(await command(team.server, "setup", channel=team.server.alerts, role=team.server.keepers))
    assert "What is still wrong since they were switched off is alerted with the next check." in said

    _, *new = await team.rounds()
    assert [title_of(alert) for alert in new] == ["🔴 **Token 222** is banned", "🟡 **Token 111** is in RELAX"]
    assert [team.server.pings(alert) for alert in new] == [[team.server.keepers.id]] * 2


async def test_setup_after_off_keeps_since_when_it_is_so(team: Team) -> None:
    alert = await team.out("BANNED")
    left = alert.embeds[0].timestamp
    await command(team.server, "off")
    await team.rounds(3)
    await command(team.server, "setup", channel=team.server.alerts)
    new = (await team.rounds())[-1]

    assert new.id != alert.id
    assert new.embeds[0].timestamp == left


async def test_setup_after_off_keeps_since_when_it_is_so_after_a_clock_was_ahead(team: Team, clock: SetClock) -> None:
    clock.jump(24 * HOUR)
    await team.rounds()
    clock.jump(-24 * HOUR)
    alert = await team.out("BANNED")
    left = alert.embeds[0].timestamp
    await command(team.server, "off")
    await team.rounds(3)
    await command(team.server, "setup", channel=team.server.alerts)

    assert (await team.rounds())[-1].embeds[0].timestamp == left


async def test_setup_after_off_does_not_alert_what_is_over(team: Team) -> None:
    await team.out("BANNED")
    await command(team.server, "off")
    team.set_status("FAST")
    await team.rounds(2)
    await command(team.server, "setup", channel=team.server.alerts)

    assert len(await team.rounds(3)) == 1


async def test_setup_after_off_counts_anew_for_a_token_that_was_back_in_between(team: Team) -> None:
    await team.out("RELAX")
    await command(team.server, "off")
    team.set_status("FAST")
    await team.rounds()
    team.set_status("RELAX")
    await team.rounds()
    await command(team.server, "setup", channel=team.server.alerts)
    assert len(await team.rounds()) == 1

    new = (await team.rounds())[-1]
    assert new.embeds[0].timestamp is not None
    assert int(new.embeds[0].timestamp.timestamp()) == team.now - 60


async def test_setup_after_off_alerts_low_fast_hours_again(team: Team) -> None:
    team.fill(2)
    await team.monitor.round()
    team.fill(15)
    await team.rounds(2)
    team.fill(2)
    await team.rounds(2)
    await command(team.server, "off")
    await command(team.server, "setup", channel=team.server.alerts)

    titles = [title_of(alert) for alert in await team.rounds(2)]
    assert titles == ["⚪ Closed: **Token 111** was low on fast hours", "🪫 **Token 111** is low on fast hours"]


# --- Servers and tokens that nobody follows any more


async def test_alerts_of_a_server_that_is_taken_out_of_the_home_servers_are_closed(
    team: Team, services: Services, clock: SetClock
) -> None:
    await team.out()
    async with services.database.transaction() as connection:
        await enforce_home_servers(connection, {SECOND_HOME}, clock)
    team.set_status("BANNED")
    (alert,) = await team.rounds(3)

    assert title_of(alert) == "⚪ Closed: **Token 111** was in RELAX"
    assert (alert.embeds[0].description or "").startswith("This server is not connected any more")
    assert labels(alert) == []

    async with services.database.transaction() as connection:
        await enforce_home_servers(connection, {HOME, SECOND_HOME}, clock)
    _, new = await team.rounds()
    assert title_of(new) == "🔴 **Token 111** is banned"
    assert team.server.pings(new) == [team.server.keepers.id]


async def test_alerts_that_are_off_stay_off_in_a_server_that_is_a_home_again(
    team: Team, services: Services, clock: SetClock
) -> None:
    await command(team.server, "off")
    for homes in ({SECOND_HOME}, {HOME, SECOND_HOME}):
        async with services.database.transaction() as connection:
            await enforce_home_servers(connection, homes, clock)
    team.set_status("BANNED")

    assert await team.rounds(2) == []


async def test_unwatch_closes_the_alert_of_a_token_that_nothing_else_reads(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    team = Team(server, imaginepro, monitor, clock)
    imaginepro.link(linked_token(111))
    refused = Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this.")
    imaginepro.queue(*[refused] * 9, path="/api/v1/discord/tokens")
    imaginepro.messages |= {MESSAGE: 111, OTHER_MESSAGE: 111}
    await server.set_up()
    for message in (MESSAGE, OTHER_MESSAGE):
        await command(server, "watch", message_id=str(message))
    alert = await team.out()
    await command(server, "unwatch", message_id=str(MESSAGE))
    assert title_of((await server.deliver())[0]) == title_of(alert)

    await command(server, "unwatch", message_id=str(OTHER_MESSAGE))
    (closed,) = await server.deliver()
    assert title_of(closed) == "⚪ Closed: **Token 111** was in RELAX"
    assert (closed.embeds[0].description or "").startswith(f"{server.mod.mention} stopped watching it")


@pytest.mark.parametrize("name", ["setup", "unroute"])
async def test_an_open_alert_stays_up_to_date_where_it_is_when_alerts_move(team: Team, name: str) -> None:
    elsewhere = team.server.guild.create_text_channel("elsewhere")
    if name == "unroute":
        await command(team.server, "route", token="111", channel=elsewhere)
    team.set_status("RELAX")
    await team.rounds(2)
    if name == "unroute":
        await command(team.server, "unroute", token="111")
    else:
        await command(team.server, "setup", channel=elsewhere)
    team.set_status("FAST")
    await team.rounds(2)

    channel = elsewhere if name == "unroute" else team.server.alerts
    assert title_of(channel.history()[0]) == "🟢 **Token 111** was in RELAX for 2 min"
