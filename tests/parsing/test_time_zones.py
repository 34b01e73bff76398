"""Time zones by their names: what is found for what was typed, and what stands in for a name that is gone."""

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


def test_a_place_that_begins_so_comes_before_one_with_a_part_that_does_and_that_before_any_other() -> None:
    found = matching_zones("ma", most=1000)
    places = ["Pacific/Marquesas", "Atlantic/Jan_Mayen", "Africa/Bamako"]

    assert sorted(places, key=found.index) == places


def test_before_anything_is_typed_zones_of_all_the_world_are_offered() -> None:
    offered = matching_zones("  ", most=25)

    assert offered[0] == "UTC"
    assert set(offered) <= set(known_zones())
    assert {name.partition("/")[0] for name in offered} >= {"America", "Europe", "Asia", "Australia"}


def test_no_more_are_offered_than_discord_takes() -> None:
    assert len(matching_zones("america", most=25)) == 25
    assert matching_zones("", most=3) == ["UTC", "America/Los_Angeles", "America/Denver"]
    assert matching_zones("nowhere", most=25) == []


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "../../etc/passwd", "/etc/localtime", "\0", "\udc80"])
def test_a_zone_that_is_not_known_any_more_is_taken_for_utc(name: str) -> None:
    assert SUMMER.astimezone(zone_of(name)).utcoffset() == timedelta()


def test_a_zone_is_found_by_its_name() -> None:
    assert zone_of("Asia/Kolkata") == ZoneInfo("Asia/Kolkata")


def test_what_the_machine_is_set_to_is_no_zone_to_choose() -> None:
    assert not {"localtime", "posixrules", "Factory"} & set(known_zones())


@given(name=st.text())
def test_no_name_makes_it_raise(name: str) -> None:
    assert SUMMER.astimezone(zone_of(name)).utcoffset() is not None


@pytest.mark.parametrize("name", ["UTC", "Europe/Kyiv", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_a_name_is_read_however_it_is_written(name: str) -> None:
    written = (name, name.upper(), f" {name.lower()} ", name.replace("_", " "))

    assert [read_zone(one) for one in written] == [name] * 4


def test_every_zone_that_is_offered_can_be_read() -> None:
    assert [read_zone(name) for name in known_zones()] == list(known_zones())
