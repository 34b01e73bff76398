"""What `/metrics` says: every metric is documented, and shows what has happened."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import discord
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from bot.imaginepro.errors import ImagineProError
from bot.monitor.monitor import Monitor
from tests.databases import sqlite_away
from tests.monitor.world import MINUTE, NotifierHarness, Team, World
from tests.observability.conftest import Pages
from tests.standins.discord_server import Fault
from tests.standins.imaginepro_server import Refuse

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
# Enumerations of ours, the version, and the limits of a histogram's buckets.
LABELS = {"outcome", "call", "access", "kind", "mode", "version", "le"}


def documented() -> dict[str, tuple[str, list[str]]]:
    """The type and the labels of each metric."""
    rows = re.findall(r"^\| `(fastwatch_\w+)` \| (\w+) \|([^|]*)\|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: (kind, sorted(re.findall(r"\w+", labels))) for name, kind, labels in rows}


async def changed_by(pages: Pages, sample: str, before: float | None) -> float:
    """Return how much a sample has grown. The counters are those of all tests in this process."""
    return (await pages.value(sample) or 0) - (before or 0)


async def test_every_metric_is_documented_with_its_type_and_labels(
    pages: Pages, harness: NotifierHarness, client: discord.Client
) -> None:
    pages.vitals.client = client
    await client.wait_until_ready()
    _, text = await pages.get("/metrics")
    served = {}
    for family in text_string_to_metric_families(text):
        if family.name.startswith("fastwatch_"):
            name = family.name + "_total" * (family.type == "counter")
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            served[name] = (family.type, sorted(labels))
    # Discord's first heartbeat is acknowledged some time after the connection.
    served["fastwatch_discord_gateway_latency_seconds"] = ("gauge", [])

    assert served == documented()


async def test_labels_name_nobody(pages: Pages, harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="BANNED")
    _, text = await pages.get("/metrics")

    ours = [line for line in text.splitlines() if line.startswith("fastwatch_")]
    assert {name for line in ours for name in re.findall(r'(\w+)="', line)} <= LABELS
    assert not [id_ for id_ in (team.id, team.alerts, team.role) if str(id_) in text]
    assert '="111"' not in text


async def test_an_alert_is_timed_from_the_answer_to_its_acceptance(pages: Pages, harness: NotifierHarness) -> None:
    count, total = "fastwatch_alert_delay_seconds_count", "fastwatch_alert_delay_seconds_sum"
    before = await pages.value(count), await pages.value(total)
    await harness.seen(111, status="RELAX")
    await harness.after(timedelta(seconds=7))

    assert await changed_by(pages, count, before[0]) == 1
    assert await changed_by(pages, total, before[1]) == pytest.approx(7)


async def test_an_alert_that_discord_accepts_later_is_timed_once_it_does(
    pages: Pages, harness: NotifierHarness, team: Team
) -> None:
    count, total = "fastwatch_alert_delay_seconds_count", "fastwatch_alert_delay_seconds_sum"
    before = await pages.value(count), await pages.value(total)
    team.discord.faults.add(Fault("POST", team.posting, "drop_before"))
    await harness.posted(111, status="RELAX")
    assert await changed_by(pages, count, before[0]) == 0
    await harness.after(MINUTE)

    assert await changed_by(pages, count, before[0]) == 1
    assert await changed_by(pages, total, before[1]) == pytest.approx(60)


async def test_neither_an_edit_nor_what_a_mute_held_back_counts_as_an_alert(
    pages: Pages, harness: NotifierHarness, team: Team
) -> None:
    await harness.world.mute(team.id, None, timedelta(hours=1))
    before = await pages.value("fastwatch_alert_delay_seconds_count")
    await harness.posted(111, status="RELAX")
    assert await pages.value("fastwatch_deliveries_waiting") == 0
    await harness.after(timedelta(hours=1))
    assert team.posted()
    await harness.acknowledge(team)
    await harness.after(MINUTE)

    assert await changed_by(pages, "fastwatch_alert_delay_seconds_count", before) == 0


async def test_an_edit_that_a_mute_keeps_silent_is_no_alert(pages: Pages, harness: NotifierHarness, team: Team) -> None:
    await harness.posted(111, status="RELAX")
    await harness.world.mute(team.id, 111, timedelta(hours=1), include_urgent=True)
    before = await pages.value("fastwatch_alert_delay_seconds_count")
    await harness.posted(111, status="BANNED")

    assert team.posted()[0].edits
    assert team.pinged() == 1
    assert await changed_by(pages, "fastwatch_alert_delay_seconds_count", before) == 0


async def test_deliveries_are_counted_by_what_became_of_them(
    pages: Pages, harness: NotifierHarness, team: Team
) -> None:
    refused, sent = (f'fastwatch_deliveries_total{{kind="started",outcome="{one}"}}' for one in ("refused", "sent"))
    before = await pages.value(refused), await pages.value(sent)
    team.discord.change_channel(team.alerts, bot_may_send=False)
    await harness.posted(111, status="RELAX")

    assert await changed_by(pages, refused, before[0]) == 1
    assert await pages.value("fastwatch_routes_broken") == 1
    assert await pages.value("fastwatch_deliveries_waiting") == 1
    harness.world.clock.advance(timedelta(minutes=5))
    assert await pages.value("fastwatch_delivery_oldest_waiting_seconds") == 300

    team.discord.change_channel(team.alerts, bot_may_send=True)
    await harness.fix_route(team)

    assert await changed_by(pages, sent, before[1]) == 1
    assert await pages.value("fastwatch_routes_broken") == 0
    assert await pages.value("fastwatch_deliveries_waiting") == 0
    assert await pages.value("fastwatch_delivery_oldest_waiting_seconds") == 0


async def test_checks_and_requests_are_counted_by_outcome(pages: Pages, world: World) -> None:
    checks, failed = (f'fastwatch_checks_total{{outcome="{one}"}}' for one in ("success", "no_response"))
    requests = 'fastwatch_imaginepro_requests_total{{call="fleet",outcome="{}"}}'
    timed = 'fastwatch_imaginepro_request_duration_seconds_count{call="fleet"}'
    before = {one: await pages.value(one) for one in (checks, failed, timed, requests.format("ok"))}
    monitor = world.monitor()
    await monitor.round()
    world.imaginepro.outage = Refuse(HTTPStatus.SERVICE_UNAVAILABLE)
    await monitor.round()

    assert {one: await changed_by(pages, one, value) for one, value in before.items()} == {
        checks: 1,
        failed: 1,
        timed: 2,
        requests.format("ok"): 1,
    }
    assert await pages.value("fastwatch_last_successful_check_timestamp_seconds") == world.clock.now().timestamp()


async def test_every_error_of_imaginepro_has_an_outcome(pages: Pages) -> None:
    _, text = await pages.get("/metrics")
    outcomes = set(re.findall(r'fastwatch_imaginepro_requests_total\{call="trace",outcome="(\w+)"\}', text))

    assert outcomes - {"ok"} == {
        re.sub(r"(?<=.)([A-Z])", r"_\1", error.__name__).lower() for error in ImagineProError.__subclasses__()
    }


async def test_tokens_are_counted_by_mode_after_each_check(pages: Pages, world: World) -> None:
    monitor: Monitor = world.monitor()
    await monitor.round()
    assert await pages.value('fastwatch_tokens{mode="FAST"}') == 2

    world.set_status(111, "BANNED")
    world.clock.advance(MINUTE)
    await monitor.round()

    assert await pages.value('fastwatch_tokens{mode="FAST"}') == 1
    assert await pages.value('fastwatch_tokens{mode="BANNED"}') == 1
    assert await pages.value('fastwatch_tokens{mode="GONE"}') == 0


async def test_what_the_database_does_not_say_is_absent_and_the_rest_is_there(pages: Pages, sqlite_url: str) -> None:
    assert await pages.value("fastwatch_database_up") == 1

    with sqlite_away(sqlite_url):
        status, text = await pages.get("/metrics")
        assert status == 200
        assert await pages.value("fastwatch_database_up") == 0
        assert "fastwatch_deliveries_waiting" not in text
        assert 'fastwatch_checks_total{outcome="success"}' in text

    assert await pages.value("fastwatch_deliveries_waiting") == 0


async def test_a_database_that_cannot_be_read_is_logged_once_and_so_is_its_end(pages: Pages, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        # Somebody has damaged it.
        database.execute("ALTER TABLE token_routes RENAME TO elsewhere")
        with structlog.testing.capture_logs() as logs:
            for _ in range(3):
                assert await pages.value("fastwatch_database_up") == 0
            database.execute("ALTER TABLE elsewhere RENAME TO token_routes")
            for _ in range(2):
                assert await pages.value("fastwatch_database_up") == 1

    assert [(one["event"], one.get("failures")) for one in logs] == [
        ("The metrics of the database could not be read.", None),
        ("The metrics of the database can be read again.", 3),
    ]


async def test_before_the_database_is_open_the_counters_are_there(pages: Pages) -> None:
    pages.vitals.services = None

    assert await pages.value("fastwatch_database_up") == 0
    assert await pages.value('fastwatch_checks_total{outcome="success"}') is not None
