"""Proxies and certificates: which requests go through a proxy, and what a proxy can read."""

from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app.connections import open_connector, proxy_options
from bot.clock import Clock
from bot.imaginepro.client import open_imaginepro
from bot.imaginepro.errors import Unreachable
from bot.network import Network, parse_proxy
from tests.standins.imaginepro_server import DEFAULT_KEY, ImagineProServer, linked_token
from tests.standins.proxy_server import ProxyServer, make_certificate

# discord.py takes the credentials of a proxy in this way only; aiohttp 3.14 warns about it.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated", "ignore:The 'proxy_auth' parameter")

HOST = "imaginepro.invalid"
PROXY = parse_proxy("http://proxy.invalid:3128")
PASSWORD = "made-up:p@ss/word%"
QUOTED = "made-up%3Ap%40ss%2Fword%25"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("ca"), HOST, "discord.com", "127.0.0.1")


async def tokens_through(network: Network) -> list[int]:
    async with open_imaginepro(f"https://{HOST}", SecretStr(DEFAULT_KEY), Clock(), network=network) as client:
        return [reading.token_id for reading in (await client.fleet()).readings]


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
async def test_imaginepro_is_reached_through_a_proxy_that_sees_no_key(certificate: Path, tls: bool) -> None:
    async with ImagineProServer() as server:
        server.link(linked_token(111))
        hosts = {HOST: server.base_url}
        async with ProxyServer(certificate, hosts, credentials=f"me:{PASSWORD}", tls=tls) as proxy:
            address = proxy.url.replace("://", f"://me:{QUOTED}@")

            assert await tokens_through(Network(parse_proxy(address), ca_file=str(certificate))) == [111]

    assert proxy.requests == [f"CONNECT {HOST}:443 HTTP/1.1"]
    assert DEFAULT_KEY.encode() not in proxy.seen
    assert b"Bearer" not in proxy.seen


async def test_a_certificate_of_another_ca_is_refused(certificate: Path) -> None:
    async with ImagineProServer() as server, ProxyServer(certificate, {HOST: server.base_url}) as proxy:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            await tokens_through(Network(parse_proxy(proxy.url)))

    assert server.log == []


async def test_a_proxy_that_refuses_is_named_without_its_password(certificate: Path) -> None:
    async with ProxyServer(certificate, {}, credentials="me:right") as proxy:
        address = proxy.url.replace("://", "://me:made-up-wrong@")
        network = Network(parse_proxy(address), ca_file=str(certificate))
        with pytest.raises(Unreachable, match="407 Proxy Authentication Required") as caught:
            await tokens_through(network)
        async with aiohttp.ClientSession(connector=open_connector(network)) as session:
            with pytest.raises(aiohttp.ClientHttpProxyError) as of_discord:
                await session.get("https://discord.com/", **proxy_options(network))

    assert "made-up-wrong" not in f"{caught.value!r} {of_discord.value} {network!r}"


async def test_the_trusted_certificates_hold_without_a_proxy_too(certificate: Path) -> None:
    async with ImagineProServer() as server:
        server.link(linked_token(111))
        # The TLS front of a host is reached directly: no request is made to the proxy beside it.
        async with ProxyServer(certificate, {HOST: server.base_url}) as proxy:
            (port,) = proxy.ports.values()
            network = Network(parse_proxy(proxy.url), ca_file=str(certificate))
            url = f"https://127.0.0.1:{port}"
            async with open_imaginepro(url, SecretStr(DEFAULT_KEY), Clock(), network=network) as client:
                assert [reading.token_id for reading in (await client.fleet()).readings] == [111]
            async with (
                aiohttp.ClientSession(connector=open_connector(network)) as session,
                session.get(f"{url}/") as response,
            ):
                assert response.status == 401

    assert proxy.requests == []


@pytest.mark.parametrize(
    ("host", "no_proxy", "is_proxied"),
    [
        ("discord.com", "", True),
        ("discord.com", "discord.com", False),
        ("discord.com", " other.invalid , Discord.Com ", False),
        ("discord.com", ".discord.com", False),
        ("discord.com", "com", False),
        ("api.imaginepro.ai", "imaginepro.ai", False),
        ("api.imaginepro.ai", ".imaginepro.ai", False),
        ("api.imaginepro.ai", "*.imaginepro.ai", False),
        ("API.imaginepro.ai", "imaginepro.ai:443", False),
        ("api.imaginepro.ai", "pro.ai", True),
        ("api.imaginepro.ai", "api.imaginepro.ai.invalid", True),
        ("discord.com", "*", False),
        ("discord.com", "a, *", False),
        ("discord.com", ",, .", True),
        ("127.0.0.1", "", False),
        ("127.8.8.8", "", False),
        ("::1", "", False),
        ("localhost", "", False),
        ("localhost.invalid", "", True),
    ],
)
def test_no_proxy_names_the_hosts_that_are_reached_directly(host: str, no_proxy: str, is_proxied: bool) -> None:
    assert Network(PROXY, no_proxy).proxy_for(host) == (PROXY if is_proxied else None)


def test_without_a_proxy_every_host_is_reached_directly() -> None:
    assert Network().proxy_for("discord.com") is None
    assert proxy_options(Network()) == {}
    assert proxy_options(Network(PROXY, "discord.com")) == {}


@pytest.mark.parametrize(
    ("text", "url", "credentials"),
    [
        ("http://proxy.invalid:3128", "http://proxy.invalid:3128", ("", "")),
        ("http://proxy.invalid:3128/", "http://proxy.invalid:3128", ("", "")),
        ("proxy.invalid:3128", "http://proxy.invalid:3128", ("", "")),
        ("HTTPS://Proxy.invalid", "https://proxy.invalid", ("", "")),
        (f"http://me:{QUOTED}@10.0.0.1:80", "http://10.0.0.1:80", ("me", PASSWORD)),
        ("me@proxy.invalid", "http://proxy.invalid", ("me", "")),
        ("http://[fd00::1]:3128", "http://[fd00::1]:3128", ("", "")),
    ],
)
def test_an_address_of_a_proxy_is_read(text: str, url: str, credentials: tuple[str, str]) -> None:
    proxy = parse_proxy(text)

    assert (proxy.url, proxy.user, proxy.password.get_secret_value()) == (url, *credentials)


@pytest.mark.parametrize(
    "text",
    [
        *("http://", "http://host:port", "http://host:99999", "http://[::1", "ftp://host", "http://host/path"),
        *("http://host?a", "http://host#a", "http://ho st", "://host", "http://me:p\u00e4ss@host"),
    ],
)
def test_another_address_is_refused_unquoted(text: str) -> None:
    with pytest.raises(ValueError, match="write the address of an HTTP proxy") as caught:
        parse_proxy(text)

    assert text == "http://" or text not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_socks_proxy_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="SOCKS proxies are not supported"):
        parse_proxy("socks5://proxy.invalid:1080")
