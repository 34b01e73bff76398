"""The page in the browser, kept up to date while people use the simulated channel.

SimCord's page is made for tests: it shows what a test has last published. What keeps it up to date is here, and with it
every use of SimCord's private parts except those in `bot.demo.world`. For them SimCord is pinned to version 3.2.1.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from simcord import Preview
from simcord.preview import _markdown

from bot.demo.page_files import CHANGED_FILES, changed
from bot.demo.world import World

_MESSAGE_EVENTS = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"})
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

    async def _act_in_turn(self, context_id: str | None, body: Any) -> dict[str, Any]:
        """Perform an action of a person on the page. SimCord refuses actions while it is busy, so this waits."""
        async with self._lock:
            # Otherwise relative times in the response would be counted from the last publication.
            self._preview._advance_presentation_time()
            receipt = await self._act(context_id, self._with_current_revision(context_id, body))
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


def _serve_changed_files(preview: Preview) -> None:
    """Serve the files of the page as `bot.demo.page_files` changes them."""
    serve = preview._server._static

    async def serve_changed(request: Any) -> Any:
        response = await serve(request)
        if request.path in CHANGED_FILES:
            response.text = changed(request.path, response.text)
        return response

    preview._server._static = serve_changed  # type: ignore[method-assign]


@asynccontextmanager
async def open_page(world: World, port: int) -> AsyncIterator[LivePage]:
    """Serve the page on this machine. Raises SetupError, caused by an OSError, if the port is not available."""
    for part in _WITH_MENTIONS:
        # SimCord's table of what each part of a message renders has no public setting.
        _markdown._FIELD_POLICIES[part]["mentions"] = True
    preview = world.env.preview(world.channel, viewers=(world.mod, world.member), layout="channel", port=port)
    page = LivePage(world, preview)
    _serve_changed_files(preview)
    async with preview:
        world.env.backend.subscribers.append(page.on_event)
        try:
            yield page
        finally:
            world.env.backend.subscribers.remove(page.on_event)
