"""The mode depends only on ImaginePro's response."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from bot.domain.modes import Mode, parse_mode, severity
from bot.domain.readings import Reading

MILD_TO_GRAVE = [Mode.FAST, Mode.OTHER, Mode.RELAX, Mode.OFF, Mode.GONE, Mode.VERIFYING, Mode.BANNED]


@pytest.mark.parametrize("word", ["FAST", "RELAX", "VERIFYING", "BANNED"])
@pytest.mark.parametrize("is_active", [True, None])
def test_imaginepros_statuses_are_known(word: str, is_active: bool | None) -> None:
    assert parse_mode(word, is_active=is_active) is Mode(word)


@pytest.mark.parametrize("word", ["fast", " Fast "])
def test_case_and_spaces_do_not_matter(word: str) -> None:
    assert parse_mode(word, is_active=None) is Mode.FAST


@pytest.mark.parametrize("word", ["TURBO", "OFF", "GONE", "OTHER", "FAST?", "0"])
def test_an_undocumented_status_is_other(word: str) -> None:
    assert parse_mode(word, is_active=True) is Mode.OTHER


@pytest.mark.parametrize("status", ["FAST", "BANNED", "TURBO", "", None])
def test_a_token_that_is_switched_off_is_off_whatever_its_status(status: str | None) -> None:
    assert parse_mode(status, is_active=False) is Mode.OFF


@pytest.mark.parametrize("status", ["", "  ", None])
@pytest.mark.parametrize("is_active", [True, None])
def test_without_a_status_the_mode_is_unknown(status: str | None, is_active: bool | None) -> None:
    assert parse_mode(status, is_active=is_active) is None


@pytest.mark.parametrize(("milder", "worse"), list(pairwise(MILD_TO_GRAVE)))
def test_modes_have_one_order_of_severity(milder: Mode, worse: Mode) -> None:
    assert severity(worse) > severity(milder)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_a_place_in_the_order_and_is_not_worse_than_itself(mode: Mode) -> None:
    assert severity(mode) == MILD_TO_GRAVE.index(mode)
    assert mode in MILD_TO_GRAVE


@pytest.mark.parametrize(
    ("reading", "mode"),
    [
        (Reading(7, datetime(2026, 3, 2, tzinfo=UTC), status="FAST", is_active=True), Mode.FAST),
        (Reading(7, datetime(2026, 3, 2, tzinfo=UTC), status="FAST", is_active=False), Mode.OFF),
        (Reading(7, datetime(2026, 3, 2, tzinfo=UTC), status="FAST", listed=False), Mode.GONE),
        (Reading(7, datetime(2026, 3, 2, tzinfo=UTC)), None),
    ],
)
def test_a_reading_shows_its_mode(reading: Reading, mode: Mode | None) -> None:
    assert reading.mode is mode
