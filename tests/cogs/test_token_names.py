"""`/fleet name`, and the name beside the number wherever a token is shown, suggested or typed."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from bot.app.services import Services
from bot.storage.audit import Action, Entry, latest_entries
from bot.storage.schema import token_names
from tests.clocks import NOON
from tests.cogs.driving import Team, command, text_of
from tests.cogs.server import HOME, SECOND_HOME, Server, card, fields, refused, said
from tests.standins.imaginepro_server import linked_token
from tests.titles import title_of
from tests.ui.hostile import live_parts
from tests.ui.limits import parts_of, without_brackets_of_names

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
NO_SUCH_TOKEN = "No token of this account has that name or number. Choose one from the list."
HOSTILE = [
    "**bold** _it_ ~~s~~ ||x|| `c`",
    "@everyone @here",
    "<@&{role}>",
    "<@{member}>",
    "[a](https://evil.invalid/x)",
    "discord.gg/evil",
    "\u202eA oidutS\u202c\u200f",
    "# a\n> b\n- c",
    "<:a:1></a:1><t:1:R>",
    "(((\\",
]

OURS = re.compile(
    r"<@&?\d+>|<#\d+>|<t:\d+:\w>|`[/a-z]+ [a-z]+`|\*\*|\((?:[A-Z]+|\d+ %|(?=<t))\)?|\)|\[alert\]\([^)]+\)"
)


async def name(server: Server, of: str = "111", **options: str) -> str:
    """Name a token as a moderator. Return the response."""
    return said(await server.mod.slash(server.talk, "fleet name", token=of, **options))


async def offered(server: Server, typed: str, of: str = "fleet name") -> list[tuple[str, str]]:
    """Return the token suggestions for a moderator: the label and the value of each."""
    choices = await server.mod.autocomplete(server.talk, of, "token", typed)
    return [(choice["name"], choice["value"]) for choice in choices]


async def audit(services: Services) -> list[Entry]:
    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=10)
    return [entry for entry in entries if entry.action in (Action.TOKEN_NAMED, Action.TOKEN_UNNAMED)]


# --- Naming


async def test_a_moderator_sets_changes_and_removes_a_name_and_each_is_audited(team: Team, services: Services) -> None:
    server = team.server
    answers = [
        await name(server, name="Studio A"),
        await name(server, name=" Studio B\n"),
        await name(server, name="Studio B"),
        await name(server),
        await name(server),
    ]

    assert answers == [
        "Token 111 is now called Studio A. It had no name before.",
        "Token 111 is now called Studio B. Its name was Studio A.",
        "Token 111 is already called Studio B. Nothing was changed.",
        "Token 111 no longer has a name. Its name was Studio B.",
        "Token 111 has no name. Nothing was changed.",
    ]
    assert [(entry.member_id, entry.action, entry.target) for entry in await audit(services)] == [
        (server.mod.id, Action.TOKEN_UNNAMED, "111"),
        (server.mod.id, Action.TOKEN_NAMED, "111"),
        (server.mod.id, Action.TOKEN_NAMED, "111"),
    ]
    status = fields(card(await server.mod.slash(server.talk, "status")))
    assert f"{server.mod.mention}: named token 111" in status["Latest changes here"]
    assert "removed the name of token 111" in status["Latest changes here"]


INVALID = [
    ("x" * 31, "A name has at most 30 characters. Choose a shorter one."),
    ("*" * 5000, "A name has at most 30 characters. Choose a shorter one."),
    (" \u200b\u202e ", "A name needs at least one visible character. To remove a name, leave the option out."),
    ("222", "A name that is only a number looks like a token's number. Add a word."),
    ("\u0661\u0662", "A name that is only a number looks like a token's number. Add a word."),
    ("BACKUP", "Token 222 already has this name. Choose another name, or remove it from that token first."),
]


async def test_an_invalid_name_is_refused_with_one_sentence(team: Team, services: Services) -> None:
    await name(team.server, "222", name="Backup")
    for typed, sentence in INVALID:
        result = await team.server.mod.slash(team.server.talk, "fleet name", token="111", name=typed)
        assert refused(team.server, result) == sentence

    assert len(await audit(services)) == 1
    assert await offered(team.server, "111") == [("🟢 111 · FAST · 15 h", "111")]


async def test_thirty_characters_are_allowed_even_if_uppercase_is_longer(team: Team) -> None:
    await name(team.server, name="ß" * 30)

    assert await name(team.server, name="s" * 30) == f"Token 111 is now called {'s' * 30}. Its name was {'ß' * 30}."
    assert await name(team.server, name="S" * 30) == f"Token 111 is now called {'S' * 30}. Its name was {'s' * 30}."


async def test_a_token_that_this_account_does_not_have_is_not_named(team: Team) -> None:
    for token in ("999", "", "Studio A", "9" * 40):
        result = await team.server.mod.slash(team.server.talk, "fleet name", token=token, name="Studio A")
        assert refused(team.server, result) == NO_SUCH_TOKEN


async def test_the_name_of_an_unknown_token_can_be_removed(team: Team, services: Services) -> None:
    row = {"server_id": HOME, "token_id": 999, "name": "Gone", "named_by": 1, "named_at": NOON}
    async with services.database.transaction() as connection:
        await connection.execute(insert(token_names).values(row))

    assert await name(team.server, "gone") == "Token 999 no longer has a name. Its name was Gone."


async def test_only_moderators_name_tokens_and_get_suggestions(team: Team) -> None:
    server = team.server
    await server.show_commands_to(server.member)
    result = await server.member.slash(server.talk, "fleet name", token="111", name="Mine")

    assert refused(server, result).startswith("Only members with the Manage Server permission")
    assert await server.member.autocomplete(server.talk, "fleet name", "token", "") == []


async def test_a_server_does_not_see_the_names_of_another(team: Team, second_server: Server) -> None:
    await name(team.server, name="Studio A")

    assert ("🟢 111 · FAST · 15 h", "111") in await offered(second_server, "111")
    assert await offered(second_server, "studio") == []
    assert await name(second_server, name="Studio A") == "Token 111 is now called Studio A. It had no name before."
    assert second_server.guild.id == SECOND_HOME


# --- Choosing


async def test_a_choice_says_number_name_mode_and_what_is_left(team: Team) -> None:
    team.set_status("RELAX", 222)
    team.imaginepro.tokens[333].info["fastTimeRemaining"] = "143.12/200.0 minutes (71.56%)"
    team.imaginepro.tokens[444].info["fastTimeRemaining"] = ""
    await team.rounds(2)
    await name(team.server, "222", name="*Studio* A")

    assert await offered(team.server, "") == [
        ("🟢 111 · FAST · 15 h", "111"),
        ("🟡 222 *Studio* A · RELAX · 15 h", "222"),
        ("🟢 333 · FAST · 143.1 min", "333"),
        ("🟢 444 · FAST", "444"),
        ("🟢 555 · FAST · 15 h", "555"),
        ("🟢 666 · FAST · 15 h", "666"),
    ]


async def test_the_best_match_is_suggested_first(team: Team) -> None:
    team.imaginepro.link(linked_token(1110), linked_token(4111))
    await team.rounds()
    for token, called in (("222", "Team 111"), ("333", "111 and more"), ("444", "Else")):
        await name(team.server, token, name=called)

    assert [value for _, value in await offered(team.server, " 111 ")] == ["111", "1110", "333", "222", "4111"]
    assert [value for _, value in await offered(team.server, "TEAM")] == ["222"]
    assert await offered(team.server, "nobody") == []


async def test_every_token_choice_has_its_name_and_typed_names_work(team: Team) -> None:
    server = team.server
    await name(server, name="Studio A")
    route = text_of(await command(server, "route", token="studio a", channel=server.talk))
    mute = text_of(await command(server, "mute", token=" STUDIO A ", duration="1h"))
    shown = ("🟢 111 Studio A · FAST · 15 h", "111")
    for of in ("alerts route", "alerts unroute", "alerts mute", "alerts unmute", "fleet enable", "fleet disable"):
        assert await offered(server, "studio", of) == [shown], of

    overview = await team.shown()
    unmute = text_of(await command(server, "unmute", token="Studio A"))
    unroute = text_of(await command(server, "unroute", token="Studio A"))
    asked = text_of(await server.mod.slash(server.talk, "fleet disable", token="Studio A"))
    for answer in (route, mute, overview["Muted"], overview["Channels of single tokens"], unmute, unroute, asked):
        assert "Studio A (111)" in answer


async def test_message_suggestions_include_the_tokens_name(team: Team) -> None:
    server, longest = team.server, "*" * 30
    team.imaginepro.link(linked_token(2**63 - 1))
    team.imaginepro.messages[MESSAGE] = 2**63 - 1
    await team.rounds()
    await name(server, str(2**63 - 1), name=longest)
    await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))
    (choice,) = await server.member.autocomplete(server.talk, "trace", "message_id", "")

    assert choice["name"] == f"{MESSAGE} · token {2**63 - 1} {longest}"
    assert len(choice["name"]) <= 100


async def test_a_name_that_fits_several_tokens_chooses_none(team: Team, services: Services) -> None:
    """Two processes may have given it at the same time."""
    rows = [{"server_id": HOME, "token_id": id_, "name": "Twin", "named_by": 1, "named_at": NOON} for id_ in (111, 222)]
    async with services.database.transaction() as connection:
        await connection.execute(insert(token_names), rows)

    result = await team.server.mod.slash(team.server.talk, "fleet name", token="twin", name="One")
    assert refused(team.server, result) == NO_SUCH_TOKEN


# --- Everywhere a token is shown


async def test_an_open_alert_shows_a_new_name_at_once(team: Team) -> None:
    alert = await team.out("RELAX")
    await name(team.server, name="Studio A")
    (shown,) = await team.server.deliver()

    assert shown.id == alert.id
    assert title_of(shown) == "🟡 **Studio A (111)** is in RELAX"
    assert title_of(shown) == "🟡 **Studio A (111)** is in RELAX"
    assert team.server.pings(shown) == []

    details = await team.press(shown, "Details")
    assert card(details).title == "🟡 Studio A (111) · RELAX"
    assert "Studio A (111) · RELAX" in (await team.shown())["Open incidents"]


async def test_a_name_does_not_post_other_or_unseen_alerts(team: Team) -> None:
    await command(team.server, "mute", duration="1h", token="222", include_urgent=True)
    team.set_status("BANNED", 222)
    await team.rounds(2)
    await name(team.server, "222", name="Backup")
    await name(team.server, "111", name="Studio A")

    assert await team.server.deliver() == []


async def test_the_menu_of_details_shows_names_as_they_are(team: Team) -> None:
    await name(team.server, "222", name="*Backup*")
    alert = await team.out("RELAX", 111, 222, 333)
    asked = await team.press(alert, "Details")
    assert asked.response is not None
    posted: list[dict[str, Any]] = asked.response.components
    ((menu,),) = [row["components"] for row in posted]

    assert [(option["label"], option["value"]) for option in menu["options"]] == [
        ("111", "111"),
        ("222 *Backup*", "222"),
        ("333", "333"),
    ]
    await team.server.mod.select(asked.response, ["222"])
    assert card(asked).title == r"🟡 \*Backup\* (222) · RELAX"


async def test_a_trace_shows_the_name_or_works_without_it(
    team: Team, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    server = team.server
    team.imaginepro.messages[MESSAGE] = 111
    assert card(await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))).title == (
        "🟢 Token 111 · FAST"
    )
    # Recent reads are cached, except for what has just changed.
    await name(server, name="Studio A")
    assert card(await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))).title == (
        "🟢 Studio A (111) · FAST"
    )

    async with services.database.transaction() as connection:
        await connection.execute(text("DROP TABLE token_names"))
    server.bot.names.invalidate(HOME)
    assert card(await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))).title == (
        "🟢 Token 111 · FAST"
    )
    assert "The token names could not be read." in capsys.readouterr().out


@pytest.mark.parametrize("typed", [HOSTILE[0], *(pytest.param(typed, marks=pytest.mark.slow) for typed in HOSTILE[1:])])
async def test_a_hostile_name_is_escaped_and_pings_nobody(team: Team, typed: str) -> None:
    server = team.server
    team.imaginepro.messages[MESSAGE] = 111
    typed = typed.format(role=server.keepers.id, member=server.member.id)
    answers = [await name(server, name=typed), await name(server, name=typed)]
    answers.append(text_of(await command(server, "route", token="111", channel=server.alerts, role=server.keepers)))
    answers.append(text_of(await command(server, "mute", token="111", duration="1m")))
    embeds = [
        card(await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))),
        card(await command(server, "show")),
    ]
    answers.append(text_of(await command(server, "unmute", token="111")))
    alert = await team.out("RELAX")
    pings = [server.pings(alert)]
    embeds += [*alert.embeds, card(await team.press(alert, "Details"))]
    team.set_status("BANNED", 111)
    await team.rounds(2)
    pings += [server.pings(one) for one in (await team.later(timedelta(hours=1)))[1:]]
    team.set_status("FAST", 111)
    posted = await team.rounds(2)
    answers.append(await name(server))

    assert len(posted) == 4
    words = [*answers, *(one.content for one in posted)]
    embeds += [embed for one in posted for embed in one.embeds]
    for shown in (*words, *(part for embed in embeds for part in parts_of(embed))):
        assert is_escaped(shown), shown
        assert server.member.mention not in shown
    for one in (*posted, *server.talk.history()):
        assert server.pinged_members(one) == []
    assert pings == [[server.keepers.id]] * 3
    assert server.pings(posted[-1]) == []


def is_escaped(shown: str) -> bool:
    """Whether no text of a member has an effect, with our own text removed first."""
    not_escaped = re.sub(r"\\.", "", without_brackets_of_names(shown))
    return live_parts(OURS.sub("", not_escaped)) == []
