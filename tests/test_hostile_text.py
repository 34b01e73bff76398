"""Whatever ImaginePro returns, what goes to Discord is valid and has no effect: bytes in, JSON out.

`--hypothesis-profile thorough` runs more examples than the default.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import discord
import pytest
from discord import app_commands
from discord.http import handle_message_parameters
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.app.errors import user_message
from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, alert_type_of
from bot.domain.incidents import Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.imaginepro.errors import ImagineProError, Unauthorized
from bot.imaginepro.responses import parse_error, parse_fleet, parse_token, parse_trace
from bot.parsing.text import strip_invisible
from bot.storage.alert_routes import Route
from bot.ui import components, formatting, incident_components, texts
from bot.ui.alert_setup import test_outcome as outcome_of_test
from bot.ui.alerts import (
    alert_test_message,
    back_words,
    incident_message,
    reminder_words,
    route_broken_words,
    summary_words,
    worse_words,
)
from bot.ui.alerts_overview import (
    MOST_REASON,
    AlertsOverview,
    IncidentOverview,
    MuteOverview,
    WatchOverview,
    overview_embed,
)
from bot.ui.mentions import of_role
from bot.ui.monitor_status import ChangeLine, MonitorStatus
from bot.ui.route_overview import RouteOverview, TokenRouteOverview
from bot.ui.status import status_embed
from bot.ui.trace import token_embed, trace_embed
from tests.clocks import NOON
from tests.standins.discord_payloads import violations
from tests.ui.hostile import live_parts, texts_of_any_sort
from tests.ui.some_incidents import incident, member, over

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
TOKEN = 111
ROLE, CHANNEL, MEMBER = 4_200_000_000_000_000, 4_100_000_000_000_000, 4_300_000_000_000_000
KEY = "KEY-made-up-and-secret"
URL = f"https://discord.com/channels/{CHANNEL}/{CHANNEL}/{CHANNEL}"
LATER = NOON + timedelta(hours=30)
many = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


# --- Responses of a hostile ImaginePro

NASTY = [
    "@everyone @here <@&123> <@123> <#123>",
    "[Discord support](https://evil.invalid/x)",
    "discord.gg/evil",
    "DISCORD.com/invite/evil",
    "https://discord.gg/evil http://evil.invalid",
    "FAST\u202eTSAF\u2066\u200f\u061c",
    "F\u00adA\u2060S\u200bT",
    "\U000e0041\U000e0042\ufff9\u180e\ufeff",
    "\x1b[31m\x1b]0;title\x07red\x1b[0m",
    "FAST\r\n2026-01-01 [error] A line of its own",
    "\u2028\u2029\x85\x0b\x0c\x00",
    "Z" + "\u0336\u0489\u20dd\u0311" * 200,
    "\U0001f525" * 2000,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 300,
    "\ufdfd" * 1000,
    "x" * 3000,
    "*_~`|" * 500,
    "```\n" * 300,
    "# Heading\n> quote\n- list\n1. list",
    "<t:99999999999:R> </trace:1> <id:guide> <:a:1> <a:b:2>",
    "\ud83d half an emoji \udc00",
    "9" * 4000,
    "1e400",
]
PLAUSIBLE = [
    *("FAST", "RELAX", "VERIFYING", "BANNED", "fast ", "None", "", "0"),
    "15.00/15.0 hours (100.00%)",
    "999999999/0.0000001 hours (100%)",
    "Standard (Active monthly, renews next on <t:1692258749>)",
    "Pro (Active yearly, renews next on <t:99999999999>)",
    "999999999999999 images (999999999.99 hours)",
]
hostile_texts = st.one_of(
    st.sampled_from(NASTY),
    st.sampled_from(PLAUSIBLE),
    texts_of_any_sort,
    st.lists(st.sampled_from([*NASTY, *PLAUSIBLE, *"/:.-@()<> "]), max_size=4).map("".join),
)
values: st.SearchStrategy[object] = st.one_of(
    hostile_texts,
    st.none() | st.booleans() | st.integers() | st.floats() | st.integers(0, 10**18),
    st.lists(hostile_texts, max_size=3),
    st.dictionaries(hostile_texts, hostile_texts, max_size=2),
)
LINES = (
    *("fastTimeRemaining", "subscription", "relaxedUsage", "relaxedUsuage", "lifetimeUsage", "runningJobs"),
    *("queuedJobsFast", "queuedJobsRelax", "visibilityMode", "message", "jobMode"),
)
lines = st.fixed_dictionaries(dict.fromkeys(LINES, hostile_texts | values))
# Nearly always a usable id: without one there is nothing to send.
ids = st.sampled_from([TOKEN, TOKEN, str(TOKEN), 2**63 - 1, None, "x"])
# A refused key is the one value of ours that a response may quote.
error_words = hostile_texts | st.just(f"{KEY} is refused") | st.lists(hostile_texts | st.just(KEY), max_size=3)
members: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {"id": ids, "tokenId": ids, "message": error_words, "tokenInfo": lines, "info": lines},
    optional={
        "tokenStatus": hostile_texts,
        "status": hostile_texts,
        "isActive": st.sampled_from([True, True, False, None, "no"]),
        "token": values,
        "email": values,
        "error": values,
    },
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A whole response, in any of the expected shapes; lone surrogates stay as they are."""
    shape = draw(st.sampled_from(["object", "list", "two"]))
    first = draw(members)
    answer = {"object": first, "list": [first], "two": [first, draw(members)]}[shape]
    written = json.dumps(answer, ensure_ascii=draw(st.booleans()))
    return written.encode("utf-8", "surrogatepass")


