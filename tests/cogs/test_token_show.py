"""`/token show`, `/token history` and the History buttons, as people use them."""

import struct
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import discord
import pytest
import simcord
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.charts.service import Charts
from bot.storage.database import Database
from bot.storage.mutes import Mute, set_mute
from bot.storage.token_names import set_name
from bot.storage.tokens import add_samples
from tests.clocks import NOON, SetClock
from tests.cogs.conftest import bot_of
from tests.cogs.driving import Team, labels
from tests.cogs.server import HOME, Server, card, commands_of, fields, refused, said
from tests.queries.test_tokens import reading
from tests.standins.imaginepro_server import ImagineProServer

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
# The stand-in's line of the plan says when it renews.
RENEWS = 1_774_000_000


@pytest.fixture(autouse=True)
async def a_week_of_history(team: Team, services: Services) -> None:
    """Give token 111 8 days of history: an hour used a day, an hour in RELAX, and 5 of its 15 hours left."""
    team.fill(5)
    await team.monitor.round()
    async with services.database.transaction() as connection:
        past = [
            reading(NOON - number * HOUR, 5 + number / 24, "RELAX" if number == 30 else "FAST")
            for number in range(24 * 8, 0, -1)
        ]
        await add_samples(connection, services.account_id, past)


async def show(
    server: Server, chosen: str = "111", *, mod: bool = False, **options: object
) -> simcord.InteractionResult:
    by = server.mod if mod else server.member
    return await by.slash(server.talk, "token show", token=chosen, **options)


async def history(server: Server, **options: object) -> simcord.InteractionResult:
    return await server.member.slash(server.talk, "token history", **options)


def at(time: datetime, style: str) -> str:
    return f"<t:{int(time.timestamp())}:{style}>"


def size_of(picture: bytes) -> tuple[int, int]:
    """Return the size of a PNG from its header."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def answer(result: simcord.InteractionResult) -> discord.Message:
    """Return the response as a Discord message."""
    assert result.response is not None
    return result.response.message


async def picture_of(result: simcord.InteractionResult) -> bytes:
    """Return the one picture in a response's embed."""
    (attachment,) = answer(result).attachments
    assert attachment.filename == "history.png"
    assert card(result).image.url in ("attachment://history.png", attachment.url)
    return await attachment.read()


# --- /token show


async def test_show_publicly_shows_a_token_and_its_forecast(server: Server) -> None:
    result = await show(server)
    embed, shown = card(result), fields(card(result))

    assert not result.ephemeral
    assert embed.title == "🟢 Token 111 · FAST"
    assert embed.description == (
        "▰▰▰▱▱▱▱▱▱▱  **5** of 15 h of fast time left (33 %)\nAt this week's rate it runs "
        f"out {at(NOON + 5 * DAY, 'f')}, 13 d before fast hours return."
    )
    assert shown["Used in the last 7 days, per 12 h"].endswith(" 7 h")
    assert shown["Latest changes"] == (
        f"{at(NOON - 29 * HOUR, 'R')} 🟡 RELAX → 🟢 FAST\n{at(NOON - 30 * HOUR, 'R')} 🟢 FAST → 🟡 RELAX"
    )
    assert embed.timestamp == NOON


async def test_show_makes_no_request_to_imaginepro(server: Server, imaginepro: ImagineProServer) -> None:
    imaginepro.log.clear()
    await show(server)

    assert imaginepro.log == []


async def test_show_can_be_private(server: Server) -> None:
    assert (await show(server, private=True)).ephemeral


async def test_a_token_is_found_and_suggested_by_its_name(server: Server, services: Services) -> None:
    async with services.database.transaction() as connection:
        await set_name(connection, HOME, 111, "*Ours* @everyone", named_by=7, now=NOON)
    (choice,) = await server.member.autocomplete(server.talk, "token show", "token", "*our")
    embed = card(await show(server, "*ours* @everyone"))

    assert choice["value"] == "111"
    assert "*Ours* @everyone" in choice["name"]
    assert choice["name"].endswith("· FAST · 5 h")
    assert embed.title == "🟢 \\*Ours\\* @\u2060everyone (111) · FAST"


