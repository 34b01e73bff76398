"""The drawing process: charts come in by its standard input, pictures go out by its standard output.

It ends when its input does, which is also when the bot has died, whatever it died of.
"""

import contextlib
import gc
import os
import struct
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import BinaryIO

from bot.charts.spec import Chart, decode

LENGTH = struct.Struct(">I")
"""What comes before each chart and each picture: how many bytes it has."""
_NICENESS = 5


def main() -> None:
    """Draw what is asked for, one chart after the other."""
    os.nice(_NICENESS)
    # Not closed before the process ends: an error is written first, and the bot kills what has stopped to answer.
    pictures = os.fdopen(os.dup(sys.stdout.fileno()), "wb", closefd=False)
    # What a library prints must not come between the pictures.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    draw = _load_drawing()
    gc.freeze()
    # The bot may be gone before its picture is.
    with contextlib.suppress(BrokenPipeError):
        while (text := _read(sys.stdin.buffer)) is not None:
            picture = draw(decode(text))
            pictures.write(LENGTH.pack(len(picture)) + picture)
            pictures.flush()
            # What makes up a figure refers to itself in circles, and megabytes of it would wait to be collected.
            gc.collect()


def _load_drawing() -> Callable[[Chart], bytes]:
    """Load matplotlib, with a folder of its own for the list of fonts that it writes: nothing is left at home."""
    with TemporaryDirectory() as folder:
        os.environ["MPLCONFIGDIR"] = folder
        from bot.charts.drawing import draw  # noqa: PLC0415 - what it loads looks for that folder

        return draw


def _read(stream: BinaryIO) -> bytes | None:
    """Read one chart; None at the end of the input."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    text = stream.read(length)
    return text if len(text) == length else None


if __name__ == "__main__":
    main()
