"""The server check: a server that is not connected learns nothing from any command, menu or button."""

from typing import Any, get_args, get_origin
from uuid import UUID

import discord
import pytest
from discord import app_commands
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from bot.app.services import Services
from bot.monitor.monitor import Monitor
from bot.storage.audit import latest_entries
from tests.cogs.server import Server, commands_of, filled, said
from tests.standins.discord_payloads import violations
from tests.standins.imaginepro_server import ImagineProServer, linked_token

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
FOR_EVERYONE = {"trace", "about", "token list", "token show", "token history", "token export"}
MODS_ONLY = (
    "Only members with the Manage Server permission can do this. They can let a role do it with `/alerts moderators`."
)
# What another option needs before this one suggests anything.
CHOSEN_BEFORE = {("alerts rules set", "value"): {"rule": "low"}}
NOT_CONNECTED = "This server is not connected to Fastwatch. Ask the person who runs the bot to add it to HOME_SERVERS."


@pytest.fixture(autouse=True)
async def something_to_reveal(server: Server, imaginepro: ImagineProServer, monitor: Monitor) -> None:
    """Trace, watch and set up something in a home server."""
    imaginepro.link(linked_token(111))
    imaginepro.messages[MESSAGE] = 111
    await server.set_up(server.keepers)
    await server.member.slash(server.talk, "trace", message_id=str(MESSAGE))
    await server.mod.slash(server.talk, "alerts watch", message_id=str(MESSAGE))
    await monitor.round()
    await server.mod.slash(server.talk, "alerts route", token="111", channel=server.talk)
    await server.mod.slash(server.talk, "alerts mute", duration="8h", token="111")
    imaginepro.log.clear()


def menus_of(server: Server) -> list[app_commands.ContextMenu]:
    kinds = (discord.AppCommandType.message, discord.AppCommandType.user)
    walked = [menu for kind in kinds for menu in server.bot.tree.walk_commands(type=kind)]
    return [menu for menu in walked if isinstance(menu, app_commands.ContextMenu)]


def items_of(server: Server) -> list[type[discord.ui.DynamicItem[Any]]]:
    # discord.py has no public list of them.
    return list(server.bot._connection._view_store._dynamic_items.values())


def completed(server: Server) -> list[tuple[str, str]]:
    """Return the options with autocomplete, by command and option name."""
    return [
        (command.qualified_name, option.name)
        for command in commands_of(server)
        for option in command.parameters
        if option.autocomplete
    ]