@pytest.mark.parametrize("command", ["token show", "token history"])
async def test_only_tokens_of_this_account_are_shown(server: Server, command: str) -> None:
    result = await server.member.slash(server.talk, command, token="999")

    assert refused(server, result).startswith("No token of this account")


async def test_an_open_alert_is_linked_and_a_mute_is_mentioned(server: Server, team: Team, services: Services) -> None:
    alert = await team.out("RELAX")
    async with services.database.transaction() as connection:
        await set_mute(connection, Mute(HOME, 111, team.clock.now() + HOUR, "for mods", server.mod.id, NOON))
    shown = fields(card(await show(server)))

    assert f"[alert](https://discord.com/channels/{HOME}/{server.alerts.id}/{alert.id})" in shown["Open incidents"]
    assert shown["Muted"].endswith(f"by {server.mod.mention}")


async def test_hostile_text_from_imaginepro_is_escaped(server: Server, team: Team) -> None:
    team.imaginepro.tokens[111].info["message"] = "@everyone **free** [hours](https://evil.invalid)"
    await team.monitor.round()
    result = await show(server)

    assert result.response is not None
    kept = server.env.backend.get_message(server.talk.id, result.response.id)
    assert (kept.ping_user_ids, kept.ping_role_ids) == ([], [])
    assert fields(card(result))["ImaginePro says"].startswith(
        "@\u2060everyone \\*\\*free\\*\\* \\[hours\\]\\(https:\\/"
    )


async def test_an_old_card_is_grey_and_says_so(server: Server, clock: SetClock) -> None:
    clock.advance(HOUR)
    embed = card(await show(server))

    assert embed.title == "❔ Token 111 · last seen FAST"
    assert (embed.description or "").startswith(f"❔ Status unknown. It was last read {at(NOON, 'R')}")
    assert "pace" not in (embed.description or "")


async def test_a_card_has_only_the_buttons_its_user_may_press(server: Server) -> None:
    for_member, for_mod = await show(server), await show(server, mod=True)

    assert labels(answer(for_member)) == ["Refresh", "History"]
    assert labels(answer(for_mod)) == ["Refresh", "History", "Switch off", "Owner", "Mute"]


@pytest.mark.slow
async def test_refresh_shows_the_latest_reading_and_keeps_the_buttons(server: Server, team: Team) -> None:
    shown = answer(await show(server, mod=True))
    team.imaginepro.tokens[111].is_active = False
    await team.monitor.round()
    await server.member.click(shown, label="Refresh")

    refreshed = server.talk.history()[-1]
    assert refreshed.embeds[0].title == "⚫ Token 111 · OFF"
    assert labels(refreshed) == ["Refresh", "History", "Switch on", "Owner", "Mute"]


async def test_a_moderator_switches_a_token_from_its_card_after_a_question(server: Server, team: Team) -> None:
    shown = answer(await show(server, mod=True))
    refusal = await server.member.click(shown, label="Switch off")
    assert said(refusal).startswith("Only members with the Manage Server")
    asked = await server.mod.click(shown, label="Switch off")

    assert asked.ephemeral
    assert answer(asked).content.startswith("Switch token 111 **off** at ImaginePro?")
    assert team.imaginepro.tokens[111].is_active
    assert asked.response is not None
    await server.mod.click(asked.response, label="Switch off")
    assert not team.imaginepro.tokens[111].is_active


async def test_the_buttons_of_a_chart_show_other_periods_in_place(server: Server, services: Services) -> None:
    async with Charts(max_waiting=-1) as busy:
        await server.env.restart_bot(bot_of(replace(services, charts=busy)))
        for options, title in (({"token": "111"}, "📈 Token 111 · last {}"), ({}, "📈 All tokens · last {}")):
            with structlog.testing.capture_logs():
                chart = answer(await history(server, **options))
                assert labels(chart) == ["7 days", "30 days", "90 days", "A year"]
                await server.member.click(chart, label="A year")
            changed = server.talk.history()[-1]
            assert changed.id == chart.id
            assert changed.embeds[0].title == title.format("365 days")
            (row,) = changed.components
            assert isinstance(row, discord.ActionRow)
            assert [getattr(button, "disabled", None) for button in row.children] == [False, False, False, True]


