"""The switches: what a moderator switches, the result, who is named, and who is refused."""

from dataclasses import dataclass
from http import HTTPStatus

import pytest
import simcord
from aiohttp import web

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.monitor.monitor import Monitor
from bot.storage.audit import Action, Entry, Outcome, latest_entries
from tests.cases import first_quick
from tests.clocks import SetClock
from tests.cogs.server import HOME, Server, refused, said
from tests.standins.imaginepro_server import Drop, ImagineProServer, LoggedRequest, Refuse, Say, linked_token
from tests.titles import title_of

PUT_111 = LoggedRequest("PUT", "/api/v1/discord/token/111", has_authorization=True)


@dataclass(frozen=True, slots=True)
class SwitchAndDrop:
    """Apply the request, and cut the connection before the response."""

    server: ImagineProServer
    is_active: bool

    async def apply(self, request: web.Request) -> web.StreamResponse:
        self.server.switch(111, is_active=self.is_active)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@pytest.fixture(autouse=True)
async def a_known_token(server: Server, imaginepro: ImagineProServer, monitor: Monitor) -> None:
    imaginepro.link(linked_token(111, fast_time="12.40/15 hours (82.67%)"))
    await server.set_up(server.keepers)
    await monitor.round()
    imaginepro.log.clear()


async def ask(server: Server, lever: str) -> simcord.InteractionResult:
    return await server.mod.slash(server.talk, f"fleet {lever}", token="111")


async def press(server: Server, asked: simcord.InteractionResult, label: str) -> str:
    """Press a button of the confirmation. Return what replaces it."""
    assert asked.response is not None
    await server.mod.click(asked.response, label=label)
    assert asked.response is not None
    return asked.response.content


async def audit(services: Services) -> list[Entry]:
    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=10)
    return [entry for entry in entries if entry.action in (Action.TOKEN_ENABLED, Action.TOKEN_DISABLED)]


async def test_nothing_happens_before_the_confirmation(server: Server, imaginepro: ImagineProServer) -> None:
    asked = await ask(server, "disable")

    assert asked.response is not None
    assert asked.ephemeral
    assert asked.response.content.startswith("Switch token 111 **off** at ImaginePro?")
    assert "Its status is FAST now." in asked.response.content
    assert server.mod.mention in asked.response.content
    assert PUT_111 not in imaginepro.log


async def test_a_switch_is_verified_and_audited(
    server: Server, imaginepro: ImagineProServer, services: Services
) -> None:
    answer = await press(server, await ask(server, "disable"), "Switch off")

    assert answer == "Token 111 is now switched off. ImaginePro has confirmed it."
    assert imaginepro.tokens[111].is_active is False
    assert [request.method for request in imaginepro.log] == ["GET", "PUT", "GET"]
    (entry,) = await audit(services)
    assert (entry.member_id, entry.action, entry.target, entry.outcome) == (
        server.mod.id,
        Action.TOKEN_DISABLED,
        "111",
        Outcome.DONE,
    )


async def test_a_token_can_be_switched_on_again(server: Server, imaginepro: ImagineProServer) -> None:
    imaginepro.switch(111, is_active=False)

    assert (await press(server, await ask(server, "enable"), "Switch on")).startswith("Token 111 is now switched on.")
    assert imaginepro.tokens[111].is_active is True


async def test_an_unchanged_state_is_left_alone(server: Server, imaginepro: ImagineProServer) -> None:
    assert said(await ask(server, "enable")) == "Token 111 is already switched on. Nothing was changed."
    assert PUT_111 not in imaginepro.log


async def test_cancel_changes_nothing(server: Server, imaginepro: ImagineProServer, services: Services) -> None:
    assert await press(server, await ask(server, "disable"), "Cancel") == "Nothing was changed."
    assert PUT_111 not in imaginepro.log
    assert await audit(services) == []