def readings_of(body: bytes) -> Iterator[Reading]:
    """Parse the body as each of the responses that contain readings."""
    for read in (
        lambda: [parse_trace(body, NOON)],
        lambda: parse_fleet(body, NOON).readings,
        lambda: [parse_token(body, TOKEN, NOON)],
    ):
        with suppress(ImagineProError):
            yield from read()


# --- Everything the bot makes of them


@dataclass(frozen=True, slots=True)
class Sending:
    """A message to Discord, and the role that it may ping."""

    content: str | None = None
    embed: discord.Embed | None = None
    view: discord.ui.View | None = None
    role_id: int | None = None

    def body(self) -> Any:
        """Return the JSON that discord.py sends, as Discord parses it."""
        sent = {"content": self.content, "embed": self.embed, "view": self.view}
        allowed = of_role(self.role_id).allowed
        with handle_message_parameters(
            **{name: value for name, value in sent.items() if value is not None},  # type: ignore[arg-type]
            allowed_mentions=allowed,
            previous_allowed_mentions=discord.AllowedMentions.none(),
        ) as parameters:
            return json.loads(json.dumps(parameters.payload))


def cards(reading: Reading) -> Iterator[Sending]:
    view = discord.ui.View(timeout=None).add_item(components.refresh_button(MESSAGE))
    yield Sending(embed=trace_embed(MESSAGE, reading), view=view)
    menu = discord.ui.View(timeout=None).add_item(incident_components.details_menu([reading.token_id, 222]))
    yield Sending(embed=token_embed(reading), view=menu)
    status = formatting.status(reading.mode, reading.status)
    for question, on in ((texts.token_switch.ON_QUESTION, True), (texts.token_switch.OFF_QUESTION, False)):
        view = discord.ui.View(timeout=None).add_item(components.switch_button(reading.token_id, on=on))
        member = f"<@{MEMBER}>"
        yield Sending(question.format(token=reading.token_id, status=status, member=member), view=view)
    yield Sending(texts.alert_setup.WATCH_DONE.format(token=reading.token_id, message=MESSAGE))


