"""`compose.yaml`: what it sets is a setting, secrets are files that git ignores, and the bot has no privileges."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from tests.deploy.settings_named import SETTINGS, setting_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
BOT: dict[str, Any] = SERVICES["fastwatch"]


def test_every_variable_of_the_bot_is_a_setting() -> None:
    assert [name for name in BOT["environment"] if setting_of(name) is None] == []


def test_every_setting_can_be_set_in_env_or_in_a_file() -> None:
    """All but SSL_CERT_FILE, which needs a mount as well."""
    passed_on = {setting_of(name) for name in BOT["environment"]}
    read_by_compose = {setting_of(name) for name in re.findall(r"\$\{(\w+)", TEXT)} - {None}

    assert passed_on == read_by_compose == SETTINGS - {"SSL_CERT_FILE"}


def test_secrets_are_files_that_git_ignores() -> None:
    defaults = {
        name: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", secret["file"]) for name, secret in COMPOSE["secrets"].items()
    }
    public = defaults.pop("database_url")
    ignored = subprocess.run(  # noqa: S603 - git, on this file's own values
        ["git", "check-ignore", *defaults.values()],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ignored.stdout.split() == list(defaults.values())
    assert public == "./deploy/database_url"
    for service in SERVICES.values():
        mounted = [value for name, value in service["environment"].items() if name.endswith("_FILE")]
        assert mounted == [f"/run/secrets/{name}" for name in service["secrets"]]


def test_the_default_database_is_that_of_the_settings() -> None:
    default = Settings.model_fields["database_url"].default.get_secret_value()

    assert (ROOT / "deploy" / "database_url").read_text("utf-8") == f"{default}\n"


def test_without_a_profile_only_the_bot_runs() -> None:
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["fastwatch"]


def test_the_bot_has_no_privileges() -> None:
    assert BOT["read_only"] is True
    assert BOT["cap_drop"] == ["ALL"]
    assert "ports" not in BOT


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_limited_and_restarted(name: str) -> None:
    service = SERVICES[name]

    assert {"mem_limit", "cpus"} <= service.keys()
    assert service["restart"] == "unless-stopped"
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")


def test_images_of_others_have_a_version_and_a_health_check() -> None:
    others = [service for service in SERVICES.values() if "build" not in service]

    assert others
    for service in others:
        assert re.fullmatch(r"[\w/.-]+:\d[\w.-]*", service["image"])
        assert service["healthcheck"]["test"][0] == "CMD"
