"""The settings: one typed object, created once at the start of the program."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.environment import UNREADABLE, values_of, variables
from bot.network import Network, parse_proxy
from bot.parsing.addresses import Address, parse_address
from bot.parsing.durations import parse_duration

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Where ImaginePro's public pages send people for their API key.
_DASHBOARD_URL = "https://platform.imaginepro.ai/dashboard/setup"
_MIN_POLL_INTERVAL = timedelta(seconds=10)
_Loaded = TypeVar("_Loaded", bound=BaseSettings)
_NOTHING = SecretStr("")
_PRINTABLE = re.compile(r"[!-~]+")
_TOKEN = re.compile(r"[^.]+\.[^.]+\.[^.]+")
# An id has the time since 2015 in it, so those of servers have at least 17 digits. Fewer are accepted for tests.
_SHORTEST_ID = 16
_LINKABLE = re.compile(r"[!#-;=?-Z_a-z~]+")
_DSN = re.compile(r"https?://[!-.0-~]+@[!-.0-~]+(?:/[!-.0-~]+)*/[0-9]+")
# ImaginePro's documentation prints addresses with this path, which the client adds to each request.
_API_PATH = re.compile(r"(?:/+api/+v1)*/*\Z", re.IGNORECASE)


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

    def __init__(self, problems: list[str], *, lacks_all_required: bool = False) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.lacks_all_required = lacks_all_required


def _read(value: object, info: ValidationInfo) -> object:
    if value is UNREADABLE:
        raise ValueError(f"the file that {str(info.field_name).upper()}_FILE names cannot be read")
    return value


def _key(secret: SecretStr) -> SecretStr:
    """Return a key without the newline that files and shells add. A newline inside would break, and show, a header."""
    key = secret.get_secret_value().strip()
    if not _PRINTABLE.fullmatch(key):
        raise ValueError("is blank or contains an invalid character; copy it again")
    return SecretStr(key)


def _discord_token(secret: SecretStr) -> SecretStr:
    """Return a bot's token. Other values of the same page, such as the client secret, have no dots."""
    key = _key(secret)
    if not _TOKEN.fullmatch(key.get_secret_value()):
        raise ValueError("is not a bot's token, which has three parts with dots between them")
    return key


def _web_address(text: str) -> SplitResult | None:
    """Return the parts of an http or https address; None if it is not one."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _base_url(text: str) -> str:
    text = text.strip()
    parts = _web_address(text)
    if parts is None or not _PRINTABLE.fullmatch(text) or "?" in text or "#" in text or "@" in text:
        raise ValueError("write an address such as https://api.imaginepro.ai")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("plain http would expose the key; write https (http is for loopback only)")
    return _API_PATH.sub("", text)


def _dashboard_url(text: str) -> str:
    """Return the address. Brackets would end it early where Discord shows it as a link."""
    text = text.strip()
    parts = _web_address(text)
    if parts is None or parts.scheme != "https" or "@" in parts.netloc or not _LINKABLE.fullmatch(text):
        raise ValueError(f"write an https address such as {_DASHBOARD_URL}")
    return text


def _server_ids(value: object) -> object:
    if not isinstance(value, str):
        return value
    ids = [part.strip() for part in value.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= len(str(2**64)) for part in ids):
        raise ValueError("write the servers' numeric ids, with commas between them")
    if any(len(part) < _SHORTEST_ID for part in ids):
        raise ValueError("the id of a server has 17 digits or more")
    return frozenset(map(int, ids))


def _not_empty(ids: frozenset[int]) -> frozenset[int]:
    if not ids:
        raise ValueError("name at least one server")
    return ids


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _address(value: object) -> object:
    return parse_address(value) if isinstance(value, str) else value


def _at_least_ten_seconds(duration: timedelta) -> timedelta:
    if duration < _MIN_POLL_INTERVAL:
        raise ValueError("is too short; 10s is the shortest")
    return duration


def check_database_url(secret: SecretStr) -> SecretStr:
    """Return the same URL. Raises ValueError with what to write instead."""
    url = secret.get_secret_value()
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValueError("write sqlite:///a-file.db or postgresql://user:password@host/database")
    if url == "sqlite:///":
        raise ValueError("name a file after sqlite:///")
    return secret


def _proxy(secret: SecretStr, info: ValidationInfo) -> SecretStr:
    is_used = info.field_name == "https_proxy" or not _is_set(info.data.get("https_proxy"))
    if is_used and _is_set(secret):
        parse_proxy(secret.get_secret_value().strip())
    return secret


def _is_set(secret: SecretStr | None) -> bool:
    return secret is not None and bool(secret.get_secret_value())


def _heartbeat_url(secret: SecretStr) -> SecretStr:
    if not _is_set(secret):
        return secret
    url = secret.get_secret_value().strip()
    if _web_address(url) is None or not _PRINTABLE.fullmatch(url):
        raise ValueError("write an address such as https://hc-ping.com/your-uuid")
    return SecretStr(url)


def _certificates(path: str) -> str:
    try:
        Network(ca_file=path).tls()
    except (OSError, ValueError):
        raise ValueError("name a file of certificates in PEM format that can be read") from None
    return path


def _dsn(secret: SecretStr) -> SecretStr:
    dsn = secret.get_secret_value().strip()
    parts = _web_address(dsn)
    if not _is_set(secret) or (_DSN.fullmatch(dsn) and parts is not None and parts.username):
        return SecretStr(dsn)
    raise ValueError("write the DSN as Sentry shows it, such as https://key@o1.ingest.sentry.io/1")


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


_MetricsListen = Annotated[Address | None, BeforeValidator(_address)]


class _FromVariables(BaseSettings):
    """Read from the environment, then from `.env`, then from files named by `*_FILE`; see `.env.example`."""

    # Without hide_input_in_errors one missing variable prints all the others, secrets included.
    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the variables in our own way; see `bot.environment`."""
        return init_settings, InitSettingsSource(settings_cls, values_of(variables(), settings_cls.model_fields))


