"""The card of a token: within Discord's limits and escaped, whatever ImaginePro returned."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given

from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.subscription import Jobs, Plan, Usage
from bot.ui.trace import token_embed, trace_embed
from tests.clocks import NOON
from tests.ui.limits import check_escaped, check_limits, parts_of, without_brackets_of_names
from tests.ui.some_incidents import readings

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")


@given(reading=readings)
def test_any_reading_makes_a_valid_escaped_card(reading: Reading) -> None:
    embed = trace_embed(MESSAGE, reading)

    check_limits(embed)
    for part in parts_of(embed):
        check_escaped(part)


FULL = Reading(
    token_id=111,
    read_at=NOON,
    status="FAST",
    fast_time=FastTime(timedelta(hours=12.4), timedelta(hours=15), Unit.HOURS),
    plan=Plan("Pro", "Active", "yearly", NOON),
    running_jobs=Jobs.SOME,
    queued_fast=1,
    queued_relax=0,
    relaxed_usage=Usage(1234, 5.6),
    lifetime_usage=Usage(1_234_567),
    visibility="Stealth",
    remark="All good.",
)


def fields_of(reading: Reading) -> dict[str | None, str | None]:
    return {field.name: field.value for field in trace_embed(MESSAGE, reading).fields}


def test_a_card_shows_every_known_value() -> None:
    renews, returns = int(NOON.timestamp()), int((NOON + timedelta(days=31)).timestamp())

    assert fields_of(FULL) == {
        "Plan": "Pro · yearly",
        "Hours return": f"<t:{returns}:D>\n<t:{returns}:R>",
        "Plan renews": f"<t:{renews}:D>\n<t:{renews}:R>",
        "Jobs": "some running\n1 fast, 0 relax queued",
        "Images made": "1,234,567 in total\n1,234 in relax",
        "Visibility": "Stealth",
        "ImaginePro says": "All good.",
    }


def test_a_plan_that_ends_shows_its_end_and_no_renewal() -> None:
    ends = int(NOON.timestamp())
    shown = fields_of(Reading(111, NOON, plan=Plan("Pro", "Cancelled", ends_at=NOON)))

    assert shown == {"Plan": "Pro · Cancelled", "Plan ends": f"<t:{ends}:D>\n<t:{ends}:R>"}


def test_a_card_shows_no_unknown_value() -> None:
    embed = trace_embed(MESSAGE, Reading(111, NOON))

    assert (embed.title, embed.description) == ("❔ Token 111 · status unknown", "Fast time left: unknown")
    assert embed.fields == []


def test_a_trace_card_is_the_tokens_card_with_the_message() -> None:
    of_token, of_trace = token_embed(FULL).to_dict(), trace_embed(MESSAGE, FULL).to_dict()

    assert of_trace.pop("footer") == {"text": f"message {MESSAGE}"}
    assert of_trace == of_token


def test_a_named_tokens_title_has_name_and_number() -> None:
    names = {111: "[Studio](https://evil.invalid) @everyone", 222: "Backup"}
    for embed in (token_embed(FULL, names), trace_embed(MESSAGE, FULL, names)):
        assert embed.title is not None
        assert embed.title.startswith("🟢 \\[Studio")
        assert embed.title.endswith(" (111) · FAST")
        check_escaped(without_brackets_of_names(embed.title))
    assert token_embed(FULL, {222: "Backup"}).title == "🟢 Token 111 · FAST"


@pytest.mark.parametrize(
    ("plan", "text", "shown"),
    [
        (Plan("Pro", "Active", "yearly"), "", "Pro · yearly"),
        (Plan("Pro", "active"), "", "Pro"),
        (Plan("Pro", "Cancelled", "monthly"), "", "Pro · monthly · Cancelled"),
        (Plan(), "something else", "something else"),
        (Plan(), "", None),
    ],
)
def test_a_plans_state_is_shown_only_if_not_active(plan: Plan, text: str, shown: str | None) -> None:
    assert fields_of(Reading(111, NOON, plan=plan, plan_text=text)).get("Plan") == shown


def test_zero_jobs_are_none_and_unknown_jobs_are_not_shown() -> None:
    assert fields_of(Reading(111, NOON, running_jobs=0))["Jobs"] == "0 running"
    assert "Jobs" not in fields_of(Reading(111, NOON, queued_fast=1))


def test_every_mode_has_its_own_colour_and_icon() -> None:
    def shown(mode: Mode) -> tuple[int, str]:
        status = {Mode.OTHER: "TURBO", Mode.OFF: "FAST"}.get(mode, mode.value)
        is_active = False if mode is Mode.OFF else None
        embed = trace_embed(MESSAGE, Reading(1, NOON, status=status, is_active=is_active, listed=mode is not Mode.GONE))
        assert embed.colour is not None
        return embed.colour.value, (embed.title or "")[0]

    assert len({shown(mode)[0] for mode in Mode}) == len({shown(mode)[1] for mode in Mode}) == len(Mode)
