"""The board: all tokens and open incidents in one Discord message that is kept up to date."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import discord
import orjson

from bot.domain.fleet import calculate_totals
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.alerts_overview import IncidentOverview, incident_lines
from bot.ui.fleet import FleetOverview, heading, mode_counts, token_options, why_empty
from bot.ui.token_lines import token_lines

_MOST_TOKENS = 15


@dataclass(frozen=True, slots=True)
class BoardOverview:
    """The content of a server's board."""

    fleet: FleetOverview
    incidents: Sequence[IncidentOverview]
    now: datetime


@dataclass(frozen=True, slots=True)
class BoardMessage:
    """The board to show, and a fingerprint of its visible content."""

    embed: discord.Embed
    view: discord.ui.View
    fingerprint: str


def board_message(overview: BoardOverview) -> BoardMessage:
    """Return the board. Its timestamp is that of the last change, and not part of the fingerprint."""
    embed, view = _embed(overview), _view(overview)
    seen = orjson.dumps([embed.to_dict(), view.to_components()], option=orjson.OPT_SORT_KEYS)
    embed.timestamp = overview.now
    return BoardMessage(embed, view, hashlib.sha256(seen).hexdigest())


def is_board(message: discord.Message) -> bool:
    """Whether a Discord message of the bot is a board."""
    return any(embed.title == texts.board.TITLE for embed in message.embeds)


def _embed(overview: BoardOverview) -> discord.Embed:
    of_fleet = overview.fleet
    embed = discord.Embed(title=texts.board.TITLE, colour=of_fleet.colour)
    embed.description = "\n".join(_lines(of_fleet)) if of_fleet.fleet.tokens else why_empty(of_fleet)
    if overview.incidents:
        open_now = incident_lines(overview.incidents, overview.now, of_fleet.names)
        embed.add_field(name=texts.alerts_overview.FIELD_OPEN, value=open_now, inline=False)
    return embed.set_footer(text=texts.board.FOOTER)


def _lines(of_fleet: FleetOverview) -> list[str]:
    tokens, unit = of_fleet.fleet.tokens, of_fleet.unit
    lines = [token_lines(token, of_fleet.names, unit, coarse=True) for token in tokens[:_MOST_TOKENS]]
    if rest := tokens[_MOST_TOKENS:]:
        lines.append(texts.board.MORE.format(number=f"{len(rest):,}", modes=mode_counts(calculate_totals(rest))))
    if run_outs := [formatting.token(one.reading.token_id, of_fleet.names) for one in rest if one.runs_out_at]:
        lines.append(texts.board.MORE_RUN_OUT.format(tokens=", ".join(run_outs)))
    return [*heading(of_fleet, coarse=True), "", *lines]


def _view(overview: BoardOverview) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    tokens = overview.fleet.fleet.tokens
    if tokens:
        options = token_options(tokens[:_MOST_TOKENS], overview.fleet.names)
        view.add_item(components.tokens_menu(custom_ids.BOARD_TOKENS, options))
        view.add_item(components.fleet_history_button())
    # Presses are routed by custom id; discord.py keeps every view in memory until it is stopped.
    view.stop()
    return view
