"""The modes a token can be in, and how severe each is."""

from enum import StrEnum


class Mode(StrEnum):
    """What a token is in. The first four are ImaginePro's own words, the others are ours."""

    FAST = "FAST"
    RELAX = "RELAX"
    VERIFYING = "VERIFYING"
    BANNED = "BANNED"
    OFF = "OFF"
    """Its owner switched it off: `isActive` is false, whatever its status says."""
    GONE = "GONE"
    """The fleet no longer lists it."""
    OTHER = "OTHER"
    """A status nobody documented; the reading keeps the word as it came."""


_IMAGINEPRO_WORDS = {mode.value: mode for mode in (Mode.FAST, Mode.RELAX, Mode.VERIFYING, Mode.BANNED)}


def parse_mode(status: str | None, *, is_active: bool | None) -> Mode | None:
    """Return the mode that ImaginePro's `status` and `isActive` mean; None where the answer has neither.

    The switch comes first: ImaginePro's documentation shows `isActive: false` beside `status: FAST`.
    """
    if is_active is False:
        return Mode.OFF
    word = (status or "").strip().upper()
    return _IMAGINEPRO_WORDS.get(word, Mode.OTHER) if word else None


_SEVERITY = {
    Mode.FAST: 0,
    # Below RELAX, so that a token whose status turns out to be RELAX has got worse, which is worth another ping.
    Mode.OTHER: 1,
    Mode.RELAX: 2,
    Mode.OFF: 3,
    Mode.GONE: 4,
    Mode.VERIFYING: 5,
    Mode.BANNED: 6,
}


def severity(mode: Mode) -> int:
    """Return how severe a mode is, to be compared: slow images are better than none, and a ban is the worst."""
    return _SEVERITY[mode]
