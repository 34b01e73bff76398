"""The page in the browser, kept up to date while people use the simulated channel.

SimCord's page is made for tests: it shows what a test has last published. What keeps it up to date is here, and with it
every use of SimCord's private parts except those in `bot.demo.world` and `bot.demo.channels`. For them SimCord is
pinned to version 3.2.1.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import simcord
from aiohttp import web
from simcord import Preview, SetupError
from simcord.backend.cdn import CDN_BASE
from simcord.preview import _markdown
from simcord.preview._server import PreviewServer

from bot.demo.channels import ListedChannel, list_channels, topic_of
from bot.demo.page_files import CHANGED_FILES, CHANNELS, CHANNELS_SCRIPT, changed
from bot.demo.world import World

_MESSAGE_EVENTS = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"})
_SCRIPT = Path(__file__).with_name("channels.js")
# In an image, the pictures of the documentation are not there.
_AVATAR = Path(__file__).parents[2] / "docs" / "artwork" / "avatar.png"
_RESPONSES = frozenset({"response", "followup", "message"})
# Discord renders mentions in these parts of an embed, although they ping nobody. SimCord shows their source text.
_WITH_MENTIONS = ("embed_description", "embed_field_value")


class LivePage:
    """A channel in the browser. A lock keeps passing time and the actions of people apart."""

    def __init__(self, world: World, preview: Preview) -> None:
        self._world = world
        self._preview = preview
        self._lock = asyncio.Lock()
        self._has_changed = False
        # SimCord has no hook for actions on the page. `Preview._action` handles the request of each.
        self._act = preview._action
        preview._action = self._act_in_turn  # type: ignore[method-assign]
        self._payload = preview._page_payload
        preview._page_payload = self._payload_with_topic  # type: ignore[method-assign]

    @property
    def url(self) -> str:
        """The address of the page, which contains its access key."""
        return self._preview.url

    @property
    def is_watched(self) -> bool:
        """Whether the page is open in a browser."""
        # One page is SimCord's own: it has no public count of those in browsers.
        return len(self._preview._pages) > 1

    def revision(self, context_id: str) -> int:
        """Return the revision that a page in a browser, given by its id, must show now."""
        return self._preview._pages[context_id].revision

    async def wait_closed(self) -> None:
        """Wait until somebody ends the session on the page."""
        await self._preview.wait_closed()

    async def pass_time(self, seconds: float) -> None:
        """Advance the time, and publish the result if any message changed: each publication redraws the page."""
        async with self._lock:
            await self._world.pass_time(seconds)
            # `refresh` raises SetupError after the session was closed, for which SimCord has no public property.
            if self._has_changed and not self._preview._closed:
                self._has_changed = False
                await self._preview.refresh()

    async def publish(self) -> None:
        """Publish what was done outside the page, including messages that only one person may see."""
        async with self._lock:
            await self._preview.refresh()

    def on_event(self, event: str, payload: Mapping[str, Any]) -> None:
        """Handle an event of the simulated Discord."""
        self._has_changed = self._has_changed or event in _MESSAGE_EVENTS

    def channels(self, context_id: str | None) -> list[ListedChannel]:
        """Return the channels that the person on a page may open. Raises SetupError if there is no such page."""
        page = self._preview._get_page(context_id)
        return list_channels(self._world.env, page.viewer, page.channel_id)

    async def open_channel(self, context_id: str | None, channel_id: str) -> None:
        """Show another channel, a thread or a post on a page. Raises SetupError if that is not possible."""
        async with self._lock:
            page = self._preview._get_page(context_id)
            if not any(row.id == channel_id and row.canOpen for row in self.channels(context_id)):
                raise SetupError("this channel cannot be opened")
            page.channel_id = int(channel_id)
            page.target_id = page.window_end_id = self._preview._initial_target(page.viewer, page.channel_id)
            page.modal = page.modal_handle = None
            page.generation += 1
            self._preview._publish(page, reason="navigation")

    def _payload_with_topic(self, page: Any) -> dict[str, Any]:
        """Return what a page shows. SimCord knows no topic of a thread or a post."""
        payload = self._payload(page)
        if payload["status"] == "current":
            payload["channel"]["topic"] = topic_of(self._world.env, page.channel_id)
        return payload

    def _handle_of(self, context_id: str | None) -> simcord.ChannelHandle:
        """Return the channel of a page."""
        page = self._preview._pages.get(context_id or "")
        home = self._world.channel
        if page is None or page.channel_id == home.id:
            return home
        return simcord.ChannelHandle(home._env, home.guild, home._env.backend.channels[page.channel_id])

    async def _act_in_turn(self, context_id: str | None, body: Any) -> dict[str, Any]:
        """Perform an action of a person on the page. SimCord refuses actions while it is busy, so this waits."""
        async with self._lock:
            # Otherwise relative times in the response would be counted from the last publication.
            self._preview._advance_presentation_time()
            # SimCord sends commands to the one channel that it knows.
            self._preview.channel = self._handle_of(context_id)
            try:
                receipt = await self._act(context_id, self._with_current_revision(context_id, body))
            finally:
                self._preview.channel = self._world.channel
            self._scroll_to_response(context_id, receipt)
            return receipt

    def _with_current_revision(self, context_id: str | None, body: Any) -> Any:
        """Return an action with the latest revision of the page.

        SimCord refuses an action on an older revision, because a test should know what it acts on. Here an alert may
        arrive between two keystrokes. As in Discord, that does not invalidate a command or a button; everything else
        about the action is still checked.
        """
        page = self._preview._pages.get(context_id or "")
        seen = body.get("published_revision") if isinstance(body, Mapping) else None
        if page is None or not isinstance(seen, int) or seen >= page.revision:
            return body
        return {**body, "published_revision": page.revision}

    def _scroll_to_response(self, context_id: str | None, receipt: Mapping[str, Any]) -> None:
        """Scroll to the response, as Discord does. SimCord's page would not scroll."""
        page = self._preview._pages.get(context_id or "")
        responses = [outcome["messageId"] for outcome in receipt["outcomes"] if outcome["kind"] in _RESPONSES]
        if page is not None and responses:
            page.target_id = int(responses[-1])
            self._preview._publish(page)


