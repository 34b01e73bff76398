"""`/trace`, the context menu and the buttons, as people use them."""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import discord
import pytest
import simcord
import structlog
from aiohttp import web

from bot.app.client import Fastwatch
from tests.cases import first_quick
from tests.clocks import NOON, SetClock
from tests.cogs.server import Server, card, fields, refused, said
from tests.standins.imaginepro_server import (
    LOGIN_PAGE,
    MALFORMED,
    Drop,
    Fault,
    ImagineProServer,
    Refuse,
    Say,
    linked_token,
)

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
ANOTHER = UUID("e26d2652-33ab-4535-8984-e45a5ef0f23b")
REFRESH = "Refresh"


@pytest.fixture(autouse=True)
def a_token_in_fast(imaginepro: ImagineProServer) -> None:
    imaginepro.link(linked_token(111, fast_time="12.40/15 hours (82.67%)"))
    imaginepro.messages[MESSAGE] = 111


async def trace(server: Server, message_id: object = MESSAGE, **options: object) -> simcord.InteractionResult:
    return await server.member.slash(server.talk, "trace", message_id=str(message_id), **options)


# --- The response


async def test_trace_publicly_shows_the_messages_token_and_its_status(
    server: Server, imaginepro: ImagineProServer
) -> None:
    imaginepro.tokens[111].info |= {"relaxedUsage": "12 images", "runningJobs": "2", "queuedJobsRelax": "4"}
    result = await trace(server)
    embed = card(result)

    assert result.response is not None
    assert not result.response.ephemeral
    assert embed.title == "🟢 Token 111 · FAST"
    assert embed.description == "▰▰▰▰▰▰▰▰▱▱  **12.4** of 15 h of fast time left (83 %)"
    assert fields(embed) == {
        "Plan": "Standard · monthly",
        "Hours return": "<t:1774000000:D>\n<t:1774000000:R>",
        "Plan renews": "<t:1774000000:D>\n<t:1774000000:R>",
        "Jobs": "2 running\n0 fast, 4 relax queued",
        "Images made": "674 in total\n12 in relax",
        "Visibility": "Public",
    }
    assert embed.footer.text == f"message {MESSAGE}"
    assert embed.timestamp == NOON


async def test_a_private_trace_is_for_its_user_alone(server: Server) -> None:
    result = await trace(server, private=True)

    assert card(result).title == "🟢 Token 111 · FAST"
    assert server.talk.history() == []
    assert server.talk.history(viewer=server.mod) == []
    assert len(server.talk.history(viewer=server.member)) == 1


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("RELAX", "🟡 Token 111 · RELAX"),
        ("VERIFYING", "🟠 Token 111 · VERIFYING"),
        ("BANNED", "🔴 Token 111 · BANNED"),
        ("TURBO_2", r"🔵 Token 111 · TURBO\_2"),
        ("", "❔ Token 111 · status unknown"),
    ],
)
async def test_the_title_has_the_status_in_one_word(
    server: Server, imaginepro: ImagineProServer, status: str, title: str
) -> None:
    imaginepro.tokens[111].status = status

    assert card(await trace(server)).title == title


@pytest.mark.parametrize(
    ("line", "description"),
    [
        ("143.12/200.0 minutes (71.56%)", "▰▰▰▰▰▰▰▱▱▱  **143.1** of 200 min of fast time left (72 %)"),
        ("0.00/15 hours (0.00%)", "▱▱▱▱▱▱▱▱▱▱  **0** of 15 h of fast time left (0 %)"),
        ("3.50 hours", "**3.5 h** of fast time left"),
        ("", "Fast time left: unknown"),
        ("plenty *of it*", r"Fast time left: unknown; ImaginePro says “plenty \*of it\*”"),
    ],
)
async def test_fast_time_is_in_the_plans_own_unit_and_unknown_says_unknown(
    server: Server, imaginepro: ImagineProServer, line: str, description: str
) -> None:
    imaginepro.tokens[111].info["fastTimeRemaining"] = line

    assert card(await trace(server)).description == description


async def test_imaginepros_notice_is_shown_escaped(server: Server, imaginepro: ImagineProServer) -> None:
    imaginepro.tokens[111].info["message"] = "@everyone **win** at https://evil.invalid [here](https://evil.invalid)"
    remark = fields(card(await trace(server)))["ImaginePro says"]

    assert "\\*\\*win\\*\\*" in remark
    assert "@everyone" not in remark
    assert "://" not in remark


async def test_no_secret_of_the_linked_account_is_shown(server: Server, imaginepro: ImagineProServer) -> None:
    await trace(server)
    sent = str(server.env.http_requests)
    listed = imaginepro.tokens[111].listed()

    assert [listed[name] for name in ("token", "channelId", "serverId") if str(listed[name]) in sent] == []


