"""Buttons and menus posted by any version of the bot keep working: Discord keeps these custom ids forever."""

import inspect
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import simcord

from bot.app.persistent import Audience, PersistentComponent
from bot.app.services import Services
from bot.charts.service import Charts
from bot.domain.modes import Mode
from bot.ui import custom_ids, texts
from tests.cogs.conftest import bot_of
from tests.cogs.server import Server, said

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
MOST_ID = 10**18 - 1
MODS, EVERYONE = Audience.MODS, Audience.EVERYONE

# Never change a line: add one where a component gets a new form, and keep the old one working.
POSTED: dict[str, tuple[str, Audience, dict[str, Any]]] = {
    f"fastwatch:refresh:{MESSAGE}": ("RefreshButton", EVERYONE, {"message_id": MESSAGE}),
    "fastwatch:message-menu": ("MessageMenu", EVERYONE, {}),
    "fastwatch:test": ("AlertTestButton", MODS, {}),
    "fastwatch:switch:on:111": ("SwitchButton", MODS, {"on": True, "token_id": 111}),
    "fastwatch:switch:off:9223372036854775807": ("SwitchButton", MODS, {"on": False, "token_id": 2**63 - 1}),
    "fastwatch:cancel": ("CancelButton", EVERYONE, {}),
    "fastwatch:acknowledge:1": ("AcknowledgeButton", MODS, {"incident_id": 1}),
    "fastwatch:acknowledge:999999999999999999": ("AcknowledgeButton", MODS, {"incident_id": MOST_ID}),
    "fastwatch:assign:1": ("AssignButton", MODS, {"incident_id": 1}),
    "fastwatch:more:1": ("MoreMenu", MODS, {"incident_id": 1}),
    "fastwatch:ask-switch-on:1": ("AskSwitchOnButton", MODS, {"incident_id": 1}),
    "fastwatch:mute:1": ("MuteButton", MODS, {"incident_id": 1}),
    "fastwatch:mute-for:1:42": ("MuteForButton", MODS, {"hours": 1, "incident_id": 42}),
    "fastwatch:mute-for:8:42": ("MuteForButton", MODS, {"hours": 8, "incident_id": 42}),
    "fastwatch:mute-for:0.5:42": ("MuteForButton", MODS, {"hours": 0.5, "incident_id": 42}),
    "fastwatch:mute-for:back:42": ("MuteForButton", MODS, {"hours": None, "incident_id": 42}),
    "fastwatch:mute-until:1": ("MuteUntilButton", MODS, {"incident_id": 1}),
    "fastwatch:unmute:1": ("UnmuteButton", MODS, {"incident_id": 1}),
    "fastwatch:details:1": ("DetailsButton", MODS, {"incident_id": 1}),
    "fastwatch:details-menu": ("DetailsMenu", MODS, {}),
    "fastwatch:close:1": ("CloseButton", MODS, {"incident_id": 1}),
    "fastwatch:history:111": ("HistoryButton", EVERYONE, {"token_id": 111}),
    "fastwatch:fleet-history": ("FleetHistoryButton", EVERYONE, {}),
    "fastwatch:history-days:365:111": ("HistoryDaysButton", EVERYONE, {"days": 365, "token_id": 111}),
    "fastwatch:fleet-history-days:7": ("FleetHistoryDaysButton", EVERYONE, {"days": 7}),
    "fastwatch:ask-owner:111": ("AskOwnerButton", MODS, {"token_id": 111}),
    "fastwatch:owner-menu:111": ("OwnerMenu", MODS, {"token_id": 111}),
    "fastwatch:show:111": ("ShowButton", EVERYONE, {"token_id": 111}),
    "fastwatch:ask-switch:on:111": ("AskSwitchButton", MODS, {"on": True, "token_id": 111}),
    "fastwatch:ask-switch:off:111": ("AskSwitchButton", MODS, {"on": False, "token_id": 111}),
    "fastwatch:list:0:all:back": ("PageButton", EVERYONE, {"page": 0, "mode": None, "where": "back"}),
    "fastwatch:list:1:FAST:first": ("PageButton", EVERYONE, {"page": 1, "mode": Mode.FAST, "where": "first"}),
    "fastwatch:list:2:RELAX:next": ("PageButton", EVERYONE, {"page": 2, "mode": Mode.RELAX, "where": "next"}),
    "fastwatch:list:3:VERIFYING:last": ("PageButton", EVERYONE, {"page": 3, "mode": Mode.VERIFYING, "where": "last"}),
    "fastwatch:list:4:BANNED:last": ("PageButton", EVERYONE, {"page": 4, "mode": Mode.BANNED, "where": "last"}),
    "fastwatch:list:4:OFF:last": ("PageButton", EVERYONE, {"page": 4, "mode": Mode.OFF, "where": "last"}),
    "fastwatch:list:4:GONE:last": ("PageButton", EVERYONE, {"page": 4, "mode": Mode.GONE, "where": "last"}),
    "fastwatch:list:4:OTHER:last": ("PageButton", EVERYONE, {"page": 4, "mode": Mode.OTHER, "where": "last"}),
    "fastwatch:report-now": ("ReportNowButton", MODS, {}),
    "fastwatch:list-modes": ("ModesMenu", EVERYONE, {}),
    "fastwatch:list-tokens": ("TokensMenu", EVERYONE, {}),
    "fastwatch:board-tokens": ("BoardTokensMenu", EVERYONE, {}),
    "fastwatch:mute-token:111": ("MuteTokenButton", MODS, {"token_id": 111}),
    "fastwatch:mute-token-for:0.5:111": ("MuteTokenForButton", MODS, {"hours": 0.5, "token_id": 111}),
    "fastwatch:mute-token-for:1:111": ("MuteTokenForButton", MODS, {"hours": 1, "token_id": 111}),
    "fastwatch:mute-token-for:8:111": ("MuteTokenForButton", MODS, {"hours": 8, "token_id": 111}),
    "fastwatch:mute-token-for:24:111": ("MuteTokenForButton", MODS, {"hours": 24, "token_id": 111}),
}


