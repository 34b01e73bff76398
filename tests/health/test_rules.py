"""The numbers by which a server is told, and their defaults."""

from datetime import timedelta

import pytest

from bot.health.modes import Mode
from bot.health.rules import DigestDay, Rules


def test_the_defaults_are_those_that_are_promised() -> None:
    hours = tuple(timedelta(hours=hours) for hours in (1, 6, 24))

    assert Rules() == Rules(
        confirm_leaving=2,
        confirm_urgent=1,
        confirm_back=2,
        low=20,
        very_low=5,
        reminders=hours,
        blind_after=timedelta(minutes=5),
        flapping_after=3,
        flapping_within=timedelta(hours=1),
        group_from=3,
        will_not_last=True,
        digest=DigestDay.OFF,
        digest_hour=9,
        time_zone="UTC",
    )


@pytest.mark.parametrize(
    ("mode", "needed"),
    [
        (Mode.FAST, 7),
        (Mode.VERIFYING, 6),
        (Mode.BANNED, 6),
        (Mode.RELAX, 5),
        (Mode.OFF, 5),
        (Mode.GONE, 5),
        (Mode.OTHER, 5),
    ],
)
def test_each_mode_is_believed_by_its_own_number_of_readings(mode: Mode, needed: int) -> None:
    assert Rules(confirm_leaving=5, confirm_urgent=6, confirm_back=7).readings_needed(mode) == needed


def test_flapping_is_over_after_half_the_time_in_which_it_shows() -> None:
    assert Rules(flapping_within=timedelta(hours=3)).calm == timedelta(minutes=90)
