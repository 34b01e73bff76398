"""Time zones by name: the matches for typed text, and the fallback for an unknown name."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing.time_zones import known_zones, matching_zones, read_zone, zone_of

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("BERLIN", "Europe/Berlin"),
        ("berl", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("york", "America/New_York"),
        ("utc", "UTC"),
        ("japan", "Japan"),
        ("Europe", "Europe/Amsterdam"),
        ("Indiana/K", "America/Indiana/Knox"),
        ("kolk", "Asia/Kolkata"),
    ],
)
def test_the_best_match_comes_first(typed: str, first: str) -> None:
    assert matching_zones(typed, most=25)[0] == first


def test_prefix_matches_come_before_word_matches_and_others() -> None:
    found = matching_zones("ma", most=1000)
    places = ["Pacific/Marquesas", "Atlantic/Jan_Mayen", "Africa/Bamako"]

    assert sorted(places, key=found.index) == places


def test_suggestions_without_input_cover_the_world() -> None:
    offered = matching_zones("  ", most=25)

    assert offered[0] == "UTC"
    assert set(offered) <= set(known_zones())
    assert {name.partition("/")[0] for name in offered} >= {"America", "Europe", "Asia", "Australia"}


def test_discords_limit_of_suggestions_is_respected() -> None:
    assert len(matching_zones("america", most=25)) == 25
    assert matching_zones("", most=3) == ["UTC", "America/Los_Angeles", "America/Denver"]
    assert matching_zones("nowhere", most=25) == []


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "../../etc/passwd", "/etc/localtime", "\0", "\udc80"])
def test_an_unknown_zone_falls_back_to_utc(name: str) -> None:
    assert SUMMER.astimezone(zone_of(name)).utcoffset() == timedelta()


def test_a_zone_is_found_by_its_name() -> None:
    assert zone_of("Asia/Kolkata") == ZoneInfo("Asia/Kolkata")


def test_the_machines_own_zone_is_not_a_choice() -> None:
    assert not {"localtime", "posixrules", "Factory"} & set(known_zones())


@given(name=st.text())
def test_no_name_raises_an_unexpected_error(name: str) -> None:
    assert SUMMER.astimezone(zone_of(name)).utcoffset() is not None


@pytest.mark.parametrize("name", ["UTC", "Europe/Kyiv", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_a_name_is_read_however_it_is_written(name: str) -> None:
    written = (name, name.upper(), f" {name.lower()} ", name.replace("_", " "))

    assert [read_zone(one) for one in written] == [name] * 4


def test_every_suggested_zone_can_be_read() -> None:
    assert [read_zone(name) for name in known_zones()] == list(known_zones())
