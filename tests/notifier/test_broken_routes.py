"""Channels that refuse for good: deliveries wait, mods are told once, what is still true is told when it is mended."""

import pytest
import structlog

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, Urgency
from bot.domain.modes import Mode
from bot.storage.alert_routes import Route, get_route, token_routes_of
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.ui import texts
from tests.monitor.world import MINUTE, Alerting, Team, title_of
from tests.notifier.test_dispatcher import BACK, BANNED, titled
from tests.standins.discord_server import Message, Permission


async def route_of(alerting: Alerting, team: Team) -> Route:
    async with alerting.world.database.reading() as connection:
        route = await get_route(connection, team.id)
    assert route is not None
    return route


def to_mods(team: Team) -> list[Message]:
    """What mods were told, in the system channel and by DM."""
    return [*team.discord.messages(team.talk), *by_dm(team)]


def by_dm(team: Team) -> list[Message]:
    return team.discord.messages(team.discord.dm_channel(team.mod))


async def test_a_channel_that_refuses_is_left_alone_and_mods_are_told_once_where_they_are(
    alerting: Alerting, team: Team
) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await alerting.told(111, status="RELAX")
    await alerting.told(222, status="BANNED")
    await alerting.after(60 * MINUTE)

    assert (await route_of(alerting, team)).disabled_reason is DisabledReason.MISSING_PERMISSIONS
    assert len(team.discord.requests_to("POST", team.posting)) == 1
    (word,) = team.discord.messages(team.talk)
    assert f"<#{team.alerts}>" in word.content
    assert "code 50013" in word.content
    assert (word.pings.users, word.pings.roles, by_dm(team)) == (frozenset(), frozenset(), [])
    assert await alerting.waiting(team) == 2


@pytest.mark.parametrize("lost", ["view", "embed", "history", "channel"])
async def test_whatever_is_lost_for_good_breaks_the_route(alerting: Alerting, team: Team, lost: str) -> None:
    await alerting.told(111, status="RELAX")
    match lost:
        case "view":
            team.discord.change_channel(team.alerts, bot_may_view=False)
        case "embed":
            team.discord.change_channel(team.alerts, deny=Permission.EMBED_LINKS)
        case "history":
            team.discord.change_channel(team.alerts, deny=Permission.READ_MESSAGE_HISTORY)
        case "channel":
            team.discord.remove_channel(team.alerts)
    await alerting.told(111, 222, status="BANNED")

    assert (await route_of(alerting, team)).disabled_reason is not None
    assert len(to_mods(team)) == 1


@pytest.mark.parametrize("system_channel", ["refuses", "is missing", "is the very one"])
async def test_where_there_is_no_system_channel_to_tell_it_in_the_one_who_set_it_up_is_told(
    alerting: Alerting, team: Team, system_channel: str
) -> None:
    match system_channel:
        case "refuses":
            team.discord.change_channel(team.talk, bot_may_send=False)
        case "is missing":
            team.discord.remove_channel(team.talk)
        case "is the very one":
            await alerting.set_up(team, channel_id=team.talk)
            team.discord.change_channel(team.talk, bot_may_send=False)
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await alerting.told(111, status="RELAX")

    assert len(by_dm(team)) == 1
    assert team.discord.messages(team.talk) == []


async def test_where_nobody_can_be_told_that_is_logged_and_not_tried_for_ever(alerting: Alerting, team: Team) -> None:
    shy = team.discord.add_member(team.id, "shy", accepts_dms=False)
    await alerting.set_up(team, created_by=shy)
    for channel in (team.talk, team.alerts):
        team.discord.change_channel(channel, bot_may_send=False)
    with structlog.testing.capture_logs() as logs:
        await alerting.told(111, status="RELAX")
        await alerting.after(60 * MINUTE)

    assert [log["event"] for log in logs].count("Nobody could be told of a refused alert channel.") == 1
    assert await alerting.waiting(team) == 1


async def test_when_it_is_mended_what_is_still_true_is_told_and_what_is_over_is_summed_up(
    alerting: Alerting, team: Team
) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await alerting.told(111, status="RELAX")
    await alerting.seen(222, status="BANNED")
    await alerting.seen(222, 111, status="FAST")
    await alerting.seen(333, status="BANNED")
    team.discord.change_channel(team.alerts)
    await alerting.mended(team)

    # Of the first one nobody knows whether it got through, so that it has a line of its own.
    assert team.titles()[0] == titled(AlertType.BANNED, Mode.BANNED, 333)
    assert [message.content.count("•") for message in team.told()[1:]] == [1, 1]
    assert all(message.content.startswith(texts.alerts.MISSED) for message in team.told()[1:])
    assert team.pinged() == 1
    assert await alerting.waiting(team) == 0


