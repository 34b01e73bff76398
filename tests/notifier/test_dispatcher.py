"""The notifier, with a real client of discord.py, against a Discord that fails as the real one does."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import aiohttp
import discord
import pytest
import structlog

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.notifier import dispatcher
from bot.notifier import sender as sender_module
from bot.notifier.discord_errors import describe_error, disabled_reason, seconds_before_retry
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.sender import Sender
from bot.storage.alerts_off import switch_off as switch_off_alerts
from bot.storage.claims import servers_due
from bot.storage.due_times import CLAIM_DURATION
from bot.ui import texts
from tests.cases import first_quick
from tests.monitor.world import NotifierHarness, Team, connected_client
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import Fault, Request
from tests.titles import is_back, title_of

FOR_EVER = 1_000_000
SECOND = timedelta(seconds=1)


def titled(kind: AlertType, mode: Mode, token_id: int = 111) -> str:
    return texts.incidents.TITLES[kind].format(
        sign=texts.common.SIGNS[mode], token=f"**Token {token_id}**", status=mode.value
    )


def group(number: int, worst: Mode) -> str:
    tally = f"1 BANNED, {number - 1} RELAX" if worst is Mode.BANNED else f"{number} {worst.value}"
    words = texts.incidents.TITLE_GROUP[IncidentType.MODE]
    return words.format(sign=texts.common.SIGNS[worst], number=number, tally=tally)


RELAX = titled(AlertType.LEFT_FAST, Mode.RELAX)
BANNED = titled(AlertType.BANNED, Mode.BANNED)


# --- One incident, one current Discord message


async def test_an_incident_is_one_edited_alert_plus_replies(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    (alert,) = team.posted()
    assert (title_of(alert), team.pinged()) == (RELAX, 1)

    await harness.posted(111, status="BANNED")
    assert [title_of(alert), team.pinged()] == [BANNED, 2]

    await harness.posted(111, status="FAST")
    alert, worse, over = team.posted()
    assert is_back(alert)
    assert [(reply.reference_id, reply.silent) for reply in (worse, over)] == [(alert.id, False), (alert.id, True)]
    assert team.pinged() == 2
    assert await harness.waiting(team) == 0


async def test_hours_that_return_while_a_token_is_out_of_fast_are_shown(harness: NotifierHarness, team: Team) -> None:
    token = harness.world.imaginepro.tokens[111]
    token.info["fastTimeRemaining"] = "0.00/15.0 hours (0.00%)"
    await harness.posted(111, status="RELAX")
    assert team.posted()[0].embeds[0]["description"].startswith("0 of 15 h left")

    token.info["fastTimeRemaining"] = "15.00/15.0 hours (100.00%)"
    await harness.posted(111, status="RELAX")
    assert team.posted()[0].embeds[0]["description"].startswith("15 of 15 h left")
    assert team.pinged() == 1

    edits = team.posted()[0].edits
    await harness.posted(111, status="RELAX")
    assert team.posted()[0].edits == edits


async def test_several_undelivered_changes_are_posted_as_the_current_state(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.seen(111, status="RELAX")
    await harness.seen(111, status="BANNED")
    await harness.posted(111, status="VERIFYING")

    assert team.titles() == [titled(AlertType.VERIFYING, Mode.VERIFYING)]
    assert team.pinged() == 1


async def test_incidents_resolved_before_posting_are_one_silent_line(harness: NotifierHarness, team: Team) -> None:
    await harness.seen(111, status="RELAX")
    await harness.posted(111, status="FAST")

    (line,) = team.posted()
    assert line.content.startswith(texts.alerts.MISSED)
    assert line.silent
    assert not line.embeds
    assert team.pinged() == 0


async def test_a_deleted_alert_is_posted_again_by_the_next_change_and_not_by_a_press(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.posted(111, status="RELAX")
    team.discord.delete(team.posted()[0])
    await harness.acknowledge(team)
    await harness.notifier.deliver_due()
    assert team.posted() == []

    await harness.posted(111, status="BANNED")
    assert team.titles() == [BANNED]
    await harness.posted(111, status="RELAX")
    assert team.titles() == [RELAX]


async def test_a_deleted_muted_alert_is_posted_again_silently(harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    await harness.mute(team)
    await harness.notifier.deliver_due()
    team.discord.delete(team.posted()[0])
    await harness.posted(111, status="SLEEPY")

    (alert,) = team.posted()
    assert (alert.silent, team.pinged()) == (True, 0)


async def test_after_a_restored_backup_an_open_alert_is_shown_as_open_again(
    harness: NotifierHarness, team: Team
) -> None:
    """Its message may say that it is over, because the token was in FAST for a while after the backup."""
    await harness.posted(111, status="BANNED")
    (alert,) = team.posted()
    alert.embeds, alert.content = [{"description": "12:00 to 12:05"}], "🟢 **Token 111** was banned for 5 min"
    restarted = harness.world.monitor()
    edits = []
    for _ in range(2):
        harness.world.clock.advance(timedelta(minutes=1))
        await restarted.round()
        await harness.notifier.deliver_due()
        edits.append(alert.edits)

    assert (team.titles(), team.pinged()) == ([BANNED], 1)
    assert edits == [1, 1]


# --- Transient errors


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("kind", first_quick(["drop_after", "drop_before"]))
async def test_each_update_is_posted_once_however_often_the_connection_breaks(
    harness: NotifierHarness, team: Team, method: str, kind: FaultKind
) -> None:
    path = team.posting if method == "POST" else team.editing
    for status in ("RELAX", "BANNED", "FAST"):
        fault = team.discord.faults.add(Fault(method, path, kind, times=2))
        await harness.posted(111, status=status)
        for _ in range(3):
            await harness.after(5 * SECOND)
        assert fault.hits == (0 if (method, status) == ("PATCH", "RELAX") else 2)
        fault.times = 0

    alert, worse, over = team.posted()
    assert is_back(alert)
    assert {worse.reference_id, over.reference_id} == {alert.id}
    assert team.pinged() == 2


async def test_a_lost_response_alert_is_updated_and_worsening_pings(harness: NotifierHarness, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.posted(111, status="RELAX")
    await harness.seen(111, status="BANNED")
    await harness.after(timedelta(minutes=1))

    alert, worse = team.posted()
    assert (title_of(alert), worse.reference_id) == (BANNED, alert.id)
    assert team.pinged() == 2


async def test_a_lost_response_group_alert_is_updated_even_if_its_text_is_equal(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.world.set_rules(team.id, Rules(min_fast=0))
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.posted(111, 222, 333, status="RELAX")
    await harness.seen(111, status="BANNED")
    await harness.after(timedelta(minutes=1))

    alert, worse = team.posted()
    assert (title_of(alert), worse.reference_id) == (group(3, worst=Mode.BANNED), alert.id)
    assert team.pinged() == 2


async def test_a_lost_response_alert_that_pinged_the_second_role_does_not_escalate_again(
    harness: NotifierHarness, team: Team
) -> None:
    second = team.discord.add_role(team.id, "leads", mentionable=True)
    rules = Rules(escalate_after=timedelta(minutes=30), escalate_role=second)
    await harness.world.set_rules(team.id, rules)
    team.discord.faults.add(Fault("POST", team.posting, "drop_before"))
    await harness.posted(111, status="RELAX")
    harness.world.clock.advance(rules.escalate_after)
    await harness.monitor.round()
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.after(timedelta())
    await harness.seen(222, status="SLEEPY")
    await harness.after(timedelta(minutes=1))

    assert [message.pings.roles for message in team.posted()] == [{team.role, second}, {team.role}]
    assert await harness.waiting(team) == 0


async def test_an_escalation_that_an_acknowledgement_has_stopped_comes_if_it_gets_worse_and_nobody_acknowledges_that(
    harness: NotifierHarness, team: Team
) -> None:
    second = team.discord.add_role(team.id, "leads", mentionable=True)
    rules = Rules(escalate_after=timedelta(minutes=30), escalate_role=second)
    await harness.world.set_rules(team.id, rules)
    await harness.posted(111, status="RELAX")
    harness.world.clock.advance(rules.escalate_after)
    await harness.monitor.round()
    await harness.acknowledge(team)
    await harness.after(timedelta())
    await harness.posted(111, status="BANNED")
    await harness.after(rules.escalate_after)
    await harness.monitor.round()
    await harness.after(timedelta())

    assert [message.pings.roles for message in team.posted()] == [{team.role}, {team.role}, {second}]


async def test_a_lost_response_alert_that_was_muted_is_not_posted_twice(harness: NotifierHarness, team: Team) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.posted(111, status="RELAX")
    await harness.mute(team)
    await harness.after(timedelta(minutes=1))
    await harness.posted(111, status="SLEEPY")

    (alert,) = team.posted()
    assert "SLEEPY" in title_of(alert)


async def test_a_lost_response_alert_of_a_resolved_incident_shows_it_as_resolved(
    harness: NotifierHarness, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.posted(111, status="RELAX")
    await harness.seen(111, status="FAST")
    await harness.after(timedelta(minutes=1))

    alert, over = team.posted()
    assert is_back(alert)
    assert (over.reference_id, over.silent) == (alert.id, True)
    assert alert.custom_ids() == {}


async def test_an_expired_claim_is_sent_by_another_process(harness: NotifierHarness, team: Team) -> None:
    stopped, goes_on = asyncio.Event(), asyncio.Event()

    async def stop(_: Request) -> None:
        stopped.set()
        await goes_on.wait()

    team.discord.faults.add(Fault("POST", team.posting, "call_after", callback=stop))
    await harness.seen(111, status="BANNED")
    sending = asyncio.create_task(harness.notifier.deliver_due())
    await stopped.wait()
    async with connected_client(team.discord) as client:
        other = Dispatcher(harness.world.database, harness.world.clock, Sender(client, harness.world.clock))
        await other.deliver_due()
        assert len(team.discord.requests_to("POST", team.posting)) == 1

        harness.world.clock.advance(CLAIM_DURATION)
        await other.deliver_due()
        assert len(team.discord.requests_to("POST", team.posting)) == 2
    goes_on.set()
    await sending
    assert team.titles() == [BANNED]
    assert await harness.waiting(team) == 0


async def test_an_alert_posted_while_alerts_are_switched_off_is_closed(harness: NotifierHarness, team: Team) -> None:
    async def switch_off(_: Request) -> None:
        async with harness.world.database.transaction() as connection:
            await switch_off_alerts(connection, team.id, team.mod, harness.world.clock)

    team.discord.faults.add(Fault("POST", team.posting, "call_after", callback=switch_off))
    with structlog.testing.capture_logs() as logs:
        await harness.posted(111, status="BANNED")

    assert [log for log in logs if log["log_level"] == "error"] == []
    (alert,) = team.posted()
    assert title_of(alert) == "⚪ Closed: **Token 111** was banned"
    assert alert.custom_ids() == {}


async def test_an_alert_whose_response_was_lost_before_alerts_were_switched_off_is_closed(
    harness: NotifierHarness, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await harness.posted(111, status="BANNED")
    async with harness.world.database.transaction() as connection:
        await switch_off_alerts(connection, team.id, team.mod, harness.world.clock)
    await harness.after(timedelta(minutes=1))

    (alert,) = team.posted()
    assert title_of(alert) == "⚪ Closed: **Token 111** was banned"
    assert await harness.waiting(team) == 0


async def test_an_alert_that_never_arrived_before_alerts_were_switched_off_is_not_posted(
    harness: NotifierHarness, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_before"))
    await harness.posted(111, status="BANNED")
    await harness.seen(222, status="BANNED")
    async with harness.world.database.transaction() as connection:
        await switch_off_alerts(connection, team.id, team.mod, harness.world.clock)
    await harness.after(timedelta(minutes=1))

    assert team.posted() == []
    assert await harness.waiting(team) == 0


async def test_an_end_that_was_not_shown_yet_is_shown_although_alerts_are_off(
    harness: NotifierHarness, team: Team
) -> None:
    await harness.posted(111, status="BANNED")
    team.discord.faults.add(Fault("PATCH", team.editing, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await harness.posted(111, status="FAST")
    async with harness.world.database.transaction() as connection:
        await switch_off_alerts(connection, team.id, team.mod, harness.world.clock)
    await harness.after(timedelta(minutes=1))

    assert is_back(team.posted()[0])


@pytest.mark.parametrize("edge", [{"is_page": True}, {"code": 40333}], ids=str)
async def test_an_alert_is_closed_although_discords_edge_refuses_the_edit_once(
    harness: NotifierHarness, team: Team, edge: dict[str, Any]
) -> None:
    await harness.posted(111, status="BANNED")
    team.discord.faults.add(Fault("PATCH", team.editing, status=HTTPStatus.FORBIDDEN, **edge))
    async with harness.world.database.transaction() as connection:
        await switch_off_alerts(connection, team.id, team.mod, harness.world.clock)
    await harness.notifier.deliver_due()
    await harness.after(timedelta(minutes=1))

    (alert,) = team.posted()
    assert alert.custom_ids() == {}


async def test_a_failing_server_backs_off_and_the_others_continue(
    harness: NotifierHarness, team: Team, other_team: Team
) -> None:
    fault = team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await harness.posted(111, 222, status="BANNED")

    assert fault.hits == 1
    assert len(other_team.posted()) == 2
    fault.times = 0
    await harness.after(SECOND / 2)
    assert team.posted() == []
    await harness.after(SECOND)
    assert len(team.posted()) == 2


@pytest.mark.parametrize("ahead", [timedelta(minutes=30), timedelta(hours=6)], ids=str)
async def test_alerts_go_on_when_a_wall_clock_that_was_ahead_is_put_right(
    harness: NotifierHarness, team: Team, ahead: timedelta
) -> None:
    clock = harness.world.clock
    clock.jump(ahead)
    team.discord.faults.add(Fault("POST", team.posting, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await harness.posted(111, status="BANNED")
    clock.jump(-ahead)
    await harness.after(4 * SECOND)
    assert team.titles() == [BANNED]

    await harness.posted(222, status="BANNED")
    assert len(team.titles()) == 2


async def test_a_pause_of_all_sending_keeps_its_length_when_the_wall_clock_is_put_right(
    harness: NotifierHarness, team: Team
) -> None:
    clock = harness.world.clock
    clock.jump(timedelta(hours=6))
    edge = Fault("POST", team.posting, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=60, via=False)
    team.discord.faults.add(edge)
    await harness.posted(111, status="BANNED")
    clock.jump(timedelta(hours=-6))
    paused_at = clock.monotonic()
    await harness.after(SECOND)

    assert 60 <= clock.monotonic() - paused_at <= 80
    assert team.titles() == [BANNED]


@pytest.mark.slow
async def test_a_servers_backoff_grows_up_to_five_minutes(harness: NotifierHarness, team: Team) -> None:
    fault = team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await harness.posted(111, status="BANNED")
    tried_at = []
    for _ in range(3600):
        hits = fault.hits
        await harness.after(SECOND)
        tried_at += [harness.world.clock.now()] if fault.hits > hits else []
    pauses = [later - earlier for earlier, later in pairwise(tried_at)]

    assert pauses[0] <= timedelta(seconds=4)
    assert timedelta(minutes=5) <= max(pauses) <= timedelta(minutes=6, seconds=1)
    assert max(pauses) == max(pauses[-3:])


async def test_a_server_that_is_held_back_is_not_looked_at_every_second(
    harness: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await harness.posted(111, status="BANNED")
    while fault.hits < 9:
        await harness.after(timedelta(minutes=1))
    await harness.seen(222, status="RELAX")
    pauses: asyncio.Queue[float] = asyncio.Queue()

    async def wait(event: asyncio.Event, seconds: float) -> None:
        pauses.put_nowait(seconds)
        await event.wait()

    monkeypatch.setattr(harness.world.clock, "wait", wait)
    running = asyncio.create_task(harness.notifier.run())

    assert await pauses.get() > 10
    running.cancel()


async def test_a_server_is_not_looked_at_every_second_while_a_delivery_is_in_progress(
    harness: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks again when that is done. With a rate limit of Discord this takes minutes."""
    has_begun = asyncio.Event()

    async def hang(_: Request) -> None:
        has_begun.set()
        await asyncio.Event().wait()

    team.discord.faults.add(Fault("POST", team.posting, "call_before", callback=hang))
    await harness.world.set_rules(team.id, Rules(group_from=9))
    await harness.seen(111, 222, status="RELAX")
    pauses: asyncio.Queue[float] = asyncio.Queue()

    async def wait(event: asyncio.Event, seconds: float) -> None:
        pauses.put_nowait(seconds)
        await event.wait()

    monkeypatch.setattr(harness.world.clock, "wait", wait)
    running = asyncio.create_task(harness.notifier.run())
    await has_begun.wait()

    assert await pauses.get() > 10
    running.cancel()


