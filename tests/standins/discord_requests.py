"""Requests and responses of the stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from .changes import loop_time
from .discord_objects import Json

API_ROOT = "/api/v10"
_KEPT_HEADERS = ("Content-Type", "User-Agent", "X-Audit-Log-Reason")


@dataclass(slots=True)
class Request:
    """A request that came in. `status` is None until it is answered, and stays None if the connection was cut."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None
    files: list[tuple[str, bytes]] = field(default_factory=list)
    received: float = field(default_factory=loop_time)
    status: int | None = None
    parameters: dict[str, str] = field(default_factory=dict, repr=False)

    def id(self, name: str) -> int:
        """An id in the path."""
        value = self.parameters[name]
        return int(value) if value.isdecimal() else 0


@dataclass(slots=True)
class Answer:
    """An answer: JSON, text, or nothing."""

    status: int
    body: Json | list[Json] | str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        """As aiohttp sends it. discord.py compares the content type of JSON with exactly `application/json`."""
        if self.body is None:
            return web.Response(status=self.status, headers=self.headers)
        if isinstance(self.body, str):
            return web.Response(status=self.status, headers=self.headers, body=self.body.encode())
        headers = {"Content-Type": "application/json"} | self.headers
        return web.Response(status=self.status, headers=headers, body=json.dumps(self.body).encode())


@dataclass(slots=True, frozen=True)
class Route:
    """A route of the API: its path with placeholders, as the OpenAPI specification writes it."""

    method: str
    path: str
    handler: Callable[[Request], Json | list[Json] | None]
    needs_bot: bool = True


async def read_request(request: web.Request) -> Request:
    """Read everything a request brings; a body that is not JSON is kept as it came."""
    read = Request(
        method=request.method,
        path=request.path.removeprefix(API_ROOT),
        query=dict(request.query),
        headers={name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers},
        parameters=dict(request.match_info),
    )
    if request.content_type == "multipart/form-data":
        await _read_parts(request, read)
    else:
        read.body = _json(await request.text())
    return read


async def _read_parts(request: web.Request, read: Request) -> None:
    """Multipart: the JSON in `payload_json`, the files in `files[n]` (reference, Uploading Files)."""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "payload_json":
            read.body = _json(await part.text())
        else:
            read.files.append((part.filename or "unnamed", bytes(await part.read())))


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
