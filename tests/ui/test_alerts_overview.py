"""The response of `/alerts show`."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.ui import texts
from bot.ui.alerts_overview import (
    MOST_REASON,
    AlertsOverview,
    IncidentOverview,
    MuteOverview,
    WatchOverview,
    overview_embed,
    ping,
)
from bot.ui.formatting import token
from bot.ui.route_overview import RouteOverview, TokenRouteOverview
from tests.clocks import NOON
from tests.ui.hostile import live_parts, names_of_any_sort, texts_of_any_sort
from tests.ui.limits import check_limits
from tests.ui.some_incidents import incident, incidents, member

LONGEST = max(DisabledReason, key=lambda reason: len(texts.discord_errors.DISABLED_REASONS[reason]))
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
NOTHING = AlertsOverview(
    now=NOON,
    route=None,
    token_routes=(),
    lists_fleet=None,
    modes=Counter(),
    watches=(),
    last_success_at=None,
    last_error=None,
    incidents=(),
    mutes=(),
    waiting=0,
    waiting_problem=None,
)
SECONDS = int(NOON.timestamp())
NOW = f"<t:{SECONDS}:R>"
HOUR = timedelta(hours=1)
CHANNEL, CHANNELS, WATCHED, LAST_ROUND, OPEN, MUTED, WAITING = (
    "Channel",
    "Channels of single tokens",
    "Watched",
    "Last successful check",
    "Open incidents",
    "Muted",
    "Waiting to be delivered",
)
URL = f"https://discord.com/channels/{2**63}/{2**63}/{2**63}"


def shown(overview: AlertsOverview) -> dict[str | None, str | None]:
    return {field.name: field.value for field in overview_embed(overview).fields}


def opened(number: int) -> IncidentOverview:
    return IncidentOverview(incident(member(number)), "RELAX", URL)


def watch(number: int, problem: str | None = None) -> WatchOverview:
    return WatchOverview(UUID(int=number), number, problem)


@pytest.mark.parametrize(
    ("overview", "field", "words"),
    [
        (NOTHING, CHANNEL, "Alerts are off. Use `/alerts setup` to turn them on."),
        (replace(NOTHING, route=RouteOverview(7, None, None)), CHANNEL, "Alerts go to <#7> and ping nobody."),
        (replace(NOTHING, route=RouteOverview(7, 8, None)), CHANNEL, "Alerts go to <#7> and ping <@&8>."),
        (
            replace(NOTHING, route=RouteOverview(7, None, DisabledReason.MISSING_PERMISSIONS)),
            CHANNEL,
            (
                "Alerts go to <#7> and ping nobody.\n⚠️ I cannot post there: a permission is missing. "
                "Fix that, then use `/alerts test`. I also try again by myself."
            ),
        ),
        (
            replace(NOTHING, token_routes=[TokenRouteOverview(7, 8, None, 111)]),
            CHANNELS,
            "Alerts of token 111 go to <#7> and ping <@&8>.",
        ),
        (
            replace(NOTHING, token_routes=[TokenRouteOverview(7, 8, DisabledReason.UNKNOWN_CHANNEL, 111)]),
            CHANNELS,
            (
                "Token 111: ⚠️ I cannot post in <#7>: the channel no longer exists. Fix "
                "that, then use `/alerts route` again."
            ),
        ),
        (
            replace(NOTHING, mutes=[MuteOverview(None, NOON, "", 9), MuteOverview(111, NOON, "[Moving](x)", 9)]),
            MUTED,
            f"🔕 all alerts until <t:{SECONDS}:f>, by <@9>\n"
            f"🔕 token 111 until <t:{SECONDS}:f>, by <@9>: \\[Moving\\]\\(x\\)",
        ),
        (NOTHING, WATCHED, "ImaginePro has not responded yet."),
        (
            replace(NOTHING, watches=[WatchOverview(MESSAGE, None, None)]),
            WATCHED,
            f"ImaginePro has not responded yet.\nToken unknown by message `{MESSAGE}`",
        ),
        (replace(NOTHING, lists_fleet=True), WATCHED, "All tokens; there are none yet."),
        (
            replace(NOTHING, lists_fleet=True, modes=Counter({Mode.RELAX: 1, Mode.BANNED: 2, Mode.FAST: 12})),
            WATCHED,
            "All tokens: 🟢 12 FAST, 🟡 1 RELAX, 🔴 2 BANNED",
        ),
        (
            replace(NOTHING, lists_fleet=False),
            WATCHED,
            "Nothing is watched: this key cannot list tokens. Use `/alerts watch` to watch a message.",
        ),
        (
            replace(NOTHING, lists_fleet=False, watches=[WatchOverview(MESSAGE, 111, None)]),
            WATCHED,
            "This key cannot list its tokens, so only traced messages are watched. Use `/alerts watch` to add one.\n"
            f"Token 111 by message `{MESSAGE}`",
        ),
        (NOTHING, LAST_ROUND, "never"),
        (replace(NOTHING, last_success_at=NOON), LAST_ROUND, NOW),
        (
            replace(NOTHING, last_success_at=NOON, last_error="RateLimited: *HTTP* 429"),
            LAST_ROUND,
            f"{NOW}; problem since then: RateLimited: \\*HTTP\\* 429",
        ),
        (NOTHING, OPEN, "none"),
        (NOTHING, WAITING, "none"),
        (replace(NOTHING, waiting=3), WAITING, "3"),
        (
            replace(NOTHING, waiting=3, waiting_problem="Discord did not respond in time"),
            WAITING,
            "3, because: Discord did not respond in time",
        ),
    ],
)
def test_the_overview_has_this_text(overview: AlertsOverview, field: str, words: str) -> None:
    assert shown(overview)[field] == words


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (IncidentOverview(incident(member(5)), "RELAX"), f"🟡 token 5 · RELAX · {NOW}"),
        (
            IncidentOverview(incident(member(5, AlertType.UNKNOWN_STATUS)), "*TURBO*"),
            f"🔵 token 5 · \\*TURBO\\* · {NOW}",
        ),
        (IncidentOverview(incident(member(5, AlertType.LOW))), f"🪫 token 5 · low on fast hours · {NOW}"),
        (
            IncidentOverview(incident(member(5, AlertType.RUNS_OUT_SOON))),
            f"📉 token 5 · will run out of fast hours soon · {NOW}",
        ),
        (IncidentOverview(incident()), f"🙈 ImaginePro isn't responding · {NOW}"),
        (
            IncidentOverview(incident(cause=NoDataCause.FLEET_EMPTY)),
            f"🙈 ImaginePro lists no tokens for this key · {NOW}",
        ),
        (
            IncidentOverview(incident(member(1), member(2), member(3, AlertType.BANNED), member(4, resolved_at=NOON))),
            f"🔴 3 tokens (1, 2, 3) · 1 BANNED, 2 RELAX · {NOW}",
        ),
        (
            IncidentOverview(incident(*(member(number) for number in range(1, 6)))),
            f"🟡 5 tokens (1, 2, 3, …) · 5 RELAX · {NOW}",
        ),
        (
            IncidentOverview(incident(member(5), acknowledged_by=9, acknowledged_at=NOON), "", URL),
            f"🟡 token 5 · RELAX · {NOW} · 👀 <@9> · [alert]({URL})",
        ),
        (
            IncidentOverview(incident(member(5), muted_by=9, muted_until=NOON + HOUR)),
            f"🟡 token 5 · RELAX · {NOW} · 🔕 until <t:{SECONDS + 3600}:t>",
        ),
        (IncidentOverview(incident(member(5), muted_by=9, muted_until=NOON)), f"🟡 token 5 · RELAX · {NOW}"),
        (
            IncidentOverview(incident(member(5), muted_by=9)),
            f"🟡 token 5 · RELAX · {NOW} · 🔕 until it is resolved",
        ),
        (
            IncidentOverview(incident(member(5, resolved_at=NOON), flapping=True)),
            f"🟡 token 5 · FAST · {NOW} · 🔁 flapping",
        ),
    ],
)
def test_an_open_incident_is_one_line_with_everything_done_about_it(one: IncidentOverview, line: str) -> None:
    assert shown(replace(NOTHING, incidents=[one]))[OPEN] == line


def test_the_most_urgent_comes_first_then_the_oldest() -> None:
    known = {1: AlertType.LOW, 2: AlertType.LEFT_FAST, 3: AlertType.BANNED, 4: AlertType.VERIFYING}
    incidents_then = [
        IncidentOverview(incident(member(token_id, kind), started_at=NOON - token_id * HOUR))
        for token_id, kind in known.items()
    ]
    lines = (shown(replace(NOTHING, incidents=incidents_then))[OPEN] or "").splitlines()

    assert [int(line.split()[2]) for line in lines] == [4, 3, 2, 1]


def test_empty_parts_of_most_servers_are_left_out() -> None:
    assert list(shown(NOTHING)) == [OPEN, CHANNEL, WAITING, WATCHED, LAST_ROUND]


def test_a_watchs_error_is_shown_with_it() -> None:
    overview = replace(NOTHING, lists_fleet=False, watches=[watch(1, "MessageNotFound: [HTTP 404](x)")])
    line = (shown(overview)[WATCHED] or "").splitlines()[1]

    assert line == f"Token 1 by message `{UUID(int=1)}`: ⚠️ MessageNotFound: \\[HTTP 404\\]\\(x\\)"


@pytest.mark.parametrize("number", [1, 9, 10, 11, 20, 500])
def test_incidents_left_out_are_counted(number: int) -> None:
    overview = replace(NOTHING, incidents=[opened(one) for one in range(number)])
    lines = (shown(overview)[OPEN] or "").splitlines()
    listed = sum(line.startswith("🟡") for line in lines)

    assert listed >= min(number, 5)
    assert listed == number or lines[-1] == f"and {number - listed} more"


@pytest.mark.parametrize("length", [0, 20, 150, 5000])
@pytest.mark.parametrize("number", [1, 5, 20])
def test_watches_left_out_are_counted(number: int, length: int) -> None:
    watches = [watch(one, "*" * length if length else None) for one in range(number)]
    _, *lines = (shown(replace(NOTHING, lists_fleet=False, watches=watches))[WATCHED] or "").splitlines()
    listed = [line for line in lines if line.startswith("Token")]
    more = [int(line.split()[1]) for line in lines if line.startswith("and")]

    assert listed
    assert len(listed) + sum(more) == number


def test_the_pinged_role_is_shown() -> None:
    assert (ping(None), ping(5)) == ("ping nobody", "ping <@&5>")


ids = st.integers(1, 2**63 - 1)
problems = st.none() | texts_of_any_sort | st.integers(1, 5000).map("*".__mul__)
reasons = st.none() | st.sampled_from(DisabledReason)
overviews = st.builds(
    AlertsOverview,
    now=st.just(NOON),
    route=st.none() | st.builds(RouteOverview, ids, st.none() | ids, reasons),
    token_routes=st.lists(st.builds(TokenRouteOverview, ids, st.none() | ids, reasons, ids), max_size=25),
    lists_fleet=st.none() | st.booleans(),
    modes=st.dictionaries(st.sampled_from(Mode), st.integers(1, 10**6)).map(Counter),
    watches=st.lists(st.builds(WatchOverview, st.uuids(), st.none() | ids, problems), max_size=25),
    last_success_at=st.none() | st.just(NOON),
    last_error=problems,
    incidents=st.lists(
        st.builds(IncidentOverview, incidents().filter(lambda one: one.is_open), texts_of_any_sort, st.just(URL)),
        max_size=12,
    ),
    mutes=st.lists(
        st.builds(MuteOverview, st.none() | ids, st.just(NOON), st.text(max_size=MOST_REASON), ids), max_size=25
    ),
    waiting=st.integers(0, 10**9),
    waiting_problem=problems,
)


@settings(suppress_health_check=list(HealthCheck))
@given(overview=overviews)
def test_any_state_makes_a_valid_embed(overview: AlertsOverview) -> None:
    check_limits(overview_embed(overview))


def test_the_worst_case_makes_a_valid_embed() -> None:
    """The maximum of everything, with texts whose length fills the available lines."""
    largest = 2**63 - 1
    for length in range(1, 400, 7):
        problem = "*" * length
        check_limits(
            overview_embed(
                replace(
                    NOTHING,
                    route=RouteOverview(largest, largest, LONGEST),
                    token_routes=[TokenRouteOverview(largest, largest, LONGEST, largest)] * 25,
                    lists_fleet=True,
                    modes=Counter(dict.fromkeys(Mode, 10**6)),
                    watches=[WatchOverview(MESSAGE, largest, problem)] * 25,
                    last_success_at=NOON,
                    last_error=problem,
                    incidents=[opened(largest)] * 100,
                    mutes=[MuteOverview(largest, NOON, problem[:MOST_REASON], largest)] * 25,
                    waiting=10**9,
                    waiting_problem=problem,
                )
            )
        )


@given(problem=texts_of_any_sort)
def test_error_messages_are_escaped(problem: str) -> None:
    value = shown(replace(NOTHING, waiting=1, waiting_problem=problem))[WAITING] or ""

    assert live_parts(value) == []


def test_names_are_shown_beside_token_numbers_everywhere() -> None:
    names = {111: "Studio A", 222: "*Backup*"}
    fields = shown(
        replace(
            NOTHING,
            token_routes=[
                TokenRouteOverview(7, None, None, 111),
                TokenRouteOverview(7, None, DisabledReason.UNKNOWN_CHANNEL, 222),
            ],
            watches=[watch(111), watch(222, "unreachable"), watch(333)],
            incidents=[opened(111), IncidentOverview(incident(member(111), member(222)), "RELAX", URL)],
            mutes=[MuteOverview(111, NOON + HOUR, "", 8), MuteOverview(222, NOON + HOUR, "why", 8)],
            names=names,
        )
    )

    for field in (CHANNELS, WATCHED, OPEN, MUTED):
        text = fields[field] or ""
        assert "Studio A (111)" in text, field
        assert r"\*Backup\* (222)" in text, field
    assert "333 (" not in (fields[WATCHED] or "")


@given(name=names_of_any_sort.filter(bool))
def test_any_names_fit_and_are_escaped(name: str) -> None:
    ids = [2**63 - 1 - place for place in range(30)]
    members = [member(token_id) for token_id in ids]
    overview = replace(
        NOTHING,
        token_routes=[TokenRouteOverview(2**63, None, LONGEST, token_id) for token_id in ids],
        watches=[watch(token_id, "unreachable" * 50) for token_id in ids],
        incidents=[IncidentOverview(incident(*members), "RELAX", URL)] * 30,
        mutes=[MuteOverview(token_id, NOON + HOUR, "x" * MOST_REASON, 2**63) for token_id in ids],
        names=dict.fromkeys(ids, name),
    )

    check_limits(overview_embed(overview))
    assert live_parts(token(1, {1: name}).removesuffix(" (1)")) == []
