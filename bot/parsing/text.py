"""Text of unknown origin, without invisible characters."""

import re

_INVISIBLE = "\0"
_INVISIBLE_RUN = re.compile(rf"{_INVISIBLE}+")
# Many combining marks on one letter cover the lines above and below it ("Zalgo text"). No language needs more than two.
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(rf"(?<={_MARK}{{2}}){_MARK}+")


def strip_invisible(text: str) -> str:
    """Replace control and invisible format characters by a space, and limit stacked marks.

    Line breaks could forge lines of the log, and bidirectional or zero-width characters could disguise words.
    """
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = _INVISIBLE_RUN.sub(" ", "".join(char if char.isprintable() else _INVISIBLE for char in text))
    return _STACKED_MARKS.sub("", text)