async def test_the_interaction_is_deferred_before_imaginepro_is_asked(
    server: Server, imaginepro: ImagineProServer
) -> None:
    answered: list[str] = []

    class LookAround:
        async def apply(self, request: web.Request) -> None:
            answered.extend(one.path for one in server.env.http_requests if one.path.endswith("/callback"))

    imaginepro.queue(LookAround())
    await trace(server)

    assert len(answered) == 1


@pytest.mark.parametrize("text", [f"`{MESSAGE}`", f" {str(MESSAGE).upper()} ", f"<{MESSAGE}>"])
async def test_an_id_is_accepted_in_any_pasted_form(server: Server, text: str) -> None:
    assert card(await trace(server, text)).title == "🟢 Token 111 · FAST"


# --- Failures: one sentence, for its user alone


@pytest.mark.parametrize("text", first_quick(["nonsense", "", "d15c1541", "../../account-info", f"{MESSAGE}{MESSAGE}"]))
async def test_an_invalid_id_is_refused_without_a_request(
    server: Server, imaginepro: ImagineProServer, text: str
) -> None:
    assert refused(server, await trace(server, text)).startswith("That is not a message id. It looks like")
    assert imaginepro.log == []


FAILURES: dict[str, tuple[list[Fault], str]] = {
    "a key that was refused": (
        [Refuse(HTTPStatus.UNAUTHORIZED, "Invalid key or no credits.")],
        "ImaginePro rejected the bot's API key. Ask the person who runs the bot to check its log.",
    ),
    "no answer": ([Drop()] * 3, "ImaginePro did not respond in time. Try again in a minute."),
    "a fault of theirs": (
        [Refuse(HTTPStatus.BAD_GATEWAY)] * 3,
        "ImaginePro did not respond in time. Try again in a minute.",
    ),
    "half an answer": (
        [MALFORMED],
        "ImaginePro gives no usable answer right now. Try again later; the bot's log has the details.",
    ),
    "a login page": (
        [LOGIN_PAGE],
        "ImaginePro gives no usable answer right now. Try again later; the bot's log has the details.",
    ),
    "a page instead of the message": (
        [Say(b"<html>Not found</html>", "text/html", HTTPStatus.NOT_FOUND)],
        "ImaginePro gives no usable answer right now. Try again later; the bot's log has the details.",
    ),
    "a challenge page": (
        [Say(b"<html>Just a moment...</html>", "text/html", HTTPStatus.FORBIDDEN)],
        "ImaginePro gives no usable answer right now. Try again later; the bot's log has the details.",
    ),
    "a wish to be left alone": (
        [Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "90"})],
        f"ImaginePro's rate limit was reached. Try again <t:{int(NOON.timestamp()) + 90}:R>.",
    ),
    "a request they do not like": (
        [Refuse(HTTPStatus.BAD_REQUEST)],
        "ImaginePro did not accept this request. Check the id.",
    ),
}


@pytest.mark.parametrize("private", first_quick([False, True]))
@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_is_one_private_sentence(
    server: Server, imaginepro: ImagineProServer, failure: str, private: bool
) -> None:
    faults, sentence = FAILURES[failure]
    imaginepro.queue(*faults)

    assert refused(server, await trace(server, private=private)) == sentence


async def test_an_unknown_message_says_so(server: Server) -> None:
    sentence = refused(server, await trace(server, ANOTHER))

    assert sentence == "ImaginePro does not know this message id. Check that you copied all of it."


async def test_a_message_without_a_token_yet_says_so(server: Server, imaginepro: ImagineProServer) -> None:
    imaginepro.messages[ANOTHER] = None

    assert refused(server, await trace(server, ANOTHER)) == (
        "ImaginePro has not assigned a token to this message yet. Try again in a minute."
    )


async def test_the_reason_for_a_refused_key_is_for_moderators_only(
    server: Server, imaginepro: ImagineProServer
) -> None:
    imaginepro.outage = Refuse(HTTPStatus.UNAUTHORIZED, "No credits *left*.")
    to_member = refused(server, await trace(server))
    to_mod = refused(server, await server.mod.slash(server.talk, "trace", message_id=str(MESSAGE)))

    assert "credits" not in to_member
    assert to_mod == (
        "ImaginePro rejected the bot's API key: it is wrong, or the account has no credits left. "
        r"Ask the person who runs the bot to check both. (HTTP 401 No credits \*left\*.)"
    )


