"""Time zones, by their IANA names."""

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# The suggestions before anything is typed: one for each part of the world, from west to east.
_WELL_KNOWN = (
    "UTC",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)
# Aliases for the machine's own setting, and the placeholder for a machine without one: no zones of their own.
_OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})


@cache
def known_zones() -> tuple[str, ...]:
    """Return the names of all zones. The first call is slow, since it reads several hundred files."""
    return tuple(sorted(available_timezones() - _OF_THE_MACHINE))


def read_zone(typed: str) -> str:
    """Return the zone name that was typed, in any case and with spaces or underscores. Raises ValueError."""
    wanted = _normalized(typed)
    for name in known_zones():
        if name.casefold() == wanted:
            return name
    raise ValueError("there is no such time zone")


def zone_of(name: str) -> tzinfo:
    """Return the zone with this name; UTC if there is none, since names come and go with the IANA database."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError for the name of a folder, such as `Europe`
        return UTC


def matching_zones(typed: str, *, most: int) -> list[str]:
    """Return up to `most` zone names that contain the typed text, the best matches first."""
    wanted = _normalized(typed)
    if not wanted:
        return list(_WELL_KNOWN[:most])
    found = [(_rank(name.casefold(), wanted), name) for name in known_zones() if wanted in name.casefold()]
    return [name for _, name in sorted(found)][:most]


def _normalized(typed: str) -> str:
    return "_".join(typed.split()).casefold()


def _rank(name: str, wanted: str) -> int:
    """Return how well a name matches, 0 for best: all of it, its place, their beginnings, that of a word, elsewhere."""
    place = name.rpartition("/")[2]
    matches = (
        name == wanted,
        place == wanted,
        place.startswith(wanted),
        name.startswith(wanted),
        f"/{wanted}" in name or f"_{wanted}" in name,
    )
    return matches.index(True) if any(matches) else len(matches)