def alerts(reading: Reading) -> Iterator[Sending]:
    yield Sending(*_parts(alert_test_message(ROLE)), role_id=ROLE)
    readings = {reading.token_id: reading}
    for one in incidents_of(reading):
        timeline = [
            TimelineEvent(NOON, event_type, reading.token_id, member.kind, member.mode, MEMBER, NOON)
            for event_type in TimelineEventType
            for member in one.members
        ]
        outgoing = incident_message(one, readings, timeline, of_role(ROLE), now=LATER)
        yield Sending(*_parts(outgoing), role_id=ROLE)
        # Each is sent separately; together they are as hostile, and faster to check.
        said = (back_words(one), worse_words(one, readings, LATER), reminder_words(one, LATER), summary_words([one]))
        yield Sending("\n".join(said))


def _parts(outgoing: Any) -> tuple[str, discord.Embed]:
    return outgoing.content, outgoing.embed


def incidents_of(reading: Reading) -> Iterator[Incident]:
    """Yield the possible incidents of this reading, alone and in a group, in each state."""
    mode = reading.mode if reading.mode not in (None, Mode.FAST) else Mode.OTHER
    assert mode is not None
    of_mode = member(reading.token_id, alert_type_of(mode), mode=mode)
    low = member(reading.token_id, AlertType.LOW)
    short = member(reading.token_id, AlertType.WILL_NOT_LAST, gone_at=LATER)
    switched_off = member(reading.token_id, AlertType.SWITCHED_OFF, switched_off_by=MEMBER)
    for one in (incident(of_mode), incident(of_mode, member(222), member(333, resolved_at=NOON)), incident(low)):
        yield one
        yield over(one, timedelta(hours=2))
    yield incident(member(reading.token_id, alert_type_of(mode), mode=mode, mode_before=Mode.OTHER))
    yield incident(of_mode, flapping=True, acknowledged_by=MEMBER, acknowledged_at=NOON, muted_by=MEMBER)
    yield incident(low, member(222, AlertType.VERY_LOW))
    yield incident(short)
    yield incident(short, member(222, AlertType.RUNS_OUT_SOON))
    yield incident(switched_off)
    yield over(incident(switched_off), timedelta(hours=2), closed_by=MEMBER)


def reports(problem: str, reading: Reading) -> Iterator[Sending]:
    """Yield the monitor's reports to moderators, with this error in every place for one."""
    modes = Counter(dict.fromkeys(Mode, 10**6))
    # As `/alerts mute` processes a moderator's reason.
    reason = strip_invisible(problem)[:MOST_REASON].strip()
    overview = AlertsOverview(
        now=LATER,
        route=RouteOverview(CHANNEL, ROLE, DisabledReason.REFUSED),
        token_routes=[TokenRouteOverview(CHANNEL, ROLE, DisabledReason.REFUSED, reading.token_id)] * 20,
        lists_fleet=True,
        modes=modes,
        watches=[WatchOverview(MESSAGE, reading.token_id, problem)] * 20,
        last_success_at=NOON,
        last_error=problem,
        incidents=[IncidentOverview(one, reading.status, URL) for one in incidents_of(reading) if one.is_open] * 3,
        mutes=[MuteOverview(reading.token_id, NOON, reason, MEMBER)] * 20,
        waiting=10**6,
        waiting_problem=problem,
    )
    yield Sending(embed=overview_embed(overview))
    for because in (DisabledReason.REFUSED, None):
        if because is not None:
            yield Sending(route_broken_words(CHANNEL, because))
        route = Route(4, 1, CHANNEL, ROLE, MEMBER, NOON, because)
        yield Sending(outcome_of_test(route, problem, (), arrived=False))
    target = str(reading.token_id)
    latest = [ChangeLine(NOON, MEMBER, action, target, "uncertain") for action in texts.status.ACTIONS]
    health = MonitorStatus("1.0", NOON, timedelta(minutes=1), NOON, problem, modes, 0.05, 10**6, problem, latest)
    yield Sending(embed=status_embed(health, None, NOON))
    for to_mod in (True, False):
        yield Sending(user_message(Unauthorized(problem), to_mod=to_mod, now=NOON))


