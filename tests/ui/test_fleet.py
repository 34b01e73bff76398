"""The list of tokens: its lines, totals, pages, and components."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import FastTime, Unit
from bot.domain.fleet import build_fleet
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.domain.readings import Reading
from bot.domain.subscription import Plan
from bot.ui import custom_ids, texts
from bot.ui.fleet import FleetOverview, heading, list_embed, list_view, page_of
from bot.ui.texts.fleet import NO_BREAK
from bot.ui.token_lines import token_lines
from tests.clocks import NOON
from tests.domain.test_fleet import HOUR, MINUTE, known
from tests.profiles import fewer_examples
from tests.standins.discord_payloads import violations
from tests.ui.limits import check_escaped, check_limits
from tests.ui.some_incidents import readings

SECONDS = int(NOON.timestamp())


def overview(*tokens: TrackedToken, after: timedelta = timedelta(), **others: Any) -> FleetOverview:
    """Return an overview of tokens read at noon, some time after that."""
    by_id = {token.reading.token_id: token for token in tokens}
    fleet = build_fleet(by_id, NOON, NOON + after, poll_interval=MINUTE, unknown_after=5 * MINUTE)
    return replace(FleetOverview(fleet, lists_fleet=True, names={}), **others)


def an_outage(cause: NoDataCause) -> Outage:
    return Outage(cause, NOON, NOON + HOUR, checks=9, cause_checks=9)


def line(token: TrackedToken, *, coarse: bool = False, **others: Any) -> str:
    shown = overview(token, **others)
    return plain(token_lines(shown.fleet.tokens[0], shown.names, shown.unit, coarse=coarse))


def plain(words: str) -> str:
    """Return the text with ordinary spaces."""
    return words.replace(NO_BREAK, " ")


def lines(of: FleetOverview, number: int = 1, mode: Mode | None = None) -> list[str]:
    """Return the lines below the totals."""
    description = list_embed(of, page_of(of, number, mode)).description or ""
    return plain(description).split("\n\n", 1)[1].split("\n")


def items(of: FleetOverview, number: int = 1, mode: Mode | None = None) -> list[Any]:
    return list_view(of, page_of(of, number, mode)).children


def pressable(of: FleetOverview, number: int) -> list[str]:
    return [
        str(item.custom_id) for item in items(of, number) if isinstance(item, discord.ui.Button) and not item.disabled
    ]


# --- Lines


def test_a_line_has_the_token_name_mode_bar_and_remainder() -> None:
    token = known(111, left=12.4 * HOUR, plan=Plan(renews_at=NOON))

    assert line(token, names={111: "Studio A"}) == "🟢 **Studio A (111)** FAST ▰▰▰▱ 12 h"


def test_what_needs_attention_has_a_line_of_its_own() -> None:
    plan, day = Plan(renews_at=NOON + 24 * HOUR), f"<t:{SECONDS + 86400}:R>"

    assert line(known(1, "RELAX", timedelta(), plan=plan)).split("\n")[1:] == [f"↳ hours return {day}"]
    assert line(known(1, left=timedelta(), plan=plan)).endswith(f"\n↳ hours return {day}")
    assert line(known(1, plan=Plan("Pro", "Cancelled", ends_at=NOON))).endswith(f"\n↳ plan ends <t:{SECONDS}:R>")


def test_a_token_that_will_run_out_is_marked_with_when() -> None:
    token = replace(overview(known(1, left=HOUR)).fleet.tokens[0], runs_out_at=NOON + 3.5 * HOUR)
    lines_of = [plain(token_lines(token, {}, Unit.HOURS, coarse=coarse)).split("\n")[1] for coarse in (False, True)]

    assert lines_of == [
        f"↳ ⚠️ **will run out** <t:{SECONDS + 12600}:R>",
        f"↳ ⚠️ **will run out** <t:{SECONDS + 10800}:R>",
    ]


def test_hours_that_cannot_be_used_have_no_bar() -> None:
    assert line(known(111, "BANNED"), names={111: "Old main"}) == "🔴 **Old main (111)** BANNED 12 h"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Studio C", "Studio C (113)"),
        ("Studio of the second floor", "Studio of… (113)"),
        ("二階のスタジオ", "二階のスタ… (113)"),
    ],
)
def test_a_name_is_cut_to_the_width_of_a_phone(name: str, shown: str) -> None:
    assert line(known(113, left=4.2 * HOUR), names={113: name}) == f"🟢 **{shown}** FAST ▰▱▱▱ 4.2 h"


def test_a_name_of_which_hardly_anything_fits_is_left_out() -> None:
    assert line(known(2**40, "A_LONG_STATUS"), names={2**40: "Studio"}).startswith(f"🔵 **{2**40}** A")


def test_a_line_breaks_after_the_token_only() -> None:
    token = overview(known(111), names={111: "Studio A"})
    text = token_lines(token.fleet.tokens[0], token.names, Unit.HOURS)

    assert text.split(" ") == [f"🟢{NO_BREAK}**Studio{NO_BREAK}A{NO_BREAK}(111)**", text.rpartition(" ")[2]]


def test_a_list_has_one_unit() -> None:
    small = known(1, fast_time=FastTime(90 * MINUTE, 200 * MINUTE, Unit.MINUTES))

    assert [text.rpartition("▱ ")[2] or text for text in lines(overview(small))] == ["90 min"]
    assert [text.rpartition("▱ ")[2] or text for text in lines(overview(small, known(2)))] == ["1.5 h", "12 h"]


def test_unknown_fast_time_says_unknown_or_the_unreadable_text() -> None:
    assert line(known(111, "BANNED", None)) == "🔴 **111** BANNED\n↳ fast time unknown"
    assert line(known(111, left=None, fast_time_text="**lots**")).endswith("FAST\n↳ fast time “\\*\\*lots\\*\\*”")


def test_an_undocumented_status_is_shown_as_received() -> None:
    assert line(known(111, "PAUSED")).startswith("🔵 **111** PAUSED ▰")


def test_an_unlisted_token_says_since_when() -> None:
    assert line(known(111, listed=False)) == f"⚪ **111** GONE\n↳ left the list <t:{SECONDS}:R>"


def test_an_old_reading_has_its_time_and_keeps_its_mode() -> None:
    token = replace(known(111), missing_since=NOON - 3 * MINUTE)
    token = replace(token, reading=replace(token.reading, read_at=NOON - 3 * MINUTE))

    assert line(token) == f"🟢 **111** FAST ▰▰▰▱ 12 h\n↳ ⏳ read <t:{SECONDS - 180}:R>"


def test_an_unknown_token_says_since_when_and_its_last_mode() -> None:
    token = replace(known(111), missing_since=NOON - HOUR)
    token = replace(token, reading=replace(token.reading, read_at=NOON - HOUR))

    assert line(token) == f"❔ **111** unknown\n↳ last read <t:{SECONDS - 3600}:R>, was FAST"


@pytest.mark.parametrize(
    ("left", "unit", "shown"),
    [
        (12.99 * HOUR, Unit.HOURS, "12 h"),
        (1234.5 * HOUR, Unit.HOURS, "1,234 h"),
        (4.99 * HOUR, Unit.HOURS, "4.9 h"),
        (0.05 * HOUR, Unit.HOURS, "≤0.1 h"),
        (0.05 * MINUTE, Unit.MINUTES, "≤1 min"),
        (timedelta(), Unit.HOURS, "0 h"),
        (timedelta(), Unit.MINUTES, "0 min"),
        (64.9 * MINUTE, Unit.MINUTES, "60 min"),
        (59.9 * MINUTE, Unit.MINUTES, "59 min"),
    ],
)
def test_coarse_text_changes_rarely_and_rounds_down(left: timedelta, unit: Unit, shown: str) -> None:
    assert line(known(111, fast_time=FastTime(left, None, unit)), coarse=True) == f"🟢 **111** FAST {shown}"


# --- The totals


def test_the_totals_count_modes_and_sum_the_remainder() -> None:
    of = overview(known(1), known(2), known(3, "RELAX", HOUR), known(4, "BANNED", None))

    assert list(map(plain, heading(of))) == [
        "🟢 2 FAST · 🟡 1 RELAX · 🔴 1 BANNED",
        "**24.0 h** usable · 1.0 h in RELAX, without 1 where it is unknown",
    ]


def test_hours_that_nobody_can_use_are_shown_apart() -> None:
    locked = [known(token_id, mode) for token_id, mode in enumerate(("BANNED", "VERIFYING", "SLEEPY"), start=2)]

    assert plain(heading(overview(known(1), *locked))[-1]) == "**12.0 h** usable · 36.0 h locked"
    assert plain(heading(overview(*locked), coarse=True)[-1]) == "**0 h** usable · 36 h locked"
    assert plain(heading(overview(known(1)))[-1]) == "**12.0 h** usable"


def test_all_unknown_totals_say_so() -> None:
    assert list(map(plain, heading(overview(known(1, left=None))))) == ["🟢 1 FAST", "fast time left: unknown"]


def test_failing_rounds_are_one_line_on_top_instead_of_marks() -> None:
    old, stale = overview(known(1), after=3 * MINUTE), overview(known(1), after=HOUR)

    assert heading(old)[0].startswith(f"⏳ Last read <t:{SECONDS}:R>: Fastwatch has made no check.")
    assert heading(stale)[0].startswith(
        f"🙈 **Token status is unknown: Fastwatch has made no check.** Last read <t:{SECONDS}:R>;"
    )
    assert lines(old) == lines(stale) == lines(overview(known(1)))


@pytest.mark.parametrize("cause", [cause for cause in NoDataCause if cause is not NoDataCause.NOTHING_WATCHED])
def test_the_line_on_top_names_the_cause(cause: NoDataCause) -> None:
    failing = overview(known(1), after=HOUR, outage=an_outage(cause))

    assert heading(failing)[0].startswith(
        f"🙈 **Token status is unknown: {texts.outages.HEADLINES[cause]}.** Last read <t:{SECONDS}:R>;"
    )


@pytest.mark.parametrize("after", [timedelta(), HOUR])
def test_where_nothing_is_watched_the_list_says_so(after: timedelta) -> None:
    of = overview(known(1), after=after, lists_fleet=False, outage=an_outage(NoDataCause.NOTHING_WATCHED))

    assert heading(of)[0].startswith("⚪ **Nothing is watched.**")
    empty = overview(lists_fleet=False, outage=an_outage(NoDataCause.NOTHING_WATCHED))
    assert (list_embed(empty, page_of(empty, 1, None)).description or "").startswith("Nothing is watched: this key")


def test_tokens_without_a_status_are_named_as_not_watched() -> None:
    assert heading(overview(known(1), never_read=[5, 6], names={6: "six"}))[-1] == (
        "❔ Without a status at ImaginePro, so not watched: 5, six (6)"
    )
    assert heading(overview(known(1), never_read=range(9)))[-1].endswith("not watched: 0, 1, 2, 3, 4, and 4 more")


def test_the_colour_is_the_most_severe_tokens_or_grey_without_data() -> None:
    tokens = (known(1), known(2, "BANNED"))

    assert list_embed(overview(*tokens), page_of(overview(*tokens), 1, Mode.FAST)).colour == discord.Colour(0xE74C3C)
    assert overview(*tokens, after=HOUR).colour == discord.Colour(0x95A5A6)


# --- Pages


def many(number: int) -> FleetOverview:
    return overview(*(known(token_id, left=token_id * MINUTE) for token_id in range(1, number + 1)))


def test_pages_have_fifteen_lines_and_cover_each_token_once() -> None:
    of = many(1000)
    pages = [page_of(of, number, None) for number in range(1, 68)]

    assert {page.pages for page in pages} == {67}
    assert [len(page.tokens) for page in pages] == [15] * 66 + [10]
    assert [token.reading.token_id for page in pages for token in page.tokens] == list(range(1, 1001))
    assert list_embed(of, pages[1]).footer.text == "page 2 of 67 · read"
    assert list_embed(of, pages[1]).timestamp == NOON


@pytest.mark.parametrize(("asked", "shown"), [(0, 1), (1, 1), (3, 3), (4, 3), (10**9, 3)])
def test_a_page_beyond_the_end_is_the_last_one(asked: int, shown: int) -> None:
    assert page_of(many(31), asked, None).number == shown


def test_a_filtered_mode_keeps_the_totals_of_all() -> None:
    of = overview(known(1), known(2, "RELAX"))

    assert [text[:6] for text in lines(of, mode=Mode.RELAX)] == ["🟡 **2*"]
    embed = list_embed(of, page_of(of, 1, Mode.RELAX))
    assert embed.title == "Tokens in RELAX"
    assert plain(embed.description or "").startswith("🟢 1 FAST · 🟡 1 RELAX")
    assert lines(of, mode=Mode.BANNED) == ["No token is in BANNED now. Choose another mode below, or all."]


@pytest.mark.parametrize(
    ("lists_fleet", "words"),
    [
        (None, "ImaginePro has not responded yet. Try again"),
        (True, "No tokens are linked to this account. Link one"),
        (False, "Nothing is watched: this key cannot list tokens. Mods can"),
    ],
)
def test_an_empty_fleet_is_one_sentence_with_the_reason_and_the_fix(lists_fleet: bool | None, words: str) -> None:
    of = overview(lists_fleet=lists_fleet)

    assert (list_embed(of, page_of(of, 1, None)).description or "").startswith(words)
    assert items(of) == []


def test_an_empty_list_says_why_no_token_could_be_read() -> None:
    of = overview(lists_fleet=None, outage=an_outage(NoDataCause.UNAUTHORIZED))

    assert list_embed(of, page_of(of, 1, None)).description == (
        "No token could be read yet: ImaginePro rejects this key. Check in ImaginePro's dashboard that the account has "
        "credits, and that `IMAGINEPRO_API_KEY` is its key."
    )


# --- Components


def test_buttons_lead_to_other_pages_only() -> None:
    of = many(46)

    assert pressable(of, 1) == ["fastwatch:list:2:all:next", "fastwatch:list:4:all:last"]
    assert pressable(of, 3) == [
        "fastwatch:list:1:all:first",
        "fastwatch:list:2:all:back",
        "fastwatch:list:4:all:next",
        "fastwatch:list:4:all:last",
    ]
    assert pressable(many(15), 1) == []


def test_the_buttons_keep_the_mode_filter() -> None:
    of = overview(*(known(token_id, "RELAX") for token_id in range(1, 20)))

    assert items(of, mode=Mode.RELAX)[2].custom_id == "fastwatch:list:2:RELAX:next"


def options(of: FleetOverview, custom_id: str, mode: Mode | None = None) -> Sequence[discord.SelectOption]:
    (menu,) = [item for item in items(of, mode=mode) if item.custom_id == custom_id]
    return list(menu.options)


def test_a_menu_has_the_existing_modes_with_their_counts() -> None:
    of = overview(known(1), known(2), known(3, "BANNED"))

    modes = options(of, custom_ids.LIST_MODES.encode(), mode=Mode.FAST)
    assert [(option.label, option.value, option.default) for option in modes] == [
        ("All modes (3)", "all", False),
        ("BANNED (1)", "BANNED", False),
        ("FAST (2)", "FAST", True),
    ]


def test_modes_of_our_own_are_offered_and_named_in_words() -> None:
    of = overview(known(1), known(2, listed=False), known(3, "SLEEPY"))

    offered = {option.value: option.description for option in options(of, custom_ids.LIST_MODES.encode())}
    assert (offered["GONE"], offered["OTHER"], offered["FAST"]) == (
        "no longer listed at ImaginePro",
        "a status that Fastwatch does not know",
        None,
    )
    assert list_embed(of, page_of(of, 1, Mode.GONE)).title == "Tokens no longer listed at ImaginePro"
    assert lines(of, mode=Mode.OFF) == ["No token is switched off now. Choose another mode below, or all."]


def test_one_mode_alone_needs_no_menu() -> None:
    assert [item.custom_id for item in items(overview(known(1)))] == [custom_ids.LIST_TOKENS.encode()]


def test_the_menu_leads_back_from_an_empty_mode() -> None:
    assert options(overview(known(1)), custom_ids.LIST_MODES.encode(), mode=Mode.BANNED)[0].value == "all"


def test_a_menu_opens_the_tokens_of_the_page() -> None:
    of = overview(known(1), known(2, "BANNED"), names={1: "*Studio*"})

    (first, second) = options(of, custom_ids.LIST_TOKENS.encode())
    assert (first.value, first.label, str(first.emoji), first.description) == ("2", "2", "🔴", "BANNED")
    assert second.label == "1 *Studio*"


# --- Any input


tokens_of_any_sort = st.builds(
    TrackedToken, readings, st.just(NOON), st.booleans(), st.none() | st.just(NOON - 3 * MINUTE) | st.just(NOON - HOUR)
)


@settings(suppress_health_check=list(HealthCheck), max_examples=fewer_examples(3))
@given(
    st.lists(tokens_of_any_sort, max_size=4, unique_by=lambda token: token.reading.token_id),
    st.sampled_from([timedelta(), 3 * MINUTE, HOUR]),
    st.none() | st.sampled_from(Mode),
)
def test_any_list_is_valid_and_escaped(tokens: list[TrackedToken], after: timedelta, mode: Mode | None) -> None:
    names = {token.reading.token_id: "@everyone [x](https://evil.invalid)" for token in tokens}
    of = overview(*tokens, after=after, names=names)
    page = page_of(of, 1, mode)
    embed, view = list_embed(of, page), list_view(of, page)

    check_limits(embed)
    # Our own brackets around a name.
    check_escaped(re.sub(r"[ \u00a0]\((\d+)\)", r" \1", embed.description or ""))
    body = {"embeds": [embed.to_dict()], "components": view.to_components()}
    assert violations("POST", "/channels/{channel_id}/messages", body) == []


def test_fifteen_of_the_longest_possible_lines_fit() -> None:
    longest = Reading(
        2**63 - 1,
        NOON,
        status="*" * 100,
        fast_time_text="*" * 100,
        plan=Plan(renews_at=NOON.replace(year=5000)),
    )
    tokens = [
        TrackedToken(replace(longest, token_id=2**63 - 1 - n), NOON, in_fleet=True, missing_since=NOON)
        for n in range(40)
    ]
    by_id = {token.reading.token_id: token for token in tokens}
    read = NOON + 3 * MINUTE
    fleet = build_fleet(by_id, read, read + 3 * MINUTE, poll_interval=MINUTE, unknown_after=HOUR)
    of = FleetOverview(fleet, lists_fleet=True, names=dict.fromkeys(by_id, "@" * 30))

    assert fleet.freshness is Freshness.OLD
    check_limits(list_embed(of, page_of(of, 2, None)))
