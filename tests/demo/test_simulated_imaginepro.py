"""The simulated ImaginePro, used by the real client, and by plain HTTP where the client has no call."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from bot.demo.documented_api import MADE_UP_EMAIL, made_up_secret
from bot.demo.imaginepro import SimulatedImaginePro
from bot.demo.scenario import MESSAGE_WITHOUT_TOKEN, UNKNOWN_MESSAGE, Service, Simulation, message_of
from bot.demo.scenarios.alerts import ALERTS, SWITCHED_TOKEN
from bot.demo.scenarios.day import (
    DAY,
    HEALTHY_TOKEN,
    MESSAGE_OF_HEALTHY_TOKEN,
    RELAXED_TOKEN,
    TOKEN_IN_MINUTES,
    TOKEN_RUNNING_OUT,
    TOKEN_VERIFYING,
    VERIFICATION_REMARK,
)
from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.imaginepro.client import ImaginePro, open_imaginepro
from bot.imaginepro.errors import BadRequest, MessageNotFound, NoTokenYet, Unauthorized
from tests.clocks import SetClock

KEY = "made-up-key-of-the-demo"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def server(clock: SetClock) -> AsyncIterator[SimulatedImaginePro]:
    async with SimulatedImaginePro(clock, Simulation(DAY, clock.now()), key=KEY) as server:
        yield server


@pytest.fixture
async def imaginepro(server: SimulatedImaginePro, clock: SetClock) -> AsyncIterator[ImaginePro]:
    async with open_imaginepro(server.base_url, SecretStr(KEY), clock) as imaginepro:
        yield imaginepro


@pytest.fixture
async def http(server: SimulatedImaginePro) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=server.base_url, headers=headers, trust_env=False) as http:
        yield http


async def modes(imaginepro: ImaginePro) -> dict[int, Mode | None]:
    return {reading.token_id: reading.mode for reading in (await imaginepro.fleet()).readings}


async def test_the_client_reads_all_five_tokens_with_their_modes(imaginepro: ImaginePro) -> None:
    assert (await imaginepro.fleet()).complete
    assert await modes(imaginepro) == {
        HEALTHY_TOKEN: Mode.FAST,
        TOKEN_IN_MINUTES: Mode.FAST,
        RELAXED_TOKEN: Mode.RELAX,
        TOKEN_RUNNING_OUT: Mode.FAST,
        TOKEN_VERIFYING: Mode.FAST,
    }


async def test_the_client_reads_their_fast_times_in_the_units_of_their_plans(imaginepro: ImaginePro) -> None:
    def hours(left: float, total: float) -> FastTime:
        return FastTime(timedelta(hours=left), timedelta(hours=total), Unit.HOURS)

    readings = (await imaginepro.fleet()).readings

    assert {reading.token_id: reading.fast_time for reading in readings} == {
        HEALTHY_TOKEN: hours(12.4, 15),
        TOKEN_IN_MINUTES: FastTime(timedelta(minutes=199), timedelta(minutes=200), Unit.MINUTES),
        RELAXED_TOKEN: hours(0, 15),
        TOKEN_RUNNING_OUT: hours(0.05, 30),
        TOKEN_VERIFYING: hours(42, 60),
    }


async def test_the_fleet_changes_with_the_clock(imaginepro: ImaginePro, clock: SetClock) -> None:
    clock.advance(timedelta(minutes=5))
    assert (await modes(imaginepro))[TOKEN_RUNNING_OUT] is Mode.RELAX

    clock.advance(timedelta(minutes=14))
    assert (await modes(imaginepro))[TOKEN_RUNNING_OUT] is Mode.FAST
    assert (await modes(imaginepro))[TOKEN_VERIFYING] is Mode.VERIFYING


async def test_a_token_in_verification_has_a_notice(imaginepro: ImaginePro, clock: SetClock) -> None:
    clock.advance(timedelta(minutes=20))

    assert (await imaginepro.token(TOKEN_VERIFYING)).remark == VERIFICATION_REMARK


@pytest.mark.parametrize("token_id", [course.token_id for course in DAY.tokens])
async def test_a_trace_agrees_with_the_fleet(imaginepro: ImaginePro, token_id: int) -> None:
    traced = await imaginepro.trace(message_of(token_id))
    listed = await imaginepro.token(token_id)

    assert traced.token_id == token_id
    assert (traced.mode, traced.fast_time, traced.plan) == (listed.mode, listed.fast_time, listed.plan)


async def test_an_unknown_message_is_not_found(imaginepro: ImaginePro) -> None:
    with pytest.raises(MessageNotFound, match=r"HTTP 404 Message not found\."):
        await imaginepro.trace(UNKNOWN_MESSAGE)


async def test_a_message_may_have_no_token_yet(imaginepro: ImaginePro, http: httpx.AsyncClient) -> None:
    with pytest.raises(NoTokenYet):
        await imaginepro.trace(MESSAGE_WITHOUT_TOKEN)

    answer = await http.get(f"/api/v1/message/trace/{MESSAGE_WITHOUT_TOKEN}")
    assert answer.json() == {"messageId": str(MESSAGE_WITHOUT_TOKEN)}


async def test_a_wrong_key_is_refused_everywhere(server: SimulatedImaginePro, clock: SetClock) -> None:
    async with open_imaginepro(server.base_url, SecretStr("made-up-wrong-key"), clock) as stranger:
        for call in (
            stranger.fleet(),
            stranger.trace(MESSAGE_OF_HEALTHY_TOKEN),
            stranger.token(HEALTHY_TOKEN),
            stranger.account(),
        ):
            with pytest.raises(Unauthorized):
                await call


async def test_a_refusal_has_the_documented_body(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/discord/tokens", headers={"Authorization": ""})

    assert answer.status_code == 401
    assert answer.json() == {"message": "The API key is invalid.", "error": "Unauthorized", "statusCode": 401}


async def test_the_client_reads_the_account(imaginepro: ImaginePro, clock: SetClock) -> None:
    account = await imaginepro.account()

    assert account.type == "STARTER"
    assert (account.credits, account.credits_quota, account.credits_extra) == (1240, 1600, 1000)
    assert account.expires_at == clock.now() + timedelta(days=365)


async def test_responses_contain_secrets_that_the_client_drops(imaginepro: ImaginePro, http: httpx.AsyncClient) -> None:
    assert made_up_secret(HEALTHY_TOKEN) in (await http.get("/api/v1/discord/tokens")).text
    assert MADE_UP_EMAIL in (await http.get("/api/v1/subscription/account-info")).text

    assert "made-up-secret" not in repr(await imaginepro.fleet())
    assert MADE_UP_EMAIL not in repr(await imaginepro.account())


async def test_a_token_can_be_switched_off_and_on(imaginepro: ImaginePro, http: httpx.AsyncClient) -> None:
    path = f"/api/v1/discord/token/{HEALTHY_TOKEN}"

    [switched_off] = (await http.put(path, json={"isActive": False})).json()
    assert (switched_off["id"], switched_off["isActive"], switched_off["status"]) == (HEALTHY_TOKEN, False, "FAST")
    assert (await imaginepro.token(HEALTHY_TOKEN)).mode is Mode.OFF
    assert (await modes(imaginepro))[TOKEN_IN_MINUTES] is Mode.FAST

    [switched_on] = (await http.put(path, json={"isActive": True})).json()
    assert switched_on["isActive"] is True
    assert (await imaginepro.token(HEALTHY_TOKEN)).mode is Mode.FAST


@pytest.mark.parametrize("body", [b"", b"off", b"[]", b"{}", b'{"isActive": "false"}', b"\xff"])
async def test_an_invalid_switch_value_changes_nothing(
    imaginepro: ImaginePro, http: httpx.AsyncClient, body: bytes
) -> None:
    answer = await http.put(f"/api/v1/discord/token/{HEALTHY_TOKEN}", content=body)

    assert answer.status_code == 400
    assert (await imaginepro.token(HEALTHY_TOKEN)).mode is Mode.FAST


async def test_a_token_that_is_not_in_the_fleet_is_not_found(imaginepro: ImaginePro, http: httpx.AsyncClient) -> None:
    with pytest.raises(BadRequest, match=r"HTTP 404 Token not found\."):
        await imaginepro.token(999)
    assert (await http.put("/api/v1/discord/token/999", json={"isActive": True})).status_code == 404


@pytest.mark.parametrize("message_id", ["111", "not-an-id", f"{{{MESSAGE_OF_HEALTHY_TOKEN}}}", "0" * 32])
async def test_an_id_that_is_no_uuid_is_a_bad_request(http: httpx.AsyncClient, message_id: str) -> None:
    answer = await http.get(f"/api/v1/message/trace/{message_id}")

    assert answer.status_code == 400
    assert answer.json() == {"message": "messageId must be a UUID.", "error": "Bad Request", "statusCode": 400}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/api/v1/discord/token/abc"), ("DELETE", "/api/v1/discord/tokens")]
)
async def test_undocumented_paths_are_not_found(http: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await http.request(method, path)

    assert answer.status_code == 404
    assert answer.json() == {"message": f"Cannot {method} {path}", "error": "Not Found", "statusCode": 404}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/v1/message/trace/{MESSAGE_OF_HEALTHY_TOKEN}"),
        ("GET", "/api/v1/discord/tokens"),
        ("GET", f"/api/v1/discord/token/{HEALTHY_TOKEN}"),
        ("PUT", f"/api/v1/discord/token/{HEALTHY_TOKEN}"),
        ("GET", "/api/v1/subscription/account-info"),
    ],
)
async def test_during_a_scripted_outage_every_call_fails(clock: SetClock, method: str, path: str) -> None:
    service = (Service(timedelta(minutes=1), answers=False), Service(timedelta(minutes=1)))
    simulation = Simulation(replace(DAY, service=service), clock.now())
    async with SimulatedImaginePro(clock, simulation, key=KEY) as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=server.base_url, headers=headers, trust_env=False) as http:
            refused = await http.request(method, path, json={"isActive": False})
            clock.advance(timedelta(minutes=1))
            answered = await http.request(method, path, json={"isActive": True})

    assert (refused.status_code, answered.status_code) == (503, 200)
    assert refused.json() == {"message": "The service is down.", "error": "Service Unavailable", "statusCode": 503}


async def test_a_manual_switch_overrides_the_scenario(clock: SetClock) -> None:
    simulation = Simulation(ALERTS, clock.now())
    async with SimulatedImaginePro(clock, simulation, key=KEY) as server:
        clock.advance(timedelta(minutes=50))
        before = server.tokens[SWITCHED_TOKEN].is_active
        server.switch(SWITCHED_TOKEN, is_active=True)

        assert (before, server.tokens[SWITCHED_TOKEN].is_active) == (False, True)


async def test_requests_are_counted_by_route(imaginepro: ImaginePro, server: SimulatedImaginePro) -> None:
    await imaginepro.fleet()
    await imaginepro.token(HEALTHY_TOKEN)
    await imaginepro.token(RELAXED_TOKEN)
    await imaginepro.trace(MESSAGE_OF_HEALTHY_TOKEN)

    assert server.requests == {
        "GET /api/v1/discord/tokens": 1,
        "GET /api/v1/discord/token/{id}": 2,
        "GET /api/v1/message/trace/{messageId}": 1,
    }
