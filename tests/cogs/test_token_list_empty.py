"""`/token list` without tokens: one sentence that says what to do."""

from http import HTTPStatus

from bot.monitor.monitor import Monitor
from bot.ui import texts
from tests.cogs.server import Server, card
from tests.standins.imaginepro_server import ImagineProServer, Refuse


async def answer(server: Server) -> str:
    result = await server.member.slash(server.talk, "token list")
    assert result.response is not None
    assert result.response.components == []
    return card(result).description or ""


async def test_before_the_first_round(server: Server) -> None:
    assert await answer(server) == texts.fleet.NO_CHECK_YET


async def test_fleet_without_tokens(server: Server, monitor: Monitor) -> None:
    await monitor.round()

    assert await answer(server) == texts.fleet.EMPTY


async def test_key_without_permission_to_list_its_fleet(
    server: Server, imaginepro: ImagineProServer, monitor: Monitor
) -> None:
    imaginepro.queue(Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this."))
    await monitor.round()

    assert await answer(server) == texts.fleet.NO_FLEET