async def test_a_slow_channel_does_not_delay_urgent_alerts_elsewhere(
    harness: NotifierHarness, team: Team, other_team: Team
) -> None:
    goes_on = asyncio.Event()

    async def wait(_: Request) -> None:
        await goes_on.wait()

    team.discord.faults.add(Fault("POST", team.posting, "call_before", callback=wait))
    await harness.seen(111, status="BANNED")
    delivering = asyncio.create_task(harness.notifier.deliver_due())
    await team.discord.wait_for(other_team.posted)
    assert team.posted() == []

    goes_on.set()
    await delivering
    assert team.titles() == other_team.titles() == [BANNED]


async def test_what_one_look_does_not_find_is_found_by_the_next(
    harness: NotifierHarness, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look is at a part of what waits. Both are in progress at once, so the second waits for no end of the first."""
    both = asyncio.Barrier(2)

    async def wait_for_the_other(_: Request) -> None:
        await both.wait()

    async def look_at_one(*args: Any, **options: Any) -> list[int]:
        return (await servers_due(*args, **options))[:1]

    monkeypatch.setattr(dispatcher, "servers_due", look_at_one)
    for one in (team, other_team):
        team.discord.faults.add(Fault("POST", one.posting, "call_before", callback=wait_for_the_other))
    await harness.seen(111, status="BANNED")
    running = asyncio.create_task(harness.notifier.run())
    await team.discord.wait_for(lambda: team.posted() and other_team.posted())
    running.cancel()
    assert team.titles() == other_team.titles() == [BANNED]


async def test_urgent_deliveries_go_before_older_ones(harness: NotifierHarness, team: Team) -> None:
    await harness.world.set_rules(team.id, Rules(group_from=9, min_fast=0))
    await harness.seen(222, 333, status="RELAX")
    await harness.posted(111, status="BANNED")

    assert team.titles() == [BANNED, *(titled(AlertType.LEFT_FAST, Mode.RELAX, id_) for id_ in (222, 333))]


async def test_a_refusal_at_discords_edge_pauses_everything_as_long_as_asked(
    harness: NotifierHarness, team: Team, other_team: Team
) -> None:
    edge = Fault("POST", team.posting, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=200, via=False)
    team.discord.faults.add(edge)
    times = []

    async def note(_: Request) -> None:
        times.append(harness.world.clock.now())

    for each in (team, other_team):
        team.discord.faults.add(Fault("POST", each.posting, "call_before", times=FOR_EVER, callback=note))
    later = harness.world.clock.now() + timedelta(minutes=30)
    broken: dict[str, Any] = {"disabled_reason": DisabledReason.REFUSED, "retry_at": later}
    await harness.world.set_route(other_team.id, other_team.alerts, **broken)
    await harness.posted(111, status="BANNED")
    refused_at = harness.world.clock.now()
    await harness.world.set_route(other_team.id, other_team.alerts)
    for _ in range(3):
        await harness.after(SECOND)

    assert len(times) == 2
    assert min(times) - refused_at >= timedelta(seconds=200)
    assert team.titles() == other_team.titles() == [BANNED]


async def test_an_aborted_global_rate_limit_wait_does_not_block_forever(
    harness: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py blocks all requests while one waits for the global limit, and would block forever if that one is
    cancelled.
    """
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 0.1)
    limit = Fault("POST", team.posting, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=0.4, for_all_routes=True)
    team.discord.faults.add(limit)
    await harness.posted(111, status="BANNED")
    assert team.posted() == []

    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 10)
    await harness.after(timedelta(minutes=1))
    assert team.titles() == [BANNED]