async def test_a_flood_that_waited_is_told_in_one_card_when_it_is_mended(alerting: Alerting, team: Team) -> None:
    await alerting.world.set_route(team.id, team.alerts, team.role, disabled_reason=DisabledReason.REFUSED)
    for token_id in (111, 222, 333):
        await alerting.told(token_id, status="RELAX")
    await alerting.mended(team)

    assert len(team.told()) == 1
    assert team.pinged() == 1


async def test_a_card_that_was_told_before_goes_on_when_it_is_mended(alerting: Alerting, team: Team) -> None:
    await alerting.told(111, status="RELAX")
    team.discord.change_channel(team.alerts, bot_may_view=False)
    await alerting.told(111, status="FAST")
    team.discord.change_channel(team.alerts)
    await alerting.mended(team)

    card, over = team.told()
    assert (title_of(card), over.reference_id, over.silent) == (BACK, card.id, True)


async def test_the_route_of_one_token_breaks_alone(alerting: Alerting, team: Team) -> None:
    own = team.discord.add_channel(team.id, "own", bot_may_send=False)
    await alerting.set_up(team, channel_id=own, token_id=222)
    await alerting.told(111, 222, status="BANNED")

    assert team.titles() == [BANNED]
    route = await route_of(alerting, team)
    async with alerting.world.database.reading() as connection:
        (own_route,) = await token_routes_of(connection, route)
    assert (route.disabled_reason is None, own_route.disabled_reason is None) == (True, False)
    assert [f"<#{own}>" in word.content for word in to_mods(team)] == [True]


async def test_the_route_of_a_server_breaks_without_those_of_its_tokens(alerting: Alerting, team: Team) -> None:
    own = team.discord.add_channel(team.id, "own")
    await alerting.set_up(team, channel_id=own, token_id=222)
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await alerting.told(111, 222, status="BANNED")

    assert [title_of(message) for message in team.discord.messages(own)] == [titled(AlertType.BANNED, Mode.BANNED, 222)]


async def test_whoever_sends_a_test_is_told_of_its_outcome_and_nobody_else_is(alerting: Alerting, team: Team) -> None:
    team.discord.change_channel(team.alerts, bot_may_send=False)
    async with alerting.world.database.transaction() as connection:
        await record_delivery(
            connection,
            DeliveryKind.TEST,
            server_id=team.id,
            incident_id=None,
            urgency=Urgency.WARNING,
            nonce="made up",
            now=alerting.world.clock.now(),
        )
    await alerting.notifier.deliver_due()

    assert (await route_of(alerting, team)).disabled_reason is not None
    assert to_mods(team) == []


# --- Alerts that have moved to another channel


async def test_what_stands_in_the_channel_that_alerts_have_left_goes_on_there(alerting: Alerting, team: Team) -> None:
    await alerting.told(111, status="RELAX")
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    await alerting.set_up(team, channel_id=elsewhere)
    await alerting.told(111, status="BANNED")

    card, worse = team.told()
    assert (title_of(card), worse.reference_id) == (BANNED, card.id)
    assert team.discord.messages(elsewhere) == []


@pytest.mark.parametrize("lost", ["view", "send", "channel"])
async def test_what_is_out_of_reach_in_the_channel_that_alerts_have_left_is_told_in_the_new_one(
    alerting: Alerting, team: Team, lost: str
) -> None:
    await alerting.told(111, status="RELAX")
    elsewhere = team.discord.add_channel(team.id, "elsewhere")
    if lost == "channel":
        team.discord.remove_channel(team.alerts)
    else:
        team.discord.change_channel(team.alerts, bot_may_send=False, bot_may_view=lost != "view")
    await alerting.set_up(team, channel_id=elsewhere)
    await alerting.told(111, status="BANNED")

    (card,) = team.discord.messages(elsewhere)
    assert (title_of(card), set(card.pings.roles)) == (BANNED, {team.role})
    assert (await route_of(alerting, team)).disabled_reason is None
    await alerting.told(111, status="FAST")
    assert title_of(team.discord.messages(elsewhere)[0]) == BACK
