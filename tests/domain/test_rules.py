"""The rules by which a server is notified."""

from dataclasses import fields
from datetime import timedelta

import pytest

from bot.domain.modes import Mode
from bot.domain.rules import RULES, Rules


def test_every_field_is_a_rule_or_a_digest_setting() -> None:
    assert {rule.name for rule in RULES.values()} | {"digest", "digest_hour", "time_zone"} == {
        field.name for field in fields(Rules)
    }


@pytest.mark.parametrize(
    ("mode", "needed"),
    [
        (Mode.FAST, 7),
        (Mode.VERIFYING, 6),
        (Mode.BANNED, 6),
        (Mode.RELAX, 5),
        (Mode.OFF, 5),
        (Mode.GONE, 5),
        (Mode.OTHER, 5),
    ],
)
def test_each_mode_is_confirmed_by_its_own_number_of_readings(mode: Mode, needed: int) -> None:
    assert Rules(confirm_leaving=5, confirm_urgent=6, confirm_back=7).readings_needed(mode) == needed


def test_flapping_ends_after_half_its_detection_window() -> None:
    assert Rules(flapping_within=timedelta(hours=3)).flap_clear_after == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("low", "very_low", "is_in_order"),
    [(20, 19, True), (20, 20, False), (20, 21, False), (20, 0, True), (0, 5, True), (0, 0, True)],
)
def test_the_second_warning_is_below_the_first_where_both_are_on(low: int, very_low: int, is_in_order: bool) -> None:
    assert Rules(low=low, very_low=very_low).warns_in_order is is_in_order


def test_a_rule_changes_its_own_value_and_no_other() -> None:
    changed = RULES["no_data_after"].with_value(Rules(low=10), timedelta(minutes=7))

    assert changed == Rules(low=10, no_data_after=timedelta(minutes=7))
    assert RULES["no_data_after"].with_default(changed) == Rules(low=10)