# --- /token history


async def test_history_shows_a_chart_and_the_same_in_words(server: Server) -> None:
    result = await history(server, token="111", days=7)
    embed = card(result)

    assert not result.ephemeral
    assert embed.title == "📈 Token 111 · last 7 days"
    assert (embed.description or "").splitlines() == [
        "From **12 h** to **5 h** of fast time left",
        "Used: **7 h**, 1 h a day",
        "No hours returned or bought",
        "Out of FAST **once**, for 1 h",
        f"At this week's rate it runs out {at(NOON + 5 * DAY, 'f')}, 13 d before fast hours return.",
    ]
    width, height = size_of(await picture_of(result))
    assert width >= 600
    assert height >= 400


@pytest.mark.slow
async def test_the_picture_has_alternative_text(server: Server) -> None:
    result = await history(server, token="111", days=7)
    (attachment,) = answer(result).attachments

    assert attachment.description == (
        "Chart of the fast time left of token 111, last 7 days. From 12 h to 5 h of fast time left. "
        "Used: 7 h, 1 h a day. Out of FAST once, for 1 h."
    )


@pytest.mark.slow
async def test_history_without_a_token_is_of_the_fleet(server: Server) -> None:
    result = await history(server)

    assert card(result).title == "📈 All tokens · last 30 days"
    assert "Now: 🟢 6 FAST" in (card(result).description or "")
    await picture_of(result)


async def test_discord_offers_only_retained_days(server: Server) -> None:
    (command,) = [one for one in commands_of(server) if one.qualified_name == "token history"]
    (days,) = [option for option in command.parameters if option.name == "days"]

    assert (days.min_value, days.max_value, days.required) == (1, 396, False)


async def test_the_text_is_shown_when_the_chart_cannot_be_drawn(server: Server, services: Services) -> None:
    async with Charts(max_wait_seconds=0) as hasty:
        await server.env.restart_bot(bot_of(replace(services, charts=hasty)))
        with structlog.testing.capture_logs() as logged:
            result = await history(server, token="111")

    assert result.response is not None
    assert result.response.content.startswith("The chart could not be drawn; here are its numbers.")
    assert card(result).title == "📈 Token 111 · last 30 days"
    assert card(result).image.url is None
    assert result.response.attachments == []
    assert "A chart was not drawn." in [entry["event"] for entry in logged]


async def test_the_text_is_shown_when_too_many_charts_wait(server: Server, services: Services) -> None:
    async with Charts(max_waiting=-1) as busy:
        await server.env.restart_bot(bot_of(replace(services, charts=busy)))
        with structlog.testing.capture_logs() as logged:
            result = await history(server)

    assert result.response is not None
    assert result.response.content.startswith("Too many charts are being drawn right now")
    assert card(result).title == "📈 All tokens · last 30 days"
    assert "A chart was not drawn because too many are waiting." in [entry["event"] for entry in logged]


async def test_no_user_can_monopolize_drawing(server: Server, services: Services) -> None:
    await services.charts.close()
    for _ in range(5):
        await history(server)
    refusal = await history(server)

    assert said(refusal).startswith("That was too fast.")
    assert server.env.errors
    other = await server.mod.slash(server.talk, "token history")
    assert card(other).title == "📈 All tokens · last 30 days"


# --- The buttons


Place = Callable[[Server, Team], Awaitable[simcord.InteractionResult]]


async def _on_the_card(server: Server, team: Team) -> simcord.InteractionResult:
    return await show(server)


async def _on_a_trace(server: Server, team: Team) -> simcord.InteractionResult:
    team.imaginepro.messages[MESSAGE] = 111
    return await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))