def components_of(server: Server) -> list[type[PersistentComponent[Any]]]:
    # discord.py has no public list of them.
    items = list(server.bot._connection._view_store._dynamic_items.values())
    assert all(issubclass(item, PersistentComponent) for item in items)
    return items  # type: ignore[return-value]


def test_each_custom_id_is_read_and_written_by_one_component(server: Server) -> None:
    for custom_id, (name, pressed_by, values) in POSTED.items():
        (component,) = [one for one in components_of(server) if one.ids.decode(custom_id) is not None]
        assert (component.__name__, component.pressed_by) == (name, pressed_by), custom_id
        assert component.ids.decode(custom_id) == values, custom_id
        assert component.ids.encode(**values) == custom_id


def test_every_component_has_its_custom_ids_here(server: Server) -> None:
    assert {one.__name__ for one in components_of(server)} == {name for name, _, _ in POSTED.values()}


def test_every_component_is_pressed_with_the_fields_of_its_custom_ids(server: Server) -> None:
    for component in components_of(server):
        handed = [one for one in inspect.signature(component.press).parameters.values() if one.kind is one.KEYWORD_ONLY]
        assert [one.name for one in handed] == list(component.ids.fields), component.__name__


async def press(server: Server, custom_id: str, actor: simcord.MemberActor) -> simcord.InteractionResult:
    """Press a button with this custom id, or choose from a menu, on a Discord message of the bot."""
    is_menu = POSTED[custom_id][0].endswith("Menu")
    of_members = POSTED[custom_id][0] == "OwnerMenu"
    options = {"type": 5} if of_members else {"type": 3, "options": [{"label": "x", "value": str(MESSAGE)}]}
    menu = {"custom_id": custom_id, **options}
    button = {"type": 2, "style": 2, "custom_id": custom_id, "label": "x"}
    row = {"type": 1, "components": [menu if is_menu else button]}
    backend = server.env.backend
    backend.create_message(server.talk.id, backend.bot_user.id, "posted long ago", components=[row])
    posted = server.talk.history()[-1]
    return await (actor.select(posted, [actor if of_members else str(MESSAGE)]) if is_menu else actor.click(posted))


@pytest.mark.slow
async def test_every_one_is_answered_when_a_moderator_presses_it(server: Server, services: Services) -> None:
    await server.set_up(server.keepers)
    # Without charts, which are slow on a slow machine.
    async with Charts(max_waiting=-1) as busy:
        await server.env.restart_bot(bot_of(replace(services, charts=busy)))
        for custom_id in POSTED:
            result = await press(server, custom_id, server.mod)
            assert result.acknowledged, custom_id
            answers = [one.content for one in (result.response, *result.followups) if one is not None]
            assert texts.errors.UNEXPECTED not in answers, custom_id


async def test_moderator_components_do_nothing_for_a_member(server: Server) -> None:
    await server.set_up(server.keepers)
    for custom_id, (_, pressed_by, _) in POSTED.items():
        if pressed_by is MODS:
            result = await press(server, custom_id, server.member)
            assert said(result).startswith("Only members with the Manage Server permission"), custom_id


@pytest.mark.parametrize("other", ["close", "close:", "close:1:2", "close:1\n", "close:x", "mute:1"])
def test_other_components_have_no_values(other: str) -> None:
    assert custom_ids.CLOSE.decode(f"fastwatch:{other}") is None
    assert custom_ids.CLOSE.decode(f"x fastwatch:{other}") is None
