"""What a member did to a value that a token may have or not, such as its name: what the answer depends on."""

from enum import StrEnum


class ValueChange(StrEnum):
    """The change from one value to another, where None is no value."""

    SET = "set"
    REPLACED = "replaced"
    REMOVED = "removed"
    UNCHANGED = "unchanged"
    STILL_NONE = "still none"


def value_change(before: object, after: object) -> ValueChange:
    """Return which change leads from `before` to `after`."""
    if after is None:
        return ValueChange.STILL_NONE if before is None else ValueChange.REMOVED
    if after == before:
        return ValueChange.UNCHANGED
    return ValueChange.SET if before is None else ValueChange.REPLACED
