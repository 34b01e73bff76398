"""A failure holds back what it is about: one message, one kind of request in one channel, one server, or everything."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
import discord
import pytest

from bot.domain.alert_routes import DisabledReason
from bot.domain.rules import Rules
from bot.notifier import sender as sender_module
from bot.notifier import wording
from bot.notifier.discord_errors import DISCORD_FAILURES, FailureScope, scope_of
from bot.notifier.wording import PLAIN_AFTER
from bot.storage.token_names import set_name
from bot.ui.alerts import OutgoingMessage
from tests.clocks import NOON
from tests.monitor.world import MINUTE, NotifierHarness, Team
from tests.notifier.test_broken_routes import route_of, to_mods
from tests.notifier.test_dispatcher import BANNED, FOR_EVER, SECOND, refusal
from tests.standins.discord_server import Fault
from tests.titles import title_of

OLD_MESSAGES = 30046  # Maximum number of edits to messages older than 1 hour reached
TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS


def limit(team: Team, method: str, seconds: float, **others: Any) -> Fault:
    path = team.posting if method == "POST" else team.editing
    return team.discord.faults.add(Fault(method, path, status=TOO_MANY, retry_after=seconds, **others))


def reject(team: Team, token_id: int, **others: Any) -> Fault:
    """Let Discord reject posts about one token."""
    return team.discord.faults.add(
        Fault("POST", team.posting, times=FOR_EVER, body=rf"Token {token_id}", status=HTTPStatus.BAD_REQUEST, **others)
    )


@pytest.mark.parametrize(
    "edge", [{"code": 40333}, {"code": 0}, {"is_page": True}], ids=["Internal Network Error", "no code", "HTML"]
)
async def test_a_403_of_discords_edge_disables_no_route(
    harness: NotifierHarness, team: Team, edge: dict[str, Any]
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, status=HTTPStatus.FORBIDDEN, **edge))
    await harness.posted(111, status="BANNED")
    await harness.after(2 * SECOND)

    assert team.titles() == [BANNED]
    assert (await route_of(harness, team)).disabled_reason is None
    assert to_mods(team) == []


@pytest.mark.parametrize("code", [50035, 200000], ids=["Invalid Form Body", "AutoMod"])
async def test_a_rejected_message_holds_back_that_message_only(harness: NotifierHarness, team: Team, code: int) -> None:
    await harness.world.set_rules(team.id, Rules(group_from=9, min_fast=0))
    rejected = reject(team, 111, code=code)
    await harness.posted(111, 222, status="RELAX")
    assert (rejected.hits, len(team.posted())) == (1, 1)

    await harness.posted(333, status="BANNED")
    assert len(team.posted()) == 2


async def test_an_alert_that_discord_rejects_is_sent_in_plain_form_and_moderators_read_why(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.world.set_rules(team.id, Rules(group_from=9))
    async with harness.world.database.transaction() as connection:
        await set_name(connection, team.id, 111, "a_bad_word", named_by=team.mod, now=NOON)
    rejected = team.discord.faults.add(
        Fault("POST", team.posting, times=FOR_EVER, body="a_bad_word|embeds", status=400, code=200000)
    )
    await harness.posted(111, 222, status="BANNED")
    for _ in range(10):
        await harness.after(SECOND)

    assert rejected.hits == 2 * PLAIN_AFTER
    first, second = team.posted()
    assert re.fullmatch(
        rf"<@&{team.role}> Alert \d+: token 111 left FAST \(BANNED\)\. Use `/alerts show` for more\.",
        first.content,
    )
    assert "token 222" in second.content
    assert (team.pinged(), first.embeds, first.custom_ids()) == (2, [], {})
    (notice,) = to_mods(team)
    assert f"<#{team.alerts}>: the server's AutoMod blocks the message." in notice.content
    assert await harness.waiting(team) == 0


async def test_an_error_of_the_bot_itself_is_not_blamed_on_discord(
    harness: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> OutgoingMessage:
        raise ValueError("a secret")

    monkeypatch.setattr(wording, "incident_message", fail)
    await harness.posted(111, status="BANNED")
    for _ in range(10):
        await harness.after(SECOND)

    (alert,) = team.posted()
    assert "token 111 left FAST (BANNED)" in alert.content
    (notice,) = to_mods(team)
    assert notice.content.startswith("An error in Fastwatch kept me")
    assert "ValueError" in notice.content
    assert "Discord" not in notice.content
    assert "secret" not in notice.content


async def test_moderators_read_each_reason_once_a_day(
    harness: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> OutgoingMessage:
        raise ValueError

    await harness.world.set_rules(team.id, Rules(group_from=9))
    with monkeypatch.context() as patched:
        patched.setattr(wording, "incident_message", fail)
        await harness.posted(111, 222, status="BANNED")
        for _ in range(10):
            await harness.after(SECOND)
    team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, body="embeds", status=400, code=200000))
    await harness.posted(333, status="BANNED")
    for _ in range(10):
        await harness.after(SECOND)

    notices = [notice.content for notice in to_mods(team)]
    assert ["ValueError" in notice for notice in notices] == [True, False]
    assert "AutoMod" in notices[1]


async def test_an_alert_whose_plain_form_is_rejected_says_only_that_there_is_one(
    harness: NotifierHarness, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, body="BANNED|banned", status=400, code=200000))
    await harness.posted(111, status="BANNED")
    for _ in range(40):
        await harness.after(2 * SECOND)

    (alert,) = team.posted()
    assert re.fullmatch(rf"<@&{team.role}> Alert \d+\. Use `/alerts show` for more\.", alert.content)
    assert team.pinged() == 1
    assert len(to_mods(team)) == 1


async def test_a_rejected_edit_holds_back_no_reply_and_becomes_plain(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    team.discord.faults.add(Fault("PATCH", team.editing, times=FOR_EVER, body='"description"', status=400, code=50035))
    await harness.posted(111, status="BANNED")
    assert team.pinged() == 2

    for _ in range(10):
        await harness.after(SECOND)
    alert, _worse = team.posted()
    assert "token 111 left FAST (BANNED)" in alert.content
    assert (alert.embeds, team.pinged(), await harness.waiting(team)) == ([], 2, 0)


async def test_an_alert_that_is_accepted_again_is_full_again(harness: NotifierHarness, team: Team) -> None:
    fault = team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, body="embeds", status=400, code=200000))
    await harness.posted(111, status="RELAX")
    for _ in range(10):
        await harness.after(SECOND)
    fault.times = 0
    await harness.posted(111, status="BANNED")

    assert title_of(team.posted()[0]) == BANNED
    assert team.posted()[0].custom_ids() != {}


# --- Rate limits


async def test_a_limit_on_edits_holds_back_edits_only(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    edits = limit(team, "PATCH", 600, code=OLD_MESSAGES)
    await harness.posted(111, 222, status="BANNED")

    alert, *others = team.posted()
    assert [other.reference_id for other in others].count(alert.id) == 1
    assert team.pinged() == 3
    await harness.after(9 * MINUTE)
    assert (edits.hits, len(team.discord.requests_to("PATCH", team.editing))) == (1, 1)
    assert title_of(alert) != BANNED

    await harness.after(4 * MINUTE)
    assert title_of(alert) == BANNED
    assert (len(team.posted()), await harness.waiting(team)) == (3, 0)


async def test_a_limit_on_edits_loses_nothing_that_a_mute_holds_back(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, 222, 333, status="RELAX")
    await harness.world.mute(team.id, 111, timedelta(hours=8), include_urgent=True)
    harness.world.clock.advance(60 * MINUTE)
    await harness.monitor.round()
    await harness.notifier.deliver_due()
    harness.world.clock.advance(298 * MINUTE)
    await harness.seen(111, status="BANNED")
    limit(team, "PATCH", 600, code=OLD_MESSAGES)
    harness.world.clock.advance(5 * MINUTE)
    await harness.monitor.round()
    await harness.notifier.deliver_due()
    reminded = team.posted()[-1]
    assert reminded.content.count("⏰") == 1

    for _ in range(14):
        await harness.after(10 * MINUTE)
    assert [message.content.count("🔺") for message in team.posted() if message.id > reminded.id] == [1]


async def test_an_edit_that_waits_does_not_hold_back_a_later_ping(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    limit(team, "PATCH", 600, code=OLD_MESSAGES)
    await harness.acknowledge(team)
    await harness.notifier.deliver_due()
    await harness.posted(111, status="BANNED")
    assert team.pinged() == 2

    await harness.after(13 * MINUTE)
    assert title_of(team.posted()[0]) == BANNED
    assert (team.pinged(), await harness.waiting(team)) == (2, 0)


async def test_the_end_is_told_while_edits_wait(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    limit(team, "PATCH", 600, code=OLD_MESSAGES)
    await harness.posted(111, status="FAST")
    await harness.after(13 * MINUTE)

    alert, over = team.posted()
    assert (over.reference_id, alert.custom_ids()) == (alert.id, {})
    assert await harness.waiting(team) == 0


async def test_a_limit_on_posts_in_one_channel_holds_back_no_other_channel(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.world.set_rules(team.id, Rules(min_fast=0))
    own = team.discord.add_channel(team.id, "own")
    await harness.set_up(team, channel_id=own, token_id=222)
    posts = limit(team, "POST", 60)
    await harness.posted(111, 222, 333, status="BANNED")
    assert (posts.hits, len(team.posted()), len(team.discord.messages(own))) == (1, 0, 1)
    assert len(team.discord.requests_to("POST", team.posting)) == 1

    await harness.after(timedelta(seconds=80))
    assert len(team.posted()) == 2


async def test_a_global_limit_holds_back_all_servers(harness: NotifierHarness, team: Team, other_team: Team) -> None:
    times = []

    async def note(_: object) -> None:
        times.append(harness.world.clock.now())

    limit(team, "POST", 60, for_all_routes=True)
    team.discord.faults.add(Fault("POST", other_team.posting, "call_before", times=FOR_EVER, callback=note))
    later = harness.world.clock.now() + 60 * MINUTE
    broken: dict[str, Any] = {"disabled_reason": DisabledReason.REFUSED, "retry_at": later}
    await harness.world.set_route(other_team.id, other_team.alerts, **broken)
    await harness.posted(111, status="BANNED")
    refused_at = harness.world.clock.now()
    await harness.world.set_route(other_team.id, other_team.alerts)
    await harness.after(SECOND)
    await harness.after(SECOND)

    assert min(times) - refused_at >= MINUTE


async def test_a_limit_is_respected_if_the_wait_for_it_was_cut_off(
    harness: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 0.1)
    limit(team, "POST", 5)
    await harness.posted(111, status="BANNED")
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 10)

    await harness.after(4 * SECOND)
    assert len(team.discord.requests_to("POST", team.posting)) == 1
    await harness.after(3 * SECOND)
    assert team.titles() == [BANNED]


async def test_discord_py_does_not_wait_as_long_as_a_send_may_take(harness: NotifierHarness, team: Team) -> None:
    posts = limit(team, "POST", 20)
    await harness.posted(111, status="BANNED")
    await harness.after(19 * SECOND)
    assert len(team.discord.requests_to("POST", team.posting)) == posts.hits == 1

    await harness.after(6 * SECOND)
    assert team.titles() == [BANNED]


@pytest.mark.parametrize(
    ("error", "scope"),
    [
        (refusal(400, 50035), FailureScope.MESSAGE),
        (refusal(400, 200000), FailureScope.MESSAGE),
        (refusal(403, 200000), FailureScope.MESSAGE),
        (refusal(413), FailureScope.MESSAGE),
        (ValueError(), FailureScope.MESSAGE),
        (discord.RateLimited(600.0), FailureScope.BUCKET),
        (refusal(429, 30046, Via="1.1 google"), FailureScope.BUCKET),
        (refusal(429, Via="1.1 google", X_RateLimit_Scope="shared"), FailureScope.BUCKET),
        (refusal(429, Via="1.1 google", X_RateLimit_Scope="global"), FailureScope.EVERYTHING),
        (refusal(429, Via="1.1 google", X_RateLimit_Global="true"), FailureScope.EVERYTHING),
        (refusal(429), FailureScope.EVERYTHING),
        (refusal(403), FailureScope.SERVER),
        (refusal(403, 40333), FailureScope.SERVER),
        (refusal(401), FailureScope.SERVER),
        (refusal(404), FailureScope.SERVER),
        (refusal(503), FailureScope.SERVER),
        (TimeoutError(), FailureScope.SERVER),
        (aiohttp.ClientConnectionError(), FailureScope.SERVER),
    ],
)
def test_the_scope_of_a_failure(error: Exception, scope: FailureScope) -> None:
    assert scope_of(error) is scope
    assert isinstance(error, DISCORD_FAILURES) is not isinstance(error, ValueError)
