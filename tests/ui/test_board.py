"""The board: its text for a large fleet, and which changes are visible."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.alert_types import AlertType
from bot.domain.evaluation import TrackedToken
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.subscription import Plan
from bot.ui import texts
from bot.ui.alerts_overview import IncidentOverview
from bot.ui.board import BoardOverview, board_message
from tests.clocks import NOON
from tests.domain.test_fleet import HOUR, MINUTE, known
from tests.profiles import fewer_examples
from tests.standins.discord_payloads import violations
from tests.ui.limits import check_limits
from tests.ui.some_incidents import incident, incidents, member
from tests.ui.test_fleet import an_outage, overview, plain, tokens_of_any_sort


def board(*tokens: TrackedToken, after: timedelta = timedelta(), **others: Any) -> BoardOverview:
    return replace(BoardOverview(overview(*tokens, after=after), (), NOON + after), **others)


def lines(of: BoardOverview) -> list[str]:
    return plain(board_message(of).embed.description or "").split("\n\n")[1].split("\n")


def fingerprint(of: BoardOverview) -> str:
    return board_message(of).fingerprint


def test_a_large_fleet_shows_the_most_severe_and_counts_the_others() -> None:
    many = [known(token_id) for token_id in range(1, 1000)]

    assert len(lines(board(*many[:15]))) == 15
    shown = lines(board(*many, known(1000, "BANNED")))
    assert shown[0].startswith("🔴 **1000** BANNED")
    assert shown[15:] == ["and 985 more: 🟢 985 FAST"]


def test_a_token_that_will_run_out_is_never_hidden_among_the_others() -> None:
    of = board(*(known(token_id, "BANNED") for token_id in range(1, 16)), known(640), known(641))
    tokens = tuple(replace(one, runs_out_at=NOON) if one.mode is Mode.FAST else one for one in of.fleet.fleet.tokens)
    hidden = replace(of, fleet=replace(of.fleet, fleet=replace(of.fleet.fleet, tokens=tokens), names={640: "Spare"}))

    assert lines(hidden)[15:] == ["and 2 more: 🟢 2 FAST", "⚠️ **will run out** of those: Spare (640), 641"]


def test_without_tokens_it_says_why_and_has_no_menu() -> None:
    message = board_message(board())

    assert message.embed.description == texts.fleet.EMPTY
    assert message.view.children == []


def test_where_nothing_is_watched_it_says_so_with_and_without_tokens() -> None:
    outage = an_outage(NoDataCause.NOTHING_WATCHED)
    empty = BoardOverview(overview(lists_fleet=False, outage=outage), (), NOON)
    stale = BoardOverview(overview(known(1), lists_fleet=False, outage=outage), (), NOON)

    assert board_message(empty).embed.description == texts.fleet.NO_FLEET
    assert (board_message(stale).embed.description or "").startswith(texts.fleet.NOTHING_WATCHED)


def test_a_failing_check_is_named_with_its_cause() -> None:
    failing = overview(known(1), after=HOUR, outage=an_outage(NoDataCause.FLEET_EMPTY))
    shown = board_message(BoardOverview(failing, (), NOON + HOUR)).embed.description or ""

    assert "ImaginePro lists no tokens for this key." in shown.split("\n")[0]


def test_its_timestamp_is_not_a_change() -> None:
    first, second = board_message(board(known(1))), board_message(board(known(1), now=NOON + HOUR))

    assert (first.embed.timestamp, second.embed.timestamp) == (NOON, NOON + HOUR)
    assert first.fingerprint == second.fingerprint
    assert len(first.fingerprint) == 64


def test_time_alone_is_no_change_until_readings_become_stale_or_unknown() -> None:
    tokens = (known(1, plan=Plan(renews_at=NOON + HOUR)), known(2, "RELAX"))
    seen = [fingerprint(board(*tokens, after=minutes * MINUTE)) for minutes in range(60)]

    assert len(set(seen)) == 3
    assert [seen.count(one) for one in dict.fromkeys(seen)] == [3, 2, 55]


@pytest.mark.parametrize(
    "changed",
    [
        (known(1, "RELAX"),),
        (known(1, left=11 * HOUR),),
        (known(1, plan=Plan(ends_at=NOON)),),
        (known(1), known(2)),
        (),
    ],
)
def test_visible_differences_are_changes(changed: tuple[TrackedToken, ...]) -> None:
    assert fingerprint(board(*changed)) != fingerprint(board(known(1)))


def test_names_and_what_is_open_are_changes() -> None:
    plain = board(known(1))
    named = replace(plain, fleet=replace(plain.fleet, names={1: "Studio A"}))
    open_now = replace(plain, incidents=[IncidentOverview(incident(member(1, AlertType.BANNED)))])
    acknowledged = replace(
        plain, incidents=[IncidentOverview(incident(member(1, AlertType.BANNED), acknowledged_by=7))]
    )

    assert len({fingerprint(one) for one in (plain, named, open_now, acknowledged)}) == 4


def test_new_components_are_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(board(known(1)))
    monkeypatch.setattr(texts.buttons, "TOKENS_MENU", "Another placeholder")

    assert fingerprint(board(known(1))) != before


@settings(suppress_health_check=list(HealthCheck), max_examples=fewer_examples(3))
@given(
    st.lists(tokens_of_any_sort, max_size=4, unique_by=lambda token: token.reading.token_id),
    st.lists(incidents(), max_size=3),
    st.sampled_from([timedelta(), 3 * MINUTE, HOUR]),
)
def test_any_board_is_valid_in_discord(tokens: list[TrackedToken], open_now: list[Any], after: timedelta) -> None:
    shown = [
        IncidentOverview(one, "*" * 100, f"https://discord.com/channels/{2**63}/{2**63}/{2**63}") for one in open_now
    ]
    message = board_message(board(*tokens, after=after, incidents=shown))

    check_limits(message.embed)
    body = {"embeds": [message.embed.to_dict()], "components": message.view.to_components()}
    assert violations("POST", "/channels/{channel_id}/messages", body) == []


def test_it_is_grey_without_data() -> None:
    assert board_message(board(known(1), after=HOUR)).embed.colour == discord.Colour(0x95A5A6)
