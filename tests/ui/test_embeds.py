"""Embeds: within Discord's limits and without power, whatever ImaginePro said."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import discord
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.health.account_lines import Jobs, Plan, Usage
from bot.health.fast_time import FastTime, Unit
from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.health.readings import Reading
from bot.ui.alerts import alert_test_notice, back_words, incident_notice, only_this_role
from bot.ui.embeds import alert_test_embed, incident_embed, trace_embed
from tests.clocks import NOON
from tests.ui.hostile import live_parts, texts_of_any_sort

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
ROLE = 4_200_000_000_000_000
many = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

# `bot.imaginepro.answers` strips every text; no text of an embed is blank, then.
words = texts_of_any_sort.map(str.strip)
long_words = words | st.integers(1, 1000).map("*".__mul__) | st.integers(1, 1000).map("@".__mul__)
numbers = st.none() | st.integers(0, 10**9) | st.just(Jobs.SOME)
lengths = st.integers(0, 10**12).map(lambda cents: timedelta(minutes=cents / 100))
usages = st.none() | st.builds(Usage, st.integers(0, 10**15), st.none() | st.floats(0, 10**9))
times = st.datetimes(datetime(1970, 1, 2), datetime(5138, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
readings = st.builds(
    Reading,
    token_id=st.integers(1, 2**63 - 1),
    read_at=times,
    status=long_words,
    is_active=st.none() | st.booleans(),
    listed=st.booleans(),
    fast_time=st.none() | st.builds(FastTime, lengths, st.none() | lengths, st.sampled_from(Unit)),
    fast_time_text=long_words,
    plan=st.builds(Plan, st.none() | long_words, st.none() | long_words, st.none() | words, st.none() | times),
    plan_text=long_words,
    running_jobs=numbers,
    queued_fast=numbers,
    queued_relax=numbers,
    relaxed_usage=usages,
    lifetime_usage=usages,
    visibility=long_words,
    remark=long_words,
)
incidents = st.builds(
    Incident,
    id=st.integers(1, 2**63 - 1),
    token_id=st.integers(1, 2**63 - 1),
    mode_before=st.sampled_from(Mode),
    mode=st.sampled_from([mode for mode in Mode if mode is not Mode.FAST]),
    began_at=times,
    ended_at=st.none() | times,
)
# Our own markdown, and the timestamps that Discord writes in each reader's zone.
_OUR_OWN = re.compile(r"\*\*|<t:-?\d+:[tDR]>|<@&\d+> |\(\d+ %\)|\((?=\0\))|(?<=\0)\)")


def parts_of(embed: discord.Embed) -> list[str]:
    fields = [part for field in embed.fields for part in (field.name or "", field.value or "")]
    return [embed.title or "", embed.description or "", *fields]


def check_limits(embed: discord.Embed) -> None:
    """Discord's documentation, "Embed Limits"; blank fields are refused as well."""
    assert 0 < len(embed.title or "") <= 256
    assert len(embed.description or "") <= 4096
    assert len(embed.footer.text or "") <= 2048
    assert len(embed.fields) <= 25
    assert all(0 < len((field.name or "").strip()) <= 256 for field in embed.fields)
    assert all(0 < len((field.value or "").strip()) <= 1024 for field in embed.fields)
    assert len(embed) <= 6000


def check_harmless(text: str) -> None:
    """Nothing is in force but our own bold type and timestamps."""
    without_times = re.sub(r"<t:-?\d+:[tDR]>", "\0", text)
    rest = _OUR_OWN.sub("", without_times)
    assert live_parts(rest) == [], text


@many
@given(reading=readings)
def test_any_reading_makes_a_card_that_discord_takes_and_that_has_no_power(reading: Reading) -> None:
    embed = trace_embed(MESSAGE, reading)

    check_limits(embed)
    for part in parts_of(embed):
        check_harmless(part)


@many
@given(incident=incidents, reading=readings)
def test_any_incident_makes_an_alert_that_discord_takes_and_that_has_no_power(
    incident: Incident, reading: Reading
) -> None:
    notice = incident_notice(incident, reading, ROLE)

    check_limits(notice.embed)
    assert len(notice.content) <= 2000
    for part in (*parts_of(notice.embed), notice.content, back_words(incident)):
        check_harmless(part)


@many
@given(incident=incidents, reading=readings, role_id=st.none() | st.just(ROLE))
def test_the_role_is_named_in_the_content_and_only_while_the_incident_is_open(
    incident: Incident, reading: Reading, role_id: int | None
) -> None:
    notice = incident_notice(incident, reading, role_id)

    assert (f"<@&{ROLE}>" in notice.content) is (role_id is not None and incident.ended_at is None)
    assert f"<@&{ROLE}>" not in str(notice.embed.to_dict())


