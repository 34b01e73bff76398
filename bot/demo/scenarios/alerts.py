"""The scenario `alerts`: every alert type, with the default rules, in a little more than an hour of simulated time."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.demo.scenario import BASIC, MEGA, PRO, STANDARD, Plan, Scenario, Scene, Service, Stage, TokenScript, Use

STEADY_TOKEN: Final = 111
UNLISTED_TOKEN: Final = 198
BANNED_TOKEN: Final = 205
FLAPPING_TOKEN: Final = 311
VERIFYING_TOKEN: Final = 427
GROUP: Final = (512, 513, 514)
LOW_TOKEN: Final = 640
FORGOTTEN_TOKEN: Final = 731
SWITCHED_TOKEN: Final = 808

# The last minutes are without changes, so that no token counts as flapping when the scenario starts again.
_MINUTES: Final = 80

_FAST: Final = Stage(timedelta(), "FAST", running_jobs="2")
_RELAX: Final = Stage(timedelta(), "RELAX", running_jobs="1", queued_jobs_relax="6")
_VERIFYING: Final = Stage(
    timedelta(), "VERIFYING", remark="Midjourney wants this account verified: answer its check in Discord."
)
_BANNED: Final = Stage(timedelta(), "BANNED", remark="Midjourney has blocked this account.")
_SWITCHED_OFF: Final = Stage(timedelta(), "FAST", is_active=False)
_UNLISTED: Final = Stage(timedelta(), "FAST", is_listed=False)


def _from(*changes: tuple[float, Stage]) -> tuple[Stage, ...]:
    """Return the stages of a token that enters each one at the given minute."""
    ends = [*(minute for minute, _ in changes[1:]), _MINUTES]
    return tuple(
        replace(stage, lasts=timedelta(minutes=end - minute))
        for (minute, stage), end in zip(changes, ends, strict=True)
    )


def _token(token_id: int, plan: Plan, left: float, stages: tuple[Stage, ...]) -> TokenScript:
    """Return a token with constant fast time."""
    return TokenScript(
        token_id,
        plan,
        first_renewal=timedelta(days=9),
        stages=stages,
        uses=(Use(timedelta(days=1), left, left),),
        relaxed_usage="102 images (1.77 hours)",
        lifetime_usage="5218 images (83.02 hours)",
    )


_TOKENS: Final = (
    _token(STEADY_TOKEN, STANDARD, 12.4, _from((0, _FAST))),
    _token(UNLISTED_TOKEN, BASIC, 140, _from((0, _FAST), (39, _UNLISTED), (42, _FAST))),
    _token(BANNED_TOKEN, STANDARD, 9.1, _from((0, _FAST), (9, _RELAX), (13, _BANNED), (24, _FAST))),
    _token(
        FLAPPING_TOKEN,
        PRO,
        0.4,
        _from(
            *((0, _FAST), (1, _RELAX), (4, _FAST)),
            *((6, _RELAX), (8.5, _FAST), (11, _RELAX), (13.5, _FAST)),
            *((16, _RELAX), (18.5, _FAST), (21, _RELAX), (23.5, _FAST), (26, _RELAX), (28.5, _FAST)),
        ),
    ),
    _token(VERIFYING_TOKEN, MEGA, 38, _from((0, _FAST), (5, _VERIFYING), (8, _FAST))),
    *(
        _token(token_id, PRO, left, _from((0, _FAST), (19, _RELAX), (back, _FAST)))
        for token_id, left, back in zip(GROUP, (21.5, 17.2, 25.8), (22, 24, 26), strict=True)
    ),
    TokenScript(
        LOW_TOKEN,
        BASIC,
        first_renewal=timedelta(minutes=37),
        stages=_from((0, _FAST)),
        uses=(
            Use(timedelta(minutes=29), 64.0, 40.0),
            Use(timedelta(minutes=4), 40.0, 10.0),
            Use(timedelta(minutes=4), 10.0, 2.0),
            Use(timedelta(minutes=_MINUTES - 37), 200.0, 64.0),
        ),
        relaxed_usage="0 images",
        lifetime_usage="674 images",
    ),
    _token(FORGOTTEN_TOKEN, STANDARD, 6.3, _from((0, _FAST), (2, _RELAX), (65, _FAST))),
    _token(SWITCHED_TOKEN, MEGA, 52, _from((0, _FAST), (47, _SWITCHED_OFF), (59, _FAST))),
)
_SERVICE: Final = (
    Service(timedelta(minutes=44)),
    Service(timedelta(minutes=10), answers=False),
    Service(timedelta(minutes=_MINUTES - 54)),
)


def _scene(minute: float, shows: str) -> Scene:
    return Scene(timedelta(minutes=minute), shows)


ALERTS: Final = Scenario(
    about="Every kind of alert, one after another; after a quiet period it starts again.",
    tokens=_TOKENS,
    service=_SERVICE,
    scenes=(
        _scene(1, "311 leaves FAST: alerted when a second check agrees, edited when it is back, with a silent reply"),
        _scene(2, "731 leaves FAST, and nobody acknowledges it; see the end"),
        _scene(5, "427 must be verified: alerted at the first check, since minutes count"),
        _scene(9, "205 leaves FAST"),
        _scene(13, "205 is banned: that is worse, so it pings again"),
        _scene(16, "311 leaves FAST for the fourth time: it is flapping, and gets one alert from now on"),
        _scene(19, "512, 513 and 514 leave FAST at once: one alert, which closes when the last of them is back"),
        _scene(29, "640 has 20 % of its fast hours left, then 5 %, then they return"),
        _scene(39, "198 is no longer listed"),
        _scene(44, "ImaginePro does not respond: alerted after 5 minutes; alerts for changes meanwhile follow"),
        _scene(58, "311 has stayed in FAST for half an hour: its alert closes with a summary"),
        _scene(62, "731 has been out of FAST for an hour: a reminder, unless somebody has acknowledged it"),
    ),
    to_try=(
        """\
As Mona, a mod, press Acknowledge under an alert: it shows who and when, and there is no reminder for 731.
Mute keeps an alert quiet for a while, Details shows the tokens to her alone.""",
        """\
Press I'm on it: the alert shows that Mona works on it. In its menu More, add a note, open a thread, which later
events are posted to, or take the acknowledgement back.""",
        """\
Type /alerts show for all that is open, muted or waiting, /alerts mute to silence one token or all of them,
and /alerts rules show for the rules that decide when a server is notified.""",
        "View the page as Max, a member, and press a button: it says in one sentence that this is for mods.",
    ),
)
