"""The manifest for Kubernetes, checked with the schemas of its API."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot import __version__
from tests.deploy.settings_named import SECRETS, setting_of

ROOT = Path(__file__).parents[2]
DOCUMENTS: dict[str, dict[str, Any]] = {
    document["kind"]: document
    for document in yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8"))
}
DEPLOYMENT: dict[str, Any] = DOCUMENTS["Deployment"]["spec"]
POD: dict[str, Any] = DEPLOYMENT["template"]["spec"]
CONTAINER: dict[str, Any] = POD["containers"][0]
_OLDEST = "1.27"


@pytest.mark.parametrize("version", [_OLDEST, kubernetes_validate.latest_version()])
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_kubernetes_knows_every_field(kind: str, version: str) -> None:
    kubernetes_validate.validate(DOCUMENTS[kind], version, strict=True)


def test_an_unknown_field_is_found() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**DOCUMENTS["Deployment"], "specs": {}}, _OLDEST, strict=True)


def test_every_variable_is_a_setting_and_secrets_are_files() -> None:
    variables = {variable["name"]: variable["value"] for variable in CONTAINER["env"]} | DOCUMENTS["ConfigMap"]["data"]

    assert "Secret" not in DOCUMENTS
    assert [name for name in variables if setting_of(name) is None] == []
    assert SECRETS.isdisjoint(variables)


def test_secrets_are_where_their_files_are_named() -> None:
    [mount] = [mount["mountPath"] for mount in CONTAINER["volumeMounts"] if mount["name"] == "secrets"]
    files = {variable["value"] for variable in CONTAINER["env"]}

    assert {file.rpartition("/")[0] for file in files} == {mount}


def test_two_processes_run_and_one_always_stays() -> None:
    budget = DOCUMENTS["PodDisruptionBudget"]["spec"]

    assert DEPLOYMENT["replicas"] == 2
    assert DEPLOYMENT["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    assert budget["minAvailable"] == 1
    assert budget["selector"]["matchLabels"] == DEPLOYMENT["selector"]["matchLabels"]
    assert POD["terminationGracePeriodSeconds"] == 40


def test_the_probes_ask_the_port_that_the_bot_listens_on() -> None:
    paths = {name: CONTAINER[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    [port] = CONTAINER["ports"]

    assert {name: get["path"] for name, get in paths.items()} == {
        "startupProbe": "/live",
        "livenessProbe": "/live",
        "readinessProbe": "/ready",
    }
    assert {get["port"] for get in paths.values()} == {port["name"]}
    assert DOCUMENTS["ConfigMap"]["data"]["METRICS_LISTEN"] == f":{port['containerPort']}"


def test_the_container_has_no_privileges() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    security = POD["securityContext"]

    assert f"USER {security['runAsUser']}:{security['runAsGroup']}\n" in dockerfile
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["automountServiceAccountToken"] is False


def test_the_image_is_this_version() -> None:
    assert re.search(r":([\d.]+)$", CONTAINER["image"]).group(1) == __version__  # type: ignore[union-attr]
