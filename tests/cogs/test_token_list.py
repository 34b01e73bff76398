"""`/token list`: visibility, pages, filter, and opening a token."""

import discord
import pytest
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.monitor.monitor import Monitor
from bot.storage.token_names import set_name
from tests.clocks import SetClock
from tests.cogs.driving import MINUTE, rounds
from tests.cogs.server import HOME, Server, card
from tests.standins.imaginepro_server import ImagineProServer, linked_token

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")


@pytest.fixture(autouse=True)
async def tokens(imaginepro: ImagineProServer, monitor: Monitor) -> None:
    """Set up 46 tokens, number 46 banned and 45 in RELAX: four pages."""
    for token_id in range(1, 47):
        imaginepro.link(linked_token(token_id, fast_time=f"{token_id / 10:.2f}/15 hours"))
    imaginepro.tokens[46].status = "BANNED"
    imaginepro.tokens[45].status = "RELAX"
    await monitor.round()


async def list_them(server: Server, **options: object) -> simcord.InteractionResult:
    return await server.member.slash(server.talk, "token list", **options)


def shown(server: Server) -> discord.Embed:
    """Return the list in the channel."""
    (embed,) = server.talk.history()[-1].embeds
    return embed


def text(embed: discord.Embed) -> str:
    """Return the list with ordinary spaces."""
    return (embed.description or "").replace("\u00a0", " ")


def lines(embed: discord.Embed) -> list[str]:
    return text(embed).split("\n\n")[1].split("\n")


def menu(server: Server, custom_id: str) -> list[str]:
    """Return a menu's options."""
    found = [
        component
        for row in server.talk.history()[-1].components
        if isinstance(row, discord.ActionRow)
        for component in row.children
        if isinstance(component, discord.SelectMenu) and component.custom_id == custom_id
    ]
    return [option.label for option in found[0].options]


async def press(server: Server, label: str) -> discord.Embed:
    await server.member.click(server.talk.history()[-1], label=label)
    return shown(server)


async def choose(server: Server, custom_id: str, value: str) -> simcord.InteractionResult:
    return await server.member.select(server.talk.history()[-1], [value], custom_id=custom_id)


async def test_everyone_sees_the_fleet_worst_first_with_totals_on_top(server: Server) -> None:
    embed = card(await list_them(server))

    counts, hours = text(embed).split("\n")[:2]
    assert counts == "🟢 44 FAST · 🟡 1 RELAX · 🔴 1 BANNED"
    assert hours == "**99.0 h** usable · 4.6 h locked · 4.5 h in RELAX"
    assert [line[: line.rindex("*") + 1] for line in lines(embed)[:2]] == ["🔴 **46**", "🟡 **45**"]
    assert lines(embed)[2].startswith("↳ hours return")
    assert lines(embed)[3].startswith("🟢 **1**")
    assert len(lines(embed)) == 15 + 1
    assert embed.footer.text == "page 1 of 4 · read"


async def test_the_list_can_be_private(server: Server) -> None:
    assert not (await list_them(server)).ephemeral
    assert (await list_them(server, private=True)).ephemeral


async def test_the_servers_own_names_are_shown(server: Server, services: Services) -> None:
    async with services.database.transaction() as connection:
        await set_name(connection, HOME, 46, "Studio A", named_by=1, now=services.clock.now())

    assert lines(card(await list_them(server)))[0].startswith("🔴 **Studio A (46)** BANNED")


async def test_pages_change_in_place(server: Server) -> None:
    await list_them(server)
    posted = len(server.talk.history())

    footers = [(await press(server, label)).footer.text for label in ("Next", "Last", "Previous", "First")]
    assert footers == [f"page {page} of 4 · read" for page in (2, 4, 3, 1)]
    assert len(server.talk.history()) == posted


async def test_a_page_shows_the_last_readings(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await list_them(server)
    imaginepro.tokens[1].status = "VERIFYING"
    await rounds(monitor, clock)

    await press(server, "Next")
    assert "🟠 **1** VERIFYING" in lines(await press(server, "First"))[1]


async def test_a_page_beyond_the_end_is_the_last_one(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await list_them(server)
    for token_id in range(1, 41):
        del imaginepro.tokens[token_id]
    await rounds(monitor, clock)
    clock.advance(7 * 24 * 60 * MINUTE)
    await monitor.round()

    embed = await press(server, "Last")
    assert embed.footer.text == "read"
    assert len(lines(embed)) == 6 + 1


async def test_the_buttons_work_after_a_restart(server: Server, new_bot: Fastwatch) -> None:
    await list_them(server)
    await server.env.restart_bot(new_bot)

    assert (await press(server, "Next")).footer.text == "page 2 of 4 · read"


async def test_one_mode_can_be_shown_alone_by_option_and_by_menu(server: Server) -> None:
    assert [line[:6] for line in lines(card(await list_them(server, mode="RELAX")))] == ["🟡 **45", "↳ hour"]
    assert menu(server, "fastwatch:list-modes") == ["All modes (46)", "BANNED (1)", "RELAX (1)", "FAST (44)"]

    await choose(server, "fastwatch:list-modes", "FAST")
    assert shown(server).title == "Tokens in FAST"
    assert (await press(server, "Last")).footer.text == "page 3 of 3 · read"
    await choose(server, "fastwatch:list-modes", "all")
    assert shown(server).footer.text == "page 1 of 4 · read"


async def test_a_token_of_the_page_is_opened_for_its_user_alone(server: Server) -> None:
    await list_them(server)
    before = shown(server)
    opened = await choose(server, "fastwatch:list-tokens", "46")

    assert opened.ephemeral
    assert "46" in (card(opened).title or "")
    assert shown(server) == before


async def test_a_forged_choice_is_refused_in_one_sentence(server: Server) -> None:
    backend = server.env.backend
    for value in ("x", "9" * 30, "999", "-1"):
        options = [{"label": "x", "value": value}]
        component = {"type": 3, "custom_id": "fastwatch:list-tokens", "options": options}
        row = {"type": 1, "components": [component]}
        backend.create_message(server.talk.id, backend.bot_user.id, "a list", components=[row])
        result = await server.member.select(server.talk.history()[-1], [value])
        answers = [message for message in (result.response, *result.followups) if message is not None]
        assert answers[-1].content


async def test_a_forged_mode_shows_all(server: Server) -> None:
    backend = server.env.backend
    component = {"type": 3, "custom_id": "fastwatch:list-modes", "options": [{"label": "x", "value": "x"}]}
    row = {"type": 1, "components": [component]}
    backend.create_message(server.talk.id, backend.bot_user.id, "a list", components=[row])
    await server.member.select(server.talk.history()[-1], ["x"])

    assert shown(server).footer.text == "page 1 of 4 · read"


async def test_failing_rounds_are_mentioned_on_top(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    clock.advance(3 * MINUTE)
    assert (card(await list_them(server)).description or "").startswith("⏳ Last read <t:")
    clock.advance(3 * MINUTE)
    stale = card(await list_them(server))
    assert (stale.description or "").startswith("🙈 **Token status is unknown: ")
    assert stale.colour == discord.Colour(0x95A5A6)
