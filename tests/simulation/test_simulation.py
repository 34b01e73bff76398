"""The simulation, its shrinking, and that its checks find a bot that is broken on purpose.

`make soak` runs many days; here are a few, so that every change is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from bot.domain.alert_types import IncidentType
from bot.domain.modes import Mode
from tests.simulation import broken
from tests.simulation.__main__ import report
from tests.simulation.cards import CardKind, card_of
from tests.simulation.faults import SORTS
from tests.simulation.history import Event, History, generate, shrink, truncated
from tests.simulation.simulation import Result, simulate
from tests.simulation.truth import Truth
from tests.standins.discord_server import Message
from tests.standins.imaginepro_server import ImagineProServer, linked_token

_HOUR = 3600
_MOST_DAYS = 8


def check(result: Result, template: Path) -> None:
    assert not result.findings, report(result, template)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run(migrated_sqlite: Path) -> None:
    history = truncated(generate(3, 1, SORTS), 6 * _HOUR)

    first, second = (simulate(history, migrated_sqlite) for _ in range(2))

    assert first.figures["requests to Discord"] > 10
    for pair in zip(first.sent, second.sent, strict=False):
        assert pair[0] == pair[1]
    assert first.digest == second.digest


def test_eight_hours_of_faults(migrated_sqlite: Path) -> None:
    check(simulate(truncated(generate(5, 1, SORTS), 8 * _HOUR), migrated_sqlite), migrated_sqlite)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300, 303))
def test_a_day_of_faults(seed: int, migrated_sqlite: Path) -> None:
    check(simulate(generate(seed, 1, SORTS), migrated_sqlite), migrated_sqlite)


def test_a_history_is_shrunk_to_what_matters() -> None:
    history = generate(1, 2, SORTS)
    needed = (history.events[3], history.events[11])

    def fails(one: History) -> bool:
        return all(event in one.events for event in needed)

    assert shrink(history, fails).events == needed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("breaks", "found", "first_seed"),
    [
        (
            broken.drops_every_third_alert,
            {"not alerted", "low hours not alerted", "two alerts", "no data not alerted"},
            200,
        ),
        (broken.pings_twice_after_a_failure, {"two alerts"}, 200),
        (broken.closes_after_an_hour, {"not alerted"}, 200),
        (broken.never_says_that_there_is_no_data, {"no data not alerted"}, 200),
        (broken.forgets_what_was_muted, {"not alerted", "low hours not alerted", "no summary after quiet hours"}, 211),
    ],
)
def test_a_broken_bot_is_found_within_days(
    breaks: Callable[[], AbstractContextManager[None]], found: set[str], first_seed: int, migrated_sqlite: Path
) -> None:
    """Each of these would show only now and then, so that it takes some days."""
    with breaks():
        for seed in range(first_seed, first_seed + _MOST_DAYS):
            result = simulate(generate(seed, 1, SORTS), migrated_sqlite)
            if result.findings:
                break
    assert {finding.check for finding in result.findings} & found


_EVENTFUL = History(
    7,
    16 * _HOUR,
    600,
    (
        Event(2 * _HOUR, "a token changes", {"token": 111, "to": "RELAX"}),
        Event(2 * _HOUR, "a token uses its hours", {"token": 222, "left": "2.00/15.0 hours (13.33%)"}),
        Event(5 * _HOUR, "alerts are switched off and on", {"team": 0, "seconds": 4 * _HOUR}),
        Event(12 * _HOUR, "a channel is denied", {"team": 1, "seconds": 3 * _HOUR}),
        Event(12 * _HOUR + 60, "a token changes", {"token": 333, "to": "RELAX"}),
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("breaks", "found"),
    [
        (nullcontext, set()),
        (broken.never_updates_its_boards, {"the board"}),
        (broken.never_says_that_hours_are_low, {"low hours not alerted"}),
        (broken.never_forecasts, {"run-out not alerted"}),
        (broken.leaves_alerts_open_when_switched_off, {"open while alerts are off"}),
        (broken.never_tells_moderators_of_a_broken_channel, {"moderators do not know"}),
        (broken.never_escalates, {"not escalated"}),
        (broken.escalates_after_five_minutes, {"escalated too early"}),
    ],
)
def test_a_bot_that_is_always_broken_is_found_at_once(
    breaks: Callable[[], AbstractContextManager[None]], found: set[str], migrated_sqlite: Path
) -> None:
    with breaks():
        result = simulate(_EVENTFUL, migrated_sqlite)
    assert {finding.check for finding in result.findings} == found


_NIGHT = History(
    8,
    14 * _HOUR,
    600,
    (
        Event(2 * _HOUR, "a token changes", {"token": 111, "to": "RELAX"}),
        Event(2 * _HOUR, "credits change", {"left": 0}),
        Event(2 * _HOUR, "the plan changes", {"hours": 30}),
        Event(9 * _HOUR, "several tokens change", {"number": 6, "to": "RELAX", "first": 0}),
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("breaks", "found"),
    [
        (nullcontext, set()),
        (broken.never_reminds, {"not reminded"}),
        (broken.pings_in_quiet_hours, {"a ping in quiet hours"}),
        (broken.never_sums_up_quiet_hours, {"alerted without a ping", "no summary after quiet hours"}),
        (partial(broken.never_judges, IncidentType.CAPACITY), {"capacity not alerted"}),
        (partial(broken.never_judges, IncidentType.CREDITS), {"credits not alerted"}),
        (partial(broken.never_judges, IncidentType.PLAN_END), {"plan_end not alerted"}),
    ],
)
def test_a_bot_that_is_broken_at_night_or_about_the_account_is_found_at_once(
    breaks: Callable[[], AbstractContextManager[None]], found: set[str], migrated_sqlite: Path
) -> None:
    with breaks():
        result = simulate(_NIGHT, migrated_sqlite)
    assert {finding.check for finding in result.findings} == found


@pytest.mark.parametrize(
    ("content", "kind", "tokens"),
    [
        ("Alert 7: tokens 222, 666 left FAST (GONE, OFF). Use `/alerts show` for more.", CardKind.MODE, {222, 666}),
        ("<@&1> Alert 7: token 222 left FAST (RELAX). Use `/alerts show` for more.", CardKind.MODE, {222}),
        ("Alert 7: token 222, low on fast hours. Use `/alerts show` for more.", CardKind.FAST_TIME, {222}),
        ("Alert 7: no data from ImaginePro. Use `/alerts show` for more.", CardKind.NO_DATA, set()),
        ("Alert 7: The ImaginePro account is low on credits. Use `/alerts show` for more.", CardKind.OTHER, set()),
        ("Alert 7. Use `/alerts show` for more.", CardKind.BARE, set()),
        ("Alert 7 is over: token 222.", None, set()),
        ("Alert 7 got worse: token 222 left FAST (BANNED). Use `/alerts show` for more.", None, set()),
    ],
)
def test_an_alert_in_plain_form_is_read(content: str, kind: CardKind | None, tokens: set[int]) -> None:
    card = card_of(Message(1, 2, 3, content=content, created=0.0))

    assert (card.kind if card else None, set(card.tokens) if card else set()) == (kind, tokens)


def test_a_token_whose_alert_was_closed_is_left_alone_until_it_gets_worse() -> None:
    imaginepro, channel_id = ImagineProServer(), 5
    imaginepro.link(linked_token(111))
    truth = Truth(imaginepro, lambda: 0.0)
    truth.change(111, is_active=False)
    truth.closed[channel_id, 111] = Mode.OFF

    truth.change(111, is_active=True, status="RELAX")
    assert truth.is_left_alone(channel_id, 111)
    truth.change(111, status="BANNED")
    assert not truth.is_left_alone(channel_id, 111)


def test_a_message_whose_delivery_was_pending_at_the_backup_is_known_after_it_is_restored() -> None:
    truth = Truth(ImagineProServer(), lambda: 0.0, backup_at=100.0)
    before, pending, later = (
        Message(number, 2, 3, created=created, nonce=nonce)
        for number, created, nonce in ((1, 99.0, "a"), (2, 101.0, "b"), (3, 102.0, "c"))
    )

    truth.restored([before, pending, later], {"b"})

    assert truth.orphans == {later.id}