_DatabaseUrl = Annotated[SecretStr, BeforeValidator(_read), AfterValidator(check_database_url)]
_DEFAULT_DATABASE_URL = SecretStr("sqlite:///fastwatch.db")


class DatabaseSettings(_FromVariables):
    """The settings of commands that only work on the data."""

    database_url: _DatabaseUrl = _DEFAULT_DATABASE_URL


class MetricsSettings(_FromVariables):
    """The settings of the health command."""

    metrics_listen: _MetricsListen = None


class Settings(_FromVariables):
    """All settings."""

    discord_token: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_discord_token)]
    imaginepro_api_key: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_key)]
    imaginepro_base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.imaginepro.ai"
    dashboard_url: Annotated[str, AfterValidator(_dashboard_url)] = _DASHBOARD_URL
    home_servers: Annotated[frozenset[int], BeforeValidator(_server_ids), AfterValidator(_not_empty)]
    database_url: _DatabaseUrl = _DEFAULT_DATABASE_URL
    poll_interval: Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_at_least_ten_seconds)] = timedelta(
        minutes=1
    )
    metrics_listen: _MetricsListen = None
    heartbeat_url: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_heartbeat_url)] = _NOTHING
    sentry_dsn: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_dsn)] = _NOTHING
    https_proxy: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_proxy)] = _NOTHING
    all_proxy: Annotated[SecretStr, BeforeValidator(_read), AfterValidator(_proxy)] = _NOTHING
    no_proxy: str = ""
    ssl_cert_file: Annotated[str, AfterValidator(_certificates)] = ""
    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = LogLevel.INFO
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = LogFormat.CONSOLE

    @property
    def network(self) -> Network:
        """How requests leave this machine."""
        address = next(filter(_is_set, (self.https_proxy, self.all_proxy)), None)
        proxy = parse_proxy(address.get_secret_value().strip()) if address else None
        return Network(proxy, self.no_proxy, self.ssl_cert_file)

    @property
    def secrets(self) -> list[SecretStr]:
        """Everything that no log may show."""
        proxy = self.network.proxy
        secrets = [self.discord_token, self.imaginepro_api_key, self.database_url, self.heartbeat_url]
        secrets += [self.sentry_dsn, self.https_proxy, self.all_proxy]
        return [*secrets, proxy.password] if proxy else secrets


_WHERE_TO_GET = {
    "discord_token": "discord.com/developers/applications, your application, Bot, Reset Token",
    "imaginepro_api_key": "your ImaginePro dashboard, API key",
    "home_servers": "in Discord: Settings, Advanced, Developer Mode; then right-click the server, Copy Server ID",
}


def load_settings() -> Settings:
    """Return the settings. Raises InvalidSettings with one line for each invalid setting, and no value of any."""
    return _load(Settings)


def load_database_url() -> SecretStr:
    """Return DATABASE_URL, whatever the other settings are. Raises InvalidSettings."""
    return _load(DatabaseSettings).database_url


def load_metrics_address() -> Address | None:
    """Return METRICS_LISTEN, whatever the other settings are. Raises InvalidSettings."""
    return _load(MetricsSettings).metrics_listen


def _load(kind: type[_Loaded]) -> _Loaded:
    try:
        return kind()
    except ValidationError as error:
        missing = {detail["loc"][0] for detail in error.errors() if detail["type"] == "missing"}
        lacks_all_required = missing >= _WHERE_TO_GET.keys()
        problems = [_problem(str(detail["loc"][0]), detail["type"], detail["msg"]) for detail in error.errors()]
    except (OSError, UnicodeDecodeError):
        lacks_all_required = False
        problems = [".env: cannot be read; it must be a text file in UTF-8."]
    raise InvalidSettings(problems, lacks_all_required=lacks_all_required)


def _problem(field: str, kind: str, message: str) -> str:
    reason = "is missing" if kind == "missing" else message.removeprefix("Value error, ").rstrip(".")
    where = _WHERE_TO_GET.get(field)
    return f"{field.upper()}: {reason}." + (f" Get it here: {where}." if where else "")
