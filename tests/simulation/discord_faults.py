"""The faults of the simulated Discord."""

from __future__ import annotations

from tests.standins.discord_faults import Fault, Faults


class SimulatedFaults(Faults):
    """Faults that also end by themselves."""

    def remove(self, faults: list[Fault]) -> None:
        """End these faults."""
        self._faults = [fault for fault in self._faults if not any(fault is one for one in faults)]
