"""Alerts about the modes of tokens: all that is wrong is alerted with a ping, as it is now, and nothing else."""

from __future__ import annotations

from collections import Counter

from bot.domain.alert_types import IncidentType
from bot.domain.modes import Mode
from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.cards import Card, CardKind, is_bare, shows
from tests.simulation.checks import Checks
from tests.simulation.quiet_checks import pings_later
from tests.simulation.token_truth import URGENT_MODES

_FLAP_CLEAR = 1800
_CAPACITY = (texts.conditions.SIGNS[IncidentType.CAPACITY], texts.conditions.BACK[IncidentType.CAPACITY])
"""What an alert about capacity says while it is open, and after that."""


def modes_are_told(checks: Checks, team: Team) -> None:
    """Find alerts that are missing, wrong or twice, or that nobody was pinged for."""
    truth, cards = checks.world.truth, checks.open_cards(team)
    mode_cards = [card for card in cards if card.kind is CardKind.MODE]
    is_bare = any(card.kind is CardKind.BARE for card in cards)
    for token_id, token in truth.tokens.items():
        of_token = [card for card in mode_cards if token_id in card.tokens and token_id not in card.back]
        # The edit that shows the end of the former one may still be held back.
        if len(of_token) > 1 and truth.quiet_for("discord", "disk", "process") > checks.settle:
            checks.found(
                "two alerts",
                (team.id, token_id),
                f"token {token_id} has {[card.title for card in of_token]} in {team.alerts}",
            )
        quiet = min(checks.quiet(team, token.since), truth.unmuted_for(team, token_id))
        if quiet <= checks.settle:
            continue
        if token.mode is Mode.FAST:
            _is_over(checks, team, token_id, of_token, quiet)
        elif not truth.is_left_alone(team.alerts, token_id) and not is_bare:
            _is_told(checks, team, token_id, token.mode, of_token)
    _belong_to_it(checks, team, cards)


def _is_over(checks: Checks, team: Team, token_id: int, of_token: list[Card], quiet: float) -> None:
    for card in of_token:
        if not card.is_flapping or quiet > checks.settle + _FLAP_CLEAR:
            words = f"token {token_id} is in FAST, and {card.title!r} is open"
            checks.found("says it is out", (team.id, token_id), words)


def _belong_to_it(checks: Checks, team: Team, cards: list[Card]) -> None:
    truth = checks.world.truth
    for card in cards:
        if card.kind in (CardKind.NO_DATA, CardKind.OTHER):
            continue
        if card.is_acknowledged and not any((team.alerts, one) in truth.acknowledged for one in card.tokens):
            checks.found("acknowledged by nobody", card.message_id, card.title)
    for incident_id, number in Counter(card.incident_id for card in cards).items():
        if number > 1 and incident_id is not None:
            checks.found(
                "two alerts",
                (team.id, incident_id),
                f"incident {incident_id} has {number} open alerts in {team.alerts}",
            )


def _is_told(checks: Checks, team: Team, token_id: int, mode: Mode, of_token: list[Card]) -> None:
    if not of_token:
        checks.found(
            "not alerted", (team.id, token_id), f"token {token_id} is {mode}, and no alert in {team.alerts} says so"
        )
        return
    card = of_token[0]
    if not shows(card, token_id, mode):
        checks.found(
            "out of date",
            (team.id, token_id),
            f"token {token_id} is {mode}, and the alert says {card.tokens[token_id]!r}",
        )
    if card.is_flapping or len(card.tokens) > 1:
        return
    is_muted = checks.muted_until(card) + checks.settle > checks.now
    ids, since = checks.messages_of(card), checks.world.truth.tokens[token_id].since
    pinging = [
        one
        for one in checks.seen.values()
        if ids & {one.message.id, one.message.reference_id} and team.role in one.message.pings.roles
    ]
    if not pinging and (is_inhibited(checks, team, card) or pings_later(checks, team, card, mode)):
        return
    if not pinging and not is_muted:
        checks.found("alerted without a ping", (team.id, token_id), f"token {token_id} is {mode}: {card.title!r}")
    elif mode in URGENT_MODES and not any(
        _is_urgent(one.content) or (is_bare(one.content) and one.message.created >= since) for one in pinging
    ):
        if is_inhibited(checks, team, card):
            return
        checks.found(
            "alerted without a ping",
            (team.id, token_id),
            f"token {token_id} is {mode}, pinged were {[x.content for x in pinging]}",
        )


def is_inhibited(checks: Checks, team: Team, card: Card) -> bool:
    """Whether an alert about the team's capacity that began in the same check pinged instead of this one."""
    if card.message_id not in checks.seen:
        return False
    seen, tokens = checks.seen[card.message_id], checks.world.truth.tokens
    began = [seen.message.created, *(tokens[token_id].since for token_id in card.tokens)]
    # A mute may have held this one back, but not that. A wrong clock may end it early.
    held_back = any(abs(seen.message.created - until) < checks.settle for until in seen.mutes_end)
    return any(
        any(words in one.content for words in _CAPACITY)
        and one.message.channel_id == team.alerts
        and (held_back or any(abs(one.message.created - at) < checks.settle for at in began))
        for one in checks.seen.values()
        if one.message.pings.roles
    )


def _is_urgent(content: str) -> bool:
    return any(word in content.casefold() for word in ("banned", "verif", "tokens"))