def _serve_changed_files(preview: Preview, page: LivePage) -> None:
    """Serve the files of the page as `bot.demo.page_files` changes them, and the channels."""
    server = preview._server
    serve = server._static

    async def serve_changed(request: web.Request) -> web.Response:
        if request.path == CHANNELS:
            return await _channels(request, server, page)
        if request.path == CHANNELS_SCRIPT:
            return web.Response(
                text=_SCRIPT.read_text("utf-8"), content_type="application/javascript", headers=server._SECURITY_HEADERS
            )
        response: web.Response = await serve(request)
        if request.path in CHANGED_FILES:
            response.text = changed(request.path, response.text or "")
        return response

    server._static = serve_changed  # type: ignore[method-assign]
    # SimCord has a route for each of its files, and no hook for others.
    server._STATIC_FILES = {**server._STATIC_FILES, CHANNELS: "", CHANNELS_SCRIPT: ""}  # type: ignore[misc]


async def _channels(request: web.Request, server: PreviewServer, page: LivePage) -> web.Response:
    """List the channels, after opening one if asked."""
    context_id = request.headers.get("X-Simcord-Context")
    if not server._authorized(request, context=context_id):
        raise web.HTTPUnauthorized
    try:
        if "open" in request.query:
            await page.open_channel(context_id, request.query["open"])
        rows = page.channels(context_id)
    except SetupError:
        raise web.HTTPGone from None
    return web.json_response([asdict(row) for row in rows], headers=server._SECURITY_HEADERS)


def _avatar(world: World) -> dict[str, tuple[str, bytes]]:
    """Give the bot its avatar, if the picture is there. SimCord takes pictures by their address."""
    if not _AVATAR.exists():
        return {}
    bot = world.env.backend.bot_user
    bot.avatar = _AVATAR.stem
    return {f"{CDN_BASE}/avatars/{bot.id}/{bot.avatar}.png": (_AVATAR.name, _AVATAR.read_bytes())}


@asynccontextmanager
async def open_page(world: World, port: int) -> AsyncIterator[LivePage]:
    """Serve the page on this machine. Raises SetupError, caused by an OSError, if the port is not available."""
    for part in _WITH_MENTIONS:
        # SimCord's table of what each part of a message renders has no public setting.
        _markdown._FIELD_POLICIES[part]["mentions"] = True
    preview = world.env.preview(
        world.channel, viewers=(world.mod, world.member), layout="channel", port=port, assets=_avatar(world)
    )
    page = LivePage(world, preview)
    _serve_changed_files(preview, page)
    async with preview:
        world.env.backend.subscribers.append(page.on_event)
        try:
            yield page
        finally:
            world.env.backend.subscribers.remove(page.on_event)
