"""The list of tokens: totals, one line for each token, pages."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.domain.fast_time import Unit
from bot.domain.fleet import Fleet, FleetToken, Totals, calculate_totals, sort_modes
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.formatting import Names
from bot.ui.token_lines import amount, token_lines
from bot.ui.trace import COLOURS

_PAGE = 15
_MOST_NEVER_READ = 5


@dataclass(frozen=True, slots=True)
class FleetOverview:
    """The fleet with the names of one server. `lists_fleet` is None before ImaginePro has responded."""

    fleet: Fleet
    lists_fleet: bool | None
    names: Names
    outage: Outage | None = None
    never_read: Sequence[int] = ()
    """The tokens that ImaginePro names without ever a status."""

    @property
    def unit(self) -> Unit:
        """The unit of the fast time of all tokens: minutes if all plans count in minutes, else hours."""
        return calculate_totals(self.fleet.tokens).unit

    @property
    def colour(self) -> discord.Colour:
        """The colour of the worst token; grey where the status is unknown."""
        return COLOURS[None if self.fleet.freshness is Freshness.UNKNOWN else self.fleet.worst]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, of all tokens or of those in one mode. Pages are counted from 1."""

    number: int
    pages: int
    mode: Mode | None
    tokens: Sequence[FleetToken]


def page_of(overview: FleetOverview, number: int, mode: Mode | None) -> Page:
    """Return a page; the last one where there are fewer pages by now."""
    chosen = [token for token in overview.fleet.tokens if mode is None or token.mode is mode]
    pages = max(-(-len(chosen) // _PAGE), 1)
    number = min(max(number, 1), pages)
    return Page(number, pages, mode, chosen[(number - 1) * _PAGE : number * _PAGE])


def list_embed(overview: FleetOverview, page: Page) -> discord.Embed:
    """Return a page of the list, with the totals of the fleet above it."""
    title = texts.fleet.TITLE if page.mode is None else texts.fleet.TITLES[page.mode]
    embed = discord.Embed(title=title, colour=overview.colour, timestamp=overview.fleet.read_at)
    if overview.fleet.tokens:
        unit = overview.unit
        lines = [token_lines(token, overview.names, unit) for token in page.tokens]
        if page.mode is not None and not lines:
            lines = [texts.fleet.NONE_OF_MODE.format(of_mode=texts.fleet.OF_MODES[page.mode])]
        embed.description = "\n".join([*heading(overview), "", *lines])
    else:
        embed.description = why_empty(overview)
    if overview.fleet.read_at is not None:
        words = texts.fleet.FOOTER if page.pages == 1 else texts.fleet.FOOTER_PAGES
        embed.set_footer(text=words.format(page=page.number, pages=page.pages))
    return embed


def list_view(overview: FleetOverview, page: Page) -> discord.ui.View:
    """Return the components under a page: page buttons, a mode filter, and a menu of its tokens."""
    view = discord.ui.View(timeout=None)
    if page.pages > 1:
        for where, number in (("first", 1), ("back", page.number - 1), ("next", page.number + 1), ("last", page.pages)):
            leads_on = number != page.number and 1 <= number <= page.pages
            view.add_item(components.list_button(where, number, page.mode, leads_on=leads_on))
    modes = calculate_totals(overview.fleet.tokens).modes
    if len(modes) > 1 or page.mode is not None:
        known = [mode for mode in reversed(sort_modes(modes)) if mode is not None]
        view.add_item(components.list_modes_menu([(mode, modes[mode]) for mode in known], modes.total(), page.mode))
    if page.tokens:
        view.add_item(components.tokens_menu(custom_ids.LIST_TOKENS, token_options(page.tokens, overview.names)))
    # Presses are routed by custom id; discord.py keeps every view in memory until it is stopped.
    view.stop()
    return view


def token_options(tokens: Sequence[FleetToken], names: Names) -> list[discord.SelectOption]:
    """Return a menu option for each token."""
    return [
        discord.SelectOption(
            label=formatting.plain_token(token.reading.token_id, names),
            value=str(token.reading.token_id),
            emoji=texts.common.SIGNS[token.mode],
            description=token.mode.value if token.mode is not None else texts.fleet.COUNT_UNKNOWN,
        )
        for token in tokens
    ]


def heading(overview: FleetOverview, *, coarse: bool = False) -> list[str]:
    """Return the totals, and their age where they are not fresh. `coarse` rounds, so that a board changes less."""
    totals = calculate_totals(overview.fleet.tokens)
    lines = [*_why_old(overview), mode_counts(totals), _left_of(totals, coarse=coarse)]
    return [*lines, never_read_words(overview.never_read, overview.names)] if overview.never_read else lines


def never_read_words(token_ids: Sequence[int], names: Names) -> str:
    """Return which tokens are not watched, since they have no status."""
    shown = [formatting.token(token_id, names) for token_id in token_ids[:_MOST_NEVER_READ]]
    if len(token_ids) > _MOST_NEVER_READ:
        shown.append(texts.common.MORE.format(number=f"{len(token_ids) - _MOST_NEVER_READ:,}"))
    return texts.fleet.NEVER_READ.format(tokens=", ".join(shown))


def _why_old(overview: FleetOverview) -> list[str]:
    """Return since when the list may not be true, and why; empty if it is fresh."""
    fleet, outage = overview.fleet, overview.outage
    if outage is not None and outage.cause is NoDataCause.NOTHING_WATCHED:
        return [texts.fleet.NOTHING_WATCHED]
    if fleet.freshness is Freshness.FRESH or fleet.read_at is None:
        return []
    words = texts.fleet.ALL_OLD if fleet.freshness is Freshness.OLD else texts.fleet.ALL_UNKNOWN
    cause = texts.outages.HEADLINES[outage.cause] if outage is not None else texts.outages.NO_CHECKS
    return [words.format(when=formatting.at(fleet.read_at, "R"), cause=cause)]


def mode_counts(totals: Totals) -> str:
    """Return the number of tokens in each mode, the best mode first."""
    return texts.fleet.PART.join(
        texts.fleet.COUNT.format(
            sign=texts.common.SIGNS[mode],
            number=f"{totals.modes[mode]:,}",
            mode=mode.value if mode is not None else texts.fleet.COUNT_UNKNOWN,
        )
        for mode in sort_modes(totals.modes)
    )


def why_empty(overview: FleetOverview) -> str:
    """Return why the list is empty, and what to do."""
    outage = overview.outage
    if outage is not None and outage.cause is not NoDataCause.NOTHING_WATCHED:
        cause, advice = texts.outages.HEADLINES[outage.cause], texts.outages.ADVICE[outage.cause]
        return texts.fleet.NOTHING_READ.format(cause=cause, advice=advice)
    if overview.lists_fleet is None:
        return texts.fleet.NO_CHECK_YET
    return texts.fleet.EMPTY if overview.lists_fleet else texts.fleet.NO_FLEET


def _left_of(totals: Totals, *, coarse: bool) -> str:
    if not totals.is_any_known:
        return texts.fleet.LEFT_UNKNOWN
    in_relax = totals.left - totals.usable - totals.locked
    parts = [(texts.fleet.USABLE, totals.usable), (texts.fleet.LOCKED, totals.locked), (texts.fleet.IN_RELAX, in_relax)]
    left = texts.fleet.PART.join(
        words.format(left=amount(left, totals.unit, coarse=coarse))
        for words, left in parts
        if left or words == texts.fleet.USABLE
    )
    unknown = totals.with_unknown_left
    return texts.fleet.LEFT_OF_SOME.format(left=left, number=f"{unknown:,}") if unknown else left
