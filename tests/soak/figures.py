"""The statistics of a soak."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.soak.findings import Outcome
from tests.soak.processes import Processes

_POSTING = r"/channels/\d+/messages"


@dataclass(frozen=True)
class Counts:
    """How often each fault occurred, how often ImaginePro was asked, and how long it took."""

    discord: Counter[str]
    imaginepro: Counter[str]
    lasting: Counter[str]
    rounds: int
    seconds: float


def figures_of(outcome: Outcome, bots: Processes, counts: Counts) -> dict[str, str]:
    """Return the statistics, each with its name."""
    discord = outcome.discord
    numbers = {
        "faults of Discord": counts.discord.total(),
        **_each(counts.discord),
        "faults of ImaginePro": counts.imaginepro.total(),
        "faults that last": counts.lasting.total(),
        **_each(counts.lasting),
        "SIGKILLs": bots.kills,
        "starts": bots.starts,
        "… ended without a database": bots.failed_starts,
        "rounds": counts.rounds,
        "incidents": len(outcome.incidents),
        "… posted in a Discord message of their own": sum(
            one.discord_message_id is not None for one in outcome.incidents
        ),
        "… over before they could be posted, summarized": outcome.summarized,
        "requests to post": len(discord.requests_to("POST", _POSTING)),
        "requests to edit": len(discord.requests_to("PATCH", rf"{_POSTING}/\d+")),
        "replies that it got worse, or goes on": len(outcome.calls),
        "replies that it is over": len(outcome.ends),
        "messages in plain form": len(outcome.plain),
        "notes that a channel works again": len(outcome.notes),
        "alerts that nothing can be recorded": len(outcome.outages),
        "notices to moderators": len(outcome.notices),
        "repeats that Discord dropped by their nonce": discord.repeats,
        "Discord messages visible in the end": len(outcome.messages),
    }
    return {"seconds": f"{counts.seconds:.0f}"} | {name: f"{number:,}" for name, number in numbers.items()}


def _each(counts: Counter[str]) -> dict[str, int]:
    return {f"… {kind}": times for kind, times in sorted(counts.items())}
