"""The modes a token can be in, and how severe each is."""

from enum import StrEnum


class Mode(StrEnum):
    """The mode of a token. The first four are ImaginePro's own values of `status`, the others are ours."""

    FAST = "FAST"
    RELAX = "RELAX"
    VERIFYING = "VERIFYING"
    BANNED = "BANNED"
    OFF = "OFF"
    """The owner switched it off: `isActive` is false, whatever `status` says."""
    GONE = "GONE"
    """The fleet no longer lists it."""
    OTHER = "OTHER"
    """An undocumented status. The reading keeps the original word."""


_IMAGINEPRO_WORDS = {mode.value: mode for mode in (Mode.FAST, Mode.RELAX, Mode.VERIFYING, Mode.BANNED)}


def parse_mode(status: str | None, *, is_active: bool | None) -> Mode | None:
    """Return the mode for ImaginePro's `status` and `isActive`; None if the response has neither.

    The switch takes precedence: ImaginePro's documentation has an example with `isActive: false` and `status: FAST`.
    """
    if is_active is False:
        return Mode.OFF
    word = (status or "").strip().upper()
    return _IMAGINEPRO_WORDS.get(word, Mode.OTHER) if word else None


_SEVERITY = {
    Mode.FAST: 0,
    # Below RELAX, so that a token that turns out to be in RELAX has worsened and pings again.
    Mode.OTHER: 1,
    Mode.RELAX: 2,
    Mode.OFF: 3,
    Mode.GONE: 4,
    Mode.VERIFYING: 5,
    Mode.BANNED: 6,
}


def severity(mode: Mode) -> int:
    """Return the severity of a mode, for comparison: slow images are better than none, and a ban is the worst."""
    return _SEVERITY[mode]
