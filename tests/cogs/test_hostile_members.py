"""Hostile members: the effect of heavy use, forged custom ids and a role, and what another team sees."""

from uuid import UUID, uuid4

import discord
import pytest

from bot.app.services import Services
from bot.monitor.monitor import Monitor
from tests.cogs.server import Server, card, fields, refused, said
from tests.standins.imaginepro_server import ImagineProServer, linked_token

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
FLEET = "/api/v1/discord/tokens"


@pytest.fixture(autouse=True)
def a_token_in_fast(imaginepro: ImagineProServer) -> None:
    imaginepro.link(linked_token(111))
    imaginepro.messages[MESSAGE] = 111


# --- Heavy use


@pytest.mark.slow
async def test_heavy_use_by_members_does_not_delay_a_round(
    server: Server, second_server: Server, imaginepro: ImagineProServer, monitor: Monitor
) -> None:
    for each in (server, second_server):
        for number in range(8):
            member = each.guild.add_member(each.env.create_user(f"member {number}"))
            for _ in range(6):
                await member.slash(each.talk, "trace", message_id=str(uuid4()), private=True)
    assert server.env.errors
    assert len(imaginepro.log) <= 60

    imaginepro.log.clear()
    await monitor.round()
    assert [request.path for request in imaginepro.log] == [FLEET]


async def test_autocomplete_never_calls_imaginepro(server: Server, imaginepro: ImagineProServer) -> None:
    for typed in ("", "d15c", "../../discord/tokens", "%", "'; DROP TABLE traces; --", "x" * 6000):
        assert await server.member.autocomplete(server.talk, "trace", "message_id", typed) == []

    assert imaginepro.log == []


@pytest.mark.slow
async def test_test_alerts_cannot_be_used_for_endless_pings(server: Server) -> None:
    await server.set_up(server.keepers)
    for _ in range(20):
        await server.mod.slash(server.talk, "alerts test")

    assert server.env.errors
    assert len(server.alerts.history()) == 5


# --- Forged custom ids


def put_button(server: Server, custom_id: str) -> discord.Message:
    """Add a button with this custom id to a Discord message of the bot, as only our bot could."""
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": custom_id}]}
    backend = server.env.backend
    backend.create_message(server.talk.id, backend.bot_user.id, "a card", components=[row])
    return server.talk.history()[-1]


NOT_OURS = [
    "fastwatch:refresh:../../discord/tokens",
    f"fastwatch:refresh:{MESSAGE}/../..",
    f"fastwatch:refresh:{MESSAGE}\n",
    f"x fastwatch:refresh:{MESSAGE}",
    "fastwatch:switch:off:111/../222",
    "fastwatch:switch:off:-1",
    "fastwatch:switch:delete:111",
    f"fastwatch:switch:off:{'9' * 20}",
    "fastwatch:acknowledge:-1",
    f"fastwatch:acknowledge:{'9' * 19}",
    "fastwatch:acknowledge:1 OR 1=1",
    "fastwatch:mute-for:1e9:1",
    "fastwatch:mute-for:9999:1",
    "fastwatch:close:1:2",
    "fastwatch:mute-token:-1",
    f"fastwatch:mute-token:{'9' * 20}",
    "fastwatch:mute-token-for:999:111",
    "fastwatch:mute-token-for:8:111/../222",
    "fastwatch:close:",
]
FOR_MODERATORS = [
    *("fastwatch:switch:off:111", "fastwatch:switch:on:111", "fastwatch:test", "fastwatch:acknowledge:1"),
    *("fastwatch:mute:1", "fastwatch:mute-for:8:1", "fastwatch:mute-for:back:1", "fastwatch:unmute:1"),
    *("fastwatch:details:1", "fastwatch:close:1", "fastwatch:mute-token:111", "fastwatch:mute-token-for:8:111"),
]
OF_NO_ALERT = [
    *("fastwatch:acknowledge:999999999999999999", "fastwatch:mute:1", "fastwatch:mute-for:999:1"),
    *("fastwatch:unmute:1", "fastwatch:details:1", "fastwatch:close:1"),
]


