"""One call for all concurrent callers with the same key."""

import asyncio
import gc

import pytest

from bot.concurrency.single_flight import SingleFlight


class Work:
    """Counts its calls and ends on a signal."""

    def __init__(self) -> None:
        self.calls = 0
        self.finish = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> str:
        self.calls += 1
        await self.finish.wait()
        if self.error:
            raise self.error
        return f"answer {self.calls}"


@pytest.fixture
def work() -> Work:
    return Work()


async def ask(flight: SingleFlight[str], work: Work, times: int) -> list[asyncio.Task[str]]:
    """Start a number of concurrent callers, and let them run as far as they can."""
    askers = [asyncio.create_task(flight.call("key", work)) for _ in range(times)]
    await settle()
    return askers


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_concurrent_callers_share_one_call(work: Work) -> None:
    askers = await ask(SingleFlight(), work, 100)
    work.finish.set()

    assert set(await asyncio.gather(*askers)) == {"answer 1"}
    assert work.calls == 1


async def test_other_keys_have_calls_of_their_own(work: Work) -> None:
    flight: SingleFlight[str] = SingleFlight()
    work.finish.set()

    await asyncio.gather(*(flight.call(key, work) for key in ("a", "b", "a")))

    assert work.calls == 2


async def test_nothing_is_cached_after_the_result(work: Work) -> None:
    flight: SingleFlight[str] = SingleFlight()
    work.finish.set()

    assert await flight.call("key", work) == "answer 1"
    await settle()
    assert await flight.call("key", work) == "answer 2"


async def test_concurrent_callers_share_one_error(work: Work) -> None:
    askers = await ask(SingleFlight(), work, 3)
    work.error = ValueError("broken")
    work.finish.set()

    assert await asyncio.gather(*askers, return_exceptions=True) == [work.error] * 3
    assert work.calls == 1


async def test_after_an_error_the_next_caller_tries_again(work: Work) -> None:
    flight: SingleFlight[str] = SingleFlight()
    work.error = ValueError("broken")
    work.finish.set()
    with pytest.raises(ValueError, match="broken"):
        await flight.call("key", work)
    await settle()
    work.error = None

    assert await flight.call("key", work) == "answer 2"


@pytest.mark.parametrize("who", [0, 1])
async def test_a_cancelled_caller_does_not_stop_it_for_the_rest(work: Work, who: int) -> None:
    askers = await ask(SingleFlight(), work, 3)
    gone = askers.pop(who)
    gone.cancel()
    await settle()
    work.finish.set()

    assert await asyncio.gather(*askers) == ["answer 1"] * 2
    assert gone.cancelled()


async def test_a_caller_after_a_cancelled_one_still_joins(work: Work) -> None:
    flight: SingleFlight[str] = SingleFlight()
    (gone,) = await ask(flight, work, 1)
    gone.cancel()
    await settle()
    (asker,) = await ask(flight, work, 1)
    work.finish.set()

    assert await asker == "answer 1"


async def test_an_unawaited_error_is_not_reported_as_lost(work: Work) -> None:
    lost: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context))
    askers = await ask(SingleFlight(), work, 2)
    for asker in askers:
        asker.cancel()
    await settle()
    await asyncio.gather(*askers, return_exceptions=True)
    work.error = ValueError("broken")
    work.finish.set()
    await settle()
    # No reference to the call may remain, or it is not reported as lost yet.
    del askers, asker
    work.error = None
    gc.collect()

    assert lost == []