def choices_of(reading: Reading) -> list[dict[str, Any]]:
    """Yield the suggestions of a token and of a trace."""
    sign = texts.common.SIGNS[reading.mode]
    mode = reading.mode.value if reading.mode is not None else ""
    names = (
        texts.trace.CHOICE.format(message=MESSAGE, token=reading.token_id),
        texts.common.TOKEN_CHOICE.format(sign=sign, token=reading.token_id, mode=mode),
    )
    return [app_commands.Choice(name=name, value=str(reading.token_id)).to_dict() for name in names]


# --- Secrets

_OUR_OWN = re.compile(
    rf"<t:-?\d+:[tDRf]>|\*\*|<@&{ROLE}>|<@{MEMBER}>|<#{CHANNEL}>|`?{MESSAGE}`?|`/[a-z ]+`|\(\d+ %\)|\(result unknown\)"
    rf"|\[alert\]\({URL}\)|\([\d, ]+\)|\((?:[A-Z]+|(?:\d+ [A-Za-z ]+(?:, )?)+)\)"
    r"|\(View Channel, Send Messages, Embed Links, Read Message History\)"
    r"|\((?=Unauthorized: HTTP 401|Discord does not let me)|(?<!\\)(?:\\\\)*\)(?=$|\. I keep them)"
)
_HEAPED = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4}")


def texts_in(body: Any) -> Iterator[str]:
    yield body.get("content") or ""
    for embed in body.get("embeds") or []:
        yield from (embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", ""))
        for field in embed.get("fields", []):
            yield from (field["name"], field["value"])
            assert field["value"].strip()


def check_text(text: str) -> None:
    """Nothing from outside has an effect in Discord, and it has no hidden or reversed text."""
    assert live_parts(_OUR_OWN.sub("", text)) == [], text
    visible = text.replace("@\u2060", "@").replace("\n", "")
    hidden = [sign for sign in visible if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert not hidden, ascii(hidden)
    assert not _HEAPED.search(text), ascii(text)
    assert KEY not in text.replace("\\", "")


def check_mentions(body: Any, role_id: int | None) -> None:
    allowed = body["allowed_mentions"]
    assert not allowed.get("parse")
    assert not allowed.get("users")
    assert not allowed.get("replied_user")
    assert [int(role) for role in allowed.get("roles", [])] == ([role_id] if role_id is not None else [])


@many
@given(body=bodies())
@example(body=json.dumps({"tokenId": TOKEN, "tokenStatus": "discord.gg/evilevil"}).encode())
@example(body=json.dumps({"tokenId": TOKEN, "tokenStatus": "F\u00adAST", "tokenInfo": {"message": "\u3164"}}).encode())
def test_no_response_of_imaginepro_has_any_effect_in_discord(body: bytes) -> None:
    problem = f"Unauthorized: HTTP 401 {parse_error(body, key=KEY).message}"
    for reading in readings_of(body):
        for sending in (*cards(reading), *alerts(reading), *reports(problem, reading)):
            sent = sending.body()

            assert violations("POST", "/channels/{channel_id}/messages", sent) == []
            check_mentions(sent, sending.role_id)
            for text in texts_in(sent):
                check_text(text)
        offered = {"type": 8, "data": {"choices": choices_of(reading)}}
        assert violations("POST", "/interactions/{interaction_id}/{interaction_token}/callback", offered) == []


POWERS = [
    *("**<@1>", "[a](b)", "https://evil.invalid", "discord.gg/x", "`a`", "@everyone", "<t:1:R> <#1>"),
    *("a\u202e", "a\x1b", "a\u0336\u0336\u0336\u0336", KEY),
]


@pytest.mark.parametrize("power", POWERS, ids=ascii)
def test_the_checks_above_would_detect_an_effect(power: str) -> None:
    embed = discord.Embed(title="🟢 Token 111 · FAST").add_field(name="x", value=power)

    with pytest.raises(AssertionError):
        check_text(list(texts_in(Sending(embed=embed).body()))[-1])
