"""Escalation, by docs/alerts.md: a second role is pinged, once, if nobody has acknowledged an alert for so long."""

from __future__ import annotations

from tests.monitor.world import Team
from tests.simulation.cards import Card, CardKind
from tests.simulation.checks import Checks, Seen
from tests.simulation.mode_checks import is_inhibited

_ESCALATES = {CardKind.MODE, CardKind.NO_DATA, CardKind.OTHER}
"""Those with reminders. Alerts about fast hours escalate only if they are urgent."""
_ANSWER_SECONDS = 120
"""After how long a press that worked is surely recorded."""


def look_at_escalations(checks: Checks, team: Team) -> None:
    """Find alerts that ping the second role twice, too early, after an acknowledgement, or not at all."""
    escalated: dict[int, Seen] = {}
    for seen in checks.seen.values():
        if checks.world.second_roles[team.id] not in seen.message.pings.roles:
            continue
        card_id = seen.message.reference_id or seen.message.id
        incident = checks.incident_of.get(card_id, card_id)
        first = escalated.get(incident)
        # A bot on a restored backup does not know what it said since.
        if first is not None and first.restores == seen.restores:
            words = f"{first.content!r}, and {seen.content!r}"
            checks.found("escalated twice", (team.id, seen.message.id), words)
        escalated[incident] = seen
        if seen.message.id in checks.new:
            _may_escalate(checks, team, seen, card_id)
    for card in checks.open_cards(team):
        if checks.incident_of.get(card.message_id, card.message_id) not in escalated:
            _need_not_escalate(checks, team, card)


def _may_escalate(checks: Checks, team: Team, seen: Seen, card_id: int) -> None:
    """An alert is not pinged about too early, nor after somebody has acknowledged it."""
    truth, sent = checks.world.truth, seen.message.created
    card = checks.card(checks.seen[card_id].message) if card_id in checks.seen else None
    if card is None or card.is_flapping or len(card.tokens) != 1:
        return
    (token,) = (truth.tokens[token_id] for token_id in card.tokens)
    earliest = token.out_since + checks.world.escalate_after[team.id]
    if card.kind is CardKind.MODE and sent < earliest and not truth.restores and not truth.hits["clock"]:
        checks.found("escalated too early", card_id, f"{earliest - sent:.0f} s too early: {seen.content!r}")
    acknowledged_at = truth.acknowledged_at.get(card_id)
    if acknowledged_at is None or sent < acknowledged_at + _ANSWER_SECONDS or not card.is_acknowledged:
        return
    # It is not acknowledged any more once it got worse.
    if checks.quiet(team, token.since) >= checks.now - acknowledged_at:
        checks.found("escalated although acknowledged", card_id, seen.content)


def _need_not_escalate(checks: Checks, team: Team, card: Card) -> None:
    truth = checks.world.truth
    if card.kind not in _ESCALATES or card.is_flapping or card.is_acknowledged or card.message_id not in checks.seen:
        return
    seen = checks.seen[card.message_id]
    over_since = truth.quiet_hours[team.id].over_since(checks.now)
    was_told_later = seen.is_quiet is not False and not is_inhibited(checks, team, card)
    if over_since is None or not (was_told_later or team.role in seen.message.pings.roles):
        return
    since = max(
        over_since,
        seen.message.created,
        truth.handled_at.get(card.message_id, 0),
        truth.alert_mutes.get(card.message_id, 0),
        *(truth.tokens[token_id].since for token_id in card.tokens),
    )
    ways: tuple[str, ...] = ("discord", "disk", "clock", "process", f"alerts off of {team.id}", f"rules of {team.id}")
    if card.kind is not CardKind.NO_DATA:
        # Without data there are neither reminders nor escalations of others.
        ways = (*ways, "imaginepro")
    quiet = checks.quiet_route(team, *ways, since=since)
    unmuted = min(checks.now - truth.muted_until(team, token_id) for token_id in card.tokens or (0,))
    due = checks.world.escalate_after[team.id] + checks.settle
    if min(quiet, unmuted) > due:
        checks.found("not escalated", card.message_id, f"nobody has acknowledged {card.title!r} for {quiet:.0f} s")
