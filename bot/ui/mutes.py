"""What still comes despite a mute. The card, the command and its answer say it in the same words."""

from collections.abc import Iterable

from bot.domain.alert_types import AlertType
from bot.domain.incidents import Incident
from bot.domain.mutes import URGENT_TYPES, urgent_types_ahead
from bot.ui import texts


def urgent_words(kinds: Iterable[AlertType] = URGENT_TYPES) -> str:
    """Return urgent alert types as a list within a sentence."""
    *most, last = dict.fromkeys(texts.mutes.URGENT[kind] for kind in kinds)
    return texts.mutes.URGENT_LIST.format(most=", ".join(most), last=last) if most else last


def still_notified(*, include_urgent: bool = False) -> str:
    """Return what still comes while a token, or all tokens, are muted."""
    if include_urgent:
        return texts.mutes.INCLUDES_URGENT
    return texts.mutes.STILL_NOTIFIED.format(urgent=urgent_words())


def still_notified_of(incident: Incident) -> list[str]:
    """Return what still comes while an incident is muted, if anything."""
    ahead = urgent_types_ahead(incident)
    return [texts.mutes.STILL_NOTIFIED.format(urgent=urgent_words(ahead))] if ahead else []
