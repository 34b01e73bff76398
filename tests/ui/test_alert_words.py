"""An alert is read on a phone, half asleep: about 20 words, and eight lines at most, above its timeline."""

from datetime import timedelta

import pytest

from bot.domain.alert_types import ALERT_POLICIES
from bot.domain.condition_updates import CONDITION_TYPES
from bot.domain.fast_time import FastTime, Unit
from bot.domain.fleet import FleetInFast
from bot.domain.incidents import Incident
from bot.domain.outages import NoDataCause
from bot.domain.readings import Reading
from bot.domain.subscription import Plan
from bot.ui.alerts import incident_message
from bot.ui.mentions import of_role
from tests.clocks import NOON
from tests.ui.phone import head_of
from tests.ui.some_incidents import TYPES_OF_TOKENS, condition_incident, incident, member
from tests.ui.ten_cards import ROLE, TEN_CARDS, card_of

# At most so many words and lines. A longer text must give way elsewhere.
LIMITS = {
    "RELAX, acknowledged": (23, 6),
    "VERIFYING": (22, 6),
    "RELAX, then BANNED": (19, 5),
    "switched off by a moderator": (14, 4),
    "low on fast hours": (20, 5),
    "will run out": (26, 5),
    "flapping": (21, 4),
    "three tokens": (25, 7),
    "no data": (19, 5),
    "over": (9, 3),
}


def test_all_ten_cards_have_limits() -> None:
    assert list(LIMITS) == list(TEN_CARDS)
    assert sum(words for words, _ in LIMITS.values()) <= 200, "20 words a card"


@pytest.mark.parametrize("name", TEN_CARDS)
def test_a_card_has_few_words_and_lines(name: str) -> None:
    head, (words, lines) = head_of(card_of(name)), LIMITS[name]

    assert head.words <= words, head.paragraphs
    assert head.lines <= lines <= 8, head.paragraphs


@pytest.mark.parametrize(
    "one",
    [
        *(incident(cause=cause) for cause in NoDataCause),
        *(incident(member(311, kind)) for kind, alert in ALERT_POLICIES.items() if alert.type in TYPES_OF_TOKENS),
        *(condition_incident(kind) for kind, alert in ALERT_POLICIES.items() if alert.type in CONDITION_TYPES),
    ],
    ids=lambda one: str(one.cause or one.kind),
)
def test_every_alert_and_every_cause_of_no_data_has_few_words_and_lines(one: Incident) -> None:
    half = FastTime(timedelta(hours=12), timedelta(hours=30), Unit.HOURS)
    known = {311: Reading(311, NOON, fast_time=half, plan=Plan(renews_at=NOON + timedelta(hours=23)))}
    sent = incident_message(
        one, known, (), of_role(ROLE), now=NOON, names={311: "Shop front"}, in_fast=FleetInFast(4, 5)
    )
    head = head_of(sent)

    assert head.words <= 25, head.paragraphs
    assert head.lines <= 6, head.paragraphs