async def _on_the_details(server: Server, team: Team) -> simcord.InteractionResult:
    return await team.press(await team.out(), "Details")


async def _on_chosen_details(server: Server, team: Team) -> simcord.InteractionResult:
    details = await team.press(await team.out("RELAX", 111, 222, 333), "Details")
    assert details.response is not None
    await server.mod.select(details.response, ["111"])
    return details


@pytest.mark.parametrize("place", [_on_the_card, _on_a_trace, _on_the_details, _on_chosen_details])
@pytest.mark.slow
async def test_a_history_button_shows_the_chart_to_its_user_alone(server: Server, team: Team, place: Place) -> None:
    under = await place(server, team)
    assert under.response is not None
    result = await server.mod.click(under.response, label="History")

    assert result.ephemeral
    assert card(result).title == "📈 Token 111 · last 30 days"
    await picture_of(result)


@pytest.mark.slow
async def test_a_history_button_survives_a_restart(server: Server, new_bot: Fastwatch) -> None:
    shown = (await show(server)).response
    await server.env.restart_bot(new_bot)

    assert shown is not None
    assert card(await server.mod.click(shown, label="History")).title == "📈 Token 111 · last 30 days"


@pytest.mark.slow
async def test_the_history_button_of_the_fleet_shows_the_chart_of_all_to_its_user_alone(server: Server) -> None:
    backend = server.env.backend
    button = {"type": 2, "style": 2, "label": "x", "custom_id": "fastwatch:fleet-history"}
    backend.create_message(server.talk.id, backend.bot_user.id, "x", components=[{"type": 1, "components": [button]}])
    result = await server.member.click(server.talk.history()[-1])

    assert result.ephemeral
    assert card(result).title == "📈 All tokens · last 30 days"
    await picture_of(result)


@pytest.mark.parametrize("token_id", [2**63 - 1, 10**19 - 1])
async def test_the_history_of_an_unknown_token_says_so(server: Server, token_id: int) -> None:
    backend = server.env.backend
    button = {"type": 2, "style": 2, "label": "x", "custom_id": f"fastwatch:history:{token_id}"}
    backend.create_message(server.talk.id, backend.bot_user.id, "x", components=[{"type": 1, "components": [button]}])

    assert said(await server.member.click(server.talk.history()[-1])).startswith("This token is not watched")


# --- The forecast under a trace


async def test_a_trace_shows_the_forecast(server: Server, team: Team) -> None:
    team.imaginepro.messages[MESSAGE] = 111
    result = await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))

    lines = (card(result).description or "").splitlines()
    assert lines[1] == f"At this week's rate it runs out {at(NOON + 5 * DAY, 'f')}, 13 d before fast hours return."


@pytest.mark.slow
async def test_a_trace_is_answered_before_the_database_is_asked(
    server: Server, team: Team, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.imaginepro.messages[MESSAGE] = 111
    read_after_answers = []
    reading = services.database.reading

    def answers() -> int:
        return sum(one.method == "PATCH" for one in server.env.http_requests)

    def noted() -> AbstractAsyncContextManager[AsyncConnection]:
        read_after_answers.append(answers())
        return reading()

    async def traced() -> tuple[list[int], int]:
        """Trace, and return how many answers came before each look at the database, and how many in all."""
        before = answers()
        read_after_answers.clear()
        result = await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))
        assert len((card(result).description or "").splitlines()) == 2, "the forecast is there"
        return [number - before for number in read_after_answers], answers() - before

    monkeypatch.setattr(Database, "reading", lambda _: noted())

    assert await traced() == ([1, 1], 2)
    assert await traced() == ([], 1), "all is in memory"


async def test_a_trace_works_without_a_forecast_when_the_database_fails(
    server: Server, team: Team, services: Services
) -> None:
    team.imaginepro.messages[MESSAGE] = 111
    async with services.database.transaction() as connection:
        await connection.exec_driver_sql("ALTER TABLE samples RENAME TO lost")
    result = await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))
    assert len((card(result).description or "").splitlines()) == 1
