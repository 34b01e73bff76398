"""The notifier, with a real client of discord.py, against a Discord that fails as the real one does."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise

import aiohttp
import discord
import pytest
import structlog

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.notifier import sender as sender_module
from bot.notifier.discord_errors import describe_error, disabled_reason, seconds_before_retry
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.queue import CLAIMED_FOR
from bot.notifier.sender import Sender
from bot.storage.alert_routes import remove_route
from bot.ui import texts
from tests.monitor.world import Alerting, Team, connected_client, title_of
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import Fault, Request

FOR_EVER = 1_000_000
SECOND = timedelta(seconds=1)


def titled(kind: AlertType, mode: Mode, token_id: int = 111) -> str:
    return texts.incidents.TITLES[kind].format(sign=texts.common.SIGNS[mode], token=token_id, status=mode.value)


def group(number: int, worst: Mode) -> str:
    return texts.incidents.TITLE_GROUP[IncidentType.MODE].format(sign=texts.common.SIGNS[worst], number=number)


RELAX = titled(AlertType.LEFT_FAST, Mode.RELAX)
BANNED = titled(AlertType.BANNED, Mode.BANNED)
BACK = texts.incidents.TITLE_BACK.format(token=111)


# --- One incident, one Discord message that lives


async def test_an_incident_is_one_card_that_is_edited_and_what_an_edit_cannot_say_is_replied(
    alerting: Alerting, team: Team
) -> None:
    await alerting.told(111, status="RELAX")
    (card,) = team.told()
    assert (title_of(card), team.pinged()) == (RELAX, 1)

    await alerting.told(111, status="BANNED")
    assert [title_of(card), team.pinged()] == [BANNED, 2]

    await alerting.told(111, status="FAST")
    card, worse, over = team.told()
    assert title_of(card) == BACK
    assert [(reply.reference_id, reply.silent) for reply in (worse, over)] == [(card.id, False), (card.id, True)]
    assert team.pinged() == 2
    assert await alerting.waiting(team) == 0


async def test_what_changed_more_than_once_before_it_could_be_told_is_told_as_it_is(
    alerting: Alerting, team: Team
) -> None:
    await alerting.seen(111, status="RELAX")
    await alerting.seen(111, status="BANNED")
    await alerting.told(111, status="VERIFYING")

    assert team.titles() == [titled(AlertType.VERIFYING, Mode.VERIFYING)]
    assert team.pinged() == 1


async def test_what_was_over_before_anyone_could_be_told_is_one_silent_line(alerting: Alerting, team: Team) -> None:
    await alerting.seen(111, status="RELAX")
    await alerting.told(111, status="FAST")

    (line,) = team.told()
    assert line.content.startswith(texts.alerts.MISSED)
    assert line.silent
    assert not line.embeds
    assert team.pinged() == 0


async def test_a_deleted_card_is_posted_anew_by_the_next_change_and_not_by_a_press(
    alerting: Alerting, team: Team
) -> None:
    await alerting.told(111, status="RELAX")
    team.discord.delete(team.told()[0])
    await alerting.acknowledge(team)
    await alerting.notifier.deliver_due()
    assert team.told() == []

    await alerting.told(111, status="BANNED")
    assert team.titles() == [BANNED]
    await alerting.told(111, status="RELAX")
    assert team.titles() == [RELAX]


async def test_a_deleted_card_that_is_muted_is_posted_anew_by_the_next_change_without_a_sound(
    alerting: Alerting, team: Team
) -> None:
    await alerting.told(111, status="RELAX")
    await alerting.mute(team)
    await alerting.notifier.deliver_due()
    team.discord.delete(team.told()[0])
    await alerting.told(111, status="SLEEPY")

    (card,) = team.told()
    assert (card.silent, team.pinged()) == (True, 0)


# --- Trouble that passes


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_each_step_is_told_once_however_often_the_connection_is_cut(
    alerting: Alerting, team: Team, method: str, kind: FaultKind
) -> None:
    path = team.posting if method == "POST" else team.editing
    for status in ("RELAX", "BANNED", "FAST"):
        fault = team.discord.faults.add(Fault(method, path, kind, times=2))
        await alerting.told(111, status=status)
        for _ in range(3):
            await alerting.after(5 * SECOND)
        assert fault.hits == (0 if (method, status) == ("PATCH", "RELAX") else 2)
        fault.times = 0

    card, worse, over = team.told()
    assert title_of(card) == BACK
    assert {worse.reference_id, over.reference_id} == {card.id}
    assert team.pinged() == 2


async def test_a_card_that_got_through_unnoticed_is_brought_up_to_date_and_what_got_worse_pings(
    alerting: Alerting, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.told(111, status="RELAX")
    await alerting.seen(111, status="BANNED")
    await alerting.after(timedelta(minutes=1))

    card, worse = team.told()
    assert (title_of(card), worse.reference_id) == (BANNED, card.id)
    assert team.pinged() == 2


async def test_a_card_of_a_group_that_got_through_unnoticed_is_brought_up_to_date_though_its_words_are_the_same(
    alerting: Alerting, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.told(111, 222, 333, status="RELAX")
    await alerting.seen(111, status="BANNED")
    await alerting.after(timedelta(minutes=1))

    card, worse = team.told()
    assert (title_of(card), worse.reference_id) == (group(3, worst=Mode.BANNED), card.id)
    assert team.pinged() == 2


async def test_a_card_that_got_through_unnoticed_and_was_muted_there_stays_the_only_one(
    alerting: Alerting, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.told(111, status="RELAX")
    await alerting.mute(team)
    await alerting.after(timedelta(minutes=1))
    await alerting.told(111, status="SLEEPY")

    (card,) = team.told()
    assert "SLEEPY" in title_of(card)


async def test_an_incident_that_ended_after_its_card_got_through_unnoticed_is_shown_as_over(
    alerting: Alerting, team: Team
) -> None:
    team.discord.faults.add(Fault("POST", team.posting, "drop_after"))
    await alerting.told(111, status="RELAX")
    await alerting.seen(111, status="FAST")
    await alerting.after(timedelta(minutes=1))

    card, over = team.told()
    assert (title_of(card), over.reference_id, over.silent) == (BACK, card.id, True)
    assert card.custom_ids() == {}


async def test_what_one_process_does_not_finish_is_sent_by_another_when_its_claim_has_run_out(
    alerting: Alerting, team: Team
) -> None:
    stopped, goes_on = asyncio.Event(), asyncio.Event()

    async def stop(_: Request) -> None:
        stopped.set()
        await goes_on.wait()

    team.discord.faults.add(Fault("POST", team.posting, "call_after", callback=stop))
    await alerting.seen(111, status="BANNED")
    sending = asyncio.create_task(alerting.notifier.deliver_due())
    await stopped.wait()
    async with connected_client(team.discord) as client:
        other = Dispatcher(alerting.world.database, alerting.world.clock, Sender(client, alerting.world.clock))
        await other.deliver_due()
        assert len(team.discord.requests_to("POST", team.posting)) == 1

        alerting.world.clock.advance(CLAIMED_FOR)
        await other.deliver_due()
        assert len(team.discord.requests_to("POST", team.posting)) == 2
    goes_on.set()
    await sending
    assert team.titles() == [BANNED]
    assert await alerting.waiting(team) == 0


async def test_what_was_sent_for_alerts_that_were_switched_off_meanwhile_is_nobodys(
    alerting: Alerting, team: Team
) -> None:
    async def switch_off(_: Request) -> None:
        async with alerting.world.database.transaction() as connection:
            await remove_route(connection, team.id)

    team.discord.faults.add(Fault("POST", team.posting, "call_after", callback=switch_off))
    with structlog.testing.capture_logs() as logs:
        await alerting.told(111, status="BANNED")

    assert [log for log in logs if log["log_level"] == "error"] == []
    assert team.titles() == [BANNED]


async def test_where_discord_fails_the_server_rests_and_the_others_go_on(
    alerting: Alerting, team: Team, other_team: Team
) -> None:
    fault = team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await alerting.told(111, 222, status="BANNED")

    assert fault.hits == 1
    assert len(other_team.told()) == 2
    fault.times = 0
    await alerting.after(SECOND / 2)
    assert team.told() == []
    await alerting.after(SECOND)
    assert len(team.told()) == 2


@pytest.mark.slow
async def test_a_server_that_fails_again_and_again_rests_longer_each_time_but_five_minutes(
    alerting: Alerting, team: Team
) -> None:
    fault = team.discord.faults.add(Fault("POST", team.posting, times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
    await alerting.told(111, status="BANNED")
    tried_at = []
    for _ in range(3600):
        hits = fault.hits
        await alerting.after(SECOND)
        tried_at += [alerting.world.clock.now()] if fault.hits > hits else []
    pauses = [later - earlier for earlier, later in pairwise(tried_at)]

    assert pauses[0] <= timedelta(seconds=4)
    assert timedelta(minutes=5) <= max(pauses) <= timedelta(minutes=6, seconds=1)
    assert max(pauses) == max(pauses[-3:])


async def test_a_slow_channel_does_not_hold_back_what_is_urgent_elsewhere(
    alerting: Alerting, team: Team, other_team: Team
) -> None:
    goes_on = asyncio.Event()

    async def wait(_: Request) -> None:
        await goes_on.wait()

    team.discord.faults.add(Fault("POST", team.posting, "call_before", callback=wait))
    await alerting.seen(111, status="BANNED")
    delivering = asyncio.create_task(alerting.notifier.deliver_due())
    await team.discord.wait_for(other_team.told)
    assert team.told() == []

    goes_on.set()
    await delivering
    assert team.titles() == other_team.titles() == [BANNED]


async def test_what_is_urgent_goes_before_what_waits_longer(alerting: Alerting, team: Team) -> None:
    await alerting.world.set_rules(team.id, Rules(group_from=9))
    await alerting.seen(222, 333, status="RELAX")
    await alerting.told(111, status="BANNED")

    assert team.titles() == [BANNED, *(titled(AlertType.LEFT_FAST, Mode.RELAX, id_) for id_ in (222, 333))]


async def test_after_a_refusal_at_the_edge_of_discord_all_keep_still_as_long_as_it_asks(
    alerting: Alerting, team: Team, other_team: Team
) -> None:
    edge = Fault("POST", team.posting, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=200, via=False)
    team.discord.faults.add(edge)
    times = []

    async def note(_: Request) -> None:
        times.append(alerting.world.clock.now())

    for each in (team, other_team):
        team.discord.faults.add(Fault("POST", each.posting, "call_before", times=FOR_EVER, callback=note))
    await alerting.world.set_route(other_team.id, other_team.alerts, disabled_reason=DisabledReason.REFUSED)
    await alerting.told(111, status="BANNED")
    refused_at = alerting.world.clock.now()
    await alerting.world.set_route(other_team.id, other_team.alerts)
    for _ in range(3):
        await alerting.after(SECOND)

    assert len(times) == 2
    assert min(times) - refused_at >= timedelta(seconds=200)
    assert team.titles() == other_team.titles() == [BANNED]


async def test_a_wait_for_discords_global_limit_that_is_broken_off_does_not_stop_everything_for_ever(
    alerting: Alerting, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py holds back all requests while one waits, and would for ever where that one is broken off."""
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 0.1)
    limit = Fault("POST", team.posting, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=0.4, for_all_routes=True)
    team.discord.faults.add(limit)
    await alerting.told(111, status="BANNED")
    assert team.told() == []

    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 10)
    await alerting.after(timedelta(minutes=1))
    assert team.titles() == [BANNED]


