"""The heartbeat: one call after each good check, which nothing waits for."""

import io
import logging
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
import structlog
from pydantic import SecretStr

from bot.network import DIRECT, Network, parse_proxy
from bot.observability.heartbeat import Heartbeat, send_heartbeats
from tests.monitor.world import World
from tests.standins.heartbeat_server import SECRET_PATH, HeartbeatServer
from tests.standins.imaginepro_server import Refuse
from tests.standins.proxy_server import ProxyServer, make_certificate


@pytest.fixture
async def service() -> AsyncIterator[HeartbeatServer]:
    async with HeartbeatServer() as server:
        yield server


async def test_a_beat_is_sent_after_each_good_check_and_after_no_other(world: World, service: HeartbeatServer) -> None:
    async with send_heartbeats(SecretStr(service.url), DIRECT) as beat:
        monitor = world.monitor(check_succeeded=beat)
        await monitor.round()
        await service.has_beats(1)
        world.imaginepro.outage = Refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        await monitor.round()
        world.imaginepro.outage = None
        await monitor.round()
        await service.has_beats(2)

    assert service.asked == 2


async def test_the_process_that_leaves_the_checks_to_another_sends_none(world: World, service: HeartbeatServer) -> None:
    beats = []
    await world.monitor().round()
    await world.monitor(check_succeeded=lambda: beats.append(1)).round()

    assert beats == []


async def test_a_service_that_does_not_answer_delays_nothing_and_gets_one_call_at_a_time(
    service: HeartbeatServer,
) -> None:
    service.answers.clear()
    async with send_heartbeats(SecretStr(service.url), DIRECT) as beat:
        beat()
        await service.has_asked(1)
        for _ in range(5):
            beat()
        assert (service.asked, service.beats) == (1, 0)

        service.answers.set()
        await service.has_beats(2)

    assert service.beats == 2


async def test_without_an_address_nothing_is_sent() -> None:
    async with send_heartbeats(SecretStr(""), DIRECT) as beat:
        beat()


async def test_failures_are_logged_once_with_their_end_and_without_the_address(service: HeartbeatServer) -> None:
    heartbeat = Heartbeat(SecretStr(service.url), DIRECT)
    with structlog.testing.capture_logs() as logs:
        async with aiohttp.ClientSession() as session:
            for status in (404, 500, 200, 200):
                service.status = status
                heartbeat._log(await heartbeat._send(session))

    assert [(one["event"], one["log_level"]) for one in logs] == [
        ("The heartbeat could not be sent. Checks go on.", "warning"),
        ("The heartbeat arrives again.", "info"),
    ]
    assert logs[0]["error"] == "HTTP 404"
    assert SECRET_PATH not in str(logs)


@pytest.mark.parametrize(
    "url",
    [f"http://127.0.0.1:1{SECRET_PATH}", f"http://no.invalid{SECRET_PATH}", f"https://[::1%25x]{SECRET_PATH}"],
)
async def test_an_address_that_cannot_be_reached_harms_nothing_and_is_not_logged(url: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    heartbeat = Heartbeat(SecretStr(url), DIRECT)
    try:
        with structlog.testing.capture_logs() as logs:
            async with aiohttp.ClientSession() as session:
                heartbeat._log(await heartbeat._send(session))
    finally:
        logging.getLogger().removeHandler(handler)

    assert logs[0]["event"] == "The heartbeat could not be sent. Checks go on."
    assert SECRET_PATH not in str(logs) + written.getvalue()


async def test_it_takes_the_way_of_the_proxy(tmp_path: Path, service: HeartbeatServer) -> None:
    certificate = make_certificate(tmp_path, "beats.invalid")
    inside = {"beats.invalid": service.url.removesuffix(SECRET_PATH)}
    async with ProxyServer(certificate, inside, credentials="me:made-up-password") as proxy:
        through = parse_proxy(proxy.url.replace("://", "://me:made-up-password@"))
        network = Network(through, ca_file=str(certificate))
        async with send_heartbeats(SecretStr(f"https://beats.invalid{SECRET_PATH}"), network) as beat:
            beat()
            await service.has_beats(1)

    assert set(proxy.requests) == {"CONNECT beats.invalid:443 HTTP/1.1"}
    assert SECRET_PATH.encode() not in proxy.seen
