"""Lenient types for the fields of responses: what is not of the documented type is unknown, and never an error."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bot.parsing.text import strip_invisible

_LINE_LENGTH = 200
_REMARK_LENGTH = 1000
_MAX_ID = 2**63 - 1  # the largest BIGINT
_NULLS_AS_TEXT = frozenset({"null", "none", "undefined", "nan"})
"""What programs make of a missing value, if they put it into a text."""


def _text(value: object) -> str:
    # A bool is an int in Python. Its JSON parser, unlike JSON itself, also knows NaN and infinity.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    # Truncated first, so that a very long text costs no time; the margin is for what is stripped.
    return strip_invisible(str(value)[: 2 * _REMARK_LENGTH]).strip()


def one_line(value: object) -> str:
    """Return text as it is, cut at 200 characters, a number as text, and an empty text for anything else."""
    return _text(value)[:_LINE_LENGTH]


def _word(value: object) -> str:
    """Return a word as it is. A number or a null is no status, and to read it as one would alert for the fleet."""
    word = one_line(value) if isinstance(value, str) else ""
    return "" if word.lower() in _NULLS_AS_TEXT else word


def _remark(value: object) -> str:
    return _text(value)[:_REMARK_LENGTH]


def _id(value: object) -> int | None:
    """Return an id, which is a string in ImaginePro's schema and a number in its examples; None if it is neither."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(_MAX_ID)):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MAX_ID:
        return value
    return None


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: object) -> int | None:
    """Return a whole number, which may be written as `1600`, `1600.0` or `"1600"`; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(_MAX_ID)):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC) if time else None
    except (ValueError, OverflowError):
        return None


Line = Annotated[str, BeforeValidator(one_line)]
Word = Annotated[str, BeforeValidator(_word)]
Id = Annotated[int | None, BeforeValidator(_id)]
Count = Annotated[int | None, BeforeValidator(_count)]
Remark = Annotated[str, BeforeValidator(_remark)]
Switch = Annotated[bool | None, BeforeValidator(_switch)]
Time = Annotated[datetime | None, BeforeValidator(_time)]


class NoneIfInvalid:
    """Reads an invalid member of a list as None.

    A schema does this within the JSON parser. A validator would get each member as a Python object, secrets included.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a member (pydantic's protocol)."""
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")
