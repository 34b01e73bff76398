"""The settings: one typed object, created once at the start of the program."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot import setting_values as values
from bot.environment import values_of, variables
from bot.network import Network, parse_proxy
from bot.parsing.addresses import Address

_Loaded = TypeVar("_Loaded", bound=BaseSettings)
_NOTHING = SecretStr("")


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


_MetricsListen = Annotated[Address | None, BeforeValidator(values.address)]


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


_DatabaseUrl = Annotated[SecretStr, BeforeValidator(values.read), AfterValidator(values.check_database_url)]
_DEFAULT_DATABASE_URL = SecretStr("sqlite:///fastwatch.db")


class DatabaseSettings(_FromVariables):
    """The settings of commands that only work on the data."""

    database_url: _DatabaseUrl = _DEFAULT_DATABASE_URL


class MetricsSettings(_FromVariables):
    """The settings of the health command."""

    metrics_listen: _MetricsListen = None


class Settings(_FromVariables):
    """All settings."""

    discord_token: Annotated[SecretStr, BeforeValidator(values.read), AfterValidator(values.discord_token)]
    imaginepro_api_key: Annotated[SecretStr, BeforeValidator(values.read), AfterValidator(values.key)]
    imaginepro_base_url: Annotated[str, AfterValidator(values.base_url)] = "https://api.imaginepro.ai"
    dashboard_url: Annotated[str, AfterValidator(values.dashboard_url)] = values.DASHBOARD_URL
    home_servers: Annotated[frozenset[int], BeforeValidator(values.server_ids), AfterValidator(values.not_empty)]
    database_url: _DatabaseUrl = _DEFAULT_DATABASE_URL
    poll_interval: Annotated[
        timedelta, BeforeValidator(values.duration), AfterValidator(values.at_least_ten_seconds)
    ] = timedelta(minutes=1)
    metrics_listen: _MetricsListen = None
    heartbeat_url: Annotated[SecretStr, BeforeValidator(values.read), AfterValidator(values.heartbeat_url)] = _NOTHING
    sentry_dsn: Annotated[SecretStr, BeforeValidator(values.read), AfterValidator(values.dsn)] = _NOTHING
    https_proxy: Annotated[SecretStr, BeforeValidator(values.read), AfterValidator(values.proxy)] = _NOTHING
    all_proxy: Annotated[SecretStr, BeforeValidator(values.read), AfterValidator(values.proxy)] = _NOTHING
    no_proxy: str = ""
    ssl_cert_file: Annotated[str, AfterValidator(values.certificates)] = ""
    log_level: Annotated[LogLevel, BeforeValidator(values.lower)] = LogLevel.INFO
    log_format: Annotated[LogFormat, BeforeValidator(values.lower)] = LogFormat.CONSOLE

    @property
    def network(self) -> Network:
        """How requests leave this machine."""
        address = next(filter(values.is_set, (self.https_proxy, self.all_proxy)), None)
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
