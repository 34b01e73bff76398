"""What a check found, a line each, and how such a line is made harmless for a terminal."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

_MAX_NAME_LENGTH = 40
_MAX_REASON_LENGTH = 160


class Mark(StrEnum):
    """What stands before a line."""

    WELL = "✔"
    WARNING = "⚠"
    WRONG = "✘"
    SKIPPED = "–"


class Failure(IntEnum):
    """What is wrong, named as the exit status it leads to; of several the lowest counts."""

    WRONG_SETTINGS = 1
    DATABASE_UNUSABLE = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. What is WRONG has its trouble."""

    mark: Mark
    subject: str
    text: str
    failure: Failure | None = None

    def __str__(self) -> str:
        return f"{self.mark} {self.subject}: {self.text}"


def well(subject: str, text: str) -> Finding:
    """Say that it is as it should be."""
    return Finding(Mark.WELL, subject, text)


def warning(subject: str, text: str) -> Finding:
    """Say what may be started with, but should be known."""
    return Finding(Mark.WARNING, subject, text)


def wrong(subject: str, text: str, failure: Failure = Failure.FAILED) -> Finding:
    """Say what must be mended."""
    return Finding(Mark.WRONG, subject, text, failure)


def skipped(subject: str, text: str) -> Finding:
    """Say what could not be looked at."""
    return Finding(Mark.SKIPPED, subject, text)


def name(text: str) -> str:
    """Write a name that strangers chose: on one line, cut, with nothing in it that a terminal would obey."""
    return _printable(text, _MAX_NAME_LENGTH)


def reason(text: object) -> str:
    """Write what the other side, or a library, said of a fault."""
    return _printable(str(text), _MAX_REASON_LENGTH).rstrip(".")


def _printable(text: str, most: int) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text[: 10 * most])
    line = " ".join(printable.split())
    return line if len(line) <= most else line[: most - 1] + "…"
