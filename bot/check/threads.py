"""Threads that the program does not wait for at its end."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import ParamSpec, TypeVar

Value = TypeVar("Value")
Arguments = ParamSpec("Arguments")


class AbandonedThreads(ThreadPoolExecutor):
    """A thread for each piece of work. Python would wait at its end for a name server that never answers.

    It is a ThreadPoolExecutor because the event loop takes nothing else.
    """

    def submit(
        self, work: Callable[Arguments, Value], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Value]:
        """Begin the work at once."""
        future: Future[Value] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                value = work(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - it is raised where the future is awaited
                future.set_exception(error)
            else:
                future.set_result(value)

        Thread(target=run, daemon=True).start()
        return future
