"""A forecast that is missing: a token that runs out of fast hours before they return, and no alert says so.

The rule is that of docs/alerts.md, computed from the truth: less than 40 % is left, and at the use of the last seven
days as well as at that of the last two, hours run out before they return.
"""

from __future__ import annotations

import re

from bot.domain.alert_types import AlertType
from bot.domain.modes import Mode
from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.cards import CardKind
from tests.simulation.checks import Checks
from tests.simulation.history import DAY
from tests.simulation.loop import EPOCH
from tests.simulation.token_truth import SURELY_SEEN, TokenTruth

_LIKELY_BELOW = 40
_WINDOWS = (7, 2)
_CONFIRMED_AFTER = 2 * 3600
"""Forecasts of an hour must agree, and the first one is made some rounds later."""
_SURELY_SHORT = 2
"""By how much hours run out too early for this check. The bot's samples are up to an hour off."""
_RUN_OUT_SIGN = texts.incidents.TITLES[AlertType.WILL_NOT_LAST][0]


def missing_forecasts(checks: Checks, team: Team) -> None:
    """Find tokens whose hours will not last, without an alert about it."""
    world, truth = checks.world, checks.world.truth
    # The bot's samples are not those of the truth then: misdated, or lost.
    if truth.restored_at or truth.troubles["clock"] or "clock" in truth.quiet_from:
        return
    cards = [card for card in checks.open_cards(team) if card.kind in (CardKind.FAST_TIME, CardKind.BARE)]
    if any(card.kind is CardKind.BARE for card in cards):
        return
    for token_id, token in truth.tokens.items():
        if token.mode is not Mode.FAST or (team.alerts, token_id) in truth.hours_left_alone:
            continue
        quiet = min(checks.quiet(team, max(token.since, token.percent_since)), truth.unmuted_for(team, token_id))
        if quiet <= checks.settle + _CONFIRMED_AFTER or not will_run_out(token, world.loop.time()):
            continue
        checks.figures["forecasts"] += 1
        shown = (card for card in cards if token_id in card.tokens and token_id not in card.back)
        if not any(card.title.startswith(_RUN_OUT_SIGN) for card in shown):
            words = f"token {token_id} has {token.hours_left} h left, which will not last"
            checks.found("run-out not alerted", (team.id, token_id, token.percent_since), words)


def will_run_out(token: TokenTruth, now: float) -> bool:
    """Whether the token's hours surely do not last at either rate, for now and for the hours before."""
    found = re.search(r"<t:(\d+)>", str(token.linked.info["subscription"]))
    if found is None or token.percent_left >= _LIKELY_BELOW:
        return False
    refill_in = int(found[1]) - EPOCH.timestamp() - now
    for days in _WINDOWS:
        used = sum(hours for at, hours in token.drops if at > now - days * DAY + SURELY_SEEN)
        if not used or token.hours_left / (used / (days * DAY)) * _SURELY_SHORT > refill_in:
            return False
    return True
