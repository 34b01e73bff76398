"""Long computations run in a thread, short ones at once."""

import asyncio
import threading

from bot.concurrency.offload import let_others_run, offload


async def test_a_few_items_are_handled_at_once() -> None:
    assert await offload(1, threading.get_ident) == threading.get_ident()


async def test_many_items_are_handled_in_another_thread() -> None:
    assert await offload(10_000, threading.get_ident) != threading.get_ident()


async def test_other_tasks_run_meanwhile() -> None:
    release = threading.Event()

    async def let_it_end() -> None:
        release.set()

    waiting = asyncio.create_task(offload(10_000, release.wait))
    await let_others_run()
    await let_it_end()

    assert await waiting


async def test_others_run_once() -> None:
    ran = []

    async def other() -> None:
        ran.append(1)

    task = asyncio.create_task(other())
    await let_others_run()

    assert ran == [1]
    await task
