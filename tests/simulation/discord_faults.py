"""The faults of the simulated Discord."""

from __future__ import annotations

from random import Random

from tests.standins.discord_faults import Fault, Faults
from tests.standins.discord_requests import Request


class SimulatedFaults(Faults):
    """The faults of Discord at the moment, each with the share of requests that it affects."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.shares: dict[int, float] = {}
        self._random = random

    def remove(self, faults: list[Fault]) -> None:
        """End these faults."""
        self._faults = [fault for fault in self._faults if not any(fault is one for one in faults)]

    def take(self, request: Request) -> Fault | None:
        """Return the first fault that affects this request."""
        for fault in self._faults:
            if self._random.random() < self.shares.get(id(fault), 1) and fault.takes(request):
                return fault
        return None
