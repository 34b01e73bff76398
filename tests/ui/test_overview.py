"""The answer of `/alerts show`."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.ui.overview import AlertsOverview, RouteOverview, WatchOverview, overview_embed, ping
from tests.clocks import NOON
from tests.ui.hostile import live_parts, texts_of_any_sort

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
NOTHING = AlertsOverview(None, None, Counter(), (), None, None, (), 0, None)
NOW = f"<t:{int(NOON.timestamp())}:R>"
CHANNEL, WATCHED, LAST_ROUND, OPEN, WAITING = (
    "Where to",
    "What is watched",
    "Last good round",
    "Open incidents",
    "Waiting to be delivered",
)


def shown(overview: AlertsOverview) -> dict[str | None, str | None]:
    return {field.name: field.value for field in overview_embed(overview).fields}


def incident(number: int) -> Incident:
    return Incident(number, number, Mode.FAST, Mode.RELAX, NOON, None)


def watch(number: int, problem: str | None = None) -> WatchOverview:
    return WatchOverview(UUID(int=number), number, problem)


@pytest.mark.parametrize(
    ("overview", "field", "words"),
    [
        (NOTHING, CHANNEL, "Alerts are off. `/alerts setup` starts them."),
        (replace(NOTHING, route=RouteOverview(7, None, None)), CHANNEL, "<#7>, they ping nobody"),
        (replace(NOTHING, route=RouteOverview(7, 8, None)), CHANNEL, "<#7>, they ping <@&8>"),
        (
            replace(NOTHING, route=RouteOverview(7, None, "Discord answered 403, code 50013")),
            CHANNEL,
            "<#7>, they ping nobody\n⚠️ Discord refuses this channel: Discord answered 403, code 50013. "
            "Mend that, then use `/alerts setup` again.",
        ),
        (NOTHING, WATCHED, "ImaginePro has not answered yet."),
        (
            replace(NOTHING, watches=[WatchOverview(MESSAGE, None, None)]),
            WATCHED,
            f"ImaginePro has not answered yet.\ntoken unknown by message `{MESSAGE}`",
        ),
        (replace(NOTHING, lists_fleet=True), WATCHED, "The whole fleet; it has no tokens."),
        (
            replace(NOTHING, lists_fleet=True, modes=Counter({Mode.RELAX: 1, Mode.BANNED: 2, Mode.FAST: 12})),
            WATCHED,
            "The whole fleet: 🔴 2 BANNED, 🟢 12 FAST, 🟡 1 RELAX",
        ),
        (
            replace(NOTHING, lists_fleet=False),
            WATCHED,
            "This key may not list its fleet, so only watched messages are traced. `/alerts watch` adds one.",
        ),
        (NOTHING, LAST_ROUND, "never"),
        (replace(NOTHING, last_good_round_at=NOON), LAST_ROUND, NOW),
        (
            replace(NOTHING, last_good_round_at=NOON, last_problem="SlowDown: *HTTP* 429"),
            LAST_ROUND,
            f"{NOW}; since then: SlowDown: \\*HTTP\\* 429",
        ),
        (NOTHING, OPEN, "none"),
        (replace(NOTHING, incidents=[incident(5)]), OPEN, f"🟡 token 5 · RELAX, began {NOW}"),
        (NOTHING, WAITING, "none"),
        (replace(NOTHING, waiting=3), WAITING, "3"),
        (
            replace(NOTHING, waiting=3, waiting_problem="Discord did not answer in time"),
            WAITING,
            "3, because: Discord did not answer in time",
        ),
    ],
)
def test_the_overview_says_it_in_these_words(overview: AlertsOverview, field: str, words: str) -> None:
    assert shown(overview)[field] == words


def test_a_problem_of_a_watch_is_shown_with_it() -> None:
    overview = replace(NOTHING, lists_fleet=False, watches=[watch(1, "UnknownMessage: [HTTP 404](x)")])
    line = (shown(overview)[WATCHED] or "").splitlines()[1]

    assert line == f"token 1 by message `{UUID(int=1)}`: ⚠️ UnknownMessage: \\[HTTP 404\\]\\(x\\)"


@pytest.mark.parametrize("number", [1, 9, 10, 11, 20, 500])
def test_no_incident_is_left_out_unsaid(number: int) -> None:
    lines = (shown(replace(NOTHING, incidents=[incident(one) for one in range(number)]))[OPEN] or "").splitlines()

    assert lines[-1].startswith("🟡") is (number <= 10)
    assert number <= 10 or lines[-1] == f"and {number - 10} more"


@pytest.mark.parametrize("length", [0, 20, 150, 5000])
@pytest.mark.parametrize("number", [1, 5, 20])
def test_no_watch_is_left_out_unsaid(number: int, length: int) -> None:
    watches = [watch(one, "*" * length if length else None) for one in range(number)]
    _, *lines = (shown(replace(NOTHING, lists_fleet=False, watches=watches))[WATCHED] or "").splitlines()
    listed = [line for line in lines if line.startswith("token")]
    more = [int(line.split()[1]) for line in lines if line.startswith("and")]

    assert listed
    assert len(listed) + sum(more) == number


def test_whom_alerts_ping_is_said() -> None:
    assert (ping(None), ping(5)) == ("they ping nobody", "they ping <@&5>")


ids = st.integers(1, 2**63 - 1)
problems = st.none() | texts_of_any_sort | st.integers(1, 5000).map("*".__mul__)
overviews = st.builds(
    AlertsOverview,
    route=st.none() | st.builds(RouteOverview, ids, st.none() | ids, problems),
    lists_fleet=st.none() | st.booleans(),
    modes=st.dictionaries(st.sampled_from(Mode), st.integers(1, 10**6)).map(Counter),
    watches=st.lists(st.builds(WatchOverview, st.uuids(), st.none() | ids, problems), max_size=25),
    last_good_round_at=st.none() | st.just(NOON),
    last_problem=problems,
    incidents=st.lists(st.builds(incident, ids), max_size=30),
    waiting=st.integers(0, 10**9),
    waiting_problem=problems,
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(overview=overviews)
def test_the_worst_state_still_makes_an_embed_that_discord_takes(overview: AlertsOverview) -> None:
    embed = overview_embed(overview)

    assert all(0 < len((field.value or "").strip()) <= 1024 for field in embed.fields)
    assert len(embed) <= 6000


@settings(max_examples=150, deadline=None, derandomize=True)
@given(problem=texts_of_any_sort)
def test_no_problem_has_power(problem: str) -> None:
    value = shown(replace(NOTHING, waiting=1, waiting_problem=problem))[WAITING] or ""

    assert live_parts(value) == []
