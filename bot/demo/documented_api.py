"""The documented API of ImaginePro, as a local HTTP server.

Paths, fields and errors follow ImaginePro's documentation of each call. Secrets and email addresses in the responses
are made up. They are included because the real responses contain such fields, and Fastwatch must drop them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, Protocol
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Json = dict[str, object]

MADE_UP_EMAIL: Final = "made-up-owner@example.invalid"
_MADE_UP_SERVER: Final = 1100000000000000000
_MADE_UP_CHANNEL: Final = 1200000000000000000
_LOOPBACK: Final = "127.0.0.1"
_SECONDS_FOR_OPEN_REQUESTS: Final = 0.1


def made_up_secret(token_id: int) -> str:
    """Return the value for the field in which the real responses have the secret of a Discord account."""
    return f"made-up-secret-of-token-{token_id}"


@dataclass(slots=True)
class LinkedToken:
    """A token of the account. `info` has the fields of `info` and `tokenInfo` in the responses."""

    token_id: int
    status: str
    info: Json
    is_active: bool = True
    concurrency: int = 3

    @property
    def channel_id(self) -> str:
        """The id of the made-up Discord channel it uses."""
        return str(_MADE_UP_CHANNEL + self.token_id)

    def listed(self) -> Json:
        """Return it as an item of the fleet's list."""
        return {
            "id": self.token_id,
            "token": made_up_secret(self.token_id),
            "channelId": self.channel_id,
            "serverId": str(_MADE_UP_SERVER + self.token_id),
            "isActive": self.is_active,
            "status": self.status,
            "info": self.info,
            "concurrency": self.concurrency,
        }

    def traced(self) -> Json:
        """Return its fields in the response of a trace."""
        return {
            "tokenId": self.token_id,
            "discordChannelId": self.channel_id,
            "tokenStatus": self.status,
            "tokenInfo": self.info,
        }


class Account(Protocol):
    """What the documented calls read, and the one thing they change."""

    @property
    def key(self) -> str:
        """The accepted API key."""

    @property
    def expires_at(self) -> datetime:
        """When the account expires."""

    @property
    def credits(self) -> int:
        """The credits left of the plan's 1,600."""

    @property
    def credits_extra(self) -> int:
        """The credits left that were bought."""

    @property
    def tokens(self) -> Mapping[int, LinkedToken]:
        """The current fleet, by id."""

    @property
    def messages(self) -> Mapping[UUID, int | None]:
        """The messages that exist, with the token of each; None if none is assigned yet."""

    def switch(self, token_id: int, *, is_active: bool) -> None:
        """Switch an existing token on or off."""


class DocumentedApi:
    """The documented calls, with the data of an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def application(self, *middlewares: Middleware) -> web.Application:
        """Return the web application. The middlewares get each request before its key is checked."""
        application = web.Application(middlewares=[*middlewares, self._check_key])
        routes = application.router
        routes.add_route("GET", "/api/v1/message/trace/{messageId:[^/]+}", self._trace)
        routes.add_route("GET", "/api/v1/discord/tokens", self._fleet)
        routes.add_route("GET", r"/api/v1/discord/token/{id:\d+}", self._token)
        routes.add_route("PUT", r"/api/v1/discord/token/{id:\d+}", self._switch)
        routes.add_route("GET", "/api/v1/subscription/account-info", self._account_info)
        routes.add_route("*", "/{unknown:.*}", _unknown_path)
        return application

    @web.middleware
    async def _check_key(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self._account.key}":
            return refusal(HTTPStatus.UNAUTHORIZED, "The API key is invalid.")
        return await handler(request)

    async def _trace(self, request: web.Request) -> web.Response:
        message_id = _message_id(request.match_info["messageId"])
        if message_id is None:
            return refusal(HTTPStatus.BAD_REQUEST, "messageId must be a UUID.")
        if message_id not in self._account.messages:
            return refusal(HTTPStatus.NOT_FOUND, "Message not found.")
        return web.json_response({"messageId": str(message_id)} | self._traced(self._account.messages[message_id]))

    def _traced(self, token_id: int | None) -> Json:
        """Return a token's fields in a trace. For one that is no longer in the fleet, that is only its id."""
        if token_id is None:
            return {}
        token = self._account.tokens.get(token_id)
        return token.traced() if token else {"tokenId": token_id}

    async def _fleet(self, _: web.Request) -> web.Response:
        return web.json_response([token.listed() for token in self._account.tokens.values()])

    async def _token(self, request: web.Request) -> web.Response:
        token = self._account.tokens.get(int(request.match_info["id"]))
        return web.json_response([token.listed()]) if token else refusal(HTTPStatus.NOT_FOUND, "Token not found.")

    async def _switch(self, request: web.Request) -> web.Response:
        wanted = await _wanted_switch(request)
        if wanted is None:
            return refusal(HTTPStatus.BAD_REQUEST, "isActive must be a boolean value.")
        token_id = int(request.match_info["id"])
        if token_id in self._account.tokens:
            self._account.switch(token_id, is_active=wanted)
        return await self._token(request)

    async def _account_info(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "type": "STARTER",
                "creditsQuota": 1600,
                "credits": self._account.credits,
                "creditsExtra": self._account.credits_extra,
                "expiredAt": _time(self._account.expires_at),
                "email": MADE_UP_EMAIL,
            }
        )


def refusal(status: HTTPStatus, message: str) -> web.Response:
    """Return an error response with the documented body."""
    body = {"message": message, "error": status.phrase, "statusCode": status.value}
    return web.json_response(body, status=status)


@asynccontextmanager
async def serving(application: web.Application, port: int) -> AsyncIterator[str]:
    """Serve the application on the loopback interface and yield its base URL. With port 0, the system chooses one."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SECONDS_FOR_OPEN_REQUESTS)
    await runner.setup()
    try:
        await web.TCPSite(runner, _LOOPBACK, port).start()
        yield f"http://{_LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _message_id(text: str) -> UUID | None:
    """Parse an id in the documented form; None if it is invalid. `UUID` also accepts braces and missing dashes."""
    try:
        message_id = UUID(text)
    except ValueError:
        return None
    return message_id if str(message_id) == text.lower() else None


async def _wanted_switch(request: web.Request) -> bool | None:
    try:
        body = await request.json()
    except ValueError:
        return None
    wanted = body.get("isActive") if isinstance(body, dict) else None
    return wanted if isinstance(wanted, bool) else None


def _time(time: datetime) -> str:
    """Return a time in the documented format, such as `2023-08-01T14:03:01.817Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _unknown_path(request: web.Request) -> web.Response:
    return refusal(HTTPStatus.NOT_FOUND, f"Cannot {request.method} {request.path}")