async def test_a_timeout_is_retried(harness: NotifierHarness, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 0.1)
    team.discord.faults.add(Fault("POST", team.posting, "delay", seconds=0.3))
    await harness.posted(111, status="BANNED")
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 10)
    await harness.after(timedelta(minutes=1))

    assert team.titles() == [BANNED]


# --- Decisions


@dataclass
class FakeResponse:
    """The parts of Discord's response that its errors read."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def refusal(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    sorts = {403: discord.Forbidden, 404: discord.NotFound}
    sort = sorts.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    answer = FakeResponse(status, {name.replace("_", "-"): value for name, value in headers.items()})
    return sort(answer, {"code": code, "message": "made up"})


@pytest.mark.parametrize(
    ("error", "for_good"),
    [
        (refusal(403, 50001), True),  # Missing Access
        (refusal(403, 50013), True),  # Missing Permissions
        (refusal(400, 160002), True),  # a reply without Read Message History
        (refusal(403), False),  # Discord's edge
        (refusal(403, 40333), False),  # Discord's edge: Internal Network Error
        (refusal(400, 200000), False),  # blocked by AutoMod
        (refusal(404, 10003), True),  # Unknown Channel
        (refusal(404, 10004), True),  # Unknown Guild
        (refusal(400, 50008), True),  # a channel for other things than text
        (refusal(400, 50083), True),  # an archived thread
        (refusal(404, 10008), False),  # Unknown Message: it is posted again
        (refusal(404), False),
        (refusal(400, 50035), False),
        (refusal(401), False),
        (refusal(429), False),
        (refusal(500), False),
        (refusal(503), False),
        (discord.RateLimited(40.0), False),
        (aiohttp.ClientConnectionError(), False),
        (TimeoutError(), False),
        (OSError(), False),
        (ValueError(), False),
    ],
)
def test_only_errors_that_need_a_person_are_permanent(error: Exception, for_good: bool) -> None:
    assert (disabled_reason(error) is not None) is for_good


@pytest.mark.parametrize(
    ("error", "tries", "seconds"),
    [
        (TimeoutError(), 1, 1),
        (TimeoutError(), 2, 2),
        (TimeoutError(), 6, 32),
        (TimeoutError(), 9, 256),
        (TimeoutError(), 10, 300),
        (TimeoutError(), 1_024, 300),
        (TimeoutError(), 100_000, 300),
        (refusal(500), 4, 8),
        (refusal(429), 1, 1),
        (refusal(429, Retry_After="37"), 1, 37),
        (refusal(429, Retry_After="0.65"), 1, 1),
        (refusal(429, Retry_After="1337.57"), 5, 1337.57),
        (refusal(429, Retry_After="2"), 7, 64),
        (refusal(429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), 3, 4),
        (refusal(429, Retry_After=""), 3, 4),
        (refusal(429, Retry_After="."), 3, 4),
        (refusal(429, Retry_After="-5"), 3, 4),
        (refusal(429, Retry_After="\u00b2"), 3, 4),
        (discord.RateLimited(45.5), 1, 45.5),
        (discord.RateLimited(2.0), 10, 300),
    ],
)
def test_the_delay_is_discords_retry_after_or_grows(error: Exception, tries: int, seconds: float) -> None:
    assert seconds_before_retry(error, tries) == seconds


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refusal(403, 50013), "a permission is missing"),
        (refusal(502), "Discord answered 502"),
        (refusal(400, 50035), "Discord answered 400, code 50035"),
        (TimeoutError(), "Discord did not respond in time"),
        (discord.RateLimited(45.5), "Discord's rate limit was reached"),
        (aiohttp.ClientConnectionError("made-up detail"), "Discord could not be reached (ClientConnectionError)"),
        (OSError("made-up detail"), "Discord could not be reached (OSError)"),
        (ValueError("made-up detail"), "an unexpected error occurred (ValueError)"),
    ],
)
def test_a_failure_is_described_briefly_without_foreign_text(error: Exception, words: str) -> None:
    assert describe_error(error) == words
