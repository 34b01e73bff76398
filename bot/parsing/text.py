"""Text of unknown origin, with nothing in it that cannot be seen."""

import re

_INVISIBLE = "\0"
_INVISIBLE_RUN = re.compile(rf"{_INVISIBLE}+")
# Marks heaped upon one letter cover the lines above and below it; no language needs more than two.
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(rf"(?<={_MARK}{{2}}){_MARK}+")


def strip_invisible(text: str) -> str:
    """Put a blank for control signs, and for marks unseen that turn or part text: they fake lines in logs and words."""
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = _INVISIBLE_RUN.sub(" ", "".join(sign if sign.isprintable() else _INVISIBLE for sign in text))
    return _STACKED_MARKS.sub("", text)
