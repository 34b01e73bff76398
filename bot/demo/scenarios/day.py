"""The scenario `day`: five tokens, two of which leave FAST, one after the other, again and again."""

from datetime import timedelta
from typing import Final

from bot.demo.scenario import (
    BASIC,
    MEGA,
    MESSAGE_WITHOUT_TOKEN,
    PRO,
    STANDARD,
    Scenario,
    Stage,
    TokenScript,
    Use,
    message_of,
)

HEALTHY_TOKEN: Final = 111
TOKEN_IN_MINUTES: Final = 198
RELAXED_TOKEN: Final = 205
TOKEN_RUNNING_OUT: Final = 311
TOKEN_VERIFYING: Final = 427

MESSAGE_OF_HEALTHY_TOKEN: Final = message_of(HEALTHY_TOKEN)
MESSAGE_OF_TOKEN_IN_MINUTES: Final = message_of(TOKEN_IN_MINUTES)
MESSAGE_OF_TOKEN_RUNNING_OUT: Final = message_of(TOKEN_RUNNING_OUT)

VERIFICATION_REMARK: Final = "Midjourney wants this account verified: answer its check in Discord."

_A_DAY: Final = timedelta(days=1)

_TOKENS: Final = (
    TokenScript(
        HEALTHY_TOKEN,
        STANDARD,
        first_renewal=timedelta(days=23.5),
        stages=(Stage(_A_DAY, "FAST", running_jobs="1"),),
        uses=(Use(timedelta(days=23.5), 12.40, 3.00), Use(timedelta(days=6.5), 15.00, 12.40)),
        relaxed_usage="0 images",
        lifetime_usage="2000 images (31.46 hours)",
    ),
    TokenScript(
        TOKEN_IN_MINUTES,
        BASIC,
        first_renewal=timedelta(days=29.8),
        stages=(Stage(_A_DAY, "FAST"),),
        uses=(Use(timedelta(days=29.8), 199.00, 50.00), Use(timedelta(days=0.2), 200.00, 199.00)),
        relaxed_usage="0 images",
        lifetime_usage="674 images",
    ),
    TokenScript(
        RELAXED_TOKEN,
        STANDARD,
        first_renewal=timedelta(days=9),
        stages=(Stage(_A_DAY, "RELAX", running_jobs="1", queued_jobs_relax="3"),),
        uses=(Use(_A_DAY, 0.00, 0.00),),
        relaxed_usage="102 images (1.77 hours)",
        lifetime_usage="5218 images (83.02 hours)",
    ),
    TokenScript(
        TOKEN_RUNNING_OUT,
        PRO,
        first_renewal=timedelta(days=121),
        stages=(
            Stage(timedelta(minutes=4), "FAST", running_jobs="9", queued_jobs_fast="4"),
            Stage(timedelta(minutes=8), "RELAX", running_jobs="3", queued_jobs_relax="10"),
            Stage(timedelta(minutes=13), "FAST", running_jobs="9", queued_jobs_fast="4"),
        ),
        uses=(
            Use(timedelta(minutes=3), 0.05, 0.00),
            Use(timedelta(minutes=9), 0.00, 0.00),
            Use(timedelta(minutes=13), 1.00, 0.05),
        ),
        relaxed_usage="391 images (6.53 hours)",
        lifetime_usage="14806 images (236.90 hours)",
        period="yearly",
        visibility_mode="Stealth",
    ),
    TokenScript(
        TOKEN_VERIFYING,
        MEGA,
        first_renewal=timedelta(days=12),
        stages=(
            Stage(timedelta(minutes=18), "FAST", running_jobs="2"),
            Stage(timedelta(minutes=6), "VERIFYING", remark=VERIFICATION_REMARK),
            Stage(timedelta(minutes=1), "FAST", running_jobs="2"),
        ),
        uses=(Use(timedelta(days=12), 42.00, 30.00), Use(timedelta(days=18), 60.00, 42.00)),
        relaxed_usage="28 images (0.49 hours)",
        lifetime_usage="9340 images (149.27 hours)",
    ),
)

DAY: Final = Scenario(
    about=(
        "A good and a bad day, with traces and a few alerts. --scenario alerts shows every kind of alert,\n"
        "--scenario fleet two dozen tokens with a board and a digest."
    ),
    tokens=_TOKENS,
    past=timedelta(days=365),
    question=(
        "Which tokens ran these two? The second one took ages.\n"
        f"`{MESSAGE_OF_HEALTHY_TOKEN}`\n`{MESSAGE_OF_TOKEN_RUNNING_OUT}`"
    ),
    traced=MESSAGE_OF_HEALTHY_TOKEN,
    to_try=(
        f"""\
Type /trace and paste  {MESSAGE_OF_TOKEN_RUNNING_OUT}
Press Refresh under the answer. Other ids: {MESSAGE_OF_TOKEN_IN_MINUTES} (a plan in minutes),
{MESSAGE_WITHOUT_TOKEN} (no token yet)""",
        """\
Wait for token 311 to leave FAST: the alert pings @token-keepers, and closes when the token is back.
It happens again later, and something worse happens to token 427.""",
        """\
As Mona, a mod, type /alerts show, /status, or /fleet disable 111 and press Switch off: the alert names her.
Then view the page as Max, a member, and type /: /alerts, /board, /fleet and /status are gone.""",
        "Type /token list, and /token history with token 427 for a chart of the last month; with days 365, of a year.",
    ),
)
