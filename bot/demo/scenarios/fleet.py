"""The scenario `fleet`: two dozen tokens with a year of history, for lists, charts, forecasts, a board and a digest."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.demo.scenario import (
    BASIC,
    MEGA,
    PRO,
    STANDARD,
    Habit,
    Outage,
    Plan,
    Scenario,
    Scene,
    Stage,
    TokenScript,
    Use,
)

STEADY_TOKEN: Final = 111
TOKEN_IN_MINUTES: Final = 198
BANNED_TOKEN: Final = 205
SHORT_TOKEN: Final = 640
LEAVING_TOKEN: Final = 512

_A_DAY: Final = timedelta(days=1)
_MONTH: Final = timedelta(days=30)
_ROUND: Final = timedelta(hours=6)
_FAST: Final = (Stage(_ROUND, "FAST", running_jobs="1"),)
_RELAX: Final = (Stage(_ROUND, "RELAX", running_jobs="1", queued_jobs_relax="4"),)
_VERIFYING: Final = (
    Stage(_ROUND, "VERIFYING", remark="Midjourney wants this account verified: answer its check in Discord."),
)
_BANNED: Final = (Stage(_ROUND, "BANNED", remark="Midjourney has blocked this account."),)
_OFF: Final = (Stage(_ROUND, "FAST", is_active=False),)
_LEAVES_FOR_A_WHILE: Final = (
    Stage(timedelta(minutes=20), "FAST", running_jobs="6", queued_jobs_fast="5"),
    Stage(timedelta(minutes=15), "RELAX", running_jobs="2", queued_jobs_relax="9"),
    Stage(_ROUND - timedelta(minutes=35), "FAST", running_jobs="3"),
)
_OUTAGES: Final = (
    Outage(timedelta(days=211), "VERIFYING", timedelta(hours=5)),
    Outage(timedelta(days=83), "BANNED", timedelta(hours=31)),
    Outage(timedelta(days=9), "VERIFYING", timedelta(hours=3)),
)


def _for(hours: float, status: str) -> tuple[Outage, ...]:
    """Return an outage in this status that began this many hours before the scenario, and lasts until it begins."""
    return (Outage(timedelta(hours=hours), status, timedelta(hours=hours)),)


def _token(
    token_id: int,
    plan: Plan,
    left: float,
    renews_in_days: float,
    name: str = "",
    *,
    stages: Sequence[Stage] = _FAST,
    habit: Habit = Habit.OFFICE,
    troubles: Sequence[Outage] = (),
) -> TokenScript:
    """Return a token that is used at the same rate as since its last refill."""
    renewal = renews_in_days * _A_DAY
    pace = (plan.fast_time - left) / ((_MONTH - renewal) / _A_DAY)
    is_used = stages in {_FAST, _LEAVES_FOR_A_WHILE}
    last = max(left - pace * renews_in_days, 0) if is_used else left
    return TokenScript(
        token_id,
        plan,
        first_renewal=renewal,
        stages=stages,
        uses=(Use(renewal, left, last), Use(_MONTH - renewal, plan.fast_time, left)),
        relaxed_usage=f"{token_id % 97} images",
        lifetime_usage=f"{token_id * 31} images ({token_id * 31 / 62:.2f} hours)",
        name=name,
        habit=habit,
        outages=troubles,
    )


_TOKENS: Final = (
    _token(STEADY_TOKEN, STANDARD, 9.4, 12.6, "Studio A", troubles=_OUTAGES),
    _token(112, STANDARD, 12.1, 21.3, "Studio B"),
    _token(113, STANDARD, 4.2, 5.2, "Studio C"),
    _token(TOKEN_IN_MINUTES, BASIC, 127, 11.9, "Intern"),
    _token(199, BASIC, 22, 18.4, "Archive", habit=Habit.EVENING),
    _token(BANNED_TOKEN, STANDARD, 7.7, 3.1, "Old main", stages=_BANNED, troubles=_for(52, "BANNED")),
    _token(311, PRO, 18.2, 17.5, "Shop front", habit=Habit.EVENING, troubles=_OUTAGES[:1]),
    _token(312, PRO, 26.4, 25.8, "Shop back", habit=Habit.EVENING),
    _token(313, PRO, 0, 6.4, "Campaign", stages=_RELAX),
    _token(427, MEGA, 41.0, 15.1, "Night shift", habit=Habit.ROUND_THE_CLOCK, troubles=_OUTAGES[1:]),
    _token(428, MEGA, 33.5, 9.9, "Day shift", stages=_VERIFYING, troubles=_for(6, "VERIFYING")),
    _token(LEAVING_TOKEN, PRO, 11.3, 8.8, "Posters", stages=_LEAVES_FOR_A_WHILE),
    _token(513, PRO, 21.0, 20.2),
    _token(514, PRO, 14.9, 13.7, habit=Habit.EVENING),
    _token(515, STANDARD, 11.0, 19.6),
    _token(516, STANDARD, 13.6, 26.9, "Spare", stages=_OFF, troubles=_for(70, "OFF")),
    _token(SHORT_TOKEN, MEGA, 24.005, 18.0, "Big launch", habit=Habit.ROUND_THE_CLOCK),
    _token(641, MEGA, 50.3, 22.2, "Small launch"),
    _token(731, STANDARD, 6.3, 10.5),
    _token(732, STANDARD, 2.9, 4.4, habit=Habit.EVENING),
    _token(808, MEGA, 52.0, 24.6, "Render farm", habit=Habit.ROUND_THE_CLOCK),
    _token(809, MEGA, 29.8, 13.2),
    _token(810, BASIC, 163, 20.5, "Trainee"),
    _token(811, BASIC, 88, 9.3),
)

FLEET: Final = Scenario(
    about="Two dozen tokens, watched for a year: the fleet, its charts, its forecasts, a board and a digest.",
    tokens=_TOKENS,
    past=timedelta(days=365),
    has_board=True,
    has_digest=True,
    scenes=(
        Scene(timedelta(minutes=20), "512 leaves FAST: the board in #midjourney updates itself"),
        Scene(timedelta(minutes=35), "512 is back"),
        Scene(timedelta(minutes=60), "a digest of the last day, at the full hour"),
        Scene(
            timedelta(minutes=75), "640 fell below 40 % an hour ago, and will run out of fast hours before they return"
        ),
    ),
    to_try=(
        """\
Type /token list, turn its pages, filter by mode, and open a token in the second menu.
The first Discord message in the channel is the board: the same list, updated live.""",
        "Type /token history with token 111 for a month; with days 365, a year; without a token, the whole fleet.",
        "Type /token show 640: its status, its recent changes, and when it will run out.",
        "As Mona, a mod: /fleet name 513 with a name, /board remove, and /alerts digest: when the digest is posted.",
    ),
)
