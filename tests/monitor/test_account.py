"""The account's quota: fetched about once an hour, independently of the rounds, whatever the result."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

import pytest
import structlog
from sqlalchemy import text

from bot.domain.account import AccountQuota
from bot.imaginepro.responses import parse_account
from bot.monitor.account import AccountPoller, parse_quota
from bot.storage.accounts import get_quota
from tests.cases import first_quick
from tests.clocks import NOON
from tests.databases import sqlite_away
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import LOGIN_PAGE, MALFORMED, Drop, Fault, Hold, Refuse, Say

ACCOUNT, FLEET = "/api/v1/subscription/account-info", "/api/v1/discord/tokens"
HOUR = timedelta(hours=1)


@pytest.fixture
def poller(world: World) -> AccountPoller:
    return new_poller(world)


def new_poller(world: World) -> AccountPoller:
    return AccountPoller(world.account_id, world.client, world.database, world.clock)


async def saved(world: World) -> AccountQuota | None:
    async with world.database.reading() as connection:
        return await get_quota(connection, world.account_id)


async def test_the_quota_is_saved_with_its_time_and_without_the_address(world: World, poller: AccountPoller) -> None:
    assert await saved(world) is None
    await poller.poll()

    figures = await saved(world)
    assert figures == AccountQuota(NOON, "STARTER", 1240, 1600, 1000, world.imaginepro.expires_at)
    assert "@" not in str(figures)


async def test_it_is_fetched_once_an_hour(world: World, poller: AccountPoller) -> None:
    asked_at = []
    for minutes in range(150):
        await poller.poll()
        asked_at += [minutes] * len(world.asked())
        world.clock.advance(MINUTE)

    assert asked_at == [0, 60, 120]


async def test_another_process_fetches_only_when_the_hour_is_over(world: World, poller: AccountPoller) -> None:
    await poller.poll()
    world.clock.advance(59 * MINUTE)
    other = new_poller(world)
    world.asked()
    await other.poll()
    assert world.asked() == []

    world.clock.advance(MINUTE)
    await other.poll()
    assert world.asked() == [ACCOUNT]


async def test_a_quota_from_the_future_is_fetched_again(world: World, poller: AccountPoller) -> None:
    await poller.poll()
    world.clock.jump(timedelta(days=-1))
    await new_poller(world).poll()
    world.asked()
    await poller.poll()
    assert world.asked() == []

    world.clock.jump(timedelta(days=-1))
    world.clock.advance(HOUR)
    await poller.poll()
    figures = await saved(world)
    assert figures is not None
    assert figures.asked_at == NOON - timedelta(days=2) + HOUR


@pytest.mark.parametrize(
    "fault",
    first_quick(
        [
            Refuse(HTTPStatus.UNAUTHORIZED),
            Refuse(HTTPStatus.PAYMENT_REQUIRED),
            Refuse(HTTPStatus.NOT_FOUND),
            Refuse(HTTPStatus.INTERNAL_SERVER_ERROR),
            Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "7"}),
            Drop(),
            LOGIN_PAGE,
            MALFORMED,
            Say(b"[]"),
            Say(b"null"),
            Say(b"{}"),
            Say(b'{"message": "Not found.", "statusCode": 404}'),
            Say(b'{"type": "STARTER", "credits": null, "expiredAt": "soon"}'),
        ],
        3,
    ),
    ids=str,
)
async def test_an_error_is_logged_once_changes_nothing_and_is_retried_an_hour_later(
    world: World, poller: AccountPoller, fault: Fault
) -> None:
    await poller.poll()
    before = await saved(world)
    world.imaginepro.outage = fault
    world.asked()
    with structlog.testing.capture_logs() as logs:
        for _ in range(6):
            world.clock.advance(HOUR / 2)
            await poller.poll()
    assert world.asked() == [ACCOUNT] * 3
    assert [log["event"] for log in logs] == ["The account's credits could not be fetched."]
    assert await saved(world) == before

    world.imaginepro.outage = None
    world.clock.advance(HOUR)
    with structlog.testing.capture_logs() as logs:
        await poller.poll()
    assert (await saved(world)) != before
    assert [log["event"] for log in logs] == ["The account's credits can be fetched again."]


async def test_an_empty_response_removes_nothing(world: World, poller: AccountPoller) -> None:
    await poller.poll()
    before = await saved(world)
    world.imaginepro.outage = Say(b'{"type": "STARTER", "credits": null, "expiredAt": "soon"}')
    world.clock.advance(HOUR)
    await poller.poll()

    assert await saved(world) == before


async def test_a_database_failure_is_survived(world: World, poller: AccountPoller) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE accounts RENAME TO elsewhere"))
    with structlog.testing.capture_logs() as logs:
        await poller.poll()

    assert [(log["log_level"], log["exc_info"]) for log in logs] == [("error", True)]


async def test_it_is_fetched_as_soon_as_the_database_is_back(
    world: World, poller: AccountPoller, sqlite_url: str
) -> None:
    with sqlite_away(sqlite_url):
        await poller.poll()
    assert world.asked() == []

    await poller.poll()
    assert await saved(world) is not None


@pytest.mark.parametrize(
    ("said", "accepted"), [("1e400", None), ("9" * 4000, None), ("1000000000001", None), ("1000000000000", 10**12)]
)
def test_implausible_numbers_are_ignored(said: str, accepted: int | None) -> None:
    figures = parse_quota(parse_account(f'{{"credits": {said}, "creditsQuota": {said}}}'.encode()), NOON)

    assert (figures.credits, figures.credits_quota) == (accepted, accepted)


# --- Independent of the rounds


async def test_a_round_alone_does_not_fetch_it(world: World) -> None:
    await world.monitor().round()

    assert world.asked() == [FLEET]


async def test_it_is_fetched_after_a_successful_round_without_delaying_the_next(world: World) -> None:
    held = asyncio.Event()
    world.imaginepro.queue(Hold(held), path=ACCOUNT)
    running = asyncio.create_task(world.scheduler().run())
    await world.imaginepro.wait_for(lambda: [one.path for one in world.imaginepro.log].count(FLEET) > 2)
    assert [one.path for one in world.imaginepro.log].count(ACCOUNT) == 1
    held.set()
    figures = None
    while figures is None:
        await asyncio.sleep(0)
        figures = await saved(world)
    running.cancel()
    await asyncio.wait({running})

    assert figures.credits == 1240


async def test_it_is_not_fetched_while_rounds_fail(world: World) -> None:
    world.imaginepro.queue(*[Drop()] * 100, path=FLEET)
    running = asyncio.create_task(world.scheduler().run())
    await world.imaginepro.wait_for(lambda: len(world.imaginepro.log) > 4)
    running.cancel()
    await asyncio.wait({running})

    assert {one.path for one in world.imaginepro.log} == {FLEET}


async def test_a_process_without_the_lease_fetches_nothing(world: World) -> None:
    await world.monitor().round()
    world.asked()
    running = asyncio.create_task(world.scheduler().run())
    slept = 0
    while slept < 2:
        await asyncio.sleep(0)
        slept = len(world.clock.slept)
    running.cancel()
    await asyncio.wait({running})

    assert world.asked() == []
