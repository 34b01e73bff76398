"""The responses of `/alerts rules` and `/alerts digest`."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import discord

from bot.domain.rules import RULES, DigestDay, Rules
from bot.ui import texts
from bot.ui.rules import changes, digest_text, rules_embed
from tests.ui.limits import check_limits

HOUR = timedelta(hours=1)
NEXT = datetime(2026, 3, 2, 16, tzinfo=UTC)


def lines_of(embed: discord.Embed) -> list[str]:
    return [line for field in embed.fields for line in (field.value or "").splitlines()]


def test_every_rule_has_its_text_and_nothing_else_has() -> None:
    assert {name for group in texts.rules.MEANINGS.values() for name in group} == {*RULES}
    assert {*texts.rules.MEANINGS_OFF} == {
        *("low", "very_low", "reminders", "run_out", "escalate_after", "escalate_role", "quiet_hours"),
        *("min_fast", "min_hours", "low_credits", "plan_end"),
    }


def test_the_rules_are_shown_by_their_effect() -> None:
    embed = rules_embed(Rules(), None)

    assert embed.title == "Alert rules of this server"
    assert [field.name for field in embed.fields] == [
        "Leaving FAST, and coming back",
        "Low fast hours",
        "The whole team",
        "Reminders and escalation",
        "Quiet hours",
        "When ImaginePro does not respond",
        "Combining alerts",
        "Moderators",
    ]
    assert lines_of(embed) == [
        "`confirm_leaving` Alert after **2 readings** in a row out of FAST",
        "`confirm_urgent` Alert after **1 reading** in a row in VERIFYING or BANNED",
        "`confirm_back` Report a token as back after **2 readings** in a row in FAST",
        "`low` Warn below **20 %** of the plan's fast hours",
        "`very_low` Warn again below **5 %** of the plan's fast hours",
        "`run_out` Warn when a token will run out of fast hours before they return",
        "`min_fast` Alert at once with fewer than **1 token** in FAST",
        "`min_hours` No alert when few fast hours are usable",
        "`low_credits` Warn below **10 %** of the account's credits",
        "`plan_end` Warn 7 days and 1 day before the account's plan ends",
        "`reminders` Remind after **1 h, 6 h, 1 d** while nobody has acknowledged an alert",
        "`escalate_after` No escalation to a second role",
        "`escalate_role` No role to escalate to",
        "`quiet_hours` No quiet hours: alerts ping at any time",
        "`no_data_after` Alert after **5 min** without a usable response",
        "`flapping_after` After **3 incidents** of one token, combine further ones into one alert",
        "`flapping_within` Count incidents for flapping_after over **1 h**",
        "`group_from` Combine alerts when **3 tokens** or more change in the same check",
        "Moderators are the members with Manage Server.",
    ]


def test_differences_from_the_defaults_are_marked() -> None:
    rules = replace(Rules(), confirm_leaving=3, low=0, reminders=(), flapping_within=2 * HOUR, run_out=False)
    lines = lines_of(rules_embed(rules, 7))

    assert [line for line in lines if "default" in line] == [
        "`confirm_leaving` Alert after **3 readings** in a row out of FAST (default: 2 readings)",
        "`low` No first warning about low fast hours (default: 20 %)",
        "`run_out` No warning when a token will run out of fast hours before they return (default: on)",
        "`reminders` No reminders (default: 1 h, 6 h, 1 d)",
        "`flapping_within` Count incidents for flapping_after over **2 h** (default: 1 h)",
    ]
    assert "Moderators are the members with Manage Server and those with <@&7>." in lines


def test_a_change_shows_the_old_value() -> None:
    assert changes(Rules(), Rules(low=10, reminders=()), None) == (
        "Changed:\n"
        "`low` Warn below **10 %** of the plan's fast hours (before: 20 %)\n"
        "`reminders` No reminders (before: 1 h, 6 h, 1 d)"
    )
    assert changes(Rules(), Rules(), RULES["low"]) == "Nothing to change: `low` is already 20 %."
    assert changes(Rules(), Rules(), None) == "Nothing to change: every rule has its default value."


def test_a_digest_says_when_it_is_posted_and_when_next() -> None:
    rules = Rules(digest=DigestDay.MONDAY, digest_hour=9, time_zone="Europe/Berlin")

    assert digest_text(rules, NEXT, has_alerts=True) == (
        "The digest is posted every Monday at 09:00, Europe/Berlin time.\nThe next one is due on <t:1772467200:F>."
    )
    assert digest_text(rules, NEXT, has_alerts=False).splitlines()[1] == (
        "It starts once alerts are set up: use `/alerts setup`."
    )
    assert digest_text(Rules(time_zone="Asia/Tokyo"), None, has_alerts=True) == (
        "The digest is off. Choose a day with `/alerts digest` to get it at 09:00, Asia/Tokyo time."
    )


def test_the_longest_values_fit_in_discord() -> None:
    odd = timedelta(hours=23, minutes=59, seconds=59)
    night = (time(22, 30), time(7, 15))
    rules = Rules(
        reminders=(odd,) * 5,
        no_data_after=odd,
        flapping_within=odd,
        escalate_after=odd,
        escalate_role=2**63,
        quiet_hours=night,
    )

    check_limits(rules_embed(rules, 2**63))
    assert len(changes(rules, Rules(), None)) <= 2000
