"""The queue of what is due when, against a dictionary that does the same slowly."""

import math

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.monitor.due_queue import DueQueue

keys = st.integers(0, 5)
times = st.integers(0, 8)


class Queue(RuleBasedStateMachine):
    """Puts, removes and pops keys."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = DueQueue[int]()
        self.due: dict[int, tuple[int, int]] = {}
        self.number = 0

    @rule(key=keys, at=times)
    def put(self, key: int, at: int) -> None:
        self.number += 1
        self.queue.put(key, at)
        self.due[key] = (at, self.number)

    @rule(key=keys)
    def remove(self, key: int) -> None:
        self.queue.remove(key)
        self.due.pop(key, None)

    @rule(now=times)
    def pop(self, now: int) -> None:
        expected = min((key for key in self.due if self.due[key][0] <= now), key=self.due.__getitem__, default=None)
        assert self.queue.pop(now) == expected
        if expected is not None:
            del self.due[expected]

    @invariant()
    def knows_what_is_next(self) -> None:
        assert self.queue.next_at == min((at for at, _ in self.due.values()), default=math.inf)


TestQueue = Queue.TestCase
