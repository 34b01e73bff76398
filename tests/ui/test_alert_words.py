"""An alert is read on a phone, half asleep: about 20 words, and eight lines at most, above its timeline."""

import pytest

from bot.domain.alert_types import ALERT_POLICIES
from bot.domain.condition_updates import CONDITION_TYPES
from bot.domain.incidents import Incident
from bot.domain.outages import NoDataCause
from bot.ui.alerts import incident_message
from bot.ui.mentions import of_role
from tests.clocks import NOON
from tests.ui.phone import head_of
from tests.ui.some_incidents import condition_incident, incident
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
        *(condition_incident(kind) for kind, alert in ALERT_POLICIES.items() if alert.type in CONDITION_TYPES),
    ],
    ids=lambda one: str(one.cause or one.condition.kind),
)
def test_every_cause_of_no_data_and_every_condition_has_few_words_and_lines(one: Incident) -> None:
    head = head_of(incident_message(one, {}, (), of_role(ROLE), now=NOON))

    assert head.words <= 25, head.paragraphs
    assert head.lines <= 6, head.paragraphs
