"""The settings: one typed object, created once at the start of the program."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.parsing.durations import parse_duration

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MIN_POLL_INTERVAL = timedelta(seconds=10)
_UNREADABLE = object()
_PRINTABLE = re.compile(r"[!-~]+")


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """Lines for people, or for machines."""

    CONSOLE = "console"
    JSON = "json"


class InvalidSettings(Exception):
    """The settings are invalid. `problems` has one line for each setting, without its value, which may be secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _read(value: object, info: ValidationInfo) -> object:
    if value is _UNREADABLE:
        raise ValueError(f"the file that {str(info.field_name).upper()}_FILE names cannot be read")
    return value


def _key(secret: SecretStr) -> SecretStr:
    """Return a key without the newline that files and shells add. A newline inside would break, and show, a header."""
    key = secret.get_secret_value().strip()
    if not _PRINTABLE.fullmatch(key):
        raise ValueError("is blank or contains an invalid character; copy it again")
    return SecretStr(key)


def _base_url(text: str) -> str:
    text = text.strip()
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError("write an address such as https://api.imaginepro.ai") from error
    address_only = _PRINTABLE.fullmatch(text) and "?" not in text and "#" not in text and "@" not in text
    if parts.scheme not in {"http", "https"} or not parts.hostname or not address_only:
        raise ValueError("write an address such as https://api.imaginepro.ai")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("plain http would expose the key; write https (http is for loopback only)")
    return text.rstrip("/")


def _server_ids(value: object) -> object:
    if not isinstance(value, str):
        return value
    ids = [part.strip() for part in value.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= len(str(2**64)) for part in ids):
        raise ValueError("write the servers' numeric ids, with commas between them")
    return frozenset(map(int, ids))


def _not_empty(ids: frozenset[int]) -> frozenset[int]:
    if not ids:
        raise ValueError("name at least one server")
    return ids


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _at_least_ten_seconds(duration: timedelta) -> timedelta:
    if duration < _MIN_POLL_INTERVAL:
        raise ValueError("is too short; 10s is the shortest")
    return duration


def _database_url(secret: SecretStr) -> SecretStr:
    url = secret.get_secret_value()
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("write sqlite:///a-file.db or postgresql://user:password@host/database")
    if url == "sqlite:///":
        raise ValueError("name a file after sqlite:///")
    return secret


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class _SecretFiles(PydanticBaseSettingsSource):
    """Reads `NAME_FILE`: the path of a file that holds the secret, as container platforms provide them."""

    def __init__(self, settings_cls: type[BaseSettings], names: Mapping[str, str | None]) -> None:
        super().__init__(settings_cls)
        self._names = {name.upper(): value for name, value in names.items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = self._names.get(f"{field_name.upper()}_FILE")
        if not path or field.annotation is not SecretStr:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, ValueError):
            # Left to the field's validator, so that it is reported together with all other errors.
            return _UNREADABLE, field_name, False

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        found = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in found.items() if value}


_FORMER_NAMES = {"POLL_EVERY": "poll_interval"}
"""Former names of settings, which are still read."""


class _FormerNames(PydanticBaseSettingsSource):
    """Reads settings by their former names."""

    def __init__(self, settings_cls: type[BaseSettings], names: Mapping[str, str | None]) -> None:
        super().__init__(settings_cls)
        self._found = {_FORMER_NAMES[name]: value for name, value in _former_names_in(names).items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._found.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self._found)


def _former_names_in(names: Mapping[str, str | None]) -> dict[str, str]:
    return {name.upper(): value for name, value in names.items() if name.upper() in _FORMER_NAMES and value}


def former_names() -> dict[str, str]:
    """Return the former names that are set now, each with the name to use instead."""
    names = {**dotenv_values(".env"), **os.environ}
    return {name: _FORMER_NAMES[name].upper() for name in _former_names_in(names)}


class Settings(BaseSettings):
    """Read from the environment, then from `.env`, then from files named by `*_FILE`; see `.env.example`."""

    # Without hide_input_in_errors one missing variable prints all the others, secrets included.
    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    discord_token: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_key)]
    imaginepro_api_key: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_key)]
    imaginepro_base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.imaginepro.ai"
    home_servers: Annotated[frozenset[int], NoDecode, BeforeValidator(_server_ids), AfterValidator(_not_empty)]
    database_url: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_database_url)] = SecretStr(
        "sqlite:///fastwatch.db"
    )
    poll_interval: Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_at_least_ten_seconds)] = timedelta(
        minutes=1
    )
    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = LogLevel.INFO
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = LogFormat.CONSOLE

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Add former names and then files, last: values that are given directly take precedence."""
        names = {**dotenv_values(".env"), **os.environ}
        former = _FormerNames(settings_cls, names)
        return init_settings, env_settings, dotenv_settings, former, _SecretFiles(settings_cls, names)


_WHERE_TO_GET = {
    "discord_token": "discord.com/developers/applications, your application, Bot, Reset Token",
    "imaginepro_api_key": "your ImaginePro dashboard, API key",
    "home_servers": "in Discord: Settings, Advanced, Developer Mode; then right-click the server, Copy Server ID",
}


def load_settings() -> Settings:
    """Return the settings. Raises InvalidSettings with one line for each invalid setting, and no value of any."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [_problem(str(detail["loc"][0]), detail["type"], detail["msg"]) for detail in error.errors()]
    except (OSError, UnicodeDecodeError):
        problems = [".env: cannot be read; it must be a text file in UTF-8."]
    raise InvalidSettings(problems)


def _problem(field: str, kind: str, message: str) -> str:
    reason = "is missing" if kind == "missing" else message.removeprefix("Value error, ").rstrip(".")
    where = _WHERE_TO_GET.get(field)
    return f"{field.upper()}: {reason}." + (f" Get it here: {where}." if where else "")