async def test_an_unexpected_error_is_one_sentence(server: Server) -> None:
    server.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=400, code=50035)

    assert refused(server, await trace(server)) == "Something went wrong. Try again; the bot's log has the details."


# --- Rate limits


async def test_a_member_may_trace_five_times_in_half_a_minute(server: Server, imaginepro: ImagineProServer) -> None:
    for _ in range(5):
        await trace(server, private=True)
    asked = len(imaginepro.log)
    sentence = refused(server, await trace(server))

    assert re.fullmatch(r"That was too fast\. Try again <t:\d+:R>\.", sentence)
    assert len(imaginepro.log) == asked

    await server.mod.slash(server.talk, "trace", message_id=str(MESSAGE), private=True)
    await server.env.advance_time(31)
    card(await trace(server))


async def test_the_retry_time_uses_the_bots_clock(server: Server, clock: SetClock) -> None:
    clock.set(datetime(2031, 5, 1, tzinfo=UTC))
    for _ in range(5):
        await trace(server, private=True)
    clock.set(datetime(2031, 5, 1, tzinfo=UTC))
    sentence = refused(server, await trace(server))
    (when,) = re.findall(r"<t:(\d+):R>", sentence)

    assert 0 <= int(when) - clock.now().timestamp() <= 30


# --- Refresh


async def test_refresh_updates_the_card_in_place(server: Server, imaginepro: ImagineProServer, clock: SetClock) -> None:
    await trace(server)
    imaginepro.tokens[111].status = "RELAX"
    result = await server.mod.click(server.talk.history()[0], label=REFRESH)
    (message,) = server.talk.history()

    assert message.embeds[0].title == "🟡 Token 111 · RELAX"
    assert message.embeds[0].timestamp == clock.now()
    assert result.followups == []


async def test_refresh_works_after_a_restart(server: Server, imaginepro: ImagineProServer, new_bot: Fastwatch) -> None:
    await trace(server)
    await server.env.restart_bot(new_bot)
    imaginepro.tokens[111].status = "BANNED"
    await server.member.click(server.talk.history()[0], label=REFRESH)

    assert server.talk.history()[0].embeds[0].title == "🔴 Token 111 · BANNED"


async def test_refresh_works_repeatedly_but_is_rate_limited(server: Server, imaginepro: ImagineProServer) -> None:
    await trace(server)
    await server.member.click(server.talk.history()[0], label=REFRESH)
    asked = len(imaginepro.log)
    too_soon = await server.member.click(server.talk.history()[0], label=REFRESH)
    assert said_beside(too_soon).startswith("That was too fast.")
    assert len(imaginepro.log) == asked

    by_another = await server.mod.click(server.talk.history()[0], label=REFRESH)
    await server.env.advance_time(6)
    later = await server.member.click(server.talk.history()[0], label=REFRESH)
    assert (by_another.followups, later.followups) == ([], [])
    assert len(imaginepro.log) == asked + 2


async def test_a_failed_refresh_leaves_the_card_unchanged(server: Server, imaginepro: ImagineProServer) -> None:
    await trace(server)
    before = server.talk.history()[0]
    imaginepro.queue(MALFORMED)
    result = await server.member.click(before, label=REFRESH)
    (after,) = server.talk.history()

    assert said_beside(result).startswith("ImaginePro gives no usable answer right now.")
    assert after.embeds == before.embeds


def said_beside(result: simcord.InteractionResult) -> str:
    """Return the one private sentence beside the pressed Discord message."""
    new = [*result.followups, *([result.response] if result.response and result.response.ephemeral else [])]
    (only,) = new
    assert only.ephemeral
    return only.content


# --- Autocomplete


async def completions(server: Server, typed: str = "") -> list[dict[str, object]]:
    return await server.member.autocomplete(server.talk, "trace", "message_id", typed)


async def test_autocomplete_suggests_recent_traces_latest_first(server: Server, imaginepro: ImagineProServer) -> None:
    imaginepro.link(linked_token(222))
    imaginepro.messages[ANOTHER] = 222
    await trace(server)
    await trace(server, ANOTHER)

    assert [(choice["name"], choice["value"]) for choice in await completions(server)] == [
        (f"{ANOTHER} · token 222", str(ANOTHER)),
        (f"{MESSAGE} · token 111", str(MESSAGE)),
    ]
    assert [choice["value"] for choice in await completions(server, " D15C")] == [str(MESSAGE)]
    assert await completions(server, "zzz") == []


async def test_autocomplete_leaves_out_other_servers_private_and_failed_traces(
    server: Server, second_server: Server
) -> None:
    await trace(second_server)
    await trace(server, private=True)
    await trace(server, ANOTHER)

    assert server.env.errors
    assert await completions(server) == []
    assert len(await completions(second_server)) == 1


