"""How requests leave this machine: through which proxy, and which certificates they trust."""

import ssl
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. The credentials are not in the URL, because error messages quote it."""

    url: str
    user: str
    password: SecretStr


@dataclass(frozen=True, slots=True)
class Network:
    """The proxy for all hosts but those of `no_proxy`, and the file of trusted certificates, if they are set."""

    proxy: Proxy | None = None
    no_proxy: str = ""
    """Domains with commas between them, each with its subdomains, or `*`."""
    ca_file: str = ""

    def proxy_for(self, host: str) -> Proxy | None:
        """Return the proxy for requests to this host. This machine is reached without one."""
        if _is_loopback(host) or any(_covers(entry, host.lower()) for entry in self.no_proxy.lower().split(",")):
            return None
        return self.proxy

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS context with the trusted certificates; None for aiohttp's own, which it makes at its import.

        Either is one for the whole process: a context takes 20 ms to make, and 1 MB. Raises OSError, of which SSLError
        is a subclass, if the file holds no certificates.
        """
        return _context_of(self.ca_file) if self.ca_file else None


@cache
def _context_of(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


DIRECT = Network()


def parse_proxy(text: str) -> Proxy:
    """Return the proxy of an address such as `http://user:password@proxy:3128`. Raises ValueError without quoting it.

    As in other programs, `http://` may be missing.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        raise ValueError(_WRITE) from None
    if parts.scheme.startswith("socks"):
        raise ValueError(f"SOCKS proxies are not supported; {_WRITE}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _is_bare(parts):
        raise ValueError(_WRITE)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    url = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    return Proxy(url, unquote(parts.username or ""), SecretStr(unquote(parts.password or "")))


_WRITE = "write the address of an HTTP proxy, such as http://proxy.example:3128"


def _is_bare(parts: SplitResult) -> bool:
    """Whether an address has only a host, a port and credentials, in printable ASCII."""
    is_printable = all("!" <= character <= "~" for character in parts.netloc)
    return is_printable and parts.path in {"", "/"} and not parts.query and not parts.fragment


def _covers(entry: str, host: str) -> bool:
    """Whether an entry such as `example.com`, `.example.com`, `*.example.com:443` or `*` is about this host."""
    domain = entry.strip().partition(":")[0]
    name = domain.removeprefix("*").removeprefix(".")
    return domain == "*" or (bool(name) and (host == name or host.endswith(f".{name}")))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
