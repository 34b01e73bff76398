"""The options of `/alerts rules`: what is accepted, what is refused with a sentence, and what is suggested."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from discord import app_commands
from hypothesis import given
from hypothesis import strategies as st

from bot.app.errors import UserError
from bot.app.rule_options import rule_choices, rule_named, value_choices, with_defaults, with_value
from bot.domain.rules import RULES, DigestDay, Rules
from bot.ui.rules import value_text

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

rule_names = st.sampled_from(sorted(RULES))
typed_values = (
    st.integers(-5, 120).map(str)
    | st.text(max_size=20)
    | st.sampled_from(["on", "off", "never", "none", "20 %", "3 readings"])
    | st.from_regex(r"\A(\d{1,3}[smhd], ?){0,4}\d{1,3}[smhd]\Z")
)


@given(changes=st.lists(st.tuples(rule_names, typed_values), max_size=5))
def test_any_accepted_rules_can_be_shown_and_typed_again(changes: list[tuple[str, str]]) -> None:
    rules = Rules()
    for name, typed in changes:
        with contextlib.suppress(UserError):
            rules = with_value(rules, RULES[name], typed)

    assert rules.warns_in_order
    for rule in RULES.values():
        assert rule.type.parse(value_text(rule.type, rule.value(rules))) == rule.value(rules)


@pytest.mark.parametrize("name", sorted({*RULES} - {"escalate_role"}))
def test_every_suggested_value_is_accepted(name: str) -> None:
    rule = RULES[name]
    offered = value_choices(Rules(low=0, very_low=0), rule, "")

    assert len({choice.value for choice in offered}) == len(offered) > 1
    for choice in offered:
        assert value_text(rule.type, rule.type.parse(choice.value)) == choice.value


def test_a_rule_is_named_in_any_case_and_no_other_is() -> None:
    assert rule_named(" LOW ") is RULES["low"]
    for unknown in ("", "lo", "blind_after", "digest"):
        with pytest.raises(UserError, match="There is no such rule"):
            rule_named(unknown)


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("confirm_leaving", "0", "The value of `confirm_leaving` must be 1 to 10 readings. It is still 2 readings."),
        ("low", "91 %", "The value of `low` must be 1 % to 90 %, or never. It is still 20 %."),
        ("no_data_after", "soon", "The value of `no_data_after` must be 1 min to 1 d. It is still 5 min."),
        (
            "reminders",
            "2h, 1h",
            (
                "The value of `reminders` must be up to 5 ascending durations, 5 min to 7 d, "
                "or none. It is still 1 h, 6 h, 1 d."
            ),
        ),
        ("run_out", "perhaps", "The value of `run_out` must be on or off. It is still on."),
    ],
)
def test_invalid_values_are_refused_with_the_allowed_ones(name: str, typed: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        with_value(Rules(), RULES[name], typed)

    assert str(refused.value) == sentence


def test_the_two_warnings_of_low_fast_hours_stay_in_order() -> None:
    refusal = "`very_low` must be below `low`; with this change they would be {} and {}. Change the other one first."
    with pytest.raises(UserError) as refused:
        with_value(Rules(), RULES["low"], "4")
    assert str(refused.value) == refusal.format("5 %", "4 %")

    lower = with_value(with_value(Rules(), RULES["very_low"], "2"), RULES["low"], "4")
    assert lower == Rules(low=4, very_low=2)
    with pytest.raises(UserError) as refused:
        with_defaults(lower, RULES["very_low"])
    assert str(refused.value) == refusal.format("5 %", "4 %")
    assert with_value(Rules(low=0), RULES["very_low"], "50") == Rules(low=0, very_low=50)


def test_defaults_leave_the_digest_as_it_is() -> None:
    digest = Rules(digest=DigestDay.MONDAY, digest_hour=17, time_zone="Europe/Berlin")
    changed = replace(digest, low=10, reminders=(), run_out=False)

    assert with_defaults(changed, None) == digest
    assert with_defaults(changed, RULES["low"]) == replace(changed, low=20)


def names(choices: list[app_commands.Choice[str]]) -> list[str]:
    return [choice.name for choice in choices]


def test_rules_are_suggested_by_name_or_meaning_with_their_current_values() -> None:
    rules = Rules(low=10, very_low=0)

    assert len(rule_choices(rules, "")) == len(RULES)
    assert names(rule_choices(rules, "LOW")) == [
        "low · Warn below 10 % of the plan's fast hours",
        "very_low · No second warning about low fast hours",
        "low_credits · Warn below 10 % of the account's credits",
    ]
    assert [choice.value for choice in rule_choices(rules, "banned")] == ["confirm_urgent"]
    assert rule_choices(rules, "nothing") == []


def test_values_are_suggested_with_the_current_one_the_default_and_the_range() -> None:
    rules, rule = Rules(no_data_after=7 * MINUTE), RULES["no_data_after"]

    assert names(value_choices(rules, rule, ""))[:4] == [
        "7 min · current · allowed: 1 min to 1 d",
        "5 min · default",
        "1 min",
        "2 min",
    ]
    assert names(value_choices(Rules(), rule, "5"))[:2] == [
        "5 min · current · default · allowed: 1 min to 1 d",
        "15 min",
    ]
    assert names(value_choices(rules, rule, "1h 5m")) == ["1 h 5 min"]
    assert names(value_choices(rules, rule, "soon")) == ["7 min · current · allowed: 1 min to 1 d"]


def test_choices_keep_to_the_limits_of_discord() -> None:
    odd = DAY - timedelta(seconds=1)
    longest = tuple(days * DAY + odd for days in range(1, 6))
    for rules in (Rules(), Rules(reminders=longest, no_data_after=odd, flapping_within=odd)):
        for choices in (rule_choices(rules, ""), *(value_choices(rules, rule, "") for rule in RULES.values())):
            assert 0 < len(choices) <= 25
            assert all(len(choice.name) <= 100 and len(choice.value) <= 100 for choice in choices)
