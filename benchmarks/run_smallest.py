"""Run the smallest bot against the Discord stand-in: `python -m benchmarks.run_smallest API_URL GATEWAY_URL`."""

import runpy
import sys

from tests.standins.run_against import point_at

if __name__ == "__main__":
    point_at(sys.argv[1], sys.argv[2])
    runpy.run_module("benchmarks.smallest_bot", run_name="__main__")
