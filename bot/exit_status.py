"""The exit statuses of the program."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses."""

    OK = 0
    FAILED = 1
    WRONG_SETTINGS = 2
    DATABASE_UNUSABLE = 3
