"""Formatting of values, and escaping of untrusted text."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_types import ALERT_POLICIES
from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.domain.owners import OWNER_MUST_ACT
from bot.domain.readings import Reading
from bot.ui import texts
from bot.ui.formatting import (
    at,
    bar,
    duration,
    duration_between,
    duration_of,
    escape_untrusted,
    fast_time,
    hours_left,
    plain_token,
    status,
    subject,
    token,
    without_names,
)
from tests.clocks import NOON
from tests.ui.hostile import live_parts, names_of_any_sort, texts_of_any_sort
from tests.ui.some_incidents import TYPES_OF_TOKENS, incident, over

# --- Escaped text


@pytest.mark.parametrize(
    "text",
    [
        "*bold*",
        "**bold**",
        "_italic_",
        "__underlined__",
        "~~struck~~",
        "||hidden||",
        "`code`",
        "```code```",
        "# heading",
        "> quote",
        "- list",
        "[here](https://evil.invalid)",
        "https://evil.invalid",
        "see http://evil.invalid/x.",
        "discord://-/invite",
        "discord.gg/evil",
        "Discord.com/invite/evil",
        "<https://evil.invalid>",
        "@everyone",
        "@here",
        "<@123>",
        "<@!123>",
        "<@&123>",
        "<#123>",
        "</trace:123>",
        "<:emoji:123>",
        "<a:emoji:123>",
        "<t:0:R>",
        "<id:customize>",
        r"\*already escaped\*",
    ],
)
def test_hostile_text_has_no_effect(text: str) -> None:
    assert live_parts(text) != [] or text.startswith("\\"), "unescaped it would have an effect"
    assert live_parts(escape_untrusted(text, most=100)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Renewal failed. Please check!",
        "12.40/15.0 h",
        "100 % of 15 h; (so far)".replace("(", "").replace(")", ""),
        "Grüße 🙂 é",
    ],
)
def test_plain_text_is_unchanged(text: str) -> None:
    assert escape_untrusted(text, most=100) == text


def test_long_text_is_truncated_with_an_ellipsis() -> None:
    assert escape_untrusted("abcdef", most=6) == "abcdef"
    assert escape_untrusted("abcdefg", most=6) == "abcde…"


@given(text=texts_of_any_sort, most=st.integers(1, 500))
def test_no_text_has_an_effect_or_grows_beyond_twice_its_limit(text: str, most: int) -> None:
    shown = escape_untrusted(text, most=most)

    assert live_parts(shown) == []
    assert len(shown) <= 2 * most


@given(text=texts_of_any_sort)
def test_the_rendered_text_is_unchanged(text: str) -> None:
    seen = re.sub(r"\\([\\*_~`|#\[\]()<>/-])", r"\1", escape_untrusted(text, most=10_000)).replace("@\u2060", "@")

    assert seen == text


# --- Bars and numbers


@pytest.mark.parametrize(
    ("share", "cells"),
    [(0, 0), (0.0001, 1), (0.04, 1), (0.15, 2), (0.5, 5), (0.94, 9), (0.999, 9), (1, 10), (1.3, 10), (10**9, 10)],
)
def test_a_bar_is_empty_or_full_only_at_the_exact_limits(share: float, cells: int) -> None:
    assert bar(share) == "▰" * cells + "▱" * (10 - cells)


@given(share=st.floats(0, 10))
def test_every_bar_has_ten_cells_and_distinct_ends(share: float) -> None:
    drawn = bar(share)

    assert len(drawn) == 10
    assert drawn.lstrip("▰").strip("▱") == ""
    assert ("▰" not in drawn) is (share == 0)
    assert ("▱" not in drawn) is (share >= 1)


def fast(left: float, total: float | None, unit: Unit = Unit.HOURS) -> Reading:
    one = timedelta(hours=1) if unit is Unit.HOURS else timedelta(minutes=1)
    return Reading(1, NOON, fast_time=FastTime(left * one, total * one if total is not None else None, unit))


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (fast(12.4, 15), "▰▰▰▰▰▰▰▰▱▱  **12.4** of 15 h of fast time left (83 %)"),
        (fast(3.33, 200, Unit.MINUTES), "▰▱▱▱▱▱▱▱▱▱  **3.3** of 200 min of fast time left (2 %)"),
        (fast(0, 15), "▱▱▱▱▱▱▱▱▱▱  **0** of 15 h of fast time left (0 %)"),
        (fast(20, 15), "▰▰▰▰▰▰▰▰▰▰  **20** of 15 h of fast time left (133 %)"),
        (fast(3.5, None), "**3.5 h** of fast time left"),
        (fast(3.5, None, Unit.MINUTES), "**3.5 min** of fast time left"),
        (Reading(1, NOON), "Fast time left: unknown"),
        (Reading(1, NOON, fast_time_text="a_lot"), "Fast time left: unknown; ImaginePro says “a\\_lot”"),
    ],
)
def test_fast_time_is_written_in_its_own_unit_and_unknown_says_unknown(reading: Reading, words: str) -> None:
    assert fast_time(reading) == words


# --- Times, durations, modes


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(), "less than a minute"),
        (timedelta(seconds=59.9), "less than a minute"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=29), "59 min"),
        (timedelta(minutes=59, seconds=30), "1 h"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=6, minutes=1), "6 h 1 min"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(days=1, minutes=29), "1 d"),
        (timedelta(days=1, minutes=59), "1 d 1 h"),
        (timedelta(days=400, hours=5, minutes=9), "400 d 5 h"),
    ],
)
def test_a_duration_has_at_most_two_units(length: timedelta, words: str) -> None:
    assert duration(length) == words


@pytest.mark.parametrize(
    ("began", "ended", "words"),
    [
        # 12:00:50 to 12:14:10, so people read 12:00 and 12:14.
        (timedelta(seconds=50), timedelta(minutes=14, seconds=10), "14 min"),
        (timedelta(seconds=10), timedelta(minutes=13, seconds=50), "13 min"),
        (timedelta(seconds=50), timedelta(minutes=1, seconds=10), "1 min"),
        (timedelta(seconds=10), timedelta(seconds=50), "less than a minute"),
    ],
)
def test_a_duration_agrees_with_the_clock_times_beside_it(began: timedelta, ended: timedelta, words: str) -> None:
    assert duration_between(NOON + began, NOON + ended) == words


def test_an_incident_says_how_long_it_took() -> None:
    assert duration_of(over(incident(), timedelta(minutes=90))) == "1 h 30 min"


def test_a_time_is_formatted_by_discord() -> None:
    assert at(NOON, "R") == f"<t:{int(NOON.timestamp())}:R>"


@pytest.mark.parametrize(
    ("mode", "said", "words"),
    [
        (Mode.FAST, "fast", "FAST"),
        (Mode.RELAX, "RELAX", "RELAX"),
        (Mode.OFF, "FAST", "OFF"),
        (Mode.GONE, "FAST", "GONE"),
        (Mode.OTHER, "TURBO", "TURBO"),
        (Mode.OTHER, "_*TURBO*_", r"\_\*TURBO\*\_"),
        (Mode.OTHER, "T" * 50, "T" * 19 + "…"),
        (Mode.OTHER, "", "OTHER"),
        (None, "", "status unknown"),
        # The reading may be later than the confirmed mode.
        (Mode.OTHER, "FAST", "OTHER"),
    ],
)
def test_a_mode_is_one_word_and_an_unknown_one_is_shown_as_received(mode: Mode | None, said: str, words: str) -> None:
    assert status(mode, said) == words


def test_every_mode_has_an_icon_and_all_but_fast_a_description() -> None:
    assert set(texts.common.SIGNS) == {*Mode, None}
    assert len(set(texts.common.SIGNS.values())) == len(texts.common.SIGNS)
    assert (
        set(texts.incidents.ADVICE)
        == {kind for kind, policy in ALERT_POLICIES.items() if policy.type in TYPES_OF_TOKENS} - OWNER_MUST_ACT
    )


def test_every_description_fits_in_discord() -> None:
    """Descriptions of commands and options have at most 100 characters, responses 2000."""
    lines = [text for name, text in vars(texts.commands).items() if name.isupper()]

    assert lines
    assert [line for line in lines if len(line) > 100] == []


# --- Names of tokens


@given(number=st.integers(1, 2**63 - 1), name=names_of_any_sort.filter(bool))
def test_a_name_can_be_removed_from_text_again(number: int, name: str) -> None:
    words = "{token} left FAST (2 RELAX), {token}: **5 h** (83 percent)."
    plain, named = (words.format(token=subject(number, names)) for names in ({}, {number: name}))

    assert without_names(named) == plain
    assert without_names(plain) == plain
    assert live_parts(subject(number, {number: name}).removeprefix("**").removesuffix(f" ({number})**")) == []


def test_a_name_is_escaped_only_where_discord_renders_markdown() -> None:
    names = {111: "*Studio* A"}

    assert token(111, names) == r"\*Studio\* A (111)"
    assert plain_token(111, names) == "111 *Studio* A"
    assert token(222, names) == plain_token(222, names) == "222"


@pytest.mark.parametrize(
    ("left", "unit", "words"),
    [
        (12.4, Unit.HOURS, "12.4 h"),
        (0, Unit.HOURS, "0 h"),
        (0.28, Unit.HOURS, "17 min"),
        (2.386, Unit.MINUTES, "143.2 min"),
    ],
)
def test_the_remainder_is_short_in_a_choice(left: float, unit: Unit, words: str) -> None:
    known = FastTime(timedelta(hours=left), timedelta(hours=15), unit)

    assert hours_left(Reading(111, NOON, fast_time=known)) == words
    assert hours_left(Reading(111, NOON)) == ""
