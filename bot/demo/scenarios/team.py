"""The scenario `team`: a small team whose last token leaves FAST, and whose account needs attention."""

from datetime import timedelta
from typing import Final

from bot.demo.scenario import PRO, STANDARD, Plan, Scenario, Scene, Stage, TokenScript, Use

STUDIO_TOKEN: Final = 111
BATCH_TOKEN: Final = 205
SHOP_TOKEN: Final = 427

_MINUTES: Final = 40
_REMARK: Final = "Midjourney wants this account verified: answer its check in Discord."


def _token(token_id: int, plan: Plan, left: float, out: Stage, since: float, until: float) -> TokenScript:
    """Return a token that is out of FAST between two minutes."""
    fast = Stage(timedelta(minutes=since), "FAST", running_jobs="2")
    back = Stage(timedelta(minutes=_MINUTES - until), "FAST")
    return TokenScript(
        token_id,
        plan,
        first_renewal=timedelta(hours=23),
        stages=(fast, out, back),
        uses=(Use(timedelta(days=1), left, left),),
        relaxed_usage="102 images (1.77 hours)",
        lifetime_usage="5218 images (83.02 hours)",
    )


def _relax(minutes: float) -> Stage:
    return Stage(timedelta(minutes=minutes), "RELAX", running_jobs="1", queued_jobs_relax="6")


TEAM: Final = Scenario(
    about="A team of three tokens, all of which leave FAST; after a quiet period it starts again.",
    tokens=(
        _token(STUDIO_TOKEN, STANDARD, 6.2, _relax(14), 6, 20),
        _token(BATCH_TOKEN, PRO, 0, _relax(20), 2, 22),
        _token(SHOP_TOKEN, PRO, 21.5, Stage(timedelta(minutes=8), "VERIFYING", remark=_REMARK), 4, 12),
    ),
    credits=96,
    credits_extra=0,
    account_lasts=timedelta(days=5),
    scenes=(
        Scene(timedelta(minutes=2), "205 leaves FAST: 2 of 3 tokens are still in FAST"),
        Scene(timedelta(minutes=4), "427 must be verified: its owner is pinged, if it has one"),
        Scene(timedelta(minutes=6), "111 leaves FAST, too: no token is in FAST, which is urgent"),
        Scene(timedelta(minutes=12), "427 is verified and back: the team has a token in FAST again"),
    ),
    to_try=(
        """\
Choose /alerts setup again, with channel midjourney: its answer names what is wrong already. Few credits are left, and
the plan ends in five days. Press Report these now for alerts about both.""",
        """\
Before 427 must be verified, choose /fleet owner with token 427 and member Mona: she is pinged.
Details, below the alert, says step by step what to do.""",
        """\
Choose /alerts rules set with rule escalate_role and value on-call, then with rule escalate_after and value 10m:
what nobody acknowledges for ten minutes pings that role, too. Rule quiet_hours with value 22:00-07:00 holds back the
ping of routine alerts at night.""",
        """\
Press I'm on it, or open a thread from the menu More, and click it below the alert. The menu Channel at the top of the
page goes back.""",
        """\
Choose /alerts setup with channel incidents, a forum: each incident becomes a post of its own, with tags, and is closed
and locked when it is over. The menu Channel opens the posts.""",
    ),
)
