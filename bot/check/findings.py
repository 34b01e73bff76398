"""The findings of a check, one line each, made safe for a terminal."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

_MAX_NAME_LENGTH = 40
_MAX_REASON_LENGTH = 160


class Mark(StrEnum):
    """The mark at the start of a line."""

    WELL = "✔"
    WARNING = "⚠"
    WRONG = "✘"
    SKIPPED = "–"


class Failure(IntEnum):
    """What is wrong; the value is the exit status. Of several failures the lowest counts."""

    WRONG_SETTINGS = 1
    DATABASE_UNUSABLE = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. A finding marked WRONG has a failure."""

    mark: Mark
    subject: str
    text: str
    failure: Failure | None = None

    def __str__(self) -> str:
        return f"{self.mark} {self.subject}: {self.text}"


def well(subject: str, text: str) -> Finding:
    """Return a finding for something in order."""
    return Finding(Mark.WELL, subject, text)


def warning(subject: str, text: str) -> Finding:
    """Return a finding that does not prevent a start."""
    return Finding(Mark.WARNING, subject, text)


def wrong(subject: str, text: str, failure: Failure = Failure.FAILED) -> Finding:
    """Return a finding for something to fix."""
    return Finding(Mark.WRONG, subject, text, failure)


def skipped(subject: str, text: str) -> Finding:
    """Return a finding for something that was not checked."""
    return Finding(Mark.SKIPPED, subject, text)


def name(text: str) -> str:
    """Return a name of unknown origin on one line, cut, without control characters for a terminal."""
    return _printable(text, _MAX_NAME_LENGTH)


def reason(text: object) -> str:
    """Return an error message of unknown origin on one line, cut, without a full stop at its end."""
    return _printable(str(text), _MAX_REASON_LENGTH).rstrip(".")


def _printable(text: str, most: int) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text[: 10 * most])
    line = " ".join(printable.split())
    return line if len(line) <= most else line[: most - 1] + "…"
