"""A queue of things that are due at some time, each once."""

import heapq
import math
from collections.abc import Hashable
from itertools import count
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class DueQueue(Generic[Key]):
    """A heap of keys by the time at which they are due. Of those that are due at the same time, the first comes first.

    What was put again or removed stays in the heap until its former time comes, and is ignored then.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Key]] = []
        self._valid: dict[Key, int] = {}
        self._numbers = count()

    def put(self, key: Key, due_at: float) -> None:
        """Make a key due at this time, and not when it was due before."""
        self._valid[key] = number = next(self._numbers)
        heapq.heappush(self._heap, (due_at, number, key))

    def remove(self, key: Key) -> None:
        """Remove a key, if it is there."""
        self._valid.pop(key, None)

    def pop(self, now: float) -> Key | None:
        """Remove and return the key that has been due for longest; None if none is due."""
        if self.next_at > now:
            return None
        key = heapq.heappop(self._heap)[2]
        del self._valid[key]
        return key

    @property
    def next_at(self) -> float:
        """When the next key is due; infinity if there is none."""
        while self._heap and self._valid.get(self._heap[0][2]) != self._heap[0][1]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else math.inf
