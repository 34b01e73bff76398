"""How long tests wait for events that must happen: much longer than a slow, busy machine needs."""

GENEROUS = 180.0
"""Seconds. It only detects hangs; speed is measured in `benchmarks/`."""
