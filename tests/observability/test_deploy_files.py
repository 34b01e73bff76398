"""The alert rules and the dashboard in `deploy/`: Prometheus accepts them, and they name metrics that exist."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.observability.test_metrics import documented
from tests.standins.prometheus import NoPrometheus, find, is_required

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "fastwatch.rules.yml"
CONFIGURATION = DEPLOY / "prometheus" / "prometheus.yml"
TESTS = Path(__file__).parent / "alert_rules.yml"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "fastwatch.json").read_text("utf-8"))
OF_HISTOGRAMS = re.compile(r"_(bucket|sum|count)$")


def expressions() -> Iterator[tuple[str, str]]:
    """The title and each expression of the dashboard's panels."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def named_in(text: str) -> set[str]:
    """The metrics of ours that a text names."""
    return {OF_HISTOGRAMS.sub("", name) for name in re.findall(r"\bfastwatch_\w+", text)}


def alerts() -> list[str]:
    return re.findall(r"- alert: (\w+)", RULES.read_text("utf-8"))


def test_the_rules_name_documented_metrics() -> None:
    assert named_in(RULES.read_text("utf-8")) <= documented().keys()


def test_the_dashboard_shows_every_documented_metric() -> None:
    shown = {name for _, expression in expressions() for name in named_in(expression)}

    # Those tell whether there is a process at all, and are for the rules.
    assert shown == documented().keys() - {"fastwatch_build_info"}


def test_the_dashboard_asks_the_data_source_and_the_job_that_are_chosen() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${datasource}"}
    assert all('job="$job"' in expression for _, expression in expressions())


def test_every_rule_has_a_test_and_is_documented() -> None:
    tested = TESTS.read_text("utf-8")
    page = (DEPLOY.parent / "docs" / "metrics.md").read_text("utf-8")

    assert alerts()
    assert [name for name in alerts() if name not in tested or f"`{name}`" not in page] == []


@pytest.fixture
def promtool() -> str:
    try:
        return find("promtool")
    except NoPrometheus as error:
        if is_required():
            raise
        pytest.skip(str(error))


def run(*arguments: str | Path) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 - our own files
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_promtool_accepts_the_rules_and_the_configuration(promtool: str) -> None:
    run(promtool, "check", "rules", RULES)
    run(promtool, "check", "config", CONFIGURATION)


@pytest.mark.slow
def test_the_rules_fire_when_they_should(promtool: str) -> None:
    run(promtool, "test", "rules", TESTS)


@pytest.mark.slow
def test_promtool_accepts_every_expression_of_the_dashboard(promtool: str, tmp_path: Path) -> None:
    recorded = [
        # Grafana puts in the time between two points.
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, (_, expression) in enumerate(expressions())
    ]
    file = tmp_path / "dashboard.yml"
    # JSON is YAML.
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": recorded}]}))

    run(promtool, "check", "rules", file)
