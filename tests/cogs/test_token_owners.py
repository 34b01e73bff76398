"""`/fleet owner`: who is pinged when only the owner of a linked account can act."""

import pytest

from bot.app.services import Services
from bot.storage.audit import latest_entries
from tests.cogs.driving import Team
from tests.cogs.server import DASHBOARD, HOME, card, fields, said

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")


async def owner(team: Team, **options: object) -> str:
    return said(await team.server.mod.slash(team.server.talk, "fleet owner", token="111", **options))


async def test_the_owner_is_pinged_for_a_ban_and_nobody_by_a_change(team: Team, services: Services) -> None:
    server, owns, other = team.server, team.server.member, team.server.mod
    await server.set_up(server.keepers)
    answers = [await owner(team, member=owns), await owner(team, member=owns)]
    relaxed = await team.out("RELAX")
    pinged = [(server.pings(relaxed), server.pinged_members(relaxed))]
    team.set_status("BANNED")
    (edited, reply) = await team.rounds()
    pinged.append((server.pings(reply), server.pinged_members(reply)))
    shown = fields(card(await server.mod.slash(server.talk, "token show", token="111")))["Owner"]
    answers += [await owner(team, member=other)]
    (renamed, _) = await server.deliver()
    answers += [await owner(team), await owner(team)]
    (ownerless, _) = await server.deliver()

    assert answers == [
        f"<@{owns.id}> is now the owner of token 111, and is pinged when it must be verified or is banned.",
        f"<@{owns.id}> is already the owner of token 111. Nothing was changed.",
        f"<@{other.id}> is now the owner of token 111, instead of <@{owns.id}>, and is pinged when it must be verified "
        "or is banned.",
        f"Token 111 no longer has an owner. It was <@{other.id}>.",
        "Token 111 has no owner. Nothing was changed.",
    ]
    assert pinged == [([server.keepers.id], []), ([server.keepers.id], [owns.id])]
    assert shown.startswith(f"<@{owns.id}> must act:\n1. ")
    assert f"[ImaginePro's dashboard]({DASHBOARD})" in shown
    said = [(alert.embeds[0].description or "").partition("\n")[2] for alert in (edited, renamed, ownerless)]
    assert said == [
        f"{who} must act: see Midjourney, then the [dashboard]({DASHBOARD})."
        for who in (f"<@{owns.id}>", f"<@{other.id}>", "Its owner")
    ]
    assert [server.pinged_members(one) for one in await server.deliver()] == [[], [owns.id]]
    async with services.database.reading() as connection:
        entries = [entry.action.value for entry in await latest_entries(connection, HOME, most=4)]
    assert entries == ["token_owner_removed", "token_owner_set", "token_owner_set", "alerts_set_up"]


async def test_a_moderator_chooses_the_owner_from_the_card(team: Team) -> None:
    server, owns = team.server, team.server.member
    await team.rounds()
    shown = await server.mod.slash(server.talk, "token show", token="111")
    assert shown.response is not None
    assert said(await owns.click(shown.response, label="Owner")).startswith("Only members with the Manage Server")
    asked = await server.mod.click(shown.response, label="Owner")
    assert asked.ephemeral
    assert asked.response is not None
    assert asked.response.content.startswith("Who owns token 111")
    await server.mod.select(asked.response, [owns])

    assert asked.response.content.startswith(f"<@{owns.id}> is now the owner of token 111")
    await server.mod.click(shown.response, label="Refresh")
    assert fields(server.talk.history()[-1].embeds[0])["Owner"] == f"<@{owns.id}>"
