"""The random faults of a soak, and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from random import Random

from aiohttp import web

from tests.standins.discord_faults import Fault, Faults
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_requests import Request
from tests.standins.imaginepro_server import GATEWAY_PAGE, LOGIN_PAGE, MALFORMED, Drop, Refuse, Say
from tests.standins.imaginepro_server import Fault as ImagineProFault

_LONGEST_ASKED = 20
"""Discord's Retry-After in seconds of the bot's clock."""
_LONGEST_DELAY = 0.2


def _slow_down(random: Random, *, via: bool = True, for_all_routes: bool = False) -> Fault:
    asked = random.uniform(0, _LONGEST_ASKED)
    return Fault("", "", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=asked, via=via, for_all_routes=for_all_routes)


# Faults of messages, and of the bot's other requests to Discord.
_KINDS: dict[str, Callable[[Random], Fault]] = {
    "429": _slow_down,
    "429 for all routes": lambda random: _slow_down(random, for_all_routes=True),
    "429 of the edge, without Via": lambda random: _slow_down(random, via=False),
    "403 of the edge, a page": lambda _: Fault("", "", status=HTTPStatus.FORBIDDEN, is_page=True),
    "403 of the edge, code 40333": lambda _: Fault("", "", status=HTTPStatus.FORBIDDEN, code=40333),
    "500": lambda _: Fault("", "", status=HTTPStatus.INTERNAL_SERVER_ERROR),
    "502": lambda _: Fault("", "", status=HTTPStatus.BAD_GATEWAY),
    "503": lambda _: Fault("", "", status=HTTPStatus.SERVICE_UNAVAILABLE),
    "cut off before the effect": lambda _: Fault("", "", "drop_before"),
    "cut off after the effect": lambda _: Fault("", "", "drop_after"),
    "slow": lambda random: Fault("", "", "delay", seconds=random.uniform(0, _LONGEST_DELAY)),
}
_OUTAGE = ("502", "503", "cut off before the effect")
_GATEWAY_KINDS: dict[str, Callable[[Gateway], None]] = {
    "gateway: reconnect (op 7)": lambda gateway: gateway.ask_to_reconnect(),
    "gateway: session invalid (op 9)": lambda gateway: gateway.invalidate_sessions(resumable=False),
    "gateway: session invalid, to be resumed": lambda gateway: gateway.invalidate_sessions(resumable=True),
    "gateway: cut off": lambda gateway: gateway.drop(),
}
IMAGINEPRO_KINDS: dict[str, ImagineProFault] = {
    "ImaginePro: 429": Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "20"}),
    "ImaginePro: 503": Refuse(HTTPStatus.SERVICE_UNAVAILABLE),
    "ImaginePro: a page of a gateway": GATEWAY_PAGE,
    "ImaginePro: a page to log in": LOGIN_PAGE,
    "ImaginePro: 403, a page": Say(b"<html><title>Just a moment...</title></html>", "text/html", HTTPStatus.FORBIDDEN),
    "ImaginePro: an empty fleet": Say(b"[]"),
    "ImaginePro: a fleet without statuses": Say(b'[{"id": 101, "status": null, "isActive": true, "info": {}}]'),
    "ImaginePro: half an answer": MALFORMED,
    "ImaginePro: cut off": Drop(),
}


@dataclass(frozen=True)
class CountedFault:
    """A fault of ImaginePro that is counted when it occurs."""

    name: str
    fault: ImagineProFault
    hits: Counter[str]

    async def apply(self, request: web.Request) -> web.StreamResponse | None:
        """Apply the fault."""
        self.hits[self.name] += 1
        return await self.fault.apply(request)


class RandomFaults(Faults):
    """Affects requests to Discord while on: at random, or all during an outage. A test's own faults come first."""

    def __init__(self, random: Random, share: float) -> None:
        super().__init__()
        self.hits: Counter[str] = Counter()
        self.is_on = True
        self.is_out = False
        self._random = random
        self._share = share

    def take(self, request: Request) -> Fault | None:
        """Return this request's fault."""
        if (fault := super().take(request)) is not None or not self.is_on:
            return fault
        if not self.is_out and self._random.random() >= self._share:
            return None
        name = self._random.choice(_OUTAGE if self.is_out else list(_KINDS))
        self.hits[name] += 1
        return _KINDS[name](self._random)

    def fail_gateway(self, gateway: Gateway) -> None:
        """Break the connections, if there are any."""
        if gateway.connected:
            name = self._random.choice(list(_GATEWAY_KINDS))
            self.hits[name] += 1
            _GATEWAY_KINDS[name](gateway)