def put_item(server: Server, item: type[discord.ui.DynamicItem[Any]]) -> tuple[discord.Message, bool]:
    """Add a component of this class to a message of the bot. Return the message, and whether it is a button."""
    template = item.__discord_ui_compiled_template__
    # Any matching custom id will do; finding the simplest would take seconds.
    unhurried = settings(
        derandomize=True, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    custom_id = find(st.from_regex(template, fullmatch=True), lambda _: True, settings=unhurried)
    (base,) = item.__orig_bases__  # type: ignore[attr-defined]
    (sort,) = get_args(base)
    is_button = get_origin(sort) is discord.ui.Button
    choices = {"type": 3, "custom_id": custom_id, "options": [{"label": "x", "value": str(MESSAGE)}]}
    component = {"type": 2, "style": 2, "label": "x", "custom_id": custom_id} if is_button else choices
    row = {"type": 1, "components": [component]}
    backend = server.env.backend
    backend.create_message(server.talk.id, backend.bot_user.id, "from elsewhere", components=[row])
    return server.talk.history()[-1], is_button


def test_the_walk_finds_every_command_and_component(server: Server) -> None:
    assert {command.qualified_name for command in commands_of(server)} >= {"trace", "alerts setup", "alerts mute"}
    assert [menu.name for menu in menus_of(server)] == ["Trace this"]
    assert {item.__name__ for item in items_of(server)} >= {"RefreshButton", "DetailsMenu", "AcknowledgeButton"}


async def test_no_command_works_in_a_server_that_is_not_connected(
    server: Server, foreign_server: Server, imaginepro: ImagineProServer
) -> None:
    for command in commands_of(server):
        options = filled(foreign_server, command, message_id=MESSAGE)
        result = await foreign_server.mod.slash(foreign_server.talk, command.qualified_name, **options)
        assert said(result) == NOT_CONNECTED, command.qualified_name
        assert foreign_server.talk.history() == []
    assert imaginepro.log == []


async def test_no_context_menu_works_in_a_server_that_is_not_connected(
    server: Server, foreign_server: Server, imaginepro: ImagineProServer
) -> None:
    posted = await foreign_server.member.send(foreign_server.talk, str(MESSAGE))
    for menu in menus_of(server):
        target = posted if menu.type is discord.AppCommandType.message else foreign_server.member
        result = await foreign_server.mod.context_menu(foreign_server.talk, menu.name, target)
        assert said(result) == NOT_CONNECTED, menu.name
    assert imaginepro.log == []


async def test_no_button_or_menu_works_in_a_server_that_is_not_connected(
    server: Server, foreign_server: Server, imaginepro: ImagineProServer
) -> None:
    for item in items_of(server):
        message, is_button = put_item(foreign_server, item)
        actor = foreign_server.mod
        result = await (actor.click(message) if is_button else actor.select(message, [str(MESSAGE)]))
        assert said(result) == NOT_CONNECTED, item.__name__
        assert foreign_server.talk.history()[-1].embeds == []
    assert imaginepro.log == []


@pytest.mark.slow
async def test_the_same_buttons_and_menus_do_work_in_a_home_server(server: Server) -> None:
    """Otherwise the test above would pass with dead buttons."""
    for item in items_of(server):
        message, is_button = put_item(server, item)
        result = await (server.mod.click(message) if is_button else server.mod.select(message, [str(MESSAGE)]))
        assert result.acknowledged, item.__name__
        assert NOT_CONNECTED not in [followup.content for followup in result.followups]


@pytest.mark.slow
async def test_no_option_completes_in_a_server_that_is_not_connected(server: Server, foreign_server: Server) -> None:
    offered = {}
    for name in completed(server):
        chosen = CHOSEN_BEFORE.get(name, {})
        assert await foreign_server.mod.autocomplete(foreign_server.talk, *name, "", **chosen) == [], name
        offered[name] = await server.mod.autocomplete(server.talk, *name, "", **chosen)

    assert offered
    assert all(offered.values()), "in a home server each has suggestions"


async def test_discord_hides_only_moderator_commands_from_members(server: Server) -> None:
    everything = {command.qualified_name for command in commands_of(server)}

    assert {"fleet name", "fleet enable", "fleet disable", "alerts rules set", "alerts moderators"} < everything
    assert everything & set(server.member.available_commands(server.talk)) == FOR_EVERYONE
    assert everything <= set(server.mod.available_commands(server.talk))


@pytest.mark.slow
async def test_commands_discord_shows_to_members_anyway_are_refused_when_run(
    server: Server, services: Services, imaginepro: ImagineProServer
) -> None:
    await server.show_commands_to(server.member)
    async with services.database.reading() as connection:
        before = await latest_entries(connection, server.guild.id, most=100)

    for command in commands_of(server):
        options = filled(server, command, message_id=MESSAGE)
        result = await server.member.slash(server.talk, command.qualified_name, **options)
        answers = [one.content for one in (result.response, *result.followups) if one is not None]
        is_refused = bool(server.env.errors) and answers == [MODS_ONLY]
        assert is_refused is (command.qualified_name not in FOR_EVERYONE), command.qualified_name
    assert [request.method for request in imaginepro.log if request.method != "GET"] == []
    async with services.database.reading() as connection:
        assert await latest_entries(connection, server.guild.id, most=100) == before


@pytest.mark.slow
async def test_moderator_options_suggest_nothing_to_members(server: Server) -> None:
    await server.show_commands_to(server.member)

    for name in completed(server):
        if name[0] not in FOR_EVERYONE:
            assert await server.member.autocomplete(server.talk, *name, "", **CHOSEN_BEFORE.get(name, {})) == [], name


async def test_nothing_works_in_direct_messages(server: Server) -> None:
    assert server.member.user.available_commands() == ()


async def test_discord_accepts_the_commands(server: Server) -> None:
    payload = [command.to_dict(server.bot.tree) for command in server.bot.tree.get_commands()]

    assert violations("PUT", "/applications/{application_id}/commands", payload) == []
