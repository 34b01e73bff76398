"""DATABASE_URL as providers print it: translated for asyncpg, and refused without quoting any secret."""

import ssl
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.storage.database import DatabaseUnusable, open_database
from bot.storage.database_url import asyncpg_target, parse_url

PASSWORD = "made-up-password"
ADDRESS = f"user:{PASSWORD}@host.example"


def target(url: str) -> tuple[str, dict[str, Any]]:
    """Return where the URL leads, without the password, and what asyncpg is given besides."""
    where, arguments = asyncpg_target(parse_url(url))
    return where.render_as_string(), arguments


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_schemes_lead_to_asyncpg(scheme: str) -> None:
    where, _ = target(f"{scheme}://{ADDRESS}:6432/data")
    assert where == "postgresql+asyncpg://user:***@host.example:6432/data"


# As the providers' pages print them.
PRINTED = {
    "Neon": (f"postgresql://{ADDRESS}/neondb?sslmode=require&channel_binding=require", "sslmode=require"),
    "Supabase, for Prisma": (f"postgresql://{ADDRESS}:6543/postgres?pgbouncer=true&connection_limit=1", None),
    "Heroku": (f"postgres://{ADDRESS}:5432/d3adbeef", None),
    "DigitalOcean": (f"postgresql://{ADDRESS}:25060/defaultdb?sslmode=require", "sslmode=require"),
    "Aiven": (f"postgres://{ADDRESS}:12345/defaultdb?sslmode=require", "sslmode=require"),
    "CockroachDB and others": (
        f"postgresql://{ADDRESS}:26257/defaultdb?sslmode=verify-full&sslrootcert=/etc/ca.crt&target_session_attrs=read-write",
        "sslmode=verify-full&sslrootcert=%2Fetc%2Fca.crt&target_session_attrs=read-write",
    ),
    "for other drivers": (f"postgresql://{ADDRESS}/data?ssl=true", "sslmode=require"),
    "libpq's keepalive": (f"postgresql://{ADDRESS}/data?keepalives=1&keepalives_idle=30&gssencmode=disable", None),
}


@pytest.mark.parametrize("provider", PRINTED)
def test_what_providers_print_is_understood(provider: str) -> None:
    url, kept = PRINTED[provider]
    where, arguments = target(url)

    assert "?" not in where
    assert arguments["dsn"] == (f"postgresql://?{kept}" if kept else None)
    assert arguments["timeout"] == 5


def test_session_settings_and_the_time_out_are_translated() -> None:
    _, arguments = target(
        f"postgresql://{ADDRESS}/data?application_name=fastwatch&connect_timeout=12&options=-c%20geqo%3Doff&schema=mine"
    )
    assert arguments["server_settings"] == {
        "application_name": "fastwatch",
        "options": "-c geqo=off",
        "search_path": "mine",
    }
    assert arguments["timeout"] == 12


@pytest.mark.parametrize("seconds", ["0", ""])
def test_no_time_out_means_the_usual_one(seconds: str) -> None:
    _, arguments = target(f"postgresql://{ADDRESS}/data?connect_timeout={seconds}")
    assert arguments["timeout"] == 5


def test_the_systems_certificates_verify_the_server() -> None:
    _, arguments = target(f"postgresql://{ADDRESS}/data?sslmode=verify-full&sslrootcert=system")

    assert arguments["dsn"] is None
    assert arguments["ssl"].verify_mode is ssl.CERT_REQUIRED
    assert arguments["ssl"].check_hostname


def test_several_hosts_are_tried_in_turn() -> None:
    where, arguments = target(
        f"postgresql://user:{PASSWORD}@one.example,two.example:5433/data?target_session_attrs=read-write"
    )
    assert where == "postgresql+asyncpg://user:***@/data?host=one.example%3A5432&host=two.example%3A5433"
    assert arguments["dsn"] == "postgresql://?target_session_attrs=read-write"


REFUSED = {
    "an unknown parameter": (f"postgresql://{ADDRESS}/data?loudness={PASSWORD}", "“loudness” is unknown"),
    "a time-out that is none": (f"postgresql://{ADDRESS}/data?connect_timeout={PASSWORD}", "connect_timeout"),
    "a question mark in the password": (f"postgresql://user:p@a?{PASSWORD}=x@host/data", "write the signs"),
    "an at sign in the password": (f"postgresql://user:a@b:{PASSWORD}@host/data", "cannot be read"),
}


@pytest.mark.parametrize("sort", REFUSED)
def test_what_is_refused_quotes_no_secret(sort: str) -> None:
    url, words = REFUSED[sort]
    with pytest.raises(DatabaseUnusable, match=words) as caught:
        target(url)

    assert "DATABASE_URL" in str(caught.value)
    assert PASSWORD not in str(caught.value)


async def test_a_real_server_accepts_what_is_translated(postgres_url: str) -> None:
    url = (
        f"{postgres_url}&sslmode=prefer&channel_binding=prefer&application_name=made-up&connect_timeout=10"
        "&options=-c%20geqo%3Doff&target_session_attrs=read-write&pgbouncer=true&connection_limit=1"
    ).replace("postgresql://", "postgres://")
    async with open_database(SecretStr(url)) as database, database.reading() as connection:
        assert await connection.scalar(text("SELECT current_setting('application_name')")) == "made-up"
        assert await connection.scalar(text("SELECT current_setting('geqo')")) == "off"


async def test_two_hosts_of_which_one_is_down(postgres_url: str) -> None:
    """The first host does not exist; asyncpg tries the next one."""
    folder = parse_url(postgres_url).query["host"]
    url = parse_url(postgres_url).set(query={"host": ("/nowhere:5432", f"{folder}:5432")})
    address = SecretStr(url.render_as_string(hide_password=False))
    async with open_database(address) as database, database.transaction():
        pass
