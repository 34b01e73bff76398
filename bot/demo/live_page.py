"""The page in the browser that follows a simulated channel while people use it.

SimCord's page is made for tests: it shows what was last published, and publishing is the test's to do. All that keeps
it up to date by itself is here, with every reach into its inner parts; SimCord is pinned to one version for them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from simcord import Preview
from simcord.preview import _markdown

from bot.demo.world import World

_NEWS = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"})
_ANSWERS = frozenset({"response", "followup", "message"})
# Discord shows mentions in these, too, although they ping nobody there; SimCord shows them as they are written.
_WITH_MENTIONS = ("embed_description", "embed_field_value")


class LivePage:
    """A channel in the browser. Time that passes through it takes turns with what people do on the page."""

    def __init__(self, world: World, preview: Preview) -> None:
        self._world = world
        self._preview = preview
        self._turn = asyncio.Lock()
        self._has_news = False
        self._act = preview._action
        preview._action = self._act_in_turn  # type: ignore[method-assign]

    @property
    def url(self) -> str:
        """Tell the address, which holds the key to the page."""
        return self._preview.url

    @property
    def is_watched(self) -> bool:
        """Tell whether the page is open in a browser; one page is SimCord's own."""
        return len(self._preview._pages) > 1

    def revision(self, context_id: str) -> int:
        """Tell which publication a page in a browser, known by its own id, is to show by now."""
        return self._preview._pages[context_id].revision

    async def wait_closed(self) -> None:
        """Wait until somebody ends the session on the page."""
        await self._preview.wait_closed()

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and publish what came of it, if anything did: each publishing draws the page anew."""
        async with self._turn:
            await self._world.pass_time(seconds)
            if self._has_news and not self._preview._closed:
                self._has_news = False
                await self._preview.refresh()

    async def publish(self) -> None:
        """Publish what was done by others than those on the page, even where only one of them may see it."""
        async with self._turn:
            await self._preview.refresh()

    def notice(self, event: str, payload: Mapping[str, Any]) -> None:
        """Take note of an event of the simulated Discord."""
        self._has_news = self._has_news or event in _NEWS

    async def _act_in_turn(self, context_id: str | None, body: Any) -> dict[str, Any]:
        """Do what a person did on the page. SimCord refuses what comes while it is busy, so this waits its turn."""
        async with self._turn:
            # Otherwise the answer's "3 minutes ago" would be counted from when the page was last published.
            self._preview._advance_presentation_time()
            receipt = await self._act(context_id, self._brought_up_to_date(context_id, body))
            self._bring_into_view(context_id, receipt)
            return _without_what_is_typed(receipt, body)

    def _brought_up_to_date(self, context_id: str | None, body: Any) -> Any:
        """Have an action speak of the latest publication.

        SimCord refuses an action on an older one, for a test should know what it acts on. Here an alert may come in
        between two keystrokes. As in Discord, that takes nothing away from a command or a button, and all else about
        the action is still checked.
        """
        page = self._preview._pages.get(context_id or "")
        seen = body.get("published_revision") if isinstance(body, Mapping) else None
        if page is None or not isinstance(seen, int) or seen >= page.revision:
            return body
        return {**body, "published_revision": page.revision}

    def _bring_into_view(self, context_id: str | None, receipt: Mapping[str, Any]) -> None:
        """Scroll to the answer, as Discord does; SimCord's page stays where it is."""
        page = self._preview._pages.get(context_id or "")
        answers = [outcome["messageId"] for outcome in receipt["outcomes"] if outcome["kind"] in _ANSWERS]
        if page is not None and answers:
            page.target_id = int(answers[-1])
            self._preview._publish(page)


def _without_what_is_typed(receipt: dict[str, Any], body: Any) -> dict[str, Any]:
    """Leave out the completion that stands there already: on SimCord's page, Enter would choose it again for ever."""
    completions = receipt.get("result", {})
    if "choices" not in completions:
        return receipt
    choices = [choice for choice in completions["choices"] if choice["value"] != body["value"]]
    return {**receipt, "result": {**completions, "choices": choices}}


@asynccontextmanager
async def open_page(world: World, port: int) -> AsyncIterator[LivePage]:
    """Serve the page on this machine. Raises SetupError, by an OSError, where the port cannot be had."""
    for part in _WITH_MENTIONS:
        _markdown._FIELD_POLICIES[part]["mentions"] = True
    preview = world.env.preview(world.channel, viewers=(world.mod, world.member), layout="channel", port=port)
    page = LivePage(world, preview)
    async with preview:
        world.env.backend.subscribers.append(page.notice)
        try:
            yield page
        finally:
            world.env.backend.subscribers.remove(page.notice)