async def test_autocomplete_survives_a_restart(server: Server, new_bot: Fastwatch) -> None:
    await trace(server)
    await server.env.restart_bot(new_bot)

    assert [choice["value"] for choice in await completions(server)] == [str(MESSAGE)]


async def test_autocomplete_respects_discords_limit(server: Server, imaginepro: ImagineProServer) -> None:
    for number in range(30):
        imaginepro.messages[UUID(int=number)] = 111
        if number % 5 == 0:
            await server.env.advance_time(31)
        await trace(server, UUID(int=number))

    assert len(await completions(server)) == 25


# --- The context menu


async def ask_about(server: Server, content: str = "", embed: discord.Embed | None = None) -> simcord.InteractionResult:
    webhook = server.guild.create_webhook(server.talk)
    posted = await webhook.send(content, embed=embed)
    return await server.member.context_menu(server.talk, "Trace this", posted)


async def test_the_context_menu_traces_a_discord_messages_id_privately(server: Server) -> None:
    result = await ask_about(server, f"done: https://cdn.invalid/{MESSAGE}.png")

    assert card(result).title == "🟢 Token 111 · FAST"
    assert result.response is not None
    assert result.response.ephemeral


@pytest.mark.parametrize(
    "embed",
    first_quick(
        [
            discord.Embed(title=f"{MESSAGE}"),
            discord.Embed(description=f"id {MESSAGE}"),
            discord.Embed().add_field(name="Id", value=f"`{MESSAGE}`"),
            discord.Embed().add_field(name=f"{MESSAGE}", value="x"),
            discord.Embed(title="x").set_footer(text=f"{MESSAGE}"),
            discord.Embed(title="x").set_author(name=f"{MESSAGE}"),
            discord.Embed(title="x", url=f"https://x.invalid/{MESSAGE}"),
        ]
    ),
    ids=["title", "description", "field", "field name", "footer", "author", "url"],
)
async def test_the_context_menu_finds_the_id_in_any_part_of_an_embed(server: Server, embed: discord.Embed) -> None:
    assert card(await ask_about(server, embed=embed)).title == "🟢 Token 111 · FAST"


async def test_the_context_menu_works_on_the_bots_own_card(server: Server) -> None:
    await trace(server)
    result = await server.member.context_menu(server.talk, "Trace this", server.talk.history()[0])

    assert card(result).title == "🟢 Token 111 · FAST"


async def test_a_discord_message_without_an_id_says_so(server: Server, imaginepro: ImagineProServer) -> None:
    result = await ask_about(server, "hello")

    assert said(result) == "There is no message id in that Discord message. Use `/trace` with the id."
    assert server.env.errors
    assert imaginepro.log == []


@pytest.mark.parametrize("restarted", [False, True])
async def test_several_ids_are_offered_as_a_menu(
    server: Server, imaginepro: ImagineProServer, new_bot: Fastwatch, restarted: bool
) -> None:
    imaginepro.link(linked_token(222, "RELAX"))
    imaginepro.messages[ANOTHER] = 222
    result = await ask_about(server, f"{MESSAGE} and {ANOTHER} and {MESSAGE}")
    menu = result.response
    assert menu is not None
    assert menu.ephemeral
    assert imaginepro.log == []
    if restarted:
        await server.env.restart_bot(new_bot)

    await server.member.select(menu, [str(ANOTHER)])
    assert menu.embeds[0].title == "🟡 Token 222 · RELAX"
    assert menu.content == ""
    assert [row["components"][0]["label"] for row in menu.components] == [REFRESH]


async def test_a_menu_respects_discords_limit(server: Server) -> None:
    result = await ask_about(server, " ".join(str(UUID(int=number)) for number in range(40)))

    assert result.response is not None
    assert len(result.response.components[0]["components"][0]["options"]) == 25


async def test_a_failed_choice_is_reported_beside_the_menu(server: Server) -> None:
    result = await ask_about(server, f"{ANOTHER} {MESSAGE}")
    assert result.response is not None
    chosen = await server.member.select(result.response, [str(ANOTHER)])

    assert chosen.followups[0].content.startswith("ImaginePro does not know this message id.")
    assert result.response.components, "the menu is still there to choose another"


async def test_the_log_has_what_the_reply_promises(server: Server, imaginepro: ImagineProServer) -> None:
    imaginepro.outage = LOGIN_PAGE
    with structlog.testing.capture_logs() as logs:
        result = await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))

    assert "the bot's log has the details" in refused(server, result)
    assert any("InvalidResponse" in log.get("error", "") for log in logs)