async def test_a_custom_id_that_is_not_ours_does_nothing(server: Server, imaginepro: ImagineProServer) -> None:
    for custom_id in NOT_OURS:
        result = await server.mod.click(put_button(server, custom_id))
        assert not result.acknowledged, custom_id

    assert imaginepro.log == []


@pytest.mark.slow
async def test_a_moderator_button_refuses_members(server: Server, imaginepro: ImagineProServer) -> None:
    await server.set_up(server.keepers)
    for custom_id in FOR_MODERATORS:
        result = await server.member.click(put_button(server, custom_id))
        assert said(result).startswith("Only members with the Manage Server permission"), custom_id

    assert imaginepro.log == []
    assert server.alerts.history() == []


async def test_a_button_of_an_alert_that_never_existed_says_so(server: Server) -> None:
    await server.set_up(server.keepers)
    for custom_id in OF_NO_ALERT:
        result = await server.mod.click(put_button(server, custom_id))
        assert [one.content for one in (result.response, *result.followups) if one is not None and one.ephemeral] == [
            "This alert is no longer stored. Use `/alerts show` to see the open incidents."
        ], custom_id


@pytest.mark.parametrize("custom_id", ["fastwatch:mute-token:{}", "fastwatch:mute-token-for:8:{}"])
@pytest.mark.parametrize("token_id", ["999", "9" * 19])
async def test_a_forged_token_is_not_muted(server: Server, custom_id: str, token_id: str) -> None:
    await server.set_up(server.keepers)
    result = await server.mod.click(put_button(server, custom_id.format(token_id)))

    assert [one.content for one in (result.response, *result.followups) if one is not None and one.ephemeral] == [
        "No token of this account has that name or number. Choose one from the list."
    ]


# --- Another team


async def test_another_home_server_sees_only_tokens_and_watches(
    server: Server, second_server: Server, imaginepro: ImagineProServer, monitor: Monitor, services: Services
) -> None:
    await server.set_up(server.keepers)
    await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))
    await server.mod.slash(server.talk, "alerts moderators", role=server.keepers)
    await server.mod.slash(server.talk, "alerts rules set", rule="confirm_leaving", value="7")
    await server.mod.slash(server.talk, "alerts watch", message_id=str(MESSAGE))
    await monitor.round()
    await server.mod.slash(server.talk, "alerts route", token="111", channel=server.talk)
    await server.mod.slash(server.talk, "alerts mute", duration="8h", token="111", reason="Nobody else's business")

    other = second_server
    shown = fields(card(await other.mod.slash(other.talk, "alerts show")))
    rules = fields(card(await other.mod.slash(other.talk, "alerts rules show")))
    status = fields(card(await other.mod.slash(other.talk, "status")))
    assert shown["Channel"] == "Alerts are off. Use `/alerts setup` to turn them on."
    assert str(MESSAGE) in shown["Watched"]
    assert status["Latest changes here"] == "none"
    assert await other.mod.autocomplete(other.talk, "trace", "message_id", "") == []
    assert rules["Moderators"] == "Moderators are the members with Manage Server."
    assert "**2 readings** in a row out of FAST" in rules["Leaving FAST, and coming back"]
    assert "Muted" not in shown

    everything = "\n".join([*shown.values(), *status.values(), *rules.values()])
    ids = (server.guild.id, server.alerts.id, server.talk.id, server.keepers.id, server.mod.id, server.member.id)
    assert [one for one in ids if str(one) in everything] == []


async def test_the_moderator_role_of_one_server_means_nothing_in_another(server: Server, second_server: Server) -> None:
    await server.mod.slash(server.talk, "alerts moderators", role=server.keepers)
    both = server.env.create_user("kim")
    server.guild.add_member(both, roles=[server.keepers])
    kim = second_server.guild.add_member(both, roles=[second_server.keepers])
    for synced in await server.bot.tree.fetch_commands():
        second_server.guild.set_command_permissions(synced, {kim: True})

    assert refused(second_server, await kim.slash(second_server.talk, "alerts show")).startswith("Only members with")
