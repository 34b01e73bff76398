"""The answer to `/status`."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.domain.alert_routes import DisabledReason, PingProblem
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.storage.audit import Action
from bot.storage.stale_messages import StaleMessages
from bot.storage.unavailable import Cause
from bot.ui import texts
from bot.ui.database_outage import OutageView
from bot.ui.monitor_status import ChangeLine, MonitorStatus
from bot.ui.route_overview import RouteOverview
from bot.ui.status import status_embed
from tests.clocks import NOON

MINUTE = timedelta(minutes=1)
SECONDS = int(NOON.timestamp())
HEALTHY = MonitorStatus(
    "1.0",
    NOON - 9 * MINUTE,
    MINUTE,
    NOON,
    None,
    Counter({Mode.FAST: 1}),
    None,
    waiting=0,
    waiting_problem=None,
    latest=[],
)
CHANNEL, ROLE = 77, 88
WORKING = RouteOverview(CHANNEL, ROLE, None)
REFUSED = RouteOverview(CHANNEL, ROLE, DisabledReason.UNKNOWN_CHANNEL, disabled_at=NOON)
SILENT = RouteOverview(CHANNEL, ROLE, None, ping_problem=PingProblem.ROLE_DELETED)
OUTAGE = Outage(NoDataCause.NO_RESPONSE, NOON - MINUTE, NOON)


def shown(health: MonitorStatus, database: OutageView | None = None) -> tuple[list[str], list[str], discord.Embed]:
    """Return the lines of what is wrong, and of what to do."""
    embed = status_embed(health, database, NOON)
    first = embed.fields[0]
    advice = (first.value or "").splitlines() if first.name == "What to do" else []
    return (embed.description or "").splitlines(), advice, embed


@pytest.mark.parametrize(
    ("waiting", "problem", "text"),
    [
        (0, None, "none"),
        (3, None, "3"),
        (3, "a `permission` is missing", "3, because: a \\`permission\\` is missing"),
    ],
)
def test_what_waits_is_counted_with_its_reason(waiting: int, problem: str | None, text: str) -> None:
    *_, embed = shown(replace(HEALTHY, waiting=waiting, waiting_problem=problem))

    (field,) = (field for field in embed.fields if field.name == "Waiting to be delivered here")
    assert field.value == text


def test_where_nothing_is_wrong_nothing_is_to_do() -> None:
    lines, advice, embed = shown(replace(HEALTHY, routes=[WORKING]))

    assert (lines, advice) == (["🟢 Monitoring is healthy."], [])
    assert embed.colour == discord.Colour.green()


def test_alerts_that_cannot_be_posted_are_the_most_severe() -> None:
    health = replace(HEALTHY, routes=[SILENT, REFUSED], outage=OUTAGE, last_error="ConnectError")
    lines, advice, embed = shown(health)

    starts = [f"🔴 **I cannot post alerts in <#{CHANNEL}>**", "🟠 **ImaginePro isn't responding**", "🟠 **Alerts in "]
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=True))
    assert [line.split()[0] for line in advice] == ["Choose", "Wait", "Choose"]
    assert embed.colour == discord.Colour.red()
    assert [field.name for field in embed.fields[:3]] == ["What to do", "Last problem", "Checks"]


def test_several_channels_with_one_problem_have_one_advice() -> None:
    lines, advice, _ = shown(replace(HEALTHY, routes=[REFUSED, replace(REFUSED, channel_id=78)]))

    assert (len(lines), len(advice)) == (2, 1)


def test_very_many_problems_fit() -> None:
    routes = [
        RouteOverview(channel, ROLE, reason, disabled_at=NOON) for channel in range(50) for reason in DisabledReason
    ]
    lines, advice, _ = shown(replace(HEALTHY, routes=routes))

    assert "more" in lines[-1]
    assert len(advice) == len(set(texts.status.CANNOT_POST_ADVICE.values()))


def test_an_alert_that_discord_has_not_accepted_is_not_healthy() -> None:
    lines, advice, _ = shown(replace(HEALTHY, waiting=1, waiting_problem="Discord answered 400, code 50035"))

    assert lines == ["🟠 **Discord has not accepted an alert yet**: Discord answered 400, code 50035."]
    assert advice == [texts.status.NOT_ACCEPTED_ADVICE]


def test_a_database_that_is_away_explains_missing_checks_but_not_a_refused_channel() -> None:
    health = replace(HEALTHY, last_success_at=NOON - 8 * MINUTE, routes=[REFUSED])
    lines, advice, _ = shown(health, OutageView(Cause.FULL, NOON - 7 * MINUTE))

    assert lines[0] == (
        f"🔴 **Nothing can be recorded** (started <t:{SECONDS - 420}:R>). The disk of my database is full. "
        "Changes of tokens are not alerted meanwhile."
    )
    assert [line.split("**")[1] for line in lines] == [
        "Nothing can be recorded",
        f"I cannot post alerts in <#{CHANNEL}>",
    ]
    assert advice[0] == "Ask the person who runs the bot to free some disk space."


def test_a_key_that_never_worked_points_to_no_tokens() -> None:
    outage = replace(OUTAGE, latest=NoDataCause.UNAUTHORIZED)
    lines, *_ = shown(replace(HEALTHY, last_success_at=None, modes=Counter(), outage=outage))

    assert lines == [f"🔴 **ImaginePro rejects this key** (started <t:{SECONDS - 60}:R>). No token has been read yet."]


def test_the_audit_log_has_words_for_every_action() -> None:
    assert set(texts.status.ACTIONS) == {*Action}


@pytest.mark.parametrize(
    ("changes", "is_said"),
    [
        ({"has_earlier_database": True}, True),
        ({"has_earlier_database": False}, False),
        # Somebody has set up something here since.
        ({"has_earlier_database": True, "latest": [ChangeLine(NOON, 8, "alerts_off", "", "done")]}, False),
    ],
)
def test_a_new_database_is_said_if_the_bot_has_run_before(changes: dict[str, Any], is_said: bool) -> None:
    lines, advice, embed = shown(replace(HEALTHY, database_created_at=NOON - MINUTE, **changes))

    created = f"<t:{SECONDS - 60}:R>"
    words = f"🔴 {texts.status.NEW_DATABASE.format(since=created)}"
    assert (words in lines, texts.status.NEW_DATABASE_ADVICE in advice) == (is_said, is_said)
    assert (embed.fields[-1].name, embed.fields[-1].value) == ("Database", f"created {created}")


def test_alerts_that_cannot_be_corrected_are_said_with_their_channel() -> None:
    stale = StaleMessages(CHANNEL, 2, NOON - MINUTE, "a permission is missing")
    lines, advice, embed = shown(replace(HEALTHY, stale=[stale]))

    since = f"<t:{SECONDS - 60}:R>"
    assert lines == [f"🟠 **Alerts in <#{CHANNEL}> are out of date** (2, started {since}): a permission is missing."]
    assert advice == [texts.status.OUT_OF_DATE_ADVICE.format(channel=f"<#{CHANNEL}>")]
    assert embed.colour == discord.Colour.orange()
