"""Fastwatch beside the smallest bot that does the same, in one run: `python -m benchmarks`."""
