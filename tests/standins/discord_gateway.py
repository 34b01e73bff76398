"""The gateway of the Discord stand-in: websocket sessions. Facts from https://discord.com/developers/docs/topics/gateway."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from http import HTTPStatus
from typing import Any

from aiohttp import WSMsgType, web

from .changes import loop_time
from .discord_objects import Json
from .discord_state import GUILDS, State

PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15)
"""Members, presences, message content: refused with 4014 unless the application was granted them."""


class Op(IntEnum):
    """Gateway opcodes (topics/opcodes-and-status-codes)."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class CloseCode(IntEnum):
    """Gateway close codes the stand-in uses."""

    NORMAL = 1000
    GOING_AWAY = 1001
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    DISALLOWED_INTENTS = 4014


@dataclass(slots=True)
class Connection:
    """One websocket connection, as a test sees it. Times are monotonic."""

    opened: float = field(default_factory=loop_time)
    session_id: str | None = None
    intents: int | None = None
    resumed: bool = False
    heartbeats: int = 0
    closed: float | None = None
    close_code: int | None = None


class _Link:
    """The sending side of one connection; sends in order without making the caller wait."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.socket = socket
        self.transport = transport
        self.record = Connection()
        self.session: _Session | None = None
        self.closed_with: int | None = None
        self.reading: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()

    def send(self, op: Op, data: Any = None) -> None:
        self.send_frame(json.dumps({"op": int(op), "d": data, "s": None, "t": None}))

    def send_frame(self, frame: str) -> None:
        self._outgoing.put_nowait(frame)

    async def write(self) -> None:
        """Send what is queued until the connection is gone."""
        with contextlib.suppress(ConnectionError):
            while True:
                await self.socket.send_str(await self._outgoing.get())

    def close(self, code: int) -> None:
        """Close from this side: the reader stops, since only a sole reader gets the response to the close frame."""
        self.closed_with = code
        if self.reading is not None:
            self.reading.cancel()

    def drop(self) -> None:
        """Cut the connection without a close frame."""
        if self.transport is not None:
            self.transport.abort()


@dataclass(slots=True)
class _Session:
    """What survives a connection: everything dispatched so far, so that a RESUME can replay it."""

    id: str
    shard: list[int]
    intents: int
    link: _Link | None
    frames: list[str] = field(default_factory=list)

    def dispatch(self, event: str, data: Json) -> None:
        sequence = len(self.frames) + 1
        self.frames.append(json.dumps({"op": int(Op.DISPATCH), "d": data, "s": sequence, "t": event}))
        if self.link is not None:
            self.link.send_frame(self.frames[-1])

    def replay(self, after: int) -> None:
        if self.link is not None:
            for frame in self.frames[after:]:
                self.link.send_frame(frame)


class Gateway:
    """The sessions and connections of the bot; each process that identifies has its own session."""

    def __init__(
        self, state: State, token: str, notify: Callable[[], None], *, heartbeat_interval: float, granted_intents: int
    ) -> None:
        state.dispatch = self.dispatch
        self.url = ""
        self.connections: list[Connection] = []
        self.identifies = 0
        self.resumes = 0
        self.refused = 0
        self._state = state
        self._token = token
        self._notify = notify
        self._heartbeat_interval = heartbeat_interval
        self._granted_intents = granted_intents
        self._sessions: dict[str, _Session] = {}
        self._links: set[_Link] = set()
        self._refusals: deque[int] = deque()

    @property
    def known(self) -> bool:
        """Whether any session exists that an event could reach, now or by a RESUME."""
        return bool(self._sessions)

    @property
    def connected(self) -> int:
        """How many sessions have a connection now."""
        return sum(session.link is not None for session in self._sessions.values())

    def dispatch(self, event: str, data: Json, intent: int = 0) -> None:
        """Send an event to every session that has the intent; those without a connection get it when they resume."""
        for session in self._sessions.values():
            if not intent or session.intents & intent:
                session.dispatch(event, data)
        self._notify()

    # Connection faults, for tests

    def refuse(self, times: int = 1, *, status: int = HTTPStatus.SERVICE_UNAVAILABLE) -> None:
        """Refuse the next connections with an HTTP status instead of the handshake; `refused` counts them.

        Cutting them would be no refusal: aiohttp's client tries a GET that was cut once more by itself.
        """
        self._refusals.extend([status] * times)

    def accept(self) -> None:
        """Stop refusing connections."""
        self._refusals.clear()

    def ask_to_reconnect(self) -> None:
        """Op 7: the bot has to reconnect and resume."""
        for link in self._links:
            link.send(Op.RECONNECT)

    def invalidate_sessions(self, *, resumable: bool) -> None:
        """Op 9: the session is invalid; unless it is resumable, the bot has to identify again."""
        for link in self._links:
            link.send(Op.INVALID_SESSION, resumable)
        if not resumable:
            self._sessions.clear()

    def drop(self) -> None:
        """Cut every connection without a close frame."""
        for link in self._links:
            link.drop()

    async def close(self, code: int) -> None:
        """Close every connection with a code."""
        links = list(self._links)
        for link in links:
            link.close(code)
        await asyncio.gather(*(link.ended.wait() for link in links))

    # Connections of the bot

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from the handshake to its end."""
        if self._refusals:
            self.refused += 1
            self._notify()
            return web.Response(status=self._refusals.popleft())
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        link = _Link(socket, request.transport)
        self._links.add(link)
        self.connections.append(link.record)
        writer = asyncio.create_task(link.write())
        link.send(Op.HELLO, {"heartbeat_interval": int(self._heartbeat_interval * 1000)})
        reading = link.reading = asyncio.create_task(self._read(link))
        try:
            await asyncio.wait({reading})
            if link.closed_with is not None:
                await socket.close(code=link.closed_with)
            if not reading.cancelled():
                reading.result()
        finally:
            reading.cancel()
            writer.cancel()
            self._ended(link)
        return socket

    async def _read(self, link: _Link) -> None:
        async for frame in link.socket:
            if frame.type is WSMsgType.TEXT:
                code = self._receive(link, frame.data)
                if code is not None:
                    link.closed_with = code
                    return
            self._notify()

    def _ended(self, link: _Link) -> None:
        """A normal close ends the session; every other end lets it be resumed."""
        self._links.discard(link)
        link.ended.set()
        link.record.closed = loop_time()
        link.record.close_code = link.closed_with or link.socket.close_code
        session = link.session
        if session is not None and session.link is link:
            session.link = None
            if link.closed_with is None and link.socket.close_code in (CloseCode.NORMAL, CloseCode.GOING_AWAY):
                self._sessions.pop(session.id, None)
        self._notify()

    def _receive(self, link: _Link, text: str) -> CloseCode | None:
        """Handle one frame. Return the code to close with, if any."""
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            return CloseCode.DECODE_ERROR
        if op == Op.HEARTBEAT:
            link.record.heartbeats += 1
            link.send(Op.HEARTBEAT_ACK)
            return None
        if op in (Op.IDENTIFY, Op.RESUME):
            return self._identify(link, data) if op == Op.IDENTIFY else self._resume(link, data)
        return CloseCode.NOT_AUTHENTICATED if link.session is None else self._receive_more(link.session, op, data)

    def _receive_more(self, session: _Session, op: int, data: Json) -> CloseCode | None:
        """Frames that need a session; presences and voice states are taken and not kept."""
        if op == Op.REQUEST_MEMBERS:
            self._send_members(session, data)
        return None if op in (Op.REQUEST_MEMBERS, Op.PRESENCE, Op.VOICE_STATE) else CloseCode.UNKNOWN_OPCODE

    def _identify(self, link: _Link, data: Json) -> CloseCode | None:
        self.identifies += 1
        if link.session is not None:
            return CloseCode.ALREADY_AUTHENTICATED
        if data.get("token") != self._token:
            return CloseCode.AUTHENTICATION_FAILED
        if data.get("intents", 0) & PRIVILEGED_INTENTS & ~self._granted_intents:
            return CloseCode.DISALLOWED_INTENTS
        state = self._state
        session = _Session(f"{state.snowflakes.next():x}", data.get("shard", [0, 1]), data.get("intents", 0), link)
        self._sessions[session.id] = session
        link.session = session
        link.record.session_id = session.id
        link.record.intents = session.intents
        session.dispatch("READY", self._ready(session))
        if session.intents & GUILDS:
            for guild in state.guilds.values():
                session.dispatch("GUILD_CREATE", state.guild_create_json(guild))
        return None

    def _ready(self, session: _Session) -> Json:
        state = self._state
        return {
            "v": 10,
            "user": state.user_json(state.bot.id),
            "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in state.guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": session.shard,
            "application": {"id": str(state.application_id), "flags": 0},
        }

    def _resume(self, link: _Link, data: Json) -> CloseCode | None:
        """Replay what was missed, then RESUMED; without such a session, op 9."""
        self.resumes += 1
        if data.get("token") != self._token:
            return CloseCode.AUTHENTICATION_FAILED
        session = self._sessions.get(data.get("session_id", ""))
        if session is None:
            link.send(Op.INVALID_SESSION, False)
            return None
        session.link = link
        link.session = session
        link.record.session_id = session.id
        link.record.resumed = True
        session.replay(data.get("seq") or 0)
        session.dispatch("RESUMED", {})
        return None

    def _send_members(self, session: _Session, data: Json) -> None:
        """Answer a request for members with one chunk."""
        state = self._state
        guild = state.guilds[int(data["guild_id"])]
        wanted = data.get("user_ids")
        members = [
            state.member_json(guild, user_id)
            for user_id in guild.members
            if (wanted is None or str(user_id) in map(str, wanted))
            and state.users[user_id].name.startswith(data.get("query") or "")
        ]
        chunk = {
            "guild_id": str(guild.id),
            "members": members,
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
            "nonce": data.get("nonce"),
        }
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
