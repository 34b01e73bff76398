"""The command lines of PostgreSQL's own tools for a backup. They hold no password: the tools ask for it."""

import shlex
from pathlib import Path
from urllib.parse import quote, urlencode

from sqlalchemy import URL

# The parameters that say where the server is and how to encrypt, with libpq's names and no secret.
_KEPT = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslnegotiation", "target_session_attrs", "passfile")


def dump_line(url: URL, file: Path) -> str:
    """Return the line that backs up this database."""
    return shlex.join(["pg_dump", "--format=custom", f"--file={file}", f"--dbname={libpq_address(url)}"])


def restore_line(url: URL, file: Path) -> str:
    """Return the line that restores such a backup, as a whole or not at all."""
    options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    return shlex.join(["pg_restore", *options, f"--dbname={libpq_address(url)}", str(file)])


def libpq_address(url: URL) -> str:
    """Return the address of a PostgreSQL as libpq reads it, without the password."""
    hosts = url.query.get("host", ())
    is_folder = isinstance(hosts, str)
    parameters = [("host", hosts)] if isinstance(hosts, str) else []
    parameters += [(name, value) for name in _KEPT if isinstance(value := url.query.get(name), str)]
    user = f"{quote(url.username, safe='')}@" if url.username else ""
    host = "" if is_folder else ",".join(hosts) or _host(url)
    query = f"?{urlencode(parameters, safe='/')}" if parameters else ""
    return f"postgresql://{user}{host}/{quote(url.database or '', safe='')}{query}"


def _host(url: URL) -> str:
    host = url.host or ""
    # An address of IPv6.
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{url.port}" if url.port else host
