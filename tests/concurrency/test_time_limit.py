"""The time limit that does not wait for what it cancels."""

import asyncio

import pytest

from bot.concurrency.time_limit import within
from tests.patience import GENEROUS


async def test_work_in_time_gives_its_result_or_its_error() -> None:
    async def work() -> int:
        return 1 // divisor

    divisor = 1
    assert await within(GENEROUS, work()) == 1
    divisor = 0
    with pytest.raises(ZeroDivisionError):
        await within(GENEROUS, work())


@pytest.mark.parametrize("fails", [False, True])
async def test_work_that_takes_too_long_is_cancelled_and_not_waited_for(fails: bool) -> None:
    cancelled, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
            await may_end.wait()
            ended.set()
            if fails:
                raise ZeroDivisionError

    with pytest.raises(TimeoutError):
        await within(0.01, work())
    await cancelled.wait()
    assert not ended.is_set()
    may_end.set()
    await ended.wait()


async def test_a_cancelled_caller_cancels_the_work() -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    caller = asyncio.create_task(within(GENEROUS, work()))
    await started.wait()
    caller.cancel()
    await cancelled.wait()
