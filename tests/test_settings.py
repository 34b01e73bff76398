"""The settings: read from every source, and refused with messages that help and leak nothing."""

import os
import re
import traceback
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from bot.environment import former_names
from bot.network import Network, Proxy
from bot.setting_values import base_url
from bot.settings import InvalidSettings, LogFormat, LogLevel, Settings, load_settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"
DISCORD_TOKEN = "made-up.discord.token"
API_KEY = "made-up-api-key"
PASSWORD = "made-up-password"
REQUIRED = {"DISCORD_TOKEN": DISCORD_TOKEN, "IMAGINEPRO_API_KEY": API_KEY, "HOME_SERVERS": "1169758569336478123"}
SECRETS = ["DISCORD_TOKEN", "IMAGINEPRO_API_KEY", "DATABASE_URL", "HEARTBEAT_URL", "SENTRY_DSN"]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a directory without a `.env`, in an empty environment."""
    monkeypatch.chdir(tmp_path)
    names = {name.upper() for name in Settings.model_fields} | {"POLL_EVERY", "SSL_CERT"}
    for variable in os.environ:
        if variable.upper().removesuffix("_FILE") in names:
            monkeypatch.delenv(variable)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Put the required settings into the environment; None removes one."""
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def write_env(**values: str) -> None:
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")


def problems() -> list[str]:
    with pytest.raises(InvalidSettings) as caught:
        load_settings()
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def variables_of(lines: list[str]) -> list[str]:
    return sorted(line.partition(":")[0] for line in lines)


# --- Sources


def test_required_settings_alone_give_the_defaults(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings()

    assert settings.discord_token.get_secret_value() == DISCORD_TOKEN
    assert settings.imaginepro_api_key.get_secret_value() == API_KEY
    assert settings.home_servers == {1169758569336478123}
    assert settings.imaginepro_base_url == "https://api.imaginepro.ai"
    assert settings.database_url.get_secret_value() == "sqlite:///fastwatch.db"
    assert settings.poll_interval == timedelta(seconds=60)
    assert settings.metrics_listen is None
    assert (settings.log_level, settings.log_format) == (LogLevel.INFO, LogFormat.CONSOLE)


def example_values() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_example_names_every_setting_and_nothing_else() -> None:
    assert sorted(example_values()) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_loads_once_required_values_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    write_env(**example_values())
    assert variables_of(problems()) == sorted(REQUIRED)

    write_env(**example_values() | REQUIRED)
    from_example = load_settings()
    Path(".env").unlink()
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)

    assert from_example == load_settings(), "the example shows the defaults"


def test_the_environment_overrides_the_env_file(environment: pytest.MonkeyPatch) -> None:
    write_env(LOG_LEVEL="debug", LOG_FORMAT="json")
    environment.setenv("LOG_LEVEL", "error")
    settings = load_settings()

    assert (settings.log_level, settings.log_format) == (LogLevel.ERROR, LogFormat.JSON)


def test_an_empty_value_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LOG_LEVEL", "")
    environment.setenv("DISCORD_TOKEN", "")

    assert variables_of(problems()) == ["DISCORD_TOKEN"]


def test_unrelated_variables_are_ignored(environment: pytest.MonkeyPatch) -> None:
    write_env(SOMETHING_ELSE="x")
    environment.setenv("ANOTHER_THING", "y")

    load_settings()


