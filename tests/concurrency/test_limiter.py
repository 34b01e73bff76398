"""The limiter: as many in flight as the limit allows, and a share for each partition."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

from bot.concurrency.aimd_limit import AimdLimit, Bounds
from bot.concurrency.limiter import Limiter
from tests.clocks import SetClock


class Bench:
    """Starts requests that stay in flight until they are ended."""

    def __init__(self, initial: int, minimum: int = 1, maximum: int = 100) -> None:
        self.clock = SetClock()
        self.shown: list[float] = []
        self.limiter = Limiter(AimdLimit(Bounds(initial, minimum, maximum)), self.clock.monotonic, self.shown.append)
        self.in_flight: list[str] = []
        self._ends: dict[asyncio.Task[None], asyncio.Future[None]] = {}

    async def start(self, partition: str, number: int) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self._request(partition)) for _ in range(number)]
        await settle()
        return tasks

    async def _request(self, partition: str) -> None:
        async with self.limiter.acquire(partition) as listener:
            self.in_flight.append(partition)
            task = asyncio.current_task()
            assert task
            end = self._ends[task] = asyncio.get_running_loop().create_future()
            try:
                await end
                listener.on_success("any")
            finally:
                self.in_flight.remove(partition)

    async def end(self, *tasks: asyncio.Task[None]) -> None:
        for task in tasks:
            self._ends[task].set_result(None)
        await settle()

    async def cancel_all(self) -> None:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_burst_of_one_partition_leaves_room_for_the_other() -> None:
    for first, second in (("commands", "checks"), ("checks", "commands")):
        bench = Bench(16)
        await bench.start(first, 100)
        assert bench.in_flight == [first] * 12
        await bench.start(second, 100)
        assert bench.in_flight == [first] * 12 + [second] * 4
        await bench.cancel_all()


async def test_a_slot_goes_to_the_partition_with_fewer_in_flight() -> None:
    bench = Bench(8, maximum=8)
    running = await bench.start("commands", 20)
    await bench.start("checks", 20)
    await bench.end(*running[:4])

    assert bench.in_flight.count("commands") == bench.in_flight.count("checks") == 4
    await bench.cancel_all()


async def test_a_partition_is_served_in_order() -> None:
    bench = Bench(1, maximum=1)
    order: list[int] = []

    async def request(number: int) -> None:
        async with bench.limiter.acquire("any"):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(request, range(10)))

    assert order == list(range(10))


async def test_a_cancelled_caller_gives_back_what_it_got() -> None:
    bench = Bench(1, maximum=1)
    (first,) = await bench.start("any", 1)
    waiting, last = await bench.start("any", 2)
    # Admitted and cancelled in the same moment.
    bench._ends[first].set_result(None)
    first.add_done_callback(lambda _: waiting.cancel())
    await settle()

    assert waiting.cancelled()
    assert bench.in_flight == ["any"]
    await bench.end(last)
    assert bench.in_flight == []


async def test_the_limit_follows_the_responses_and_is_shown() -> None:
    bench = Bench(4, maximum=6)
    for number in (3, 3, 4, 4):
        await bench.end(*await bench.start("any", number))
    assert bench.shown[0] == 4
    assert bench.shown[-1] == 6

    await refuse_one(bench)
    assert bench.shown[-1] == 3
    assert bench.in_flight == []


async def refuse_one(bench: Bench) -> None:
    bench.clock.advance(timedelta(seconds=1))
    async with bench.limiter.acquire("any") as listener:
        listener.on_dropped("any")


async def test_what_ends_without_a_word_changes_nothing() -> None:
    bench = Bench(4)
    async with AsyncExitStack() as slots:
        for _ in range(3):
            await slots.enter_async_context(bench.limiter.acquire("any"))

    assert set(bench.shown) == {4}
