"""Rules as mods type them: what is taken, and what is refused with a sentence."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.apologies import CannotBeDone
from bot.health.rule_limits import beyond_limits
from bot.health.rules import DigestDay, Rules
from bot.typed_rules import typed_rules
from bot.ui.rules import NUMBER_OF_OPTION, what_is_wrong

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("option", "typed", "number", "value"),
    [
        ("confirm", 1, "confirm_leaving", 1),
        ("confirm", 10, "confirm_leaving", 10),
        ("confirm_urgent", 10, "confirm_urgent", 10),
        ("confirm_back", 1, "confirm_back", 1),
        ("low", 90, "low", 90),
        ("low", 0, "low", 0),
        ("low", 6, "low", 6),
        ("very_low", 0, "very_low", 0),
        ("very_low", 19, "very_low", 19),
        ("reminders", "5m", "reminders", (5 * MINUTE,)),
        ("reminders", "5m,1h , 2h,3h,7d", "reminders", (5 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 7 * DAY)),
        ("reminders", " None ", "reminders", ()),
        ("blind_after", "1m", "blind_after", MINUTE),
        ("blind_after", "24h", "blind_after", DAY),
        ("flapping_after", 1, "flapping_after", 1),
        ("flapping_after", 20, "flapping_after", 20),
        ("flapping_within", "10m", "flapping_within", 10 * MINUTE),
        ("flapping_within", "1d", "flapping_within", DAY),
        ("group_from", 2, "group_from", 2),
        ("group_from", 25, "group_from", 25),
        ("will_not_last", False, "will_not_last", False),
        ("digest", "daily", "digest", DigestDay.DAILY),
        ("digest", "monday", "digest", DigestDay.MONDAY),
        ("digest_hour", 0, "digest_hour", 0),
        ("digest_hour", 23, "digest_hour", 23),
        ("time_zone", "Europe/Berlin", "time_zone", "Europe/Berlin"),
        ("time_zone", " europe/berlin ", "time_zone", "Europe/Berlin"),
        ("time_zone", "america/new york", "time_zone", "America/New_York"),
        ("time_zone", "utc", "time_zone", "UTC"),
    ],
)
def test_what_is_within_its_limits_is_taken(option: str, typed: int | str, number: str, value: object) -> None:
    assert typed_rules(Rules(), {option: typed}) == replace(Rules(), **{number: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        *(("confirm", wrong) for wrong in (0, -1, 11, 10**15)),
        *(("confirm_urgent", wrong) for wrong in (0, 11)),
        *(("confirm_back", wrong) for wrong in (0, 11)),
        *(("low", wrong) for wrong in (-1, 91)),
        *(("very_low", wrong) for wrong in (-1, 20, 21, 91)),
        *(
            ("reminders", wrong)
            for wrong in ("", "soon", "4m", "8d", "1h, 1h", "2h, 1h", "1h,,2h", "1h 2h", "none, 1h")
        ),
        ("reminders", "1h, 2h, 3h, 4h, 5h, 6h"),
        *(("blind_after", wrong) for wrong in ("", "59s", "25h", "5", "none", "-5m")),
        *(("flapping_after", wrong) for wrong in (0, 21)),
        *(("flapping_within", wrong) for wrong in ("9m", "25h", "999999d")),
        *(("group_from", wrong) for wrong in (0, 1, 26)),
        *(("digest", wrong) for wrong in ("", "weekly", "Montag")),
        *(("digest_hour", wrong) for wrong in (-1, 24)),
        *(("time_zone", wrong) for wrong in ("", "Berlin", "Europe", "Mars/Olympus", "../UTC", "localtime", "\0")),
    ],
)
def test_what_is_beyond_is_refused_with_its_own_sentence(option: str, typed: int | str) -> None:
    with pytest.raises(CannotBeDone) as refused:
        typed_rules(Rules(), {option: typed})

    assert str(refused.value) == what_is_wrong([option])


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(CannotBeDone) as refused:
        typed_rules(Rules(), {"confirm": 0, "blind_after": "x", "low": 30, "reminders": "1m"})

    assert str(refused.value) == what_is_wrong(["confirm", "blind_after", "reminders"])


def test_a_mark_that_is_never_told_need_not_be_above_the_other() -> None:
    assert typed_rules(Rules(), {"low": 0, "very_low": 50}).very_low == 50


def test_lowering_one_mark_below_the_other_is_refused() -> None:
    with pytest.raises(CannotBeDone, match="`very_low` is a percentage"):
        typed_rules(Rules(), {"low": 4})

    assert typed_rules(Rules(), {"low": 4, "very_low": 2}) == replace(Rules(), low=4, very_low=2)


def test_the_defaults_are_within_the_limits() -> None:
    assert beyond_limits(Rules()) == set()


typed = st.dictionaries(
    st.sampled_from(sorted(NUMBER_OF_OPTION)),
    st.integers(-5, 120) | st.text(max_size=20) | st.from_regex(r"\A(\d{1,3}[smhd], ?){0,4}\d{1,3}[smhd]\Z"),
)


@given(typed=typed)
def test_whatever_is_typed_the_rules_that_come_of_it_are_within_their_limits(typed: dict[str, int | str]) -> None:
    options = {
        option: value
        for option, value in typed.items()
        if isinstance(value, str) is (option in {"reminders", "blind_after", "flapping_within", "digest", "time_zone"})
    }
    with contextlib.suppress(CannotBeDone):
        assert beyond_limits(typed_rules(Rules(), options)) == set()
