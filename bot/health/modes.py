"""The modes a token can be in, and which is worse."""

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


def mode_of(status: str | None, *, is_active: bool | None) -> Mode | None:
    """Tell the mode from ImaginePro's `status` and `isActive`; None where the answer says neither.

    The switch comes first: ImaginePro's documentation shows `isActive: false` beside `status: FAST`.
    """
    if is_active is False:
        return Mode.OFF
    word = (status or "").strip().upper()
    return _IMAGINEPRO_WORDS.get(word, Mode.OTHER) if word else None


_MILD_TO_GRAVE = (Mode.FAST, Mode.OTHER, Mode.RELAX, Mode.OFF, Mode.GONE, Mode.VERIFYING, Mode.BANNED)


def is_worse(mode: Mode, *, than: Mode) -> bool:
    """Tell whether a mode is graver than another: slow images are milder than none, and a ban is the gravest."""
    return _MILD_TO_GRAVE.index(mode) > _MILD_TO_GRAVE.index(than)
