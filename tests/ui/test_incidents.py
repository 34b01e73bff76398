"""Incidents as shown: each alert type in each state, within Discord's limits and escaped."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from string import Formatter

import discord
import pytest
from hypothesis import HealthCheck, example, given, settings

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import ALERT_POLICIES, AlertType
from bot.domain.condition_updates import CONDITION_TYPES
from bot.domain.fast_time import FastTime, Unit
from bot.domain.fleet import WHOLE_FLEET, FleetInFast
from bot.domain.incident_actions import close_because
from bot.domain.incidents import AffectedToken, CloseReason, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.owners import OWNER_MUST_ACT
from bot.domain.readings import Reading
from bot.domain.subscription import Plan
from bot.ui import texts
from bot.ui.alerts import (
    OutgoingMessage,
    alert_test_message,
    back_words,
    incident_message,
    reminder_words,
    route_broken_words,
    summary_words,
    worse_words,
)
from bot.ui.formatting import MAX_NAME_LENGTH, NO_NAMES, Names, without_names
from bot.ui.incidents import muted_words, thread_name
from bot.ui.mentions import NOBODY, Mentions, of_role
from tests.clocks import NOON
from tests.standins.discord_payloads import violations
from tests.ui.hostile import names_of_any_sort
from tests.ui.limits import check_escaped, check_limits, parts_of, without_brackets_of_names
from tests.ui.some_incidents import (
    MODES_OUT,
    TYPES_OF_TOKENS,
    condition_incident,
    incident,
    incidents,
    member,
    over,
    readings,
    timelines,
)

ROLE, OWNER = 4_200_000_000_000_000, 4_300_000_000_000_000
DASHBOARD = "https://dashboard.invalid/tokens"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STARTED = int(NOON.timestamp())
many = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

KINDS_OF_TOKENS = [kind for kind, alert in ALERT_POLICIES.items() if alert.type in TYPES_OF_TOKENS]
KINDS_OF_CONDITIONS = [kind for kind, alert in ALERT_POLICIES.items() if alert.type in CONDITION_TYPES]
STATES = {
    "open": {},
    "acknowledged": {"acknowledged_by": 7, "acknowledged_at": NOON + MINUTE},
    "muted": {"muted_by": 7, "muted_until": NOON + 8 * HOUR},
    "muted until back": {"muted_by": 7},
    "flapping": {"flapping": True},
    "closed": {"closed_by": 7},
}


def reading_of(one: AffectedToken) -> Reading:
    hours = FastTime(timedelta(hours=0.5), timedelta(hours=15), Unit.HOURS)
    return Reading(one.token_id, NOON, status="TURBO" if one.mode is Mode.OTHER else one.mode, fast_time=hours)


def alert_message(
    one: Incident, *timeline: TimelineEvent, role_id: int | None = None, after: timedelta = HOUR
) -> OutgoingMessage:
    known = {each.token_id: reading_of(each) for each in one.members}
    return incident_message(one, known, timeline, of_role(role_id), now=NOON + after)


def embed_of(one: Incident, *timeline: TimelineEvent, after: timedelta = HOUR) -> discord.Embed:
    embed = alert_message(one, *timeline, after=after).embed
    assert embed is not None
    return embed


def fields(embed: discord.Embed) -> dict[str | None, str | None]:
    return {field.name: field.value for field in embed.fields}


def buttons_of(one: Incident, after: timedelta = HOUR) -> list[str | None]:
    view = alert_message(one, after=after).view
    assert view is not None
    return [button.label for button in view.children if isinstance(button, discord.ui.Button)]


def all_words(one: Incident, timeline: list[TimelineEvent], names: Names = NO_NAMES) -> Iterator[str]:
    """Yield every text about an incident."""
    known = {each.token_id: reading_of(each) for each in one.members}
    now = NOON + 3 * HOUR
    sent = incident_message(one, known, timeline, of_role(ROLE), now=now, names=names)
    assert sent.embed is not None
    check_limits(sent.embed)
    yield from (sent.content, *parts_of(sent.embed))
    yield from (worse_words(one, known, now, names), reminder_words(one, now, names), back_words(one, names))
    yield from (muted_words(one, now), summary_words([one] * 30, names))


def lines_of(one: Incident, names: Names = NO_NAMES) -> list[str]:
    """Return the texts by which an earlier attempt is found."""
    known = {each.token_id: reading_of(each) for each in one.members}
    now = NOON + 3 * HOUR
    said = [worse_words(one, known, now, names), reminder_words(one, now, names), back_words(one, names)]
    return [
        *said,
        summary_words([one] * 3, names),
        incident_message(one, known, (), NOBODY, now=now, names=names).content,
    ]


# --- Every alert type, every state


def every_type_in_every_state() -> Iterator[tuple[AlertType, Incident]]:
    """Incidents of one token and of three, open and ended."""
    for kind, number, state in product(KINDS_OF_TOKENS, (1, 3), STATES.values()):
        opened = incident(*(member(111 * (place + 1), kind) for place in range(number)), **state)  # type: ignore[arg-type]
        yield kind, opened
        yield kind, over(opened, 2 * HOUR)


def test_every_alert_type_has_its_text_in_every_state() -> None:
    for kind, one in every_type_in_every_state():
        timeline = [
            TimelineEvent(
                NOON + place * MINUTE, event_type, 111, kind, member(111, kind).mode, actor_id=7, expires_at=NOON + HOUR
            )
            for place, event_type in enumerate(TimelineEventType)
        ]
        for words in all_words(one, timeline):
            assert words.strip(), one
            assert len(words) <= 2000, one
            assert not re.search(r"[{}]|None", words), words
            check_escaped(words)


def test_a_tokens_name_is_always_beside_its_number() -> None:
    names = {111: "Studio A", 222: "`x` (y)\\", 333: "Backup"}
    for kind, one in every_type_in_every_state():
        timeline = [
            TimelineEvent(NOON + MINUTE, event_type, 111, kind, member(111, kind).mode, actor_id=7)
            for event_type in TimelineEventType
        ]
        for plain, named in zip(all_words(one, timeline), all_words(one, timeline, names), strict=True):
            assert named.count("Studio A (111)") == len(re.findall(r"\b111\b", plain)), plain
            check_escaped(without_brackets_of_names(named))


def test_names_can_be_removed_from_all_that_is_compared_with_an_earlier_attempt() -> None:
    names = {111: "Studio A", 222: "`x` (y)\\", 333: "**Backup**"}
    for _, one in every_type_in_every_state():
        for plain, named in zip(lines_of(one), lines_of(one, names), strict=True):
            assert without_names(named) == plain


@pytest.mark.parametrize("state", [state for state in STATES if state not in {"flapping", "closed"}])
def test_no_data_has_its_text_in_every_state(state: str) -> None:
    opened = incident(**STATES[state])  # type: ignore[arg-type]
    for one in (opened, over(opened, 2 * HOUR)):
        for words in all_words(one, [TimelineEvent(NOON, event_type, actor_id=7) for event_type in TimelineEventType]):
            assert words.strip()
            assert not re.search(r"[{}]|None", words), words


@pytest.mark.parametrize("kind", KINDS_OF_CONDITIONS)
def test_every_condition_has_its_text_in_every_state(kind: AlertType) -> None:
    timeline = [TimelineEvent(NOON, event_type, kind=kind, actor_id=7) for event_type in TimelineEventType]
    for name in STATES.keys() - {"flapping"}:
        opened = condition_incident(kind, **STATES[name])  # type: ignore[arg-type]
        for one in (opened, over(opened, 2 * HOUR), over(opened, HOUR, closed_by=7)):
            for words in all_words(one, timeline):
                assert words.strip()
                assert not re.search(r"[{}]|None|unknown", words), words


@pytest.mark.parametrize(
    ("kind", "content", "figures"),
    [
        (
            AlertType.NONE_IN_FAST,
            "No token is in FAST: every image is slow now",
            "**2 of 5** in FAST · **329 h** usable · 67 h locked",
        ),
        (AlertType.FEW_IN_FAST, "Too few tokens in FAST: 2 of 5", "**2 of 5** in FAST · **329 h** usable"),
        (AlertType.FEW_HOURS, "Too few usable fast hours: 329 h", "**2 of 5** in FAST · **329 h** usable"),
        (AlertType.LOW_CREDITS, "The ImaginePro account is low on credits", "120 of 1,600 credits left"),
        (AlertType.PLAN_ENDS, "The ImaginePro plan ends within 7 days", "Plan ends <t:"),
        (AlertType.PLAN_ENDS_SOON, "The ImaginePro plan ends within a day", "Plan ends <t:"),
        (AlertType.PLAN_ENDED, "The ImaginePro plan has ended", "Plan ends <t:"),
    ],
)
def test_a_condition_says_what_is_wrong_and_shows_its_figures(kind: AlertType, content: str, figures: str) -> None:
    one = condition_incident(kind)
    sent = alert_message(one)

    assert sent.content.partition(" ")[2] == content
    assert (embed_of(one).description or "").startswith(figures)
    ended = alert_message(over(one, 2 * HOUR))
    assert re.fullmatch(r"🟢 .*, after 2 h", ended.content)
    assert f"<t:{STARTED}:t> to <t:{STARTED + 7200}:t>" in (embed_of(over(one, 2 * HOUR)).description or "")


def test_an_alert_about_capacity_says_since_when_nothing_was_read() -> None:
    sent = incident_message(
        condition_incident(AlertType.NONE_IN_FAST), {}, (), NOBODY, now=NOON, unread_since={WHOLE_FLEET: NOON}
    )
    assert sent.embed is not None
    assert (sent.embed.description or "").startswith(f"⏳ Last read <t:{STARTED}:R>; it may have changed since.")


def test_all_text_placeholders_are_named() -> None:
    def strings(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for each in value.values():
                yield from strings(each)

    constants = [
        (f"{feature}.{name}", value)
        for feature in texts.__all__
        for name, value in vars(getattr(texts, feature)).items()
        if name.isupper()
    ]
    assert len(constants) > 400
    for name, value in constants:
        for text in strings(value):
            assert all(place is None or place.isidentifier() for _, place, _, _ in Formatter().parse(text)), name


@many
@given(one=incidents(), reading=readings, timeline=timelines, name=names_of_any_sort)
@example(
    one=incident(*(member(2**63 - 1 - place) for place in range(5000))),
    reading=Reading(1, NOON),
    timeline=[TimelineEvent(NOON, TimelineEventType.RECOVERED, 2**63 - 1 - place) for place in range(50)],
    name="*" * MAX_NAME_LENGTH,
)
def test_any_incident_makes_a_valid_escaped_alert(
    one: Incident, reading: Reading, timeline: list[TimelineEvent], name: str
) -> None:
    now = NOON + HOUR
    known = {each.token_id: replace(reading, token_id=each.token_id) for each in one.members[:20]}
    names = {each.token_id: name for each in one.members[:20]} if name else {}
    sent = incident_message(one, known, timeline, of_role(ROLE), now=now, names=names)
    said = (worse_words(one, known, now, names), reminder_words(one, now, names), back_words(one, names))
    assert sent.embed is not None

    check_limits(sent.embed)
    assert all(len(words) <= 2000 for words in (sent.content, *said, summary_words([one] * 500, names)))
    for part in (*parts_of(sent.embed), sent.content, *said):
        check_escaped(without_brackets_of_names(part))


@many
@given(one=incidents(), reading=readings)
def test_mentions_are_in_the_content_which_alone_can_ping(one: Incident, reading: Reading) -> None:
    for mentions in (of_role(ROLE, (OWNER,)), NOBODY):
        sent = incident_message(one, {reading.token_id: reading}, (), mentions, now=NOON)
        assert sent.embed is not None
        assert sent.content.startswith(f"<@&{ROLE}> <@{OWNER}> ") is (mentions != NOBODY and one.pings)
        assert f"<@&{ROLE}>" not in str(sent.embed.to_dict())


# --- Readable on a phone


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (AlertType.LEFT_FAST, "🟡 **Token 111** is in RELAX"),
        (AlertType.UNKNOWN_STATUS, "🔵 **Token 111** is in TURBO"),
        (AlertType.VERIFYING, "🟠 **Token 111** must be verified"),
        (AlertType.BANNED, "🔴 **Token 111** is banned"),
        (AlertType.SWITCHED_OFF, "⚫ **Token 111** is switched off"),
        (AlertType.NOT_LISTED, "⚪ **Token 111** is no longer listed"),
        (AlertType.LOW, "🪫 **Token 111** is low on fast hours"),
        (AlertType.VERY_LOW, "🪫 **Token 111** has almost no fast hours left"),
        (AlertType.WILL_NOT_LAST, "📉 **Token 111** will run out of fast hours"),
        (AlertType.RUNS_OUT_SOON, "📉 **Token 111** will run out of fast hours soon"),
    ],
)
def test_each_alert_type_has_its_own_title(kind: AlertType, title: str) -> None:
    sent = alert_message(incident(member(kind=kind)), role_id=ROLE)

    assert sent.content == f"<@&{ROLE}> {title}"
    assert sent.embed is not None
    assert sent.embed.title is None, "the title stands once"


def test_an_alert_says_what_matters_in_few_words() -> None:
    """The example of the documentation: 20 words, and eight lines on a phone before the timeline."""
    one, hours = member(311), FastTime(timedelta(), timedelta(hours=30), Unit.HOURS)
    plan = Plan(name="Pro", renews_at=NOON + 23 * HOUR)
    known = {311: Reading(311, NOON, status="RELAX", fast_time=hours, plan=plan)}
    sent = incident_message(
        incident(one, acknowledged_by=7, acknowledged_at=NOON + MINUTE),
        known,
        [
            TimelineEvent(NOON, TimelineEventType.STARTED, 311, AlertType.LEFT_FAST, Mode.RELAX),
            TimelineEvent(NOON + MINUTE, TimelineEventType.ACKNOWLEDGED, actor_id=7),
        ],
        of_role(ROLE),
        now=NOON + MINUTE,
        names={311: "Shop front"},
        in_fast=FleetInFast(4, 5),
    )
    assert sent.embed is not None
    returns = STARTED + 23 * 3600

    assert sent.content == f"<@&{ROLE}> 🟡 **Shop front (311)** is in RELAX · 4 of 5 in FAST"
    assert (sent.embed.description or "").splitlines() == [
        f"0 of 30 h left, hours return <t:{returns}:R>",
        "Its owner can buy more.",
        f"👀 <@7>, <t:{STARTED + 60}:t>",
    ]
    assert (sent.embed.footer.text, sent.embed.timestamp) == ("since", NOON)
    assert sent.embed.fields == []


@pytest.mark.parametrize(
    ("one", "in_fast", "ending"),
    [
        (incident(member()), FleetInFast(0, 2), "is in RELAX · **no token is in FAST**"),
        (incident(member(), member(222)), FleetInFast(3, 5), "2 RELAX · 3 of 5 in FAST"),
        (incident(member(kind=AlertType.LOW)), FleetInFast(3, 5), "is low on fast hours"),
        (over(incident(member()), HOUR), FleetInFast(5, 5), "was in RELAX for 1 h"),
    ],
)
def test_an_open_alert_about_a_mode_says_how_bad_it_is_for_the_team(
    one: Incident, in_fast: FleetInFast, ending: str
) -> None:
    sent = incident_message(one, {}, (), NOBODY, now=NOON, in_fast=in_fast)

    assert sent.content.endswith(ending)


def test_no_data_says_since_when() -> None:
    sent = alert_message(incident())

    assert sent.content == "🙈 ImaginePro isn't responding: token status is unknown"
    assert sent.embed is not None
    assert (sent.embed.footer.text, sent.embed.timestamp) == ("since", NOON)


@pytest.mark.parametrize("cause", NoDataCause)
def test_no_data_says_why_and_what_to_do(cause: NoDataCause) -> None:
    sent = alert_message(incident(cause=cause))
    why = texts.outages.HEADLINES[cause]
    why = why[0].upper() + why[1:]

    assert sent.content == f"🙈 {why}: token status is unknown"
    assert sent.embed is not None
    assert texts.outages.SHORT_ADVICE[cause] in (sent.embed.description or "")


@pytest.mark.parametrize(
    ("one", "unread", "line"),
    [
        (incident(member()), {111: NOON}, f"⏳ Last read <t:{STARTED}:R>; it may have changed since."),
        (
            incident(member(), member(222), member(333)),
            {111: NOON - HOUR, 333: NOON},
            f"⏳ 2 of these tokens were last read <t:{STARTED}:R>; they may have changed since.",
        ),
        (
            incident(member(kind=AlertType.LOW)),
            {111: NOON},
            f"⏳ Last read <t:{STARTED}:R>; it may have changed since.",
        ),
    ],
)
def test_an_open_incident_says_since_when_it_may_not_be_true(
    one: Incident, unread: dict[int, datetime], line: str
) -> None:
    sent = incident_message(one, {}, (), NOBODY, now=NOON + HOUR, unread_since=unread)
    over_by_now = incident_message(over(one, HOUR), {}, (), NOBODY, now=NOON + HOUR, unread_since=unread)

    assert sent.embed is not None
    assert over_by_now.embed is not None
    assert (sent.embed.description or "").split("\n")[0] == line
    assert "⏳" not in (over_by_now.embed.description or "")


LEFT = "30 min of 15 h left"


def test_an_open_incident_says_what_is_left_and_who_must_act() -> None:
    embed = embed_of(incident(member(kind=AlertType.BANNED)))

    assert (embed.description or "").splitlines() == [
        "30 min locked",
        "Its owner must act: see Midjourney, then ImaginePro's dashboard.",
    ]


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(), LEFT),
        (Plan(renews_at=NOON + 10 * HOUR), f"{LEFT}, hours return <t:{STARTED + 36000}:R>"),
        (Plan(ends_at=NOON + 10 * HOUR), f"{LEFT}, plan ends <t:{STARTED + 36000}:R>"),
        (
            Plan(period="yearly", renews_at=NOON + timedelta(days=30), ends_at=NOON + 10 * HOUR),
            f"{LEFT}, plan ends <t:{STARTED + 36000}:R>",
        ),
    ],
)
def test_what_is_left_has_when_hours_return_or_that_they_do_not(plan: Plan, words: str) -> None:
    one = member(kind=AlertType.VERY_LOW)
    embed = incident_message(incident(one), {111: replace(reading_of(one), plan=plan)}, (), NOBODY, now=NOON).embed
    assert embed is not None

    assert (embed.description or "").splitlines() == [
        words,
        "Its owner can buy more.",
    ]


def test_a_shortfall_shows_the_remainder_the_refill_and_the_run_out() -> None:
    gone, renews = NOON + 50 * HOUR, NOON + timedelta(days=20)
    one = member(kind=AlertType.WILL_NOT_LAST, gone_at=gone)
    known = replace(reading_of(one), plan=Plan(renews_at=renews))
    embed = incident_message(incident(one), {111: known}, (), NOBODY, now=NOON).embed
    assert embed is not None

    assert (embed.description or "").splitlines() == [
        f"{LEFT}, may run out <t:{STARTED + 50 * 3600}:R>, hours return <t:{STARTED + 20 * 86400}:R>",
        "Use less or buy more.",
    ]


def test_a_shortfall_shows_only_known_values() -> None:
    embed = embed_of(incident(member(kind=AlertType.WILL_NOT_LAST)))

    assert (embed.description or "").splitlines() == [LEFT, "Use less or buy more."]


def test_a_shortfall_group_shows_each_run_out() -> None:
    gone = NOON + 5 * HOUR
    kinds = (AlertType.WILL_NOT_LAST, AlertType.RUNS_OUT_SOON)
    members = [member(111 * place, kind, gone_at=gone) for place, kind in enumerate(kinds, 1)]
    sent = alert_message(incident(*members, member(333, kinds[0])))
    assert sent.embed is not None

    assert sent.content == "📉 **3 tokens** will run out of fast hours before they return"
    assert (sent.embed.description or "").splitlines() == [
        f"📉 **222** · {LEFT}, may run out <t:{STARTED + 5 * 3600}:f>",
        f"📉 **111** · {LEFT}, may run out <t:{STARTED + 5 * 3600}:f>",
        f"📉 **333** · {LEFT}",
    ]


def test_the_time_of_the_start_is_not_that_of_a_later_status() -> None:
    changed = TimelineEvent(NOON + MINUTE, TimelineEventType.CHANGED, 111, AlertType.BANNED, Mode.BANNED)
    banned, worse = incident(member(kind=AlertType.BANNED)), member(kind=AlertType.BANNED, mode_before=Mode.RELAX)
    footers = [
        embed_of(one, *events).footer.text for one, *events in ((banned,), (banned, changed), (incident(worse),))
    ]

    assert footers == ["since", "out of FAST since", "since"]


def test_a_moderators_switch_names_the_user_and_no_role() -> None:
    sent = alert_message(incident(member(kind=AlertType.SWITCHED_OFF, switched_off_by=7)), role_id=ROLE)

    assert sent.content == "⚫ **Token 111** is switched off"
    assert sent.embed is not None
    assert (sent.embed.description or "").splitlines()[1].startswith("<@7> switched it off.")


def test_a_group_counts_tokens_by_mode_and_lists_the_most_severe_first() -> None:
    one = incident(member(111), member(222, AlertType.BANNED), member(333), member(444, AlertType.UNKNOWN_STATUS))
    sent = alert_message(one)

    assert sent.content == "🔴 **4 tokens** out of FAST: 1 BANNED, 2 RELAX, 1 OTHER"
    assert sent.embed is not None
    assert (sent.embed.description or "").splitlines() == [
        f"🔴 **222** · BANNED · <t:{STARTED}:t>",
        f"🟡 **111** · RELAX · <t:{STARTED}:t>",
        f"🟡 **333** · RELAX · <t:{STARTED}:t>",
        f"🔵 **444** · TURBO · <t:{STARTED}:t>",
        "Their owners must act: see ImaginePro's dashboard.",
    ]


def test_a_group_counts_those_still_out_and_says_how_long_each_was() -> None:
    sent = alert_message(incident(member(111, resolved_at=NOON + 5 * MINUTE), member(222), member(333)))
    assert sent.embed is not None

    assert sent.content == "🟡 **2 of 3 tokens** still out of FAST: 2 RELAX"
    assert (sent.embed.description or "").splitlines()[-1] == "🟢 **111** · was in RELAX for 5 min"


def test_a_large_group_lists_some_and_counts_the_rest() -> None:
    lines = (embed_of(incident(*(member(place) for place in range(1, 5001)))).description or "").splitlines()

    assert (len(lines), lines[-1]) == (16, "and 4985 more")


def test_flapping_says_how_often_in_what_time_and_the_current_mode() -> None:
    out = incident(member(earlier_starts=3, first_start_at=NOON - 20 * MINUTE), flapping=True)
    back = replace(out, members=(replace(out.members[0], resolved_at=NOON + MINUTE),))

    assert alert_message(out).content == "🔁 **Token 111** left FAST 4 times in 20 min, in RELAX right now"
    assert alert_message(back).content == "🔁 **Token 111** left FAST 4 times in 20 min, in FAST right now"


# --- Actions


def actions_of(one: Incident, after: timedelta = HOUR) -> list[str]:
    lines = (embed_of(one, after=after).description or "").splitlines()
    return [line for line in lines if line.startswith(("👀", "🔕"))]


def test_an_acknowledgement_shows_user_and_time_and_removes_its_button() -> None:
    one = incident(member(), acknowledged_by=7, acknowledged_at=NOON + MINUTE)

    assert actions_of(one) == [f"👀 <@7>, <t:{STARTED + 60}:t>"]
    assert buttons_of(one) == ["I'm on it", "Mute", "Details"]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            incident(member(), muted_by=7),
            "🔕 Muted until it is resolved, by <@7>. You are still notified of a ban or a verification.",
        ),
        (
            incident(member(), muted_by=7, muted_until=NOON + 8 * HOUR),
            f"🔕 Muted until <t:{STARTED + 8 * 3600}:t> by <@7>. You are still notified of a ban or a verification.",
        ),
        (incident(member(kind=AlertType.BANNED), muted_by=7), "🔕 Muted until it is resolved, by <@7>"),
        (incident(member(kind=AlertType.LOW), muted_by=7), "🔕 Muted until it is resolved, by <@7>"),
        (
            incident(member(kind=AlertType.WILL_NOT_LAST), muted_by=7),
            "🔕 Muted until it is resolved, by <@7>. You are still notified of hours running out.",
        ),
        (incident(member(kind=AlertType.RUNS_OUT_SOON), muted_by=7), "🔕 Muted until it is resolved, by <@7>"),
        (incident(muted_by=7), "🔕 Muted until it is resolved, by <@7>"),
    ],
)
def test_a_mute_shows_its_end_its_user_and_its_exceptions(one: Incident, words: str) -> None:
    assert actions_of(one) == [words]
    assert "Unmute" in buttons_of(one)


@pytest.mark.parametrize(("names", "name"), [(NO_NAMES, "Token 111"), ({111: "Shop *front*"}, "Shop *front* (111)")])
def test_a_thread_is_named_after_its_token_without_markup(names: Names, name: str) -> None:
    assert thread_name(incident(member(111)), names) == name


def test_an_expired_mute_is_not_shown() -> None:
    one = incident(member(), muted_by=7, muted_until=NOON + HOUR)

    assert actions_of(one, after=HOUR) == []
    assert buttons_of(one, after=HOUR) == ["Acknowledge", "I'm on it", "Mute", "Details"]


@pytest.mark.parametrize(
    ("one", "labels"),
    [
        (incident(member()), ["Acknowledge", "I'm on it", "Mute", "Details"]),
        (incident(), ["Acknowledge", "I'm on it", "Mute"]),
        (incident(member(kind=AlertType.SWITCHED_OFF)), ["Acknowledge", "I'm on it", "Switch on", "Mute", "Close"]),
        (incident(member(kind=AlertType.NOT_LISTED)), ["Acknowledge", "I'm on it", "Mute", "Close", "Details"]),
        # Closing it would silence the token that recovers by itself.
        (incident(member(1), member(2, AlertType.NOT_LISTED)), ["Acknowledge", "I'm on it", "Mute", "Details"]),
        (
            incident(member(1, resolved_at=NOON), member(2, AlertType.NOT_LISTED)),
            ["Acknowledge", "I'm on it", "Mute", "Close", "Details"],
        ),
        (over(incident(member()), HOUR), []),
    ],
)
def test_only_applicable_buttons_are_shown(one: Incident, labels: list[str]) -> None:
    assert buttons_of(one) == labels
    assert len(labels) <= 5, "they fit in a row"


def test_every_alert_types_buttons_are_valid_and_name_their_incident() -> None:
    for kind, state in product(KINDS_OF_TOKENS, STATES.values()):
        sent = alert_message(incident(member(kind=kind), id=10**18 - 1, **state))  # type: ignore[arg-type]
        assert sent.view is not None, kind
        custom_ids = [button.custom_id for button in sent.view.children if isinstance(button, discord.ui.Button)]
        assert all(custom_id is not None and custom_id.endswith(":999999999999999999") for custom_id in custom_ids)
        body = {"content": sent.content, "components": sent.view.to_components()}
        assert violations("POST", "/channels/{channel_id}/messages", body) == [], (kind, state)


def test_a_resolved_alert_has_no_buttons_when_edited() -> None:
    sent = alert_message(over(incident(member()), HOUR))
    assert sent.view is not None

    assert sent.view.to_components() == []


# --- Replies


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (incident(member(kind=AlertType.BANNED)), "🔺 **Token 111** is banned: its owner must act."),
        (incident(member()), "🔺 **Token 111** is in RELAX now."),
        (incident(member(kind=AlertType.VERY_LOW)), "🔺 **Token 111** has almost no fast hours left."),
        (incident(member(kind=AlertType.RUNS_OUT_SOON)), "🔺 **Token 111** will run out of fast hours soon."),
        (
            incident(member(), member(222, AlertType.BANNED), member(333, resolved_at=NOON)),
            "🔺 It got worse: 2 tokens are out of FAST now: 1 BANNED, 1 RELAX.",
        ),
        # A single remaining one is named.
        (
            incident(member(resolved_at=NOON), member(222, AlertType.SWITCHED_OFF)),
            "🔺 **Token 222** was switched off at ImaginePro.",
        ),
        (
            incident(member(kind=AlertType.LOW), member(222, AlertType.VERY_LOW)),
            "🔺 It got worse: 2 tokens are low on fast hours now (1 almost empty, 1 low).",
        ),
    ],
)
def test_getting_worse_is_one_line(one: Incident, words: str) -> None:
    assert worse_words(one, {each.token_id: reading_of(each) for each in one.members}, NOON) == words


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            incident(member(kind=AlertType.BANNED)),
            "⏰ **Token 111** has been out of FAST for 6 h (BANNED). Nobody has acknowledged it.",
        ),
        (
            incident(member(), member(222), member(333, AlertType.BANNED, resolved_at=NOON)),
            "⏰ 2 tokens are still out of FAST after 6 h: 2 RELAX. Nobody has acknowledged it.",
        ),
        (
            incident(),
            "⏰ ImaginePro isn't responding: token status is still unknown after 6 h. Nobody has acknowledged it.",
        ),
    ],
)
def test_a_reminder_has_the_state_and_its_duration(one: Incident, words: str) -> None:
    assert reminder_words(one, NOON + 6 * HOUR) == words


@pytest.mark.parametrize(
    ("one", "words", "title"),
    [
        (
            over(incident(member()), 95 * MINUTE),
            "✅ **Token 111** is back in FAST after 1 h 35 min.",
            "🟢 **Token 111** was in RELAX for 1 h 35 min",
        ),
        (
            over(incident(member(), member(222)), HOUR),
            "✅ All 2 tokens are back in FAST after 1 h.",
            "🟢 **2 tokens** were out of FAST: 2 RELAX",
        ),
        (
            over(incident(member(times=2, earlier_starts=3, first_start_at=NOON - 20 * MINUTE), flapping=True), MINUTE),
            "✅ **Token 111** stays in FAST now. It left 5 times in 20 min.",
            "🟢 **Token 111** left FAST 5 times in 20 min",
        ),
        (
            over(incident(member(), flapping=True), MINUTE),
            "✅ **Token 111** is back in FAST after 1 min.",
            "🟢 **Token 111** was in RELAX for 1 min",
        ),
        (
            over(incident(member(kind=AlertType.LOW)), HOUR),
            "✅ **Token 111** has enough fast hours again.",
            "🟢 **Token 111** was low on fast hours for 1 h",
        ),
        (
            over(incident(member(kind=AlertType.RUNS_OUT_SOON)), HOUR),
            "✅ **Token 111** has enough fast hours until they return.",
            "🟢 **Token 111** was about to run out of fast hours for 1 h",
        ),
        (
            over(incident(), 12 * MINUTE),
            "✅ Token status is known again after 12 min. Alerts for what changed meanwhile follow.",
            "🟢 Token status was unknown for 12 min",
        ),
        (
            over(incident(member(kind=AlertType.SWITCHED_OFF)), HOUR, closed_by=7),
            "⚪ <@7> closed this.",
            "⚪ Closed: **Token 111** was switched off",
        ),
    ],
)
def test_the_end_is_one_line_and_on_the_alert(one: Incident, words: str, title: str) -> None:
    assert back_words(one) == words
    assert alert_message(one, role_id=ROLE).content == title


def test_a_resolved_alert_keeps_what_happened() -> None:
    ended = over(incident(member(kind=AlertType.BANNED)), 95 * MINUTE)

    assert alert_message(ended).content == "🟢 **Token 111** was banned for 1 h 35 min"
    assert embed_of(ended).description == f"<t:{STARTED}:t> to <t:{STARTED + 5700}:t>"


def test_a_resolved_alert_that_had_become_worse_says_how_long_each_was() -> None:
    ended = over(incident(member(kind=AlertType.BANNED)), 18 * MINUTE)
    sent = alert_message(
        ended,
        TimelineEvent(NOON, TimelineEventType.STARTED, 111, AlertType.LEFT_FAST, Mode.RELAX),
        TimelineEvent(NOON + 4 * MINUTE, TimelineEventType.CHANGED, 111, AlertType.BANNED, Mode.BANNED),
    )

    assert sent.content == "🟢 **Token 111** was out of FAST for 18 min, banned for 14 min of it"


def test_a_duration_agrees_with_the_clock_times_beside_it() -> None:
    """12:00:50 to 12:14:10 is shown as 12:00 to 12:14."""
    one = member(started_at=NOON + timedelta(seconds=50), resolved_at=NOON + timedelta(minutes=14, seconds=10))
    ended = replace(incident(one), started_at=one.started_at, resolved_at=one.resolved_at)

    assert alert_message(ended).content == "🟢 **Token 111** was in RELAX for 14 min"


def test_a_resolved_shortfall_shows_how_long_it_existed() -> None:
    ended = over(incident(member(kind=AlertType.WILL_NOT_LAST)), HOUR)

    assert alert_message(ended).content == "🟢 **Token 111** was going to run out of fast hours for 1 h"
    assert embed_of(ended).description == f"<t:{STARTED}:t> to <t:{STARTED + 3600}:t>"


def test_a_resolved_group_says_how_long_each_of_its_tokens_was() -> None:
    ended = over(incident(member(111, resolved_at=NOON + MINUTE), member(222, AlertType.BANNED), member(333)), HOUR)

    assert alert_message(ended).content == "🟢 **3 tokens** were out of FAST: 1 BANNED, 2 RELAX"
    assert (embed_of(ended).description or "").splitlines() == [
        f"<t:{STARTED}:t> to <t:{STARTED + 3600}:t>",
        "🟢 **222** · was banned for 1 h",
        "🟢 **111** · was in RELAX for 1 min",
        "🟢 **333** · was in RELAX for 1 h",
    ]


def test_tokens_affected_at_closing_are_not_shown_as_recovered() -> None:
    one = incident(member(111, resolved_at=NOON + MINUTE), member(222, AlertType.NOT_LISTED))
    lines = (embed_of(over(one, HOUR, closed_by=7)).description or "").splitlines()

    assert lines[0] == "<@7> closed it after 1 h. You are not notified when it is back."
    assert set(lines[1:]) == {"⚪ **222** · was not listed", "🟢 **111** · was in RELAX for 1 min"}


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (over(incident(member()), HOUR), "**Token 111** was in RELAX for 1 h, and is back in FAST."),
        (
            over(incident(member(), member(222, AlertType.BANNED)), HOUR),
            "2 tokens were out of FAST (1 BANNED, 1 RELAX), all back after 1 h.",
        ),
        (
            over(incident(member(times=3, first_start_at=NOON - 9 * MINUTE)), HOUR),
            "**Token 111** left FAST 3 times in 9 min, and is back.",
        ),
        (over(incident(member(kind=AlertType.LOW)), HOUR), "**Token 111** was low on fast hours and has enough again."),
        (
            over(incident(member(kind=AlertType.WILL_NOT_LAST)), HOUR),
            "**Token 111** was going to run out of fast hours and now has enough.",
        ),
        (over(incident(), HOUR), "token status was unknown for 1 h. ImaginePro isn't responding."),
        (
            over(incident(member(kind=AlertType.LOW, mode=Mode.GONE)), HOUR),
            "**Token 111** was low on fast hours and is no longer listed.",
        ),
        (
            over(incident(member(kind=AlertType.WILL_NOT_LAST, mode=Mode.GONE)), HOUR),
            "**Token 111** was going to run out of fast hours and is no longer listed.",
        ),
        (
            over(incident(member(kind=AlertType.LOW), member(222, AlertType.LOW, mode=Mode.GONE)), HOUR),
            "2 tokens were low on fast hours; none of them is any more.",
        ),
    ],
)
def test_an_incident_resolved_before_posting_is_one_line(one: Incident, line: str) -> None:
    assert summary_words([one]) == f"Already over:\n• <t:{STARTED}:R>: {line}"


def test_a_long_summary_is_truncated_with_a_count() -> None:
    lines = summary_words([over(incident(member()), HOUR)] * 25).splitlines()

    assert (len(lines), lines[-1]) == (12, "• and 15 more.")


# --- The timeline


def timeline_of(one: Incident, *events: TimelineEvent, after: timedelta = HOUR) -> list[str]:
    return (fields(embed_of(one, *events, after=after))["Timeline"] or "").splitlines()


def test_the_timeline_has_event_time_and_user() -> None:
    kind = AlertType.LEFT_FAST
    lines = timeline_of(
        incident(member(kind=AlertType.BANNED)),
        TimelineEvent(NOON, TimelineEventType.STARTED, 111, kind, Mode.RELAX),
        TimelineEvent(NOON + MINUTE, TimelineEventType.ACKNOWLEDGED, actor_id=7),
        TimelineEvent(NOON + 2 * MINUTE, TimelineEventType.MUTED, actor_id=7, expires_at=NOON + HOUR),
        TimelineEvent(NOON + 3 * MINUTE, TimelineEventType.CHANGED, 111, AlertType.BANNED, Mode.BANNED),
        TimelineEvent(NOON + 4 * MINUTE, TimelineEventType.MUTED, actor_id=8),
        TimelineEvent(NOON + 5 * MINUTE, TimelineEventType.UNMUTED, actor_id=8),
        TimelineEvent(NOON + 6 * MINUTE, TimelineEventType.CHANGED, 111, kind, Mode.RELAX),
    )

    assert lines == [
        f"<t:{STARTED + 60}:t> acknowledged by <@7>",
        f"<t:{STARTED + 120}:t> muted by <@7> until <t:{STARTED + 3600}:t>",
        f"<t:{STARTED + 180}:t> banned",
        f"<t:{STARTED + 240}:t> muted by <@8> until it is resolved",
        f"<t:{STARTED + 300}:t> unmuted by <@8>",
        f"<t:{STARTED + 360}:t> now RELAX",
    ]


def test_the_timeline_does_not_repeat_what_the_alert_says_above() -> None:
    one = incident(member(), acknowledged_by=8, acknowledged_at=NOON + 3 * MINUTE, muted_by=7)
    lines = timeline_of(
        one,
        TimelineEvent(NOON, TimelineEventType.STARTED, 111, AlertType.LEFT_FAST, Mode.RELAX),
        TimelineEvent(NOON + MINUTE, TimelineEventType.ACKNOWLEDGED, actor_id=7),
        TimelineEvent(NOON + 2 * MINUTE, TimelineEventType.MUTED, actor_id=7),
        TimelineEvent(NOON + 3 * MINUTE, TimelineEventType.ACKNOWLEDGED, actor_id=8),
    )

    assert lines == [f"<t:{STARTED + 60}:t> acknowledged by <@7>"]


def test_timelines_longer_than_a_day_show_dates() -> None:
    one, event = (
        incident(member()),
        TimelineEvent(NOON, TimelineEventType.CHANGED, 111, AlertType.LEFT_FAST, Mode.RELAX),
    )

    assert timeline_of(one, event, after=19 * HOUR) == [f"<t:{STARTED}:t> now RELAX"]
    assert timeline_of(one, event, after=20 * HOUR) == [f"<t:{STARTED}:f> now RELAX"]


def test_a_groups_timeline_names_tokens_and_merges_simultaneous_events() -> None:
    members = [member(token_id) for token_id in (111, 222, 333)]
    started = [TimelineEvent(NOON, TimelineEventType.STARTED, each.token_id, each.kind, each.mode) for each in members]
    back = [TimelineEvent(NOON + MINUTE, TimelineEventType.RECOVERED, token_id) for token_id in (111, 333)]
    again = replace(members[0], times=2)

    assert timeline_of(incident(*members), *started, *back) == [f"<t:{STARTED + 60}:t> 111, 333: back in FAST"]
    left_again = TimelineEvent(NOON + 2 * MINUTE, TimelineEventType.STARTED, 111, AlertType.LEFT_FAST, Mode.RELAX)
    assert timeline_of(incident(again, *members[1:]), left_again)[-1] == f"<t:{STARTED + 120}:t> 111: left FAST · RELAX"


def test_a_long_timeline_drops_its_oldest_lines() -> None:
    many_tokens = [member(2**63 - 1 - place, times=2) for place in range(200)]
    events = [
        TimelineEvent(NOON + place * MINUTE, TimelineEventType.RECOVERED, each.token_id)
        for place in range(10)
        for each in many_tokens[place * 20 : place * 20 + 20]
    ]
    lines = timeline_of(incident(*many_tokens), *events)

    assert 1 < len(lines) < 10
    assert lines[-1].startswith(f"<t:{STARTED + 540}:t>")


def test_a_line_of_many_tokens_names_the_first_and_counts_the_rest() -> None:
    members = [member(token_id, times=2) for token_id in range(101, 141)]
    back = [TimelineEvent(NOON + MINUTE, TimelineEventType.RECOVERED, each.token_id) for each in members]

    assert timeline_of(incident(*members), *back)[-1] == (
        f"<t:{STARTED + 60}:t> 101, 102, 103, 104, 105, 106, 107, 108, and 32 more: back in FAST"
    )


# --- Owners


def shown_to_owners(one: Incident, owners: dict[int, int]) -> list[str]:
    sent = incident_message(one, {}, (), NOBODY, now=NOON + HOUR, owners=owners, dashboard_url=DASHBOARD)
    return (sent.embed.description or "").splitlines() if sent.embed else []


def test_the_owner_reads_what_to_do_in_one_line() -> None:
    assert shown_to_owners(incident(member(111, AlertType.VERIFYING)), {111: OWNER, 222: 5}) == [
        f"<@{OWNER}> must verify it: answer Midjourney, then see the [dashboard]({DASHBOARD}).",
    ]


def test_a_group_names_the_owners_who_must_act_and_no_other() -> None:
    relaxed, banned = member(111), [member(token_id, AlertType.BANNED) for token_id in (222, 333, 444)]
    back = member(555, AlertType.BANNED, resolved_at=NOON)
    owners = {111: 1, 222: OWNER, 333: OWNER, 444: 6, 555: 7}

    assert shown_to_owners(incident(relaxed, *banned, back), owners)[-1] == (
        f"<@{OWNER}>, <@6> must act: see the [dashboard]({DASHBOARD})."
    )


@pytest.mark.parametrize("kind", sorted({*KINDS_OF_TOKENS} - OWNER_MUST_ACT))
def test_no_owner_is_asked_where_anybody_can_act(kind: AlertType) -> None:
    assert f"<@{OWNER}>" not in "".join(shown_to_owners(incident(member(111, kind)), {111: OWNER}))


# --- Routes


@pytest.mark.parametrize(
    ("mentions", "expected"),
    [
        (NOBODY, {"parse": []}),
        (of_role(ROLE), {"parse": [], "roles": [ROLE]}),
        (of_role(None, (OWNER,)), {"parse": [], "users": [OWNER]}),
        (of_role(ROLE, (OWNER,)), {"parse": [], "roles": [ROLE], "users": [OWNER]}),
    ],
)
def test_exactly_the_mentions_are_allowed(mentions: Mentions, expected: dict[str, object]) -> None:
    assert mentions.allowed.to_dict() == expected


def test_a_test_alert_says_that_it_is_one() -> None:
    sent = alert_test_message(ROLE)

    assert sent.content == f"<@&{ROLE}> This is a test alert from Fastwatch. Nothing is wrong."
    assert sent.embed is not None
    assert sent.embed.title == "🧪 Test alert"
    check_limits(sent.embed)


def test_a_refused_channel_is_reported_with_its_known_reason() -> None:
    assert route_broken_words(5, DisabledReason.MISSING_PERMISSIONS).startswith(
        "I can no longer post alerts in <#5> (a permission is missing). I keep them and try again by myself"
    )


@pytest.mark.parametrize(
    ("reason", "lacking", "says"),
    [
        (DisabledReason.MISSING_PERMISSIONS, ("Embed Links",), "(Embed Links is missing there)"),
        (DisabledReason.MISSING_PERMISSIONS, ("Embed Links",), "Give me Embed Links there."),
        (DisabledReason.MISSING_ACCESS, (), "Give me View Channel, Send Messages, Embed Links, Read Message History"),
        (DisabledReason.UNKNOWN_CHANNEL, (), "within the hour. Choose another channel with `/alerts setup`"),
    ],
)
def test_moderators_read_the_permission_that_is_missing(
    reason: DisabledReason, lacking: tuple[str, ...], says: str
) -> None:
    assert says in route_broken_words(5, reason, lacking)


@pytest.mark.parametrize("reason", DisabledReason)
def test_no_error_makes_the_refused_channel_text_too_long(reason: DisabledReason) -> None:
    assert len(route_broken_words(2**63, reason)) <= 2000


@pytest.mark.parametrize(("hours", "words"), [(None, "🔕 Muted until it is resolved."), (8, "🔕 Muted until <t:")])
def test_a_muting_user_sees_its_end(hours: int | None, words: str) -> None:
    until = NOON + timedelta(hours=hours) if hours is not None else None

    assert muted_words(incident(muted_by=7, muted_until=until), NOON).startswith(words)


@pytest.mark.parametrize(("kind", "flapping"), list(product(KINDS_OF_TOKENS, [False, True])))
def test_every_mode_out_of_fast_can_be_counted(kind: AlertType, flapping: bool) -> None:
    one = incident(*(member(place + 1, kind, mode=mode) for place, mode in enumerate(MODES_OUT)), flapping=flapping)

    assert len(alert_message(one).content) <= 200


# --- Tokens that are no longer listed


@pytest.mark.parametrize(
    ("kind", "said", "title"),
    [
        (
            AlertType.LOW,
            "⚪ **Token 111** is no longer listed, so its low fast hours are over.",
            "⚪ **Token 111** was low on fast hours for 1 h, and is no longer listed",
        ),
        (
            AlertType.WILL_NOT_LAST,
            "⚪ **Token 111** is no longer listed, so it will not run out of fast hours.",
            "⚪ **Token 111** was going to run out of fast hours for 1 h, and is no longer listed",
        ),
    ],
)
def test_an_alert_that_ends_with_its_token_says_so(kind: AlertType, said: str, title: str) -> None:
    one = over(incident(member(kind=kind, mode=Mode.GONE)), HOUR)
    event = TimelineEvent(NOON + HOUR, TimelineEventType.RECOVERED, 111, mode=Mode.GONE)
    embed = embed_of(one, event)

    assert back_words(one) == said
    assert alert_message(one, event).content == title
    assert embed.fields == [], "it stands once"


def test_a_group_that_ends_with_some_of_its_tokens_does_not_call_them_well() -> None:
    one = over(incident(member(kind=AlertType.LOW), member(222, AlertType.LOW, mode=Mode.GONE)), HOUR)
    embed = embed_of(one)

    assert back_words(one) == "✅ None of 2 tokens is low on fast hours any more."
    assert alert_message(one).content == "🟢 **2 tokens** were low on fast hours"
    assert (embed.description or "").splitlines()[-2:] == [
        "🟢 **111** · was low on fast hours for 1 h",
        "⚪ **222** · no longer listed",
    ]


def test_a_closed_alert_about_fast_hours_says_what_was_closed() -> None:
    one = over(incident(member(kind=AlertType.LOW)), HOUR, closed_by=8)
    embed = embed_of(one)

    assert alert_message(one).content == "⚪ Closed: **Token 111** was low on fast hours"
    assert embed.description == "<@8> closed it after 1 h. You are not notified when hours return."


# --- Closed because nobody follows it any more


@pytest.mark.parametrize(
    ("reason", "by", "description"),
    [
        (CloseReason.ALERTS_OFF, 8, "Alerts were switched off by <@8>. This message is not updated any more."),
        (CloseReason.NOT_CONNECTED, None, "This server is not connected any more, so this message is not updated"),
        (CloseReason.NOT_WATCHED, 8, "<@8> stopped watching it, so this message is not updated any more."),
        (CloseReason.NOT_READ, None, "This key cannot list tokens, and no watched message covers this alert"),
    ],
)
@pytest.mark.parametrize("one", [incident(member()), incident(member(), member(222)), incident()])
def test_an_incident_that_nobody_follows_says_why_and_has_no_buttons(
    one: Incident, reason: CloseReason, by: int | None, description: str
) -> None:
    update = close_because(one, reason, by, NOON + HOUR)
    embed = embed_of(update.incident, *update.events)

    assert alert_message(update.incident).content.startswith("⚪ Closed: ")
    assert (embed.description or "").startswith(description)
    assert buttons_of(update.incident) == []


def test_a_token_that_is_not_watched_any_more_leaves_its_group() -> None:
    group = incident(member(), member(222), member(333))
    update = close_because(group, CloseReason.NOT_WATCHED, 8, NOON + HOUR, {222})
    embed = embed_of(update.incident, *update.events)

    assert list(update.incident.by_token) == [111, 333]
    assert update.incident.is_open
    assert "222: not watched any more, by <@8>" in (fields(embed)["Timeline"] or "")


def test_the_last_token_that_is_not_watched_any_more_closes_its_incident() -> None:
    group = incident(member(resolved_at=NOON), member(222))
    update = close_because(group, CloseReason.NOT_WATCHED, 8, NOON + HOUR, {222})

    assert not update.incident.is_open
    assert list(update.incident.by_token) == [111, 222]
