"""A token's own switch: sent once, to its one path."""

import json
from http import HTTPStatus

import httpx
import pytest
from pydantic import SecretStr

from bot.imaginepro.client import open_imaginepro
from bot.imaginepro.errors import (
    BadRequest,
    ImagineProError,
    InvalidResponse,
    NotInPlan,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from tests.clocks import SetClock

KEY = SecretStr("made-up-key")


class Upstream:
    """Returns one response, and records the requests."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status = status
        self.content = content
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if not self.status:
            raise httpx.ReadError("cut")
        return httpx.Response(self.status, content=self.content)


async def switch(upstream: Upstream, *, is_active: bool) -> bool | None:
    transport = httpx.MockTransport(upstream)
    async with open_imaginepro("https://imaginepro.invalid", KEY, SetClock(), transport=transport) as client:
        return (await client.switch(111, is_active=is_active)).is_active


@pytest.mark.parametrize("is_active", [True, False])
async def test_the_switch_request_is_as_documented(is_active: bool) -> None:
    upstream = Upstream(200, json.dumps([{"id": 111, "status": "FAST", "isActive": is_active}]).encode())

    assert await switch(upstream, is_active=is_active) is is_active
    (request,) = upstream.asked
    assert (request.method, request.url.path) == ("PUT", "/api/v1/discord/token/111")
    assert json.loads(request.content) == {"isActive": is_active}


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (0, b"", Unreachable),
        (HTTPStatus.BAD_GATEWAY, b"<html>", Unreachable),
        (HTTPStatus.OK, b"<html>", InvalidResponse),
        (HTTPStatus.OK, b'[{"id": 112}]', InvalidResponse),
        (HTTPStatus.UNAUTHORIZED, b'{"message": "No.", "statusCode": 401}', Unauthorized),
        (HTTPStatus.FORBIDDEN, b'{"message": "No.", "statusCode": 403}', NotInPlan),
        (HTTPStatus.BAD_REQUEST, b'{"message": "No.", "statusCode": 400}', BadRequest),
        (HTTPStatus.FORBIDDEN, b"<html>", InvalidResponse),
        (HTTPStatus.TOO_MANY_REQUESTS, b"", RateLimited),
    ],
)
async def test_a_write_is_never_retried(status: int, content: bytes, error: type[ImagineProError]) -> None:
    upstream = Upstream(status, content)

    with pytest.raises(error):
        await switch(upstream, is_active=False)
    assert len(upstream.asked) == 1
