"""The answer of `/alerts rules`."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import discord

from bot.health.rule_limits import COUNTS, TIMES
from bot.health.rules import DigestDay, Rules
from bot.ui import texts
from bot.ui.rules import NUMBER_OF_OPTION, rules_embed, what_is_wrong
from tests.ui.limits import check_limits

HOUR = timedelta(hours=1)
WITHOUT_LIMITS = {"will_not_last", "digest", "time_zone"}


def lines_of(embed: discord.Embed) -> list[str]:
    return [line for field in embed.fields for line in (field.value or "").splitlines()]


def test_every_number_has_its_limits_its_option_its_line_and_its_sentence() -> None:
    numbers = {field.name for field in fields(Rules)}

    assert set(NUMBER_OF_OPTION.values()) == {*COUNTS, *TIMES, *WITHOUT_LIMITS} == numbers
    assert set(texts.RULES_LINES) == set(texts.RULES_WRONG) == {*texts.ALERTS_RULES_OPTIONS} - {"defaults"}
    assert len(lines_of(rules_embed(Rules(), None))) == len(numbers) + 1


def test_the_defaults_are_shown_with_what_each_is() -> None:
    embed = rules_embed(Rules(), None)

    assert embed.title == "Rules of this server"
    assert lines_of(embed) == [
        "`confirm` **2** · readings until a token has left FAST",
        "`confirm_urgent` **1** · the same for VERIFYING and BANNED",
        "`confirm_back` **2** · readings until it is back",
        "`low` **20 %** · of the fast time left is low",
        "`very_low` **5 %** · of it left is almost none",
        "`will_not_last` **on** · whether it is told that fast time will be gone before it renews",
        "`reminders` **1 h, 6 h, 1 d** · after it began, while nobody has acknowledged it",
        "`blind_after` **5 min** · without a usable answer, and it is told",
        "`flapping_after` **3** · times a token may leave FAST, each told; more is one alert",
        "`flapping_within` **1 h** · in which these are counted",
        "`group_from` **3** · tokens at once share one alert",
        "`digest` **off** · when it is posted how the tokens have been",
        "`digest_hour` **9** · the hour of that day",
        "`time_zone` **UTC** · in which that hour is",
        "Mods are the members with Manage Server.",
    ]


def test_what_differs_from_the_default_says_so() -> None:
    rules = replace(Rules(), confirm_leaving=3, low=0, reminders=(), flapping_within=2 * HOUR)
    lines = lines_of(rules_embed(rules, 7))

    assert [line for line in lines if "default" in line] == [
        "`confirm` **3** (default 2) · readings until a token has left FAST",
        "`low` **never** (default 20 %) · of the fast time left is low",
        "`reminders` **none** (default 1 h, 6 h, 1 d) · after it began, while nobody has acknowledged it",
        "`flapping_within` **2 h** (default 1 h) · in which these are counted",
    ]
    assert "Mods are the members with Manage Server, and those with <@&7>." in lines


def digest_lines(embed: discord.Embed) -> list[str]:
    return next(field.value or "" for field in embed.fields if field.name == "Digest").splitlines()


def test_a_digest_says_when_the_next_one_comes() -> None:
    rules = replace(Rules(), digest=DigestDay.MONDAY, digest_hour=17, time_zone="Europe/Berlin", will_not_last=False)
    embed = rules_embed(rules, None, next_digest=datetime(2026, 3, 2, 16, tzinfo=UTC))

    assert digest_lines(embed) == [
        "`digest` **Monday** (default off) · when it is posted how the tokens have been",
        "`digest_hour` **17** (default 9) · the hour of that day",
        "`time_zone` **Europe/Berlin** (default UTC) · in which that hour is",
        "The next one comes on <t:1772467200:F>.",
    ]
    assert any(line.startswith("`will_not_last` **off** (default on)") for line in lines_of(embed))


def test_a_digest_without_alerts_says_what_it_waits_for() -> None:
    rules = replace(Rules(), digest=DigestDay.DAILY)
    embed = rules_embed(rules, None, next_digest=datetime(2026, 3, 2, 16, tzinfo=UTC), has_alerts=False)

    assert digest_lines(embed)[-1] == "It comes once alerts are on: `/alerts setup` starts them."


def test_the_longest_numbers_fit_into_discord() -> None:
    odd = timedelta(hours=23, minutes=59, seconds=59)
    check_limits(rules_embed(Rules(reminders=(odd,) * 5, blind_after=odd, flapping_within=odd), 2**63))


def test_what_is_wrong_is_said_in_a_sentence_each_with_the_limits() -> None:
    assert what_is_wrong(texts.RULES_LINES) == (
        "`confirm` is a number from 1 to 10.\n"
        "`confirm_urgent` is a number from 1 to 10.\n"
        "`confirm_back` is a number from 1 to 10.\n"
        "`low` is a percentage from 1 to 90, or 0 for never.\n"
        "`very_low` is a percentage from 1 to 90 and below `low`, or 0 for never.\n"
        "`reminders` are up to 5 times, each from 5 min to 7 d and later than the one before, such as `1h, 6h, 24h`; "
        "or `none`.\n"
        "`blind_after` is a time from 1 min to 1 d, such as 5m or 1h.\n"
        "`flapping_after` is a number from 1 to 20.\n"
        "`flapping_within` is a time from 10 min to 1 d, such as 30m or 2h.\n"
        "`group_from` is a number from 2 to 25.\n"
        "`will_not_last` is true or false.\n"
        "`digest` is off, daily, or a day of the week.\n"
        "`digest_hour` is a full hour from 0 to 23.\n"
        "`time_zone` is the name of a time zone, such as Europe/Berlin. Choose one that the command offers."
    )
