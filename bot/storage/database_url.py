"""DATABASE_URL: the address of an SQLite file, or of a PostgreSQL as its provider prints it for libpq."""

import re
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.storage.unavailable import DatabaseUnusable

_CONNECT_SECONDS = 5
_SYSTEM_CERTIFICATES = "system"
_PARAMETER = re.compile(r"\w{1,40}")
_SEVERAL_HOSTS = re.compile(
    r"^(?P<start>[^/?]+//(?:[^/?]*@)?)(?P<hosts>[^@/?]*,[^@/?]*)(?P<path>[^?]*)\??(?P<query>.*)$"
)

# Of libpq's parameters (PostgreSQL's documentation, "Parameter Key Words") asyncpg reads these from an address. Their
# meanings are subtle, so asyncpg gets them as they are.
_READ_BY_ASYNCPG = frozenset(
    {
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs", "passfile"),
        *("krbsrvname", "gsslib"),
    }
)
_WHERE = frozenset({"host", "port"})
_SESSION_SETTINGS = {"application_name": "application_name", "options": "options", "schema": "search_path"}
# What is of no use here: asyncpg decides it by itself, or it is for another driver, such as Prisma's.
_LEFT_OUT = frozenset(
    {
        *("channel_binding", "client_encoding", "fallback_application_name", "gssencmode", "gssdelegation"),
        *("keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "tcp_user_timeout"),
        *("load_balance_hosts", "require_auth", "sslcompression", "sslsni", "sslaccept"),
        *("connection_limit", "pgbouncer", "pool_timeout", "pool_size", "prepared_statements", "socket_timeout"),
        *("statement_cache_size", "prepared_statement_cache_size", "prepareThreshold", "binary_parameters"),
        *("supa", "workaround", "uselibpqcompat"),
    }
)


def parse_url(url: str) -> URL:
    """Return the parsed address. Raises DatabaseUnusable."""
    try:
        return make_url(_SEVERAL_HOSTS.sub(_hosts_as_parameters, url))
    except (ArgumentError, ValueError):
        # A ValueError quotes the text in place of the port, which may be part of the password.
        raise DatabaseUnusable("DATABASE_URL cannot be read; compare it with .env.example.") from None


def _hosts_as_parameters(match: re.Match[str]) -> str:
    """Move the hosts of `//a:1,b:2/` to where SQLAlchemy expects several: `///?host=a:1&host=b:2`."""
    hosts = [host if ":" in host else f"{host}:5432" for host in match["hosts"].split(",")]
    query = "&".join(filter(None, (urlencode([("host", host) for host in hosts], safe=":"), match["query"])))
    return f"{match['start']}{match['path']}?{query}"


def asyncpg_target(url: URL) -> tuple[URL, dict[str, Any]]:
    """Return SQLAlchemy's address of a PostgreSQL, and arguments for asyncpg's `connect`. Raises DatabaseUnusable."""
    where = {name: value for name, value in url.query.items() if name in _WHERE}
    given = {
        name: value if isinstance(value, str) else value[-1] for name, value in url.query.items() if name not in _WHERE
    }
    arguments: dict[str, Any] = {
        "timeout": _connect_seconds(given.pop("connect_timeout", "0")),
        # A pooler such as PgBouncer gives each transaction another session, which knows no statements of earlier ones.
        # Without caches, each statement is prepared under no name just before it is executed.
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,
        "server_settings": {_SESSION_SETTINGS[name]: given.pop(name) for name in _SESSION_SETTINGS if name in given},
    }
    # libpq's name, and the one that other drivers use.
    if (encryption := given.pop("ssl", None)) is not None:
        given.setdefault("sslmode", {"true": "require", "1": "require", "false": "disable"}.get(encryption, encryption))
    if given.get("sslrootcert") == _SYSTEM_CERTIFICATES:
        # libpq allows this with sslmode=verify-full only. asyncpg does not know it.
        del given["sslrootcert"]
        given.pop("sslmode", None)
        arguments["ssl"] = ssl.create_default_context()
    _reject_unknown(given)
    kept = {name: value for name, value in given.items() if name in _READ_BY_ASYNCPG}
    arguments["dsn"] = f"postgresql://?{urlencode(kept)}" if kept else None
    return url.set(drivername="postgresql+asyncpg", query=where), arguments


def _connect_seconds(text: str) -> float:
    """Return the time-out of a connection. libpq counts in whole seconds, and 0 means without end."""
    if text and not text.isdecimal():
        raise DatabaseUnusable("DATABASE_URL: connect_timeout must be a number of seconds.")
    return float(text or 0) or _CONNECT_SECONDS


def _reject_unknown(given: Mapping[str, str]) -> None:
    if any("@" in value for value in given.values()):
        # The password holds a question mark, so a part of it would be taken for a parameter.
        raise DatabaseUnusable("DATABASE_URL cannot be read; write the signs of the password as %40, %3F and so on.")
    for name in sorted(given.keys() - _READ_BY_ASYNCPG - _LEFT_OUT):
        shown = f"“{name}”" if _PARAMETER.fullmatch(name) else "after the question mark"
        raise DatabaseUnusable(f"DATABASE_URL: the parameter {shown} is unknown; leave it out.")
