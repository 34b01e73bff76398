"""Run a module, and count its SQL statements in a file: `counting_statements.py FILE MODULE ARGUMENTS...`.

It is run by its path, from the folder of the version whose module it runs. The count is 8 bytes, little-endian.
"""

import mmap
import runpy
import sys
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, event

_BYTES = 8


def count_statements(file: Path) -> None:
    """Count the statements of all engines from now on."""
    file.write_bytes(bytes(_BYTES))
    with file.open("r+b") as opened:
        shared = mmap.mmap(opened.fileno(), _BYTES)
    numbers = count(1)

    @event.listens_for(Engine, "before_cursor_execute")
    def count_one(*_: object) -> None:
        shared[:] = next(numbers).to_bytes(_BYTES, "little")


if __name__ == "__main__":
    _, file, module, *arguments = sys.argv
    count_statements(Path(file))
    # In place of the folder of this file.
    sys.path[0] = str(Path.cwd())
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
