"""What the value of each setting may be. Each function returns the value, or raises ValueError with what to write."""

import re
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr, ValidationInfo

from bot.environment import UNREADABLE
from bot.network import Network, parse_proxy
from bot.parsing.addresses import parse_address
from bot.parsing.durations import parse_duration

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Where ImaginePro's public pages send people for their API key.
DASHBOARD_URL = "https://platform.imaginepro.ai/dashboard/setup"
"""ImaginePro's dashboard, unless another is set."""
_MIN_POLL_INTERVAL = timedelta(seconds=10)
_PRINTABLE = re.compile(r"[!-~]+")
_TOKEN = re.compile(r"[^.]+\.[^.]+\.[^.]+")
# An id has the time since 2015 in it, so those of servers have at least 17 digits. Fewer are accepted for tests.
_SHORTEST_ID = 16
_LINKABLE = re.compile(r"[!#-;=?-Z_a-z~]+")
_DSN = re.compile(r"https?://[!-.0-~]+@[!-.0-~]+(?:/[!-.0-~]+)*/[0-9]+")
# ImaginePro's documentation prints addresses with this path, which the client adds to each request.
_API_PATH = re.compile(r"(?:/+api/+v1)*/*\Z", re.IGNORECASE)


def read(value: object, info: ValidationInfo) -> object:
    """Return the value. Raises ValueError if it is in a file that cannot be read."""
    if value is UNREADABLE:
        raise ValueError(f"the file that {str(info.field_name).upper()}_FILE names cannot be read")
    return value


def key(secret: SecretStr) -> SecretStr:
    """Return a key without the newline that files and shells add. A newline inside would break, and show, a header."""
    value = secret.get_secret_value().strip()
    if not _PRINTABLE.fullmatch(value):
        raise ValueError("is blank or contains an invalid character; copy it again")
    return SecretStr(value)


def discord_token(secret: SecretStr) -> SecretStr:
    """Return a bot's token. Other values of the same page, such as the client secret, have no dots."""
    token = key(secret)
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("is not a bot's token, which has three parts with dots between them")
    return token


def _web_address(text: str) -> SplitResult | None:
    """Return the parts of an http or https address; None if it is not one."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def base_url(text: str) -> str:
    """Return the address without the path that the client adds."""
    text = text.strip()
    parts = _web_address(text)
    if parts is None or not _PRINTABLE.fullmatch(text) or "?" in text or "#" in text or "@" in text:
        raise ValueError("write an address such as https://api.imaginepro.ai")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("plain http would expose the key; write https (http is for loopback only)")
    return _API_PATH.sub("", text)


def dashboard_url(text: str) -> str:
    """Return the address. Brackets would end it early where Discord shows it as a link."""
    text = text.strip()
    parts = _web_address(text)
    if parts is None or parts.scheme != "https" or "@" in parts.netloc or not _LINKABLE.fullmatch(text):
        raise ValueError(f"write an https address such as {DASHBOARD_URL}")
    return text


def server_ids(value: object) -> object:
    """Return the ids in a text, with commas between them."""
    if not isinstance(value, str):
        return value
    ids = [part.strip() for part in value.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= len(str(2**64)) for part in ids):
        raise ValueError("write the servers' numeric ids, with commas between them")
    if any(len(part) < _SHORTEST_ID for part in ids):
        raise ValueError("the id of a server has 17 digits or more")
    return frozenset(map(int, ids))


def not_empty(ids: frozenset[int]) -> frozenset[int]:
    """Return the same ids. Raises ValueError if there are none."""
    if not ids:
        raise ValueError("name at least one server")
    return ids


def duration(value: object) -> object:
    """Return the duration in a text."""
    return parse_duration(value) if isinstance(value, str) else value


def address(value: object) -> object:
    """Return the address in a text."""
    return parse_address(value) if isinstance(value, str) else value


def at_least_ten_seconds(duration: timedelta) -> timedelta:
    """Return the same duration. Raises ValueError if it is shorter."""
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


def proxy(secret: SecretStr, info: ValidationInfo) -> SecretStr:
    """Return the same proxy. Raises ValueError if it is used and is none."""
    is_used = info.field_name == "https_proxy" or not is_set(info.data.get("https_proxy"))
    if is_used and is_set(secret):
        parse_proxy(secret.get_secret_value().strip())
    return secret


def is_set(secret: SecretStr | None) -> bool:
    """Whether there is a value."""
    return secret is not None and bool(secret.get_secret_value())


def heartbeat_url(secret: SecretStr) -> SecretStr:
    """Return the address, or nothing."""
    if not is_set(secret):
        return secret
    url = secret.get_secret_value().strip()
    if _web_address(url) is None or not _PRINTABLE.fullmatch(url):
        raise ValueError("write an address such as https://hc-ping.com/your-uuid")
    return SecretStr(url)


def certificates(path: str) -> str:
    """Return the same path. Raises ValueError if it names no certificates."""
    try:
        Network(ca_file=path).tls()
    except (OSError, ValueError):
        raise ValueError("name a file of certificates in PEM format that can be read") from None
    return path


def dsn(secret: SecretStr) -> SecretStr:
    """Return the DSN, or nothing."""
    value = secret.get_secret_value().strip()
    parts = _web_address(value)
    if not is_set(secret) or (_DSN.fullmatch(value) and parts is not None and parts.username):
        return SecretStr(value)
    raise ValueError("write the DSN as Sentry shows it, such as https://key@o1.ingest.sentry.io/1")


def lower(value: object) -> object:
    """Return a text in lower case."""
    return value.strip().lower() if isinstance(value, str) else value
