"""The other lines of an account: each part is optional."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.domain.subscription import Jobs, Plan, Usage
from bot.imaginepro.text_fields import parse_jobs, parse_plan, parse_usage
from tests.patience import GENEROUS

RENEWAL = datetime.fromtimestamp(1692258749, UTC)


@pytest.mark.parametrize(
    ("line", "plan"),
    [
        (
            "Standard (Active monthly, renews next on <t:1692258749>)",
            Plan("Standard", "Active", "monthly", RENEWAL),
        ),
        (
            "Pro (Active yearly, renews next on <t:1715321361>)",
            Plan("Pro", "Active", "yearly", datetime.fromtimestamp(1715321361, UTC)),
        ),
        ("Standard (Active monthly, renews next on <t:xxx>)", Plan("Standard", "Active", "monthly")),
        ("", Plan()),
        ("Basic", Plan("Basic")),
        ("Trial (expired)", Plan("Trial", "expired")),
        ("Mega Plus(Active annually)", Plan("Mega Plus", "Active", "annually")),
        ("Pro (Paused, renews next on <t:1692258749:D>)", Plan("Pro", "Paused", None, RENEWAL)),
        ("(Active monthly)", Plan(None, "Active", "monthly")),
        ("<t:1692258749>", Plan(renews_at=RENEWAL)),
        ("Pro ()", Plan("Pro")),
        ("Pro (Active monthly, <t:1692258749>)", Plan("Pro", "Active", "monthly", RENEWAL)),
        ("Standard (Cancelled, expires on <t:1692258749>)", Plan("Standard", "Cancelled", ends_at=RENEWAL)),
        ("Standard (Cancelled, Expires on <t:1692258749:D>)", Plan("Standard", "Cancelled", ends_at=RENEWAL)),
        ("Pro (Active monthly, cancels on <t:1692258749>)", Plan("Pro", "Active", "monthly", ends_at=RENEWAL)),
        ("Pro (Canceled, active until <t:1692258749>)", Plan("Pro", "Canceled", ends_at=RENEWAL)),
        ("Trial (ends on <t:1692258749>)", Plan("Trial", "ends", ends_at=RENEWAL)),
        ("Pro (Cancelled <t:1692258749>)", Plan("Pro", "Cancelled")),
        ("Pro (Cancelled, <t:1692258749>)", Plan("Pro", "Cancelled")),
        ("Pro (Cancelled, renews next on <t:1692258749>)", Plan("Pro", "Cancelled")),
        ("Pro (Active yearly, will not renew on <t:1692258749>)", Plan("Pro", "Active", "yearly")),
        ("Pro (Active, payment failed on <t:1692258749>)", Plan("Pro", "Active")),
        ("Weekender (Active, renews next on <t:1692258749>)", Plan("Weekender", "Active", None, RENEWAL)),
    ],
)
def test_each_part_of_the_plan_is_optional(line: str, plan: Plan) -> None:
    assert parse_plan(line) == plan


@pytest.mark.parametrize(
    "mark", ["<t:>", "<t:-5>", "<t:1e9>", "<t:999999999999>", "<t:1692258749", "t:1692258749", "<t:\u0661\u0662>"]
)
def test_a_renewal_without_a_valid_timestamp_is_unknown(mark: str) -> None:
    assert parse_plan(f"Pro (Active monthly, renews next on {mark})").renews_at is None


def test_the_latest_representable_renewal_is_a_date() -> None:
    assert parse_plan("Pro (Active monthly, renews next on <t:99999999999>)").renews_at is not None


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("674 images", Usage(674)),
        ("0 images", Usage(0)),
        ("1 image", Usage(1)),
        ("102 images (1.77 hours)", Usage(102, 1.77)),
        ("102 Images(2h)", Usage(102, 2)),
        ("12,345 images", Usage(12_345)),
        ("1.234.567 images", Usage(1_234_567)),
        ("12 345 images (1,234.5 hours)", Usage(12_345, 1234.5)),
        ("674", Usage(674)),
        ("", None),
        ("images", None),
        ("many images", None),
        ("-5 images", None),
        ("1,23 images", None),
        ("1" * 16 + " images", None),
        ("1" + ",000" * 2000 + " images", None),
    ],
)
def test_usage_is_read_or_unknown(line: str, usage: Usage | None) -> None:
    assert parse_usage(line) == usage


@pytest.mark.parametrize(
    ("line", "jobs"),
    [
        ("None", 0),
        (" none ", 0),
        ("0", 0),
        ("3", 3),
        ("3 jobs", 3),
        ("", None),
        (" ", None),
        ("`a cat` - <@1> (fast)", Jobs.SOME),
        ("-1", Jobs.SOME),
        ("1" * 5000, Jobs.SOME),
    ],
)
def test_jobs_are_counted_if_possible(line: str, jobs: int | Jobs | None) -> None:
    assert parse_jobs(line) == jobs


@pytest.mark.parametrize("parse", [parse_plan, parse_usage, parse_jobs])
@pytest.mark.parametrize("filler", [" ", "a", "1", "(", "<t:", ",000", "( "])
# Backtracking would take hours.
@pytest.mark.timeout(GENEROUS)
def test_a_line_crafted_to_be_slow_is_rejected_at_once(parse: Callable[[str], object], filler: str) -> None:
    parse("1" + filler * 1000 + "!")
