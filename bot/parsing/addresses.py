"""Parses addresses to listen on, such as `127.0.0.1:9464`."""

import re
from dataclasses import dataclass

# A name has labels of up to 63 characters; Python raises UnicodeError when it looks up any other.
_HOST = r"(?:[\w-]{1,63}(?:\.[\w-]{1,63})*\.?)?"
_ADDRESS = re.compile(rf"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>{_HOST})):(?P<port>[0-9]{{1,5}})", re.ASCII)
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port. The host is a name or an IP address; empty means all addresses of this machine."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Return the address in a text such as `127.0.0.1:9464`, `[::1]:9464` or `:9464`. Raises ValueError."""
    found = _ADDRESS.fullmatch(text.strip())
    port = int(found["port"]) if found else 0
    if found is None or not 0 < port <= _MAX_PORT:
        raise ValueError("write a host and a port, such as 127.0.0.1:9464")
    return Address(found["v6"] or found["host"] or "", port)