async def test_the_confirmation_works_after_a_restart(
    server: Server, imaginepro: ImagineProServer, new_bot: Fastwatch
) -> None:
    asked = await ask(server, "disable")
    await server.env.restart_bot(new_bot)

    assert asked.response is not None
    await server.mod.click(asked.response, label="Switch off")
    assert imaginepro.tokens[111].is_active is False


async def test_a_lost_response_is_checked(server: Server, imaginepro: ImagineProServer, services: Services) -> None:
    asked = await ask(server, "disable")
    imaginepro.queue(SwitchAndDrop(imaginepro, is_active=False))

    assert (await press(server, asked, "Switch off")).startswith("Token 111 is now switched off.")
    assert (await audit(services))[0].outcome is Outcome.DONE


async def test_a_request_that_never_arrived_is_reported_as_failed(
    server: Server, imaginepro: ImagineProServer, services: Services
) -> None:
    asked = await ask(server, "disable")
    imaginepro.queue(Drop())

    assert (await press(server, asked, "Switch off")).startswith("ImaginePro did not switch token 111 off")
    assert (await audit(services))[0].outcome is Outcome.REFUSED


async def test_an_unverifiable_switch_is_reported_as_uncertain(
    server: Server, imaginepro: ImagineProServer, services: Services
) -> None:
    asked = await ask(server, "disable")
    imaginepro.outage = Say(b"<html>", "text/html")

    assert (await press(server, asked, "Switch off")).startswith(
        "ImaginePro did not confirm that token 111 was switched off"
    )
    assert (await audit(services))[0].outcome is Outcome.UNCERTAIN


async def test_a_refusal_says_what_to_do_and_that_nothing_changed(
    server: Server, imaginepro: ImagineProServer, services: Services
) -> None:
    asked = await ask(server, "disable")
    imaginepro.queue(Refuse(HTTPStatus.FORBIDDEN))

    assert await press(server, asked, "Switch off") == "Nothing was changed."
    assert server.env.errors == []
    assert (await audit(services))[0].outcome is Outcome.REFUSED


async def test_the_alert_says_who_did_it_and_pings_nobody(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock
) -> None:
    await press(server, await ask(server, "disable"), "Switch off")
    await monitor.round()
    await monitor.round()

    (alert,) = await server.deliver()
    assert title_of(alert) == "⚫ **Token 111** is switched off"
    assert title_of(alert) == "⚫ **Token 111** is switched off"
    assert server.mod.mention in (alert.embeds[0].description or "")
    assert server.pings(alert) == []


async def test_a_token_disabled_by_someone_else_does_alert(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor
) -> None:
    imaginepro.switch(111, is_active=False)
    await monitor.round()
    await monitor.round()

    (alert,) = await server.deliver()
    assert server.pings(alert) == [server.keepers.id]
    assert title_of(alert) == "⚫ **Token 111** is switched off"


@pytest.mark.parametrize("typed", first_quick(["999", "1111", "", "../../x", "１１１"]))
async def test_only_tokens_of_this_account_can_be_switched(
    server: Server, imaginepro: ImagineProServer, typed: str
) -> None:
    result = await server.mod.slash(server.talk, "fleet disable", token=typed)

    assert refused(server, result).startswith("No token of this account has that name or number.")
    assert imaginepro.log == []


async def test_a_moderators_confirmation_cannot_be_answered_by_a_member(
    server: Server, imaginepro: ImagineProServer
) -> None:
    backend = server.env.backend
    button = {"type": 2, "style": 4, "label": "x", "custom_id": "fastwatch:switch:off:111"}
    row = {"type": 1, "components": [button]}
    backend.create_message(server.talk.id, backend.bot_user.id, "a question", components=[row])

    result = await server.member.click(server.talk.history()[-1])

    assert said(result).startswith("Only members with the Manage Server permission")
    assert imaginepro.log == []


async def test_the_command_suggests_the_known_tokens(server: Server) -> None:
    (choice,) = await server.mod.autocomplete(server.talk, "fleet disable", "token", "11")
    assert (choice["name"], choice["value"]) == ("🟢 111 · FAST · 12.4 h", "111")
