"""How long tests wait for events that must happen: much longer than a slow, busy machine needs."""

GENEROUS = 180.0
"""Seconds. What hangs is found by it; how quick something is, is measured in `benchmarks/`."""
