"""Escalation and reminders, by docs/alerts.md: who is pinged if nobody has acknowledged an alert, and when."""

from __future__ import annotations

from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.cards import Card, CardKind
from tests.simulation.checks import Checks, Seen, is_reminder
from tests.simulation.mode_checks import is_inhibited

_ESCALATES = {CardKind.MODE, CardKind.NO_DATA, CardKind.OTHER}
"""Those with reminders. Alerts about fast hours escalate only if they are urgent."""
_REMINDED_AFTER = 6 * 3600
"""The second reminder, by default. The first may be due together with an escalation, which replaces it."""
_ESCALATION = texts.alerts.PUSH_ESCALATED[0]
_ROUNDING = 1
_ANSWER_SECONDS = 120
"""After how long a press that worked is surely recorded."""


def look_at_escalations(checks: Checks, team: Team) -> None:
    """Find alerts that ping the second role twice, too early, when acknowledged or not at all, or never remind."""
    escalated: dict[int, Seen] = {}
    for seen in checks.seen.values():
        if checks.world.second_roles[team.id] not in seen.message.pings.roles:
            continue
        card_id = seen.message.reference_id or seen.message.id
        incident = checks.incident_of.get(card_id, card_id)
        first = escalated.get(incident)
        # A bot on a restored backup does not know what it said since. What is worse by now repeats a lost escalation.
        is_repeated = _ESCALATION not in seen.content and first is not None and _may_be_lost(checks, first)
        if first is not None and first.restores == seen.restores and not is_repeated:
            words = f"{first.content!r}, and {seen.content!r}"
            checks.found("escalated twice", (team.id, seen.message.id), words)
        escalated[incident] = seen
        if seen.message.id in checks.new:
            _may_escalate(checks, team, seen, card_id)
    for card in checks.open_cards(team):
        waits = _unacknowledged_for(checks, team, card)
        is_escalated = checks.incident_of.get(card.message_id, card.message_id) in escalated
        if not is_escalated and waits > checks.world.escalate_after[team.id] + checks.settle:
            checks.found("not escalated", card.message_id, f"nobody has acknowledged {card.title!r} for {waits:.0f} s")
        if waits > _REMINDED_AFTER + checks.settle:
            _is_reminded(checks, team, card)


def _may_be_lost(checks: Checks, seen: Seen) -> bool:
    """Whether the bot may not know that a message was posted: Discord has failed since."""
    return checks.world.truth.quiet_for("discord") < checks.now - seen.message.created


def _may_escalate(checks: Checks, team: Team, seen: Seen, card_id: int) -> None:
    """An alert is not pinged about too early, nor after somebody has acknowledged it."""
    truth, sent = checks.world.truth, seen.message.created
    card = checks.card(checks.seen[card_id].message) if card_id in checks.seen else None
    if card is None or card.is_flapping or len(card.tokens) != 1:
        return
    (token,) = (truth.tokens[token_id] for token_id in card.tokens)
    began = [token.out_since]
    if checks.mild_for(token) > checks.world.escalate_after[team.id] + checks.settle:
        began.append(truth.quiet_hours[team.id].ended_before(sent))
    earliest = max(began) + checks.world.escalate_after[team.id]
    if card.kind is CardKind.MODE and sent < earliest - _ROUNDING and not truth.restored_at and not truth.hits["clock"]:
        checks.found("escalated too early", card_id, f"{earliest - sent:.0f} s too early: {seen.content!r}")
    acknowledged_at = truth.acknowledged_at.get(card_id)
    if acknowledged_at is None or sent < acknowledged_at + _ANSWER_SECONDS or not card.is_acknowledged:
        return
    # It is not acknowledged any more once it got worse.
    if checks.quiet(team, token.since) >= checks.now - acknowledged_at:
        checks.found("escalated although acknowledged", card_id, seen.content)


def _unacknowledged_for(checks: Checks, team: Team, card: Card) -> float:
    """Return for how long an alert pings, nobody has done anything about it, and nothing has been in the way."""
    truth = checks.world.truth
    if card.kind not in _ESCALATES or card.is_flapping or card.is_acknowledged or card.message_id not in checks.seen:
        return 0
    seen = checks.seen[card.message_id]
    over_since = truth.quiet_hours[team.id].over_since(checks.now)
    was_told_later = seen.is_quiet is not False and not is_inhibited(checks, team, card)
    if over_since is None or not (was_told_later or team.role in seen.message.pings.roles):
        return 0
    since = max(
        over_since,
        seen.message.created,
        checks.handled_at(card),
        checks.muted_until(card),
        *(max(truth.tokens[one].since, truth.muted_until(team, one)) for one in card.tokens),
        truth.muted_until(team, 0),
    )
    ways: tuple[str, ...] = ("discord", "disk", "clock", "process", f"alerts off of {team.id}", f"rules of {team.id}")
    if card.kind is not CardKind.NO_DATA:
        # Without data there are neither reminders nor escalations of others.
        ways = (*ways, "imaginepro")
    return checks.quiet_route(team, *ways, since=since)


def _is_reminded(checks: Checks, team: Team, card: Card) -> None:
    """An alert that was posted within hours of its beginning has a reminder of the first six hours by now.

    That it got worse replaces a reminder which is due by then.
    """
    seen = checks.seen[card.message_id]
    tokens = [checks.world.truth.tokens[token_id] for token_id in card.tokens]
    began_long_before = any(seen.message.created - one.out_since > _REMINDED_AFTER - 3600 for one in tokens)
    # After quiet hours, an escalation may be due together with the second reminder.
    if len(tokens) != 1 or began_long_before or seen.is_quiet is not False:
        return
    replies = [one for one in checks.seen.values() if one.message.reference_id == card.message_id]
    due_at = tokens[0].out_since + _REMINDED_AFTER
    was_pinged = any(team.role in one.message.pings.roles and one.message.created > due_at for one in replies)
    if not was_pinged and not any(is_reminder(one.content) for one in replies):
        checks.found("not reminded", card.message_id, f"nobody has acknowledged {card.title!r}")
