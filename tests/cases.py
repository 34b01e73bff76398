"""Which cases of a parametrised test are quick."""

from collections.abc import Iterable, Sequence

import pytest


def first_quick(cases: Iterable[object], quick: int = 1) -> Sequence[object]:
    """Return the cases for `parametrize`: `make test` runs the first ones, `make check` all.

    For tests that drive a bot or a database, whose further cases take the same path.
    """
    return [case if number < quick else pytest.param(case, marks=pytest.mark.slow) for number, case in enumerate(cases)]
