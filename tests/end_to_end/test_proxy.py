"""The bot behind an HTTP proxy that opens TLS with a CA of its own, as in many companies."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from bot.check.facts import Login
from bot.check.probe_discord import Discord
from bot.clock import Clock
from bot.network import Network, parse_proxy
from tests.end_to_end.bot_process import inherited_environment
from tests.end_to_end.fork_server import Start
from tests.end_to_end.forks import start_interpreter
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import ImagineProServer, linked_token
from tests.standins.proxy_server import ProxyServer, make_certificate

IMAGINEPRO, DISCORD, GATEWAY = "imaginepro.invalid", "discord.com", "gateway.discord.gg"
PASSWORD = "made-up-proxy-password"


class PublicDiscord(DiscordServer):
    """A Discord whose gateway has the real name."""

    @property
    def gateway_url(self) -> str:
        """The address in answers of the API."""
        return f"wss://{GATEWAY}/gateway"


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
async def test_everything_goes_through_the_proxy_which_reads_no_secret(tmp_path: Path, variable: str) -> None:
    certificate = make_certificate(tmp_path, IMAGINEPRO, DISCORD, GATEWAY)
    async with PublicDiscord(token="made-up.discord.token") as discord, ImagineProServer() as imaginepro:
        imaginepro.link(linked_token(111))
        imaginepro.messages[message := uuid4()] = 111
        home = discord.add_guild()
        talk = discord.add_channel(home, "talk")
        hosts = {IMAGINEPRO: imaginepro.base_url, DISCORD: discord.api_url, GATEWAY: discord.api_url}
        async with ProxyServer(certificate, hosts, credentials=f"me:{PASSWORD}") as proxy:
            settings = {
                "DISCORD_TOKEN": discord.token,
                "IMAGINEPRO_API_KEY": imaginepro.key,
                "IMAGINEPRO_BASE_URL": f"https://{IMAGINEPRO}/api/v1",
                "HOME_SERVERS": str(home),
                "LOG_LEVEL": "debug",
                "SSL_CERT_FILE": str(certificate),
                variable: proxy.url.replace("://", f"://me:{PASSWORD}@"),
            }
            start = Start("bot", ["run"], str(tmp_path), inherited_environment() | settings)
            process = await start_interpreter(start)
            log = asyncio.gather(*(stream.read() for stream in (process.stdout, process.stderr) if stream))
            try:
                await discord.wait_for(lambda: any(link.session_id for link in discord.connections))
                await imaginepro.wait_for(lambda: imaginepro.log, 60)
                typed = await discord.command("trace", {"message_id": str(message)}, channel_id=talk)
                answer = await typed.answered()
            finally:
                process.send_signal(signal.SIGTERM)
                written = b"".join(await log)
                await process.wait()

    assert "111" in answer.embeds[0]["title"], written
    assert {line.split()[0] for line in proxy.requests} == {"CONNECT"}
    assert {line.split()[1] for line in proxy.requests} == {f"{host}:443" for host in hosts}
    secrets = [discord.token.encode(), imaginepro.key.encode(), typed.token.encode()]
    assert [secret for secret in secrets if secret in proxy.seen or secret in written] == []
    assert PASSWORD.encode() not in written
    assert f"proxy={proxy.url}".encode() in written
    assert b"Traceback" not in written


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated", "ignore:The 'proxy_auth' parameter")
async def test_the_check_goes_through_the_proxy_too(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, DISCORD)
    async with (
        DiscordServer(token="made-up.discord.token") as discord,
        ProxyServer(certificate, {DISCORD: discord.api_url}, credentials=f"me:{PASSWORD}") as proxy,
    ):
        address = proxy.url.replace("://", f"://me:{PASSWORD}@")
        network = Network(parse_proxy(address), ca_file=str(certificate))
        async with Discord(Clock(), 60, network).opened() as client:
            assert isinstance(await client.log_in(SecretStr(discord.token)), Login)

    assert set(proxy.requests) == {f"CONNECT {DISCORD}:443 HTTP/1.1"}