# --- The card of a trace

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


def test_a_card_shows_all_that_was_said() -> None:
    renews = int(NOON.timestamp())

    assert fields_of(FULL) == {
        "Plan": "Pro · yearly",
        "Renews": f"<t:{renews}:D>\n<t:{renews}:R>",
        "Jobs": "some running\n1 fast, 0 relax queued",
        "Images made": "1,234,567 in all\n1,234 in relax",
        "Visibility": "Stealth",
        "ImaginePro says": "All good.",
    }


def test_a_card_shows_nothing_that_was_not_said() -> None:
    embed = trace_embed(MESSAGE, Reading(111, NOON))

    assert (embed.title, embed.description) == ("❔ Token 111 · status unknown", "Fast time left: unknown")
    assert embed.fields == []


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
def test_a_plan_says_its_state_only_where_it_is_not_active(plan: Plan, text: str, shown: str | None) -> None:
    assert fields_of(Reading(111, NOON, plan=plan, plan_text=text)).get("Plan") == shown


def test_no_jobs_are_none_and_unknown_jobs_are_not_shown() -> None:
    assert fields_of(Reading(111, NOON, running_jobs=0))["Jobs"] == "0 running"
    assert "Jobs" not in fields_of(Reading(111, NOON, queued_fast=1))


def test_every_mode_has_its_own_colour_and_its_own_sign() -> None:
    def shown(mode: Mode) -> tuple[int, str]:
        status = {Mode.OTHER: "TURBO", Mode.OFF: "FAST"}.get(mode, mode.value)
        is_active = False if mode is Mode.OFF else None
        embed = trace_embed(MESSAGE, Reading(1, NOON, status=status, is_active=is_active, listed=mode is not Mode.GONE))
        assert embed.colour is not None
        return embed.colour.value, (embed.title or "")[0]

    assert len({shown(mode)[0] for mode in Mode}) == len({shown(mode)[1] for mode in Mode}) == len(Mode)


# --- The alert of an incident

OPEN = Incident(1, 111, Mode.FAST, Mode.BANNED, NOON, None)
ENDED = replace(OPEN, ended_at=NOON + timedelta(minutes=95))


def test_an_open_incident_says_what_happened_what_it_means_and_since_when() -> None:
    embed = incident_embed(OPEN, replace(FULL, status="BANNED"))
    began = int(NOON.timestamp())

    assert embed.title == "🔴 Token 111 left FAST · BANNED"
    assert embed.description == "ImaginePro reports its Midjourney account as banned. **Its owner must act.**"
    assert embed.fields[0].value == f"<t:{began}:t>\n<t:{began}:R>"
    assert [field.name for field in embed.fields] == ["Left FAST", "Plan", "Renews", "Fast time"]


def test_a_token_that_was_not_in_fast_got_worse() -> None:
    notice = incident_notice(replace(OPEN, mode_before=Mode.RELAX), FULL, None)

    assert notice.content == "Token 111 went from RELAX to BANNED."
    assert notice.embed.title == "🔴 Token 111 got worse · BANNED"
    assert notice.embed.fields[0].name == "Got worse"


def test_an_ended_incident_says_how_long_it_took() -> None:
    notice = incident_notice(ENDED, FULL, ROLE)

    assert notice.content == "Token 111 had left FAST."
    assert back_words(ENDED) == "✅ Token 111 is back in FAST after 1 h 35 min."
    assert notice.embed.title == "🟢 Token 111 is back in FAST"
    assert (notice.embed.description or "").startswith("It was out of FAST for **1 h 35 min**, ")
    assert (notice.embed.description or "").endswith("lastly in BANNED.")


# --- Pings


@pytest.mark.parametrize("role_id", [None, ROLE])
def test_no_mention_but_that_of_the_role_is_allowed(role_id: int | None) -> None:
    expected: dict[str, object] = {"parse": [], "roles": [ROLE]} if role_id else {"parse": [], "roles": []}

    assert {"roles": [], **only_this_role(role_id).to_dict()} == expected


def test_a_test_alert_says_that_it_is_one() -> None:
    notice = alert_test_notice(ROLE)

    assert notice.content == f"<@&{ROLE}> This is a test of Fastwatch's alerts. Nothing has happened."
    assert notice.embed == alert_test_embed()
    check_limits(notice.embed)