def test_settings_are_immutable(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings()

    with pytest.raises(ValidationError):
        settings.log_level = LogLevel.DEBUG  # type: ignore[misc]


QUOTED = {
    "DISCORD_TOKEN": DISCORD_TOKEN,
    "IMAGINEPRO_API_KEY": API_KEY,
    "HOME_SERVERS": "1169758569336478123, 1169758569336478124",
    "IMAGINEPRO_BASE_URL": "https://proxy.invalid",
    "DATABASE_URL": "postgresql://u:p'w@host/db",
    "POLL_INTERVAL": "5m",
    "LOG_LEVEL": "debug",
    "LOG_FORMAT": "json",
}


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_that_docker_keeps_are_removed(monkeypatch: pytest.MonkeyPatch, quote: str) -> None:
    """`docker run --env-file` passes quotes on, which `.env` and shells remove."""
    for name, value in QUOTED.items():
        monkeypatch.setenv(name, value)
    unquoted = load_settings()
    for name, value in QUOTED.items():
        monkeypatch.setenv(name, f" {quote}{value}{quote} ")

    assert load_settings() == unquoted
    assert secret_of(unquoted, "DATABASE_URL") == QUOTED["DATABASE_URL"]


def test_quotes_are_removed_from_names_of_files_and_former_names(environment: pytest.MonkeyPatch) -> None:
    Path("secret").write_text('"x.y.z"\n', encoding="utf-8")
    environment.delenv("DISCORD_TOKEN")
    environment.setenv("DISCORD_TOKEN_FILE", '"secret"')
    environment.setenv("POLL_EVERY", "'5m'")
    settings = load_settings()

    assert (secret_of(settings, "DISCORD_TOKEN"), settings.poll_interval) == ("x.y.z", timedelta(minutes=5))


@pytest.mark.parametrize("value", ['""', "''", ' "" '])
def test_quotes_around_nothing_count_as_not_set(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("LOG_LEVEL", value)
    environment.setenv("DISCORD_TOKEN", value)

    assert variables_of(problems()) == ["DISCORD_TOKEN"]


@pytest.mark.parametrize("value", ["'x", 'x"', '"', "'x\""])
def test_other_quotes_are_a_part_of_the_value(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("IMAGINEPRO_API_KEY", value)

    assert secret_of(load_settings(), "IMAGINEPRO_API_KEY") == value


@pytest.mark.parametrize("written", ["{}", "'{}'", '"{}"'])
@pytest.mark.parametrize("secret", ["a${HOME}b", "${NOT_SET}", "a${", "$HOME", "${A:-b}", "$${HOME}"])
def test_an_env_file_is_not_interpolated(environment: pytest.MonkeyPatch, secret: str, written: str) -> None:
    environment.setenv("HOME", "/somewhere")
    environment.delenv("IMAGINEPRO_API_KEY")
    url = f"postgresql://user:{secret}@host/db"
    write_env(IMAGINEPRO_API_KEY=written.format(secret), DATABASE_URL=written.format(url))
    settings = load_settings()

    assert secret_of(settings, "IMAGINEPRO_API_KEY") == secret
    assert secret_of(settings, "DATABASE_URL") == url


def test_an_env_file_with_a_byte_order_mark_is_read(environment: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("LOG_LEVEL=debug\n", encoding="utf-8-sig")

    assert load_settings().log_level is LogLevel.DEBUG


def test_names_have_no_case(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("log_level", "debug")

    assert load_settings().log_level is LogLevel.DEBUG


# --- Secrets from files


VALUES = {
    "DISCORD_TOKEN": "x.y.z",
    "IMAGINEPRO_API_KEY": "z",
    "DATABASE_URL": "postgresql://u:p@host/db",
    "HEARTBEAT_URL": "https://hc-ping.invalid/made-up",
    "SENTRY_DSN": "https://key@o1.ingest.sentry.invalid/1",
}


def secret_of(settings: Settings, name: str) -> str:
    secret: str = getattr(settings, name.lower()).get_secret_value()
    return secret


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("named_in", ["environment", ".env"])
def test_every_secret_can_come_from_a_file(environment: pytest.MonkeyPatch, name: str, named_in: str) -> None:
    environment.delenv(name, raising=False)
    Path("secret").write_text(f" {VALUES[name]}\n", encoding="utf-8")
    if named_in == ".env":
        write_env(**{f"{name}_FILE": "secret"})
    else:
        environment.setenv(f"{name}_FILE", "secret")

    assert secret_of(load_settings(), name) == VALUES[name]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("given_in", ["environment", ".env"])
@pytest.mark.parametrize("exists", [True, False])
def test_a_value_overrides_a_file(environment: pytest.MonkeyPatch, name: str, given_in: str, exists: bool) -> None:
    environment.delenv(name, raising=False)
    if exists:
        Path("secret").write_text("far", encoding="utf-8")
    environment.setenv(f"{name}_FILE", "secret")
    if given_in == ".env":
        write_env(**{name: VALUES[name]})
    else:
        environment.setenv(name, VALUES[name])

    assert secret_of(load_settings(), name) == VALUES[name]


def test_only_secrets_come_from_files(environment: pytest.MonkeyPatch) -> None:
    Path("file").write_text("debug", encoding="utf-8")
    environment.setenv("LOG_LEVEL_FILE", "file")

    assert load_settings().log_level is LogLevel.INFO


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("sort", ["missing", "directory", "not text", "bad name"])
def test_an_unreadable_file_is_reported_with_its_variable(
    environment: pytest.MonkeyPatch, name: str, sort: str
) -> None:
    environment.delenv(name, raising=False)
    environment.setenv(f"{name}_FILE", "a/secret/place")
    Path("a/secret").mkdir(parents=True)
    match sort:
        case "directory":
            Path("a/secret/place").mkdir()
        case "not text":
            Path("a/secret/place").write_bytes(b"\xff\xfe\x00")
        case "bad name":
            environment.setenv(f"{name}_FILE", "x" * 5000)
    (line,) = problems()

    assert line.startswith(f"{name}: the file that {name}_FILE names cannot be read.")


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file_sets_nothing(environment: pytest.MonkeyPatch, content: str) -> None:
    environment.delenv("DISCORD_TOKEN")
    environment.setenv("DISCORD_TOKEN_FILE", "secret")
    Path("secret").write_text(content, encoding="utf-8")

    assert problems()[0].startswith("DISCORD_TOKEN: is missing.")


@pytest.mark.parametrize("content", [b"LOG_LEVEL=\xff\xfe", "# \u00e9\nDISCORD_TOKEN=x".encode("latin-1")])
def test_an_env_file_that_is_not_text_is_reported(environment: pytest.MonkeyPatch, content: bytes) -> None:
    Path(".env").write_bytes(content)

    assert problems() == [".env: cannot be read; it must be a text file in UTF-8."]


# --- All errors at once


def test_all_missing_settings_are_reported_at_once_with_where_to_get_them() -> None:
    lines = problems()

    assert variables_of(lines) == sorted(REQUIRED)
    assert all(re.search(r": is missing\. Get it here: .{20,}\.$", line) for line in lines)


WRONG = {
    "HTTPS_PROXY": f"http://user:{PASSWORD}@proxy/path",
    "SSL_CERT_FILE": "made-up-certificates.pem",
    "DISCORD_TOKEN": "two words-of-secret",
    "IMAGINEPRO_BASE_URL": f"https://user:{PASSWORD}@api.imaginepro.ai",
    "HOME_SERVERS": "my-server",
    "DATABASE_URL": f"mysql://user:{PASSWORD}@host/db",
    "POLL_INTERVAL": "9s",
    "METRICS_LISTEN": "everywhere-of-secret",
    "HEARTBEAT_URL": f"ftp://{PASSWORD}",
    "SENTRY_DSN": f"https://{PASSWORD}.invalid/1",
    "LOG_LEVEL": "loud",
    "LOG_FORMAT": "paper",
}


def test_all_invalid_settings_are_reported_at_once_a_line_each(environment: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        environment.setenv(name, value)
    environment.delenv("IMAGINEPRO_API_KEY")
    environment.setenv("IMAGINEPRO_API_KEY_FILE", "not there")
    lines = problems()

    assert variables_of(lines) == sorted([*WRONG, "IMAGINEPRO_API_KEY"])
    assert not any("\n" in line for line in lines)
    assert all(line.endswith(".") for line in lines)


def test_errors_do_not_quote_values(environment: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        environment.setenv(name, value)
    with pytest.raises(InvalidSettings) as caught:
        load_settings()
    message = "".join(traceback.format_exception(caught.value)) + repr(caught.value)

    secrets = [*WRONG.values(), *REQUIRED.values(), PASSWORD, "words-of-secret"]
    assert [value for value in secrets if value in message] == []
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_the_settings_own_error_quotes_no_value(environment: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        environment.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()

    assert [
        value for value in [*WRONG.values(), *REQUIRED.values()] if value in f"{caught.value} {caught.value!r}"
    ] == []


def test_settings_show_no_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", f"postgresql://user:{PASSWORD}@host/db")
    settings = load_settings()
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()} {vars(settings)}"

    assert [secret for secret in (DISCORD_TOKEN, API_KEY, PASSWORD) if secret in shown] == []


@pytest.mark.parametrize(
    "url", ["hc-ping.com/uuid", "ftp://hc-ping.com/uuid", "https://", "https://a b", "https://[x", "http://a:b"]
)
def test_an_unusable_address_for_heartbeats_is_refused(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("HEARTBEAT_URL", url)
    (line,) = problems()

    assert line == "HEARTBEAT_URL: write an address such as https://hc-ping.com/your-uuid."


def test_the_address_for_heartbeats_is_a_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HEARTBEAT_URL", " http://kuma.invalid/api/push/made-up?status=up\n")
    settings = load_settings()

    assert settings.heartbeat_url in settings.secrets
    assert settings.heartbeat_url.get_secret_value() == "http://kuma.invalid/api/push/made-up?status=up"


@pytest.mark.parametrize(
    "dsn",
    [
        "https://o1.ingest.sentry.io/1",
        "https://key@o1.ingest.sentry.io",
        "https://key@host/x",
        "key",
        "https://key@host:99999/1",
        "https://key@[::1/1",
        "https://key@:443/1",
        "https://:key@host/1",
    ],
)
def test_an_unusable_dsn_is_refused(environment: pytest.MonkeyPatch, dsn: str) -> None:
    environment.setenv("SENTRY_DSN", dsn)
    (line,) = problems()

    assert line == "SENTRY_DSN: write the DSN as Sentry shows it, such as https://key@o1.ingest.sentry.io/1."


@pytest.mark.parametrize(
    "dsn", ["https://key@o1.ingest.sentry.io/1", "http://key@127.0.0.1:8000/7", " https://a:b@host/a/2\n"]
)
def test_a_dsn_is_a_secret(environment: pytest.MonkeyPatch, dsn: str) -> None:
    environment.setenv("SENTRY_DSN", dsn)
    settings = load_settings()

    assert settings.sentry_dsn.get_secret_value() == dsn.strip()
    assert settings.sentry_dsn in settings.secrets


# --- Each setting


def refused(environment: pytest.MonkeyPatch, name: str, value: str) -> str:
    environment.setenv(name, value)
    (line,) = problems()
    assert line.startswith(f"{name}: ")
    return line


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "IMAGINEPRO_API_KEY"])
@pytest.mark.parametrize("value", ["x.y.z_1\n", " x.y.z_1 ", "\tx.y.z_1\r\n"])
def test_whitespace_around_a_key_is_removed(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)

    assert secret_of(load_settings(), name) == "x.y.z_1"


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "IMAGINEPRO_API_KEY"])
@pytest.mark.parametrize("value", [" ", "\n", "a b", "a\nb", "a\x7fb", "caf\u00e9", "a\u200bb", "a\udcff"])
def test_a_key_invalid_as_a_header_is_refused(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert "copy it again" in refused(environment, name, value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.imaginepro.ai", "https://api.imaginepro.ai"),
        ("https://api.imaginepro.ai/", "https://api.imaginepro.ai"),
        (" https://api.imaginepro.ai\n", "https://api.imaginepro.ai"),
        ("https://api.imaginepro.ai/api/v1", "https://api.imaginepro.ai"),
        ("https://api.imaginepro.ai/api/v1/", "https://api.imaginepro.ai"),
        ("https://api.imaginepro.ai//API/V1//", "https://api.imaginepro.ai"),
        ("https://api.imaginepro.ai/api/v1/api/v1", "https://api.imaginepro.ai"),
        ("https://proxy.invalid/imaginepro/api/v1", "https://proxy.invalid/imaginepro"),
        ("https://api.v1.invalid/api/v10", "https://api.v1.invalid/api/v10"),
        ("http://localhost:80///", "http://localhost:80"),
        ("https://proxy.invalid:8443/imaginepro/", "https://proxy.invalid:8443/imaginepro"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_valid_url_is_accepted(environment: pytest.MonkeyPatch, url: str, expected: str) -> None:
    environment.setenv("IMAGINEPRO_BASE_URL", url)

    assert load_settings().imaginepro_base_url == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://api.imaginepro.ai",
        "HTTP://api.imaginepro.ai",
        "http://10.0.0.1",
        "http://127.0.0.1.elsewhere.invalid",
        "http://localhost.elsewhere.invalid",
        "http://0.0.0.0",
        "http://[::ffff:127.0.0.1]",
    ],
)
def test_plain_http_is_allowed_for_loopback_only(environment: pytest.MonkeyPatch, url: str) -> None:
    assert "write https" in refused(environment, "IMAGINEPRO_BASE_URL", url)


@pytest.mark.parametrize(
    "url",
    [
        "api.imaginepro.ai",
        "ftp://127.0.0.1",
        "https://",
        "https:///path",
        "https://host:port",
        "https://host:99999",
        "https://user@host",
        "https://:password@host",
        "http://127.0.0.1@elsewhere.invalid",
        "https://host/?key=x",
        "https://host/#x",
        "https://ho st",
        "https://ho\nst",
        "https://[::1",
        "file:///etc",
    ],
)
def test_an_invalid_url_is_refused(environment: pytest.MonkeyPatch, url: str) -> None:
    assert "write an address such as" in refused(environment, "IMAGINEPRO_BASE_URL", url)


addresses = st.lists(
    st.sampled_from(
        [
            *("http", "https", ":", "//", "/", "\\", "@", "#", "?", ".", ";", "%2e", " ", "\t", "\u3002", "\uff0f"),
            *("127.0.0.1", "localhost", "[::1]", "evil.invalid", "80"),
        ]
    ),
    max_size=10,
).map("".join)


@hypothesis_settings()
@given(rest=addresses)
@pytest.mark.parametrize("start", ["http://127.0.0.1", "http://localhost", "http://"])
def test_plain_http_stays_on_this_machine_however_the_url_is_written(start: str, rest: str) -> None:
    try:
        url = httpx.URL(base_url(start + rest))
    except (ValueError, httpx.InvalidURL):
        return
    assert url.scheme == "http"
    assert url.host in {"127.0.0.1", "localhost", "::1"}


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("10s", timedelta(seconds=10)),
        ("5m", timedelta(minutes=5)),
        ("1h", timedelta(hours=1)),
        (" 90 S ", timedelta(seconds=90)),
    ],
)
def test_ten_seconds_or_more_are_accepted(environment: pytest.MonkeyPatch, text: str, duration: timedelta) -> None:
    environment.setenv("POLL_INTERVAL", text)

    assert load_settings().poll_interval == duration


@pytest.mark.parametrize("text", ["9s", "0s", "0h"])
def test_too_short_an_interval_is_refused(environment: pytest.MonkeyPatch, text: str) -> None:
    assert "10s is the shortest" in refused(environment, "POLL_INTERVAL", text)


@pytest.mark.parametrize("text", ["60", "PT1M", "-60s", "1.5m", "a minute", "00:01:00"])
def test_an_interval_without_a_number_and_a_unit_is_refused(environment: pytest.MonkeyPatch, text: str) -> None:
    assert "write a number and a unit" in refused(environment, "POLL_INTERVAL", text)


A, B = 1169758569336478123, 1169758569336478124


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (f"{A}", {A}),
        (f"{A},{B}", {A, B}),
        (f" {A} , {B} ,", {A, B}),
        (f"{A},{A}", {A}),
    ],
)
def test_servers_are_ids_separated_by_commas(environment: pytest.MonkeyPatch, text: str, ids: set[int]) -> None:
    environment.setenv("HOME_SERVERS", text)

    assert load_settings().home_servers == ids


@pytest.mark.parametrize("text", ["x", "1 2", "1;2", "[1]", "-1", "1.0", "\u0661", "1" * 21, "1,x"])
def test_an_invalid_server_id_is_refused(environment: pytest.MonkeyPatch, text: str) -> None:
    assert "write the servers' numeric ids" in refused(environment, "HOME_SERVERS", text)


@pytest.mark.parametrize("text", ["123", f"{A},42"])
def test_a_number_that_can_be_no_server_is_refused(environment: pytest.MonkeyPatch, text: str) -> None:
    assert "the id of a server has 17 digits or more" in refused(environment, "HOME_SERVERS", text)


@pytest.mark.parametrize("value", ["abc", "a" * 32, "1169758569336478123", "a.b", "a.b.c.d", "..", "a..c"])
def test_a_value_that_can_be_no_bots_token_is_refused(environment: pytest.MonkeyPatch, value: str) -> None:
    assert "three parts with dots between them. Get it here: " in refused(environment, "DISCORD_TOKEN", value)


@pytest.mark.parametrize("text", [",", " ", " , "])
def test_an_empty_server_list_is_refused(environment: pytest.MonkeyPatch, text: str) -> None:
    assert "name at least one server" in refused(environment, "HOME_SERVERS", text)


@pytest.mark.parametrize("url", ["sqlite:///a.db", "sqlite:////var/lib/a.db", "postgresql://user:password@host/db"])
def test_both_database_engines_are_accepted(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("DATABASE_URL", url)

    assert load_settings().database_url.get_secret_value() == url


@pytest.mark.parametrize("url", ["a.db", "sqlite://", "sqlite:///", "mysql://host/db", "postgres:host/db"])
def test_other_databases_are_refused(environment: pytest.MonkeyPatch, url: str) -> None:
    assert "sqlite:///" in refused(environment, "DATABASE_URL", url)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LOG_LEVEL", "DEBUG", LogLevel.DEBUG),
        ("LOG_LEVEL", " Warning ", LogLevel.WARNING),
        ("LOG_FORMAT", "JSON", LogFormat.JSON),
        ("LOG_FORMAT", "console", LogFormat.CONSOLE),
    ],
)
def test_the_log_level_is_case_insensitive(
    environment: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    environment.setenv(name, value)

    assert getattr(load_settings(), name.lower()) is expected


@pytest.mark.parametrize(("name", "choice"), [("LOG_LEVEL", "debug"), ("LOG_FORMAT", "json")])
def test_an_unknown_log_format_is_refused_with_the_choices(
    environment: pytest.MonkeyPatch, name: str, choice: str
) -> None:
    assert choice in refused(environment, name, "loud")


# --- Proxies and certificates


def test_https_proxy_comes_before_all_proxy(environment: pytest.MonkeyPatch) -> None:
    assert load_settings().network == Network()

    environment.setenv("ALL_PROXY", "http://all.invalid:1")
    environment.setenv("NO_PROXY", "discord.com")
    of_all = load_settings().network
    assert (of_all.proxy and of_all.proxy.url, of_all.no_proxy) == ("http://all.invalid:1", "discord.com")

    environment.setenv("https_proxy", f"http://user:{PASSWORD}@https.invalid:2")
    settings = load_settings()
    assert settings.network.proxy == Proxy("http://https.invalid:2", "user", SecretStr(PASSWORD))
    assert PASSWORD in [secret.get_secret_value() for secret in settings.secrets]
    assert PASSWORD not in repr(settings)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize(("value", "said"), [("http://", "such as"), ("socks5://proxy:1080", "SOCKS")])
def test_a_wrong_proxy_is_refused(environment: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    assert said in refused(environment, name, value)


def test_a_socks_proxy_for_other_programs_does_no_harm_beside_https_proxy(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALL_PROXY", "socks5://proxy:1080")
    environment.setenv("HTTPS_PROXY", "proxy:3128")

    assert load_settings().network.proxy == Proxy("http://proxy:3128", "", SecretStr(""))


@pytest.mark.parametrize("content", [None, "", "no certificates"])
def test_a_file_without_certificates_is_refused(environment: pytest.MonkeyPatch, content: str | None) -> None:
    if content is not None:
        Path("ca.pem").write_text(content, encoding="utf-8")

    assert "name a file of certificates in PEM format" in refused(environment, "SSL_CERT_FILE", "ca.pem")


# --- Former names


def test_the_former_name_of_the_poll_interval_is_still_read(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POLL_EVERY", "5m")

    assert load_settings().poll_interval == timedelta(minutes=5)
    assert former_names() == {"POLL_EVERY": "POLL_INTERVAL"}


def test_the_former_name_is_read_from_a_file_too(environment: pytest.MonkeyPatch) -> None:
    write_env(POLL_EVERY="2m")

    assert load_settings().poll_interval == timedelta(minutes=2)
    assert former_names() == {"POLL_EVERY": "POLL_INTERVAL"}


def test_the_current_name_wins(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POLL_EVERY", "5m")
    environment.setenv("POLL_INTERVAL", "3m")

    assert load_settings().poll_interval == timedelta(minutes=3)


def test_a_wrong_value_under_the_former_name_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POLL_EVERY", "1s")

    assert problems() == ["POLL_INTERVAL: is too short; 10s is the shortest."]


def test_no_former_name_is_reported_when_none_is_set(environment: pytest.MonkeyPatch) -> None:
    assert former_names() == {}
