"""The words of alerts about the whole fleet."""

from datetime import timedelta

from bot.domain.alert_types import AlertType
from bot.domain.capacity import Capacity
from bot.ui.conditions import kind_words


def test_the_list_of_what_is_wrong_already_has_the_hours_that_the_alert_would_have() -> None:
    capacity = Capacity(tokens=3, in_fast=2, usable=timedelta(hours=7, minutes=50))

    said = {kind_words(AlertType.FEW_HOURS, one) for one in (capacity, capacity.rounded)}

    assert said == {"Too few usable fast hours: 7 h"}
