"""The page of the demo, driven over HTTP as its own script does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.demo.live_page import LivePage, open_page
from bot.demo.page_files import CHANGED_FILES, HOW_TO_OPEN, changed
from bot.demo.scenarios.day import DAY, MESSAGE_OF_HEALTHY_TOKEN, MESSAGE_OF_TOKEN_RUNNING_OUT
from bot.demo.world import World, open_world
from bot.domain.modes import Mode
from tests.clocks import NOON
from tests.patience import GENEROUS

UNTIL_TOKEN_311_LEAVES_FAST = 4 * 60 + 1


class Tab:
    """The page in one tab of a browser."""

    def __init__(self, http: httpx.AsyncClient, opened: dict[str, Any]) -> None:
        self._http = http
        self._context = opened["context"]
        self._bot_generation = opened["botGeneration"]
        self._sequence = 0
        self.shown = opened

    @property
    def context_id(self) -> str:
        """Its own id."""
        return str(self._context["id"])

    async def look(self) -> dict[str, Any]:
        """Return what is shown now."""
        answer = await self._http.get("/api/state", headers={"X-Simcord-Context": self._context["id"]})
        self.shown = answer.raise_for_status().json()
        self._context = self.shown["context"]
        return self.shown

    async def act(self, kind: str, **details: Any) -> dict[str, Any]:
        """Act on the page as it was last seen."""
        self._sequence += 1
        envelope = {
            "protocol_version": 3,
            "sequence": self._sequence,
            "request_id": str(self._sequence),
            "generation": self._context["generation"],
            "bot_generation": self._bot_generation,
            "published_revision": self.shown["publishedRevision"],
            "kind": kind,
        }
        answer = await self._http.post(
            "/api/action", headers={"X-Simcord-Context": self._context["id"]}, json=envelope | details
        )
        receipt: dict[str, Any] = answer.raise_for_status().json()
        return receipt

    async def trace(self) -> dict[str, Any]:
        """Run `/trace`."""
        options = {"message_id": str(MESSAGE_OF_TOKEN_RUNNING_OUT)}
        return await self.act("run_command", options=options, **await self._command("trace"))

    async def complete(self, typed: str) -> list[str]:
        """Return the suggestions of `/trace` for this input."""
        receipt = await self.act(
            "autocomplete_command", focused="message_id", value=typed, options={}, **await self._command("trace")
        )
        return [choice["value"] for choice in receipt["result"]["choices"]]

    async def _command(self, name: str) -> dict[str, Any]:
        headers = {"X-Simcord-Context": self._context["id"]}
        catalog = (await self._http.get("/api/commands", headers=headers)).raise_for_status().json()
        [command] = [entry for entry in catalog["entries"] if entry["invocation"] == name]
        return {
            "command_id": command["commandId"],
            "path": command["path"],
            "schema_fingerprint": command["schemaFingerprint"],
        }

    def words(self) -> list[str]:
        """Return the contents of the shown Discord messages."""
        return [self.shown["messages"][one]["content"] for one in self.shown["timeline"]]


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    # The page does not show the history, and a year of it takes seconds to write.
    async with open_world(NOON, replace(DAY, past=timedelta(days=2))) as world:
        yield world


@pytest_asyncio.fixture
async def page(world: World) -> AsyncIterator[LivePage]:
    async with open_page(world, port=0) as page:
        yield page


@pytest_asyncio.fixture
async def http(page: LivePage) -> AsyncIterator[httpx.AsyncClient]:
    base_url, _, capability = page.url.partition("/#")
    headers = {"X-Simcord-Capability": capability}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, trust_env=False) as http:
        yield http


async def open_tab(http: httpx.AsyncClient) -> Tab:
    return Tab(http, (await http.post("/api/pages", json={})).raise_for_status().json())


async def let_token_311_leave_fast(world: World, page: LivePage) -> None:
    await world.monitor.round()
    for pause in (UNTIL_TOKEN_311_LEAVES_FAST, 8):
        await page.pass_time(pause)
        await world.monitor.round()
    await world.bot.notifier.deliver_due()
    await page.pass_time(1)


async def test_the_day_starts_with_alerts_set_up_a_question_and_a_trace(http: httpx.AsyncClient) -> None:
    set_up, question, trace = (await open_tab(http)).words()

    assert set_up.startswith("Alerts now go to <#")
    assert str(MESSAGE_OF_TOKEN_RUNNING_OUT) in question
    assert trace == ""


async def test_it_runs_once_it_is_open_in_a_browser(page: LivePage, http: httpx.AsyncClient) -> None:
    assert not page.is_watched
    await open_tab(http)
    assert page.is_watched


async def test_time_passes_equally_for_the_bot_and_discord(world: World, page: LivePage) -> None:
    before = world.clock.now()
    await page.pass_time(90)

    assert (world.clock.now() - before).total_seconds() == 90
    assert world.env.now() == world.clock.now()


async def test_an_alert_appears_by_itself(world: World, page: LivePage, http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    await let_token_311_leave_fast(world, page)
    await tab.look()

    assert tab.words()[-1].startswith(f"{world.keepers.mention} 🟡 **Token 311** is in {Mode.RELAX.value}")


async def test_it_describes_what_a_page_shows(page: LivePage, http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    before = tab.shown["publishedRevision"]
    await tab.trace()
    await tab.look()

    assert page.revision(tab.context_id) == tab.shown["publishedRevision"] > before


async def test_no_update_is_published_without_a_change(page: LivePage, http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    await page.pass_time(1)
    before = (await tab.look())["publishedRevision"]
    await page.pass_time(1)

    assert (await tab.look())["publishedRevision"] == before


async def test_a_command_typed_during_an_alert_runs(world: World, page: LivePage, http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    await let_token_311_leave_fast(world, page)
    receipt = await tab.trace()

    assert (receipt["rejected"], receipt["settlement"], receipt["diagnostics"]) == (False, "settled", [])


async def test_recent_traces_are_suggested(http: httpx.AsyncClient) -> None:
    tab, traced = await open_tab(http), str(MESSAGE_OF_HEALTHY_TOKEN)

    assert await tab.complete(traced[:10]) == [traced]
    assert await tab.complete(traced) == [traced]


async def test_the_files_of_the_page_are_served_with_the_changes_of_the_demo(http: httpx.AsyncClient) -> None:
    served = {path: (await http.get(path)).raise_for_status().text for path in sorted(CHANGED_FILES)}

    assert served["/app.js"].count(HOW_TO_OPEN) == 2
    assert "Unavailable channel" not in served["/"]
    with pytest.raises(ValueError, match="not the expected one"):
        changed("/commands.js", served["/commands.js"])


async def test_other_parts_of_an_action_are_still_checked(http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    receipt = await tab.act("click", target_id=tab.shown["targetId"], control_key="message:1:component:0")

    assert receipt["rejected"]


@pytest.mark.slow
async def test_concurrent_actions_run_in_order(page: LivePage, http: httpx.AsyncClient) -> None:
    tabs = [await open_tab(http) for _ in range(3)]
    passing = asyncio.create_task(page.pass_time(5))
    receipts = await asyncio.gather(*(tab.trace() for tab in tabs))
    await passing

    assert [receipt["settlement"] for receipt in receipts] == ["settled"] * 3


async def test_the_response_is_scrolled_into_view(http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    [outcome, *_] = (await tab.trace())["outcomes"]

    assert (await tab.look())["targetId"] == outcome["messageId"] == tab.shown["timeline"][-1]


@pytest.mark.slow
async def test_the_session_can_be_ended_from_the_browser(page: LivePage, http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    await tab.act("close")
    async with asyncio.timeout(GENEROUS):
        await page.wait_closed()
    await page.pass_time(1)


@pytest.mark.slow
async def test_threads_and_posts_are_listed_and_opened(world: World, http: httpx.AsyncClient) -> None:
    tab, backend = await open_tab(http), world.env.backend
    thread = backend.create_thread(world.channel.id, "owners", world.mod.id)
    await world.mod.slash(world.channel, "alerts setup", channel=world.forum)
    await world.mod.slash(world.channel, "alerts test")
    await world.bot.notifier.deliver_due()
    [post] = world.forum.threads

    async def channels(**query: int) -> httpx.Response:
        return await http.get("/channels", headers={"X-Simcord-Context": tab.context_id}, params=query)

    before, after = (await channels()).json(), (await channels(open=post.id)).json()
    await tab.look()

    labels = {row["id"]: row["label"].replace("\xa0", " ").strip() for row in before}
    assert list(labels) == [str(one) for one in (world.channel.id, thread.id, world.forum.id, post.id)]
    assert (labels[str(thread.id)], labels[str(world.channel.id)]) == ("↳ owners", "# midjourney")
    assert [row["id"] for row in before if row["isOpen"]] == [str(world.channel.id)]
    assert [row["id"] for row in after if row["isOpen"]] == [str(post.id)]
    assert (tab.shown["channelId"], tab.shown["channel"]["topic"]) == (str(post.id), "post in #incidents")
    assert "This is a test alert" in tab.words()[0]
    assert (await channels(open=world.forum.id)).status_code == 410, "a forum itself has no messages"
    assert (await http.get("/channels", headers={"X-Simcord-Capability": "another"})).status_code == 401


@pytest.mark.slow
async def test_a_command_is_run_where_the_page_is(world: World, http: httpx.AsyncClient) -> None:
    tab = await open_tab(http)
    thread = world.env.backend.create_thread(world.channel.id, "owners", world.mod.id)
    opened = await http.get("/channels", headers={"X-Simcord-Context": tab.context_id}, params={"open": thread.id})
    await tab.look()
    receipt = await tab.trace()

    assert opened.status_code == 200
    assert (receipt["rejected"], receipt["settlement"], receipt["diagnostics"]) == (False, "settled", [])
    assert [one.embeds[0].title for one in world.channel.threads[0].history() if one.embeds]
