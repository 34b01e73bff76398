"""Time zones, by their names in the IANA database."""

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# Where nothing has been typed yet: one in each part of the world, from west to east.
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
# What the machine is set to, and what stands for a machine that is not set yet: no zones of their own.
_OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})


@cache
def known_zones() -> tuple[str, ...]:
    """List the names of all zones. The first time it looks through some hundred files, which takes a while."""
    return tuple(sorted(available_timezones() - _OF_THE_MACHINE))


def read_zone(typed: str) -> str:
    """Find the name of the zone that was typed, in any case and with spaces if need be. Raises ValueError."""
    wanted = _folded(typed)
    for name in known_zones():
        if name.casefold() == wanted:
            return name
    raise ValueError("there is no such time zone")


def zone_of(name: str) -> tzinfo:
    """Give the zone of that name; UTC where there is none, since names come and go with the database's versions."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # the last where it is the name of a folder, such as `Europe`
        return UTC


def matching_zones(typed: str, *, most: int) -> list[str]:
    """List zones whose names hold what was typed so far, the best matches first."""
    wanted = _folded(typed)
    if not wanted:
        return list(_WELL_KNOWN[:most])
    found = [(_rank(name.casefold(), wanted), name) for name in known_zones() if wanted in name.casefold()]
    return [name for _, name in sorted(found)][:most]


def _folded(typed: str) -> str:
    return "_".join(typed.split()).casefold()


def _rank(name: str, wanted: str) -> int:
    """Tell how well a name matches: the whole of it, the place, the beginning of that, of it, of a part, or within."""
    place = name.rpartition("/")[2]
    matches = (
        name == wanted,
        place == wanted,
        place.startswith(wanted),
        name.startswith(wanted),
        f"/{wanted}" in name or f"_{wanted}" in name,
    )
    return matches.index(True) if any(matches) else len(matches)
