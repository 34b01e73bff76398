"""The drawing process: charts come in on standard input, and PNGs go out on standard output.

It ends when its input ends. That happens also when the bot has died, for whatever reason.
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
"""The header of each chart and each image: its number of bytes."""
# Below the bot, which must not be late because of a chart.
_NICENESS = 5


def main() -> None:
    """Draw the requested charts, one after the other."""
    os.nice(_NICENESS)
    # Stays open until the process ends: after an error, the traceback is written before the bot sees the end of the
    # pipe.
    images = os.fdopen(os.dup(sys.stdout.fileno()), "wb", closefd=False)
    # Output of a library must not get between the images.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    draw = _load_drawing()
    # The imported modules stay, so the collector need not look at them after each chart.
    gc.freeze()
    # The bot may have died before the image is written.
    with contextlib.suppress(BrokenPipeError):
        while (text := _read(sys.stdin.buffer)) is not None:
            image = draw(decode(text))
            images.write(LENGTH.pack(len(image)) + image)
            images.flush()
            # A figure has reference cycles, so megabytes would stay until the next automatic collection.
            gc.collect()


def _load_drawing() -> Callable[[Chart], bytes]:
    """Import matplotlib, with a temporary folder for the font list that it writes, so that it leaves no files."""
    with TemporaryDirectory() as folder:
        os.environ["MPLCONFIGDIR"] = folder
        from bot.charts.drawing import draw  # noqa: PLC0415 - matplotlib reads MPLCONFIGDIR when it is imported

        return draw


def _read(stream: BinaryIO) -> bytes | None:
    """Return one encoded chart; None at the end of the input."""
    header = stream.read(LENGTH.size)
    if len(header) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(header)
    text = stream.read(length)
    return text if len(text) == length else None


if __name__ == "__main__":
    main()
