"""Faults set up by a test: which request fails, how, and how often."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from .discord_objects import Json
from .discord_requests import Answer, Request

FaultKind = Literal["status", "drop_before", "drop_after", "delay", "call_before", "call_after"]

_PAGE = "<html><head><title>{title}</title></head><body>{title}</body></html>"


@dataclass(slots=True)
class Fault:
    """One fault of requests whose method, path (below /api/v10) and body match; both are regular expressions.

    status: answer with `status`, take no effect. 429 carries `retry_after`; without `via` it looks like Cloudflare's.
    With `is_page`, the answer is a page of HTML, as of Discord's edge; a 502 always is.
    drop_before, drop_after: cut the connection, before or after the request took effect. aiohttp's client tries a GET,
    PUT or DELETE that was cut once more by itself, so those need `times=2` to be noticed.
    delay: wait `seconds`, then go on as usual.
    call_before, call_after: await `callback`, before or after the request took effect.
    """

    method: str
    path: str
    kind: FaultKind = "status"
    times: int = 1
    skip: int = 0
    body: str = ""
    status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    code: int = 0
    message: str | None = None
    retry_after: float = 0.05
    via: bool = True
    is_page: bool = False
    for_all_routes: bool = False
    seconds: float = 0.0
    callback: Callable[[Request], Awaitable[None]] | None = None
    hits: int = field(default=0, init=False)

    def takes(self, request: Request) -> bool:
        """Whether this request is affected by this fault; counts it if so."""
        if self.times == 0 or request.method != self.method or not re.fullmatch(self.path, request.path):
            return False
        if self.body and not re.search(self.body, json.dumps(request.body, ensure_ascii=False)):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        self.hits += 1
        return True

    async def act(self, request: Request) -> None:
        """Apply a fault of kind `delay` or `call`."""
        if self.callback is not None:
            await self.callback(request)
        await asyncio.sleep(self.seconds)

    def answer(self) -> Answer:
        """Return the response of a fault of kind `status`."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._too_many_requests()
        phrase = HTTPStatus(self.status).phrase
        if self.is_page or self.status == HTTPStatus.BAD_GATEWAY:
            return Answer(self.status, _PAGE.format(title=f"{self.status} {phrase}"), {"Content-Type": "text/html"})
        return Answer(self.status, {"message": self.message or f"{self.status}: {phrase}", "code": self.code})

    def _too_many_requests(self) -> Answer:
        """As in topics/rate-limits: the header in whole seconds, the body in fractions."""
        body: Json = {
            "message": self.message or "You are being rate limited.",
            "retry_after": self.retry_after,
            "global": self.for_all_routes,
        }
        if self.code:
            body["code"] = self.code
        headers = {"Retry-After": str(-int(-self.retry_after // 1))}
        headers["X-RateLimit-Scope"] = "global" if self.for_all_routes else "user"
        if self.for_all_routes:
            headers["X-RateLimit-Global"] = "true"
        if self.via:
            headers["Via"] = "1.1 google"
        return Answer(self.status, body, headers)


class Faults:
    """The faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Add a fault, and return it, so that a test can check its `hits`."""
        if fault.kind.startswith("call") and fault.callback is None:
            raise ValueError("a fault that calls needs a callback")
        self._faults.append(fault)
        return fault

    def discard(self, fault: Fault) -> None:
        """Remove a fault, if it is still there."""
        self._faults = [each for each in self._faults if each is not fault]

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def take(self, request: Request) -> Fault | None:
        """Return the first fault that affects this request."""
        return next((fault for fault in self._faults if fault.takes(request)), None)
