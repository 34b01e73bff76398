"""The simulation: the whole bot in one process, on virtual time, with faults that a seed chooses."""
