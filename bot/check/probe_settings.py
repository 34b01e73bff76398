"""Probes the environment: the settings, as far as they are usable, and the `.env` file."""

import os
import stat
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.check.facts import SettingsFacts
from bot.settings import InvalidSettings, Settings, load_settings

# Placeholders for wrong required settings, so that the others can be validated; no service sees them.
_NOTHING = SecretStr("-")
_STAND_INS: dict[str, Any] = {
    "discord_token": SecretStr("-.-.-"),
    "imaginepro_api_key": _NOTHING,
    "home_servers": frozenset({0}),
}


def look_at_settings() -> SettingsFacts:
    """Return the settings: the usable ones even where others are wrong."""
    try:
        settings: Settings | None = load_settings()
        problems: tuple[str, ...] = ()
    except InvalidSettings as error:
        problems = tuple(error.problems)
        settings = None
    # A problem begins with the name of its setting.
    wrong = frozenset(problem.partition(":")[0].lower() for problem in problems)
    if settings is None and wrong <= Settings.model_fields.keys():
        settings = _without(wrong)
    has_file, is_open = env_file()
    required = {name for name, field in Settings.model_fields.items() if field.is_required()}
    return SettingsFacts(
        problems,
        settings,
        wrong,
        has_none_required=wrong >= required,
        has_env_file=has_file,
        env_file_is_open=is_open,
    )


def _without(wrong: frozenset[str]) -> Settings:
    """Make the settings with a default or a stand-in for each wrong one."""
    return Settings(**{name: _STAND_INS.get(name, Settings.model_fields[name].default) for name in wrong})


def env_file() -> tuple[bool, bool]:
    """Return whether there is a `.env`, and whether every user of this machine can read it."""
    try:
        mode = Path(".env").stat().st_mode
    except OSError:
        return False, False
    return True, os.name == "posix" and bool(mode & stat.S_IROTH)
