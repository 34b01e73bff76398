"""How many examples a property is tried on: a third by default, so that the tests stay quick, and more on demand."""

import os

_SHARE = float(os.environ.get("FASTWATCH_EXAMPLES", "0.33"))
_LEAST = 10


def examples(number: int) -> int:
    """Take the usual share of so many; `FASTWATCH_EXAMPLES=1` tries them all, and 10 ten times as many."""
    return max(round(number * _SHARE), min(_LEAST, number))
