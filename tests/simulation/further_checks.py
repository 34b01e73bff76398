"""What else must be so: no data and low hours are told, boards are true, alerts can be off, moderators know."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

from bot.domain.alert_types import AlertType
from bot.domain.modes import Mode
from bot.ui import texts
from bot.ui.formatting import subject
from tests.monitor.world import Team
from tests.simulation.cards import CardKind
from tests.simulation.checks import ROUTE_RETRY, Checks
from tests.simulation.condition_checks import conditions_are_told
from tests.simulation.escalation_checks import look_at_escalations
from tests.simulation.forecast_checks import missing_forecasts
from tests.simulation.mode_checks import modes_are_told
from tests.simulation.quiet_checks import look_at_quiet_hours

_LOW, _VERY_LOW, _FULL = 20, 5, 25
_LOW_SIGN, _RUN_OUT_SIGN = texts.incidents.TITLES[AlertType.LOW][0], texts.incidents.TITLES[AlertType.WILL_NOT_LAST][0]
_BOARD_RETRY = 3900
"""A board that could not be edited is tried again within the hour."""
_FORECAST_SETTLES = 2 * 3600
_BOARD_LINE = re.compile(r"^(\S+)\s\*\*(\d+)\b")
_AGE_SIGNS = (texts.fleet.ALL_OLD[0], texts.fleet.ALL_UNKNOWN[0])
_BROKEN = texts.alerts.ROUTE_BROKEN.partition("<")[0]
_OUTAGE_OVER = texts.database.OVER.rstrip(".")


def look_further(checks: Checks) -> None:
    """Look at everything in this module."""
    world = checks.world
    if not world.is_set_up:
        return
    for team in world.teams:
        if team.id not in world.discord._state.guilds:
            continue
        if team.id in world.truth.off:
            _is_silent(checks, team)
        else:
            modes_are_told(checks, team)
            _no_data_is_said(checks, team)
            _low_hours_are_told(checks, team)
            missing_forecasts(checks, team)
            conditions_are_told(checks, team)
            look_at_escalations(checks, team)
            look_at_quiet_hours(checks, team)
        _moderators_know(checks, team)
    _board_is_true(checks, world.teams[0])


def _no_data_is_said(checks: Checks, team: Team) -> None:
    """While ImaginePro says nothing an alert says so, and not any longer."""
    world, truth = checks.world, checks.world.truth
    cards = [card for card in checks.open_cards(team) if card.kind is CardKind.NO_DATA]
    unread = checks.now - max(world.fleet_answered_at, world.started_at)
    ways = ("discord", "disk", "clock", "process", f"alerts off of {team.id}")
    quiet, unmuted = checks.quiet_route(team, *ways), truth.unmuted_for(team, 0)
    if truth.is_troubled("imaginepro"):
        if truth.no_data_deleted_at.get(team.alerts, 0) > checks.now - unread:
            # It is posted again at the next change.
            return
        if min(unread, quiet, unmuted) > checks.no_data_after + checks.settle and not cards:
            words = f"ImaginePro has said nothing for {timedelta(seconds=int(unread))}"
            checks.found("no data not alerted", team.id, words)
    elif cards and min(checks.quiet(team, 0), unmuted) > checks.settle:
        checks.found("says there is no data", team.id, f"{cards[0].title!r} is open")


def _low_hours_are_told(checks: Checks, team: Team) -> None:
    truth = checks.world.truth
    cards = [card for card in checks.open_cards(team) if card.kind in (CardKind.FAST_TIME, CardKind.BARE)]
    is_bare = any(card.kind is CardKind.BARE for card in cards)
    for token_id, token in truth.tokens.items():
        quiet = checks.quiet(team, max(token.since, token.percent_since))
        if token.mode is Mode.GONE or min(quiet, truth.unmuted_for(team, token_id)) <= checks.settle:
            continue
        about, percent = (team.id, token_id, token.percent_since), token.percent_left
        titles = [card.title for card in cards if token_id in card.tokens and token_id not in card.back]
        low = [title for title in titles if title.startswith(_LOW_SIGN)]
        short = [title for title in titles if title.startswith(_RUN_OUT_SIGN)]
        if percent >= _FULL and low:
            checks.found("says it is low", about, f"token {token_id} has {percent} % left: {low}")
        if token.mode is not Mode.FAST:
            continue
        if percent >= _FULL and short and quiet > checks.settle + _FORECAST_SETTLES:
            checks.found("says it runs out", about, f"token {token_id} has {percent} % left: {short}")
        if percent > _LOW or is_bare or (team.alerts, token_id) in truth.hours_left_alone:
            continue
        if not low:
            checks.found("low hours not alerted", about, f"token {token_id} has {percent} % left, and no alert says so")
        elif len(low) > 1:
            checks.found("two alerts", about, f"token {token_id} has {low} in {team.alerts}")
        elif percent <= _VERY_LOW and low[0] == _title_of_low(token_id):
            checks.found("out of date", about, f"token {token_id} has {percent} % left: {low[0]}")


def _title_of_low(token_id: int) -> str:
    return texts.incidents.TITLES[AlertType.LOW].format(token=subject(token_id, {}))


def _board_is_true(checks: Checks, team: Team) -> None:
    """The board shows the status of each token, or since when it may not be true."""
    world, truth = checks.world, checks.world.truth
    ways = truth.quiet_for("discord", "disk", "clock", "process", f"route of {team.id}")
    if ways <= checks.settle + _BOARD_RETRY or team.id not in world.discord._state.guilds:
        return
    messages = world.discord.messages(team.talk)
    boards = [one for one in messages if one.embeds and one.embeds[0].get("title") == texts.board.TITLE]
    if len(boards) != 1:
        checks.found("the board", (team.id, "number"), f"there are {len(boards)} boards in {team.talk}")
        return
    description = str(boards[0].embeds[0].get("description"))
    unread = checks.now - max(world.fleet_answered_at, world.started_at)
    if truth.is_troubled("imaginepro") and unread > checks.no_data_after + checks.settle:
        if not description.startswith(_AGE_SIGNS):
            checks.found("the board", (team.id, "age"), f"it does not say since when it may not be true: {description}")
        return
    shown = {int(line[2]): line[1] for line in map(_BOARD_LINE.match, description.splitlines()) if line is not None}
    for token_id, token in truth.tokens.items():
        sign = texts.common.SIGNS[token.mode]
        quiet = truth.quiet_for("imaginepro", since=token.since)
        if quiet > checks.settle + checks.poll and shown.get(token_id, sign) != sign:
            checks.found("the board", (team.id, token_id), f"token {token_id} is {token.mode}: {shown[token_id]}")


def _is_silent(checks: Checks, team: Team) -> None:
    """While alerts are off, no alert pings, and those that were open say that they are no longer kept up to date."""
    since = checks.world.truth.off[team.id]
    for seen in checks.seen.values():
        message = seen.message
        if message.channel_id == team.alerts and message.pings.roles and message.created > since + checks.settle:
            checks.found("a ping while alerts are off", message.id, seen.content)
    quiet = checks.quiet_route(team, "discord", "disk", "clock", "process", since=since)
    if quiet > checks.settle:
        for card in checks.open_cards(team):
            checks.found("open while alerts are off", card.message_id, card.title)


def _moderators_know(checks: Checks, team: Team) -> None:
    """Moderators read elsewhere that the bot may not post in the channel of the alerts."""
    world, truth = checks.world, checks.world.truth
    since, route = truth.denied.get(team.id), f"route of {team.id}"
    if since is None or truth.troubles[route] != 1:
        return
    if route in truth.quiet_from and truth.quiet_from[route] + ROUTE_RETRY + checks.settle > since:
        # The route may still count as broken since then, so that this is no news.
        return
    posts = (one for one in world.discord.requests if one.received >= since and one.path == team.posting)
    refused = (one for one in posts if one.method == "POST" and one.status == HTTPStatus.FORBIDDEN)
    # Only alerts find out that a route is broken, and not the end of an outage of the database.
    first = next((one for one in refused if _OUTAGE_OVER not in str(one.body)), None)
    # Whoever sends a test reads the outcome.
    if first is None or texts.alerts.PUSH_TEST in str(first.body):
        return
    ways = ("discord", "gateway", "disk", "clock", "process", f"alerts off of {team.id}")
    if truth.quiet_for(*ways, since=first.received) <= checks.settle:
        return
    notices = [one for one in world.discord.messages(team.talk) if one.content.startswith(_BROKEN)]
    if not any(one.created >= since for one in notices):
        checks.found("moderators do not know", (team.id, since), f"{team.alerts} is denied since {since:.0f} s")
