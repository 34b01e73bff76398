"""Quiet hours, by docs/alerts.md: only urgent alerts ping, and one message afterwards lists what was alerted."""

from __future__ import annotations

from bot.domain.alert_types import IncidentType
from bot.domain.modes import Mode
from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.cards import Card, CardKind
from tests.simulation.checks import Checks, Seen
from tests.simulation.history import DAY
from tests.simulation.token_truth import URGENT_MODES

_SUMMARIES = (texts.quiet_hours.SOME_OPEN.partition(".")[0], texts.plain_alerts.QUIET_SUMMARY.partition("{")[0])
_PINGS_EVER = (texts.alerts.PUSH_TEST, texts.database.PUSH, texts.database.OVER)
"""What somebody asked for; and that nothing can be recorded, also of what is urgent."""
_URGENT = ("banned", "verif", "fast hours soon", "run out soon", "too soon", "every image is slow", "too few")
"""Words of alerts that ping at any time: BANNED, VERIFYING, hours that run out within hours, and capacity."""
_URGENT_OVER = (texts.conditions.BACK[IncidentType.CAPACITY],)
_SOON_BELOW = 20
"""The percentage left below which hours may run out within hours, which is urgent."""
_WITHOUT_FAULTS = DAY / 2
"""How long nothing may have gone wrong, so that no alert of the last quiet hours can have arrived late."""


def is_summary(seen: Seen) -> bool:
    """Whether a message lists what was alerted in quiet hours."""
    return any(words in seen.content for words in _SUMMARIES)


def look_at_quiet_hours(checks: Checks, team: Team) -> None:
    """Find what pings although it is quiet, and what nobody is told of afterwards."""
    of_team = [seen for seen in checks.seen.values() if seen.message.channel_id == team.alerts]
    for seen in of_team:
        if seen.message.id in checks.new:
            _does_not_ping(checks, seen)
            if is_summary(seen):
                _has_news(checks, team, seen, of_team)
    _is_summarized(checks, team, of_team)


def _does_not_ping(checks: Checks, seen: Seen) -> None:
    pings_ever = any(words in seen.content for words in _PINGS_EVER)
    if seen.is_quiet and seen.message.pings.roles and not pings_ever and not _is_urgent(checks, seen):
        checks.found("a ping in quiet hours", seen.message.id, seen.content)


def _is_urgent(checks: Checks, seen: Seen) -> bool:
    """Whether what a message is about is urgent, or was shortly before."""
    about = checks.seen.get(seen.message.reference_id or seen.message.id, seen)
    card = checks.card(about.message)
    words = f"{seen.content} {about.message.content} {card.title if card else ''}".casefold()
    if about.message.edits and any(one.casefold() in words for one in _URGENT_OVER):
        # It was posted as urgent, and was over before this look.
        return True
    if any(word in words for word in _URGENT) or (card is not None and card.kind is CardKind.BARE):
        return True
    tokens = [checks.world.truth.tokens[token_id] for token_id in (card.tokens if card else ())]
    if len(tokens) > 1 and card is not None and card.kind is CardKind.FAST_TIME:
        # The words of a group do not say that some of its hours run out within hours.
        return any(token.percent_left < _SOON_BELOW for token in tokens)
    late = checks.now - seen.message.created
    return any(checks.mild_for(token) - late < checks.settle for token in tokens)


def _has_news(checks: Checks, team: Team, summary: Seen, of_team: list[Seen]) -> None:
    """A summary lists something, and pings only if nobody was pinged for that."""
    truth, sent = checks.world.truth, summary.message.created
    ways = ("imaginepro", "discord", "disk", "clock", "process", f"alerts off of {team.id}", f"rules of {team.id}")
    # A mute of all tokens may have delayed the one before until now.
    quiet = checks.quiet_route(team, *ways, since=truth.mutes.get((team.id, 0), 0))
    if quiet < min(_WITHOUT_FAULTS, sent) or truth.restored_at:
        return
    earlier = [one.message.created for one in of_team if is_summary(one) and one.message.created < sent]
    since = max([0, *earlier])
    alerts = [one for one in of_team if since < one.message.created < sent and one.is_quiet is not False]
    if not alerts:
        checks.found("a summary of nothing", summary.message.id, summary.content)
    elif summary.message.pings.roles and all(one.is_quiet and one.message.pings.roles for one in alerts):
        checks.found("a ping for nothing", summary.message.id, summary.content)


def _is_summarized(checks: Checks, team: Team, of_team: list[Seen]) -> None:
    truth = checks.world.truth
    over_since = truth.quiet_hours[team.id].over_since(checks.now)
    ways = ("imaginepro", "discord", "disk", "clock", "process", f"alerts off of {team.id}", f"rules of {team.id}")
    if over_since is None:
        return
    # The summary waits while all alerts are muted.
    quiet = checks.quiet_route(team, *ways, since=max(over_since, truth.mutes.get((team.id, 0), 0)))
    if quiet <= checks.settle:
        return
    last = max([0, *(one.message.created for one in of_team if is_summary(one))])
    since = max(last, truth.forgotten_at.get(team.id, 0))
    for seen in of_team:
        is_alert = seen.message.id in checks.incident_of and seen.restores == len(truth.restored_at)
        if is_alert and seen.is_quiet and since < seen.message.created < over_since:
            words = f"over for {checks.now - over_since:.0f} s, and no summary of {seen.content!r}"
            checks.found("no summary after quiet hours", (team.id, over_since), words)


def pings_later(checks: Checks, team: Team, card: Card, mode: Mode) -> bool:
    """Whether an alert was posted in quiet hours and need not have pinged anybody yet; or a summary has, meanwhile."""
    truth, seen = checks.world.truth, checks.seen.get(card.message_id)
    if seen is None or seen.is_quiet is False or mode in URGENT_MODES:
        return False
    over_since = truth.quiet_hours[team.id].over_since(checks.now)
    if over_since is None or card.is_acknowledged:
        return True
    ends = [truth.muted_until(team, token_id) for token_id in card.tokens]
    if (
        checks.quiet_route(team, f"rules of {team.id}", since=max(over_since, checks.handled_at(card), *ends))
        <= checks.settle
    ):
        return True
    return any(
        is_summary(one) and one.message.pings.roles and one.message.created > seen.message.created
        for one in checks.seen.values()
        if one.message.channel_id == team.alerts
    )