async def test_what_discord_takes_too_long_for_is_tried_again(
    alerting: Alerting, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 0.1)
    team.discord.faults.add(Fault("POST", team.posting, "delay", seconds=0.3))
    await alerting.told(111, status="BANNED")
    monkeypatch.setattr(sender_module, "_SEND_SECONDS", 10)
    await alerting.after(timedelta(minutes=1))

    assert team.titles() == [BANNED]


# --- Judgement


@dataclass
class Answer:
    """As much of an answer of Discord as its errors look at."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def refusal(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    sorts = {403: discord.Forbidden, 404: discord.NotFound}
    sort = sorts.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    answer = Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})
    return sort(answer, {"code": code, "message": "made up"})


@pytest.mark.parametrize(
    ("error", "for_good"),
    [
        (refusal(403, 50001), True),  # Missing Access
        (refusal(403, 50013), True),  # Missing Permissions
        (refusal(403), True),
        (refusal(404, 10003), True),  # Unknown Channel
        (refusal(404, 10004), True),  # Unknown Guild
        (refusal(400, 50008), True),  # a channel for other things than text
        (refusal(400, 50083), True),  # an archived thread
        (refusal(404, 10008), False),  # Unknown Message: it is posted anew
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
def test_only_what_somebody_must_change_in_discord_is_permanent(error: Exception, for_good: bool) -> None:
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
def test_the_pause_is_what_discord_asks_for_or_grows(error: Exception, tries: int, seconds: float) -> None:
    assert seconds_before_retry(error, tries) == seconds


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refusal(403, 50013), "a permission is missing: code 50013"),
        (refusal(502), "Discord answered 502, code 0"),
        (TimeoutError(), "Discord did not respond in time"),
        (discord.RateLimited(45.5), "Discord's rate limit was reached"),
        (aiohttp.ClientConnectionError("made-up detail"), "Discord could not be reached (ClientConnectionError)"),
        (OSError("made-up detail"), "Discord could not be reached (OSError)"),
        (ValueError("made-up detail"), "an unexpected error occurred (ValueError)"),
    ],
)
def test_a_failure_is_described_in_a_few_words_without_what_others_wrote(error: Exception, words: str) -> None:
    assert describe_error(error) == words
